"""Leaves that are times of the kernel's clocks: how long ago something was, and when."""

from __future__ import annotations

from polycube_generator import bindings, datatree, ir, layout, types
from polycube_generator.types import Statement, Unsupported

_CLOCKS = {"monotonic": "time", "boot": "boot_time"}
"""The clocks, and the kinds of the codec."""

_SECOND = 10**9
_UNITS = {
    "nanoseconds": 1,
    "microseconds": 1000,
    "milliseconds": 10**6,
    "centiseconds": 10**7,
    "seconds": _SECOND,
    "minutes": 60 * _SECOND,
}
"""Units, and how many nanoseconds they have."""

_TICKS = frozenset({"timeticks", "timestamp"})
"""Types of hundredths of a second, which begin anew every 497 days (RFC 6991)."""

_LONG = 100 * 365 * 86400 * _SECOND
"""For so long must a number have room."""


def of_leaf(statement: Statement, leaf: ir.Leaf, member: str) -> layout.Slot | None:
    """Return how a leaf that is a time is held: as nanoseconds; None if it is none."""
    age, asked = bindings.find(statement, "age"), bindings.find(statement, "time")
    summed = bindings.find(statement, "sum")
    if (age or asked) and summed:
        message = f"{leaf.name} is a time, of which there is no sum: take a map that CPUs share"
        raise Unsupported(summed, message)
    if age is not None:
        return _age(statement, leaf, member)
    return None if asked is None else _time(asked, statement, leaf, member)


def _age(statement: Statement, leaf: ir.Leaf, member: str) -> layout.Slot:
    """Return the time of last use, of which the leaf is the distance from now."""
    age = bindings.find(statement, "age")
    if leaf.config or not _is_unsigned(leaf):
        raise Unsupported(age, f"{leaf.name} is an age: make it an unsigned integer, config false")
    if bindings.find(statement, "time") is not None:
        raise Unsupported(age, f"{leaf.name} is an age or a time: leave one of them out")
    unit = _unit(age, leaf, "seconds")
    expiry = bindings.find(age, "expiry")
    if expiry is not None and unit != _SECOND:
        raise Unsupported(expiry, f"an expiry is in seconds; so make the units of {leaf.name}")
    path = str(expiry.arg) if expiry else ""
    field = ir.Field(leaf, "age", expiry=path, unit=0 if unit == _SECOND else unit)
    return layout.integer(member, "u64", 64, field)


def _time(asked: Statement, statement: Statement, leaf: ir.Leaf, member: str) -> layout.Slot:
    """Return the time at which something was, as text or as a number of units."""
    kind = _CLOCKS.get(str(asked.arg))
    if kind is None:
        message = f"{str(asked.arg)!r} is not a clock; take {' or '.join(_CLOCKS)}"
        raise Unsupported(asked, message)
    if leaf.config and not _is_told(statement):
        raise Unsupported(asked, f"{leaf.name} is a time of the kernel: make it config false")
    typedefs = {
        type_.i_typedef.arg
        for type_ in types.chain_of(statement.search_one("type"))
        if type_.i_typedef is not None
    }
    if isinstance(ir.concrete(leaf.type), ir.String) and "date-and-time" in typedefs:
        return layout.integer(member, "u64", 64, ir.Field(leaf, kind))
    if not _is_unsigned(leaf):
        message = (
            f"{leaf.name} is a time: make it a yang:date-and-time, a yang:timestamp, or an "
            "unsigned integer with units"
        )
        raise Unsupported(asked, message)
    unit = _UNITS["centiseconds"] if typedefs & _TICKS else _unit(asked, leaf, "nanoseconds")
    type_ = ir.concrete(leaf.type)
    assert isinstance(type_, ir.Integer)  # noqa: S101 (it is unsigned)
    if not typedefs & _TICKS and type_.ranges[-1][1] < _LONG // unit:
        message = f"{leaf.name} has no room for a hundred years in its units; make it uint64"
        raise Unsupported(asked, message)
    field = ir.Field(leaf, kind, unit=unit, bits=type_.bits)
    return layout.integer(member, "u64", 64, field)


def _is_told(statement: Statement) -> bool:
    """Tell whether a leaf is part of a notification, which is neither configuration nor state."""
    above = datatree.parent(statement)
    return above is not None and (above.keyword == "notification" or _is_told(above))


def _is_unsigned(leaf: ir.Leaf) -> bool:
    type_ = ir.concrete(leaf.type)
    return isinstance(type_, ir.Integer) and not type_.signed


def _unit(statement: Statement, leaf: ir.Leaf, otherwise: str) -> int:
    """Return the nanoseconds of a leaf's units."""
    name = leaf.units or otherwise
    if name not in _UNITS:
        message = f"{leaf.name} is in {name!r}, no units of time; take one of {', '.join(_UNITS)}"
        raise Unsupported(statement, message)
    return _UNITS[name]
