"""The application: the daemon's routes, a sub-application for each service, errors in the dialect.

One flat application with every route would cost a millisecond a request, because matching is
linear; a mounted one for each service, built when it is first asked for, costs a tenth of that and
nothing at start.
"""

from __future__ import annotations

import importlib
import logging
from functools import cached_property
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.responses import JSONResponse, RedirectResponse, Response
from starlette.routing import Match, Route

from polycube_runtime.core.polycube import RESERVED
from polycube_runtime.rest import daemon
from polycube_runtime.rest.bodies import refusal
from polycube_runtime.rest.links import PREFIX
from polycube_runtime.rest.service import CubesOfService
from polycube_runtime.support.errors import (
    InvalidValue,
    NotFound,
    OperationNotSupported,
    PolycubeError,
)
from polycube_runtime.support.routes import RawPath

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from starlette.requests import Request
    from starlette.types import Receive, Scope, Send

    from polycube_runtime.core.polycube import Polycube

_log = logging.getLogger(__name__)


def application(polycube: Polycube) -> FastAPI:
    """Return the REST interface of `polycube`."""
    app = FastAPI(
        title="polycubed",
        openapi_url="/openapi.json/",  # with a slash, as `RawPath` has it
        redirect_slashes=False,
        docs_url=None,
        redoc_url=None,
    )
    daemon.add_routes(app, polycube)
    services = {name: _Service(polycube, name) for name in polycube.services}
    for name, service in services.items():
        app.mount(f"{PREFIX}/{name}", service, name=name)
    app.add_api_route("/openapi/{name}.json/", _openapi(services), include_in_schema=False)
    handle_errors(app)
    app.add_exception_handler(404, _other(polycube))
    app.add_middleware(RawPath, slash=True)
    return app


class _Service:
    """A service's sub-application, built on its first request."""

    def __init__(self, polycube: Polycube, name: str) -> None:
        self._polycube = polycube
        self._class = polycube.service(name)

    @cached_property
    def app(self) -> FastAPI:
        """The application of the service's routes."""
        routes = importlib.import_module(f"{self._class.generated()}.routes")
        app: FastAPI = routes.application(CubesOfService(self._polycube, self._class.SERVICE))
        handle_errors(app)
        return app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        await self.app(scope, receive, send)


def _openapi(services: Mapping[str, _Service]) -> Callable[[str], Awaitable[Response]]:
    """Return what answers with a service's OpenAPI document; the daemon's own is FastAPI's."""

    async def document(name: str) -> Response:
        service = services.get(unquote(name))
        if service is None:
            message = f"No service found named {name}; there are: {', '.join(sorted(services))}"
            raise NotFound(message)
        return JSONResponse(service.app.openapi())

    document.__annotations__ = {"name": str}  # FastAPI cannot read what only type checkers import
    return document


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
        path = request.scope["path"].removeprefix(PREFIX)
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
