"""Operations of the daemon, and actions of cubes (RFC 8040, sections 3.6 and 4.4.2)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from starlette.responses import Response

from polycube_runtime.rest.changes import change, refuse_dry
from polycube_runtime.rest.restconf import own
from polycube_runtime.rest.restconf.bodies import only_member, read_body
from polycube_runtime.rest.restconf.negotiation import body_type
from polycube_runtime.rest.restconf.refusals import DATA
from polycube_runtime.rest.restconf.target import Target
from polycube_runtime.support.errors import DataMissing, MalformedMessage, NotFound, raise_all
from polycube_runtime.support.instance import dump
from polycube_runtime.support.schema import Action
from polycube_runtime.support.validate import Check, Encoding, Mode

if TYPE_CHECKING:
    from starlette.requests import Request

    from polycube_runtime.core.polycube import Polycube
    from polycube_runtime.rest.restconf.methods import Methods

Object = dict[str, Any]


def listed() -> Object:
    """Return what GET of all operations answers."""
    return {
        "ietf-restconf:operations": {f"{own.NAME}:{one.name}": [None] for one in own.OPERATIONS}
    }


def named(name: str) -> Action:
    """Find an operation by `module:name`.

    Raises:
        NotFound: there is none.

    """
    for one in own.OPERATIONS:
        if f"{own.NAME}:{one.name}" == name:
            return one
    known = ", ".join(listed()["ietf-restconf:operations"])
    message = f"there is no operation '{name}'; expected {known}"
    raise NotFound(message)


class Calls:
    """Calls operations and actions."""

    def __init__(self, polycube: Polycube, methods: Methods) -> None:
        """Act on `polycube`."""
        self._polycube = polycube
        self._methods = methods

    async def operation(self, request: Request, node: Action) -> Response:
        """Call an operation of the daemon."""
        where = f"/{own.NAME}:input"
        given = await _input(request, node, own.NAME, where)
        cube = self._polycube.cubes.get(given["cube"])
        if cube is None:
            message = f"there is no cube named {given['cube']}"
            raise DataMissing(message, f"{where}/cube")
        if node is own.RELOAD:
            refuse_dry(request, "what a reload reads")
            await self._polycube.reload(cube)
            return Response(status_code=204)
        async with change(self._polycube, request) as undo:
            self._polycube.require(cube)
            if node is own.DETACH:
                await self._polycube.chains.detach(cube, given["port"], undo)
            else:
                place = {name: given.get(name, "") for name in ("after", "before")}
                position = given.get("position", "auto")
                await self._polycube.chains.attach(
                    cube, given["port"], undo, position=position, **place
                )
        return self._methods.done(request, Target(), undo, 204)

    async def action(self, request: Request, target: Target) -> Response:
        """Call an action of a cube."""
        node, place = target.node, target.place
        assert isinstance(node, Action)  # noqa: S101 (the caller's choice)
        given = await _input(request, node, target.module, place.path)
        refuse_dry(request, "what an action does", target.path)
        cube = self._polycube.cube(place.cube, place.service.name)
        async with self._methods.change(request, target._replace(steps=target.steps[:1])):
            self._polycube.require(cube)
            output = await self._polycube.tree(cube).call(place, given)
        if output is None or node.output is None or not node.output.children:
            return Response(status_code=204)
        body = {f"{target.module}:output": dump(node.output, output)}
        return Response(msgspec.json.encode(body), media_type=DATA)


async def _input(request: Request, node: Action, module: str, where: str) -> Any:
    """Read the input of an operation, `{"module:input": {…}}`."""
    if "transfer-encoding" in request.headers or request.headers.get("content-length", "0") != "0":
        body_type(request)
    body = await read_body(request)
    raw: Any = None
    if body is not None:
        name, raw = only_member(body, where)
        if name != f"{module}:input":
            message = f"the body is about '{name}'; expected '{module}:input'"
            raise MalformedMessage(message, where)
    check = Check(Mode.CREATE, Encoding.RFC7951)
    found = check.action(node, raw, where)
    raise_all(check.errors)
    return found
