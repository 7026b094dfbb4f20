"""Writing the maps of a cube: entries with the keys around them, many in one system call."""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING, Any, NamedTuple

from polycube_runtime.core.model.held import require
from polycube_runtime.core.model.parts import has_own_map
from polycube_runtime.core.model.place import key_of
from polycube_runtime.support.errors import InvalidValue
from polycube_runtime.support.schema import Container, LeafList, List, is_conditional

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

    from polycube_runtime.core.cube import Cube
    from polycube_runtime.core.durable.undo import Undo
    from polycube_runtime.core.model.place import Key, Place
    from polycube_runtime.core.model.table import BoundTable, Pair

Object = dict[str, Any]


class Rows(NamedTuple):
    """What is to be written to a map: entries with the place of each, and the keys that go."""

    table: BoundTable
    puts: list[tuple[Place, Object]]
    gone: list[Object]


class MapWrites:
    """What one change writes to maps; each step tells `undo` its inverse."""

    def __init__(self, cube: Cube, undo: Undo) -> None:
        """Write the maps of `cube`."""
        self._cube = cube
        self._undo = undo
        self._depth = 0
        self._waiting: dict[str, Rows] = {}

    def table(self, place: Place) -> BoundTable:
        """Return the map of the node at `place`."""
        return self._cube.tables[place.node.binding]  # type: ignore[union-attr]

    def write(self, place: Place, puts: Sequence[Object], gone: Sequence[Object] = ()) -> None:
        """Change a map in one go; nothing is written unless everything can be packed."""
        table = self.table(place)
        rows = self._waiting.setdefault(table.layout.name, Rows(table, [], []))
        around = dict(zip(table.layout.above, place.keys, strict=False))
        if table.is_array and table.layout.present is None:
            for entry in puts:
                require(place, entry)
        rows.puts.extend((place, {**around, **entry} if around else entry) for entry in puts)
        rows.gone.extend({**around, **entry} if around else entry for entry in gone)
        if not (self._depth and around):
            del self._waiting[table.layout.name]
            self._change(rows)

    @contextmanager
    def together(self) -> Iterator[None]:
        """Leave the maps of inner lists for the end, when each is written at once.

        After a failure there is no end: the change is undone, and nothing of it may be written.
        """
        self._depth += 1
        yield
        self._depth -= 1
        if not self._depth:
            waiting, self._waiting = self._waiting, {}
            for rows in waiting.values():
                self._change(rows)

    def _change(self, rows: Rows) -> None:
        table, pack, pairs = rows.table, rows.table.packer(), []
        for place, row in rows.puts:
            try:
                pairs.append(pack(row))
            except InvalidValue as error:
                path = _path(place, row, error.path)
                raise InvalidValue(error.message, path, error.app_tag) from error
        before = [*table.under([key for key, _ in pairs]), *table.snapshot(rows.gone)]
        if table.state:
            there = dict(before)
            pairs = [(key, table.keep(there.get(key), value)) for key, value in pairs]
        table.transact(pairs, rows.gone, before, self._undo)

    def furnish(self, place: Place, node: List, new: Sequence[Key]) -> None:
        """Make room for what will be in new entries of the list at `place`."""
        if new:
            self._furnish(node, [(*place.keys, *key) for key in new])

    def _furnish(self, node: List, new: Sequence[Key], *, rows: bool = True) -> None:
        """As `furnish`, of whole keys; so too for what is always there in new entries."""
        for inner in inner_maps(node):
            table = self._cube.tables[inner.binding]
            names = table.layout.above
            if len(names) != len(new[0]):
                continue
            around = [dict(zip(names, key, strict=True)) for key in new]
            table.furnish(around, self._undo)
            if isinstance(inner, List) and table.is_array and any(inner_maps(inner)):
                below = (*names, *inner.keys)
                there = [entry for one in around for entry in table.entries(one)]
                keys = [tuple(entry[name] for name in below) for entry in there]
                if keys:
                    self._furnish(inner, keys, rows=rows)
        for row in rows_of(node) if rows else ():
            table = self._cube.tables[row.binding]
            names = table.layout.above
            self._lay(table, [dict(zip(names, key, strict=True)) for key in new])

    def _lay(self, table: BoundTable, around: Sequence[Object]) -> None:
        """Make the rows of containers with their entries, so that the data plane finds them."""
        there = {key for key, value in table.snapshot(around) if value is not None}
        pairs = [pair for pair in map(table.packer(), around) if pair[0] not in there]
        table.transact(pairs, (), [(key, None) for key, _ in pairs], self._undo)

    def empty(self, place: Place, node: List, gone: Sequence[Key]) -> None:
        """Take what is in entries of the list at `place`, which go, out of the maps of its lists.

        What the data plane has put there goes as well.
        """
        if gone:
            keys = [(*place.keys, *key) for key in gone]
            _empty(self._cube, node, keys, self._undo)
            table = self._cube.tables.get(node.binding)
            if table is not None and table.is_array and any(inner_maps(node)):
                names = (*table.layout.above, *node.keys)
                stays = [key for key in keys if table.get(dict(zip(names, key, strict=True)))]
                if stays:  # not that of a port that has gone
                    self._furnish(node, stays, rows=bool(place.keys))


def unlearn(cube: Cube, place: Place, undo: Undo) -> None:
    """Take what the data plane has learnt out of a list, or the lists in a container."""
    node = place.node
    if isinstance(node, List) and node.binding and node.config:
        table = cube.tables[node.binding]
        if all(one.created is None for one in table.layout.value.fields):
            return
        around = dict(zip(table.layout.above, place.keys, strict=True))
        learnt = [one for one in table.entries(around) if not table.layout.is_created(one)]
        if learnt:
            before = table.snapshot(learnt)
            undo.push(lambda: table.restore(before))
            table.change([], learnt)
    elif isinstance(node, Container):
        for child in node.children:
            unlearn(cube, place.child(child), undo)


def empty_inner(cube: Cube, table: BoundTable, gone: Sequence[Pair], undo: Undo) -> None:
    """Take what was in entries that are gone, given packed, out of the maps of their lists."""
    for _, node in cube.service.walk():
        if isinstance(node, List) and node.binding == table.layout.name:
            names = (*table.layout.above, *node.keys)
            rows = table.unpacked(gone)
            _empty(cube, node, [tuple(row[name] for name in names) for row in rows], undo)


def _empty(cube: Cube, node: List, gone: Sequence[Key], undo: Undo) -> None:
    stays = bool(node.binding) and cube.tables[node.binding].is_array
    for inner in inner_maps(node):
        table = cube.tables[inner.binding]
        around = [dict(zip(table.layout.above, keys, strict=False)) for keys in gone]
        table.vacate(around, undo, stays=stays)


def inner_maps(node: List | Container) -> Iterator[List | LeafList | Container]:
    """Yield the lists, sets and containers inside of a node that have maps of their own."""
    for child in node.children:
        if isinstance(child, List | LeafList | Container) and has_own_map(child, node.binding):
            yield child
        if isinstance(child, List | Container):
            yield from inner_maps(child)


def rows_of(node: List | Container) -> Iterator[Container]:
    """Yield the containers of state that are always in a node, in maps of their own.

    Those with configuration have a row as soon as anything of it is there, be it a default.
    """
    for child in node.children:
        if isinstance(child, Container) and not (child.presence or is_conditional(node, child)):
            if not has_own_map(child, node.binding):
                yield from rows_of(child)
            elif not child.config:
                yield child


def _path(place: Place, row: Object, leaf: str) -> str:
    """Return the path of what cannot be packed in a row that belongs to `place`."""
    if isinstance(place.node, LeafList):
        return place.path
    if isinstance(place.node, List) and not place.is_entry:
        place = place.entry(key_of(place.node, row))
    return f"{place.path}/{leaf}" if leaf else place.path
