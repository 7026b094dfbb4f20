"""Turning the bytes of one layout into those of another, leaf by leaf.

- `converter`: make a function for two layouts
- `CannotCarryError`: they do not allow it
"""

from __future__ import annotations

import time
from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING, Any

from polycube_runtime.support.codec import NO_PORTS, Field, Kind, MapLayout, StructLayout
from polycube_runtime.support.kinds import CODECS, NO_PORT, Context

if TYPE_CHECKING:
    from collections.abc import Mapping

Pair = tuple[bytes, bytes]
_STRIDE = 8
"""The kernel rounds each CPU's copy of a value up to this many bytes."""
_NUMBERS = frozenset({Kind.UINT, Kind.INT, Kind.NETWORK, Kind.AGE})
_MAPPED = bytes(10) + b"\xff\xff"


class CannotCarryError(Exception):
    """Two layouts of a table have too little in common; the message says what."""


class _Dropped(Exception):  # noqa: N818 (no error: an entry that has no place in the new layout)
    pass


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
        except _Dropped:
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
            value == _pack(one, one.created)
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
        unsummable = [one.leaf for one in before.value.fields if one.kind not in _NUMBERS]
        if unsummable:
            message = f"each CPU had its own {unsummable[0]}"
            raise CannotCarryError(message)
    keys = [{one.leaf for one in layout.key.fields} for layout in (before, now)]
    if families[0] != "array" and keys[0] != keys[1]:
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
    plan: list[tuple[int | None, int, Callable[[Any], Any], _Raw]] = []
    for field in now.fields:
        at, fresh = places.get(field.leaf), _fresh(field, defaults)
        if at is None:
            plan.append((None, 0, _same, fresh))
        else:
            old = before.fields[at]
            plan.append((at, old.bit, _leaf(old, field), _missing(field, fresh)))

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
        _Dropped: one that must be there is not.

    """
    if any(one.is_missing for one in raws):
        raise _Dropped
    items = [one.value for one in raws]
    if layout.has is not None:
        pairs = zip(layout.fields, raws, strict=True)
        items.insert(0, sum(field.bit for field, one in pairs if one.is_there))
    return layout.packer.pack(*items)


def _fresh(field: Field, defaults: Mapping[str, Any]) -> _Raw:
    """Return the raw value of a leaf that an old entry does not have."""
    value = field.created if field.created is not None else defaults.get(field.leaf)
    if value is None:
        zero = NO_PORT if field.kind is Kind.PORT else CODECS[field.kind].zero(field)
        return _Raw(zero, is_there=False)
    return _Raw(_pack(field, value))


def _missing(field: Field, fresh: _Raw) -> _Raw:
    """Return what stands for a leaf that could be left out once, and was."""
    must_be_there = not field.bit and field.kind is not Kind.OPTIONAL_PORT
    return replace(fresh, is_missing=must_be_there and not fresh.is_there)


def _pack(field: Field, value: Any) -> Any:
    return CODECS[field.kind].pack(field, Context(NO_PORTS, time.monotonic_ns()))(value)


def _unpack(field: Field, raw: Any) -> Any:
    return CODECS[field.kind].unpack(field, Context(NO_PORTS, time.monotonic_ns()))(raw)


def _same(raw: Any) -> Any:
    return raw


def _leaf(before: Field, now: Field) -> Callable[[Any], Any]:
    """Return a function from a leaf's old raw value to its new one."""
    kinds = (before.kind, now.kind)
    if make := _OF_ANY_SIZE.get(kinds):
        return make(before, now)
    if _fits(before, now):
        if before.kind is now.kind:
            return _GROWING.get(now.kind, _kept)(before, now)
        if Kind.AGE not in kinds and set(kinds) <= _NUMBERS and _keeps_sign(before, now):
            return _number(now)
    message = (
        f"its leaf {now.leaf} was {before.kind.value} of {before.size} bytes{_decimals(before)}"
        f" and is {now.kind.value} of {now.size}{_decimals(now)}"
    )
    raise CannotCarryError(message)


def _fits(before: Field, now: Field) -> bool:
    """Whether the bytes of the old leaf have room in the new one, and its decimals."""
    if now.kind is Kind.OCTETS:
        return before.size == now.size
    return before.size <= now.size and before.digits <= now.digits


def _keeps_sign(before: Field, now: Field) -> bool:
    """Whether every number of the old type is one of the new."""
    if before.kind is Kind.INT:
        return now.kind is Kind.INT
    return now.kind is not Kind.INT or before.size < now.size


def _kept(_before: Field, _now: Field) -> Callable[[Any], Any]:
    return _same


def _wider(_before: Field, now: Field) -> Callable[[bytes], bytes]:
    return lambda raw: raw.rjust(now.size, b"\0")


def _repacked(before: Field, now: Field) -> Callable[[Any], Any]:
    return lambda raw: _pack(now, _unpack(before, raw))


def _mapped(_before: Field, _now: Field) -> Callable[[bytes], bytes]:
    return lambda raw: _MAPPED + raw


def _number(now: Field) -> Callable[[Any], Any]:
    def convert(raw: Any) -> Any:
        value = int.from_bytes(raw, "big") if isinstance(raw, bytes) else raw
        return value.to_bytes(now.size, "big") if now.kind is Kind.NETWORK else value

    return convert


def _renumbered(before: Field, now: Field) -> Callable[[int], int]:
    names = {number: name for name, number in before.values}
    numbers = dict(now.values)

    def convert(raw: int) -> int:
        try:
            return numbers[names[raw]]
        except KeyError:
            raise _Dropped from None  # a value that there is no more

    return convert


def _decimals(field: Field) -> str:
    return f", {field.digits} decimals" if field.digits else ""


def _rearranged(before: Field, now: Field) -> Callable[[int], int]:
    masks = dict(now.values)
    known = [(mask, masks.get(name)) for name, mask in before.values]

    def convert(raw: int) -> int:
        found = [new for old, new in known if raw & old]
        if None in found:
            raise _Dropped  # a bit that there is no more
        return sum(new for new in found if new)

    return convert


def _finer(before: Field, now: Field) -> Callable[[int], int]:
    factor = int(10 ** (now.digits - before.digits))
    limit = 2 ** (8 * now.size - 1)

    def convert(raw: int) -> int:
        value = raw * factor
        if not -limit <= value < limit:
            raise _Dropped
        return value

    return convert


def _required_port(_before: Field, _now: Field) -> Callable[[int], int]:
    def convert(raw: int) -> int:
        if raw == NO_PORT:
            raise _Dropped
        return raw

    return convert


_Maker = Callable[[Field, Field], Callable[[Any], Any]]
_OF_ANY_SIZE: dict[tuple[Kind, Kind], _Maker] = {
    (Kind.ENUM, Kind.ENUM): _renumbered,
    (Kind.BITS, Kind.BITS): _rearranged,
    (Kind.IPV4, Kind.IP): _mapped,
    (Kind.PREFIX4, Kind.PREFIX): _repacked,
    (Kind.OPTIONAL_PORT, Kind.PORT): _required_port,
    (Kind.PORT, Kind.OPTIONAL_PORT): _kept,
}
_GROWING: dict[Kind, _Maker] = {
    Kind.NETWORK: _wider,
    Kind.DECIMAL64: _finer,
    Kind.BINARY: _repacked,
}
"""What is more than the same bytes where the size grows; all else is."""
