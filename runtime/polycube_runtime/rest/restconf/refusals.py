"""Errors as RFC 8040 has them: statuses and tags of section 7, instance identifiers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import msgspec
from starlette.responses import Response

from polycube_runtime.support.errors import (
    InvalidValue,
    MalformedMessage,
    NotFound,
    OperationNotSupported,
    PolycubeError,
    TooBig,
)

if TYPE_CHECKING:
    from collections.abc import Callable

DATA = "application/yang-data+json"


class BadRequest(InvalidValue):
    """A URL, a query parameter or a header that is not as the RFC has it."""


class NotAcceptable(InvalidValue):
    """No media type that the client takes can be given."""

    status = 406


class UnsupportedMediaType(InvalidValue):
    """A body in a format that is not taken here."""

    status = 415


class BadPoint(BadRequest):
    """`insert` beside an entry that is not there (RFC 7950, section 15.7)."""

    status, tag = 400, "bad-attribute"

    def __init__(self, message: str, path: str) -> None:
        """Have the app-tag of the RFC."""
        super().__init__(message, path, "missing-instance")


class MethodNotAllowed(OperationNotSupported):
    """A method that the resource does not have; `allowed` are those that it has."""

    def __init__(self, message: str, path: str, allowed: str) -> None:
        """Keep what is allowed."""
        super().__init__(message, path)
        self.allowed = allowed


STATUSES = {
    "operation-failed": 412,
    "resource-denied": 409,
}
"""Where the RFC's status is another one than that of the dialect."""
_MISSING = ("data-missing", 409)
_BY_APP_TAG = {"instance-required": _MISSING, "missing-choice": _MISSING}
"""Where RFC 7950, section 15, has another tag and so another status than the dialect."""

_PROTOCOL = (
    BadRequest,
    NotAcceptable,
    UnsupportedMediaType,
    MethodNotAllowed,
    MalformedMessage,
    TooBig,
)


def status_of(error: PolycubeError) -> int:
    """Return the HTTP status of an error (RFC 8040, section 7)."""
    first = error.parts[0]
    return 500 if first.status >= 500 and first.tag not in STATUSES else _status(first)  # noqa: PLR2004


def _status(error: PolycubeError) -> int:
    if type(error) is PolycubeError:
        return 500
    if error.app_tag in _BY_APP_TAG:
        return _BY_APP_TAG[error.app_tag][1]
    return STATUSES.get(error.tag, error.status)


def _tag(error: PolycubeError) -> str:
    if isinstance(error, NotFound):
        return "invalid-value"  # as the RFC has it for 404
    return _BY_APP_TAG.get(error.app_tag, (error.tag,))[0]


def error_list(error: PolycubeError, path_of: Callable[[str], str]) -> dict[str, Any]:
    """Return the members of `ietf-restconf:errors`; `path_of` makes instance identifiers."""
    return {"error": [_one(part, path_of) for part in error.parts]}


def _one(error: PolycubeError, path_of: Callable[[str], str]) -> dict[str, Any]:
    protocol = isinstance(error, _PROTOCOL)
    found = {
        "error-type": "protocol" if protocol else "application",
        "error-tag": _tag(error),
    }
    if error.app_tag:
        found["error-app-tag"] = error.app_tag
    path = path_of(error.path) if error.path else ""
    if path:
        found["error-path"] = path
    found["error-message"] = str(error) if error.path and not path else error.message
    return found


def refusal(error: PolycubeError, path_of: Callable[[str], str]) -> Response:
    """Answer an error."""
    body = {"ietf-restconf:errors": error_list(error, path_of)}
    answer = Response(msgspec.json.encode(body), status_of(error), media_type=DATA)
    if isinstance(error, MethodNotAllowed):
        answer.headers["Allow"] = error.allowed
    return answer
