"""Between the JSON values of the dialect and the bytes in eBPF maps.

* ``Field``: one member of a C struct and the leaf that it holds
* ``StructLayout``: a C struct, with a precompiled ``struct.Struct``
* ``MapLayout``: an eBPF map; packs and unpacks its keys and values
* ``Ports``: what the codec asks about the ports of a cube

Layouts come from generated ``maps.py``; a test holds them against clang's own idea of ``maps.h``.
Values to pack must have passed validation. Addresses are in network byte order, all else as the
processor has it unless ``Kind.NETWORK`` says otherwise; padding is zero.
"""

from __future__ import annotations

import struct
import time
from dataclasses import KW_ONLY, dataclass, field
from itertools import chain
from typing import TYPE_CHECKING, Any, Protocol

from polycube_runtime.support.errors import InvalidValue
from polycube_runtime.support.kinds import CODECS, Context, Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

__all__ = ["Field", "Kind", "MapLayout", "Ports", "StructLayout"]

Entry = dict[str, Any]
"""A list entry as JSON object."""

Raw = bytes | bytearray | memoryview

_SAMPLE = 32
"""So many values of a column tell whether it pays to read equal ones once only."""
_CPU_STRIDE = 8
"""The kernel rounds each CPU's copy of a value up to this many bytes."""


class Ports(Protocol):
    """The ports of a cube, as the codec needs to know them."""

    def index(self, name: str) -> int:
        """Return the index of the port ``name``; raise ``InvalidValue`` if there is none."""

    def name(self, index: int) -> str | None:
        """Return the name of the port with ``index``, or None if there is none any more."""


class _NoPorts:
    """Stands in where no layout has a port: any use of it refuses the value."""

    def index(self, name: str) -> int:
        problem = f"'{name}' is not a port of this cube"
        raise InvalidValue(problem)

    def name(self, index: int) -> str | None:  # noqa: ARG002
        return None


NO_PORTS: Ports = _NoPorts()


@dataclass(frozen=True, slots=True)
class Field:
    """One leaf in a struct.

    ``member`` is its C name. ``created`` is the value that stands for a leaf which the operator
    cannot give (``type`` of an FDB entry is "static" when it came by REST). ``expiry`` is the
    schema path of the leaf with the greatest age in seconds. A ``summed`` leaf is the total over
    all CPUs. ``bit`` is that of the presence word which says that the leaf is there; 0 if it always
    is. ``digits`` are the decimals of a decimal64.
    """

    member: str
    leaf: str
    kind: Kind
    offset: int
    size: int
    _: KW_ONLY
    values: tuple[tuple[str, int], ...] = ()
    created: object = None
    expiry: str = ""
    summed: bool = False
    bit: int = 0
    digits: int = 0


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
        pack = self.packer.pack
        bits = [one.bit for one in self.fields]

        def write_optional(entry: Mapping[str, Any]) -> bytes:
            raws, word = [], 0
            for (leaf, created, zero, convert), bit in zip(plan, bits, strict=True):
                value = entry.get(leaf, created)
                if value is None:
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
        flat = list(chain.from_iterable(self.packer.iter_unpack(whole)))
        if self.has is not None:
            return self._optional_columns(flat, context)
        readers, width = enumerate(self.readers(context)), len(self.fields)
        return [_column(flat[at::width], read) for at, (_, read) in readers]

    def _optional_columns(self, flat: list[Any], context: Context) -> list[list[object]]:
        width = len(self.fields) + 1
        words, columns = flat[::width], []
        for at, (one, (_, read)) in enumerate(
            zip(self.fields, self.readers(context), strict=True), 1
        ):
            column, bit = _column(flat[at::width], read), one.bit
            if bit:
                pairs = zip(words, column, strict=True)
                column = [value if word & bit else None for word, value in pairs]
            columns.append(column)
        return columns

    def split(self, raw: Raw) -> tuple[int, tuple[Any, ...]]:
        """Return the presence word and the raw values of the leaves; without one all are there."""
        values = self.packer.unpack_from(raw)
        return (-1, values) if self.has is None else (values[0], values[1:])

    def readers(self, context: Context) -> tuple[tuple[str, Callable[[Any], object]], ...]:
        """Return, for each leaf, its name and a function from the raw to the JSON value."""
        return tuple(
            (member.leaf, CODECS[member.kind].unpack(member, context)) for member in self.fields
        )


@dataclass(frozen=True, slots=True)
class MapLayout:
    """An eBPF map: ``kind`` and ``flags`` as bcc has them, ``entries`` its size.

    The index of an array is its key; ``key`` then has at most one field. The keys of the lists
    around the bound one come first, and are called by their schema paths (``chain/name``).
    ``present`` is the offset in the value of the byte that is 1 in entries of the list and 0
    elsewhere; None where there is none. ``occupied`` names the map whose one u32 says whether this
    one has entries.
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

    @property
    def above(self) -> tuple[str, ...]:
        """What the keys of the lists around this one are called, outermost first."""
        return tuple(member.leaf for member in self.key.fields if "/" in member.leaf)

    def is_there(self, raw: Raw) -> bool:
        """Whether a value read from the map is that of an entry."""
        return self.present is None or raw[self.present] != 0

    @property
    def per_cpu(self) -> bool:
        """Whether each CPU has a value of its own."""
        return "percpu" in self.kind

    @property
    def port_leaves(self) -> tuple[str, ...]:
        """Names of the leaves that are ports."""
        ports = {Kind.PORT, Kind.OPTIONAL_PORT}
        fields = (*self.key.fields, *self.value.fields)
        return tuple(member.leaf for member in fields if member.kind in ports)

    def is_created(self, entry: Entry) -> bool:
        """Whether an unpacked entry is the operator's, and not made by the data plane."""
        return all(
            entry.get(member.leaf) == member.created
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
        value, at = self.value.writer(Context(ports, now)), self.present
        if at is None:
            return self.key.writer(Context(ports, 0)), value

        def marked(entry: Mapping[str, Any]) -> bytes:
            raw = value(entry)
            return raw[:at] + b"\x01" + raw[at + 1 :]

        return self.key.writer(Context(ports, 0)), marked

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
            [pair for pair in pairs if self.is_there(pair[1])]
            if self.present is not None
            else list(pairs)
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
        if self.present is None and not self.per_cpu and count:
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
        return _entries([*zip(members, columns, strict=True)], count)

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


def _column(raws: Sequence[Any], read: Callable[[Any], object]) -> list[object]:
    if len(set(raws[:_SAMPLE])) > _SAMPLE // 2:
        return list(map(read, raws))
    known = {raw: read(raw) for raw in set(raws)}
    return [known[raw] for raw in raws]


def _entries(columns: list[tuple[Field, list[object]]], count: int) -> list[Entry]:
    """Turn columns into entries; what is None is not there, and without its port no entry is."""
    gone = [column for member, column in columns if member.kind is Kind.PORT and None in column]
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
