"""One edit of the configuration: made ready outside of the transaction, done inside of it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from polycube_runtime.core import topology
from polycube_runtime.core.model.defaults import say
from polycube_runtime.rest.restconf.bodies import array, decode, key_in
from polycube_runtime.rest.restconf.documents import Documents, require_free
from polycube_runtime.rest.restconf.merging import settled, united, unsettled
from polycube_runtime.rest.restconf.ordering import placed, rearrange
from polycube_runtime.rest.restconf.refusals import BadRequest, MethodNotAllowed
from polycube_runtime.rest.restconf.target import ABSENT, Target
from polycube_runtime.support.errors import (
    DataExists,
    DataMissing,
    InvalidValue,
    NotFound,
)
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
    from polycube_runtime.rest.restconf.target import Ways

Object = dict[str, Any]


class Writer:
    """Edits the cubes of a daemon; each method runs in the caller's transaction.

    Values are as clients wrote them; what is wrong with one is raised before anything is done.
    """

    def __init__(self, polycube: Polycube, ways: Ways, reader: Reader) -> None:
        """Edit the cubes of `polycube`, which `ways` finds and `reader` reads."""
        self._polycube = polycube
        self._reader = reader
        self._documents = Documents(polycube, ways)

    def require_one(self, target: Target) -> None:
        """Refuse a whole list, which can only be replaced or merged (RFC 8040, section 4.7).

        Raises:
            BadRequest: it is one.

        """
        if not target.steps or target.is_list:
            message = "is not one instance: say which, as in list=key"
            raise BadRequest(message, target.path)

    def check(self, target: Target) -> None:
        """Refuse a target that cannot be edited.

        Raises:
            MethodNotAllowed: it is no configuration, or settled when its parent was created.

        """
        if not target.steps:
            return
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
        if target.is_cubes:
            for one, value in self._documents.cubes(target, raw):
                await self.warm(one, value, mode)
            return
        if target.service is None:
            return
        cube = self._polycube.cubes.get(target.place.cube)
        if cube is not None and cube.service is target.service:
            if not target.is_cube and target.place.schema_path not in {"loglevel", "span"}:
                return
            if target.is_cube and mode is Mode.CREATE and isinstance(raw, dict):
                raw = {**await settled(self._reader, target), **raw}
            elif mode is Mode.UPDATE:
                raw = await unsettled(self._reader, target, raw)
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
        if target.is_cubes:
            await self._documents.replace(target, raw, undo)
            return True
        await self._require_parent(target)
        there = await self._reader.exists(target)
        if target.is_list and isinstance(target.node, List):
            raw = [await self._kept(target, entry) for entry in array(raw, target)]
        await self._put(target, raw, undo, where)
        return there or target.is_list

    async def merge(self, target: Target, raw: Any, undo: Undo) -> None:
        """Change what is said and nothing else; what is not there is created."""
        if target.is_cubes:
            for one, described in self._documents.cubes(target, raw):
                await self.merge(one, described, undo)
            return
        await self._require_parent(target)
        if target.item is not ABSENT or not (target.is_list or await self._reader.exists(target)):
            await self._put(target, raw, undo, None)
            return
        changed = await unsettled(self._reader, target, raw)
        value = await united(self._reader, target, decode(target, changed, Mode.UPDATE))
        if isinstance(target.node, LeafList):
            await self._set_list(target, value, undo)
            return
        if target.is_cube:
            value = {name: one for name, one in value.items() if name != "name"}
        cube = self._cube(target)
        await self._polycube.tree(cube).update(target.place, value, undo)
        say(undo, cube, target.place, changed, value, whole=False)

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
            say(undo, cube, target.place, None, None, whole=True)

    async def move(self, target: Target, undo: Undo, where: Where) -> None:
        """Put an entry that is there elsewhere in its list."""
        if not await self._reader.exists(target):
            message = "there is nothing to move"
            raise DataMissing(message, target.path)
        await self._place(target, undo, where)

    async def settle(self, undo: Undo) -> None:
        """Do what follows from several edits together, and see that every cube is valid."""
        waiting, undo.unsettled = undo.unsettled or {}, None
        for name, writes in waiting.items():
            cube = self._polycube.cubes.get(name)
            if cube is not None:
                await self._polycube.tree(cube).settle(writes, undo)

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
        whole = raw
        if isinstance(raw, dict) and isinstance(target.node, List | Container):
            whole = {**await settled(self._reader, target), **raw}
        value = decode(target, whole, Mode.CREATE)
        if target.is_cube:
            await self._put_cube(target, raw, value, undo)
        elif isinstance(target.node, LeafList) and target.is_list:
            await self._set_list(target, value, undo)
        elif isinstance(target.node, LeafList):
            values = await self._values(target)
            if target.item not in values:
                await self._set_list(target, [*values, target.item], undo)
        else:
            tree = self._polycube.tree(self._cube(target))
            await tree.replace(target.place, value, undo)
            say(undo, self._cube(target), target.place, raw, value, whole=True)
        if where is not None:
            await self._place(target, undo, where)

    async def _kept(self, target: Target, raw: Any) -> Any:
        """Return an entry of a list with what was settled when it was created."""
        assert isinstance(target.node, List)  # noqa: S101 (the caller's choice)
        entry = target.entry(key_in(target.node, raw, target))
        return {**await settled(self._reader, entry), **raw}

    async def _put_cube(self, target: Target, raw: Any, value: Object, undo: Undo) -> None:
        assert target.service is not None  # noqa: S101 (a cube is of one)
        service = target.service.name
        require_free(self._polycube, target)
        cube = self._polycube.cubes.get(target.place.cube)
        wanted = self._polycube.prepare(service, value)
        one = topology.Wanted([(service, wanted)], said={wanted["name"]: raw})
        await (topology.create if cube is None else topology.apply)(self._polycube, one, undo)

    async def _values(self, target: Target) -> list[Any]:
        whole = target._replace(item=ABSENT)
        return list(await self._reader.read(whole)) if await self._reader.exists(whole) else []

    async def _set_list(self, target: Target, values: list[Any], undo: Undo) -> None:
        place = target._replace(item=ABSENT).place
        checked = validate(place.node, values, Mode.CREATE, place.path)
        cube = self._cube(target)
        await self._polycube.tree(cube).replace(place, checked, undo)
        say(undo, cube, place, values, checked, whole=True)

    async def _delete_leaf(self, target: Target, undo: Undo) -> None:
        """Take a leaf away: it goes back to its default, or its parent has to do without it."""
        cube, node = self._cube(target), target.node
        tree = self._polycube.tree(cube)
        say(undo, cube, target.place, None, None, whole=True)
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
