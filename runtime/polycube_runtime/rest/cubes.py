"""The routes of all cubes at once: list and create them, and whole topologies as documents."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

from starlette.requests import Request  # noqa: TC002 (FastAPI reads annotations)
from starlette.responses import Response  # noqa: TC002

from polycube_runtime.core import topology
from polycube_runtime.rest import schemas
from polycube_runtime.rest.bodies import json_body
from polycube_runtime.rest.changes import (
    change,
    changed,
    check,
    cube_tag,
    cubes_tag,
    differences,
    has_state,
    read,
)
from polycube_runtime.rest.operations import Operation, query
from polycube_runtime.support.errors import (
    BadElement,
    DataExists,
    InvalidValue,
    MissingAttribute,
    MissingElement,
)

if TYPE_CHECKING:
    from polycube_runtime.core.cube import Cube
    from polycube_runtime.core.polycube import Polycube
    from polycube_runtime.core.topology import Wanted

_CONFIG = query("config", "Configuration only, in the form that PUT and PATCH take")


class CubeFaces:
    """One method for each route."""

    def __init__(self, polycube: Polycube) -> None:
        """Serve the cubes of `polycube`."""
        self._polycube = polycube

    def operations(self) -> list[Operation]:
        """Return the routes."""
        by_service, cubes, whole = schemas.CUBES_BY_SERVICE, schemas.CUBES, schemas.TOPOLOGY
        either = {"oneOf": [schemas.array(schemas.CUBE), whole]}
        config: dict[str, Any] = {"parameters": (_CONFIG,), "tagged": True}
        more: dict[str, Any] = {"errors": (404, 405, 409, 503), "writes": True}
        return [
            Operation("GET", "/cubes/", self.cubes, by_service, **config),
            Operation("POST", "/cubes/", self.create, body=cubes, status=201, **more),
            Operation("PUT", "/cubes/", self.replace, schemas.CHANGES, cubes, **more),
            Operation("PATCH", "/cubes/", self.update, schemas.CHANGES, cubes, **more),
            Operation("GET", "/cubes/{name}/", self.cube, schemas.CUBE, errors=(404,), **config),
            Operation("GET", "/topology/", self.topology, either, **config),
            Operation("POST", "/topology/", self.create_topology, body=whole, status=201, **more),
            Operation("PUT", "/topology/", self.replace_topology, schemas.CHANGES, whole, **more),
            Operation("PATCH", "/topology/", self.update_topology, schemas.CHANGES, whole, **more),
        ]

    async def cubes(self, request: Request) -> Response:
        """List all cubes, by service."""
        found: dict[str, list[Any]] = {}
        config = "config" in request.query_params
        cubes = list(self._polycube.cubes.values())
        for cube in cubes:
            shown = await topology.document(self._polycube, cube) if config else summary(cube)
            found.setdefault(cube.service.name, []).append(shown)
        return read(request, found, cubes_tag(cubes), state=False)

    async def cube(self, name: str, request: Request) -> Response:
        """Show one cube, whatever its service."""
        cube = self._polycube.cube(unquote(name))
        if "config" in request.query_params:
            document = await topology.document(self._polycube, cube)
            return read(request, document, cube_tag(cube), state=False)
        tree = self._polycube.tree(cube)
        value = await tree.read(tree.root)
        return read(request, value, cube_tag(cube), state=has_state(cube.service))

    async def topology(self, request: Request) -> Response:
        """Show cubes, their ports, and what those are connected to; or all of the configuration."""
        cubes = list(self._polycube.cubes.values())
        value: Any = [summary(cube) for cube in cubes]
        if "config" in request.query_params:
            value = await topology.topology(self._polycube)
        return read(request, value, cubes_tag(cubes), state=False)

    async def create(self, request: Request) -> Response:
        """Create cubes, all or none; takes an array, or what GET answers."""
        return await self._create(request, await self._prepared(await json_body(request)))

    async def create_topology(self, request: Request) -> Response:
        """Create cubes and attach those that are attached to network interfaces, all or none."""
        return await self._create(request, await self._wanted(await json_body(request)))

    async def replace(self, request: Request) -> Response:
        """Make these the only cubes, exactly as described; what is equal is not touched."""
        wanted = await self._prepared(await json_body(request))
        return await self._apply(request, wanted._replace(only=True))

    async def update(self, request: Request) -> Response:
        """Make each of these cubes exactly as described; other cubes stay as they are."""
        return await self._apply(request, await self._prepared(await json_body(request)))

    async def replace_topology(self, request: Request) -> Response:
        """Make this the whole topology; what is equal is not touched."""
        body = await json_body(request)
        if isinstance(body, dict) and "cubes" not in body:  # else a typing error deletes them all
            message = "is missing; expected all cubes that there are to be, an empty array for none"
            raise MissingElement(message, "/topology/cubes")
        wanted = await self._wanted(body)
        return await self._apply(request, wanted._replace(only=True))

    async def update_topology(self, request: Request) -> Response:
        """Make each of these cubes exactly as described; what is not named stays as it is."""
        return await self._apply(request, await self._wanted(await json_body(request)))

    async def _create(self, request: Request, wanted: Wanted) -> Response:
        await topology.warm(self._polycube, wanted)
        async with change(self._polycube, request) as undo:
            check(request, cubes_tag(self._polycube.cubes.values()))
            await topology.create(self._polycube, wanted, undo)
        return changed(request, undo, 201)

    async def _apply(self, request: Request, wanted: Wanted) -> Response:
        await topology.warm(self._polycube, wanted)
        async with change(self._polycube, request) as undo:
            check(request, cubes_tag(self._polycube.cubes.values()))
            await topology.apply(self._polycube, wanted, undo)
        return differences(undo)

    # Bodies

    async def _prepared(self, body: Any, where: str = "/cubes") -> Wanted:
        prepared: list[tuple[str, dict[str, Any]]] = []
        said: dict[str, Any] = {}
        for document in self._documents(body, where):
            service = document.get("service-name")
            if not isinstance(service, str):
                message = "is missing: which service?"
                raise MissingAttribute(message, f"{where}/{document.get('name', '')}/service-name")
            prepared.append((service, await self._prepare(service, document)))
            name = prepared[-1][1]["name"]
            if name in said:
                message = f"two cubes named {name} are described"
                raise DataExists(message, f"{where}/{name}")
            said[name] = document
        return topology.Wanted(prepared, said=said)

    def _documents(self, body: Any, where: str) -> list[dict[str, Any]]:
        """Read an array of cubes, or what GET answers: such arrays by service."""
        if isinstance(body, dict) and all(isinstance(one, list) for one in body.values()):
            arrays, body = body, []
            for service, documents in arrays.items():
                self._polycube.service(service)
                body += [_of_service(one, service, where) for one in documents]
        if not isinstance(body, list) or not all(isinstance(one, dict) for one in body):
            message = "the body is not an array of cubes"
            raise BadElement(message, where)
        return body

    async def _prepare(self, service: str, document: dict[str, Any]) -> dict[str, Any]:
        """Validate a document; what was settled when its cube was created need not be in it."""
        name = document.get("name")
        cube = self._polycube.cubes.get(name) if isinstance(name, str) else None
        if cube is not None and cube.service.name == service:
            document = {**await topology.fixed(self._polycube, cube), **document}
        return self._polycube.prepare(service, document)

    async def _wanted(self, body: Any) -> Wanted:
        if not isinstance(body, dict):
            message = "the body is not an object; expected cubes and attachments"
            raise BadElement(message, "/topology")
        for name in body.keys() - {"cubes", "attachments"}:
            message = "is not a member here; expected cubes, attachments"
            raise InvalidValue(message, f"/topology/{name}")
        cubes = await self._prepared(body.get("cubes", []), "/topology/cubes")
        return cubes._replace(attachments=_attachments(body.get("attachments", [])))


def _of_service(document: Any, service: str, where: str) -> Any:
    """Complete a document that stands among those of a service."""
    if not isinstance(document, dict):
        return document
    named = document.get("service-name", service)
    if named != service:
        message = f"'{named}' is not the service that it stands under, {service}"
        raise InvalidValue(message, f"{where}/{document.get('name', '')}/service-name")
    return {**document, "service-name": service}


def _attachments(body: Any) -> list[tuple[str, str]]:
    found = []
    for one in body if isinstance(body, list) else [body]:
        pair = (one.get("cube"), one.get("port")) if isinstance(one, dict) else (None, None)
        if not all(isinstance(text, str) and text for text in pair):
            message = "is not an array of objects with a cube and the netdev that it is attached to"
            raise BadElement(message, "/topology/attachments")
        found.append((str(pair[0]), str(pair[1])))
    return found


def summary(cube: Cube) -> dict[str, Any]:
    """Return what lists of cubes say of one."""
    found: dict[str, Any] = {
        "name": cube.name,
        "uuid": cube.uuid,
        "service-name": cube.service.name,
        "type": cube.type,
        "loglevel": cube.loglevel,
    }
    if cube.service.kind == "transparent":
        return {**found, "parent": cube.parent}
    ports = [_port(port) for port in cube.ports.values()]
    return {**found, "ports": ports, "shadow": cube.shadow, "span": cube.span}


def _port(port: Any) -> dict[str, Any]:
    found = {"name": port.name, "peer": port.peer}
    tcubes = [cube.name for cube in getattr(port, "chain", ())]
    return {**found, "tcubes": tcubes} if tcubes else found
