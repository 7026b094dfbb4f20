"""Wording of refusals: what the daemon says is wrong, one line for each error."""

from __future__ import annotations

import json

from polycube_client.errors import RefusedError
from polycube_client.request import OWN_WORDS, Request

TYPE_CHECKING = False
if TYPE_CHECKING:
    from polycube_client.daemon import Daemon
    from polycube_client.jsontypes import Json, JsonObject
    from polycube_client.wire import Reply

_TAGS = {
    "bad-attribute": "this attribute is not known",
    "bad-element": "this element is not known",
    "data-exists": "this exists already",
    "data-missing": "this does not exist",
    "invalid-value": "this value is not accepted",
    "malformed-message": "the body makes no sense",
    "missing-attribute": "this attribute is missing",
    "missing-element": "this element is missing",
    "operation-failed": "the operation failed",
    "operation-not-supported": "this cannot be done here",
    "resource-denied": "a resource is missing",
}
"""The daemon's error tags (RFC 8040, 7.1) in words, for an error without a message of its own."""


def refusal(reply: Reply, hint: str = "") -> RefusedError:
    """Return the error that ``reply`` (not 2xx) means, with a hint behind it."""
    return RefusedError("\n".join(_lines(reply)) + hint)


def suggestion(daemon: Daemon, word: str) -> str:
    """Return a hint at what a misspelt first word may have meant, or nothing."""
    reply = daemon.send(Request("OPTIONS", "", "help=NONE&completion"))
    try:
        answer = json.loads(reply.body) if reply.ok else []
    except ValueError:
        answer = []
    known = [*(one for one in answer if isinstance(one, str)), *OWN_WORDS]
    if word in known:
        return ""
    import difflib  # noqa: PLC0415 - 10 ms, for the one who errs

    close = difflib.get_close_matches(word, known, n=1)
    return f"; did you mean '{close[0]}'?" if close else ""


def _lines(reply: Reply) -> list[str]:
    text = reply.text.strip()
    bare = f"polycubed answered {reply.status} {reply.reason}".rstrip()
    try:
        body: Json = json.loads(text)
    except ValueError:  # the original's plain text; a page of markup is a proxy's, and no help
        return [bare if not text or text.startswith("<") else text]
    if isinstance(body, str):
        return [body or bare]
    if not isinstance(body, dict):
        return [bare]
    wrapper = body.get("ietf-restconf:errors")
    errors = wrapper.get("error") if isinstance(wrapper, dict) else None
    lines = (
        [_line(error) for error in errors if isinstance(error, dict)]
        if isinstance(errors, list)
        else []
    )
    detail = body.get("detail")  # what FastAPI says by itself
    return lines or [detail if isinstance(detail, str) and detail else bare]


def _line(error: JsonObject) -> str:
    tag = str(error.get("error-tag") or "")
    path, message, info = (
        _text(error.get(f"error-{part}")) for part in ("path", "message", "info")
    )
    where = path or info
    if not message:
        message = _TAGS.get(tag, tag or "refused")
        if path and info:
            message = f"{message}: {info}"
    return message if not where or where in message else f"{where}: {message}"


def _text(value: Json) -> str:
    return "" if value is None else value if isinstance(value, str) else json.dumps(value)
