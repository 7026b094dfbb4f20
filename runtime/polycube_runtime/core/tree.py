"""The data model of one cube as a tree: read it, compare it, make it so.

Every node has one of four homes, told by its metadata:

    base       the cube and its ports themselves (uuid, loglevel, ports, peer …)
    binding    an eBPF map, through its `BoundTable`; the only copy is in the kernel
    config     the cube's `config`, after the control plane's hook has agreed
    state      the control plane's hook, asked when read

Writing is one operation, `apply`: from the configuration as it is to the one wanted, difference by difference. Creating is applying
to nothing, deleting is applying nothing. Each difference pushes its inverse on the transaction's `Undo`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from polycube_runtime.core.base import BaseNodes
from polycube_runtime.core.place import Key, Place, key_of
from polycube_runtime.support.errors import DataExists, DataMissing, NotFound
from polycube_runtime.support.schema import Action, Container, Leaf, LeafList, List, Service
from polycube_runtime.support.validate import Mode, validate_entry

if TYPE_CHECKING:
    from polycube_runtime.core.cube import Cube
    from polycube_runtime.core.undo import Undo
    from polycube_runtime.support.schema import Node

Object = dict[str, Any]
ABSENT = object()


class Tree:
    """The tree of one cube."""

    def __init__(self, cube: Cube, base: BaseNodes) -> None:
        """Look at `cube`; `base` serves the nodes of the polycube base modules."""
        self._cube = cube
        self._base = base

    @property
    def root(self) -> Place:
        """The place of the cube."""
        return Place(self._cube.service, self._cube.name)

    # Reading

    async def read(self, place: Place, *, config: bool = False) -> Any:
        """Return what is at `place`; with `config` only what can be configured.

        Raises:
            NotFound: there is no such entry, or the leaf has no value.

        """
        self.require_parents(place)
        value = await self._read(place, config=config)
        if value is ABSENT:
            message = "there is nothing here"
            raise NotFound(message, place.path)
        return value

    def require_parents(self, place: Place) -> None:
        """Raise `NotFound` unless every entry on the way to `place` exists."""
        for count in range(1, len(place.steps)):
            above = place._replace(steps=place.steps[:count])
            if above.is_entry and not self.exists(above):
                message = "there is no such entry"
                raise NotFound(message, above.path)

    def exists(self, entry: Place) -> bool:
        """Whether an entry of a list exists."""
        return self._entry(entry) is not None

    async def _read(self, place: Place, *, config: bool) -> Any:
        node = place.node
        match node:
            case Service():
                inner = await self._members(place, node.by_name.values(), config=config)
                return inner if config else {"name": self._cube.name, **inner}
            case Leaf() | LeafList():
                return await self._leaf(place, node)
            case Container():
                return await self._members(place, node.children, config=config)
            case List() if place.is_entry:
                return await self._read_entry(place, node, config=config)
            case List():
                return await self._read_list(place, node, config=config)
            case Action():
                return ABSENT

    async def _members(self, place: Place, children: Any, *, config: bool) -> Object:
        result: Object = {}
        for child in children:
            if isinstance(child, Action) or (config and not child.config):
                continue
            if not place.steps and child.name == "name":
                continue
            value = await self._read(place.child(child), config=config)
            if value is not ABSENT and not (value == {} and config):
                result[child.name] = value
        return result

    async def _leaf(self, place: Place, node: Leaf | LeafList) -> Any:
        if node.base:
            return self._base.read(self._cube, place, ABSENT)
        if node.binding:
            above = place.parent
            entry = self._entry(above) if above.is_entry else self._cube.tables[node.binding].get({})
            return ABSENT if entry is None else entry.get(node.name, ABSENT)
        if node.config:
            return self._stored(place.parent).get(node.name, ABSENT)
        value = await getattr(self._cube.control, f"get_{node.attr}")(*place.keys)
        return ABSENT if value is None else value

    async def _read_list(self, place: Place, node: List, *, config: bool) -> list[Object]:
        if node.binding:
            entries = self._cube.tables[node.binding].entries()
            return [self._visible(node, entry, config=config) for entry in entries]
        if not node.config and not node.base:
            found = await getattr(self._cube.control, f"get_{node.attr}")(*place.keys)
            return [msgspec.to_builtins(entry) for entry in found]
        return [
            await self._read_entry(place.entry(key), node, config=config)
            for key in self._keys(place, node)
        ]

    async def _read_entry(self, place: Place, node: List, *, config: bool) -> Any:
        entry = self._entry(place)
        if entry is None:
            return ABSENT
        if node.binding:
            return self._visible(node, entry, config=config)
        if not node.config and not node.base:
            return entry
        keys = dict(zip(node.keys, place.steps[-1][1] or (), strict=True))
        children = [child for child in node.children if child.name not in keys]
        return {**keys, **await self._members(place, children, config=config)}

    def _visible(self, node: List, entry: Object, *, config: bool) -> Object:
        """Put the leaves of a map's entry in the model's order, leaving out state where only config is wanted."""
        children: tuple[Any, ...] = node.children
        return {
            child.name: entry[child.name]
            for child in children
            if child.name in entry and (child.config or not config)
        }

    def _keys(self, place: Place, node: List) -> list[Key]:
        if node.base:
            return [(name,) for name in self._cube.ports]
        return list(self._stored(place.parent).get(node.name, {}))

    def _entry(self, place: Place) -> Object | None:
        """Return an entry's values, or None if it does not exist; an entry without a map gives what is stored."""
        node, key = place.steps[-1]
        assert isinstance(node, List)  # noqa: S101 (only entries come here)
        if node.base:
            return {} if key is not None and key[0] in self._cube.ports else None
        if node.binding:
            return self._cube.tables[node.binding].get(dict(zip(node.keys, key or (), strict=True)))
        found: Object | None = self._stored(place.parent).get(node.name, {}).get(key)
        return found

    def _stored(self, place: Place) -> Object:
        """Return the dict in which the cube keeps a container's or entry's configured members."""
        here: Any = self._cube.config
        for node, key in place.steps:
            here = here.setdefault(node.name, {})
            if key is not None:
                here = here.setdefault(key, {})
        return here  # type: ignore[no-any-return]

    # Writing

    async def create(self, place: Place, value: Any, undo: Undo) -> None:
        """Create an entry, or all entries of an array, that must not exist; anything else is merged."""
        if place.is_entry:
            self._refuse_existing(place)
            await self._add(place, value, undo)
        elif isinstance(place.node, List):
            for entry in value:
                self._refuse_existing(place.entry(key_of(place.node, entry)))
            for entry in value:
                await self._add(place.entry(key_of(place.node, entry)), entry, undo)
        else:
            await self.update(place, value, undo)

    def _refuse_existing(self, place: Place) -> None:
        if self.exists(place):
            message = "the entry exists already"
            raise DataExists(message, place.path)

    async def replace(self, place: Place, value: Any, undo: Undo) -> None:
        """Make the configuration at `place` exactly `value`; what is equal is not touched."""
        if place.is_entry and not self.exists(place):
            await self._add(place, value, undo)
            return
        await self._apply(place, await self.read(place, config=True), value, undo, merge=False)

    async def update(self, place: Place, value: Any, undo: Undo) -> None:
        """Change what `value` names and nothing else; entries of lists that do not exist are created."""
        if place.is_entry and not self.exists(place):
            message = "there is no such entry"
            raise DataMissing(message, place.path)
        leaf = isinstance(place.node, Leaf | LeafList)
        self.require_parents(place)
        current = await self._read(place, config=True)
        await self._apply(place, None if leaf and current is ABSENT else current, value, undo, merge=True)

    async def delete(self, place: Place, undo: Undo) -> None:
        """Remove an entry, all entries of a list, or all that was configured in a container."""
        if place.is_entry:
            if not self.exists(place):
                message = "there is no such entry"
                raise DataMissing(message, place.path)
            await self._remove(place, undo)
        else:
            current = await self.read(place, config=True)
            empty: Any = [] if isinstance(place.node, List) else _defaults(place.node)
            await self._apply(place, current, empty, undo, merge=False)

    async def _apply(self, place: Place, old: Any, new: Any, undo: Undo, *, merge: bool) -> None:
        if old == new:
            return
        node = place.node
        match node:
            case Leaf() | LeafList():
                await self._set(place, node, old, new, undo)
            case List() if not place.is_entry:
                await self._apply_list(place, node, old or [], new, undo, merge=merge)
            case List() if node.binding:
                await self._put(place, node, {**old, **new} if merge else new, undo)
            case List() if not node.base:
                await self._update_entry(place, node, old, {**old, **new} if merge else new, undo)
            case Action():
                return
            case _:
                children = node.by_name.values() if isinstance(node, Service) else node.children
                await self._apply_members(place, children, (old or {}, new), undo, merge=merge)

    async def _apply_members(
        self, place: Place, children: Any, both: tuple[Object, Object], undo: Undo, *, merge: bool
    ) -> None:
        old, new = both
        for child in children:
            if isinstance(child, Action) or not child.config or getattr(child, "key", False):
                continue
            if child.name in new or (not merge and child.name in old):
                empty: Any = [] if isinstance(child, List) else {} if isinstance(child, Container) else None
                before, after = old.get(child.name, empty), new.get(child.name, empty)
                await self._apply(place.child(child), before, after, undo, merge=merge)

    async def _apply_list(
        self, place: Place, node: List, old: list[Object], new: list[Object], undo: Undo, *, merge: bool
    ) -> None:
        before = {key_of(node, entry): entry for entry in old}
        after = {key_of(node, entry): entry for entry in new}
        if not merge:
            for key in before.keys() - after.keys():
                await self._remove(place.entry(key), undo)
        for key, entry in after.items():
            there = place.entry(key)
            if key not in before:
                await self._add(there, entry, undo)
            elif not merge or any(before[key].get(name) != value for name, value in entry.items()):
                await self._apply(there, before[key], entry, undo, merge=merge)

    async def _set(self, place: Place, node: Leaf | LeafList, old: Any, new: Any, undo: Undo) -> None:
        if node.base:
            await self._base.write(self._cube, place, new, undo)
        elif node.binding:
            await self._set_bound(place, node, new, undo)
        else:
            await self._set_config(place, node, old, new, undo)

    async def _set_bound(self, place: Place, node: Leaf | LeafList, new: Any, undo: Undo) -> None:
        above = place.parent
        if above.is_entry and isinstance(above.node, List) and above.node.binding:
            entry = self._visible(above.node, self._entry(above) or {}, config=True)
            await self._put(above, above.node, {**entry, node.name: new}, undo)
            return
        table = self._cube.tables[node.binding]
        before = table.get({}) or {}
        undo.push(lambda: table.put(before))
        table.put({**before, node.name: new})

    async def _set_config(self, place: Place, node: Leaf | LeafList, old: Any, new: Any, undo: Undo) -> None:
        stored = self._stored(place.parent)
        if new is not None and not self._inside_entry(place):
            hook = getattr(self._cube.control, f"set_{node.attr}")
            await hook(*place.keys, _typed(node, new))
            if old is not None:
                undo.push(lambda: hook(*place.keys, _typed(node, old)))
        undo.push(lambda: _assign(stored, node.name, old))
        _assign(stored, node.name, new)

    def _inside_entry(self, place: Place) -> bool:
        return place.parent.is_entry

    async def _add(self, place: Place, entry: Object, undo: Undo) -> None:
        node, key = place.steps[-1]
        assert isinstance(node, List)  # noqa: S101
        entry = validate_entry(node, entry, Mode.CREATE, place.path)
        if node.base:
            await self._base.add_port(self._cube, place, undo)
            await self._apply_members(place, node.children, ({}, entry), undo, merge=True)
        elif node.binding:
            table = self._cube.tables[node.binding]
            if not table.insert(entry):
                message = "the entry exists already"
                raise DataExists(message, place.path)
            undo.push(lambda: table.remove(entry))
        else:
            await self._add_config(place, node, key or (), entry, undo)

    async def _add_config(self, place: Place, node: List, key: Key, entry: Object, undo: Undo) -> None:
        siblings = self._stored(place.list_place)
        above = place.parent.keys
        value = msgspec.convert(entry, node.model) if node.model else entry
        await getattr(self._cube.control, f"add_{node.attr}")(*above, value)
        undo.push(lambda: getattr(self._cube.control, f"remove_{node.attr}")(*above, value))
        siblings[key] = {}
        undo.push(lambda: siblings.pop(key, None))
        for child in node.children:
            if child.name in node.keys or child.name not in entry:
                continue
            if isinstance(child, List | Container):
                empty: Any = [] if isinstance(child, List) else {}
                await self._apply(place.child(child), empty, entry[child.name], undo, merge=True)
            else:
                siblings[key][child.name] = entry[child.name]

    async def _update_entry(self, place: Place, node: List, old: Object, new: Object, undo: Undo) -> None:
        hook, above = getattr(self._cube.control, f"update_{node.attr}"), place.parent.keys
        before = msgspec.convert(old, node.model) if node.model else old
        after = msgspec.convert(new, node.model) if node.model else new
        await hook(*above, before, after)
        undo.push(lambda: hook(*above, after, before))
        stored = self._stored(place)
        for child in node.children:
            if isinstance(child, Leaf | LeafList) and child.config and child.name not in node.keys:
                value = old.get(child.name)
                undo.push(lambda name=child.name, value=value: _assign(stored, name, value))
                _assign(stored, child.name, new.get(child.name))

    async def _put(self, place: Place, node: List, entry: Object, undo: Undo) -> None:
        table = self._cube.tables[node.binding]
        entry = validate_entry(node, entry, Mode.CREATE, place.path)
        before = table.get(entry)
        if before is not None:
            undo.push(lambda: table.put(before))
        table.put(entry)

    async def _remove(self, place: Place, undo: Undo) -> None:
        node, key = place.steps[-1]
        assert isinstance(node, List)  # noqa: S101
        if node.base:
            await self._base.remove_port(self._cube, place, undo)
        elif node.binding:
            table = self._cube.tables[node.binding]
            before = self._entry(place)
            if before is None:
                return
            if table.is_array:
                table.map.update(table.layout.pack_key(before), bytes(table.map.spec.value_size))
            else:
                table.remove(before)
            undo.push(lambda: table.put(before))
        else:
            await self._remove_config(place, node, key or (), undo)

    async def _remove_config(self, place: Place, node: List, key: Key, undo: Undo) -> None:
        entry = await self._read_entry(place, node, config=True)
        siblings = self._stored(place.list_place)
        above = place.parent.keys
        value = msgspec.convert(entry, node.model) if node.model else entry
        await getattr(self._cube.control, f"remove_{node.attr}")(*above, value)
        undo.push(lambda: getattr(self._cube.control, f"add_{node.attr}")(*above, value))
        stored = siblings.pop(key)
        undo.push(lambda: siblings.__setitem__(key, stored))

    # Actions

    async def call(self, place: Place, arguments: Object | None) -> Object | None:
        """Run an action with validated input; returns its output."""
        self.require_parents(place)
        node = place.node
        assert isinstance(node, Action)  # noqa: S101
        method = getattr(self._cube.control, node.attr)
        if node.input is None:
            result = await method(*place.keys)
        else:
            model: Any = node.input.model
            result = await method(*place.keys, msgspec.convert(arguments or {}, model))
        return None if result is None else msgspec.to_builtins(result)


def _assign(stored: Object, name: str, value: Any) -> None:
    if value is None:
        stored.pop(name, None)
    else:
        stored[name] = value


def _typed(node: Leaf | LeafList, value: Any) -> Any:
    return msgspec.convert(value, node.model) if node.model is not None else value


def _defaults(node: Node | Service) -> Object:
    """Return what a container's configuration is when nothing was configured."""
    result: Object = {}
    for child in getattr(node, "children", ()):
        if isinstance(child, Leaf) and child.config and child.default is not None:
            result[child.name] = child.default
        elif isinstance(child, Container) and child.config and not child.presence:
            result[child.name] = _defaults(child)
    return result
