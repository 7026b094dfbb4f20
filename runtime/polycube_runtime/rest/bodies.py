"""Request bodies in, answers and error bodies out."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from starlette.requests import ClientDisconnect
from starlette.responses import Response

from polycube_runtime.support.errors import MalformedMessage, PolycubeError

if TYPE_CHECKING:
    from starlette.requests import Request

MEDIA_TYPE = "application/yang.data+json"
MAX_BODY = 64 << 20
"""Bytes. The original took 1 MB; a table of 100,000 entries has about 10."""


async def json_body(request: Request, *, default: object = None) -> Any:
    """Read the body as JSON; `default` stands for an empty one.

    Raises:
        MalformedMessage: it is not JSON, or too large.

    """
    raw = bytearray()
    try:
        async for chunk in request.stream():
            raw += chunk
            if len(raw) > MAX_BODY:
                message = f"the body is larger than {MAX_BODY >> 20} MiB"
                raise MalformedMessage(message)
    except ClientDisconnect as error:
        message = "the client hung up in the middle of the body"
        raise MalformedMessage(message) from error
    if not raw.strip():
        return default
    try:
        return msgspec.json.decode(raw)
    except (msgspec.DecodeError, RecursionError, UnicodeDecodeError) as error:
        message = f"the body is not JSON: {error}"
        raise MalformedMessage(message) from error


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
