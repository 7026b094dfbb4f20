"""Making a cube's configuration what is wanted, difference by difference.

Entries of a list without a map are told to the control plane as a whole (`add`, `update`, `remove`
hooks): their leaves and containers, not the lists below, whose entries have hooks of their own.
"""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

import msgspec

from polycube_runtime.core.durable.transaction import Touch, op_of
from polycube_runtime.core.durable.undo import Undo
from polycube_runtime.core.model.mapwrites import MapWrites
from polycube_runtime.core.model.place import beside, key_of, row_key
from polycube_runtime.support.errors import InvalidValue, OperationFailed
from polycube_runtime.support.schema import (
    UNBOUNDED,
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
from polycube_runtime.support.validate import Mode, validate, validate_entry

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

    from polycube_runtime.core.cube import Cube
    from polycube_runtime.core.model.base import BaseNodes
    from polycube_runtime.core.model.place import Key, Place
    from polycube_runtime.support.schema import Node

Object = dict[str, Any]


class Change:
    """One change of one cube's configuration; each step tells `undo` its inverse and what changed.

    With `merge`, what the wanted does not name stays; without, it goes. `complete` says that the
    wanted was validated for creation; if not, what turns out to be new is validated here.
    """

    def __init__(
        self,
        cube: Cube,
        base: BaseNodes,
        undo: Undo,
        *,
        merge: bool,
        complete: bool = True,
        ending: bool = False,
    ) -> None:
        """Change `cube`; `base` serves the nodes of the polycube base modules.

        With `ending`, what goes has no default to go back to: it may not be there any more.
        """
        self._cube = cube
        self._base = base
        self._undo = undo
        self._merge = merge
        self._complete = complete
        self._ending = ending
        self._maps = MapWrites(cube, undo)

    async def apply(self, place: Place, old: Any, new: Any) -> None:
        """Go from the configuration `old` at `place` to `new`; None is nothing at all."""
        if old == new:
            return
        match place.node:
            case Leaf() | LeafList() | AnyData() as leaf:
                await self._value(place, leaf, old, new)
            case List() as node if place.is_entry:
                await self._entry(place, node, old, new)
            case List() as node:
                await self._list(place, node, old or [], new or [])
            case Container(presence=True, binding="") as node:
                await self._presence(place, node, old, new)
            case Container() as node if node.binding:
                self._bound(place, node, new or {})
                await self._members(place, beside(node), old or {}, new or {})
            case Container() | Service() as node:
                await self._members(place, node.children, old or {}, new or {})

    async def _members(
        self, place: Place, children: Iterable[Node], old: Object, new: Object
    ) -> None:
        for child in children:
            if not _configured(child) or getattr(child, "key", False):
                continue
            if child.name in new or (not self._merge and child.name in old):
                await self.apply(place.child(child), old.get(child.name), new.get(child.name))

    # Leaves and containers

    async def _value(
        self, place: Place, node: Leaf | LeafList | AnyData, old: Any, new: Any
    ) -> None:
        if node.base:
            await self._base.write(self._cube, place, new, self._undo)
            return
        _refuse_init_only(place, node, old)
        if not node.binding:
            await self._told(place, node, old, new)
            return
        if place.parent.is_entry:
            table = self._maps.table(place)
            entry = table.get(row_key(place.parent, table.layout)) or {}
            given = {one.name for one in place.parent.list_node.children if _configured(one)}
            entry = {name: value for name, value in entry.items() if name in given}
            self._maps.write(place.parent, [{**entry, node.name: new}])
        else:
            self._maps.write(place, [{**(self._maps.table(place).get({}) or {}), node.name: new}])
        self._note(place, old, new)

    async def _told(
        self, place: Place, node: Leaf | LeafList | AnyData, old: Any, new: Any
    ) -> None:
        """Set a leaf that only the control plane holds."""
        conditional = is_conditional(place.parent.node, node)
        kept = new
        if new is None:
            new = [] if isinstance(node, LeafList) else getattr(node, "default", None)
            if self._ending and conditional:
                new = new if isinstance(node, LeafList) else None
            else:
                kept = new
        if new is None and not conditional:
            message = "cannot be taken away: it has no default to go back to"
            raise OperationFailed(message, place.path)
        hook, config = getattr(self._cube.control, f"set_{node.attr}"), self._cube.config
        await hook(*place.keys, _typed(node, new))
        if old is not None or conditional:
            self._undo.push(lambda: hook(*place.keys, _typed(node, old)))
        self._undo.push(lambda: config.set(place, old))
        config.set(place, kept)
        self._note(place, old, kept)

    async def _presence(
        self, place: Place, node: Container, old: Object | None, new: Object | None
    ) -> None:
        hook, config = getattr(self._cube.control, f"set_{node.attr}"), self._cube.config
        if new is None:
            with self._undo.quiet():
                await self._lists(place, node.children, old or {}, {})
            await hook(*place.keys, present=False)
            again = Change(self._cube, self._base, Undo(), merge=True)
            own = _own(node.children, old or {})
            self._undo.push(lambda: again.apply(place, None, own))
            config.set(place, None)
            self._note(place, old, None)
            return
        if old is None:
            if not self._complete:
                new = validate(node, new, Mode.CREATE, place.path)
            await hook(*place.keys, present=True)
            self._undo.push(lambda: hook(*place.keys, present=False))
            self._undo.push(lambda: config.set(place, None))
            config.set(place, {})
            with self._undo.quiet():
                await self._members(place, node.children, {}, new)
            self._note(place, None, new)
            return
        await self._members(place, node.children, old, new)

    def _bound(self, place: Place, node: Container, new: Object) -> None:
        """Write a container's map at once, so that the data plane never sees half of a change."""
        now = self._maps.table(place).get({}) or {}
        ours = [
            child.name
            for child in node.children
            if isinstance(child, Leaf | LeafList) and child.binding and child.config
        ]
        kept = {name: value for name, value in now.items() if self._merge or name not in ours}
        wanted = {name: value for name, value in new.items() if name in ours}
        after = {**kept, **wanted}
        if after == now:
            return
        self._maps.write(place, [after])
        for name in ours:
            if now.get(name) != after.get(name):
                self._note(place.child(node.by_name[name]), now.get(name), after.get(name))

    # Lists

    async def _list(self, place: Place, node: List, old: list[Object], new: list[Object]) -> None:
        before = {key_of(node, entry): entry for entry in old}
        after = {key_of(node, entry): entry for entry in new}
        gone = [] if self._merge else [key for key in before if key not in after]
        check_count(place, node, len(before.keys() | after.keys()) - len(gone))
        if node.binding:
            await self._bound_list(place, node, before, after, gone)
            return
        if gone:
            self.keep_order(place)
            self._maps.empty(place, node, gone)
        for key in gone:
            await self._remove(place.entry(key), before[key])
        for key, entry in after.items():
            if key in before:
                await self.apply(place.entry(key), before[key], entry)
            else:
                await self.add(place.entry(key), entry)

    async def _bound_list(
        self,
        place: Place,
        node: List,
        before: dict[Key, Object],
        after: dict[Key, Object],
        gone: Sequence[Key] = (),
    ) -> None:
        rest, entries = beside(node), []
        for key, entry in after.items():
            whole = entry
            if key not in before:
                whole = self._whole(place.entry(key), node, entry)
            elif self._merge:
                whole = {**before[key], **entry}
            if before.get(key) != whole:
                entries.append(whole)
        self._maps.empty(place, node, gone)
        self._maps.write(place, entries, [before[key] for key in gone])
        for key in gone:
            self._forget(place.entry(key))
            self._gone(place.entry(key), before[key])
        with self._maps.together():
            for entry in entries:
                key = key_of(node, entry)
                here, old = place.entry(key), before.get(key)
                if not rest:
                    self._entry_is(here, old, entry, entry)
                elif old is None:
                    self._entry_is(here, None, entry)  # first: it is what the journal has first
                    with self._undo.quiet():
                        await self._members(here, rest, {}, entry)
                else:
                    await self._beside(here, node, old, entry)

    async def _beside(self, place: Place, node: List, old: Object, new: Object) -> None:
        """Apply to what is in a bound entry and not in its map: its lists tell of themselves."""
        before, after = _own(node.children, old), _own(node.children, new)
        if before != after:
            leaves = [one for one in beside(node) if not isinstance(one, List | Container)]
            with self._undo.quiet():
                await self._members(place, leaves, old, new)
            self._entry_is(place, before, after)
        await self._lists(place, beside(node), old, new)

    def keep_order(self, place: Place) -> None:
        """Have what is removed from a list put back where it was, and not at the end."""
        order = self._cube.config.keys(place)
        self._undo.push(lambda: self._cube.config.reorder(place, order))

    async def add(self, place: Place, entry: Object) -> None:
        """Create an entry, which must not exist."""
        node = place.list_node
        if node.binding:
            await self._bound_list(place.list_place, node, {}, {place.key: entry})
            return
        entry = self._whole(place, node, entry)
        if node.base:
            with self._undo.quiet():
                await self._base.add_port(self._cube, place, self._undo)
                self._undo.push(lambda: self._cube.config.pop(place))
                self._entry_is(place, None, entry)
                await self._members(place, node.children, {}, entry)
            self._record(place, None, entry)
            return
        own = _own(node.children, entry)
        await self._hook("add", place, own)
        self._undo.push(lambda: self._hook("remove", place, own))
        self._cube.config.make(place).values = _without_keys(node, own)
        self._undo.push(lambda: self._cube.config.pop(place))
        self._entry_is(place, None, entry, own)
        with self._undo.quiet():
            await self._lists(place, node.children, {}, entry)

    async def remove(self, place: Place, entry: Object) -> None:
        """Remove an entry; `entry` is its configuration."""
        node = place.list_node
        self._maps.empty(place.list_place, node, [place.key])
        if node.binding:
            self._maps.write(place.list_place, [], [entry])
            self._forget(place)
            self._gone(place, entry)
        else:
            await self._remove(place, entry)

    async def _remove(self, place: Place, entry: Object) -> None:
        """Remove an entry that no map holds, after what was in it and in maps."""
        node = place.list_node
        with self._undo.quiet():
            await self._lists(place, node.children, _told_of(node.children, entry), {})
        if node.base:
            await self._base.remove_port(self._cube, place, self._undo)
        else:
            own = _own(node.children, entry)
            await self._hook("remove", place, own)
            self._undo.push(lambda: self._hook("add", place, own))
        self._forget(place)
        self._gone(place, entry)

    async def _entry(self, place: Place, node: List, old: Object, new: Object) -> None:
        if node.binding:
            await self._bound_list(place.list_place, node, {place.key: old}, {place.key: new})
        elif node.base:
            await self._members(place, node.children, old, new)
        else:
            await self._update(place, node, old, new)
            await self._lists(place, node.children, old, new)

    async def _update(self, place: Place, node: List, old: Object, new: Object) -> None:
        before, after = _own(node.children, old), _own(node.children, new)
        if self._merge:
            after = _merged(before, after)
        if before == after:
            return
        _refuse_changed(place, node.children, before, after)
        await self._hook("update", place, before, after)
        self._undo.push(lambda: self._hook("update", place, after, before))
        kept = self._cube.config.make(place)
        values = kept.values
        self._undo.push(lambda: setattr(kept, "values", values))
        kept.values = _without_keys(node, after)
        self._entry_is(place, before, after, after)

    async def _lists(
        self, place: Place, children: Iterable[Node], old: Object, new: Object
    ) -> None:
        """Apply to the lists directly in an entry, or in its containers."""
        for child in children:
            if not isinstance(child, List | Container) or not child.config:
                continue
            if child.name not in new and (self._merge or child.name not in old):
                continue
            before, after = old.get(child.name), new.get(child.name)
            if isinstance(child, List):
                await self.apply(place.child(child), before, after)
            else:
                await self._lists(place.child(child), child.children, before or {}, after or {})

    async def _hook(self, verb: str, place: Place, *entries: Object) -> None:
        node = place.list_node
        typed = [msgspec.convert(one, node.model) if node.model else one for one in entries]
        await getattr(self._cube.control, f"{verb}_{node.attr}")(*place.parent.keys, *typed)

    def _whole(self, place: Place, node: List, entry: Object) -> Object:
        if self._complete:
            return entry
        return validate_entry(node, entry, Mode.CREATE, place.path)

    def _forget(self, place: Place) -> None:
        kept = self._cube.config.pop(place)
        self._undo.push(lambda: self._cube.config.put(place, kept))

    # What is told of it

    def _note(self, place: Place, old: Any, new: Any) -> None:
        """Note that a leaf or a container is another one."""
        self._record(place, old, new)
        anchor = place.anchor
        self._undo.touch(Touch(self._cube, anchor.below, None, anchor))

    def _entry_is(
        self, place: Place, old: Object | None, new: Object, own: Object | None = None
    ) -> None:
        """Note an entry that was made or replaced; `own`, if known, is it without its lists."""
        path = place.path
        self._undo.record(op_of(old, new), place.cube, path, old, new)
        self._undo.touch(Touch(self._cube, place.cut(path), own, place))

    def _gone(self, place: Place, old: Object) -> None:
        path = place.path
        self._undo.record("delete", place.cube, path, old, None)
        self._undo.touch(Touch(self._cube, place.cut(path), gone=True))

    def _record(self, place: Place, old: Any, new: Any) -> None:
        self._undo.record(op_of(old, new), place.cube, place.path, old, new)


def check_count(place: Place, node: List, count: int) -> None:
    """Refuse a number of entries that the list does not take."""
    if count > node.max_elements:
        message = f"would have {count} entries; at most {node.max_elements} are accepted"
        raise OperationFailed(message, place.path, "too-many-elements")
    if count < node.min_elements:
        message = f"would have {count} entries; at least {node.min_elements} are needed"
        raise OperationFailed(message, place.path, "too-few-elements")


def has_limits(node: List) -> bool:
    """Whether `check_count` can refuse anything."""
    return node.max_elements < UNBOUNDED or node.min_elements > 0


def within(place: Place, entry: Object, value: Any, *, merge: bool) -> Object:
    """Return the `entry` that `place` is in with `value` in its place.

    With `merge` only the keys and the value.
    """
    result: Object = _keys(place.anchor) if merge else deepcopy(entry)
    here = result
    *above, name = place.inner
    for step in above:
        here = here.setdefault(step, {})
    if value is None:
        here.pop(name, None)
    else:
        here[name] = value
    return result


def _keys(place: Place) -> Object:
    return dict(zip(place.list_node.keys, place.key, strict=True))


def _configured(node: Node) -> bool:
    return not isinstance(node, Action | Notification) and node.config


def _own(children: Iterable[Node], value: Object) -> Object:
    """Return what of a value belongs to its entry: configured leaves and containers, no lists."""
    result: Object = {}
    for child in children:
        if child.name in value and _configured(child) and not isinstance(child, List):
            inner = value[child.name]
            result[child.name] = (
                _own(child.children, inner) if isinstance(child, Container) else inner
            )
    return result


def _told_of(children: Iterable[Node], value: Object) -> Object:
    """Return of an entry the lists that are in no map, and in containers."""
    result: Object = {}
    for child in children:
        if child.name in value and isinstance(child, Container):
            result[child.name] = _told_of(child.children, value[child.name])
        elif child.name in value and isinstance(child, List) and not child.binding:
            result[child.name] = value[child.name]
    return result


def _without_keys(node: List, own: Object) -> Object:
    return {name: value for name, value in own.items() if name not in node.keys}


def _merged(old: Object, new: Object) -> Object:
    result = dict(old)
    for name, value in new.items():
        before = result.get(name)
        if isinstance(before, dict) and isinstance(value, dict):
            result[name] = _merged(before, value)
        else:
            result[name] = value
    return result


def _refuse_changed(place: Place, children: Iterable[Node], old: Object, new: Object) -> None:
    """Refuse a change of what can be set only when its parent is created."""
    for child in children:
        before, after = old.get(child.name), new.get(child.name)
        if before == after or isinstance(child, Action | List | Notification):
            continue
        if isinstance(child, Container):
            if before is not None and after is not None:
                _refuse_changed(place.child(child), child.children, before, after)
        else:
            _refuse_init_only(place.child(child), child, before)


def _refuse_init_only(place: Place, node: Leaf | LeafList | AnyData, old: Any) -> None:
    if node.init_only and old is not None:
        message = "can be set only when its parent is created"
        raise InvalidValue(message, place.path)


def _typed(node: Leaf | LeafList | AnyData, value: Any) -> Any:
    if isinstance(node, AnyData) or node.model is None or value is None:
        return value
    if isinstance(node, LeafList):
        return [msgspec.convert(one, node.model) for one in value]
    return msgspec.convert(value, node.model)
