"""The routes of the daemon itself: services, cubes, wires, version, events, health."""

from __future__ import annotations

import time
from importlib import metadata
from typing import TYPE_CHECKING

from starlette.requests import Request  # noqa: TC002 (FastAPI reads annotations)
from starlette.responses import Response  # noqa: TC002

from polycube_runtime.core.words import WORDS
from polycube_runtime.rest import schemas
from polycube_runtime.rest.bodies import answer, done, json_body
from polycube_runtime.rest.changes import is_dry
from polycube_runtime.rest.cubes import CubeFaces
from polycube_runtime.rest.help import daemon_help, one_help, root_help
from polycube_runtime.rest.links import link
from polycube_runtime.rest.operations import Operation, query
from polycube_runtime.rest.services import ServiceFaces
from polycube_runtime.rest.wires import WireFaces
from polycube_runtime.support.errors import MissingAttribute

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from fastapi import FastAPI

    from polycube_runtime.core.polycube import Polycube
    from polycube_runtime.rest.events import Events

_NAMED = ("services", "cubes", "topology", "netdevs")
_HELP = (
    query("help", "The command typed so far", {"enum": ["NONE", "SHOW", "ADD", "SET", "DEL"]}),
    query("completion", "Answer the words that can follow, in an array"),
)


def add_routes(app: FastAPI, polycube: Polycube, events: Events) -> None:
    """Give `app` the daemon's routes over `polycube`."""
    groups = (
        _Faces(polycube, events),
        ServiceFaces(polycube),
        CubeFaces(polycube),
        WireFaces(polycube),
    )
    for group in groups:
        for operation in group.operations():
            operation.add_to(app)


class _Faces:
    """One method for each route."""

    def __init__(self, polycube: Polycube, events: Events) -> None:
        self._polycube = polycube
        self._events = events
        self._started = time.monotonic()

    def operations(self) -> list[Operation]:
        """Return the routes."""
        paths = ["/", *(f"/{word}/" for word in WORDS)]
        helped: list[tuple[str, Callable[..., Awaitable[Response]]]] = [
            (path, self.help if path != "/" else self.root_help) for path in paths
        ]
        helped += [(f"/{word}/{{name}}/", self.named_help) for word in _NAMED]
        return [
            Operation("GET", "/", self.root, schemas.LINKS),
            *(
                Operation("OPTIONS", path, face, schemas.HELP, errors=(400,), parameters=_HELP)
                for path, face in helped
            ),
            Operation("GET", "/version/", self.version, schemas.VERSION),
            Operation(
                "POST", "/reload/", self.reload, body=schemas.RELOAD, errors=(404, 503),
                parameters=(query("dry-run", "Only compile"),),
            ),
            Operation(
                "GET", "/events/", self.events, schemas.TEXT, media_type="text/event-stream",
                parameters=(query("cube", "Only events of this cube", schemas.TEXT),),
            ),
            Operation("GET", "/healthz/", self.health, schemas.HEALTH, root=True),
        ]  # fmt: skip

    async def root(self, request: Request) -> Response:
        """Where everything is."""
        host = request.url.netloc.replace("localhost", "127.0.0.1")
        names = [*WORDS, *sorted(self._polycube.services)]
        return answer([link(host, "self", ""), *(link(host, name, f"/{name}") for name in names)])

    async def root_help(self, request: Request) -> Response:
        """Help on the first word of the command line."""
        asked = request.query_params
        return answer(
            root_help(self._polycube, asked.get("help", ""), completion="completion" in asked)
        )

    async def help(self, request: Request) -> Response:
        """Help on a word of the daemon's."""
        word = request.url.path.rstrip("/").rpartition("/")[2]
        asked = request.query_params
        netdevs = await self._polycube.kernel.netdevs()
        found = daemon_help(
            self._polycube,
            word,
            asked.get("help", ""),
            completion="completion" in asked,
            netdevs=netdevs,
        )
        return answer(found)

    async def named_help(self, name: str, request: Request) -> Response:  # noqa: ARG002
        """Help on one thing of those that a word lists."""
        word = request.url.path.strip("/").rpartition("/")[0].rpartition("/")[2]
        asked = request.query_params
        found = one_help(word, asked.get("help", ""), completion="completion" in asked)
        return answer(found)

    async def version(self) -> Response:
        """Tell the daemon's version."""
        return answer({"polycubed": {"version": metadata.version("polycube-py")}})

    async def health(self) -> Response:
        """Tell that the daemon is alive, and a few numbers."""
        return answer(
            {
                "status": "ok",
                "version": metadata.version("polycube-py"),
                "uptime": round(time.monotonic() - self._started, 3),
                "services": len(self._polycube.services),
                "cubes": len(self._polycube.cubes),
            }
        )

    async def events(self, request: Request) -> Response:
        """Follow every change and state as server-sent events."""
        cubes = frozenset(request.query_params.getlist("cube"))
        return self._events.stream(cubes, request.headers.get("last-event-id"))

    async def reload(self, request: Request) -> Response:
        """Read a service's C again and swap it into one cube under traffic."""
        body = await json_body(request)
        name = body.get("cube") if isinstance(body, dict) else None
        if not isinstance(name, str):
            message = "is missing: which cube?"
            raise MissingAttribute(message, "/reload/cube")
        dry = is_dry(request)
        await self._polycube.reload(self._polycube.cube(name), dry_run=dry)
        return answer({"changes": []}) if dry else done(200)
