"""Documentation in the browser: Swagger UI from files of this machine, without any internet.

The pages are outside of the interface, `/docs` and `/docs/<service>`: below it, they would hide
cubes of those names.
"""

from __future__ import annotations

import mimetypes
from functools import cache
from importlib import resources
from typing import TYPE_CHECKING, Any
from urllib.parse import quote, unquote

from fastapi.openapi.docs import get_swagger_ui_html
from starlette.responses import JSONResponse, Response

from polycube_runtime.support.errors import NotFound

if TYPE_CHECKING:
    from collections.abc import Callable

    from fastapi import FastAPI
    from starlette.requests import Request

    from polycube_runtime.core.polycube import Polycube

_ASSETS = "/docs-assets"
_SCRIPT, _STYLE, _ICON = "swagger-ui-bundle.js", "swagger-ui.css", "favicon.png"


def add_docs(app: FastAPI, polycube: Polycube, service_app: Callable[[str], FastAPI]) -> None:
    """Give `app` the pages and the OpenAPI documents of the daemon and of each service."""

    def named(request: Request) -> str:
        name = unquote(request.path_params["name"])
        polycube.service(name)
        return name

    async def own_page(_request: Request) -> Response:
        return _page("polycubed", "/openapi.json")

    async def page(request: Request) -> Response:
        name = named(request)
        return _page(name, f"/openapi/{quote(name)}.json")

    async def document(request: Request) -> Response:
        return JSONResponse(service_app(named(request)).openapi())

    async def own_document(_request: Request) -> Response:
        return JSONResponse(app.openapi())

    described = app.openapi

    def openapi() -> dict[str, Any]:
        document = described()
        pages = _links(polycube)
        return {**document, "info": {**document["info"], "description": f"Services: {pages}"}}

    app.openapi = openapi  # type: ignore[method-assign]
    app.add_route("/docs/", own_page)
    app.add_route("/docs/{name}/", page)
    app.add_route("/openapi.json/", own_document)
    app.add_route("/openapi/{name}.json/", document)
    app.add_route(f"{_ASSETS}/{{name}}/", _asset)


def _links(polycube: Polycube) -> str:
    """Return, in Markdown, where the documentation of each service is."""
    names = sorted(polycube.services)
    return ", ".join(f"[{name}](/docs/{quote(name)})" for name in names)


def _page(title: str, document: str) -> Response:
    return get_swagger_ui_html(
        openapi_url=document,
        title=title,
        swagger_js_url=f"{_ASSETS}/{_SCRIPT}",
        swagger_css_url=f"{_ASSETS}/{_STYLE}",
        swagger_favicon_url=f"{_ASSETS}/{_ICON}",
    )


async def _asset(request: Request) -> Response:
    name = request.path_params["name"]
    if name not in {_SCRIPT, _STYLE, _ICON}:
        message = "there is no such file"
        raise NotFound(message, request.url.path.rstrip("/"))
    kind, _ = mimetypes.guess_type(name)
    return Response(_file(name), media_type=kind, headers={"Cache-Control": "max-age=86400"})


@cache
def _file(name: str) -> bytes:
    return resources.files("fastapi_offline").joinpath("static", name).read_bytes()
