"""From the table of a service's resources to its FastAPI application.

* ``Shape``: what a URL names; decides its verbs
* ``Resource``: one URL
* ``ServiceApi``: what the runtime does when a URL is asked for
* ``build``: the application; imports FastAPI, which nothing else here does

Path parameters reach the API as the client wrote them, percent-decoded once: a key may hold a
slash (``10.0.2.0%2F24``), so URLs are matched before they are decoded.
"""

from __future__ import annotations

import json
import re
from collections.abc import Awaitable, Callable, Mapping
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, Protocol
from urllib.parse import unquote

from polycube_runtime.support.errors import InvalidValue
from polycube_runtime.support.schema import Leaf, LeafList, Service

if TYPE_CHECKING:
    from collections.abc import Iterable
    from pathlib import Path

    from fastapi import FastAPI
    from starlette.requests import Request
    from starlette.responses import Response
    from starlette.types import ASGIApp, Receive, Scope, Send

    from polycube_runtime.support.schema import Node


class Shape(Enum):
    """What a URL names."""

    SERVICE = "service"
    """All cubes of the service."""
    CUBE = "cube"
    CONTAINER = "container"
    LIST = "list"
    """All entries of a list."""
    ENTRY = "entry"
    """One entry, its keys in the URL."""
    LEAF = "leaf"
    """A leaf or a leaf-list."""
    ACTION = "action"


@dataclass(frozen=True, slots=True)
class Resource:
    """One URL below the service: ``path`` with its keys in braces, and the node that it names."""

    path: str
    shape: Shape
    node: Node | Service

    @property
    def verbs(self) -> tuple[str, ...]:
        """The verbs that this resource has, OPTIONS (help and completion) left aside."""
        return _verbs(self)

    @property
    def operation(self) -> str:
        """What completes the operation ids: ``simplebridge_get_fdb_entry``; empty for a cube."""
        if isinstance(self.node, Service):
            return "all" if self.shape is Shape.SERVICE else ""
        # Reserved words have an underscore at their end only where they are identifiers.
        name = self.node.attr.removesuffix("_")
        return f"all_{name}" if self.shape is Shape.LIST else name


class ServiceApi(Protocol):
    """What the runtime does with a request; ``keys`` are the URL's keys, the cube's name first.

    All of them may raise ``PolycubeError``; the runtime's own handlers answer it.
    """

    async def get(self, resource: Resource, keys: tuple[str, ...], request: Request) -> Response:
        """Answer GET."""

    async def create(self, resource: Resource, keys: tuple[str, ...], request: Request) -> Response:
        """Answer POST on data."""

    async def replace(
        self, resource: Resource, keys: tuple[str, ...], request: Request
    ) -> Response:
        """Answer PUT."""

    async def update(self, resource: Resource, keys: tuple[str, ...], request: Request) -> Response:
        """Answer PATCH."""

    async def delete(self, resource: Resource, keys: tuple[str, ...], request: Request) -> Response:
        """Answer DELETE."""

    async def call(self, resource: Resource, keys: tuple[str, ...], request: Request) -> Response:
        """Answer POST on an action."""

    async def help(self, resource: Resource, keys: tuple[str, ...], request: Request) -> Response:
        """Answer OPTIONS: the help and completion dialect."""


def build(
    service: Service, resources: Iterable[Resource], api: ServiceApi, openapi: Path
) -> FastAPI:
    """Return the application that serves ``resources``, to be mounted at ``/<service>``.

    Its OpenAPI document is the generated one at ``openapi``.
    """
    from fastapi import FastAPI  # noqa: PLC0415  (0.5 s, and only the daemon needs it)

    # No documentation pages: "/docs" would hide a cube of that name.
    app = FastAPI(
        title=service.name, version=service.version, openapi_url=None, redirect_slashes=False
    )
    app.add_middleware(RawPath)
    for resource in resources:
        # A plain route: FastAPI's would look at each request for parameters that none of these has.
        answers = _answers(resource, api)
        app.add_route(resource.path, _endpoint(resource, answers), methods=list(answers))

    def document() -> dict[str, Any]:
        if app.openapi_schema is None:
            app.openapi_schema = json.loads(openapi.read_bytes())
        return app.openapi_schema

    app.openapi = document  # type: ignore[method-assign]
    return app


_ABSOLUTE = re.compile(r"^https?://[^/]*", re.IGNORECASE)


class RawPath:
    """ASGI middleware: route by the path as it was sent, neither decoded nor with empty steps.

    Of a request in absolute form, as for a proxy (RFC 9112, section 3.2.2), by its path.
    ``slash`` says whether paths end in one; starlette finds mounted applications only by such.
    """

    def __init__(self, app: ASGIApp, *, slash: bool = False) -> None:
        """Wrap ``app``."""
        self.app = app
        self.slash = slash

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Normalise the path of HTTP requests and hand on."""
        if scope["type"] == "http":
            raw = scope.get("raw_path") or scope["path"].encode()
            path = re.sub(r"/{2,}", "/", _ABSOLUTE.sub("", raw.decode("latin-1")))
            root = scope.get("root_path", "").rstrip("/")
            bare = path.rstrip("/")
            scope = {**scope, "path": f"{bare}/" if self.slash or bare == root else bare}
        await self.app(scope, receive, send)


_VERBS = {
    Shape.ACTION: ("POST",),
    Shape.SERVICE: ("GET", "POST", "PATCH"),
    Shape.LEAF: ("GET", "PATCH"),
}
_ALL_VERBS = ("GET", "POST", "PUT", "PATCH", "DELETE")


def _verbs(resource: Resource) -> tuple[str, ...]:
    node = resource.node
    read_only = not getattr(node, "config", True)
    if read_only or (isinstance(node, Leaf | LeafList) and node.init_only):
        return ("GET",)
    return _VERBS.get(resource.shape, _ALL_VERBS)


_Answer = Callable[[Resource, tuple[str, ...], "Request"], Awaitable["Response"]]


def _answers(resource: Resource, api: ServiceApi) -> Mapping[str, _Answer]:
    post = api.call if resource.shape is Shape.ACTION else api.create
    known: dict[str, _Answer] = {
        "GET": api.get,
        "POST": post,
        "PUT": api.replace,
        "PATCH": api.update,
        "DELETE": api.delete,
    }
    own = {verb: known[verb] for verb in resource.verbs}
    heads = {"HEAD": api.get} if "GET" in own else {}
    return own | heads | {"OPTIONS": api.help}


def _decoded(value: str, request: Request) -> str:
    try:
        return unquote(value, errors="strict")
    except UnicodeDecodeError as error:
        message = f"'{value}' in the URL is not UTF-8, percent-encoded"
        raise InvalidValue(message, request.url.path) from error


def _endpoint(
    resource: Resource, answers: Mapping[str, _Answer]
) -> Callable[[Request], Awaitable[Response]]:
    async def endpoint(request: Request) -> Response:
        keys = tuple(_decoded(value, request) for value in request.path_params.values())
        return await answers[request.method](resource, keys, request)

    return endpoint
