"""Maps bound to the model, in JSON values."""

from __future__ import annotations

import sys
import time
from contextlib import suppress
from functools import partial
from typing import TYPE_CHECKING, Any, TypeVar

from polycube_runtime.support.compounds import is_port, names_ports, ports, without_port
from polycube_runtime.support.errors import InvalidValue
from polycube_runtime.support.kinds import NO_PORT, Kind
from polycube_runtime.support.nesting import at

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence

    from polycube_runtime.bpf.kernel import Map
    from polycube_runtime.core.durable.undo import Undo
    from polycube_runtime.support.codec import MapLayout, Ports, StructLayout

Entry = dict[str, Any]
Pair = tuple[bytes, bytes]
Snapshot = list[tuple[bytes, bytes | None]]
_T = TypeVar("_T")
_FEW = 16
"""Up to so many keys are looked up one by one; for more, the whole map is read at once."""
_NONE = NO_PORT.to_bytes(4, sys.byteorder)


class BoundTable:
    """One map of a cube; see `support.control.Table`.

    `max_age` answers the seconds after which entries expire, or None. `defaults` is what an index
    of an array holds before it is written, and after it is removed. `occupied` is the map, if the
    model asks for one, that tells the data plane whether this one has entries. `watch` is told what
    there was before the control plane has put, removed or cleared something.
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
        self.watch: Callable[[BoundTable, Snapshot], None] | None = None
        self.state: frozenset[str] = frozenset()
        self._witness = b""  # the key of an entry that was there when we last looked
        self._tell_occupied()  # the map may be that of a program before this one, contents and all

    @property
    def is_array(self) -> bool:
        """Whether every index always has a value."""
        return self.layout.is_array

    def entries(self, around: Mapping[str, Any] | None = None) -> list[Entry]:
        """See `support.control.Table.entries`; what has expired is removed on the way.

        With `around` only those in outer entries of these keys, as many as there are of them.
        """
        if around:
            pairs, now = self._inside([around]), time.monotonic_ns()
            found = self.layout.unpack_entries(pairs, self._ports, now)
        else:
            keys, values = self.map.dump()
            found = self.layout.unpack_dump(keys, values, self._ports, time.monotonic_ns())
        limit = self._max_age()
        if limit is None:
            return found
        age = self.layout.age
        old = [entry for entry in found if (at(entry, age) or 0) > limit]
        if not old:
            return found
        self._delete([self._key(entry) for entry in old])
        return [entry for entry in found if (at(entry, age) or 0) <= limit]

    def count(self) -> int:
        """Count the entries that have not expired, without decoding them; nothing is removed.

        May be called in a thread.
        """
        limit, age = self._max_age(), self.layout.age_member
        if limit is None or age is None:
            return len(self._stored()) if self.layout.has_holes else self.map.count()
        oldest = time.monotonic_ns() - (limit + 1) * 10**9
        at = slice(age.offset, age.offset + age.size)
        used = (int.from_bytes(value[at], sys.byteorder) for _, value in self._stored())
        return sum(not last or last > oldest for last in used)  # 0: it does not age

    def get(self, key: Mapping[str, Any]) -> Entry | None:
        """See `support.control.Table.get`."""
        raw_key = next(iter(self._keys([key])), b"")
        raw = self._raw(raw_key) if raw_key else None
        if raw is None:
            return None
        found = self.layout.unpack_entries([(raw_key, raw)], self._ports, time.monotonic_ns())
        limit = self._max_age()
        if found and limit is not None and (at(found[0], self.layout.age) or 0) > limit:
            self._delete([raw_key])
            return None
        return found[0] if found else None

    def put(self, entry: Mapping[str, Any]) -> None:
        """See `support.control.Table.put`."""
        self.put_many([entry])

    def put_many(self, entries: Iterable[Mapping[str, Any]]) -> None:
        """See `support.control.Table.put_many`."""
        pairs = list(map(self.packer(), entries))
        self._watched([key for key, _ in pairs], lambda: self._update(pairs))

    def remove(self, key: Mapping[str, Any]) -> bool:
        """See `support.control.Table.remove`."""
        keys = self._keys([key])
        return self._watched(keys, lambda: self._remove(keys)) > 0

    def clear(self) -> int:
        """See `support.control.Table.clear`."""
        keys = [key for key, _ in self._stored()]
        return self._watched(keys, lambda: self._remove(keys))

    def _watched(self, keys: Sequence[bytes], act: Callable[[], _T]) -> _T:
        if self.watch is None:
            return act()
        before = self.under(keys)
        try:
            return act()
        finally:  # if it failed, half of it may be there
            self.watch(self, before)

    def pack(self, entry: Mapping[str, Any]) -> Pair:
        """Return the bytes of an entry.

        Raises:
            InvalidValue: it names a port that is not there, or is a text too long for its member.

        """
        return self.packer()(entry)

    def packer(self) -> Callable[[Mapping[str, Any]], Pair]:
        """Return `pack` for many entries."""
        key_of, value_of = self.layout.writers(self._ports, time.monotonic_ns())
        size = self.map.value_size  # of a per-CPU map: the other CPUs have none
        return lambda entry: (key_of(entry), value_of(entry).ljust(size, b"\0"))

    def keep(self, old: bytes | None, new: bytes) -> bytes:
        """Return the value `new` with the state, of every CPU, as it is in `old`."""
        fields = self.layout.value.fields
        if old is None or not self.state or any(field.created is not None for field in fields):
            return new
        kept, stride = bytearray(new), -(-self.layout.value.size // 8) * 8
        word = self.layout.value.has
        place = slice(word.offset, word.offset + word.size) if word else slice(0)
        before, after = (int.from_bytes(raw[place], sys.byteorder) for raw in (old, new))
        for field, need in zip(fields, self.layout.value.needs, strict=True):
            if field.leaf not in self.state or after & need != need:
                continue  # what is in a container that is not there has gone with it
            after |= before & field.bit
            for start in range(field.offset, len(new), stride):
                kept[start : start + field.size] = old[start : start + field.size]
        kept[place] = after.to_bytes(word.size if word else 0, sys.byteorder)
        return bytes(kept)

    def snapshot(self, keys: Sequence[Mapping[str, Any]]) -> Snapshot:
        """Return what there is under `keys`, for `restore`."""
        return self.under(self._keys(keys))

    def again(self, snapshot: Snapshot) -> Snapshot:
        """Return what there is now under the keys of `snapshot`."""
        return self.under([key for key, _ in snapshot])

    def configured(self, key: bytes, value: bytes | None) -> Entry | None:
        """Return an entry as it is in a snapshot; None if it is none, or the data plane's own."""
        if value is None:
            return None
        found = self.layout.unpack_entries([(key, value)], self._ports, time.monotonic_ns())
        return found[0] if found and self.layout.is_created(found[0]) else None

    def under(self, raw: Sequence[bytes]) -> Snapshot:
        """As `snapshot`, of packed keys."""
        find = self._raw if len(raw) <= _FEW else dict(self._stored()).get
        return [(key, find(key)) for key in raw]

    def restore(self, snapshot: Snapshot, *, whole: bool = True) -> None:
        """Make it as it was at the time of `snapshot`; if not `whole`, but for the state."""
        now = {} if whole or not self.state else dict(self.again(snapshot))
        self._delete([key for key, value in snapshot if value is None])
        pairs = [(key, value) for key, value in snapshot if value is not None]
        self._update([(key, self.keep(now.get(key), value)) for key, value in pairs])

    def change(self, pairs: Sequence[Pair], gone: Iterable[Mapping[str, Any]] = ()) -> None:
        """Remove the keys `gone`, then create or overwrite the packed `pairs`: two system calls."""
        self._remove(self._keys(gone))
        self._update(pairs)

    def transact(
        self, pairs: Sequence[Pair], gone: Sequence[Mapping[str, Any]], before: Snapshot, undo: Undo
    ) -> None:
        """As `change`; `undo` is told how to go back to what there was `before`."""
        undo.push(lambda: self.restore(before, whole=False))
        there = {key for key, value in before if value is not None} if self.state else set()
        self.change([pair for pair in pairs if pair[0] not in there], gone)
        self._rewrite([pair for pair in pairs if pair[0] in there])

    def _rewrite(self, pairs: Sequence[Pair]) -> None:
        """Overwrite entries with state, a few at a time: what is counted meanwhile is lost."""
        size = len(pairs) if self.layout.kind == "lpm_trie" else _FEW
        for start in range(0, len(pairs), size or 1):
            few = pairs[start : start + size]
            now = dict(self.under([key for key, _ in few]))
            self._update([(key, self.keep(now.get(key), value)) for key, value in few])

    def furnish(self, around: Iterable[Mapping[str, Any]], undo: Undo | None = None) -> None:
        """Make room for what is in outer entries of these keys: here there is."""

    def vacate(
        self,
        around: Sequence[Mapping[str, Any]],
        undo: Undo,
        *,
        stays: bool = False,  # noqa: ARG002 (whoever stays has room)
    ) -> None:
        """Remove what is in outer entries of these keys, which go unless they always `stay`."""
        undo.push(partial(self.change, self.empty(around)))

    def empty(self, around: Iterable[Mapping[str, Any]]) -> list[Pair]:
        """Remove what is in outer entries of these keys; returns what there was, packed."""
        found = self._inside(list(around))
        self._remove([key for key, _ in found])
        return found

    def unpacked(self, pairs: Sequence[Pair]) -> list[Entry]:
        """Return entries that are given packed."""
        return self.layout.unpack_entries(pairs, self._ports, time.monotonic_ns())

    def _inside(self, around: Sequence[Mapping[str, Any]]) -> list[Pair]:
        """Return what is in outer entries, all of which have as many keys."""
        fields = self.layout.key.fields[: len(around[0]) if around else 0]
        if not fields:
            return []
        head = self.layout.key.head(len(fields))
        wanted = {head(key) for key in self._keys(around)}
        return [pair for pair in self._stored() if head(pair[0]) in wanted]

    def purge(self, port: int) -> list[Pair]:
        """Remove the entries that name the port with that index; returns what there was, packed.

        Those that name it in a leaf-list only stay without it. What every index of an array has
        cannot go: it is reset where the index is that of the port, and names no port where a leaf
        of it is.
        """
        found = self._naming(port)
        left = [(key, self._without(key, value, port)) for key, value in found]
        stay = left if self.is_array else [one for one in left if not self._names(one, port)]
        kept = {key for key, _ in stay}
        gone = [key for key, _ in found if key not in kept]

        def change() -> None:
            self._remove(gone)
            self._update(stay)

        self._watched([key for key, _ in found], change)
        return found

    def missing(self, pairs: Sequence[Pair]) -> list[Pair]:
        """Return of packed entries those that are not there any more."""
        now = dict(self.under([key for key, _ in pairs]))
        return [pair for pair in pairs if now[pair[0]] is None]

    def portless(self) -> str:
        """Name the mandatory leaf of a container (or the leaf) that names no port any more."""
        fields = [field for field in self.layout.value.fields if field.kind is Kind.PORT]
        if not fields or not self.is_array or self.layout.key.fields:
            return ""
        value = self.map.lookup(bytes(self.map.spec.key_size)) or b""
        number = self.layout.value.number
        gone = (one.leaf for one in fields if self._ports.name(number(one, value)) is None)
        return next(gone, "")

    def _without(self, key: bytes, value: bytes, port: int) -> bytes:
        """Return a value that does not name a port: an array's at once, others' in leaf-lists.

        In a presence container no leaf does that may be left out. What only tells of a port is
        no reason to take an entry of the operator away.
        """
        if self.is_array and port in _named(self.layout.key, key):
            return self._blank()
        raw = bytearray(value)
        for field in self.layout.value.fields:
            spare = field.kind is Kind.OPTIONAL_PORT and not self.layout.key.fields
            told = field.leaf in self.state and field.kind is not Kind.PORT
            if self.is_array or spare or told or field.kind is Kind.LIST:
                at = slice(field.offset, field.offset + field.size)
                raw[at] = without_port(field, bytes(raw[at]), port)
        return bytes(raw)

    def _naming(self, port: int) -> list[Pair]:
        fields = (*self.layout.key.fields, *self.layout.value.fields)
        stored = self._stored() if any(map(names_ports, fields)) else []
        return [pair for pair in stored if self._names(pair, port)]

    def _names(self, pair: Pair, port: int) -> bool:
        key, value = pair
        return port in _named(self.layout.key, key) or port in _named(self.layout.value, value)

    def reset(self) -> None:
        """Write the defaults to all indices of an array: what a new cube starts from."""
        self._remove([key for key, _ in self._stored()])

    def _remove(self, keys: Sequence[bytes]) -> int:
        if not self.is_array:
            return self._delete(keys)
        value = self._blank()
        self._update([(key, value) for key in keys])
        return len(keys)

    def _blank(self) -> bytes:
        """Return what an index of an array holds before it is written: of ports, none."""
        raw = bytearray(self.layout.pack_value(self._defaults, self._ports))
        for field in filter(is_port, self.layout.value.fields):
            raw[field.offset : field.offset + field.size] = _NONE
        return bytes(raw).ljust(self.map.value_size, b"\0")

    def _update(self, pairs: Sequence[Pair]) -> None:
        try:
            self.map.update_many(pairs)
        finally:  # some of them may be there
            self._tell_occupied()

    def _delete(self, keys: Sequence[bytes]) -> int:
        """Delete what is there under `keys`; in an array with holes, make holes."""
        if self.layout.has_holes:
            there = [key for key in keys if self._raw(key) is not None]
            self.map.update_many([(key, bytes(self.map.value_size)) for key in there])
            count = len(there)
        else:
            count = self.map.delete_many(keys)
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
        pairs, layout = self.map.items(), self.layout
        return [pair for pair in pairs if layout.is_there(pair[1])] if layout.has_holes else pairs

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


def _named(half: StructLayout, raw: bytes) -> Iterator[int]:
    """Yield the indices of the ports that a key or a value names."""
    for field in half.fields:
        if is_port(field):
            yield half.number(field, raw)
        elif field.parts:
            yield from ports(field, raw[field.offset : field.offset + field.size])
