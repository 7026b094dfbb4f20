"""Writing the maps of a cube: entries with the keys around them, many in one system call."""

from __future__ import annotations

from contextlib import contextmanager
from functools import partial
from typing import TYPE_CHECKING, Any, NamedTuple

from polycube_runtime.core.model.place import key_of
from polycube_runtime.support.errors import InvalidValue
from polycube_runtime.support.schema import Action, Container, List, Notification

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
                where = place
                if isinstance(place.node, List) and not place.is_entry:
                    where = place.entry(key_of(place.node, row))
                path = f"{where.path}/{error.path}" if error.path else where.path
                raise InvalidValue(error.message, path, error.app_tag) from error
        before = [*table.under([key for key, _ in pairs]), *table.snapshot(rows.gone)]
        self._undo.push(lambda: table.restore(before))
        if state := _state(rows.puts[0][0]) if rows.puts else set():
            there = dict(before)
            pairs = [(key, table.keep(state, there.get(key), value)) for key, value in pairs]
        table.change(pairs, rows.gone)

    def empty(self, place: Place, node: List, gone: Sequence[Key]) -> None:
        """Take what is in entries of the list at `place`, which go, out of the maps of its lists.

        What the data plane has put there goes as well.
        """
        if gone:
            _empty(self._cube, node, [(*place.keys, *key) for key in gone], self._undo)


def empty_inner(cube: Cube, table: BoundTable, gone: Sequence[Pair], undo: Undo) -> None:
    """Take what was in entries that are gone, given packed, out of the maps of their lists."""
    for _, node in cube.service.walk():
        if isinstance(node, List) and node.binding == table.layout.name:
            names = (*table.layout.above, *node.keys)
            rows = table.unpacked(gone)
            _empty(cube, node, [tuple(row[name] for name in names) for row in rows], undo)


def _empty(cube: Cube, node: List, gone: Sequence[Key], undo: Undo) -> None:
    for inner in inner_lists(node):
        table = cube.tables[inner.binding]
        around = [dict(zip(table.layout.above, keys, strict=False)) for keys in gone]
        undo.push(partial(table.change, table.empty(around)))


def inner_lists(node: List | Container) -> Iterator[List]:
    """Yield the lists inside of a node that have maps of their own."""
    for child in node.children:
        if isinstance(child, List) and child.binding:
            yield child
        if isinstance(child, List | Container):
            yield from inner_lists(child)


def _state(place: Place) -> set[str]:
    """Name the members of what `place` names that are not configured: a change must not touch them.

    An entry that says who made it (`ebpf:created`) is the operator's from a change on, as a whole.
    """
    children = place.node.children if isinstance(place.node, List | Container) else ()
    return {
        child.name
        for child in children
        if isinstance(child, Action | Notification) or not child.config
    }
