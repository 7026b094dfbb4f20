"""One edit of the configuration: made ready outside of the transaction, done inside of it."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING, Any

from polycube_runtime.core import topology
from polycube_runtime.rest.restconf.bodies import decode
from polycube_runtime.rest.restconf.ordering import placed, rearrange
from polycube_runtime.rest.restconf.refusals import BadRequest, MethodNotAllowed
from polycube_runtime.rest.restconf.target import ABSENT, Target, children
from polycube_runtime.support.errors import (
    BadElement,
    DataExists,
    DataMissing,
    InvalidValue,
    NotFound,
)
from polycube_runtime.support.instance import dump
from polycube_runtime.support.schema import (
    Action,
    AnyData,
    Container,
    Leaf,
    LeafList,
    List,
    Notification,
)
from polycube_runtime.support.validate import Mode, validate, validate_entry

if TYPE_CHECKING:
    from polycube_runtime.core.cube import Cube
    from polycube_runtime.core.durable.undo import Undo
    from polycube_runtime.core.polycube import Polycube
    from polycube_runtime.rest.restconf.ordering import Where
    from polycube_runtime.rest.restconf.reading import Reader

Object = dict[str, Any]


class Writer:
    """Edits the cubes of a daemon; each method runs in the caller's transaction.

    Values are as clients wrote them; what is wrong with one is raised before anything is done.
    """

    def __init__(self, polycube: Polycube, reader: Reader) -> None:
        """Edit the cubes of `polycube`, which `reader` reads."""
        self._polycube = polycube
        self._reader = reader

    def check(self, target: Target) -> None:
        """Refuse a target that cannot be edited.

        Raises:
            MethodNotAllowed: it is no configuration, or settled when its parent was created.
            BadRequest: it is a whole list.

        """
        if not target.steps:
            return
        if target.is_list:
            message = "is a list: say which entry, as in list=key"
            raise BadRequest(message, target.path)
        node = target.node
        problem = ""
        if isinstance(node, Action | Notification):
            problem = "is no data"
        elif target.service is None or not node.config:
            problem = "is read-only"
        elif isinstance(node, Leaf) and node.key:
            problem = "is a key: it is part of its entry's name"
        elif isinstance(node, Leaf | LeafList) and node.init_only:
            problem = "can be set only when its parent is created"
        if problem:
            allowed = "OPTIONS, POST" if isinstance(node, Action) else "GET, HEAD, OPTIONS"
            raise MethodNotAllowed(problem, target.path, allowed)

    async def warm(self, target: Target, raw: Any, mode: Mode = Mode.CREATE) -> None:
        """Compile, before the transaction, what the edit would have to wait for.

        `mode` says whether what is left out of `raw` stays (UPDATE) or goes.
        """
        if target.service is None:
            return
        cube = self._polycube.cubes.get(target.place.cube)
        if cube is not None and cube.service is target.service:
            if not target.is_cube and target.place.schema_path not in {"loglevel", "span"}:
                return
            if target.is_cube and mode is Mode.CREATE:
                raw = {**await self._settled(target), **raw}
            value = decode(target, raw, mode)
            await self._polycube.pipelines.warm(cube, target.place, value)
        elif cube is None and target.is_cube:
            service = target.service.name
            document = self._polycube.prepare(service, decode(target, raw, Mode.CREATE))
            await self._polycube.warm(service, document)

    async def warm_default(self, target: Target) -> None:
        """As `warm`, of an edit that takes a leaf back to its default."""
        cube = self._polycube.cubes.get(target.place.cube) if target.service else None
        if cube is not None and cube.service is target.service and isinstance(target.node, Leaf):
            await self._polycube.pipelines.warm(cube, target.place, target.node.default)

    # Edits

    async def create(
        self, target: Target, raw: Any, undo: Undo, where: Where | None = None
    ) -> None:
        """Create what must not be there."""
        await self._require_parent(target)
        if await self._is_configured(target):
            message = "it exists already"
            raise DataExists(message, target.path)
        await self._put(target, raw, undo, where)

    async def replace(
        self, target: Target, raw: Any, undo: Undo, where: Where | None = None
    ) -> bool:
        """Make it exactly so; returns whether it was there before."""
        await self._require_parent(target)
        there = await self._reader.exists(target)
        await self._put(target, raw, undo, where)
        return there

    async def merge(self, target: Target, raw: Any, undo: Undo) -> None:
        """Change what is said and nothing else; what is not there is created."""
        await self._require_parent(target)
        if isinstance(target.node, LeafList) or not await self._reader.exists(target):
            await self._put(target, raw, undo, None)
            return
        value = decode(target, raw, Mode.UPDATE)
        if target.is_cube:
            value = {name: one for name, one in value.items() if name != "name"}
        cube = self._cube(target)
        await self._polycube.tree(cube).update(target.place, value, undo)

    async def delete(self, target: Target, undo: Undo) -> None:
        """Delete what must be there.

        Raises:
            DataMissing: it is not.

        """
        if not await self._reader.exists(target) and not isinstance(target.node, Container):
            message = "there is nothing to delete"
            raise DataMissing(message, target.path)
        cube = self._cube(target)
        if target.is_cube:
            await self._polycube.remove(cube, undo)
        elif isinstance(target.node, LeafList):
            values = await self._values(target)
            values.remove(target.item)
            await self._set_list(target, values, undo)
        elif isinstance(target.node, Leaf | AnyData):
            await self._delete_leaf(target, undo)
        else:
            await self._polycube.tree(cube).delete(target.place, undo)

    async def move(self, target: Target, undo: Undo, where: Where) -> None:
        """Put an entry that is there elsewhere in its list."""
        if not await self._reader.exists(target):
            message = "there is nothing to move"
            raise DataMissing(message, target.path)
        await self._place(target, undo, where)

    # How

    def _cube(self, target: Target) -> Cube:
        try:
            assert target.service is not None  # noqa: S101 (checked)
            return self._polycube.cube(target.place.cube, target.service.name)
        except NotFound as error:
            raise DataMissing(error.message, target.path) from error

    async def _require_parent(self, target: Target) -> None:
        if target.is_cube:
            return
        tree = self._polycube.tree(self._cube(target))
        tree.require_parents(target.place, DataMissing)

    async def _is_configured(self, target: Target) -> bool:
        """Whether a target exists, and not only because the data plane has learnt it."""
        if not await self._reader.exists(target):
            return False
        if target.is_cube or not isinstance(target.node, List):
            return True
        return await self._polycube.tree(self._cube(target)).own(target.place) is not None

    async def _put(self, target: Target, raw: Any, undo: Undo, where: Where | None) -> None:
        if isinstance(raw, dict) and isinstance(target.node, List | Container):
            raw = {**await self._settled(target), **raw}
        value = decode(target, raw, Mode.CREATE)
        if target.is_cube:
            await self._put_cube(target, value, undo)
        elif isinstance(target.node, LeafList):
            values = await self._values(target)
            if target.item not in values:
                await self._set_list(target, [*values, target.item], undo)
        else:
            tree = self._polycube.tree(self._cube(target))
            await tree.replace(target.place, value, undo)
        if where is not None:
            await self._place(target, undo, where)

    async def _settled(self, target: Target) -> Object:
        """Return what was settled when an object was created: left out, it stays as it is."""
        found: Object = {}
        if await self._reader.exists(target):
            for child in children(target.node):
                if isinstance(child, Leaf | LeafList) and child.init_only:
                    with contextlib.suppress(NotFound):
                        found[child.name] = await self._reader.read(target.child(child))
        return dump(target.node, found) if isinstance(target.node, List | Container) else {}

    async def _put_cube(self, target: Target, value: Object, undo: Undo) -> None:
        assert target.service is not None  # noqa: S101 (a cube is of one)
        service = target.service.name
        cube = self._polycube.cubes.get(target.place.cube)
        if cube is not None and cube.service.name != service:
            message = f"a cube of that name exists already (service {cube.service.name})"
            raise DataExists(message, target.path)
        wanted = self._polycube.prepare(service, value)
        if cube is None:
            await self._polycube.create(service, wanted, undo)
        else:
            await topology.apply(self._polycube, topology.Wanted([(service, wanted)]), undo)

    async def _values(self, target: Target) -> list[Any]:
        whole = target._replace(item=ABSENT)
        return list(await self._reader.read(whole)) if await self._reader.exists(whole) else []

    async def _set_list(self, target: Target, values: list[Any], undo: Undo) -> None:
        place = target._replace(item=ABSENT).place
        checked = validate(place.node, values, Mode.CREATE, place.path)
        await self._polycube.tree(self._cube(target)).replace(place, checked, undo)

    async def _delete_leaf(self, target: Target, undo: Undo) -> None:
        """Take a leaf away: it goes back to its default, or its parent has to do without it."""
        tree = self._polycube.tree(self._cube(target))
        node = target.node
        if isinstance(node, Leaf) and node.default is not None:
            await tree.replace(target.place, node.default, undo)
            return
        parent = target.place.parent
        value = await tree.read(parent, config=True)
        rest = {name: one for name, one in value.items() if name != node.name}
        above = parent.node
        if parent.is_entry and isinstance(above, List):
            checked: Object = validate_entry(above, rest, Mode.CREATE, parent.path)
        elif parent.steps:
            checked = validate(above, rest, Mode.CREATE, parent.path)
        else:
            checked = validate(above, {"name": parent.cube, **rest}, Mode.CREATE, parent.path)
            checked.pop("name")
        await tree.replace(parent, checked, undo)

    async def _place(self, target: Target, undo: Undo, where: Where) -> None:
        node = target.node
        if not isinstance(node, List | LeafList) or not node.ordered_by_user or target.is_cube:
            message = "is not a list that is ordered by the user, so it has no places"
            raise InvalidValue(message, target.path)
        tree = self._polycube.tree(self._cube(target))
        if isinstance(node, LeafList):
            values = await self._values(target)
            await self._set_list(target, placed(values, target.item, where), undo)
            return
        entries = await tree.read(target.place.list_place, config=True)
        await rearrange(tree, target.place, entries, where, undo)

    # The datastore

    async def merge_all(self, raw: Any, tops: list[Target], undo: Undo) -> None:
        """Merge every cube that a document of the datastore describes."""
        for target, value in self.cubes(raw, tops):
            await self.merge(target, value, undo)

    async def replace_all(self, raw: Any, tops: list[Target], undo: Undo) -> None:
        """Make the cubes that a document of the datastore describes the only ones."""
        wanted = []
        for target, value in self.cubes(raw, tops):
            decoded = decode(target, value, Mode.CREATE)
            service = target.service.name if target.service else ""
            wanted.append((service, self._polycube.prepare(service, decoded)))
        await topology.apply(self._polycube, topology.Wanted(wanted, only=True), undo)

    def cubes(self, raw: Any, tops: list[Target]) -> list[tuple[Target, Any]]:
        """Return each cube that a document of the datastore describes.

        Raises:
            BadElement, InvalidValue: it is no such document; says where.

        """
        if not isinstance(raw, dict):
            message = "the datastore is not an object"
            raise BadElement(message)
        known = {one.member: one for one in tops}
        found: dict[str, tuple[Target, Any]] = {}
        for name, entries in raw.items():
            target = known.get(name)
            if target is None:
                message = f"'{name}' is no configuration here; expected {', '.join(known)}"
                raise InvalidValue(message)
            if not isinstance(entries, list):
                message = "is not an array of cubes"
                raise BadElement(message, target.path)
            for entry in entries:
                cube = entry.get("name") if isinstance(entry, dict) else None
                if not isinstance(cube, str):
                    message = "is not an array of objects with a name"
                    raise BadElement(message, target.path)
                if cube in found:
                    message = f"two cubes named {cube} are described"
                    raise DataExists(message, target.path)
                found[cube] = (target.entry((cube,)), entry)
        return list(found.values())
