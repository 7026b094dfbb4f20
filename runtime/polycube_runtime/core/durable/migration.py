"""Carrying the contents of a table over into one of another layout.

A service's new version may lay a table out anew, or make it larger. Leaves are known by their YANG
names: those that both layouts have are carried over, wider integers and renumbered enumerations
too; new ones get their defaults. Where key or types do not allow that, what the data plane had
learnt is gone, which the log says, and what was configured comes from the journal.

- `carry`: do it
- `Layouts`: how the maps of a cube are laid out, those of an earlier life too
- `as_json`, `from_json`: a layout for the journal
"""

from __future__ import annotations

import logging
import sys
from dataclasses import astuple
from typing import TYPE_CHECKING, Any

import msgspec

from polycube_runtime.bpf.spec import MapKind
from polycube_runtime.core.durable.conversion import CannotCarryError, converter
from polycube_runtime.core.loading.innermaps import InnerMaps
from polycube_runtime.support import mapkeys
from polycube_runtime.support.codec import Field, Kind, MapLayout, OuterLayout, StructLayout

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from polycube_runtime.bpf.kernel import Map
    from polycube_runtime.bpf.spec import MapSpec

_log = logging.getLogger(__name__)

Defaults = dict[str, Any]
"""The defaults of a table's leaves by name."""
Pair = tuple[bytes, bytes]
_ARRAYS = frozenset({MapKind.ARRAY, MapKind.PERCPU_ARRAY})
_TABLES = _ARRAYS | {
    MapKind.HASH,
    MapKind.PERCPU_HASH,
    MapKind.LRU_HASH,
    MapKind.LRU_PERCPU_HASH,
    MapKind.LPM_TRIE,
}
"""Kinds that hold something of a service's; what is in the others, the runtime writes anew."""


class Layouts:
    """The layouts of a cube's maps: those that its service has `now`, those in the kernel by id."""

    def __init__(
        self,
        cube: str,
        now: Iterable[MapLayout],
        defaults: Callable[[str], Defaults],
        known: Mapping[int, str],
    ) -> None:
        """Know of the maps that an earlier life has `known`; `defaults` are by a map's name.

        Raises:
            ValueError: what is known of a map cannot be read.

        """
        self._cube = cube
        self._now = {layout.name: layout for layout in now}
        self._defaults = defaults
        self._known = {number: from_json(text) for number, text in known.items()}
        self._saved = set(known)

    def has_programs(self, name: str) -> bool:
        """Whether a map holds programs, as the model says."""
        return name in self._now and self._now[name].kind == "prog_array"

    def fits(self, name: str, map_: Map, spec: MapSpec) -> bool:
        """Whether a map can serve as the one called `name`, contents and all."""
        before, now = self._known.get(map_.id), self._now.get(name)
        is_same = before is None or now is None or before.name != name or _equal(before, now)
        return is_same and map_.spec.compatible(spec)

    def is_inner(self, name: str) -> bool:
        """Whether there are many maps of that name, in a map of maps."""
        return name in self._now and self._now[name].outer is not None

    def outer_of(self, map_: Map) -> str:
        """Name the map of maps whose inner maps are like this one; empty if there is none."""
        known = self._known.get(map_.id)
        return known.outer.name if known and known.outer else ""

    def carry(self, name: str, old: Map, new: Map) -> bool:
        """Fill a new map with what an old one has; False, and the log says why, if it cannot be."""
        now = self._now.get(name)
        if old.spec.kind not in _TABLES or name.startswith("pcn_"):
            _log.info("%s: map %s is laid out anew and filled anew", self._cube, name)
            return False
        before = self._known.get(old.id)
        if before is not None and before.name != name:
            before = None
        try:
            kept, left = carry(before, old, now, new, self._defaults(name))
        except CannotCarryError as error:
            _log.warning(
                "%s: table %s is not carried over: %s; what was learnt is gone,"
                " what was configured is there",
                *(self._cube, name, error),
            )
            return False
        _log.info("%s: %d entries of table %s carried over", self._cube, kept, name)
        if left:
            message = "%s: table %s: %d entries are gone: they do not fit (it takes %d)"
            room = new.room if isinstance(new, InnerMaps) else new.spec.entries
            _log.warning(message, self._cube, name, left, room)
        return True

    def note(self, name: str, map_: Map) -> None:
        """Note that a map which was just made is laid out as the service has it now."""
        self._saved.discard(map_.id)
        if name in self._now:
            self._known[map_.id] = self._now[name]

    def unsaved(self, maps: Iterable[Map]) -> dict[int, MapLayout]:
        """Return the layouts of maps that the journal does not have, by the maps' ids."""
        new = {one.id for one in maps} - self._saved
        return {number: self._known[number] for number in sorted(new) if number in self._known}

    def keep_only(self, maps: Iterable[Map]) -> bool:
        """Forget all other maps; says whether there were any."""
        gone = self._known.keys() - {one.id for one in maps}
        for number in gone:
            del self._known[number]
        self._saved -= gone
        return bool(gone)

    def saved(self, numbers: Iterable[int]) -> None:
        """Note that the journal has them."""
        self._saved.update(numbers)


def carry(
    before: MapLayout | None, old: Map, now: MapLayout | None, new: Map, defaults: Defaults
) -> tuple[int, int]:
    """Copy what `old` holds into `new`, which is empty; returns how many entries did and did not.

    Without layouts, bytes are copied if there are as many.

    Raises:
        CannotCarryError: the layouts do not allow it; says why. Nothing was copied.

    """
    if before is None or now is None:
        _require_same_bytes(old.spec, new.spec)
        pairs = old.items()
    else:
        convert = converter(before, now, defaults, old.value_size, new.value_size)
        blank = convert.blank() if now.is_array else None
        if blank is not None and not isinstance(new, InnerMaps):
            new.update_many([(key, blank) for key, _ in new.items()])
        stored = [pair for pair in old.items() if before.is_there(pair[1])]
        # If there is not enough room, what was configured goes first.
        stored.sort(key=lambda pair: not convert.is_created(pair[1]))
        pairs = [pair for pair in map(convert, stored) if pair is not None]
        gone = len(stored) - len(pairs)
        return _fill(new, pairs, gone, blank)
    return _fill(new, pairs, 0)


def _fill(new: Map, pairs: list[Pair], gone: int, blank: bytes | None = None) -> tuple[int, int]:
    if isinstance(new, InnerMaps):
        kept = new.fill(pairs, blank)
        return kept, len(pairs) - kept + gone
    if new.spec.kind in _ARRAYS:
        fitting = [
            pair for pair in pairs if int.from_bytes(pair[0], sys.byteorder) < new.spec.entries
        ]
    else:
        fitting = pairs[: new.spec.entries]
    new.update_many(fitting)
    return len(fitting), len(pairs) - len(fitting) + gone


def _require_same_bytes(old: MapSpec, new: MapSpec) -> None:
    if (old.key_size, old.value_size, old.kind.per_cpu) != (
        new.key_size,
        new.value_size,
        new.kind.per_cpu,
    ) or (old.kind in _ARRAYS) != (new.kind in _ARRAYS):
        message = (
            f"it had {old.key_size} bytes to {old.value_size} ({old.kind.name.lower()}) and has"
            f" {new.key_size} to {new.value_size} ({new.kind.name.lower()}), of no known leaves"
        )
        raise CannotCarryError(message)


# For the journal


def _equal(one: MapLayout, other: MapLayout) -> bool:
    return _shape(one) == _shape(other)


def _shape(layout: MapLayout) -> dict[str, Any]:
    """Return what bytes mean, as plain data."""
    return {
        "name": layout.name,
        "kind": layout.kind,
        "entries": layout.entries,
        "flags": layout.flags,
        "present": layout.present,
        "outer": layout.outer and astuple(layout.outer),
        "key": _struct(layout.key),
        "value": _struct(layout.value),
    }


def _struct(layout: StructLayout) -> dict[str, Any]:
    fields = [*map(_described, layout.fields)]
    has = [layout.has.offset, layout.has.size] if layout.has else None
    whole = {"size": layout.size, "format": layout.format, "fields": fields, "has": has}
    return {**whole, **mapkeys.described(layout)}


def _described(field: Field) -> dict[str, Any]:
    found = {
        "leaf": field.leaf,
        "kind": field.kind.value,
        "offset": field.offset,
        "size": field.size,
        "values": [list(pair) for pair in field.values],
        "created": field.created,
        "summed": field.summed,
        "bit": field.bit,
        "digits": field.digits,
        "unit": field.unit,
        "bits": field.bits,
    }
    return {**found, "parts": [*map(_described, field.parts)]} if field.parts else found


def as_json(layout: MapLayout) -> str:
    """Return a layout as text: names, kinds, offsets, sizes."""
    return msgspec.json.encode(_shape(layout)).decode()


def from_json(text: str) -> MapLayout:
    """Read what `as_json` wrote.

    Raises:
        ValueError, TypeError, KeyError: it is none.

    """
    read = msgspec.json.decode(text)
    key, value = (
        mapkeys.maker(one)(
            side,
            one["size"],
            one["format"],
            tuple(map(_field, one["fields"])),
            has=Field("has", "", Kind.UINT, *one["has"]) if one.get("has") else None,
        )
        for side, one in (("key", read["key"]), ("value", read["value"]))
    )
    return MapLayout(
        read["name"],
        read["kind"],
        read["entries"],
        key,
        value,
        flags=read["flags"],
        present=read["present"],
        outer=OuterLayout(*read["outer"]) if read.get("outer") else None,
    )


def _field(read: dict[str, Any]) -> Field:
    return Field(
        read["leaf"],
        read["leaf"],
        Kind(read["kind"]),
        read["offset"],
        read["size"],
        values=tuple((name, number) for name, number in read["values"]),
        created=read["created"],
        summed=read["summed"],
        bit=read.get("bit", 0),  # an older journal knows of no such leaves
        digits=read.get("digits", 0),
        parts=tuple(map(_field, read.get("parts", ()))),
        unit=read.get("unit", 0),
        bits=read.get("bits", 64),
    )
