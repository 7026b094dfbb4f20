"""What a data plane writes into a value while another one takes its place."""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING

from polycube_runtime.support.compounds import number
from polycube_runtime.support.kinds import Kind

if TYPE_CHECKING:
    from polycube_runtime.support.codec import MapLayout
    from polycube_runtime.support.fields import Field

_STRIDE = 8
"""The kernel rounds each CPU's copy of a value up to this many bytes."""


def caught_up(
    layout: MapLayout, state: frozenset[str], was: bytes, late: bytes, now: bytes
) -> bytes:
    """Return the value `now`, made of one that `was`, with what became of that: `late`.

    Counters have grown on both sides, so that both are added. Of all else what was written last
    is right: that is `now`, unless nothing was written there yet.
    """
    caught, stride = bytearray(now), -(-layout.value.size // _STRIDE) * _STRIDE
    fields = [one for one in layout.value.fields if one.leaf in state]
    for start in range(0, len(now), stride):
        for field in fields:
            place = slice(start + field.offset, start + field.offset + field.size)
            caught[place] = _field(field, was[place], late[place], now[place])
        if word := layout.value.has:
            place = slice(start + word.offset, start + word.offset + word.size)
            mask = sum(one.bit for one in fields)
            before, after, there = (number(one[place]) for one in (was, late, now))
            caught[place] = _raw(there | after & ~before & mask, word.size)
    return bytes(caught)


def _field(field: Field, was: bytes, late: bytes, now: bytes) -> bytes:
    if field.kind is Kind.UINT:
        total = number(now) + number(late) - number(was)
        return _raw(total % 2 ** (8 * field.size), field.size)
    return late if now == was else now


def _raw(value: int, size: int) -> bytes:
    return value.to_bytes(size, sys.byteorder)
