"""Maps bound to the model, in JSON values."""

from __future__ import annotations

import sys
import time
from contextlib import suppress
from typing import TYPE_CHECKING, Any

from polycube_runtime.support.errors import InvalidValue
from polycube_runtime.support.kinds import Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from polycube_runtime.bpf.kernel import Map
    from polycube_runtime.support.codec import MapLayout, Ports

Entry = dict[str, Any]
Pair = tuple[bytes, bytes]
Snapshot = list[tuple[bytes, bytes | None]]
_FEW = 16
"""Up to so many keys are looked up one by one; for more, the whole map is read at once."""
_PORTS = {Kind.PORT, Kind.OPTIONAL_PORT}


class BoundTable:
    """One map of a cube; see `support.control.Table`.

    `max_age` answers the seconds after which entries expire, or None. `defaults` is what an index
    of an array holds before it is written, and after it is removed. `occupied` is the map, if the
    model asks for one, that tells the data plane whether this one has entries.
    """

    def __init__(
        self,
        layout: MapLayout,
        map_: Map,
        ports: Ports,
        max_age: Callable[[], int | None],
        defaults: Mapping[str, Any],
        occupied: Map | None = None,
    ) -> None:
        """Bind `map_`, whose keys and values are laid out as `layout` says."""
        self.layout = layout
        self.map = map_
        self._ports = ports
        self._max_age = max_age
        self._defaults = defaults
        self._occupied = occupied
        self._witness = b""  # the key of an entry that was there when we last looked
        self._tell_occupied()  # the map may be that of a program before this one, contents and all

    @property
    def is_array(self) -> bool:
        """Whether every index always has a value."""
        return "array" in self.layout.kind and self.layout.present is None

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
            self._delete([self._key(entry) for entry in found if entry.get(age, 0) > limit])
        return alive

    def get(self, key: Mapping[str, Any]) -> Entry | None:
        """See `support.control.Table.get`."""
        raw_key = next(iter(self._keys([key])), b"")
        raw = self._raw(raw_key) if raw_key else None
        if raw is None:
            return None
        found = self.layout.unpack_entries([(raw_key, raw)], self._ports, time.monotonic_ns())
        limit = self._max_age()
        if found and limit is not None and found[0].get(self.layout.age, 0) > limit:
            self._delete([raw_key])
            return None
        return found[0] if found else None

    def put(self, entry: Mapping[str, Any]) -> None:
        """See `support.control.Table.put`."""
        self._update([self.pack(entry)])

    def put_many(self, entries: Iterable[Mapping[str, Any]]) -> None:
        """See `support.control.Table.put_many`."""
        self._update([self.pack(entry) for entry in entries])

    def remove(self, key: Mapping[str, Any]) -> bool:
        """See `support.control.Table.remove`."""
        return self._remove(self._keys([key])) > 0

    def clear(self) -> int:
        """See `support.control.Table.clear`."""
        return self._remove([key for key, _ in self._stored()])

    def pack(self, entry: Mapping[str, Any]) -> Pair:
        """Return the bytes of an entry.

        Raises:
            InvalidValue: it names a port that is not there, or is a text too long for its member.

        """
        value = self.layout.pack_value(entry, self._ports, time.monotonic_ns())
        return self._key(entry), value.ljust(self.map.value_size, b"\0")  # the other CPUs have none

    def keep(self, leaves: set[str], old: bytes | None, new: bytes) -> bytes:
        """Return the value `new` with those `leaves`, of every CPU, as they are in `old`."""
        fields = self.layout.value.fields
        if old is None or any(field.created is not None for field in fields):
            return new
        kept, stride = bytearray(new), -(-self.layout.value.size // 8) * 8
        for field in fields:
            if field.leaf in leaves:
                for at in range(field.offset, len(new), stride):
                    kept[at : at + field.size] = old[at : at + field.size]
        return bytes(kept)

    def snapshot(self, keys: Sequence[Mapping[str, Any]]) -> Snapshot:
        """Return what there is under `keys`, for `restore`."""
        raw = self._keys(keys)
        find = self._raw if len(raw) <= _FEW else dict(self._stored()).get
        return [(key, find(key)) for key in raw]

    def restore(self, snapshot: Snapshot) -> None:
        """Make it as it was at the time of `snapshot`."""
        self._delete([key for key, value in snapshot if value is None])
        self._update([(key, value) for key, value in snapshot if value is not None])

    def change(self, pairs: Sequence[Pair], gone: Iterable[Mapping[str, Any]] = ()) -> None:
        """Remove the keys `gone`, then create or overwrite the packed `pairs`: two system calls."""
        self._remove(self._keys(gone))
        self._update(pairs)

    def purge(self, port: int) -> list[Pair]:
        """Remove the entries that name the port with that index; returns them packed.

        What every index of an array has cannot go: it is reset where the index is that of the port.
        """
        halves = (self.layout.key,) if self.is_array else (self.layout.key, self.layout.value)
        members = [
            (side, slice(field.offset, field.offset + field.size))
            for side, half in enumerate(halves)
            for field in half.fields
            if field.kind in _PORTS
        ]
        if not members:
            return []
        found = [
            pair
            for pair in self._stored()
            if any(int.from_bytes(pair[side][at], sys.byteorder) == port for side, at in members)
        ]
        self._remove([key for key, _ in found])
        return found

    def _remove(self, keys: Sequence[bytes]) -> int:
        if not self.is_array:
            return self._delete(keys)
        value = self.layout.pack_value(self._defaults, self._ports)
        value = value.ljust(self.map.value_size, b"\0")
        self._update([(key, value) for key in keys])
        return len(keys)

    def _update(self, pairs: Sequence[Pair]) -> None:
        try:
            self.map.update_many(pairs)
        finally:  # some of them may be there
            self._tell_occupied()

    def _delete(self, keys: Sequence[bytes]) -> int:
        """Delete what is there under `keys`; in an array with holes, make holes."""
        if self.layout.present is None:
            count = self.map.delete_many(keys)
        else:
            there = [key for key in keys if self._raw(key) is not None]
            self.map.update_many([(key, bytes(self.map.value_size)) for key in there])
            count = len(there)
        self._tell_occupied()
        return count

    def _tell_occupied(self) -> None:
        """Keep the data plane's word on whether there is anything to look for."""
        if self._occupied is None or (self._witness and self._raw(self._witness) is not None):
            return
        # The last one: who deletes entries in the order of their listing meets it at the end.
        self._witness = next((key for key, _ in reversed(self._stored())), b"")
        self._occupied.update(bytes(4), int(bool(self._witness)).to_bytes(4, sys.byteorder))

    def _stored(self) -> list[Pair]:
        return [pair for pair in self.map.items() if self.layout.is_there(pair[1])]

    def _raw(self, key: bytes) -> bytes | None:
        if self.layout.kind == "lpm_trie":  # whose lookup finds the longest prefix of the key
            return dict(self.map.items()).get(key)
        raw = self.map.lookup(key)
        return raw if raw is not None and self.layout.is_there(raw) else None

    def _key(self, entry: Mapping[str, Any]) -> bytes:
        return self.layout.pack_key(entry, self._ports)

    def _keys(self, entries: Iterable[Mapping[str, Any]]) -> list[bytes]:
        """Pack keys, without those that no entry can have: of ports that are not there."""
        found = []
        for entry in entries:
            with suppress(InvalidValue):
                found.append(self._key(entry))
        return found
