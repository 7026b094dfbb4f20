"""POST, PUT, PATCH and DELETE on the datastore and on data resources (RFC 8040, section 4)."""

from __future__ import annotations

import contextlib
from typing import TYPE_CHECKING

from starlette.responses import Response

from polycube_runtime.rest.changes import change, differences, is_dry
from polycube_runtime.rest.restconf.bodies import instance_at, instance_in, read_body
from polycube_runtime.rest.restconf.negotiation import body_type
from polycube_runtime.rest.restconf.ordering import where_of
from polycube_runtime.rest.restconf.refusals import DATA, MethodNotAllowed
from polycube_runtime.rest.restconf.target import Target
from polycube_runtime.support.errors import InvalidValue, MalformedMessage
from polycube_runtime.support.schema import AnyData, Leaf, LeafList
from polycube_runtime.support.validate import Mode

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from starlette.requests import Request

    from polycube_runtime.core.durable.undo import Undo
    from polycube_runtime.core.polycube import Polycube
    from polycube_runtime.rest.restconf.conditions import Conditions
    from polycube_runtime.rest.restconf.negotiation import Query
    from polycube_runtime.rest.restconf.reading import Reader
    from polycube_runtime.rest.restconf.target import Ways
    from polycube_runtime.rest.restconf.writing import Writer


class Methods:
    """Answers the methods that edit; `base` is the URL of RESTCONF."""

    def __init__(
        self,
        polycube: Polycube,
        ways: Ways,
        reader: Reader,
        writer: Writer,
        conditions: Conditions,
        base: str,
    ) -> None:
        """Edit by `writer` what `ways` finds."""
        self._polycube = polycube
        self._ways = ways
        self._reader = reader
        self._writer = writer
        self._conditions = conditions
        self._base = base

    @contextlib.asynccontextmanager
    async def change(self, request: Request, target: Target) -> AsyncIterator[Undo]:
        """Enter a transaction, in which the conditions of the request are checked first."""
        async with change(self._polycube, request) as undo:
            exists = await self._reader.exists(target)
            self._conditions.check(request, target, exists=exists)
            yield undo

    def done(self, request: Request, target: Target, undo: Undo, status: int) -> Response:
        """Answer a write, or of one that was only tried what it would have changed."""
        if is_dry(request):
            answer = differences(undo)
            answer.headers["Content-Type"] = DATA
            return answer
        return Response(status_code=status, headers=self._conditions.headers(target))

    async def create(self, request: Request, parent: Target, query: Query) -> Response:
        """Answer POST: create a member of `parent`."""
        body_type(request)
        if parent.steps:
            _require_inner(parent)
            await self._reader.require(parent)
        target, raw = instance_in(self._ways, parent, await read_body(request))
        self._require_creatable(target)
        where = where_of(self._ways, query.insert, _below(query.point), target, Target())
        await self._writer.warm(target, raw)
        async with self.change(request, parent) as undo:
            await self._writer.create(target, raw, undo, where)
        answer = self.done(request, target, undo, 201)
        if not is_dry(request):
            answer.headers["Location"] = f"{self._base}/data{target.url}"
        return answer

    def _require_creatable(self, target: Target) -> None:
        """Refuse, as the body's fault, what is read-only: its parent does take POST."""
        try:
            self._writer.check(target)
        except MethodNotAllowed as error:
            raise InvalidValue(error.message, error.path) from error

    async def replace(self, request: Request, target: Target, query: Query) -> Response:
        """Answer PUT."""
        self._writer.check(target)
        body_type(request)
        raw = instance_at(target, await read_body(request))
        where = where_of(self._ways, query.insert, _below(query.point), target, Target())
        await self._writer.warm(target, raw)
        async with self.change(request, target) as undo:
            there = await self._writer.replace(target, raw, undo, where)
        return self.done(request, target, undo, 204 if there else 201)

    async def merge(self, request: Request, target: Target) -> Response:
        """Answer a plain PATCH."""
        self._writer.check(target)
        raw = instance_at(target, await read_body(request))
        if target.is_cubes or target.place.cube in self._polycube.cubes:
            await self._writer.warm(target, raw, Mode.UPDATE)
        async with self.change(request, target) as undo:
            await self.require_there(target)
            await self._writer.merge(target, raw, undo)
        return self.done(request, target, undo, 204)

    async def delete(self, request: Request, target: Target) -> Response:
        """Answer DELETE."""
        self._writer.check(target)
        self._writer.require_one(target)
        await self._writer.warm_default(target)
        async with self.change(request, target) as undo:
            await self.require_there(target)
            await self._writer.delete(target, undo)
        return self.done(request, target, undo, 204)

    async def require_there(self, target: Target) -> None:
        """Refuse, with 404, what is not there; a list is, with entries or without."""
        if not target.is_cubes:
            await self._reader.require(target.parent if target.is_list else target)


def _require_inner(parent: Target) -> None:
    if isinstance(parent.node, Leaf | LeafList | AnyData) or parent.is_list:
        message = "nothing can be created in it"
        raise MalformedMessage(message, parent.path)


def _below(point: str) -> str:
    """Return what of a `point` is below the datastore: clients write it with or without that."""
    path = point.strip("/")
    for prefix in ("restconf/data/",):
        path = path.removeprefix(prefix)
    return path
