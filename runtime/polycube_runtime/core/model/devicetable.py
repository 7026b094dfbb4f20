"""Maps that name network interfaces, and maps of CPUs."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from polycube_runtime.core.model.table import BoundTable
from polycube_runtime.support.compounds import number
from polycube_runtime.support.errors import InvalidValue
from polycube_runtime.support.kinds import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping, Sequence

    from polycube_runtime.core.model.table import Pair
    from polycube_runtime.support.codec import Field, MapLayout

CPUS = "cpumap"
_DEVMAPS = frozenset({"devmap", "devmap_hash"})
_NETDEVS = frozenset({Kind.NETDEV, Kind.OPTIONAL_NETDEV})


def netdev_leaves(layout: MapLayout) -> tuple[str, ...]:
    """Return the leaves in a map that name network interfaces."""
    fields = (*layout.key.fields, *layout.value.fields)
    return tuple(field.leaf for field in fields if field.kind in _NETDEVS)


class DeviceTable(BoundTable):
    """A map with leaves that name interfaces.

    What a devmap holds is remembered: it loses the entries of an interface before anybody is told
    that this is gone. Only the daemon writes it.
    """

    def __init__(self, layout: MapLayout, *rest: Any) -> None:
        """As `BoundTable`."""
        self._kept: dict[bytes, bytes] | None = None
        super().__init__(layout, *rest)
        if layout.kind in _DEVMAPS:
            self._kept = dict(self.map.items())

    def remember(self, before: BoundTable | None) -> None:
        """Go on with what the table before this one, of the same map, remembers."""
        if isinstance(before, DeviceTable) and before.map is self.map:
            self._kept = before._kept  # noqa: SLF001 (of this class)

    def devices(self) -> set[int]:
        """Return the indices of interfaces that it names."""
        pairs, members = self._named_pairs(), self._members()
        return {_index(one, pair[side]) for side, one in members for pair in pairs} - {0}

    def naming(self, device: int) -> list[Pair]:
        """Return the entries that name an interface, packed."""
        members = self._members()
        return [
            pair
            for pair in self._named_pairs()
            if any(_index(field, pair[side]) == device for side, field in members)
        ]

    def lose(self, device: int) -> list[Pair]:
        """Take out the entries that name an interface; of an array, the leaf. Returns them."""
        found = self.naming(device)
        keys = [key for key, _ in found]
        if self._kept is not None:
            self._delete(keys)  # the kernel has done that, but for an instant
            if self.watch is not None:
                self.watch(self, list(found))
        elif self.is_array:
            pairs = [(key, self._without_device(value, device)) for key, value in found]
            self._watched(keys, lambda: self._update(pairs))
        else:
            self._watched(keys, lambda: self._remove(keys))
        return found

    def _without_device(self, value: bytes, device: int) -> bytes:
        raw = bytearray(value)
        for field in self.layout.value.fields:
            if field.kind in _NETDEVS and _index(field, value) == device:
                raw[field.offset : field.offset + field.size] = bytes(field.size)
        return bytes(raw)

    def _members(self) -> list[tuple[int, Field]]:
        halves = enumerate((self.layout.key, self.layout.value))
        return [(at, one) for at, half in halves for one in half.fields if one.kind in _NETDEVS]

    def _named_pairs(self) -> list[Pair]:
        return self._stored() if self._kept is None else list(self._kept.items())

    def _update(self, pairs: Sequence[Pair]) -> None:
        super()._update(pairs)
        if self._kept is not None:
            self._kept.update(pairs)

    def _delete(self, keys: Sequence[bytes]) -> int:
        if self._kept is not None:
            for key in keys:
                self._kept.pop(key, None)
        return super()._delete(keys)


class CpuTable(BoundTable):
    """A map of CPUs."""

    def __init__(self, layout: MapLayout, *rest: Any, cpus: int) -> None:
        """As `BoundTable`; `cpus` is how many there can be."""
        super().__init__(layout, *rest)
        self._cpus = cpus

    def packer(self) -> Callable[[Mapping[str, Any]], Pair]:
        """As `BoundTable.packer`, of CPUs that there are."""
        pack, (key,) = super().packer(), self.layout.key.fields

        def checked(entry: Mapping[str, Any]) -> Pair:
            if entry[key.leaf] >= self._cpus:
                cpu, last = entry[key.leaf], self._cpus - 1
                message = f"there is no CPU {cpu} in this machine; it has 0 to {last}"
                raise InvalidValue(message, key.leaf)
            return pack(entry)

        return checked


def _index(field: Field, raw: bytes) -> int:
    return number(raw, field.offset, field.size)
