"""Reading the data model of one cube.

Every node is found where it is kept (see `tree`). The entries of a list in a list are in one map
for all entries of the outer one: a reader reads such a map once, and groups what it holds.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from polycube_runtime.core.model.held import shown
from polycube_runtime.core.model.place import beside, key_of, row_key
from polycube_runtime.core.model.sets import is_set, values
from polycube_runtime.support.nesting import at
from polycube_runtime.support.schema import (
    Action,
    AnyData,
    Container,
    Leaf,
    LeafList,
    List,
    Notification,
    Service,
    is_conditional,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from polycube_runtime.core.cube import Cube
    from polycube_runtime.core.model.base import BaseNodes
    from polycube_runtime.core.model.place import Key, Place
    from polycube_runtime.core.model.table import BoundTable
    from polycube_runtime.support.codec import MapLayout
    from polycube_runtime.support.schema import Node

Object = dict[str, Any]
Groups = dict[tuple[Any, ...], list[Object]]
"""The rows of a map by the keys of the entries that they are in."""
ABSENT = object()


class Reader:
    """Reads one cube, once: what it has read of the maps of inner lists, it does not read again."""

    def __init__(self, cube: Cube, base: BaseNodes, *, config: bool = False) -> None:
        """Read `cube`, with `config` only what can be configured.

        `base` serves the nodes of the polycube base modules.
        """
        self._cube = cube
        self._base = base
        self._config = config
        self._groups: dict[str, Groups] = {}
        self._target: Key = ()

    async def read(self, place: Place) -> Any:
        """Return what is at `place`, or ABSENT; what is around it must be there."""
        self._target = place.keys
        return await self._read(place)

    async def own(self, place: Place) -> Object | None:
        """Return the configuration of the cube or of an entry without its lists; None if gone."""
        if not self.exists(place):
            return None
        if place.is_entry and (binding := place.list_node.binding):
            bound = self.bound_entry(place) or {}
            if not self._cube.tables[binding].layout.is_created(bound):
                return None
        self._target = place.keys
        return await self._own(place, place.node)

    async def _own(self, place: Place, node: Node | Service) -> Object:
        keys = dict(zip(node.keys, place.key, strict=True)) if isinstance(node, List) else {}
        result: Object = {}
        children: tuple[Node, ...] = getattr(node, "children", ())
        for child in children:
            if isinstance(child, Action | Notification | List) or not child.config:
                continue
            if child.name in keys:
                result[child.name] = keys[child.name]
            elif not isinstance(child, Container):
                value = await self._leaf(place.child(child), child)
                if value is not ABSENT:
                    result[child.name] = value
            elif self.exists(place.child(child)):
                value = await self._own(place.child(child), child)
                if value or child.presence:
                    result[child.name] = value
        return result

    def exists(self, place: Place) -> bool:
        """Whether an entry or a container exists; of what a hook reports, only reading tells."""
        node = place.node
        match node:
            case List() if place.is_entry:
                if node.base:
                    return place.key[0] in self._cube.ports
                if node.binding:
                    return self.bound_entry(place) is not None
                return not node.config or self._cube.config.at(place) is not None
            case Container(presence=True) if node.binding:
                return self._in_map(place, node) is not ABSENT
            case Container(presence=True, binding="", config=True):
                return self._cube.config.get(place) is not None
            case _:
                return True

    async def _read(self, place: Place) -> Any:
        if any(is_reported(node) and key is not None for node, key in place.steps):
            return await self._reported(place)
        node = place.node
        match node:
            case Service():
                inner = await self._members(place, node.children)
                return inner if self._config else {"name": self._cube.name, **inner}
            case Leaf() | LeafList() | AnyData():
                return await self._leaf(place, node)
            case Container():
                if not self.exists(place):
                    return ABSENT
                if node.binding:
                    return await self._in_bound(place, node)
                return await self._members(place, node.children)
            case List() if place.is_entry:
                return await self._entry(place, node)
            case List():
                return await self._list(place, node)
            case Action() | Notification():
                return ABSENT

    async def _members(self, place: Place, children: Iterable[Node]) -> Object:
        result: Object = {}
        for child in children:
            if isinstance(child, Action | Notification) or (self._config and not child.config):
                continue
            value = await self._read(place.child(child))
            if value is not ABSENT and not self._is_implied(place.node, child, value):
                result[child.name] = value
        return result

    def _is_implied(self, above: Node | Service, child: Node, value: Any) -> bool:
        """Whether an empty value says nothing; where it may not be there, it would say that it is.

        In a case that is not chosen there is nothing.
        """
        if value == {} and isinstance(child, Container) and not child.presence:
            return self._config or is_conditional(above, child)
        return is_conditional(above, child) and _has_nothing(child, value)

    async def _leaf(self, place: Place, node: Leaf | LeafList | AnyData) -> Any:
        if node.base:
            return self._base.read(self._cube, place, ABSENT)
        if node.binding:
            return self._in_map(place, node)
        if node.config:
            return self._cube.config.get(place, ABSENT)
        value = await getattr(self._cube.control, f"get_{node.attr}")(*place.keys)
        return ABSENT if value is None else msgspec.to_builtins(value)

    def _in_map(self, place: Place, node: Leaf | LeafList | AnyData | Container) -> Any:
        table = self._cube.tables[node.binding]
        if is_set(node, table.layout):
            return values(node, self._rows(place, table)) or ABSENT
        holder = place.holder
        value: Any = self.bound_entry(holder) if holder.is_entry else self._row(holder, table)
        if place.beneath or not isinstance(node, Container):
            value = at(value or {}, "/".join(place.beneath) or node.name)
        return ABSENT if value is None else value

    async def _in_bound(self, place: Place, node: Container) -> Object:
        """Return a container that a map holds, and what in it the map does not hold."""
        found = self._in_map(place, node)
        rest = await self._members(place, beside(node))
        return shown(node, {**({} if found is ABSENT else found), **rest}, config=self._config)

    async def _list(self, place: Place, node: List) -> list[Object]:
        if is_reported(node):
            found = await getattr(self._cube.control, f"get_{node.attr}")(*place.keys)
            return [msgspec.to_builtins(entry) for entry in found]
        if node.binding:
            return await self._bound_list(place, node)
        keys: list[Key] = (
            [(one,) for one in self._cube.ports] if node.base else self._cube.config.keys(place)
        )
        read = [await self._entry(place.entry(key), node) for key in keys]
        return [entry for entry in read if entry is not ABSENT]  # it may have gone meanwhile

    async def _bound_list(self, place: Place, node: List) -> list[Object]:
        table = self._cube.tables[node.binding]
        entries = self._rows(place, table)
        if self._config:
            entries = [entry for entry in entries if table.layout.is_created(entry)]
        rest = beside(node)
        if not rest:
            return _all_visible(node, table.layout, entries, config=self._config)
        return [
            self._visible(
                node, {**entry, **await self._members(place.entry(key_of(node, entry)), rest)}
            )
            for entry in entries
        ]

    def _row(self, place: Place, table: BoundTable) -> Object | None:
        """Return what a map holds of the container or leaf at `place`, None if nothing."""
        above = table.layout.above
        if len(self._target) < len(above):  # of several entries
            return next(iter(self._rows(place, table)), None)
        found = table.get(dict(zip(above, place.keys, strict=False)))
        return found and {name: one for name, one in found.items() if name not in above}

    def _rows(self, place: Place, table: BoundTable) -> list[Object]:
        """Return the rows of the list at `place`, without the keys of the entries it is in."""
        above = table.layout.above
        if not above:
            return table.entries()
        name = table.layout.name
        if name not in self._groups:
            # What is asked for is in these entries, so the others are of no interest.
            fixed = dict(zip(above, self._target, strict=False))
            self._groups[name] = _grouped(above, table.entries(fixed))
        return self._groups[name].get(place.keys, [])

    async def _entry(self, place: Place, node: List) -> Any:
        if not self.exists(place):
            return ABSENT
        if node.binding:
            bound = self.bound_entry(place) or {}
            return self._visible(node, {**bound, **await self._members(place, beside(node))})
        keys = dict(zip(node.keys, place.key, strict=True))
        children = [child for child in node.children if child.name not in keys]
        return {**keys, **await self._members(place, children)}

    def bound_entry(self, place: Place) -> Object | None:
        """Return the entry of a bound list as its map has it, None if there is none."""
        table = self._cube.tables[place.list_node.binding]
        return table.get(row_key(place, table.layout))

    async def _reported(self, place: Place) -> Any:
        """Find an entry that only the control plane knows, or what is in it."""
        outer = next(n for n, (node, _) in enumerate(place.steps) if is_reported(node))
        list_place = place._replace(steps=(*place.steps[:outer], (place.steps[outer][0], None)))
        value: Any = await self._list(list_place, list_place.list_node)
        for depth, (node, key) in enumerate(place.steps[outer:]):
            if depth:
                value = value.get(node.name, ABSENT)
            if key is not None and isinstance(node, List) and value is not ABSENT:
                value = next((one for one in value if key_of(node, one) == key), ABSENT)
            if value is ABSENT:
                return ABSENT
        return value

    def _visible(self, node: List, entry: Object) -> Object:
        """Put an entry in the model's order, without state where only config is wanted."""
        return shown(node, entry, config=self._config)


def is_reported(node: Node | Service) -> bool:
    """Whether a list's entries are known to the control plane only."""
    return isinstance(node, List) and not (node.config or node.base or node.binding)


def _grouped(above: tuple[str, ...], rows: list[Object]) -> Groups:
    groups: Groups = {}
    for row in rows:
        groups.setdefault(tuple([row.pop(name) for name in above]), []).append(row)
    return groups


def _all_visible(
    node: List, layout: MapLayout, entries: list[Object], *, config: bool
) -> list[Object]:
    """Put many entries in the model's order: often there is nothing to do."""
    children: tuple[Any, ...] = node.children
    names = [child.name for child in children if child.config or not config]
    fields = (*layout.key.fields[len(layout.above) :], *layout.value.fields)
    order = [field.leaf for field in fields]
    if layout.is_nested:
        return [shown(node, entry, config=config) for entry in entries]
    if order == [name for name in names if name in order]:
        return entries
    return [{name: entry[name] for name in names if name in entry} for entry in entries]


def _has_nothing(node: Node, value: Any) -> bool:
    """Whether a value is a list without entries, or a container of such alone."""
    if not isinstance(node, Container) or node.presence:
        return value == [] and isinstance(node, List)
    return all(_has_nothing(node.by_name[name], one) for name, one in value.items())
