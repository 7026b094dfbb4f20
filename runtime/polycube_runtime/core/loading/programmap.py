"""Program arrays of the model: which of a cube's programs stands in which slot.

The kernel tells programs by numbers that are others after each reload. So what an array holds is
kept here, as numbers of places (`Kind.PROGRAM` of the codec), and written anew to the kernel's
arrays whenever programs are: that for the cube's hook, and that for the TC variant of an XDP cube's
egress programs, if there is one.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

from polycube_runtime.bpf.errors import KernelRefused
from polycube_runtime.core.loading.programs import DIRECTIONS, MAX_PROGRAMS, Place

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping, Sequence

    from polycube_runtime.bpf.kernel import Map, Program

Pair = tuple[bytes, bytes]


class ProgramMap:
    """A `bpf.kernel.Map` of places of programs, which points the kernel's arrays at these."""

    def __init__(self, array: Map, twin: Map | None, programs: Mapping[str, Program]) -> None:
        """Hold nothing; `programs` are the cube's by name."""
        self.spec = array.spec
        self.value_size = array.spec.value_size
        self._array = array
        self._twin = twin
        self._programs = programs
        self._kept: dict[bytes, bytes] = {}

    @property
    def fd(self) -> int:
        """The descriptor of the kernel's array."""
        return self._array.fd

    @property
    def id(self) -> int:
        """The kernel's number of it."""
        return self._array.id

    def take_over(self, former: ProgramMap) -> None:
        """Hold what another one held, with the programs that there are now."""
        self.update_many(former.items())

    def place(self, value: bytes) -> Place:
        """Return the place of a program by its number."""
        direction, index = divmod(struct.unpack("=I", value)[0], MAX_PROGRAMS)
        return Place(DIRECTIONS[direction], index)

    def has(self, value: bytes) -> bool:
        """Whether there is a program of that number."""
        return self.place(value).name in self._programs

    def naming(self, name: str) -> list[bytes]:
        """Return the keys under which the program of that name is."""
        return [key for key, value in self._kept.items() if self.place(value).name == name]

    def lookup(self, key: bytes) -> bytes | None:
        """See `Map.lookup`."""
        return self._kept.get(key)

    def update(self, key: bytes, value: bytes) -> None:
        """See `Map.update`; a program that is not there leaves its slot empty until it is."""
        (slot,) = struct.unpack("=I", key)
        if slot >= self.spec.entries:
            message = f"map {self.spec.name} is full: it holds {self.spec.entries} entries"
            raise KernelRefused(message)
        place = self.place(value)
        self._array.set_program(slot, self._programs.get(place.name))
        if self._twin is not None:  # whose programs are of egress only
            is_there = place.direction == "egress"
            self._twin.set_program(slot, self._programs.get(place.at_tc.name) if is_there else None)
        self._kept[key] = value

    def insert(self, key: bytes, value: bytes) -> bool:
        """See `Map.insert`."""
        if key in self._kept:
            return False
        self.update(key, value)
        return True

    def delete(self, key: bytes) -> bool:
        """See `Map.delete`."""
        if key not in self._kept:
            return False
        for array in filter(None, (self._array, self._twin)):
            array.set_program(struct.unpack("=I", key)[0], None)
        del self._kept[key]
        return True

    def count(self) -> int:
        """See `Map.count`."""
        return len(self._kept)

    def items(self) -> list[Pair]:
        """See `Map.items`."""
        return list(self._kept.items())

    def dump(self) -> tuple[bytes, bytes]:
        """See `Map.dump`."""
        return b"".join(self._kept), b"".join(self._kept.values())

    def update_many(self, items: Sequence[Pair]) -> None:
        """See `Map.update_many`."""
        for key, value in items:
            self.update(key, value)

    def delete_many(self, keys: Iterable[bytes]) -> int:
        """See `Map.delete_many`."""
        return sum(self.delete(key) for key in keys)

    def set_program(self, slot: int, program: Program | None) -> None:
        """See `Map.set_program`: of the kernel's array, at which nothing here points."""
        self._array.set_program(slot, program)

    def close(self) -> None:
        """Nothing of its own to let go of."""
