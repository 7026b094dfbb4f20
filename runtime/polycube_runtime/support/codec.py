"""Between the JSON values of the dialect and the bytes in eBPF maps.

* ``StructLayout``: a C struct, with a precompiled ``struct.Struct``
* ``MapLayout``: an eBPF map; packs and unpacks its keys and values

Layouts come from generated ``maps.py``; a test holds them against clang's own idea of ``maps.h``.
Values to pack must have passed validation. Addresses are in network byte order, all else as the
processor has it unless ``Kind.NETWORK`` says otherwise; padding is zero.
"""

from __future__ import annotations

import struct
import sys
import time
from dataclasses import KW_ONLY, dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Any

from polycube_runtime.support.compounds import CODECS, is_port
from polycube_runtime.support.fields import NO_NETDEVS, NO_PORTS, Field, Netdevs, Ports
from polycube_runtime.support.kinds import Context, Kind
from polycube_runtime.support.nesting import at, flat, nester

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

__all__ = [
    "NO_NETDEVS",
    "NO_PORTS",
    "Field",
    "Kind",
    "MapLayout",
    "Netdevs",
    "OuterLayout",
    "Ports",
    "StructLayout",
]

Entry = dict[str, Any]
"""A list entry as JSON object."""

Raw = bytes | bytearray | memoryview

_SAMPLE = 32
"""So many values of a column tell whether it pays to read equal ones once only."""
_ARRAYS = frozenset({"array", "percpu_array"})
"""Kinds of maps of which every index always has a value."""
_NEEDED = frozenset({Kind.PORT, Kind.NETDEV})
"""Kinds of leaves without which there is no entry."""
_CPU_STRIDE = 8
"""The kernel rounds each CPU's copy of a value up to this many bytes."""


@dataclass(frozen=True, slots=True)
class StructLayout:
    """A C struct of ``size`` bytes; ``format`` is that of the struct module, padding included.

    ``has`` is the presence word, if some leaves may not be there; the format has it first.
    """

    name: str
    size: int
    format: str
    fields: tuple[Field, ...]
    _: KW_ONLY
    has: Field | None = None
    packer: struct.Struct = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Compile ``format``; ``ValueError`` if it does not give ``size`` bytes."""
        packer = struct.Struct(self.format)
        if packer.size != self.size:
            problem = f"{self.name}: {self.format!r} has {packer.size} bytes, not {self.size}"
            raise ValueError(problem)
        object.__setattr__(self, "packer", packer)

    def pack(self, entry: Mapping[str, Any], context: Context) -> bytes:
        """Return the bytes of the leaves in ``entry``; a leaf that is not there packs as zero."""
        return self.writer(context)(entry)

    def writer(self, context: Context) -> Callable[[Mapping[str, Any]], bytes]:
        """Return ``pack`` for many entries: what they share is looked up once."""
        plan = [
            (one.leaf, one.created, CODECS[one.kind].zero(one), CODECS[one.kind].pack(one, context))
            for one in self.fields
        ]
        pack = self.join
        bits = [*zip((one.bit for one in self.fields), self.needs, strict=True)]

        def write_optional(entry: Mapping[str, Any]) -> bytes:
            raws, word = [], 0
            for (leaf, created, zero, convert), (bit, need) in zip(plan, bits, strict=True):
                value = entry.get(leaf, created)
                if value is None or word & need != need:
                    raws.append(zero)
                else:
                    raws.append(convert(value))
                    word |= bit
            return pack(word, *raws)

        def write(entry: Mapping[str, Any]) -> bytes:
            raws = []
            for leaf, created, zero, convert in plan:
                value = entry.get(leaf, created)
                raws.append(zero if value is None else convert(value))
            return pack(*raws)

        return write if self.has is None else write_optional

    def columns(self, whole: Raw, context: Context) -> list[list[object]]:
        """Return the JSON values of many structs, which are one behind the other, leaf by leaf."""
        if not self.fields:
            return []
        flat = list(chain.from_iterable(self.raws(whole)))
        if self.has is not None:
            return self._optional_columns(flat, context)
        width = len(self.fields)
        pairs = zip(self.fields, self.readers(context), strict=True)
        return [
            _column(flat[start::width], read, one) for start, (one, (_, read)) in enumerate(pairs)
        ]

    def _optional_columns(self, flat: list[Any], context: Context) -> list[list[object]]:
        width = len(self.fields) + 1
        words, columns = flat[::width], []
        for start, (one, (_, read)) in enumerate(
            zip(self.fields, self.readers(context), strict=True), 1
        ):
            column, bit = _column(flat[start::width], read, one), one.bit
            if bit:
                pairs = zip(words, column, strict=True)
                column = [value if word & bit == bit else None for word, value in pairs]
            columns.append(column)
        return columns

    @property
    def needs(self) -> list[int]:
        """For each leaf, the bits of the presence containers around it."""
        marks, found = 0, []
        for one in self.fields:  # a container is before what it holds, and so are its bits
            found.append(one.bit & marks)
            if one.kind is Kind.PRESENCE:
                marks |= 1 << one.bit.bit_length() - 1
        return found

    def split(self, raw: Raw) -> tuple[int, tuple[Any, ...]]:
        """Return the presence word and the raw values of the leaves; without one all are there."""
        (values,) = self.raws(raw[: self.size])
        return (-1, values) if self.has is None else (values[0], values[1:])

    @property
    def join(self) -> Callable[..., bytes]:
        """Return what makes the bytes of the raw values of leaves (the presence word first)."""
        return self.packer.pack

    def raws(self, whole: Raw) -> Iterator[tuple[Any, ...]]:
        """Yield the raw values of many structs, which are one behind the other."""
        return self.packer.iter_unpack(whole)

    def head(self, count: int) -> Callable[[bytes], object]:
        """Return what tells of the bytes of a key what its first ``count`` leaves are."""
        first, last = self.fields[0], self.fields[count - 1]
        whole = slice(first.offset, last.offset + last.size)
        return lambda raw: raw[whole]

    def number(self, member: Field, raw: bytes) -> int:
        """Return the number that a field holds in these bytes."""
        return int.from_bytes(raw[member.offset : member.offset + member.size], sys.byteorder)

    def readers(self, context: Context) -> tuple[tuple[str, Callable[[Any], object]], ...]:
        """Return, for each leaf, its name and a function from the raw to the JSON value."""
        return tuple(
            (member.leaf, CODECS[member.kind].unpack(member, context)) for member in self.fields
        )


@dataclass(frozen=True, slots=True)
class OuterLayout:
    """A map of maps: hash or array, how many inner maps it takes, bytes of its key."""

    name: str
    kind: str
    entries: int
    size: int


@dataclass(frozen=True, slots=True)
class MapLayout:
    """An eBPF map: ``kind`` and ``flags`` as bcc has them, ``entries`` its size.

    The index of an array is its key; ``key`` then has at most one field. The keys of the lists
    around the bound one come first, and are called by their schema paths (``chain/name``).
    ``present`` is the offset in the value of the byte that is 1 in entries of the list and, in an
    array, 0 elsewhere; None where there is none. ``occupied`` names the map whose one u32 says
    whether this one has entries. With ``outer`` there is such a map for each entry around the list,
    and ``key`` begins with that of the map of maps.
    """

    name: str
    kind: str
    entries: int
    key: StructLayout
    value: StructLayout
    _: KW_ONLY
    flags: int = 0
    present: int | None = None
    occupied: str = ""
    outer: OuterLayout | None = None

    @property
    def above(self) -> tuple[str, ...]:
        """What the keys of the lists around this one are called, outermost first."""
        return tuple(member.leaf for member in self.key.fields if "/" in member.leaf)

    @property
    def has_holes(self) -> bool:
        """Whether only those indices of an array are entries that say so."""
        return self.present is not None and self.kind in _ARRAYS

    @property
    def is_array(self) -> bool:
        """Whether every index is an entry."""
        return self.present is None and self.kind in _ARRAYS

    def is_there(self, raw: Raw) -> bool:
        """Whether a value read from the map is that of an entry."""
        return not self.has_holes or raw[self.present or 0] != 0

    @property
    def per_cpu(self) -> bool:
        """Whether each CPU has a value of its own."""
        return "percpu" in self.kind

    @property
    def port_leaves(self) -> tuple[str, ...]:
        """Names of the leaves and leaf-lists that are ports."""
        fields = (*self.key.fields, *self.value.fields)
        lists = (one for one in fields if one.kind is Kind.LIST and is_port(one.parts[0]))
        return tuple(one.leaf for one in (*filter(is_port, fields), *lists))

    def is_created(self, entry: Entry) -> bool:
        """Whether an unpacked entry is the operator's, and not made by the data plane."""
        return all(
            at(entry, member.leaf) == member.created
            for member in self.value.fields
            if member.created is not None
        )

    @property
    def expiry(self) -> str:
        """Schema path of the leaf with the greatest age of an entry in seconds; empty if none."""
        return next((member.expiry for member in self.value.fields if member.expiry), "")

    @property
    def age(self) -> str:
        """Name of the leaf with the age of an entry; empty if there is none."""
        return self.age_member.leaf if self.age_member else ""

    @property
    def age_member(self) -> Field | None:
        """The member that holds when an entry was last used; None if there is none."""
        return next((member for member in self.value.fields if member.kind is Kind.AGE), None)

    def pack_key(self, entry: Mapping[str, Any], ports: Ports = NO_PORTS) -> bytes:
        """Return the key of ``entry``, its other leaves ignored."""
        return self.key.pack(entry, Context(ports, 0))

    def pack_value(
        self, entry: Mapping[str, Any], ports: Ports = NO_PORTS, now: int | None = None
    ) -> bytes:
        """Return the value of ``entry``, its key leaves ignored.

        ``now`` is CLOCK_MONOTONIC in nanoseconds. For a per-CPU map this is one CPU's copy.
        """
        return self.writers(ports, _clock(now))[1](entry)

    def writers(
        self, ports: Ports, now: int
    ) -> tuple[Callable[[Mapping[str, Any]], bytes], Callable[[Mapping[str, Any]], bytes]]:
        """Return ``pack_key`` and ``pack_value`` for many entries."""
        write, mark, is_nested = (
            self.value.writer(Context(ports, now)),
            self.present,
            self.is_nested,
        )

        def marked(entry: Mapping[str, Any]) -> bytes:
            raw = write(flat(entry) if is_nested else entry)
            return raw if mark is None else raw[:mark] + b"\x01" + raw[mark + 1 :]

        plain = mark is None and not is_nested
        return self.key.writer(Context(ports, 0)), write if plain else marked

    def unpack_entries(
        self,
        pairs: Iterable[tuple[Raw, Raw]],
        ports: Ports = NO_PORTS,
        now: int | None = None,
    ) -> list[Entry]:
        """Return whole entries from (key, value) pairs, as fast as can be.

        Entries that name a port which is gone are left out, and what is no entry of the list.
        """
        found = (
            [pair for pair in pairs if self.is_there(pair[1])] if self.has_holes else list(pairs)
        )
        values = (self.summed(raw) for _, raw in found) if self.per_cpu else (v for _, v in found)
        keys = b"".join(key for key, _ in found)
        return self._decoded(keys, b"".join(values), len(found), Context(ports, _clock(now)))

    def unpack_dump(
        self, keys: bytes, values: bytes, ports: Ports = NO_PORTS, now: int | None = None
    ) -> list[Entry]:
        """As ``unpack_entries``, of all keys one behind the other and all values likewise."""
        size = self.key.size or 4
        count = len(keys) // size
        if not (self.has_holes or self.per_cpu) and count:
            return self._decoded(keys, values, count, Context(ports, _clock(now)))
        stride = len(values) // count if count else 1
        pairs = zip(
            (keys[at : at + size] for at in range(0, len(keys), size)),
            (values[at : at + stride] for at in range(0, len(values), stride)),
            strict=True,
        )
        return self.unpack_entries(pairs, ports, now)

    def _decoded(self, keys: bytes, values: bytes, count: int, context: Context) -> list[Entry]:
        columns = [*self.key.columns(keys, context), *self.value.columns(values, context)]
        members = self.key.fields + self.value.fields
        pairs = [*zip(members, columns, strict=True)]
        entries = _entries(pairs, count, len(self.key.fields))
        return [*map(self._nested(), entries)] if self.is_nested else entries

    @property
    def is_nested(self) -> bool:
        """Whether some leaves of the value are in containers."""
        return any("/" in one.leaf or one.kind is Kind.PRESENCE for one in self.value.fields)

    def _nested(self) -> Callable[[Entry], Entry]:
        fields = self.value.fields
        marks = [one.leaf for one in fields if one.kind is Kind.PRESENCE]
        return nester([one.leaf for one in fields if "/" in one.leaf or one.leaf in marks], marks)

    def summed(self, raw: Raw) -> Raw:
        """Return one value: the sum over the CPUs' copies, or ``raw`` if there is one only."""
        if not self.per_cpu:
            return raw
        size = self.value.size
        stride = -(-size // _CPU_STRIDE) * _CPU_STRIDE
        unpack_from = self.value.packer.unpack_from
        copies = [unpack_from(raw, offset) for offset in range(0, len(raw), stride)]
        totals = [
            sum(column) % 2 ** (8 * member.size)
            for member, column in zip(self.value.fields, zip(*copies, strict=True), strict=True)
        ]
        return self.value.packer.pack(*totals)


def _column(raws: Sequence[Any], read: Callable[[Any], object], field: Field) -> list[object]:
    if field.kind is Kind.LIST or len(set(raws[:_SAMPLE])) > _SAMPLE // 2:
        return list(map(read, raws))
    known = {raw: read(raw) for raw in set(raws)}
    return [known[raw] for raw in raws]


def _entries(columns: list[tuple[Field, list[object]]], count: int, keys: int) -> list[Entry]:
    """Turn columns, first those of the keys, into entries; what is None is not there.

    Without one of its keys, or the port that it needs, no entry is.
    """
    gone = [
        column
        for number, (member, column) in enumerate(columns)
        if (number < keys or member.kind in _NEEDED) and None in column
    ]
    there = [(member.leaf, column) for member, column in columns if column.count(None) < count]
    if not there:
        return [] if gone else [{} for _ in range(count)]
    leaves = [leaf for leaf, _ in there]
    rows = zip(*(column for _, column in there), strict=True)
    entries = [dict(zip(leaves, row)) for row in rows]  # noqa: B905 (rows are all as long)
    for leaf, column in there:
        if None in column:
            for entry, value in zip(entries, column, strict=True):
                if value is None:
                    del entry[leaf]
    if not gone:
        return entries
    whole = zip(entries, zip(*gone, strict=True), strict=True)
    return [entry for entry, ports in whole if None not in ports]


def _clock(now: int | None) -> int:
    return time.clock_gettime_ns(time.CLOCK_MONOTONIC) if now is None else now
