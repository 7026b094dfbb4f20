"""The data model of one cube as a tree: read it, compare it, make it so.

Every node has one of four homes, told by its metadata:

    base       the cube and its ports themselves (uuid, loglevel, ports, peer …)
    binding    an eBPF map, through its `BoundTable`; the only copy is in the kernel
    config     the cube's `config`, after the control plane's hook has agreed
    state      the control plane's hook, asked when read

Writing is one operation, `Change.apply`: from the configuration as it is to the one wanted,
difference by difference. Creating is applying to nothing, deleting is applying nothing.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec

from polycube_runtime.core.model import settling
from polycube_runtime.core.model.cases import can_choose, fill
from polycube_runtime.core.model.change import Change
from polycube_runtime.core.model.held import refuse_needed
from polycube_runtime.core.model.mapwrites import unlearn
from polycube_runtime.core.model.named import check_portless, check_ports
from polycube_runtime.core.model.parts import check_count, counted, has_limits, within
from polycube_runtime.core.model.place import Place, Write, key_of, row_key
from polycube_runtime.core.model.prefixes import canonical_place, canonical_value
from polycube_runtime.core.model.reading import ABSENT, Reader
from polycube_runtime.core.model.sets import is_set
from polycube_runtime.support.constraints import is_checked
from polycube_runtime.support.errors import (
    DataExists,
    DataMissing,
    NotFound,
    PolycubeError,
)
from polycube_runtime.support.references import check_references, is_needed
from polycube_runtime.support.schema import (
    Action,
    Container,
    Leaf,
    LeafList,
    List,
    Service,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from polycube_runtime.core.cube import Cube
    from polycube_runtime.core.durable.undo import Undo
    from polycube_runtime.core.model.base import BaseNodes

Object = dict[str, Any]
_FEW = 16
"""Up to so many entries are read one by one; for more, the whole list is read at once."""


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
            NotFound: there is no such entry, the leaf has no value, or the cube was deleted while
                a hook of its control plane was asked.

        """
        place = canonical_place(place)
        try:
            self.require_parents(place)
            value = await self._read(place, config=config)
        except Exception as error:  # a closed map, or what a hook makes of that
            if isinstance(error, PolycubeError) or not self._cube.is_gone:
                raise
            message = "the cube was deleted meanwhile"
            raise NotFound(message, self.root.path) from error
        if value is ABSENT:
            message = "there is nothing here"
            raise NotFound(message, place.path)
        return value

    async def _read(self, place: Place, *, config: bool) -> Any:
        return await Reader(self._cube, self._base, config=config).read(place)

    def require_parents(self, place: Place, error: type[PolycubeError] = NotFound) -> None:
        """Raise `error` unless every entry and presence container on the way to `place` exists."""
        for count in range(1, len(place.steps)):
            above = place._replace(steps=place.steps[:count])
            if not self.exists(above):
                message = "there is no such entry" if above.is_entry else "it is not there"
                raise error(message, above.path)

    async def count(self, place: Place) -> int:
        """Count the entries of a list that is in no other, or of a leaf-list; reads no entry."""
        node = place.node
        table = self._cube.tables.get(getattr(node, "binding", ""))
        if table and (isinstance(node, List) or is_set(node, table.layout)):
            return table.count()
        if isinstance(node, List):
            if node.base:
                return len(self._cube.ports)
            if node.config:
                return len(self._cube.config.keys(place))
            return len(await getattr(self._cube.control, f"get_{node.attr}")())
        found = await self._read(place, config=False)
        return 0 if found is ABSENT else len(found)

    async def own(self, place: Place) -> Object | None:
        """Return the configuration of the cube or of an entry without its lists; None if gone."""
        return await Reader(self._cube, self._base).own(place)

    def exists(self, place: Place) -> bool:
        """Whether an entry or a container exists; of what a hook reports, only reading tells."""
        return Reader(self._cube, self._base).exists(place)

    # Writing

    async def create(self, place: Place, value: Any, undo: Undo) -> None:
        """Create an entry, or all entries of an array, that must not exist; else merge `value`."""
        place, value = canonical_place(place), canonical_value(place, value)
        self.require_parents(place, DataMissing)
        change = Change(self._cube, self._base, undo, merge=True)
        if place.is_entry:
            if self.exists(place) and not self._is_learnt(place):
                message = "the entry exists already"
                raise DataExists(message, place.path)
            await self._check_count(place, 1, undo)
            await change.add(place, value)
            await self._settle(place, value, undo)
        elif isinstance(place.node, List):
            old = await self._current(place, value)
            known = {key_of(place.node, entry) for entry in old}
            for entry in value:
                if key_of(place.node, entry) in known:
                    message = "the entry exists already"
                    raise DataExists(message, place.entry(key_of(place.node, entry)).path)
            await change.apply(place, old, value)
            await self._settle(place, value, undo)
        else:
            await self.update(place, value, undo, complete=True)

    async def replace(self, place: Place, value: Any, undo: Undo) -> None:
        """Make the configuration at `place` exactly `value`; what is equal is not touched."""
        place, value = canonical_place(place), canonical_value(place, value)
        self.require_parents(place, DataMissing)
        if not place.steps:
            check_ports(self._cube, value)
        await self._replace(place, value, undo)
        await self._settle(place, value, undo)

    async def _replace(self, place: Place, value: Any, undo: Undo) -> None:
        change = Change(self._cube, self._base, undo, merge=False)
        if place.is_entry and (not self.exists(place) or self._is_learnt(place)):
            await self._check_count(place, 1, undo)
            await change.add(place, value)
        elif self._is_part(place):
            owner = place.anchor
            entry = await self.read(owner, config=True)
            await change.apply(owner, entry, within(place, entry, value, merge=False))
        else:
            old = await self._read(place, config=True)
            await change.apply(place, None if old is ABSENT else old, value)

    async def update(self, place: Place, value: Any, undo: Undo, *, complete: bool = False) -> None:
        """Change what `value` names and nothing else; entries of lists that are new are created.

        `complete` says that `value` was validated for creation.
        """
        place, value = canonical_place(place), canonical_value(place, value)
        self.require_parents(place, DataMissing)
        if place.is_entry and not self.exists(place):
            message = "there is no such entry"
            raise DataMissing(message, place.path)
        change = Change(self._cube, self._base, undo, merge=True, complete=complete)
        if self._is_part(place):
            entry = await self.read(place.anchor, config=True)
            await change.apply(place.anchor, entry, within(place, entry, value, merge=True))
        else:
            await change.apply(place, await self._current(place, value), value)
        await self._settle(place, value, undo)

    async def _current(self, place: Place, value: Any) -> Any:
        """Read the configuration that `value` could change; a change of little reads little."""
        node = place.node
        if isinstance(node, Service | Container) and self.exists(place):
            named = [one for one in node.children if one.name in value]
            read = {
                one.name: await self._current(place.child(one), value[one.name]) for one in named
            }
            return {name: current for name, current in read.items() if current is not None}
        whole = not isinstance(node, List) or place.is_entry or has_limits(node)
        if not whole and len(value) <= _FEW:
            places = [place.entry(key_of(place.list_node, entry)) for entry in value]
            there = [one for one in places if self.exists(one) and not self._is_learnt(one)]
            return [await self._read(one, config=True) for one in there]
        current = await self._read(place, config=True)
        return None if current is ABSENT else current

    async def delete(self, place: Place, undo: Undo) -> None:
        """Remove an entry, all entries of a list, or all that was configured in a container."""
        place = canonical_place(place)
        self.require_parents(place, DataMissing)
        node = place.node
        if not self.exists(place):
            message = "there is no such entry" if place.is_entry else "it is not there"
            raise DataMissing(message, place.path)
        if place.is_entry:
            await self._check_count(place, -1, undo)
            change = Change(self._cube, self._base, undo, merge=False)
            change.keep_order(place.list_place)
            await change.remove(place, await self._read(place, config=True))
        else:
            if isinstance(node, Container) and place.is_fleeting and not self._is_part(place):
                await self._take_away(place, node, undo)
            else:
                nothing: Any = [] if isinstance(node, List) else None
                if isinstance(node, Container) and not node.presence:
                    if node.binding:
                        refuse_needed(place, node)
                    nothing = _defaults(node)
                await self._replace(place, nothing, undo)
            unlearn(self._cube, place, undo)
        await self._settle(place, None, undo)

    async def _take_away(self, place: Place, node: Container, undo: Undo) -> None:
        """Remove a container that may not be there at all: its defaults go as well."""
        old = await self._read(place, config=True)
        if old is ABSENT or (old == {} and not node.presence):
            message = "it is not there"
            raise DataMissing(message, place.path)
        change = Change(self._cube, self._base, undo, merge=False, ending=True)
        await change.apply(place, old, None)

    def _is_learnt(self, place: Place) -> bool:
        """Whether an entry, which exists, is the data plane's own and no configuration."""
        node = place.list_node
        if not node.binding:
            return False
        table = self._cube.tables[node.binding]
        layout = table.layout
        return not layout.is_created(table.get(row_key(place, layout)) or {})

    def _is_part(self, place: Place) -> bool:
        """Whether a leaf or container belongs to an entry of which the control plane is told."""
        owner = place.anchor.node
        told = isinstance(owner, List) and not (owner.base or owner.binding)
        lists = any(isinstance(node, List) for node, _ in place.steps[len(place.anchor.steps) :])
        bound = bool(getattr(place.node, "binding", ""))
        return told and not (place.is_entry or lists or bound)

    async def _check_count(self, place: Place, more: int, undo: Undo) -> None:
        if has_limits(place.list_node):
            number = len(await self._read(place.list_place, config=True))
            counted(undo, place.list_place, number + more)

    async def _settle(self, place: Place, value: Any, undo: Undo) -> None:
        """Do what follows from a write of `value`; of several at their end, but for choices."""
        if undo.unsettled is None:
            await self.settle([(place, value)], undo)
            return
        undo.unsettled.setdefault(self._cube.name, []).append((place, value))
        if can_choose(place):
            document = await self._read(self.root, config=True)
            await self._follow(document, settling.chosen(place, value, document), undo)

    async def settle(self, writes: Sequence[Write], undo: Undo) -> None:
        """Do what follows from `writes`, and see that the cube fulfils its model.

        Raises what it does not fulfil.
        """
        if settling.is_needed(self._cube.service):
            document = await self._read(self.root, config=True)
            wanted = settling.settled(self._cube.service, writes, document)
            settling.check_cases(self.root, writes, wanted)
            await self._follow(document, wanted, undo)
        for place in undo.uncounted.values():
            if place.cube == self._cube.name and self._has_parents(place):
                entries = await self._read(place, config=True)
                check_count(place, place.list_node, len(entries))
        await self._check_references()

    def _has_parents(self, place: Place) -> bool:
        try:
            self.require_parents(place)
        except NotFound:
            return False
        return True

    async def _follow(self, document: Object, wanted: Object, undo: Undo) -> None:
        change = Change(self._cube, self._base, undo, merge=False, ending=True)
        await change.apply(self.root, document, wanted)

    async def _check_references(self) -> None:
        """Refuse what leaves a leafref dangling; the codec sees to those that are ports in maps."""
        check_portless(self._cube)
        if is_needed(self._cube.service):
            document = await self._read(self.root, config=True)
            check_references(self._cube.service, document, self.root.path)

    # Actions

    async def call(self, place: Place, arguments: Object | None) -> Object | None:
        """Run an action with validated input; returns its output."""
        self.require_parents(place, DataMissing)
        node = place.node
        assert isinstance(node, Action)  # noqa: S101 (the only node that is called)
        method = getattr(self._cube.control, node.attr)
        if node.input is None:
            result = await method(*place.keys)
        else:
            arguments = arguments or {}
            if is_checked(node.input):
                document = await self._read(self.root, config=True)
                settling.check_input(place, arguments, document)
            model: Any = node.input.model
            result = await method(*place.keys, msgspec.convert(arguments, model))
        output = None if result is None else msgspec.to_builtins(result)
        if output is not None and is_checked(node.output):
            document = await self._read(self.root, config=True)
            if broken := settling.broken_output(place, output, document):
                self._cube.log.error("the answer of %s breaks the model: %s", place.path, broken)
        return output


def _defaults(node: Container) -> Object:
    """Return what a container's configuration is when nothing was configured."""
    result: Object = {}
    cases = {name for one in node.choices for two in one.cases for name in two.members}
    for child in (one for one in node.children if one.name not in cases):
        if isinstance(child, Leaf) and child.config and child.default is not None:
            result[child.name] = child.default
        elif isinstance(child, LeafList) and child.config and child.default:
            result[child.name] = list(child.default)
        elif isinstance(child, Container) and child.config and not child.presence:
            result[child.name] = _defaults(child)
    fill(node, result)  # those of a default case
    return result
