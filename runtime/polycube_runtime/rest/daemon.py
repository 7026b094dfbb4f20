"""The routes of the daemon itself: services, cubes, netdevs, topology, connect, version."""

from __future__ import annotations

from importlib import metadata
from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import msgspec
from starlette.requests import Request  # noqa: TC002 (FastAPI reads annotations)
from starlette.responses import Response  # noqa: TC002

from polycube_runtime.rest.bodies import answer, done, json_body
from polycube_runtime.rest.help import daemon_help, root_help
from polycube_runtime.rest.links import PREFIX, link
from polycube_runtime.support.errors import (
    BadElement,
    InvalidValue,
    MissingAttribute,
    NotFound,
    OperationNotSupported,
)

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from fastapi import FastAPI

    from polycube_runtime.core.cube import Cube
    from polycube_runtime.core.polycube import Polycube
    from polycube_runtime.support.schema import Service

WORDS = (
    "connect",
    "disconnect",
    "services",
    "cubes",
    "topology",
    "netdevs",
    "reload",
    "version",
)


def add_routes(app: FastAPI, polycube: Polycube) -> None:
    """Give `app` the daemon's routes over `polycube`."""
    faces = _Faces(polycube)
    table: dict[tuple[str, str], Callable[..., Awaitable[Response]]] = {
        ("GET", "/"): faces.root,
        ("OPTIONS", "/"): faces.root_help,
        ("GET", "/services/"): faces.services,
        ("POST", "/services/"): faces.load_service,
        ("GET", "/services/{name}/"): faces.service,
        ("GET", "/cubes/"): faces.cubes,
        ("POST", "/cubes/"): faces.create_cubes,
        ("GET", "/cubes/{name}/"): faces.cube,
        ("GET", "/netdevs/"): faces.netdevs,
        ("GET", "/netdevs/{name}/"): faces.netdev,
        ("GET", "/topology/"): faces.topology,
        ("GET", "/version/"): faces.version,
        ("POST", "/connect/"): faces.connect,
        ("POST", "/disconnect/"): faces.disconnect,
        ("POST", "/reload/"): faces.reload,
        ("POST", "/attach/"): faces.attach,
        ("POST", "/detach/"): faces.attach,
    }
    for (method, path), face in table.items():
        # The service's name is not a part of what these say, so no two of their ids are alike.
        operation = f"{method.lower()}{path.replace('/', '_').replace('{', '').replace('}', '')}"
        app.add_api_route(f"{PREFIX}{path}", face, methods=[method], operation_id=operation)
    for word in WORDS:
        app.add_api_route(
            f"{PREFIX}/{word}/", faces.help, methods=["OPTIONS"], operation_id=f"help_{word}"
        )


class _Faces:
    """One method for each route."""

    def __init__(self, polycube: Polycube) -> None:
        self._polycube = polycube

    async def root(self, request: Request) -> Response:
        """Where everything is."""
        host = request.url.netloc.replace("localhost", "127.0.0.1")
        names = [*WORDS, *sorted(self._polycube.services)]
        return answer([link(host, "self", ""), *(link(host, name, f"/{name}") for name in names)])

    async def root_help(self, request: Request) -> Response:
        """Help on the first word of the command line."""
        query = request.query_params
        return answer(
            root_help(self._polycube, query.get("help", ""), completion="completion" in query)
        )

    async def help(self, request: Request) -> Response:
        """Help on a word of the daemon's."""
        word = request.url.path.rstrip("/").rpartition("/")[2]
        query = request.query_params
        netdevs = await self._polycube.kernel.netdevs()
        found = daemon_help(
            self._polycube,
            word,
            query.get("help", ""),
            completion="completion" in query,
            netdevs=netdevs,
        )
        return answer(found)

    async def services(self) -> Response:
        """List the services that cubes can be made of."""
        found = sorted(self._polycube.services.items())
        return answer([_service(one.SERVICE) for _, one in found])

    async def service(self, name: str) -> Response:
        """Describe one service."""
        return answer(_service(self._polycube.service(unquote(name)).SERVICE))

    async def load_service(self) -> Response:
        """Refuse: services are Python packages here."""
        message = (
            "services are installed as Python packages (entry point group polycube.services)"
            " and found when polycubed starts; they cannot be loaded by request"
        )
        raise OperationNotSupported(message, "/services")

    async def cubes(self) -> Response:
        """List all cubes, by service."""
        found: dict[str, list[Any]] = {}
        for cube in self._polycube.cubes.values():
            found.setdefault(cube.service.name, []).append(_summary(cube))
        return answer(found)

    async def create_cubes(self, request: Request) -> Response:
        """Create cubes, all or none; takes an array, or what GET answers."""
        documents = _documents(await json_body(request))
        prepared = []
        for document in documents:
            name = document.get("service-name")
            if not isinstance(name, str):
                message = "is missing: which service?"
                raise MissingAttribute(message, f"/cubes/{document.get('name', '')}/service-name")
            prepared.append((name, self._polycube.prepare(name, document)))
        for name, document in prepared:
            await self._polycube.warm(name, document)
        async with self._polycube.change() as undo:
            await self._polycube.create_all(prepared, undo)
        return done(201)

    async def cube(self, name: str) -> Response:
        """Show one cube, whatever its service."""
        tree = self._polycube.tree(self._polycube.cube(unquote(name)))
        return answer(await tree.read(tree.root))

    async def netdevs(self) -> Response:
        """List the host's network interfaces."""
        found = await self._polycube.kernel.netdevs()
        return answer([_netdev(one) for one in found.values()])

    async def netdev(self, name: str) -> Response:
        """Show one network interface."""
        found = (await self._polycube.kernel.netdevs()).get(unquote(name))
        if found is None:
            message = "there is no such network interface"
            raise NotFound(message, f"/netdevs/{name}")
        return answer(_netdev(found))

    async def topology(self) -> Response:
        """Show cubes, their ports, and what those are connected to."""
        return answer([_summary(cube) for cube in self._polycube.cubes.values()])

    async def version(self) -> Response:
        """Tell the daemon's version."""
        return answer({"polycubed": {"version": metadata.version("polycube-py")}})

    async def connect(self, request: Request) -> Response:
        """Connect two ports, or a port and a netdev."""
        one, other = _peers(await json_body(request), "/connect")
        async with self._polycube.change() as undo:
            await self._polycube.connect(one, other, undo)
        return done(200)

    async def disconnect(self, request: Request) -> Response:
        """Disconnect them."""
        one, other = _peers(await json_body(request), "/disconnect")
        async with self._polycube.change() as undo:
            await self._polycube.disconnect(one, other, undo)
        return done(200)

    async def attach(self) -> Response:
        """Refuse: the words are the dialect's, and nothing offers them before they work."""
        message = "transparent cubes cannot be attached yet"
        raise OperationNotSupported(message)

    async def reload(self, request: Request) -> Response:
        """Read a service's C again and swap it into one cube under traffic."""
        body = await json_body(request)
        name = body.get("cube") if isinstance(body, dict) else None
        if not isinstance(name, str):
            message = "is missing: which cube?"
            raise MissingAttribute(message, "/reload/cube")
        await self._polycube.reload(self._polycube.cube(name))
        return done(200)


def _service(service: Service) -> dict[str, Any]:
    return {
        "name": service.name,
        "servicecontroller": service.name,
        "type": service.kind,
        "description": service.description,
        "version": service.version,
        "pyang_repo_id": "",
        "swagger_codegen_repo_id": "",
    }


def _summary(cube: Cube) -> dict[str, Any]:
    found: dict[str, Any] = {
        "name": cube.name,
        "uuid": cube.uuid,
        "service-name": cube.service.name,
        "type": cube.type,
        "loglevel": cube.loglevel,
    }
    if cube.service.kind == "transparent":
        return {**found, "parent": cube.parent}
    ports = [{"name": port.name, "peer": port.peer} for port in cube.ports.values()]
    return {**found, "ports": ports, "shadow": False, "span": False}


def _netdev(netdev: msgspec.Struct) -> dict[str, Any]:
    values = msgspec.structs.asdict(netdev)
    return {"status": "UP" if values.pop("up") else "DOWN", **values}


def _documents(body: Any) -> list[dict[str, Any]]:
    if isinstance(body, dict) and all(isinstance(one, list) for one in body.values()):
        body = [document for documents in body.values() for document in documents]  # as GET answers
    if not isinstance(body, list) or not all(isinstance(one, dict) for one in body):
        message = "the body is not an array of cubes"
        raise BadElement(message, "/cubes")
    return body


def _peers(body: Any, path: str) -> tuple[str, str]:
    found = []
    for name in ("peer1", "peer2"):
        value = body.get(name) if isinstance(body, dict) else None
        if value is None:
            message = "is missing; expected a network interface or cube:port"
            raise MissingAttribute(message, f"{path}/{name}")
        if not isinstance(value, str) or not value:
            message = f"{value!r} is not the name of a network interface nor cube:port"
            raise InvalidValue(message, f"{path}/{name}")
        found.append(value)
    return found[0], found[1]
