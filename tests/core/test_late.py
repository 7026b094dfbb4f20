"""What a data plane has written into a value that another one replaces."""

import struct

from polycube_runtime.core.model.late import caught_up
from polycube_runtime.support.codec import Kind, MapLayout, StructLayout
from polycube_runtime.support.fields import Field

VALUE = StructLayout(
    "v",
    16,
    "=BB2xIQ",
    (
        Field("mark", "mark", Kind.UINT, 1, 1),
        Field("hits", "hits", Kind.UINT, 4, 4),
        Field("seen", "seen", Kind.AGE, 8, 8, bit=1),
    ),
    has=Field("has", "", Kind.UINT, 0, 1),
)
KEY = StructLayout("k", 4, "=I", (Field("k", "k", Kind.UINT, 0, 4),))
STATE = frozenset({"hits", "seen"})


def value(has: int, mark: int, hits: int, seen: int) -> bytes:
    return struct.pack("=BB2xIQ", has, mark, hits, seen)


def caught(was: bytes, late: bytes, now: bytes, kind: str = "hash") -> bytes:
    return caught_up(MapLayout("m", kind, 8, KEY, VALUE), STATE, was, late, now)


def test_counters_are_added_and_configuration_is_left():
    found = caught(value(1, 1, 10, 5), value(1, 1, 17, 5), value(1, 2, 12, 5))
    assert found == value(1, 2, 19, 5)


def test_a_counter_goes_round():
    high = 2**32 - 1
    assert caught(value(0, 0, high, 0), value(0, 0, 1, 0), value(0, 0, high, 0)) == value(
        0, 0, 1, 0
    )


def test_what_was_written_last_is_right_and_its_bit_comes_along():
    was, late = value(0, 1, 0, 0), value(1, 1, 0, 7)
    assert caught(was, late, value(0, 1, 0, 0)) == late
    assert caught(was, late, value(1, 1, 0, 9)) == value(1, 1, 0, 9)


def test_each_cpu_has_its_own():
    was, late, now = (
        b"".join(value(0, 0, hits, 0) for hits in each) for each in ((1, 2), (4, 2), (1, 3))
    )
    assert caught(was, late, now, "percpu_hash") == value(0, 0, 4, 0) + value(0, 0, 3, 0)
