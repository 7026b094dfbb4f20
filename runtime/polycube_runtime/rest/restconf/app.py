"""One ASGI application: which resource a URL names, and what a method does there."""

from __future__ import annotations

import logging
import zlib
from email.utils import formatdate
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.requests import Request
from starlette.responses import Response

from polycube_runtime.rest import changes
from polycube_runtime.rest.restconf import api, rpcs, wellknown
from polycube_runtime.rest.restconf.conditions import Conditions
from polycube_runtime.rest.restconf.methods import Methods
from polycube_runtime.rest.restconf.negotiation import (
    PATCH,
    body_type,
    parse,
    require_acceptable,
)
from polycube_runtime.rest.restconf.reading import Reader
from polycube_runtime.rest.restconf.refusals import (
    DATA,
    MethodNotAllowed,
    UnsupportedMediaType,
    refusal,
)
from polycube_runtime.rest.restconf.state import STREAMS
from polycube_runtime.rest.restconf.streams import stream
from polycube_runtime.rest.restconf.view import View, parse_fields
from polycube_runtime.rest.restconf.writing import Writer
from polycube_runtime.rest.restconf.yang_patch import YangPatch
from polycube_runtime.support.errors import NotFound, PolycubeError
from polycube_runtime.support.schema import Action, AnyData, Leaf, LeafList

if TYPE_CHECKING:
    from starlette.types import Receive, Scope, Send

    from polycube_runtime.core.polycube import Polycube
    from polycube_runtime.rest.events import Events
    from polycube_runtime.rest.restconf.conditions import Clock
    from polycube_runtime.rest.restconf.modules import Module
    from polycube_runtime.rest.restconf.state import State
    from polycube_runtime.rest.restconf.target import Target

_log = logging.getLogger(__name__)

_READ = "GET, HEAD, OPTIONS"
_EDIT = "DELETE, GET, HEAD, OPTIONS, PATCH, PUT"


class Restconf:
    """RESTCONF over one daemon."""

    def __init__(
        self, polycube: Polycube, events: Events, clock: Clock, state: State, root: str
    ) -> None:
        """Serve `polycube` at the path `root`."""
        self._polycube = polycube
        self._events = events
        self._root = root
        self._state = state
        self._conditions = Conditions(polycube, clock)

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer one request."""
        request = Request(scope, receive)
        try:
            answer = await self._answer(request)
        except PolycubeError as error:
            answer = self._refused(request, error)
        except Exception:  # noqa: BLE001 (whatever it was, the client is told so)
            _log.exception("%s %s failed", request.method, request.url.path)
            broken = PolycubeError("polycubed made a mistake; its log says which")
            answer = self._refused(request, broken)
        if request.method == "HEAD":
            answer.body = b""
        answer.headers.setdefault("Cache-Control", "no-cache")  # it changes at any time (5.5)
        await answer(scope, receive, send)

    def _refused(self, request: Request, error: PolycubeError) -> Response:
        answer = refusal(error, self._state.ways.identifier)
        if isinstance(error, UnsupportedMediaType) and request.method == "PATCH":
            answer.headers["Accept-Patch"] = f"{DATA}, {PATCH}"
        return answer

    async def _answer(self, request: Request) -> Response:
        path: str = request.scope["path"].rstrip("/")
        if not path.startswith(self._root):
            self._only_read(request)
            if request.method == "OPTIONS":
                return self._options(_READ)
            require_acceptable(request, *wellknown.types(path))
            return wellknown.answer(path, self._root)
        first, _, rest = path[len(self._root) + 1 :].partition("/")
        match first:
            case "data":
                return await self._data(request, rest)
            case "operations":
                return await self._operations(request, rest)
            case "streams" if rest in STREAMS:
                return self._stream(request, rest)
            case "yang" if rest:
                return self._text(request, rest)
            case "" | "yang-library-version" if not rest:
                return self._api(request, first)
        message = "there is no such resource; expected data, operations, yang-library-version"
        raise NotFound(message)

    def _only_read(self, request: Request) -> None:
        if request.method not in {"GET", "HEAD", "OPTIONS"}:
            message = f"{request.method} is not supported here; expected {_READ}"
            raise MethodNotAllowed(message, "", _READ)

    def _options(self, allowed: str, *, patch: bool = False) -> Response:
        headers = {"Allow": allowed}
        if patch:
            headers["Accept-Patch"] = f"{DATA}, {PATCH}"
        return Response(status_code=200, headers=headers)

    def _api(self, request: Request, name: str) -> Response:
        """Answer for the root: where everything is, and of which revision the library is."""
        self._only_read(request)
        if request.method == "OPTIONS":
            return self._options(_READ)
        require_acceptable(request, DATA)
        query = parse(request, "version" if name else "api")
        target = api.ROOT.child(api.VERSION) if name else api.ROOT
        view = View(query, parse_fields(query.fields, target, ()))
        value = api.LIBRARY if name else api.document()
        return _json({target.member: view.value(target.node, value)})

    def _stream(self, request: Request, name: str) -> Response:
        self._only_read(request)
        if request.method == "OPTIONS":
            return self._options(_READ)
        require_acceptable(request, "text/event-stream")
        query = parse(request, "stream")
        if request.method == "HEAD":
            return Response(media_type="text/event-stream")
        last = request.headers.get("last-event-id")
        return stream(self._events, name, query, last, self._state.ways.identifier)

    def _text(self, request: Request, file: str) -> Response:
        """Answer the text of a YANG module."""
        self._only_read(request)
        if request.method == "OPTIONS":
            return self._options(_READ)
        require_acceptable(request, "application/yang")
        parse(request, "schema")
        for one in self._state.modules:
            if one.text and file in _files(one):
                return Response(one.text, media_type="application/yang")
        message = f"there is no module '{file}' here"
        raise NotFound(message)

    async def _operations(self, request: Request, name: str) -> Response:
        node = rpcs.named(name) if name else None
        allowed = "OPTIONS, POST" if node else _READ
        if request.method == "OPTIONS":
            return self._options(allowed)
        if request.method not in allowed:
            message = f"{request.method} is not supported here; expected {allowed}"
            raise MethodNotAllowed(message, "", allowed)
        require_acceptable(request, DATA)
        parse(request, "operation")
        if node is None:
            return _json(rpcs.listed())
        return await self._calls(request).operation(request, node)

    # Data

    def _base(self, request: Request) -> str:
        return f"{request.url.scheme}://{request.url.netloc}{self._root}"

    def _reader(self, request: Request) -> Reader:
        return Reader(self._polycube, self._state, self._base(request))

    def _methods(self, request: Request, reader: Reader, writer: Writer) -> Methods:
        ways, base = self._state.ways, self._base(request)
        return Methods(self._polycube, ways, reader, writer, self._conditions, base)

    def _calls(self, request: Request) -> rpcs.Calls:
        reader = self._reader(request)
        writer = Writer(self._polycube, self._state.ways, reader)
        return rpcs.Calls(self._polycube, self._methods(request, reader, writer))

    async def _data(self, request: Request, path: str) -> Response:
        target = self._state.ways.resolve(path)
        allowed = _allowed(target)
        if request.method == "OPTIONS":
            return self._options(allowed, patch="PATCH" in allowed)
        if request.method not in allowed.split(", "):
            message = f"{request.method} is not supported here; expected {allowed}"
            raise MethodNotAllowed(message, target.path, allowed)
        require_acceptable(request, DATA)
        is_action = bool(target.steps) and isinstance(target.node, Action)
        query = parse(request, "operation" if is_action else "data")
        reader = self._reader(request)
        writer = Writer(self._polycube, self._state.ways, reader)
        methods = self._methods(request, reader, writer)
        match request.method:
            case "GET" | "HEAD":
                return await self._get(request, target, reader)
            case "POST" if is_action:
                return await self._calls(request).action(request, target)
            case "POST":
                return await methods.create(request, target, query)
            case "PUT":
                return await methods.replace(request, target, query)
            case "PATCH":
                if body_type(request, patch=True) == PATCH:
                    yang = YangPatch(self._state.ways, methods, writer, self._conditions)
                    return await yang.answer(request, target)
                return await methods.merge(request, target)
            case _:
                return await methods.delete(request, target)

    async def _get(self, request: Request, target: Target, reader: Reader) -> Response:
        query, ways = parse(request), self._state.ways
        view = View(query, parse_fields(query.fields, target, ways.tops))
        if target.steps:
            value = await reader.read(target, query.content)
        else:
            value = await reader.datastore(query.content)
        if query.defaults == "explicit":
            value = reader.explicit(target, value)
        if target.steps:
            body: Any = view.message(target, value)
        else:
            body = {"ietf-restconf:data": view.members(ways.tops, value)}
        said = query.defaults == "explicit"
        return self._tagged(request, target, msgspec.json.encode(body), said=said)

    def _tagged(self, request: Request, target: Target, body: bytes, *, said: bool) -> Response:
        """Answer with the entity tag and the time of the last change, or 304.

        What clients have `said` may differ although the configuration is the same.
        """
        own = target.service if target.is_cube else target.node if target.steps else None
        other = said or target.service is None or target.is_list
        state = other or own is None or changes.has_state(own)
        tag = self._conditions.tag(target)
        self._conditions.check_read(request, target)
        answer = changes.cached(
            request, body, f"{tag}-{zlib.crc32(body):08x}" if state else tag, DATA
        )
        if not state and self._conditions.is_known(request, target):
            answer = Response(status_code=304, headers={"ETag": f'"{tag}"'})
        if not state or not target.steps:
            modified = self._conditions.modified(target)
            answer.headers["Last-Modified"] = formatdate(modified, usegmt=True)
        return answer


def _json(body: Any) -> Response:
    return Response(msgspec.json.encode(body), media_type=DATA)


def _files(one: Module) -> tuple[str, ...]:
    revision = f"@{one.revision}" if one.revision else ""
    return (one.name, f"{one.name}.yang", f"{one.name}{revision}", f"{one.name}{revision}.yang")


def _allowed(target: Target) -> str:
    """List the methods of a target."""
    if not target.steps:
        return "GET, HEAD, OPTIONS, PATCH, POST, PUT"
    node = target.node
    if isinstance(node, Action):
        return "OPTIONS, POST"
    if target.service is None or not getattr(node, "config", False):
        return _READ
    if isinstance(node, Leaf) and node.key:
        return _READ
    if isinstance(node, Leaf | LeafList) and node.init_only:
        return _READ
    if target.is_list:
        return "GET, HEAD, OPTIONS, PATCH, PUT"
    if isinstance(node, Leaf | LeafList | AnyData):
        return _EDIT
    return f"{_EDIT.replace('PUT', 'POST, PUT')}"
