"""The routes of wires: netdevs, peers of ports, chains of transparent cubes."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any
from urllib.parse import unquote

import msgspec
from starlette.requests import Request  # noqa: TC002 (FastAPI reads annotations)
from starlette.responses import Response  # noqa: TC002

from polycube_runtime.rest import schemas
from polycube_runtime.rest.bodies import answer, json_body
from polycube_runtime.rest.changes import change, changed, check, cube_tag
from polycube_runtime.rest.operations import Operation
from polycube_runtime.support.errors import InvalidValue, MissingAttribute, NotFound

if TYPE_CHECKING:
    from polycube_runtime.core.polycube import Polycube


class WireFaces:
    """One method for each route."""

    def __init__(self, polycube: Polycube) -> None:
        """Serve the wires of `polycube`."""
        self._polycube = polycube

    def operations(self) -> list[Operation]:
        """Return the routes."""
        netdevs = schemas.array(schemas.NETDEV)
        return [
            Operation("GET", "/netdevs/", self.netdevs, netdevs),
            Operation("GET", "/netdevs/{name}/", self.netdev, schemas.NETDEV, errors=(404,)),
            Operation("GET", "/topology/{name}/", self.chain, schemas.CHAIN, errors=(404,)),
            *(
                Operation("POST", path, face, body=body, errors=(404, 405, 409), writes=True)
                for path, face, body in (
                    ("/connect/", self.connect, schemas.PEERS),
                    ("/disconnect/", self.disconnect, schemas.PEERS),
                    ("/attach/", self.attach, schemas.ATTACH),
                    ("/detach/", self.detach, schemas.DETACH),
                )
            ),
        ]

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

    async def chain(self, name: str) -> Response:
        """Show the transparent cubes on a network interface or a port."""
        where = unquote(name)
        cube, colon, port = where.partition(":")
        if colon:
            there = cube in self._polycube.cubes and port in self._polycube.cubes[cube].ports
        else:
            used = self._polycube.chains.on_netdevs()
            there = where in used or where in await self._polycube.kernel.netdevs()
        if not there:
            message = f"there is no such {'port' if colon else 'network interface'}"
            raise NotFound(message, f"/topology/{name}")
        return answer(self._polycube.chains.show(where))

    async def connect(self, request: Request) -> Response:
        """Connect two ports, or a port and a netdev."""
        one, other = _texts(await json_body(request), "/connect", "peer1", "peer2")
        async with change(self._polycube, request) as undo:
            self._check(request, one, other)
            await self._polycube.peers.connect(one, other, undo)
        return changed(request, undo, 200)

    async def disconnect(self, request: Request) -> Response:
        """Disconnect them."""
        one, other = _texts(await json_body(request), "/disconnect", "peer1", "peer2")
        async with change(self._polycube, request) as undo:
            self._check(request, one, other)
            await self._polycube.peers.disconnect(one, other, undo)
        return changed(request, undo, 200)

    async def attach(self, request: Request) -> Response:
        """Attach a transparent cube to a port or a network interface."""
        body = await json_body(request)
        name, where = _texts(body, "/attach", "cube", "port")
        place = _place(body)
        async with change(self._polycube, request) as undo:
            cube = self._polycube.cube(name)
            check(request, cube_tag(cube), cube.path)
            await self._polycube.chains.attach(cube, where, undo, **place)
        return changed(request, undo, 200, cube)

    async def detach(self, request: Request) -> Response:
        """Detach it."""
        name, where = _texts(await json_body(request), "/detach", "cube", "port")
        async with change(self._polycube, request) as undo:
            cube = self._polycube.cube(name)
            check(request, cube_tag(cube), cube.path)
            await self._polycube.chains.detach(cube, where, undo)
        return changed(request, undo, 200, cube)

    def _check(self, request: Request, *ends: str) -> None:
        """Check conditions on the first end that is a port."""
        names = [end.partition(":")[0] for end in ends if ":" in end]
        cube = self._polycube.cubes.get(names[0]) if names else None
        check(request, cube_tag(cube) if cube else None)


def _netdev(netdev: msgspec.Struct) -> dict[str, Any]:
    values = msgspec.structs.asdict(netdev)
    return {"status": "UP" if values.pop("up") else "DOWN", **values}


_EXPECTED = {
    "peer1": "a network interface or cube:port",
    "peer2": "a network interface or cube:port",
    "cube": "the name of a transparent cube",
    "port": "a network interface or cube:port",
}


_FREE = {"/attach": ("position", "after", "before")}
"""Members that may be left out, by path."""


def _texts(body: Any, path: str, *names: str) -> tuple[str, str]:
    found = []
    for name in body.keys() - {*names, *_FREE.get(path, ())} if isinstance(body, dict) else ():
        known = ", ".join((*names, *_FREE.get(path, ())))
        message = f"is not a member here; expected {known}"
        raise InvalidValue(message, f"{path}/{name}")
    for name in names:
        value = body.get(name) if isinstance(body, dict) else None
        if value is None:
            message = f"is missing; expected {_EXPECTED[name]}"
            raise MissingAttribute(message, f"{path}/{name}")
        if not isinstance(value, str) or not value:
            message = f"{value!r} is not {_EXPECTED[name]}"
            raise InvalidValue(message, f"{path}/{name}")
        found.append(value)
    return found[0], found[1]


def _place(body: Any) -> dict[str, str]:
    """Read where in a chain a cube goes; an empty text says nothing."""
    given = {name: body.get(name) for name in ("position", "after", "before") if body.get(name)}
    for name, value in given.items():
        if not isinstance(value, str):
            message = f"{value!r} is not a text"
            raise InvalidValue(message, f"/attach/{name}")
    if "position" in given:
        given["position"] = given["position"].lower()
    return given
