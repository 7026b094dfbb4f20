"""A document as XPath walks it: members, entries, siblings, and indexes that make this fast."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from itertools import islice
from typing import Any, TypeAlias, TypeVar, cast

from polycube_runtime.support.xpath.numbers import number
from polycube_runtime.support.xpath.texts import text

_Result = TypeVar("_Result")
_Item = TypeVar("_Item")

Node: TypeAlias = Mapping[str, object]
"""An object of the document."""

Index: TypeAlias = dict[object, list[Node]]
"""The entries of a list, by the text of some leaves, or by the number that one is."""


class Siblings(Sequence[_Item]):
    """The items of a sequence from one place to another, in the sequence's order; no copy."""

    __slots__ = ("_items", "_start", "_stop")

    def __init__(self, items: Sequence[_Item], start: int, stop: int) -> None:
        """Begin at ``start``, and end before ``stop``, neither of which is negative."""
        self._items, self._start, self._stop = items, start, max(start, stop)

    def __len__(self) -> int:
        """Return how many there are."""
        return self._stop - self._start

    def __iter__(self) -> Iterator[_Item]:
        """Return an iterator."""
        if self._start:
            return (self._items[at] for at in range(self._start, self._stop))
        return islice(self._items, self._stop)

    def __getitem__(self, at: Any) -> Any:
        """Return the item at a place, which may count from the end."""
        return self._items[range(self._start, self._stop)[at]]


class Tree:
    """A document at ``root``; it must not change while it is looked at."""

    def __init__(self, root: Node) -> None:
        """Begin without indexes."""
        self.root = root
        self._indexes: dict[tuple[int, object], Any] = {}
        self._held: list[object] = []
        self._known: dict[tuple[Callable[[Node], Any], int], Any] = {}

    def find(
        self, entries: Sequence[Node], leaves: tuple[str, ...], values: tuple[object, ...]
    ) -> Sequence[Node]:
        """Return the entries of a list whose ``leaves`` have ``values``, compared as text."""
        if None in values or not entries:
            return ()
        index: Index | None = self._indexes.get((id(entries), leaves))
        if index is None:
            index = self._index(entries, leaves)
            for entry in entries:
                found = [entry.get(leaf) for leaf in leaves]
                if None not in found:
                    index.setdefault(tuple(map(text, found)), []).append(entry)
        return index.get(tuple(map(text, values)), ())

    def numbered(self, entries: Sequence[Node], leaf: str, value: float) -> Sequence[Node]:
        """Return the entries of a list in which a leaf is a number."""
        index: Index | None = self._indexes.get((id(entries), leaf))
        if index is None:
            index = self._index(entries, leaf)
            for entry in entries:
                if leaf in entry:
                    index.setdefault(number(entry[leaf]), []).append(entry)
        return () if math.isnan(value) else index.get(value, ())

    def place(self, entries: Sequence[object], this: object) -> int:
        """Return where an entry is: an object is itself, of equal values the first."""
        places: dict[object, int] | None = self._indexes.get((id(entries), None))
        if places is None:
            places = self._index(entries, None)
            for place, entry in enumerate(entries):
                places.setdefault(_identity(entry), place)
        return places.get(_identity(this), len(entries))

    def preceding(self, entries: Sequence[_Item], this: object) -> Sequence[_Item]:
        """Return the entries before one."""
        return Siblings(entries, 0, self.place(entries, this))

    def following(self, entries: Sequence[_Item], this: object) -> Sequence[_Item]:
        """Return the entries after one."""
        return Siblings(entries, self.place(entries, this) + 1, len(entries))

    def is_before(self, entries: Sequence[object], this: object, that: object) -> bool:
        """Return whether an entry is before another one."""
        return self.place(entries, this) < self.place(entries, that)

    def once(self, function: Callable[[Node], _Result], anchor: Node) -> _Result:
        """Return ``function(anchor)``, computed the first time only."""
        key = (function, id(anchor))
        if key not in self._known:
            self._known[key] = function(anchor)
        return cast("_Result", self._known[key])

    def _index(self, entries: Sequence[object], by: object) -> Any:
        self._held.append(entries)  # another list must not get its id
        found: dict[object, Any] = {}
        self._indexes[id(entries), by] = found
        return found


def _identity(entry: object) -> object:
    return ("object", id(entry)) if isinstance(entry, dict) else (type(entry), text(entry))


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


def nth(items: Sequence[_Item], place: float) -> Sequence[_Item]:
    """Return the item at a place, the first being 1, if there is one."""
    is_there = 1 <= place <= len(items) and place == int(place)
    return (items[int(place) - 1],) if is_there else ()


def nth_last(items: Sequence[_Item], place: float) -> Sequence[_Item]:
    """Return the item at a place counted from the end, the last being 1, if there is one."""
    return nth(items, len(items) + 1 - place)


def one(value: object) -> tuple[object, ...]:
    """Return a value as a set of nodes."""
    return () if value is None else (value,)


def inside(value: object) -> tuple[Node, ...]:
    """Return an object as a set of nodes."""
    return (value,) if isinstance(value, dict) else ()


def implied(value: object) -> tuple[Node, ...]:
    """Return a container that exists though it is not written, as a set of nodes."""
    return inside(value) or ({},)


def content(above: object, value: object) -> object:
    """Return what is in a container that exists, written or not, where ``above`` does."""
    return None if above is None else value or {}


def first(nodes: Iterable[object]) -> object:
    """Return the first node, or None."""
    return next((node for node in nodes if node is not None), None)


def count(nodes: Iterable[object]) -> int:
    """Return how many nodes are there."""
    return sum(node is not None for node in nodes)


def distinct(nodes: Iterable[object]) -> Iterable[object]:
    """Return objects, each once."""
    return {id(node): node for node in nodes}.values()
