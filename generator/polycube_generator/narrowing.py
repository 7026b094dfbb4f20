"""What a changed type means to those who use it: which values are gone, by RFC 7950, section 11.

A type may accept more than before. Whatever it no longer accepts, or what it now means something
else by, breaks a client that was right.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from polycube_generator import described, ir

if TYPE_CHECKING:
    from collections.abc import Iterator

Intervals = tuple[tuple[Any, Any], ...]


def changes(old: ir.Type, new: ir.Type, path: str = "") -> Iterator[tuple[bool, str]]:
    """Yield each change from ``old`` to ``new``: whether it breaks, and what it is.

    ``path`` is that of the node, from which the paths of leafrefs may start.
    """
    match old, new:
        case ir.Leafref(), ir.Leafref():
            yield from _leafref(old, new, path)
        case ir.Union(), ir.Union():
            yield from _union(old, new)
        case _ if type(old) is not type(new):
            if isinstance(old, ir.Leafref) and not isinstance(new, ir.Leafref):
                yield False, f"no longer refers to {old.path}"
                yield from changes(old.target, new)
            elif isinstance(new, ir.Union) and old in new.members:
                yield False, f"takes {described.type_name(new)}, was {described.type_name(old)}"
            else:
                yield True, f"is {described.type_name(new)}, was {described.type_name(old)}"
        case _:
            yield from _restrictions(old, new)


def _restrictions(old: ir.Type, new: ir.Type) -> Iterator[tuple[bool, str]]:
    match old, new:
        case ir.Integer(), ir.Integer():
            if (old.bits, old.signed) != (new.bits, new.signed):
                # Even a wider one: numbers of 64 bits are texts in RESTCONF's JSON (RFC 7951).
                yield True, f"is {described.type_name(new)}, was {described.type_name(old)}"
            yield from _intervals("range", old.ranges, new.ranges)
        case ir.Decimal64(), ir.Decimal64():
            if old.fraction_digits != new.fraction_digits:
                digits = f"{new.fraction_digits}, were {old.fraction_digits}"
                yield True, f"fraction-digits are {digits}"
            elif old.ranges != new.ranges:
                yield from _intervals("range", _numbers(old.ranges), _numbers(new.ranges))
        case ir.String(), ir.String():
            yield from _intervals("length", old.lengths or _ANY, new.lengths or _ANY)
            yield from _patterns("matches", old.patterns, new.patterns)
            yield from _patterns("does not match", old.inverted, new.inverted)
        case ir.Binary(), ir.Binary():
            yield from _intervals("length", old.lengths or _ANY, new.lengths or _ANY)
        case ir.Address(), ir.Address() if old.name != new.name:
            wider = old.name.startswith("ipv") and f"ip{old.name[4:]}" == new.name
            yield not wider, f"is {new.name}, was {old.name}"
        case ir.InstanceIdentifier(), ir.InstanceIdentifier():
            yield from _required(old.required, new.required)
        case _:
            yield from _words(old, new)


def _words(old: ir.Type, new: ir.Type) -> Iterator[tuple[bool, str]]:
    """Compare types whose values are among some words."""
    match old, new:
        case ir.Enumeration(), ir.Enumeration():
            yield from _names(
                "value",
                {one.name: one.value for one in old.values},
                {one.name: one.value for one in new.values},
            )
            yield from _statuses(
                "value",
                {one.name: one.status for one in old.values},
                {one.name: one.status for one in new.values},
            )
        case ir.Bits(), ir.Bits():
            yield from _names(
                "bit",
                dict(zip(old.names, old.positions, strict=True)),
                dict(zip(new.names, new.positions, strict=True)),
            )
            current = dict.fromkeys(set(old.names) & set(new.names), "")
            yield from _statuses("bit", current | dict(old.status), current | dict(new.status))
        case ir.Identityref(), ir.Identityref():
            yield from _names(
                "identity", dict.fromkeys(old.values, 0), dict.fromkeys(new.values, 0)
            )


_ANY: Intervals = ((0, 2**64 - 1),)


def _leafref(old: ir.Leafref, new: ir.Leafref, path: str) -> Iterator[tuple[bool, str]]:
    same = _absolute(old.path, path) == _absolute(new.path, path)
    if not same:
        yield True, f"refers to {new.path}, was {old.path}"
    yield from _required(old.required, new.required)
    if same:  # else what the types there are says little
        yield from changes(old.target, new.target, path)


def _absolute(path: str, node: str) -> str:
    """Return where a leafref at ``node`` refers to; one with predicates as it is written."""
    if not path.startswith("../") or "[" in path:
        return path
    steps = node.split("/")
    while path.startswith("../"):
        path = path.removeprefix("../")
        del steps[-1:]
    return "/".join(["", *steps, path])


def _required(old: bool, new: bool) -> Iterator[tuple[bool, str]]:  # noqa: FBT001
    if old != new:
        yield new, f"what it refers to {'must' if new else 'need not'} exist"


def _union(old: ir.Union, new: ir.Union) -> Iterator[tuple[bool, str]]:
    """Members in their order, as the first that fits counts; new ones at the end add values."""
    if len(new.members) < len(old.members):
        yield True, f"takes {described.type_name(new)}, took {described.type_name(old)}"
        return
    for one, other in zip(old.members, new.members, strict=False):
        yield from changes(one, other)
    for other in new.members[len(old.members) :]:
        yield False, f"takes {described.type_name(other)} too"


def _intervals(word: str, old: Intervals, new: Intervals) -> Iterator[tuple[bool, str]]:
    if old == new:
        return
    narrowed = not all(any(low <= a and b <= high for low, high in _joined(new)) for a, b in old)
    yield narrowed, f"{word} is {_text(new)}, was {_text(old)}"


def _joined(intervals: Intervals) -> list[tuple[Any, Any]]:
    """Return intervals with those that touch made one."""
    found: list[tuple[Any, Any]] = []
    for low, high in sorted(intervals):
        if found and low <= found[-1][1] + (1 if isinstance(low, int) else 0):
            found[-1] = (found[-1][0], max(high, found[-1][1]))
        else:
            found.append((low, high))
    return found


def _text(intervals: Intervals) -> str:
    shown = ((a, "max" if b == _ANY[0][1] else b) for a, b in intervals)
    return " | ".join(f"{a}" if a == b else f"{a}..{b}" for a, b in shown)


def _numbers(ranges: tuple[tuple[str, str], ...]) -> Intervals:
    from decimal import Decimal  # noqa: PLC0415

    everything = ((Decimal("-Infinity"), Decimal("Infinity")),)
    return tuple((Decimal(low), Decimal(high)) for low, high in ranges) or everything


def _patterns(word: str, old: tuple[str, ...], new: tuple[str, ...]) -> Iterator[tuple[bool, str]]:
    """Compare as texts: whether one expression accepts all of another is not asked."""
    for pattern in new:
        if pattern not in old:
            yield True, f"{word} {pattern}, which was not asked for"
    for pattern in old:
        if pattern not in new:
            yield False, f"no longer asks that it {word} {pattern}"


def _names(word: str, old: dict[str, int], new: dict[str, int]) -> Iterator[tuple[bool, str]]:
    for name, value in old.items():
        if name not in new:
            yield True, f"{word} {name} is gone"
        elif new[name] != value:
            yield True, f"{word} {name} is number {new[name]}, was {value}"
    for name in new:
        if name not in old:
            yield False, f"{word} {name} is new"


def _statuses(word: str, old: dict[str, str], new: dict[str, str]) -> Iterator[tuple[bool, str]]:
    for name, status in old.items():
        if new.get(name, status) != status:
            yield False, f"{word} {name} is {new[name] or 'current'}, was {status or 'current'}"
