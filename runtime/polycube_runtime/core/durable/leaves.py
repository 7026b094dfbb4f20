"""Turning the bytes of a leaf into what they are in another layout.

- `leaf`: make a function for two fields
- `CannotCarryError`: their types do not allow it; `Dropped`: a value has no place in the new one
"""

from __future__ import annotations

import time
from collections.abc import Callable
from typing import Any

from polycube_runtime.support import times
from polycube_runtime.support.codec import NO_PORTS, Field, Kind
from polycube_runtime.support.compounds import (
    CODECS,
    chosen,
    elements,
    from_raw,
    is_port,
    joined,
    tagged,
    to_raw,
)
from polycube_runtime.support.errors import InvalidValue
from polycube_runtime.support.kinds import Context

NUMBERS = frozenset({Kind.UINT, Kind.INT, Kind.NETWORK, Kind.AGE})
_MAPPED = bytes(10) + b"\xff\xff"


class CannotCarryError(Exception):
    """Two layouts of a table have too little in common; the message says what."""


class Dropped(Exception):  # noqa: N818 (no error: an entry that has no place in the new layout)
    """An entry has no place in the new layout."""


def pack(field: Field, value: Any) -> Any:
    """Return the raw value of a JSON value, which names no port."""
    return CODECS[field.kind].pack(field, Context(NO_PORTS, time.monotonic_ns()))(value)


def _unpack(field: Field, raw: Any) -> Any:
    return CODECS[field.kind].unpack(field, Context(NO_PORTS, time.monotonic_ns()))(raw)


def same(raw: Any) -> Any:
    """Return what is given."""
    return raw


def leaf(before: Field, now: Field) -> Callable[[Any], Any]:
    """Return a function from a leaf's old raw value to its new one."""
    kinds = (before.kind, now.kind)
    if make := _OF_ANY_SIZE.get(kinds):
        return make(before, now)
    if _fits(before, now):
        if before.kind is now.kind:
            return _GROWING.get(now.kind, _kept)(before, now)
        if Kind.AGE not in kinds and set(kinds) <= NUMBERS and _keeps_sign(before, now):
            return _number(now)
    message = (
        f"its leaf {now.leaf} was {before.kind.value} of {before.size} bytes{_decimals(before)}"
        f" and is {now.kind.value} of {now.size}{_decimals(now)}"
    )
    raise CannotCarryError(message)


def _fits(before: Field, now: Field) -> bool:
    """Whether the bytes of the old leaf have room in the new one, and its decimals."""
    if now.kind is Kind.OCTETS:
        return before.size == now.size
    return before.size <= now.size and before.digits <= now.digits


def _keeps_sign(before: Field, now: Field) -> bool:
    """Whether every number of the old type is one of the new."""
    if before.kind is Kind.INT:
        return now.kind is Kind.INT
    return now.kind is not Kind.INT or before.size < now.size


def _kept(_before: Field, _now: Field) -> Callable[[Any], Any]:
    return same


def _wider(_before: Field, now: Field) -> Callable[[bytes], bytes]:
    return lambda raw: raw.rjust(now.size, b"\0")


def _repacked(before: Field, now: Field) -> Callable[[Any], Any]:
    return lambda raw: pack(now, _unpack(before, raw))


def _mapped(_before: Field, _now: Field) -> Callable[[bytes], bytes]:
    return lambda raw: _MAPPED + raw


def _number(now: Field) -> Callable[[Any], Any]:
    def convert(raw: Any) -> Any:
        value = int.from_bytes(raw, "big") if isinstance(raw, bytes) else raw
        return value.to_bytes(now.size, "big") if now.kind is Kind.NETWORK else value

    return convert


def _renumbered(before: Field, now: Field) -> Callable[[int], int]:
    names = {number: name for name, number in before.values}
    numbers = dict(now.values)

    def convert(raw: int) -> int:
        try:
            return numbers[names[raw]]
        except KeyError:
            raise Dropped from None  # a value that there is no more

    return convert


def _decimals(field: Field) -> str:
    return f", {field.digits} decimals" if field.digits else ""


def _rearranged(before: Field, now: Field) -> Callable[[int], int]:
    masks = dict(now.values)
    known = [(mask, masks.get(name)) for name, mask in before.values]

    def convert(raw: int) -> int:
        found = [new for old, new in known if raw & old]
        if None in found:
            raise Dropped  # a bit that there is no more
        return sum(new for new in found if new)

    return convert


def _finer(before: Field, now: Field) -> Callable[[int], int]:
    factor = int(10 ** (now.digits - before.digits))
    limit = 2 ** (8 * now.size - 1)

    def convert(raw: int) -> int:
        value = raw * factor
        if not -limit <= value < limit:
            raise Dropped
        return value

    return convert


def _required(before: Field, _now: Field) -> Callable[[int], int]:
    none = CODECS[before.kind].zero(before)

    def convert(raw: int) -> int:
        if raw == none:
            raise Dropped
        return raw

    return convert


OPTIONAL = frozenset(
    {Kind.OPTIONAL_PORT, Kind.OPTIONAL_NETDEV, Kind.LIST, Kind.UNION, *times.CODECS}
)
"""Kinds of leaves that say by themselves that they are not there."""


def _listed(before: Field, now: Field) -> Callable[[bytes], bytes]:
    (old,), (new,) = before.parts, now.parts
    if _room(before) > _room(now):
        message = f"its leaf-list {now.leaf} had room for {_room(before)} values, now {_room(now)}"
        raise CannotCarryError(message)
    convert = leaf(old, new)

    def values(raw: bytes) -> bytes:
        found = (to_raw(old, one) for one in elements(before, raw))
        return joined(now, [from_raw(new, convert(one)) for one in found])

    return values


def _room(field: Field) -> int:
    (part,) = field.parts
    return (field.size - part.offset) // part.size


def _rechosen(before: Field, now: Field) -> Callable[[bytes], bytes]:
    port = next(filter(is_port, now.parts), None)

    def convert(raw: bytes) -> bytes:
        found = chosen(before, raw)
        if found is None:
            return b""
        part, value = found
        if is_port(part):  # by its index: nobody knows its name here
            if port is None:
                raise Dropped
            return tagged(now, port, value)
        try:
            packed: bytes = pack(now, _unpack(part, to_raw(part, value)))
        except InvalidValue:
            raise Dropped from None  # none of its types has such a value now
        return packed

    return convert


_Maker = Callable[[Field, Field], Callable[[Any], Any]]
_OF_ANY_SIZE: dict[tuple[Kind, Kind], _Maker] = {
    (Kind.ENUM, Kind.ENUM): _renumbered,
    (Kind.BITS, Kind.BITS): _rearranged,
    (Kind.IPV4, Kind.IP): _mapped,
    (Kind.PREFIX4, Kind.PREFIX): _repacked,
    (Kind.OPTIONAL_PORT, Kind.PORT): _required,
    (Kind.PORT, Kind.OPTIONAL_PORT): _kept,
    (Kind.OPTIONAL_NETDEV, Kind.NETDEV): _required,
    (Kind.NETDEV, Kind.OPTIONAL_NETDEV): _kept,
    (Kind.AGE, Kind.TIME): _kept,
    (Kind.TIME, Kind.AGE): _kept,
    (Kind.LIST, Kind.LIST): _listed,
    (Kind.UNION, Kind.UNION): _rechosen,
}
_GROWING: dict[Kind, _Maker] = {
    Kind.NETWORK: _wider,
    Kind.DECIMAL64: _finer,
    Kind.BINARY: _repacked,
}
"""What is more than the same bytes where the size grows; all else is."""
