"""Tables of which each entry around a list has one of its own: maps in a map of maps.

A change of several entries of one of them makes another inner map, which takes the place of the
former one in a single write: packets see all of it or nothing. What they have written into entries
of the former one meanwhile is added. Maps that the data plane puts entries into by itself are
changed in place.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from polycube_runtime.core.loading.innermaps import batches, close
from polycube_runtime.core.model.late import caught_up
from polycube_runtime.core.model.place import Place
from polycube_runtime.core.model.table import BoundTable, Pair, Snapshot
from polycube_runtime.support.compounds import is_port
from polycube_runtime.support.schema import List

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

    from polycube_runtime.core.cube import Cube
    from polycube_runtime.core.durable.undo import Undo
    from polycube_runtime.core.loading.innermaps import Held, InnerMaps
    from polycube_runtime.support.codec import MapLayout, Ports


Contents = dict[bytes, dict[bytes, bytes]]
"""What is in inner maps, by their keys in the outer one."""


class InnerTable(BoundTable):
    """All inner maps of a list, as one table whose keys begin with those around it."""

    def __init__(
        self,
        layout: MapLayout,
        maps: InnerMaps,
        ports: Ports,
        max_age: Callable[[], int | None],
        defaults: Mapping[str, Any],
    ) -> None:
        """Bind inner maps; see `BoundTable`."""
        super().__init__(layout, maps, ports, max_age, defaults)
        self._maps = maps

    # Inner maps come and go with the entries around them

    def furnish(self, around: Iterable[Mapping[str, Any]], undo: Undo | None = None) -> None:
        """Give outer entries of these keys inner maps, unless they have them; in one write."""
        lacking = self._maps.lacking(self._maps.outer_key(key) for key in self._keys(around))
        self._renew(dict.fromkeys(lacking, self._blanks()), undo)

    def vacate(
        self, around: Sequence[Mapping[str, Any]], undo: Undo, *, stays: bool = False
    ) -> None:
        """See `BoundTable.vacate`: the inner maps go, or empty ones take their places."""
        gone = self._of(around)
        if stays and gone and len(around[0]) == len(self.layout.above):
            self._renew(dict.fromkeys(gone, self._blanks()), undo)
        elif gone:
            self._put(dict.fromkeys(gone), undo)

    def tidy(self, around: Iterable[Mapping[str, Any]]) -> None:
        """Take all inner maps away but those of outer entries of these keys."""
        known = {self._maps.outer_key(key) for key in self._keys(around)}
        strange = [key for key in self._maps.around() if key not in known]
        if strange:
            self._put(dict.fromkeys(strange), None)

    def reset(self) -> None:
        """Do nothing: an inner map that is an array was made with the defaults."""

    def _blanks(self) -> list[Pair]:
        """Return what a new inner map holds: nothing, or the defaults in each entry."""
        return self._maps.blanks(self._blank() if self.is_array else None)

    def _renew(
        self,
        contents: Mapping[bytes, Sequence[Pair]],
        undo: Undo | None,
        held: Contents | None = None,
    ) -> None:
        """Let outer keys have new inner maps that hold this; `held` is what was taken over."""
        for some in batches(contents):
            self._put(self._maps.made(some), undo, held)

    def _put(self, wanted: Held, undo: Undo | None, held: Contents | None = None) -> None:
        """Let outer keys have other inner maps, or none; those that are given are closed."""
        try:
            before = self._maps.open(wanted)
        except BaseException:
            close(wanted)
            raise

        def back() -> None:
            try:
                self._count_on(before)
                self._maps.put(before, wanted)
            finally:
                close(before)

        if undo is not None:
            undo.push(back)
            undo.when_done(lambda: close(before))
        try:
            self._maps.put(wanted, before)
            if self.state and held:
                self._catch_up(before, wanted, held)
        finally:
            close(wanted)
            if undo is None:
                close(before)

    def _count_on(self, former: Held) -> None:
        """Give maps that will be back the state of those that are in their places now."""
        for around, one in former.items() if self.state else ():
            now = self._held(around)
            if one is not None and now:
                pairs = [(key, self.keep(now.get(key), value)) for key, value in one.items()]
                one.update_many([pair for pair in pairs if pair[0] in now])

    def _catch_up(self, former: Held, now: Held, held: Contents) -> None:
        """Add what packets have written into former maps to what went over from there."""
        for around, new in now.items():
            one, known = former[around], held[around]
            for key, late in one.items() if one and new else ():
                was = known.get(key, late)
                if new and was != late and (there := new.lookup(key)) is not None:
                    new.update(key, caught_up(self.layout, self.state, was, late, there))

    # What is in them

    def transact(
        self, pairs: Sequence[Pair], gone: Sequence[Mapping[str, Any]], before: Snapshot, undo: Undo
    ) -> None:
        """See `BoundTable.transact`; of an inner map, several changes are seen at once."""
        puts = self._maps.grouped(pairs)
        goes = self._maps.grouped((key, b"") for key in self._keys(gone))
        many = [
            key
            for key in (puts | goes)
            if self._is_swapped and len(puts.get(key, ())) + len(goes.get(key, ())) > 1
        ]
        copied: Contents = {}
        others: dict[bytes, list[Pair]] = {}
        for key in many:
            held = self._held(key)
            after = self._changed(held, puts.pop(key, []), goes.pop(key, []))
            if after != held:
                others[key] = [*after.items()]
                copied[key] = {one: value for one, value in held.items() if one in after}
        self._renew(others, undo, copied)
        rest = {around + key for side in (puts, goes) for around in side for key, _ in side[around]}
        if rest:
            there = [one for one in before if one[0] in rest]
            undo.push(lambda: self.restore(there, whole=False))
            self._remove([key for key in self._keys(gone) if key in rest])
            self._update([pair for pair in pairs if pair[0] in rest])

    @property
    def _is_swapped(self) -> bool:
        """Whether the data plane puts no entries there that another map would lack."""
        by_data_plane = any(field.created is not None for field in self.layout.value.fields)
        return not (by_data_plane or "lru" in self.layout.kind)

    def _held(self, around: bytes) -> dict[bytes, bytes]:
        return {key[len(around) :]: value for key, value in self._maps.within([around])}

    def _changed(
        self, held: Mapping[bytes, bytes], puts: Sequence[Pair], gone: Sequence[Pair]
    ) -> dict[bytes, bytes]:
        """Return what an inner map that held something holds once it has been changed."""
        after = dict(held)
        for key, _ in gone:
            if self.is_array:
                after[key] = self._blank()
            elif self.layout.has_holes:
                after[key] = bytes(self.map.value_size)
            else:
                after.pop(key, None)
        return after | dict(puts)

    def under(self, raw: Sequence[bytes]) -> Snapshot:
        """See `BoundTable.under`; only the inner maps of these keys are read."""
        outers = dict.fromkeys(map(self._maps.outer_key, raw))
        held = dict(self._there(self._maps.within(outers)))
        return [(key, held.get(key)) for key in raw]

    def _inside(self, around: Sequence[Mapping[str, Any]]) -> list[Pair]:
        return self._there(self._maps.within(self._of(around)))

    def _of(self, around: Sequence[Mapping[str, Any]]) -> list[bytes]:
        """Return the keys of the inner maps in outer entries, all of which have as many keys."""
        fields = self.layout.key.fields[: len(around[0]) if around else 0]
        if not fields:
            return []
        whole = slice(fields[0].offset, fields[-1].offset + fields[-1].size)
        wanted = {key[whole] for key in self._keys(around)}
        return [key for key in self._maps.around() if key[whole] in wanted]

    def _raw(self, key: bytes) -> bytes | None:
        if self.layout.kind == "lpm_trie":
            return dict(self._maps.within([self._maps.outer_key(key)])).get(key)
        return super()._raw(key)

    def _there(self, pairs: list[Pair]) -> list[Pair]:
        layout = self.layout
        return [one for one in pairs if layout.is_there(one[1])] if layout.has_holes else pairs


def furnish(cube: Cube) -> None:
    """Give every entry that is there its inner maps: tables may be new, or laid out anew."""
    for table in cube.tables.values():
        if isinstance(table, InnerTable):
            table.furnish(_around(cube, table.layout))


def furnish_port(cube: Cube, undo: Undo) -> None:
    """As `furnish`, where entries of arrays have come with a port."""
    for table in cube.tables.values():
        above = table.layout.key.fields[: len(table.layout.above)]
        if isinstance(table, InnerTable) and any(map(is_port, above)):
            table.furnish(_around(cube, table.layout), undo)


def tidy(cube: Cube) -> None:
    """Take the inner maps away of entries that are not there: a daemon was killed on its way."""
    for table in cube.tables.values():
        if isinstance(table, InnerTable):
            table.tidy(_around(cube, table.layout))


def _around(cube: Cube, layout: MapLayout) -> list[dict[str, Any]]:
    """Return the keys of all entries that the list which is bound to a map is in."""
    names = layout.above
    keys = _entries(cube, layout.name) if names else [()]
    return [dict(zip(names, one, strict=True)) for one in keys]


def _entries(cube: Cube, binding: str) -> list[tuple[Any, ...]]:
    path = next(path for path, one in cube.service.walk() if getattr(one, "binding", "") == binding)
    places, steps = [Place(cube.service, cube.name)], path.split("/")[:-1]
    for count in range(1, len(steps) + 1):
        node = cube.service["/".join(steps[:count])]
        places = [one.child(node) for one in places]
        if isinstance(node, List):
            places = [one.entry(key) for one in places for key in _keys(cube, one, node)]
    return [one.keys for one in places]


def _keys(cube: Cube, place: Place, node: List) -> list[tuple[Any, ...]]:
    if node.base:
        return [(name,) for name in cube.ports]
    if not node.binding:
        return cube.config.keys(place)
    table = cube.tables[node.binding]
    around = dict(zip(table.layout.above, place.keys, strict=True))
    return [tuple(one[name] for name in node.keys) for one in table.entries(around)]
