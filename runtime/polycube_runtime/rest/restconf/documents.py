"""Documents of several cubes: of the whole datastore, or of all cubes of a service."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from polycube_runtime.core import topology
from polycube_runtime.rest.restconf.bodies import array, decode
from polycube_runtime.rest.restconf.target import Target
from polycube_runtime.support.errors import BadElement, DataExists, InvalidValue
from polycube_runtime.support.validate import Mode

if TYPE_CHECKING:
    from polycube_runtime.core.durable.undo import Undo
    from polycube_runtime.core.polycube import Polycube
    from polycube_runtime.rest.restconf.target import Ways

Object = dict[str, Any]


class Documents:
    """Takes documents apart into cubes, and makes those the only ones."""

    def __init__(self, polycube: Polycube, ways: Ways) -> None:
        """Edit the cubes of `polycube`, which `ways` finds."""
        self._polycube = polycube
        self._ways = ways

    def cubes(self, target: Target, raw: Any) -> list[tuple[Target, Object]]:
        """Return each cube that a document of `target`, the datastore or a service, describes.

        Raises:
            BadElement, InvalidValue, DataExists: it is no such document; says where.

        """
        found: dict[str, tuple[Target, Object]] = {}
        for one, entries in self._lists(target, raw):
            for entry in array(entries, one):
                name = entry.get("name") if isinstance(entry, dict) else None
                if not isinstance(name, str):
                    message = "is not an array of objects with a name"
                    raise BadElement(message, one.path)
                if name in found:
                    message = f"two cubes named {name} are described"
                    raise DataExists(message, one.path)
                found[name] = (one.entry((name,)), entry)
        return list(found.values())

    def _lists(self, target: Target, raw: Any) -> list[tuple[Target, Any]]:
        """Return the lists of cubes in a document, each with what it says of them."""
        if target.steps:
            return [(target, raw)]
        if not isinstance(raw, dict):
            message = "the datastore is not an object"
            raise BadElement(message)
        known = {one.member: one for one in self._all()}
        for name in raw:
            if name not in known:
                message = f"'{name}' is no configuration here; expected {', '.join(known)}"
                raise InvalidValue(message)
        return [(known[name], entries) for name, entries in raw.items()]

    def _all(self) -> list[Target]:
        found = (self._ways.below(Target(), node) for node in self._ways.tops)
        return [one for one in found if one.service is not None]

    async def replace(self, target: Target, raw: Any, undo: Undo) -> None:
        """Make the cubes that a document describes the only ones of `target`."""
        wanted, said = [], {}
        for one, value in self.cubes(target, raw):
            service = one.service.name if one.service else ""
            wanted.append(
                (service, self._polycube.prepare(service, decode(one, value, Mode.CREATE)))
            )
            said[wanted[-1][1]["name"]] = value
            if target.steps:
                require_free(self._polycube, one)
        named = {one["name"] for _, one in wanted}
        for cube in list(self._polycube.cubes.values()):
            if cube.name not in named and target.service in {None, cube.service}:
                await self._polycube.remove(cube, undo)
        await topology.apply(self._polycube, topology.Wanted(wanted, said=said), undo)


def require_free(polycube: Polycube, target: Target) -> None:
    """Refuse a cube whose name one of another service has."""
    cube = polycube.cubes.get(target.place.cube)
    if cube is not None and cube.service is not target.service:
        message = f"a cube of that name exists already (service {cube.service.name})"
        raise DataExists(message, target.path)
