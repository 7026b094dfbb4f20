"""Request bodies in, answers and error bodies out."""

from __future__ import annotations

import json
from collections import Counter
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from polycube_runtime.support.errors import MalformedMessage, PolycubeError, TooBig

if TYPE_CHECKING:
    from starlette.requests import Request

MEDIA_TYPE = "application/yang.data+json"
MAX_BODY = 64 << 20
"""Bytes. The original took 1 MB; a table of 100,000 entries has about 10."""


async def json_body(request: Request, *, default: object = None, once: bool = False) -> Any:
    """Read the body as JSON; `default` stands for an empty one.

    With `once`, no member of an object may be there twice; else the last one counts.

    Raises:
        MalformedMessage: it is not JSON.
        TooBig: it has more than `MAX_BODY` bytes.

    """
    raw = await _raw(request)
    if not raw.strip():
        return default
    try:
        found = msgspec.json.decode(raw)
        if once:
            json.loads(raw, object_pairs_hook=_unique)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        message = f"the body is not JSON: {error}"
        raise MalformedMessage(message) from error
    return found


async def _raw(request: Request) -> bytearray:
    """Read the body; one that says that it is too large is refused before it comes."""
    length = request.headers.get("content-length", "0")
    raw, size = bytearray(), int(length) if length.isdecimal() else 0
    try:
        if size <= MAX_BODY:
            async for chunk in request.stream():
                raw += chunk
                if len(raw) > MAX_BODY:
                    size = len(raw)
                    break
    except ClientDisconnect as error:
        message = "the client hung up in the middle of the body"
        raise MalformedMessage(message) from error
    if size > MAX_BODY:
        message = f"the body is larger than {MAX_BODY >> 20} MiB"
        raise TooBig(message)
    return raw


def _unique(pairs: list[tuple[str, Any]]) -> None:
    """Refuse an object with two members of one name (RFC 8259, section 4, leaves it open)."""
    if len(dict(pairs)) < len(pairs):
        name, _ = Counter(name for name, _ in pairs).most_common(1)[0]
        message = f"the member '{name}' is there twice"
        raise MalformedMessage(message)


def answer(value: object, status: int = 200) -> Response:
    """Answer with JSON."""
    return Response(msgspec.json.encode(value), status, media_type=MEDIA_TYPE)


def done(status: int) -> Response:
    """Answer without a body."""
    return Response(status_code=status)


def refusal(error: PolycubeError) -> Response:
    """Answer an error: the original's body, and beside it where and why (RFC 8040, section 7.1)."""
    errors = []
    for part in error.parts:
        item = {
            "error-type": "application",
            "error-tag": part.tag,
            "error-info": part.path.rpartition("/")[2] if part.path else part.message,
            "error-message": str(part),
        }
        if part.path:
            item["error-path"] = part.path
        if part.app_tag:
            item["error-app-tag"] = part.app_tag
        errors.append(item)
    return answer({"ietf-restconf:errors": {"error": errors}}, error.status)
