"""Bytes in maps to and from JSON values."""

import socket
import struct
import time

import pytest

from polycube_runtime.support.codec import Field, Kind, MapLayout, StructLayout
from polycube_runtime.support.errors import InvalidValue
from tests.support.decoding import value_of

SECOND = 1_000_000_000


class Ports:
    names = ("p0", "p1")

    def index(self, name: str) -> int:
        if name not in self.names:
            problem = f"'{name}' is not a port"
            raise InvalidValue(problem)
        return self.names.index(name)

    def name(self, index: int) -> str | None:
        return self.names[index] if index < len(self.names) else None


def one(kind: Kind, size: int, format_: str, **named) -> StructLayout:
    return StructLayout("s", size, format_, (Field("x", "x", kind, 0, size, **named),))


NOTHING = StructLayout("index", 4, "=4x", ())


def single(layout: StructLayout, kind: str = "hash") -> MapLayout:
    return MapLayout("m", kind, 8, NOTHING, layout)


FDB = MapLayout(
    "fwdtable",
    "hash",
    4096,
    StructLayout("k", 8, "=6s2x", (Field("address", "address", Kind.MAC, 0, 6),)),
    StructLayout(
        "v",
        16,
        "=IB3xQ",
        (
            Field("port", "port", Kind.PORT, 0, 4),
            Field(
                "type",
                "type",
                Kind.ENUM,
                4,
                1,
                values=(("dynamic", 0), ("static", 1)),
                created="static",
            ),
            Field("last_seen", "age", Kind.AGE, 8, 8, expiry="/fdb/aging-time"),
        ),
    ),
)


@pytest.mark.parametrize(
    ("layout", "value", "raw"),
    [
        (one(Kind.UINT, 2, "=H"), 258, struct.pack("=H", 258)),
        (one(Kind.INT, 4, "=i"), -2, struct.pack("=i", -2)),
        (one(Kind.NETWORK, 2, "=2s"), 258, b"\x01\x02"),
        (one(Kind.BOOL, 1, "=B"), True, b"\x01"),
        (one(Kind.ENUM, 1, "=B", values=(("a", 6), ("b", 17))), "b", b"\x11"),
        (one(Kind.MAC, 6, "=6s"), "02:00:00:00:0a:ff", b"\x02\0\0\0\x0a\xff"),
        (one(Kind.IPV4, 4, "=4s"), "10.0.0.1", b"\x0a\0\0\x01"),
        (one(Kind.IPV6, 16, "=16s"), "fe80::1", b"\xfe\x80" + bytes(13) + b"\x01"),
        (one(Kind.IP, 16, "=16s"), "10.0.0.1", bytes(10) + b"\xff\xff\x0a\0\0\x01"),
        (one(Kind.IP, 16, "=16s"), "2001:db8::1", b"\x20\x01\x0d\xb8" + bytes(11) + b"\x01"),
        (one(Kind.OPTIONAL_PORT, 4, "=I"), "p1", struct.pack("=I", 1)),
        (one(Kind.STRING, 6, "=6s"), "né", "né".encode() + bytes(3)),
        (one(Kind.PORT, 4, "=I"), "p1", struct.pack("=I", 1)),
        (one(Kind.IPV6, 16, "=16s"), "::ffff:a00:1", bytes(10) + b"\xff\xff\x0a\0\0\x01"),
        (one(Kind.BITS, 2, "=H", values=(("a", 1), ("b", 256))), "a b", struct.pack("=H", 257)),
        (one(Kind.DECIMAL64, 8, "=q", digits=2), "-0.05", struct.pack("=q", -5)),
        (one(Kind.DECIMAL64, 8, "=q", digits=18), "9.223372036854775807", b"\xff" * 7 + b"\x7f"),
        (one(Kind.OCTETS, 3, "=3s"), "AQID", b"\1\2\3"),
        (one(Kind.BINARY, 4, "=4s"), "AQI=", b"\2\1\2\0"),
        (one(Kind.BINARY, 258, "=258s"), "AQI=", struct.pack("=H256s", 2, b"\1\2")),
        (
            one(Kind.PREFIX, 20, "=20s"),
            "10.0.0.1/8",
            struct.pack("=I", 104) + bytes(10) + b"\xff\xff\x0a\0\0\x01",
        ),
        (
            one(Kind.PREFIX, 20, "=20s"),
            "fd00::/8",
            struct.pack("=I", 8) + b"\xfd" + bytes(15),
        ),
        (one(Kind.PREFIX4, 8, "=8s"), "10.0.0.0/8", struct.pack("=I", 8) + b"\x0a\0\0\0"),
        (
            one(Kind.PREFIX6, 20, "=20s"),
            "2001:db8::/32",
            struct.pack("=I", 32) + socket.inet_pton(socket.AF_INET6, "2001:db8::"),
        ),
    ],
    ids=lambda value: value.fields[0].kind.value if isinstance(value, StructLayout) else "",
)
def test_every_kind_goes_both_ways(layout, value, raw):
    map_ = single(layout)
    assert map_.pack_value({"x": value}, Ports()) == raw
    assert value_of(map_, raw, Ports()) == {"x": value}


def test_what_is_not_given_packs_as_zero():
    for kind, size, format_ in [
        (Kind.UINT, 4, "=I"),
        (Kind.MAC, 6, "=6s"),
        (Kind.STRING, 5, "=5s"),
    ]:
        assert single(one(kind, size, format_)).pack_value({}) == bytes(size)


def test_padding_is_zero():
    raw = FDB.pack_key({"address": "ff:ff:ff:ff:ff:ff"})
    assert raw == b"\xff" * 6 + b"\0\0"
    assert FDB.pack_value({"port": "p0"}, Ports(), 0)[5:8] == b"\0\0\0"


def test_a_string_that_does_not_fit_in_bytes_is_refused():
    layout = single(one(Kind.STRING, 4, "=4s"))
    assert layout.pack_value({"x": "abc"}) == b"abc\0"
    with pytest.raises(InvalidValue, match="'éé' has 4 bytes in UTF-8; at most 3 fit"):
        layout.pack_value({"x": "éé"})


def test_an_operators_entry_is_created_as_the_model_says_and_does_not_age():
    raw = FDB.pack_value({"port": "p1"}, Ports(), 5 * SECOND)
    assert raw == struct.pack("=IB3xQ", 1, 1, 0)
    assert value_of(FDB, raw, Ports(), 900 * SECOND) == {"port": "p1", "type": "static"}


def test_an_age_is_the_seconds_since_and_survives_a_round_trip():
    raw = struct.pack("=IB3xQ", 0, 0, 100 * SECOND)
    entry = value_of(FDB, raw, Ports(), 130 * SECOND)
    assert entry == {"port": "p0", "type": "dynamic", "age": 30}
    assert FDB.pack_value(entry, Ports(), 130 * SECOND) == raw


def test_an_age_of_nothing_yet_is_not_the_age_of_what_does_not_age():
    raw = FDB.pack_value({"port": "p0", "type": "dynamic", "age": 0}, Ports(), 7)
    assert value_of(FDB, raw, Ports(), 7)["age"] == 0


def test_a_clock_that_the_data_plane_has_read_later_gives_no_negative_age():
    raw = struct.pack("=IB3xQ", 0, 0, 200)
    assert value_of(FDB, raw, Ports(), 100)["age"] == 0


def test_the_clock_is_that_of_bpf_ktime_get_ns():
    before = time.clock_gettime_ns(time.CLOCK_MONOTONIC)
    raw = FDB.pack_value({"port": "p0", "age": 0}, Ports())
    assert (
        before <= struct.unpack_from("=Q", raw, 8)[0] <= time.clock_gettime_ns(time.CLOCK_MONOTONIC)
    )


def test_a_port_that_is_gone_takes_its_entries_along():
    pairs = [
        (FDB.pack_key({"address": f"02:00:00:00:00:0{n}"}), struct.pack("=IB3xQ", n, 1, 0))
        for n in (1, 2)
    ]
    assert FDB.unpack_entries(pairs, Ports()) == [
        {"address": "02:00:00:00:00:01", "port": "p1", "type": "static"}
    ]


HOLES = MapLayout(
    "holes",
    "array",
    8,
    StructLayout("index", 4, "=I", (Field("index", "in", Kind.PORT, 0, 4),)),
    StructLayout(
        "v",
        8,
        "=xB2xI",
        (
            Field("mode", "mode", Kind.UINT, 1, 1),
            Field("out", "out", Kind.OPTIONAL_PORT, 4, 4),
        ),
    ),
    present=0,
)


def test_a_port_that_is_not_given_reads_as_nothing():
    raw = HOLES.pack_value({"mode": 0}, Ports())
    assert raw == b"\x01\0\0\0\xff\xff\xff\xff"
    assert HOLES.unpack_entries([(bytes(4), raw)], Ports()) == [{"in": "p0", "mode": 0}]


def test_only_what_is_marked_is_an_entry():
    there = HOLES.pack_value({"mode": 2, "out": "p0"}, Ports())
    pairs = [(struct.pack("=I", 0), bytes(8)), (struct.pack("=I", 1), there)]
    assert HOLES.unpack_entries(pairs, Ports()) == [{"in": "p1", "mode": 2, "out": "p0"}]
    assert [HOLES.is_there(value) for _, value in pairs] == [False, True]


def test_an_ipv4_address_in_ipv6_notation_is_the_ipv4_address():
    layout = single(one(Kind.IP, 16, "=16s"))
    assert value_of(layout, layout.pack_value({"x": "::ffff:a00:1"})) == {"x": "10.0.0.1"}


def test_a_port_that_is_not_there_is_refused():
    with pytest.raises(InvalidValue, match="'p9' is not a port"):
        FDB.pack_value({"port": "p9"}, Ports())
    with pytest.raises(InvalidValue, match="'p0' is not a port of this cube"):
        FDB.pack_value({"port": "p0"})


def test_a_value_that_the_model_does_not_know_is_shown_as_it_is():
    assert value_of(FDB, struct.pack("=IB3xQ", 0, 9, 0), Ports())["type"] == 9


def test_the_copies_of_all_cpus_are_summed():
    layout = single(
        StructLayout(
            "v",
            12,
            "=QI",
            (
                Field("packets", "packets", Kind.UINT, 0, 8, summed=True),
                Field("drops", "drops", Kind.UINT, 8, 4, summed=True),
            ),
        ),
        "percpu_array",
    )
    # The kernel keeps each copy at a multiple of 8 bytes.
    raw = b"".join(struct.pack("=QI4x", packets, drops) for packets, drops in [(1, 2), (30, 40)])
    assert layout.per_cpu
    assert value_of(layout, raw) == {"packets": 31, "drops": 42}
    assert layout.unpack_entries([(bytes(4), memoryview(raw))]) == [{"packets": 31, "drops": 42}]


def test_a_sum_wraps_as_the_counters_do():
    layout = single(one(Kind.UINT, 8, "=Q", summed=True), "percpu_hash")
    assert value_of(layout, struct.pack("=QQ", 2**64 - 1, 3)) == {"x": 2}


def test_an_array_without_key_leaf_has_one_key():
    assert single(one(Kind.UINT, 1, "=B")).pack_key({}) == bytes(4)


def test_a_format_of_another_size_is_refused_at_import():
    with pytest.raises(ValueError, match="s: '=I' has 4 bytes, not 8"):
        StructLayout("s", 8, "=I", ())


OPTIONAL = StructLayout(
    "v",
    8,
    "=B0s3xI",
    (Field("log", "log", Kind.EMPTY, 1, 0, bit=1), Field("mark", "mark", Kind.UINT, 4, 4, bit=2)),
    has=Field("has", "", Kind.UINT, 0, 1),
)


@pytest.mark.parametrize(
    ("entry", "raw"),
    [
        ({}, bytes(8)),
        ({"mark": 0}, b"\2" + bytes(7)),
        ({"log": [None]}, b"\1" + bytes(7)),
        ({"log": [None], "mark": 1}, struct.pack("=B3xI", 3, 1)),
    ],
)
def test_what_may_be_left_out_has_a_bit(entry, raw):
    layout = single(OPTIONAL)
    assert layout.pack_value(entry) == raw
    assert layout.unpack_entries([(bytes(4), raw)]) == [entry]


def test_each_entry_of_many_has_its_own_bits():
    raws = [struct.pack("=B3xI", word, 7) for word in (0, 1, 2, 3)]
    found = single(OPTIONAL).unpack_entries([(bytes(4), raw) for raw in raws])
    assert found == [{}, {"log": [None]}, {"mark": 7}, {"log": [None], "mark": 7}]
