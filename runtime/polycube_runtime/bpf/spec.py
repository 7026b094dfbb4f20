"""Programs and maps as plain data, before any kernel sees them.

- `Hook`: where a program runs (TC or XDP)
- `MapKind`, `Scope`, `MapSpec`: a map to be created
- `MapRef`, `ConstRef`: places in the instructions that are filled in when a program is loaded
- `ProgramSpec`, `ObjectSpec`: a program; all that one source file compiles to
"""

from __future__ import annotations

from enum import IntEnum, StrEnum

import msgspec

INSN_SIZE = 8
"""Bytes of one eBPF instruction (a 64-bit immediate takes two)."""


class Hook(StrEnum):
    """The kernel hook a program is written for; a chain of cubes stays within one."""

    TC = "TC"
    XDP = "XDP"


class MapKind(IntEnum):
    """Map types by the kernel's number (`enum bpf_map_type`)."""

    HASH = 1
    ARRAY = 2
    PROG_ARRAY = 3
    PERCPU_HASH = 5
    PERCPU_ARRAY = 6
    LRU_HASH = 9
    LRU_PERCPU_HASH = 10
    LPM_TRIE = 11
    ARRAY_OF_MAPS = 12
    HASH_OF_MAPS = 13
    DEVMAP = 14
    CPUMAP = 16
    XSKMAP = 17
    QUEUE = 22
    STACK = 23
    DEVMAP_HASH = 25
    RINGBUF = 27
    BLOOM_FILTER = 30

    @property
    def per_cpu(self) -> bool:
        """Whether user space reads and writes one value for each possible CPU."""
        return self in {MapKind.PERCPU_HASH, MapKind.PERCPU_ARRAY, MapKind.LRU_PERCPU_HASH}

    @property
    def holds_maps(self) -> bool:
        """Whether its values are maps: written as descriptors, read as the kernel's numbers."""
        return self in {MapKind.ARRAY_OF_MAPS, MapKind.HASH_OF_MAPS}


class Scope(StrEnum):
    """Who shares a map of one name: the programs of a cube, or all cubes of the daemon.

    Of an EXTERN one, only the sizes are known: the map is made by another program.
    """

    CUBE = "cube"
    PUBLIC = "public"
    EXTERN = "extern"


class MapSpec(msgspec.Struct, frozen=True):
    """A map to be created: sizes in bytes, `entries` at most, `flags` as in `union bpf_attr`.

    `inner` names, for a map of maps, the one that those are like.
    """

    name: str
    kind: MapKind
    key_size: int
    value_size: int
    entries: int
    flags: int = 0
    scope: Scope = Scope.CUBE
    inner: str = ""

    def compatible(self, other: MapSpec) -> bool:
        """Whether a map made from `other` can serve in this one's place, contents and all."""
        return (self.kind, self.key_size, self.value_size, self.entries, self.flags) == (
            other.kind,
            other.key_size,
            other.value_size,
            other.entries,
            other.flags,
        )


class MapRef(msgspec.Struct, frozen=True):
    """Instruction number `insn` loads the address of the map called `map`."""

    insn: int
    map: str


class ConstRef(msgspec.Struct, frozen=True):
    """Instruction number `insn` loads the load-time constant called `name` (see pcn/base.h)."""

    insn: int
    name: str


class ProgramSpec(msgspec.Struct, frozen=True):
    """One program: its instructions and what they refer to."""

    name: str
    hook: Hook
    insns: bytes
    maps: tuple[MapRef, ...] = ()
    constants: tuple[ConstRef, ...] = ()


class ObjectSpec(msgspec.Struct, frozen=True):
    """All that one source compiles to: programs by function name and the maps they share."""

    programs: dict[str, ProgramSpec]
    maps: dict[str, MapSpec]
