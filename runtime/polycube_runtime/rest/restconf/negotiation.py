"""What a request asks for: media types (RFC 8040, section 5.2) and query parameters (4.8)."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from polycube_runtime.rest.restconf.refusals import (
    DATA,
    BadRequest,
    NotAcceptable,
    UnsupportedMediaType,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.requests import Request

PATCH = "application/yang-patch+json"
_ALIAS = "application/json"
"""What generic clients call it."""
_JSON = frozenset([DATA, _ALIAS])
_WEIGHT = re.compile(r"0(\.[0-9]{0,3})?|1(\.0{0,3})?").fullmatch
_DEPTH = re.compile(r"[0-9]{1,5}").fullmatch

_CHOICES = {
    "content": ("all", "config", "nonconfig"),
    "with-defaults": ("report-all", "trim", "explicit", "report-all-tagged"),
    "insert": ("first", "last", "before", "after"),
}
UNBOUNDED = 65536
"""A depth that none is beyond; clients may ask for up to 65,535."""

_READING = frozenset(["content", "depth", "fields", "with-defaults"])
_PLACING = frozenset(["insert", "point"])
_STREAMING = frozenset(["filter", "start-time", "stop-time"])
_FOR_GET = {"api": frozenset(["depth", "fields"]), "data": _READING, "stream": _STREAMING}
_KNOWN = _READING | _PLACING | _STREAMING | {"dry-run"}


class Query(NamedTuple):
    """The query parameters of a request."""

    content: str = "all"
    depth: int = UNBOUNDED
    fields: str = ""
    defaults: str = "report-all"
    insert: str = ""
    point: str = ""
    start: str = ""
    stop: str = ""
    filter: str | None = None


def parse(request: Request, kind: str = "data") -> Query:
    """Read the query parameters of a resource of a kind: api, data, stream, or another.

    Raises:
        BadRequest: one is unknown, twice there, not for this method, or has no such value.

    """
    pairs = request.query_params.multi_items()
    given = dict(pairs)
    allowed = _allowed(request.method, kind)
    for name, _ in pairs:
        if name not in _KNOWN:
            message = f"'{name}' is not a query parameter; expected {_words(allowed)}"
            raise BadRequest(message)
        if name not in allowed:
            message = f"'{name}' is not for {request.method} here; expected {_words(allowed)}"
            raise BadRequest(message)
    if len(given) < len(pairs):
        message = "a query parameter is there twice"
        raise BadRequest(message)
    return _checked(given)


def _checked(given: dict[str, str]) -> Query:
    for name, accepted in _CHOICES.items():
        if name in given and given[name] not in accepted:
            message = f"'{given[name]}' is not supported for '{name}'; expected {_words(accepted)}"
            raise BadRequest(message)
    insert, point = given.get("insert", ""), given.get("point", "")
    if (insert in {"before", "after"}) != bool(point):
        message = "'point' says where for insert=before and insert=after, and only for those"
        raise BadRequest(message)
    start, stop = given.get("start-time", ""), given.get("stop-time", "")
    if stop and not start:
        message = "'stop-time' needs a 'start-time'"
        raise BadRequest(message)
    return Query(
        given.get("content", "all"),
        _depth(given.get("depth", "unbounded")),
        given.get("fields", ""),
        given.get("with-defaults", "report-all"),
        insert,
        point,
        start,
        stop,
        given.get("filter"),
    )


def _allowed(method: str, kind: str) -> frozenset[str]:
    """Return the parameters that RFC 8040 has for a method of a kind of resource."""
    match method:
        case "GET" | "HEAD":
            return _FOR_GET.get(kind, frozenset())
        case "POST" if kind == "operation":
            return frozenset(["dry-run"])
        case "POST" | "PUT":
            return _PLACING | {"dry-run"}
        case "PATCH" | "DELETE":
            return frozenset(["dry-run"])
        case _:
            return frozenset()


def _words(names: Iterable[str]) -> str:
    return ", ".join(sorted(names)) or "none"


def _depth(text: str) -> int:
    if text == "unbounded":
        return UNBOUNDED
    if not _DEPTH(text) or not 1 <= int(text) < UNBOUNDED:
        message = f"'{text}' is not a depth; expected 1..65535 or unbounded"
        raise BadRequest(message)
    return int(text)


# Media types


def require_acceptable(request: Request, *offered: str) -> None:
    """Refuse a request whose `Accept` takes none of the media types that are `offered`.

    Raises:
        NotAcceptable: it takes none; says what there is.

    """
    header = ", ".join(request.headers.getlist("accept"))
    ranges = [_range(part) for part in header.split(",") if part.strip()]
    if not ranges or any(_quality(ranges, one) > 0 for one in offered):
        return
    message = f"'{header}' cannot be given; there is {', '.join(offered)}"
    raise NotAcceptable(message)


def _range(part: str) -> tuple[str, float]:
    """Read one media range and its weight (RFC 9110, section 12.4.2); what is none weighs 1."""
    media, *parameters = (one.strip().lower() for one in part.split(";"))
    weight = next((one[2:] for one in parameters if one.startswith("q=")), "1")
    return media, float(weight) if _WEIGHT(weight) else 1.0


def _quality(ranges: list[tuple[str, float]], offered: str) -> float:
    """Return the weight of a media type: that of the most specific range it is in."""
    names = [offered, *([_ALIAS] if offered == DATA else []), f"{offered.partition('/')[0]}/*"]
    for name in [*names, "*/*"]:
        if found := [weight for media, weight in ranges if media == name]:
            return max(found)
    return 0.0


def body_type(request: Request, *, patch: bool = False) -> str:
    """Return the media type of the body, `application/yang-data+json` for any plain JSON.

    With `patch`, YANG patches are taken too.

    Raises:
        UnsupportedMediaType: it is another one, or none is named; or the body is compressed.

    """
    coding = request.headers.get("content-encoding", "identity").strip().lower()
    if coding != "identity":
        message = f"a body in the encoding '{coding}' is not taken here; expected it as it is"
        raise UnsupportedMediaType(message)
    media = request.headers.get("content-type", "").partition(";")[0].strip().lower()
    if media in _JSON:
        return DATA
    if patch and media == PATCH:
        return PATCH
    accepted = f"{DATA} or {PATCH}" if patch else DATA
    what = f"'{media}'" if media else "a body without Content-Type"
    message = f"{what} is not taken here; expected {accepted}"
    raise UnsupportedMediaType(message)
