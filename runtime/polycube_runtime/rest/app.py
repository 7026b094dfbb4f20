"""The application: the daemon's routes, a sub-application for each service, errors in the dialect.

One flat application with every route would cost a millisecond a request, because matching is
linear; a mounted one for each service, built when it is first asked for, costs a tenth of that and
nothing at start.
"""

from __future__ import annotations

import importlib
import logging
from importlib import metadata
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import RedirectResponse, Response
from starlette.routing import BaseRoute, Match, NoMatchFound, Route

from polycube_runtime.core.words import RESERVED
from polycube_runtime.rest import daemon, docs, metrics
from polycube_runtime.rest.bodies import refusal
from polycube_runtime.rest.events import Events
from polycube_runtime.rest.hosts import KnownHosts
from polycube_runtime.rest.links import PREFIX
from polycube_runtime.rest.restconf.mount import Mount
from polycube_runtime.rest.service import CubesOfService
from polycube_runtime.support.errors import (
    InvalidValue,
    NotFound,
    OperationNotSupported,
    PolycubeError,
)
from polycube_runtime.support.routes import RawPath

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from starlette.datastructures import URLPath
    from starlette.requests import Request
    from starlette.types import Receive, Scope, Send

    from polycube_runtime.core.polycube import Polycube
    from polycube_runtime.support.control import ControlPlane

_log = logging.getLogger(__name__)


def application(polycube: Polycube, settings: object = None) -> FastAPI:
    """Return the REST interface of `polycube`.

    Of `settings`, `addr` and `allowed_hosts` are names that clients may call the daemon by. When
    the daemon is about to stop, `app.state.events.close()` ends the streams of events.
    """
    app = FastAPI(
        title="polycubed",
        version=metadata.version("polycube-py"),
        openapi_url=None,
        redirect_slashes=False,
        docs_url=None,
        redoc_url=None,
    )
    app.state.events = Events(polycube)
    daemon.add_routes(app, polycube, app.state.events)
    metrics.add_routes(app, polycube)
    app.router.routes.append(Mount(polycube, app.state.events))
    services = _Services(polycube)
    app.router.routes.append(services)
    docs.add_docs(app, polycube, services.app)
    handle_errors(app)
    app.add_exception_handler(404, _other(polycube))
    app.add_middleware(RawPath, slash=True)
    app.add_middleware(KnownHosts, allowed=_names(settings))
    return app


def _names(settings: object) -> list[str]:
    address = getattr(settings, "addr", None)
    names = [*(getattr(settings, "allowed_hosts", None) or ())]
    return [*names, address] if isinstance(address, str) else names


class _Services(BaseRoute):
    """The sub-applications of all services, each built on its first request.

    A route of its own, because services come and go while the daemon runs.
    """

    def __init__(self, polycube: Polycube) -> None:
        self._polycube = polycube
        self._apps: dict[str, tuple[type[ControlPlane], FastAPI]] = {}

    def app(self, name: str) -> FastAPI:
        """Return the application of a service's routes."""
        service = self._polycube.service(name)
        known, app = self._apps.get(name, (None, None))
        if app is None or known is not service:
            routes = importlib.import_module(f"{service.generated()}.routes")
            app = routes.application(CubesOfService(self._polycube, service.SERVICE))
            handle_errors(app)
            gone = self._apps.keys() - self._polycube.services.keys()
            self._apps = {one: self._apps[one] for one in self._apps if one not in gone}
            self._apps[name] = (service, app)
        return app

    def matches(self, scope: Scope) -> tuple[Match, Scope]:
        """Match what is below the name of a service."""
        path: str = scope["path"]
        if scope["type"] != "http" or not path.startswith(f"{PREFIX}/"):
            return Match.NONE, {}
        first = path[len(PREFIX) + 1 :].partition("/")[0]
        name = unquote(first)
        if name not in self._polycube.services:
            return Match.NONE, {}
        root = scope.get("root_path", "")
        below = {"root_path": f"{root}{PREFIX}/{first}", "app_root_path": root, "service": name}
        return Match.FULL, below

    async def handle(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on to the service's application."""
        await self.app(scope["service"])(scope, receive, send)

    def url_path_for(self, name: str, /, **path_params: object) -> URLPath:
        """Know no names."""
        raise NoMatchFound(name, path_params)


def handle_errors(app: FastAPI) -> None:
    """Answer every error of ours, of FastAPI's and of starlette's in the dialect's body."""

    async def ours(_request: Request, error: Exception) -> Response:
        assert isinstance(error, PolycubeError)  # noqa: S101 (registered for that class)
        return refusal(error)

    async def unknown(request: Request, error: Exception) -> Response:
        status = getattr(error, "status_code", 404)
        path = request.url.path.removeprefix(PREFIX)
        if status == 405:  # noqa: PLR2004
            allowed = _allowed(request)
            message = f"{request.method} is not supported here; expected {allowed}"
            answer = refusal(OperationNotSupported(message, path))
            answer.headers["Allow"] = allowed
            return answer
        return refusal(NotFound("there is nothing of that name in the data model", path))

    async def invalid(request: Request, error: Exception) -> Response:
        return refusal(InvalidValue(str(error), request.url.path.removeprefix(PREFIX)))

    async def bug(request: Request, error: Exception) -> Response:
        _log.error("%s %s failed", request.method, request.url.path, exc_info=error)
        broken = PolycubeError("polycubed made a mistake; its log says which", request.url.path)
        return refusal(broken)

    app.add_exception_handler(PolycubeError, ours)
    app.add_exception_handler(HTTPException, unknown)
    app.add_exception_handler(RequestValidationError, invalid)
    app.add_exception_handler(Exception, bug)


def _allowed(request: Request) -> str:
    """List the methods of all routes of the path: starlette knows those of the first one only."""
    fitting = (
        route
        for route in request.app.routes
        if isinstance(route, Route) and route.matches(request.scope)[0] is not Match.NONE
    )
    return ", ".join(sorted(method for route in fitting for method in route.methods or ()))


def _other(polycube: Polycube) -> Callable[[Request, Exception], Awaitable[Response]]:
    """Return what answers where no route is: `br1/ports` is meant for `simplebridge/br1/ports`."""

    async def redirect(request: Request, _error: Exception) -> Response:
        whole: str = request.scope["path"]
        if not whole.startswith(f"{PREFIX}/"):
            message = f"there is nothing here; see {PREFIX}/, and /docs for how to use it"
            return refusal(NotFound(message))
        path = whole.removeprefix(PREFIX)
        first, *below = path.strip("/").split("/")
        name = unquote(first)
        cube = polycube.cubes.get(name)
        if cube is None or request.headers.get("referer"):
            known = name in RESERVED and below
            message = "there is nothing here" if known else f"No cube found named {name}"
            return refusal(NotFound(message, path.rstrip("/") if known else ""))
        query = f"?{request.url.query}" if request.url.query else ""
        target = f"{PREFIX}/{quote(cube.service.name)}{path}{query}"
        return RedirectResponse(target, status_code=308)

    return redirect
