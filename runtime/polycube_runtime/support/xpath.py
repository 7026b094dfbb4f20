"""What generated constraints are made of: the conversions and functions of XPath 1.0 and YANG.

A value is that of the canonical JSON document; None stands for a node that is not there. Sets of
nodes are iterables of such values. ``Tree`` is a document with its indexes.
"""

from __future__ import annotations

import math
import re
from collections.abc import Callable, Iterable, Mapping, Sequence
from decimal import Decimal
from itertools import chain
from typing import Any, TypeAlias, TypeVar, cast

from polycube_runtime.support.types.patterns import matcher

NAN = math.nan
_DIGITS = 300
"""Longer numbers are floating-point, so that none is too long to reckon with."""

_Result = TypeVar("_Result")
_Item = TypeVar("_Item")

__all__ = [
    "NAN",
    "Node",
    "Tree",
    "after",
    "at",
    "before",
    "bit_is_set",
    "ceiling",
    "chain",
    "count",
    "differs",
    "divided",
    "enum_value",
    "first",
    "floor",
    "following",
    "implied",
    "inside",
    "matches",
    "normalized",
    "number",
    "one",
    "preceding",
    "remainder",
    "rounded",
    "rows",
    "same",
    "substring",
    "text",
    "texts",
    "total",
    "translate",
    "truth",
    "unequal",
    "values",
    "within",
]

Number: TypeAlias = int | float
Node: TypeAlias = Mapping[str, object]
"""An object of the document."""

Index: TypeAlias = dict[tuple[str, ...], list[Node]]
"""The entries of a list, by the text of some leaves."""

_NUMBER = re.compile(r"-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
"""What XPath reads as a number: digits of ASCII, no exponent, no plus sign."""


class Tree:
    """A document at ``root``; it must not change while it is looked at."""

    def __init__(self, root: Node) -> None:
        """Begin without indexes."""
        self.root = root
        self._indexes: dict[tuple[int, tuple[str, ...]], Index] = {}
        self._held: list[Sequence[Node]] = []
        self._known: dict[tuple[Callable[[Node], Any], int], Any] = {}

    def find(
        self, entries: Sequence[Node], leaves: tuple[str, ...], values: tuple[object, ...]
    ) -> Sequence[Node]:
        """Return the entries of a list whose ``leaves`` have ``values``."""
        if None in values or not entries:
            return ()
        index = self._indexes.get((id(entries), leaves))
        if index is None:
            index = self._indexes[id(entries), leaves] = {}
            self._held.append(entries)  # another list must not get its id
            for entry in entries:
                index.setdefault(tuple(text(entry.get(leaf)) for leaf in leaves), []).append(entry)
        return index.get(tuple(map(text, values)), ())

    def once(self, function: Callable[[Node], _Result], anchor: Node) -> _Result:
        """Return ``function(anchor)``, computed the first time only."""
        key = (function, id(anchor))
        if key not in self._known:
            self._known[key] = function(anchor)
        return cast("_Result", self._known[key])


def at(value: object, *names: str) -> object:
    """Return what is below ``value`` at ``names``, or None."""
    for name in names:
        if not isinstance(value, dict):  # much faster to tell than a Mapping, which it is
            return None
        value = value.get(name)
    return value


def rows(value: object, *names: str) -> Sequence[Node]:
    """Return the list below ``value`` at ``names``, empty if there is none."""
    found = at(value, *names)
    return () if found is None else cast("Sequence[Node]", found)


def values(value: object, *names: str) -> Sequence[object]:
    """Return the leaf-list below ``value`` at ``names``, empty if there is none."""
    found = at(value, *names)
    return () if found is None else cast("Sequence[object]", found)


def preceding(entries: Sequence[_Item], this: object) -> Sequence[_Item]:
    """Return the entries before one, the nearest first."""
    return entries[: _place(entries, this)][::-1]


def following(entries: Sequence[_Item], this: object) -> Sequence[_Item]:
    """Return the entries after one."""
    return entries[_place(entries, this) + 1 :]


def _place(entries: Sequence[object], this: object) -> int:
    """Return where an entry is: an object is itself, of equal values the first."""
    for place, entry in enumerate(entries):
        if entry is this or (not isinstance(entry, Mapping) and entry == this):
            return place
    return len(entries)


def one(value: object) -> tuple[object, ...]:
    """Return a value as a set of nodes."""
    return () if value is None else (value,)


def inside(value: object) -> tuple[Node, ...]:
    """Return an object as a set of nodes."""
    return (value,) if isinstance(value, dict) else ()


def implied(value: object) -> tuple[Node, ...]:
    """Return a container that exists though it is not written, as a set of nodes."""
    return inside(value) or ({},)


def first(nodes: Iterable[object]) -> object:
    """Return the first node, or None."""
    return next((node for node in nodes if node is not None), None)


def text(value: object) -> str:
    """Return the string value of a node, or of a number."""
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case None | [None]:
            return ""
        case float():
            return _float_text(value)
        case Mapping():
            return "".join(text(item) for item in value.values())
        case list():
            return "".join(text(item) for item in value)
        case _:
            return str(value)


def _float_text(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return str(int(value)) if value.is_integer() else f"{Decimal(repr(value)):f}"


def texts(nodes: Iterable[object]) -> set[str]:
    """Return the string values of the nodes that are there."""
    return {text(node) for node in nodes if node is not None}


def number(value: object) -> Number:
    """Return the number that a node or text is; NaN if it is none, as ``true`` of a leaf is."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return value
    written = text(value).strip(" \t\r\n")
    if not _NUMBER.fullmatch(written):
        return NAN
    return float(written) if "." in written or len(written) > _DIGITS else int(written)


def truth(value: Number) -> bool:
    """Return whether a number is neither zero nor NaN."""
    return value != 0 and not math.isnan(value)


def same(left: object, right: object) -> bool:
    """Return whether two nodes are there and have the same string value."""
    return left is not None and right is not None and text(left) == text(right)


def differs(left: object, right: object) -> bool:
    """Return whether two nodes are there and have different string values."""
    return left is not None and right is not None and text(left) != text(right)


def unequal(left: object, right: Number | None) -> bool:
    """Return whether a node is there and is not a number."""
    return left is not None and right is not None and number(left) != right


def within(value: object, known: set[str]) -> bool:
    """Return whether a node is there, and its string value is one of ``known``."""
    return value is not None and text(value) in known


def count(nodes: Iterable[object]) -> int:
    """Return how many nodes are there."""
    return sum(node is not None for node in nodes)


def total(nodes: Iterable[object]) -> Number:
    """Return the sum of the nodes."""
    return sum((number(node) for node in nodes if node is not None), 0)


def divided(left: Number, right: Number) -> Number:
    """Return ``left div right``."""
    if right == 0:
        return NAN if left == 0 or math.isnan(left) else math.copysign(math.inf, left)
    return left / right


def remainder(left: Number, right: Number) -> Number:
    """Return ``left mod right``, which has the sign of ``left``."""
    if right == 0 or math.isnan(left) or math.isnan(right) or math.isinf(left):
        return NAN
    if isinstance(left, int) and isinstance(right, int):
        return abs(left) % abs(right) * (1 if left >= 0 else -1)
    return math.fmod(left, right)


def floor(value: Number) -> Number:
    """Return the greatest integer that is not greater."""
    return math.floor(value) if math.isfinite(value) else value


def ceiling(value: Number) -> Number:
    """Return the least integer that is not less."""
    return math.ceil(value) if math.isfinite(value) else value


def rounded(value: Number) -> Number:
    """Return the nearest integer, the greater of two."""
    return math.floor(value + 0.5) if isinstance(value, float) and math.isfinite(value) else value


def before(value: str, part: str) -> str:
    """Return what is before the first ``part``, nothing if there is none."""
    return value.partition(part)[0] if part and part in value else ""


def after(value: str, part: str) -> str:
    """Return what is after the first ``part``, nothing if there is none."""
    return value.partition(part)[2] if part else value


def substring(value: str, start: Number, length: Number = math.inf) -> str:
    """Return the characters from the one at ``start``, the first being 1."""
    low = rounded(start)
    high = low + rounded(length)
    return "".join(char for place, char in enumerate(value, 1) if low <= place < high)


def normalized(value: str) -> str:
    """Return text without space around it, and single spaces in it."""
    return " ".join(filter(None, re.split("[ \t\r\n]", value)))


def translate(value: str, old: str, new: str) -> str:
    """Return text with each character of ``old`` replaced by that of ``new``, or removed."""
    table: dict[int, str] = {}
    for place, char in enumerate(old):
        table.setdefault(ord(char), new[place : place + 1])
    return value.translate(table)


def matches(value: str, pattern: str) -> bool:
    """Return whether ``pattern`` matches the whole text."""
    return matcher(pattern)(value)


def enum_value(value: object, values: dict[str, int]) -> Number:
    """Return the number of an enumeration's name; NaN if there is none."""
    return values.get(value, NAN) if isinstance(value, str) else NAN


def bit_is_set(value: object, bit: str) -> bool:
    """Return whether a bit is one of those that are set."""
    return isinstance(value, str) and bit in value.split()
