"""Making a cube's configuration what is wanted, difference by difference.

Entries of a list without a map are told to the control plane as a whole (`add`, `update`, `remove`
hooks): their leaves and containers, not the lists below, whose entries have hooks of their own.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from polycube_runtime.core.durable.undo import Undo
from polycube_runtime.core.model.held import can_grow, completed
from polycube_runtime.core.model.innertables import furnish_port
from polycube_runtime.core.model.mapvalues import MapValues
from polycube_runtime.core.model.mapwrites import MapWrites, unlearn
from polycube_runtime.core.model.notes import Notes
from polycube_runtime.core.model.parts import (
    configured,
    counted,
    has_own_map,
    is_all_told,
    merged,
    own_of,
    refuse_changed,
    refuse_init_only,
    typed,
    unbound_lists,
    without_keys,
)
from polycube_runtime.core.model.place import beside, displaced, is_inside, key_of
from polycube_runtime.support.errors import OperationFailed
from polycube_runtime.support.schema import (
    AnyData,
    Container,
    Leaf,
    LeafList,
    List,
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
        self._notes = Notes(cube, undo)
        self._values = MapValues(
            self._maps, self._notes, merge=merge, complete=complete, ending=ending
        )

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
                self._values.container(place, node, old, new)
                await self._outside(place, node, old or {}, new or {})
            case Container() | Service() as node:
                await self._members(place, node.children, old or {}, new or {})

    async def _members(
        self, place: Place, children: Iterable[Node], old: Object, new: Object
    ) -> None:
        for child in children:
            if not configured(child) or getattr(child, "key", False):
                continue
            if self._ending and child.name not in new and is_conditional(place.node, child):
                unlearn(self._cube, place.child(child), self._undo)
            if child.name in new or (not self._merge and child.name in old):
                await self.apply(place.child(child), old.get(child.name), new.get(child.name))

    # Leaves and containers

    async def _value(
        self, place: Place, node: Leaf | LeafList | AnyData, old: Any, new: Any
    ) -> None:
        if node.base:
            await self._base.write(self._cube, place, new, self._undo)
            return
        refuse_init_only(place, node, old)
        if node.binding:
            self._values.leaf(place, node, old, new)
        else:
            await self._told(place, node, old, new)

    async def _told(
        self, place: Place, node: Leaf | LeafList | AnyData, old: Any, new: Any
    ) -> None:
        """Set what only the control plane holds; None tells it that a leaf is not there."""
        conditional = place.is_fleeting
        needed = getattr(node, "mandatory", False) and not conditional
        default = getattr(node, "default", None)
        kept = new
        if new is None:
            new = list(node.default) if isinstance(node, LeafList) else default
            if self._ending and conditional:
                new = new if isinstance(node, LeafList) else None
            else:
                kept = new
        if new is None and needed:
            message = "cannot be taken away: it has no default to go back to"
            raise OperationFailed(message, place.path)
        hook, config = getattr(self._cube.control, f"set_{node.attr}"), self._cube.config
        await hook(*place.keys, typed(node, new))
        if old is not None or conditional or (default is None and not needed):
            self._undo.push(lambda: hook(*place.keys, typed(node, old)))
        self._undo.push(lambda: config.set(place, old))
        config.set(place, kept)
        self._notes.value(place, old, kept)

    async def _presence(
        self, place: Place, node: Container, old: Object | None, new: Object | None
    ) -> None:
        hook, config = getattr(self._cube.control, f"set_{node.attr}"), self._cube.config
        if new is None:
            ending = Change(self._cube, self._base, self._undo, merge=False, ending=True)
            with self._undo.quiet():
                await ending._lists(place, node.children, old or {}, {})
            await hook(*place.keys, present=False)
            again = Change(self._cube, self._base, Undo(), merge=True)
            own = own_of(node.children, old or {})
            self._undo.push(lambda: again.apply(place, None, own))
            config.set(place, None)
            self._notes.value(place, old, None)
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
            self._notes.value(place, None, new)
            return
        await self._members(place, node.children, old, new)

    async def _outside(
        self, place: Place, node: Container | List, old: Object, new: Object, *, lists: bool = True
    ) -> None:
        """Apply to what is in a container or an entry, which a map holds, and not in that map."""
        inner = [one for one in beside(node) if is_inside(node, one)]
        rest = [one for one in beside(node) if one not in inner and (lists or _is_told(one))]
        await self._members(place, rest, old, new)
        for one in inner:
            before, after = old.get(one.name) or {}, new.get(one.name) or {}
            if isinstance(one, Container) and (one.name in new or not self._merge):
                await self._outside(place.child(one), one, before, after, lists=lists)

    # Lists

    async def _list(self, place: Place, node: List, old: list[Object], new: list[Object]) -> None:
        before = {key_of(node, entry): entry for entry in old}
        after = {key_of(node, entry): entry for entry in new}
        gone = [] if self._merge else [key for key in before if key not in after]
        counted(self._undo, place, len(before.keys() | after.keys()) - len(gone))
        if node.binding:
            await self._bound_list(place, node, before, after, gone)
            return
        moved = () if self._merge or not node.ordered_by_user else displaced(before, after)
        gone += moved
        if gone:
            self.keep_order(place)
            self._maps.empty(place, node, gone)
        for key in gone:
            await self._remove(place.entry(key), before[key])
        added = [key for key in after if key not in before or key in moved]
        if not node.base:  # a port has no index yet
            self._maps.furnish(place, node, added)
        with self._maps.together():
            for key, entry in after.items():
                if key in before and key not in moved:
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
                if not self._complete and can_grow(node):
                    whole = completed(node, before[key], entry, place.entry(key).path)
                whole = merged(before[key], whole)
            if before.get(key) != whole:
                entries.append(whole)
        self._maps.empty(place, node, gone)
        self._maps.furnish(place, node, [key for key in after if key not in before])
        self._maps.write(place, entries, [before[key] for key in gone])
        for key in gone:
            self._forget(place.entry(key))
            self._notes.gone(place.entry(key), before[key])
        with self._maps.together():
            for entry in entries:
                key = key_of(node, entry)
                here, old = place.entry(key), before.get(key)
                if not rest:
                    self._notes.entry(here, old, entry, entry)
                elif old is None:
                    self._notes.entry(here, None, entry)  # first: it is what the journal has first
                    with self._undo.quiet():
                        await self._outside(here, node, {}, entry)
                else:
                    await self._beside(here, node, old, entry)

    async def _beside(self, place: Place, node: List, old: Object, new: Object) -> None:
        """Apply to what is in a bound entry and not in its map: its lists tell of themselves."""
        before, after = (own_of(node.children, one, node.binding) for one in (old, new))
        if before != after:
            with self._undo.quiet():
                await self._outside(place, node, old, new, lists=False)
            self._notes.entry(place, before, after)
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
                self._maps.furnish(place.list_place, node, [place.key])
                furnish_port(self._cube, self._undo)
                self._undo.push(lambda: self._cube.config.pop(place))
                self._notes.entry(place, None, entry)
                await self._members(place, node.children, {}, entry)
            self._notes.record(place, None, entry)
            return
        own = own_of(node.children, entry)
        self._maps.furnish(place.list_place, node, [place.key])
        await self._hook("add", place, own)
        self._undo.push(lambda: self._hook("remove", place, own))
        self._cube.config.make(place).values = without_keys(node, own)
        self._undo.push(lambda: self._cube.config.pop(place))
        self._notes.entry(place, None, entry, own)
        with self._undo.quiet():
            await self._lists(place, node.children, {}, entry)

    async def remove(self, place: Place, entry: Object) -> None:
        """Remove an entry; `entry` is its configuration."""
        node = place.list_node
        self._maps.empty(place.list_place, node, [place.key])
        if node.binding:
            self._maps.write(place.list_place, [], [entry])
            self._forget(place)
            self._notes.gone(place, entry)
        else:
            await self._remove(place, entry)

    async def _remove(self, place: Place, entry: Object) -> None:
        """Remove an entry that no map holds, after what was in it and in maps."""
        node = place.list_node
        with self._undo.quiet():
            await self._lists(place, node.children, unbound_lists(node.children, entry), {})
        if node.base:
            await self._base.remove_port(self._cube, place, self._undo)
        else:
            own = own_of(node.children, entry)
            await self._hook("remove", place, own)
            self._undo.push(lambda: self._hook("add", place, own))
        self._forget(place)
        self._notes.gone(place, entry)

    async def _entry(self, place: Place, node: List, old: Object, new: Object) -> None:
        if node.binding:
            await self._bound_list(place.list_place, node, {place.key: old}, {place.key: new})
        elif node.base:
            await self._members(place, node.children, old, new)
        else:
            await self._update(place, node, old, new)
            await self._lists(place, node.children, old, new)

    async def _update(self, place: Place, node: List, old: Object, new: Object) -> None:
        before, after = own_of(node.children, old), own_of(node.children, new)
        if self._merge:
            after = merged(before, after)
        if before == after:
            return
        refuse_changed(place, node.children, before, after)
        await self._hook("update", place, before, after)
        self._undo.push(lambda: self._hook("update", place, after, before))
        kept = self._cube.config.make(place)
        values = kept.values
        self._undo.push(lambda: setattr(kept, "values", values))
        kept.values = without_keys(node, after)
        self._notes.entry(place, before, after, after if is_all_told(node) else None)

    async def _lists(
        self, place: Place, children: Iterable[Node], old: Object, new: Object
    ) -> None:
        """Apply to the lists, and what is in other maps, directly in an entry or its containers."""
        for child in children:
            if not configured(child) or (
                child.name not in new and (self._merge or child.name not in old)
            ):
                continue
            before, after = old.get(child.name), new.get(child.name)
            if isinstance(child, List) or has_own_map(child, getattr(place.node, "binding", "")):
                await self.apply(place.child(child), before, after)
            elif isinstance(child, Container):
                await self._lists(place.child(child), child.children, before or {}, after or {})

    async def _hook(self, verb: str, place: Place, *entries: Object) -> None:
        node = place.list_node
        try:
            typed = [msgspec.convert(one, node.model) if node.model else one for one in entries]
        except msgspec.ValidationError:
            for one in entries:  # a leaf was given, but not what must be beside it: say what
                validate_entry(node, one, Mode.CREATE, place.path)
            raise
        await getattr(self._cube.control, f"{verb}_{node.attr}")(*place.parent.keys, *typed)

    def _whole(self, place: Place, node: List, entry: Object) -> Object:
        if self._complete:
            return entry
        return validate_entry(node, entry, Mode.CREATE, place.path)

    def _forget(self, place: Place) -> None:
        kept = self._cube.config.pop(place)
        self._undo.push(lambda: self._cube.config.put(place, kept))


def _is_told(node: Node) -> bool:
    """Whether a member of an entry in a map is one that only the control plane holds."""
    return isinstance(node, Leaf | LeafList | AnyData) and not node.binding
