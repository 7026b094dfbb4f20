"""Maps bound to the model, in JSON values."""

from __future__ import annotations

import time
from collections.abc import Callable, Iterable, Mapping
from typing import Any

from polycube_runtime.bpf.kernel import Map
from polycube_runtime.support.codec import MapLayout, Ports

Entry = dict[str, Any]


class BoundTable:
    """One map of a cube; see `support.control.Table`.

    `max_age` answers the seconds after which entries expire, or None.
    """

    def __init__(
        self, layout: MapLayout, map_: Map, ports: Ports, max_age: Callable[[], int | None]
    ) -> None:
        """Bind `map_`, whose keys and values are laid out as `layout` says."""
        self.layout = layout
        self.map = map_
        self._ports = ports
        self._max_age = max_age

    @property
    def is_array(self) -> bool:
        """Whether every index always has a value."""
        return "array" in self.layout.kind

    def entries(self) -> list[Entry]:
        """See `support.control.Table.entries`; what has expired is removed on the way."""
        pairs = self.map.items()
        found = self.layout.unpack_entries(pairs, self._ports, time.monotonic_ns())
        limit = self._max_age()
        if limit is None:
            return found
        age = self.layout.age
        alive = [entry for entry in found if entry.get(age, 0) <= limit]
        if len(alive) < len(found):
            self.map.delete_many(self._key(entry) for entry in found if entry.get(age, 0) > limit)
        return alive

    def get(self, key: Mapping[str, Any]) -> Entry | None:
        """See `support.control.Table.get`."""
        raw_key = self._key(key)
        raw = self.map.lookup(raw_key)
        if raw is None:
            return None
        now = time.monotonic_ns()
        found = self.layout.unpack_entries([(raw_key, raw)], self._ports, now)
        limit = self._max_age()
        if not found or (limit is not None and found[0].get(self.layout.age, 0) > limit):
            self.map.delete(raw_key)
            return None
        return found[0]

    def put(self, entry: Mapping[str, Any]) -> None:
        """See `support.control.Table.put`."""
        self.map.update(self._key(entry), self._value(entry))

    def insert(self, entry: Mapping[str, Any]) -> bool:
        """Create one entry; False if it exists."""
        return self.map.insert(self._key(entry), self._value(entry))

    def put_many(self, entries: Iterable[Mapping[str, Any]]) -> None:
        """See `support.control.Table.put_many`."""
        self.map.update_many([(self._key(entry), self._value(entry)) for entry in entries])

    def remove(self, key: Mapping[str, Any]) -> bool:
        """See `support.control.Table.remove`."""
        return self.map.delete(self._key(key))

    def clear(self) -> int:
        """See `support.control.Table.clear`."""
        pairs = self.map.items()
        if self.is_array:
            self.map.update_many([(key, bytes(len(value))) for key, value in pairs])
            return len(pairs)
        return self.map.delete_many(key for key, _ in pairs)

    def purge(self, leaf: str, index: int) -> None:
        """Remove the entries whose port leaf `leaf` is the port with that index: it is going away."""
        member = next(field for field in self.layout.value.fields if field.leaf == leaf)
        start, end = member.offset, member.offset + member.size
        raw = index.to_bytes(member.size, "little")
        self.map.delete_many(key for key, value in self.map.items() if value[start:end] == raw)

    def _key(self, entry: Mapping[str, Any]) -> bytes:
        if self.is_array and not self.layout.key.fields:
            return bytes(self.map.spec.key_size)
        return self.layout.pack_key(entry, self._ports)

    def _value(self, entry: Mapping[str, Any]) -> bytes:
        return self.layout.pack_value(entry, self._ports, time.monotonic_ns())
