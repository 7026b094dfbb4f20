"""The route of RESTCONF in the daemon's application, and what is there before it is asked for."""

from __future__ import annotations

from typing import TYPE_CHECKING

from starlette.routing import BaseRoute, Match, NoMatchFound

from polycube_runtime.rest.restconf.conditions import Clock

if TYPE_CHECKING:
    from starlette.datastructures import URLPath
    from starlette.types import ASGIApp, Receive, Scope, Send

    from polycube_runtime.core.polycube import Polycube
    from polycube_runtime.rest.events import Events
    from polycube_runtime.rest.restconf.state import State

ROOT = "/restconf"
_WELL_KNOWN = ("/.well-known/host-meta", "/.well-known/host-meta.json")


class Mount(BaseRoute):
    """Everything at `/restconf`, and the two documents that say that it is there."""

    def __init__(self, polycube: Polycube, events: Events) -> None:
        """Serve `polycube`; from now on times of changes are known."""
        self._polycube = polycube
        self._events = events
        self._clock = Clock(polycube)
        self._app: ASGIApp | None = None
        self._state: State | None = None
        events.library = self._library

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match by the first step."""
        path: str = scope.get("path", "")
        own = path.startswith(f"{ROOT}/") or path.rstrip("/") in (ROOT, *_WELL_KNOWN)
        return (Match.FULL if own and scope["type"] == "http" else Match.NONE), {}

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on to the application, which is made by the first request."""
        if self._app is None:
            from polycube_runtime.rest.restconf.app import Restconf  # noqa: PLC0415 (when asked)

            self._app = Restconf(self._polycube, self._events, self._clock, self._known(), ROOT)
        await self._app(scope, receive, send)

    def _known(self) -> State:
        if self._state is None:
            from polycube_runtime.rest.restconf.state import State  # noqa: PLC0415 (likewise)

            self._state = State(self._polycube, self._clock.began)
        return self._state

    def _library(self) -> str:
        return self._known().content_id

    def url_path_for(self, name: str, /, **path_params: object) -> URLPath:
        """Know no names."""
        raise NoMatchFound(name, path_params)
