"""GET: what there is at a target, in the canonical form of the dialect."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from polycube_runtime.core.model.defaults import explicit
from polycube_runtime.rest.restconf.target import ABSENT, Target
from polycube_runtime.support.errors import NotFound
from polycube_runtime.support.schema import (
    Action,
    AnyData,
    Container,
    Leaf,
    LeafList,
    List,
    Notification,
)

if TYPE_CHECKING:
    from polycube_runtime.core.polycube import Polycube
    from polycube_runtime.rest.restconf.state import State

Object = dict[str, Any]


class Reader:
    """Reads the datastore: cubes, and the daemon's own state."""

    def __init__(self, polycube: Polycube, state: State, base: str) -> None:
        """Read the cubes of `polycube`, and `state`, whose URLs begin with `base`."""
        self._polycube = polycube
        self._state = state
        self._base = base

    async def datastore(self, content: str) -> Object:
        """Return everything."""
        found: Object = {}
        for cube in list(self._polycube.cubes.values()):
            value = await self._cube(cube.name, cube.service.name, content)
            found.setdefault(cube.service.name, []).append(value)
        return found if content == "config" else {**found, **self._state.documents(self._base)}

    async def read(self, target: Target, content: str = "all") -> Any:
        """Return what is at a target that is not the datastore.

        Raises:
            NotFound: there is nothing.

        """
        if isinstance(target.node, Action | Notification):
            message = "is an operation: POST calls it"
            raise NotFound(message, target.path)
        _require_content(target, content)
        if target.service is None:
            return self._state_at(target, content)
        name = target.service.name
        if len(target.steps) == 1:
            if target.key is not None:
                return await self._cube(target.key[0], name, content)
            cubes = [one for one in self._polycube.cubes.values() if one.service is target.service]
            return [await self._cube(one.name, name, content) for one in cubes]
        cube = self._polycube.cube(target.place.cube, name)
        if isinstance(target.node, Leaf) and target.node.key and target.node.config:
            return self._key(target)
        config = content == "config"
        value = await self._polycube.tree(cube).read(target.place, config=config)
        return self._item(target, value)

    def explicit(self, target: Target, value: Any) -> Any:
        """Return what was read at a target without defaults that no client has set.

        A leaf that is the target itself stays (RFC 8040, section 3.5.4).
        """
        if not target.steps:
            known = {control.SERVICE.name for control in self._polycube.services.values()}
            return {
                name: list(map(self._explicit, one)) if name in known else one
                for name, one in value.items()
            }
        if target.service is None:
            return value
        if target.is_cubes:
            return list(map(self._explicit, value))
        if target.is_cube:
            return self._explicit(value)
        marks = self._polycube.cube(target.place.cube).explicit
        return explicit(target.node, value, marks, target.place.below)

    def _explicit(self, document: Object) -> Object:
        cube = self._polycube.cubes.get(document["name"])
        return explicit(cube.service, document, cube.explicit, "") if cube else document

    def _key(self, target: Target) -> Any:
        """Return a key, which is known from the way: it is what its entry is called."""
        above = target.steps[-2]
        if len(target.steps) > 2 and not self._is_there(target.parent):  # noqa: PLR2004
            message = "there is no such entry"
            raise NotFound(message, target.path)
        assert isinstance(above.node, List)  # noqa: S101 (keys are of lists)
        return dict(zip(above.node.keys, above.key or (), strict=True))[target.node.name]

    def _item(self, target: Target, value: Any) -> Any:
        if target.item is ABSENT:
            return value
        if target.item not in value:
            message = "there is no such value"
            raise NotFound(message, target.path)
        return [target.item]

    async def _cube(self, name: str, service: str, content: str) -> Object:
        cube = self._polycube.cube(name, service)
        tree = self._polycube.tree(cube)
        return {"name": name, **await tree.read(tree.root, config=content == "config")}

    def _state_at(self, target: Target, content: str) -> Any:
        value: Any = {} if content == "config" else self._state.documents(self._base)
        for step in target.steps:
            value = value.get(step.node.name, ABSENT) if isinstance(value, dict) else ABSENT
            if value is not ABSENT and step.key is not None:
                keys = getattr(step.node, "keys", ())
                value = next(
                    (one for one in value if tuple(one[key] for key in keys) == step.key), ABSENT
                )
            if value is ABSENT:
                message = "there is nothing here"
                raise NotFound(message, target.path)
        return self._item(target, value)

    async def require(self, target: Target) -> None:
        """Refuse an edit of what is not there; reads no more than tells that.

        Raises:
            NotFound: it is not.

        """
        inner = isinstance(target.node, Container | List) and target.service is not None
        if target.is_cube:
            self._polycube.cube(target.place.cube, target.node.name)
        elif not inner or not getattr(target.node, "config", True):
            await self.read(target)
        elif not self._is_there(target):
            message = "there is nothing here"
            raise NotFound(message, target.path)

    async def exists(self, target: Target) -> bool:
        """Whether there is something, of a container more than the container."""
        if target.is_cubes:
            return True
        try:
            if target.is_cube:
                return bool(self._polycube.cube(target.place.cube, target.node.name))
            if target.service is not None and isinstance(target.node, List):
                return self._is_there(target)
            if target.service is not None and isinstance(target.node, Container):
                return self._is_there(target) and await self._has_content(target)
            value = await self.read(target, "config")
        except NotFound:
            return False
        node = target.node
        return value != {} or isinstance(node, AnyData) or getattr(node, "presence", False)

    async def _has_content(self, target: Target) -> bool:
        """Whether a container is more than what its parent implies."""
        node = target.node
        if not isinstance(node, Container) or node.presence:
            return True
        for child in node.children:
            if isinstance(child, Action | Notification) or not child.config:
                continue
            below = target.child(child)
            value = None if isinstance(child, List) else await self.exists(below)
            if value or (value is None and await self.read(below, "config")):
                return True
        return False

    def _is_there(self, target: Target) -> bool:
        """Whether an entry or a container exists, and what it is in."""
        place = target.place
        tree = self._polycube.tree(self._polycube.cube(place.cube, place.service.name))
        tree.require_parents(place)
        return tree.exists(place)


def _require_content(target: Target, content: str) -> None:
    """Refuse to show of a node what it is not: configuration of state, state of a value."""
    node = target.node
    config = getattr(node, "config", True)
    value = isinstance(node, Leaf | LeafList | AnyData)
    if (content == "config" and not config) or (content == "nonconfig" and config and value):
        message = f"there is nothing with content={content} here"
        raise NotFound(message, target.path)
