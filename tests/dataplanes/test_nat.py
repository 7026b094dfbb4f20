"""Checksums of a NAT written against the original's API, compared with scapy's."""

from __future__ import annotations

import os
import struct
from typing import TYPE_CHECKING

import pytest
from scapy.layers.inet import ICMP, IP, TCP, UDP
from scapy.layers.l2 import Ether
from scapy.packet import Packet, Raw

if TYPE_CHECKING:
    from collections.abc import Callable

    from polycube_runtime.testing import LoadedCube

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: loads eBPF programs")

INSIDE, OUTSIDE, EXTERNAL = "10.0.0.7", "198.51.100.9", "192.0.2.1"


def packet(source: str, destination: str, *layers: Packet) -> Packet:
    """Return a frame with all checksums filled in."""
    frame = Ether(src="02:00:00:00:00:0a", dst="02:00:00:00:00:0b")
    whole = frame / IP(src=source, dst=destination, id=7)
    for layer in layers:
        whole = whole / layer
    return Ether(bytes(whole))


def correct(frame: bytes) -> bytes:
    """Return the frame as it is when every checksum is computed anew."""
    parsed = Ether(frame)
    for layer in (IP, TCP, ICMP):
        if layer in parsed:
            del parsed[layer].chksum
    if UDP in parsed and parsed[UDP].chksum:
        del parsed[UDP].chksum
    return bytes(parsed)


def counters(cube: LoadedCube) -> list[int]:
    """Read the data plane's own table."""
    values = dict(cube.cube.dataplane.maps["counters"].items())
    return [struct.unpack("=Q", values[struct.pack("=I", n)])[0] for n in range(4)]


@pytest.mark.parametrize("payload", [b"", b"x", bytes(range(251)), b"\xff" * 64])
@pytest.mark.parametrize("layer", [TCP(sport=1234, dport=80), UDP(sport=1234, dport=53)])
def test_a_session_is_translated_there_and_back(
    load: Callable[..., LoadedCube], layer: Packet, payload: bytes
) -> None:
    """Addresses and ports change, all checksums are right afterwards, the rest is untouched."""
    nat, kind = load(ingress="nat.c"), type(layer)
    assert nat.run(bytes(packet(INSIDE, OUTSIDE, layer, Raw(payload))), port="p0") == (
        "redirect",
        "p1",
    )
    out = Ether(nat.packet)
    assert nat.packet == correct(nat.packet)
    assert (out[IP].src, out[IP].dst, out[kind].dport) == (EXTERNAL, OUTSIDE, layer.dport)
    assert 50000 <= out[kind].sport < 50000 + 0x1000
    assert bytes(out[kind].payload) == payload

    answer = kind(sport=layer.dport, dport=out[kind].sport)
    back = packet(OUTSIDE, EXTERNAL, answer, Raw(payload))
    assert nat.run(bytes(back), port="p1") == ("redirect", "p0")
    inside = Ether(nat.packet)
    assert nat.packet == correct(nat.packet)
    assert (inside[IP].dst, inside[kind].dport) == (INSIDE, 1234)
    assert counters(nat) == [2, 1, 0, 0]


def test_an_echo_is_translated_by_its_identifier(load: Callable[..., LoadedCube]) -> None:
    """ICMP's checksum covers no pseudo header."""
    nat = load(ingress="nat.c")
    request = packet(INSIDE, OUTSIDE, ICMP(type=8, id=77, seq=1), Raw(b"abc"))
    assert nat.run(bytes(request), port="p0").port == "p1"
    assert nat.packet == correct(nat.packet)
    reply = ICMP(type=0, id=Ether(nat.packet)[ICMP].id, seq=1)
    assert nat.run(bytes(packet(OUTSIDE, EXTERNAL, reply, Raw(b"abc"))), port="p1").port == "p0"
    assert nat.packet == correct(nat.packet)
    assert Ether(nat.packet)[ICMP].id == 77


def test_udp_without_a_checksum_stays_without(load: Callable[..., LoadedCube]) -> None:
    """RFC 768: zero means that there is none; it must not become one."""
    nat = load(ingress="nat.c")
    frame = packet(INSIDE, OUTSIDE, UDP(sport=1234, dport=53, chksum=0), Raw(b"abc"))
    nat.run(bytes(frame), port="p0")
    assert Ether(nat.packet)[UDP].chksum == 0
    assert nat.packet == correct(nat.packet)


def test_a_udp_checksum_that_becomes_zero_is_written_as_ones(
    load: Callable[..., LoadedCube],
) -> None:
    """RFC 768 again: a computed zero is transmitted as 0xffff."""
    nat = load(ingress="nat.c")
    frame = packet(INSIDE, OUTSIDE, UDP(sport=1234, dport=53), Raw(b"\0\0"))
    nat.run(bytes(frame), port="p0")
    # The sums are complements: what is missing to 0xffff, put in the payload, makes the sum zero.
    frame[Raw].load = struct.pack("!H", Ether(nat.packet)[UDP].chksum)
    del frame[UDP].chksum
    nat.run(bytes(frame), port="p0")
    assert Ether(nat.packet)[UDP].chksum == 0xFFFF


def test_what_is_unknown_or_short_is_dropped(load: Callable[..., LoadedCube]) -> None:
    """Packets that belong to no session, other protocols, cut headers."""
    nat = load(ingress="nat.c")
    stray = packet(OUTSIDE, EXTERNAL, TCP(sport=80, dport=50001))
    assert nat.run(bytes(stray), port="p1").verdict == "drop"
    assert nat.run(bytes(stray)[:36], port="p1").verdict == "drop"
    assert counters(nat) == [0, 0, 1, 1]
