"""pcn_log records to text."""

import struct

import pytest

from polycube_runtime.core.slow.datalog import decode, render

MAC = int.from_bytes(bytes.fromhex("02005e100001"), "little")
IP = int.from_bytes(bytes([10, 0, 0, 1]), "little")


@pytest.mark.parametrize(
    ("text", "arguments", "expected"),
    [
        ("plain", [], "plain"),
        ("%d", [5], "5"),
        ("%d", [0xFFFFFFFF], "-1"),
        ("%d", [0xFFFFFFFFFFFFFFFF], "-1"),
        ("%i", [0x80000000], "-2147483648"),
        ("%lld", [1 << 40], "1099511627776"),
        ("%u", [0xFFFFFFFF], "4294967295"),
        ("%llu", [2**64 - 1], "18446744073709551615"),
        ("%x %X %#x %08x", [255, 255, 255, 255], "ff FF 0xff 000000ff"),
        ("%5d|%-5d|%+d", [1, 2, 3], "    1|2    |+3"),
        ("%o", [8], "10"),
        ("%c%c", [104, 105], "hi"),
        ("%p", [255], "0xff"),
        ("%s", [1], "?"),
        ("%I", [IP], "10.0.0.1"),
        ("%M", [MAC], "02:00:5e:10:00:01"),
        ("%P", [int.from_bytes((8080).to_bytes(2, "big"), "little")], "8080"),
        ("100%% %d", [1], "100% 1"),
        ("%d and %d", [1], "1 and %d"),
        ("%d", [1, 2], "1"),
        ("%q %", [1], "%q %"),
        ("%hhu %hu %zu", [1, 2, 3], "1 2 3"),
    ],
)
def test_format(text, arguments, expected):
    assert render(text, arguments) == expected


@pytest.mark.parametrize(("level", "logged"), [(0, 5), (1, 10), (4, 40), (5, 50), (200, 50)])
def test_a_record(level, logged):
    text = b"in %d of %d\0"
    raw = struct.pack("=IBBH4Q", 3, level, 2, len(text), 1, 2, 0, 0) + text + b"\xff" * 4
    assert decode(raw) == (3, logged, "in 1 of 2")
