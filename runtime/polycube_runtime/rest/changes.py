"""What every write has in common: conditions on what is there, and trying it out.

A cube's entity tag is `"<first part of its uuid>-<version>"`. Where an answer holds more than
configuration (counters, what the data plane learnt), a third part tells that apart too; conditions
on writes look at the first two.
"""

from __future__ import annotations

import contextlib
import re
import zlib
from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.responses import Response

from polycube_runtime.rest.bodies import MEDIA_TYPE, answer, done
from polycube_runtime.support.errors import OperationNotSupported, PreconditionFailed
from polycube_runtime.support.schema import Action, Container, List, Notification, Service

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable

    from starlette.requests import Request

    from polycube_runtime.core.cube import Cube
    from polycube_runtime.core.durable.transaction import Record
    from polycube_runtime.core.durable.undo import Undo
    from polycube_runtime.core.polycube import Polycube
    from polycube_runtime.support.schema import Node

_TAG = re.compile(r'(W/)?"([^"]*)"')
_FIXED = ("uuid", "parent")
"""State that changes only with the version."""


def cube_tag(cube: Cube) -> str:
    """Return the entity tag of a cube's configuration, without quotes."""
    return f"{cube.uuid[:8]}-{cube.version}"


def cubes_tag(cubes: Iterable[Cube]) -> str:
    """Return the entity tag of the configuration of several cubes."""
    tags = [cube_tag(cube) for cube in cubes]
    return f"{zlib.crc32(' '.join(tags).encode()):08x}-{len(tags)}"


@cache
def has_state(node: Node | Service) -> bool:
    """Whether more than configuration is read at a node: what can change without a new version."""
    if isinstance(node, Action | Notification):
        return False
    if not isinstance(node, Service):
        if node.base and node.name in _FIXED:
            return False
        if node.binding or not node.config:
            return True
    children = node.children if isinstance(node, Service | Container | List) else ()
    return any(has_state(child) for child in children)


def read(request: Request, value: object, tag: str, *, state: bool) -> Response:
    """Answer GET with its entity tag; 304 if the client has that already."""
    body = msgspec.json.encode(value)
    full = f"{tag}-{zlib.crc32(body):08x}" if state else tag
    return cached(request, body, full, MEDIA_TYPE)


def cached(request: Request, body: bytes, tag: str, media_type: str) -> Response:
    """Answer GET with a body of this entity tag; 304 if the client has that already."""
    headers = {"ETag": f'"{tag}"'}
    wanted = request.headers.get("if-none-match")
    if wanted is not None and (wanted.strip() == "*" or tag in _tags(wanted)):
        return Response(status_code=304, headers=headers)
    return Response(body, headers=headers, media_type=media_type)


def check(request: Request, tag: str | None, path: str = "") -> None:
    """Refuse a write whose `If-Match` or `If-None-Match` does not fit.

    `tag` is that of what is there, None if nothing is.

    Raises:
        PreconditionFailed: it does not.

    """
    check_match(request, tag, path)
    unwanted = request.headers.get("if-none-match")
    if unwanted is not None and _holds(unwanted, tag, weak=True):
        message = f"If-None-Match rules out {unwanted}; it is there as {tag}"
        raise PreconditionFailed(message, path)


def check_match(request: Request, tag: str | None, path: str = "") -> None:
    """As `check`, of `If-Match` alone: that of a read."""
    wanted = request.headers.get("if-match")
    if wanted is not None and not _holds(wanted, tag, weak=False):
        now = f"it is now {tag}" if tag else "there is nothing"
        message = f"If-Match asks for {wanted}; {now}"
        raise PreconditionFailed(message, path)


def _tags(header: str, *, weak: bool = True) -> list[str]:
    """Return the entity tags in a header; of weak ones only what `If-None-Match` makes of them."""
    return [tag for mark, tag in _TAG.findall(header) if weak or not mark]


def _holds(condition: str, tag: str | None, *, weak: bool) -> bool:
    if tag is None or condition.strip() == "*":
        return tag is not None
    return tag in {"-".join(one.split("-")[:2]) for one in _tags(condition, weak=weak)}


# Trying it out


def is_dry(request: Request) -> bool:
    """Whether a write is only to be tried: `?dry-run`."""
    return "dry-run" in request.query_params


def refuse_dry(request: Request, what: str, path: str = "") -> None:
    """Refuse to try what cannot be taken back."""
    if is_dry(request):
        message = f"{what} cannot be taken back, so there is no dry run of it"
        raise OperationNotSupported(message, path)


@contextlib.asynccontextmanager
async def change(polycube: Polycube, request: Request) -> AsyncIterator[Undo]:
    """Enter the transaction of a write; one that is only tried is rolled back."""
    async with polycube.change(dry_run=is_dry(request)) as undo:
        yield undo


def changed(request: Request, undo: Undo, status: int, cube: Cube | None = None) -> Response:
    """Answer a write: nothing but the status and the new tag, or what it would have changed."""
    if is_dry(request):
        return differences(undo)
    result = done(status)
    if cube is not None:
        result.headers["ETag"] = f'"{cube_tag(cube)}"'
    return result


def differences(undo: Undo) -> Response:
    """Answer what a transaction changed, or would have changed."""
    return answer({"changes": [_shown(one) for one in net(undo.records)]})


def net(records: Iterable[Record]) -> list[Record]:
    """Return what a transaction changed in the end: one record for each path at most.

    What was deleted and created as it was has another place in its list, and is replaced.
    """
    found: dict[str, Record] = {}
    for record in records:
        before = found.pop(record.path, None)
        old, existed = (record.old, record.op != "create")
        if before is not None:
            old, existed = (before.old, before.op != "create")
        exists = record.op != "delete"
        if not existed and not exists:
            continue
        op = "replace" if existed and exists else "create" if exists else "delete"
        moved = before is not None and (before.op, record.op) == ("delete", "create")
        if before is None or op != "replace" or moved or old != record.new:
            found[record.path] = msgspec.structs.replace(record, op=op, old=old)
    return list(found.values())


def _shown(record: Record) -> dict[str, Any]:
    """Return a record as JSON; what a created thing was, or a deleted one is, is left out."""
    found = {"op": record.op, "path": record.path}
    if record.op != "create":
        found["old"] = record.old
    if record.op != "delete":
        found["new"] = record.new
    return found
