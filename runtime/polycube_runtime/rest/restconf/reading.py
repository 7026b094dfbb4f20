"""GET: what there is at a target, in the canonical form of the dialect."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from polycube_runtime.rest.restconf.target import ABSENT, Target
from polycube_runtime.support.errors import NotFound
from polycube_runtime.support.schema import Action, List, Notification

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
        if target.service is None:
            return self._state_at(target, content)
        name = target.service.name
        if len(target.steps) == 1:
            if target.key is not None:
                return await self._cube(target.key[0], name, content)
            cubes = [one for one in self._polycube.cubes.values() if one.service is target.service]
            return [await self._cube(one.name, name, content) for one in cubes]
        cube = self._polycube.cube(target.place.cube, name)
        if len(target.steps) == 2 and target.node.name == "name":  # noqa: PLR2004
            return cube.name
        config = content == "config"
        value = await self._polycube.tree(cube).read(target.place, config=config)
        return self._item(target, value)

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

    async def exists(self, target: Target) -> bool:
        """Whether there is something, of a container more than the container."""
        if not target.steps:
            return True
        try:
            if target.is_cube:
                return bool(self._polycube.cube(target.place.cube, target.node.name))
            if target.service is not None and isinstance(target.node, List):
                return self._has_entry(target)
            value = await self.read(target, "config")
        except NotFound:
            return False
        return not (value == {} and not getattr(target.node, "presence", False))

    def _has_entry(self, target: Target) -> bool:
        place = target.place
        tree = self._polycube.tree(self._polycube.cube(place.cube, place.service.name))
        tree.require_parents(place)
        return tree.exists(place)
