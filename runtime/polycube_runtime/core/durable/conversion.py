"""Turning the bytes of one layout into those of another, leaf by leaf.

- `converter`: make a function for two layouts
- `CannotCarryError`: they do not allow it
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from polycube_runtime.core.durable.leaves import (
    NUMBERS,
    OPTIONAL,
    CannotCarryError,
    Dropped,
    leaf,
    pack,
    same,
)
from polycube_runtime.support.codec import Field, Kind, MapLayout, StructLayout
from polycube_runtime.support.compounds import CODECS
from polycube_runtime.support.kinds import NO_PORT

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

__all__ = ["CannotCarryError", "Converter", "converter"]

Pair = tuple[bytes, bytes]
_STRIDE = 8
"""The kernel rounds each CPU's copy of a value up to this many bytes."""


@dataclass(frozen=True, slots=True)
class _Raw:
    """The raw value of a leaf; ``is_missing`` if an entry cannot be without it."""

    value: Any
    is_there: bool = True
    is_missing: bool = False


class Converter:
    """Converts entries; `None` for one that the new layout cannot hold."""

    def __init__(
        self,
        before: MapLayout,
        now: MapLayout,
        defaults: Mapping[str, Any],
        sizes: tuple[int, int],
    ) -> None:
        """Take the sizes of whole values, old and new, from the maps: they depend on the CPUs."""
        self._before, self._now = before, now
        self._old_size, self._new_size = sizes
        self._key = _row(before.key, now.key, {}, "key")
        self._value = _row(before.value, now.value, defaults, "value")
        self._defaults = defaults

    def __call__(self, pair: Pair) -> Pair | None:
        """Convert an entry."""
        try:
            return self._key(pair[0]), self._values(pair[1])
        except Dropped:
            return None

    def blank(self) -> bytes:
        """Return what an index of the new array holds that the old one did not have."""
        fields = self._now.value.fields
        given = {field.leaf: _fresh(field, self._defaults) for field in fields}
        one = _joined(self._now.value, [given[field.leaf] for field in fields])
        copies = self._new_size // _stride(self._now) if self._now.per_cpu else 1
        return one.ljust(_stride(self._now), b"\0") * copies if self._now.per_cpu else one

    def is_created(self, raw: bytes) -> bool:
        """Whether an old entry is the operator's, and not made by the data plane."""
        layout = self._before.value
        _, values = layout.split(raw)
        return all(
            value == pack(one, one.created)
            for one, value in zip(layout.fields, values, strict=True)
            if one.created is not None
        )

    def _values(self, raw: bytes) -> bytes:
        """Convert a value, or each CPU's; between the two kinds, their sum is one CPU's."""
        before, now = self._before, self._now
        if not before.per_cpu or not now.per_cpu:
            one = self._marked(self._value(bytes(before.summed(raw))))
            return one.ljust(self._new_size, b"\0")
        old, new = _stride(before), _stride(now)
        copies = (raw[at : at + before.value.size] for at in range(0, self._old_size, old))
        return b"".join(self._marked(self._value(copy)).ljust(new, b"\0") for copy in copies)

    def _marked(self, raw: bytes) -> bytes:
        at = self._now.present
        return raw if at is None else raw[:at] + b"\x01" + raw[at + 1 :]


def converter(
    before: MapLayout,
    now: MapLayout,
    defaults: Mapping[str, Any],
    old_size: int,
    new_size: int,
) -> Converter:
    """Return what turns entries of one layout into those of another.

    The sizes are those of whole values, of all CPUs. `defaults` are those of leaves by name.

    Raises:
        CannotCarryError: key or types do not allow it.

    """
    families = _family(before), _family(now)
    if families[0] != families[1]:
        message = f"it was of kind {before.kind} and is of kind {now.kind}"
        raise CannotCarryError(message)
    if before.per_cpu and not now.per_cpu:
        unsummable = [one.leaf for one in before.value.fields if one.kind not in NUMBERS]
        if unsummable:
            message = f"each CPU had its own {unsummable[0]}"
            raise CannotCarryError(message)
    keys = [{one.leaf for one in layout.key.fields} for layout in (before, now)]
    is_index = families[0] == "array" and max(map(len, keys)) <= 1
    if not is_index and keys[0] != keys[1]:
        texts = [", ".join(sorted(one)) or "nothing" for one in keys]
        message = f"its key was {texts[0]} and is {texts[1]}"
        raise CannotCarryError(message)
    return Converter(before, now, defaults, (old_size, new_size))


def _family(layout: MapLayout) -> str:
    return layout.kind.removeprefix("lru_").removeprefix("percpu_")


def _stride(layout: MapLayout) -> int:
    return -(-layout.value.size // _STRIDE) * _STRIDE


def _row(
    before: StructLayout, now: StructLayout, defaults: Mapping[str, Any], what: str
) -> Callable[[bytes], bytes]:
    if not before.fields and not now.fields and what == "key":
        return lambda raw: raw  # the index of an array
    places = {one.leaf: at for at, one in enumerate(before.fields)}
    if what == "key" and len(before.fields) == len(now.fields) == 1:
        places = {now.fields[0].leaf: 0}  # an index is one by whatever name
    plan: list[tuple[int | None, int, Callable[[Any], Any], _Raw]] = []
    for field in now.fields:
        at, fresh = places.get(field.leaf), _fresh(field, defaults)
        if at is None and field.kind is Kind.PRESENCE:
            held = any(one.leaf.startswith(f"{field.leaf}/") for one in before.fields)
            plan.append((None, 0, same, replace(fresh, is_there=held)))
        elif at is None:
            plan.append((None, 0, same, fresh))
        else:
            old = before.fields[at]
            plan.append((at, old.bit, leaf(old, field), _missing(field, fresh)))

    def convert(raw: bytes) -> bytes:
        word, old = before.split(raw)
        raws = [
            fresh if at is None or word & bit != bit else _Raw(to(old[at]))
            for at, bit, to, fresh in plan
        ]
        return _joined(now, raws)

    return convert


def _joined(layout: StructLayout, raws: list[_Raw]) -> bytes:
    """Pack raw values, with the presence word that says which of them are there.

    Raises:
        Dropped: one that must be there is not.

    """
    if any(one.is_missing for one in raws):
        raise Dropped
    items = [one.value for one in raws]
    if layout.has is not None:
        word = 0
        for at, (field, one, need) in enumerate(
            zip(layout.fields, raws, layout.needs, strict=True)
        ):
            if word & need != need:  # the container around it is not there
                items[at] = CODECS[field.kind].zero(field)
            elif one.is_there:
                word |= field.bit
        items.insert(0, word)
    return layout.join(*items)


def _fresh(field: Field, defaults: Mapping[str, Any]) -> _Raw:
    """Return the raw value of a leaf that an old entry does not have."""
    value = field.created if field.created is not None else defaults.get(field.leaf)
    if value is None:
        zero = NO_PORT if field.kind is Kind.PORT else CODECS[field.kind].zero(field)
        return _Raw(zero, is_there=False)
    return _Raw(pack(field, value))


def _missing(field: Field, fresh: _Raw) -> _Raw:
    """Return what stands for a leaf that could be left out once, and was."""
    must_be_there = not field.bit and field.kind not in OPTIONAL
    return replace(fresh, is_missing=must_be_there and not fresh.is_there)
