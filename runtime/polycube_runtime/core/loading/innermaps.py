"""The maps in a map of maps, as one map: each key begins with that of the map it is in.

The kernel gives their numbers to readers, and their descriptors only to who may administer the
whole machine. So each is pinned, under its number, for as long as it is in there.
"""

from __future__ import annotations

import sys
from contextlib import contextmanager
from typing import TYPE_CHECKING, NoReturn, TypeVar

from polycube_runtime.bpf.errors import KernelRefused
from polycube_runtime.bpf.spec import MapKind, MapSpec

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping, Sequence

    from polycube_runtime.bpf.kernel import Kernel, Map, Program

Pair = tuple[bytes, bytes]
Held = dict[bytes, "Map | None"]
"""Inner maps by their keys in the outer one; None where there is none."""
_ARRAYS = frozenset({MapKind.ARRAY, MapKind.PERCPU_ARRAY})
_OPEN = 256
"""Inner maps at a time: each has a descriptor until it is in the outer one."""
_T = TypeVar("_T")
_BYTES = 4
"""Of a map's descriptor or number."""


class InnerMaps:
    """All of them; see `kernel.Map`. An entry cannot be written where its inner map is not."""

    def __init__(self, kernel: Kernel, outer: Map, like: Map, folder: str) -> None:
        """Look into `outer`, whose maps are `like` one, and pinned in a `folder`."""
        self._kernel = kernel
        self._outer = outer
        self._like = like
        self._folder = folder
        self._split = outer.spec.key_size
        inner = like.spec
        self.spec = MapSpec(
            inner.name,
            inner.kind,
            self._split + inner.key_size,
            inner.value_size,
            outer.spec.entries * inner.entries,
            inner.flags,
        )

    @property
    def fd(self) -> int:
        """That of the outer map."""
        return self._outer.fd

    @property
    def id(self) -> int:
        """That of the map which all are like: it is what the layout is known by."""
        return self._like.id

    @property
    def value_size(self) -> int:
        """See `kernel.Map.value_size`."""
        return self._like.value_size

    # As one map

    def lookup(self, key: bytes) -> bytes | None:
        """See `kernel.Map.lookup`."""
        with self._opened(key) as inner:
            return inner.lookup(key[self._split :]) if inner else None

    def update(self, key: bytes, value: bytes) -> None:
        """See `kernel.Map.update`."""
        self.update_many([(key, value)])

    def insert(self, key: bytes, value: bytes) -> bool:
        """See `kernel.Map.insert`."""
        with self._there(key) as inner:
            return inner.insert(key[self._split :], value)

    def delete(self, key: bytes) -> bool:
        """See `kernel.Map.delete`."""
        with self._opened(key) as inner:
            return inner.delete(key[self._split :]) if inner else False

    def count(self) -> int:
        """See `kernel.Map.count`."""
        return sum(inner.count() for _, inner in self._each(self.around()))

    def items(self) -> list[Pair]:
        """See `kernel.Map.items`."""
        return self.within(self.around())

    def dump(self) -> tuple[bytes, bytes]:
        """See `kernel.Map.dump`."""
        pairs = self.items()
        return b"".join(key for key, _ in pairs), b"".join(value for _, value in pairs)

    def update_many(self, items: Sequence[Pair]) -> None:
        """See `kernel.Map.update_many`; one system call for each inner map."""
        for around, pairs in self.grouped(items).items():
            with self._there(around) as inner:
                inner.update_many(pairs)

    def delete_many(self, keys: Iterable[bytes]) -> int:
        """See `kernel.Map.delete_many`."""
        deleted = 0
        for around, pairs in self.grouped((key, b"") for key in keys).items():
            with self._opened(around) as inner:
                deleted += inner.delete_many(key for key, _ in pairs) if inner else 0
        return deleted

    def set_program(self, slot: int, program: Program | None) -> None:
        """Refuse: there are no programs in there."""
        self._refuse(f"no place for program {program} ({slot})")

    def push(self, value: bytes) -> None:
        """Refuse: queues are nobody's inner maps."""
        self._refuse(f"no queue for {len(value)} bytes")

    def pop(self) -> bytes | None:
        """Refuse: likewise."""
        self._refuse("no queue")

    def _refuse(self, what: str) -> NoReturn:
        message = f"the maps {self.spec.name} in {self._outer.spec.name} are {what}"
        raise KernelRefused(message)

    def close(self) -> None:
        """Close nothing: the outer map is somebody else's, the others are open when needed."""

    # As many

    @property
    def room(self) -> int:
        """How many entries each takes."""
        return self._like.spec.entries

    def outer_key(self, key: bytes) -> bytes:
        """Return of a key the part that is the outer map's."""
        return key[: self._split]

    def grouped(self, items: Iterable[Pair]) -> dict[bytes, list[Pair]]:
        """Return pairs by their keys in the outer map, each with its key in the inner one."""
        found: dict[bytes, list[Pair]] = {}
        at = self._split
        for key, value in items:
            found.setdefault(key[:at], []).append((key[at:], value))
        return found

    def around(self) -> list[bytes]:
        """Return the keys of the outer map that have inner maps."""
        return [key for key, _ in self._outer.items()]

    def lacking(self, around: Iterable[bytes]) -> list[bytes]:
        """Return those of the keys that have no inner map, or one that cannot be reached."""
        found = []
        for some in batches(dict.fromkeys(around)):
            held = self.open(some)
            close(held)
            found += [key for key, one in held.items() if one is None]
        return found

    def within(self, around: Iterable[bytes]) -> list[Pair]:
        """Return what is in some of the inner maps."""
        return [
            (one + key, value) for one, inner in self._each(around) for key, value in inner.items()
        ]

    def open(self, around: Iterable[bytes]) -> Held:
        """Return inner maps, each to be closed by the caller."""
        found: Held = {}
        try:
            for one in around:
                found[one] = self._open(one)
        except BaseException:
            close(found)
            raise
        return found

    def made(self, contents: Mapping[bytes, Sequence[Pair]]) -> Held:
        """Return new maps for keys of the outer one, with entries by their own keys.

        They are to be put there, and closed by the caller.
        """
        new: Held = {}
        try:
            for around, pairs in contents.items():
                new[around] = one = self._kernel.create_map(self._like.spec)
                one.update_many(pairs)
        except BaseException:
            close(new)
            raise
        return new

    def put(self, wanted: Held, instead_of: Held) -> None:
        """Put maps into the outer one, or take them out, for packets all at once where put.

        Those that were there may be put back: if this fails, they must be. A packet that is being
        dealt with may be in a former map; from the next one on, all see the new ones.
        """
        there = [(key, one) for key, one in wanted.items() if one is not None]
        used = {one.id for _, one in there}
        try:
            for _, one in there:
                self._kernel.pin(one, self._pin(one.id))
            self._outer.update_many([(key, _raw(one.fd)) for key, one in there])
        except BaseException:
            numbers = _numbers([self._outer])
            self._unpin(one for _, one in there if one.id not in numbers)
            raise
        gone = [key for key, one in wanted.items() if one is None]
        if gone:
            self._outer.delete_many(gone)
        self._unpin(one for one in instead_of.values() if one and one.id not in used)

    def _unpin(self, maps: Iterable[Map]) -> None:
        for one in maps:
            self._kernel.unpin(self._pin(one.id))

    def fill(self, pairs: Sequence[Pair], blank: bytes | None) -> int:
        """Make inner maps of these entries, as many as fit; returns how many those are.

        `blank` is what an index holds that is not among them.
        """
        room, fitting = self.room, dict[bytes, list[Pair]]()
        groups = list(self.grouped(pairs).items())[: self._outer.spec.entries]
        for around, entries in groups:
            if self.spec.kind in _ARRAYS:
                fitting[around] = [one for one in entries if _number(one[0]) < room]
            else:
                fitting[around] = entries[:room]
        blanks = self.blanks(blank)
        for some in batches(fitting):
            new = self.made({key: [*blanks, *entries] for key, entries in some.items()})
            try:
                self.put(new, {})
            finally:
                close(new)
        return sum(map(len, fitting.values()))

    def blanks(self, blank: bytes | None) -> list[Pair]:
        """Return what a new inner map begins with: each index of an array, if it is not zero."""
        if blank is None:
            return []
        return [(_raw(number), blank) for number in range(self.room)]

    def _each(self, around: Iterable[bytes]) -> Iterator[tuple[bytes, Map]]:
        for one in around:
            with self._opened(one) as inner:
                if inner is not None:
                    yield one, inner

    @contextmanager
    def _opened(self, key: bytes) -> Iterator[Map | None]:
        inner = self._open(key[: self._split])
        try:
            yield inner
        finally:
            if inner is not None:
                inner.close()

    @contextmanager
    def _there(self, key: bytes) -> Iterator[Map]:
        with self._opened(key) as inner:
            if inner is None:
                message = (
                    f"map {self._outer.spec.name} has no map {self.spec.name} for"
                    f" {key[: self._split].hex()}: the entry around it is not there"
                )
                raise KernelRefused(message)
            yield inner

    def _open(self, around: bytes) -> Map | None:
        number = self._outer.lookup(around)
        found = self._kernel.adopt_map(None, self._pin(_number(number))) if number else None
        if found is not None:
            found.spec = self._like.spec  # its name is its number, as far as the pin knows
        return found

    def _pin(self, number: int) -> str:
        return f"{self._folder}/{number}"


def batches(contents: Mapping[bytes, _T]) -> Iterator[dict[bytes, _T]]:
    """Split what is by key into so many at a time as may be open at once."""
    keys = list(contents)
    for at in range(0, len(keys), _OPEN):
        yield {key: contents[key] for key in keys[at : at + _OPEN]}


def close(held: Mapping[bytes, Map | None]) -> None:
    """Let go of open inner maps; those in an outer one stay there."""
    for one in held.values():
        if one is not None:
            one.close()


def unpin(kernel: Kernel, outer: Map, folder: str) -> None:
    """Have the maps in a map of maps end with it."""
    for number in _numbers([outer]):
        kernel.unpin(f"{folder}/{number}")


def tidy(kernel: Kernel, outers: Iterable[Map], folder: str) -> None:
    """Have all inner maps end that are in none of `outers`: an earlier daemon was killed."""
    used = set(map(str, _numbers(outers)))
    for name in kernel.pinned(folder):
        if name not in used:
            kernel.unpin(f"{folder}/{name}")


def _numbers(outers: Iterable[Map]) -> set[int]:
    return {_number(raw) for outer in outers for _, raw in outer.items()}


def _raw(number: int) -> bytes:
    return number.to_bytes(_BYTES, sys.byteorder)


def _number(raw: bytes) -> int:
    return int.from_bytes(raw, sys.byteorder)
