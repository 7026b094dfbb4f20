"""The application: the daemon's routes, a sub-application for each service, errors in the dialect.

One flat application with every route would cost a millisecond a request, because matching is linear; a mounted one for each
service, built when it is first asked for, costs a tenth of that and nothing at start.
"""

from __future__ import annotations

import importlib
import logging
from typing import TYPE_CHECKING
from urllib.parse import quote, unquote

from fastapi import FastAPI
from fastapi.exceptions import RequestValidationError
from starlette.exceptions import HTTPException
from starlette.requests import Request
from starlette.responses import RedirectResponse, Response

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
    from starlette.types import ASGIApp, Receive, Scope, Send

    from polycube_runtime.core.polycube import Polycube

_log = logging.getLogger(__name__)
_VERBS = ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"]


def application(polycube: Polycube) -> FastAPI:
    """Return the REST interface of `polycube`."""
    app = FastAPI(title="polycubed", redirect_slashes=False, docs_url=None, redoc_url=None)
    app.include_router(daemon.router(polycube))
    for name in polycube.services:
        app.mount(f"{PREFIX}/{name}", _Service(polycube, name), name=name)
    _add_fallback(app, polycube)
    handle_errors(app)
    app.add_middleware(RawPath)
    return app


class _Service:
    """A service's sub-application, built on its first request."""

    def __init__(self, polycube: Polycube, name: str) -> None:
        self._polycube = polycube
        self._class = polycube.service(name)
        self._app: ASGIApp | None = None

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if self._app is None:
            routes = importlib.import_module(f"{self._class.generated()}.routes")
            app: FastAPI = routes.application(CubesOfService(self._polycube, self._class.SERVICE))
            handle_errors(app)
            self._app = app
        await self._app(scope, receive, send)


def handle_errors(app: FastAPI) -> None:
    """Answer every error of ours, of FastAPI's and of starlette's in the dialect's body."""

    async def ours(_request: Request, error: Exception) -> Response:
        assert isinstance(error, PolycubeError)  # noqa: S101 (registered for that class)
        return refusal(error)

    async def unknown(request: Request, error: Exception) -> Response:
        status = getattr(error, "status_code", 404)
        path = request.url.path.removeprefix(PREFIX)
        if status == 405:  # noqa: PLR2004
            allowed = (getattr(error, "headers", None) or {}).get("Allow", "")
            message = f"{request.method} is not supported here" + (f"; {allowed} is" if allowed else "")
            return refusal(OperationNotSupported(message, path))
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


def _add_fallback(app: FastAPI, polycube: Polycube) -> None:
    async def redirect(request: Request, name: str) -> Response:
        """Send a request for a cube to the cube's service: `br1/ports` is `simplebridge/br1/ports`."""
        cube = polycube.cubes.get(unquote(name))
        if cube is None or request.headers.get("referer"):
            message = f"No cube found named {unquote(name)}"
            raise NotFound(message)
        rest = request.scope["path"].removeprefix(PREFIX)
        query = f"?{request.url.query}" if request.url.query else ""
        target = f"{PREFIX}/{quote(cube.service.name)}{rest}{query}"
        return RedirectResponse(target, status_code=308)

    for path in ("/{name}", "/{name}/{rest:path}"):
        app.add_api_route(f"{PREFIX}{path}", redirect, methods=_VERBS, include_in_schema=False)
