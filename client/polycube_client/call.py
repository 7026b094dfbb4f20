"""An ordinary command line: one request, one reply, its text."""

from __future__ import annotations

import json

from polycube_client import request

TYPE_CHECKING = False
if TYPE_CHECKING:
    from polycube_client.config import Settings
    from polycube_client.daemon import Daemon
    from polycube_client.grammar import Invocation
    from polycube_client.jsontypes import Json
    from polycube_client.wire import Reply

_NOT_FOUND = 404


def carry_out(line: Invocation, daemon: Daemon, settings: Settings) -> str:
    """Do what ``line`` says; return what to print, empty for a silent success.

    Raise `ClientError` for whatever is not done.
    """
    reply = _send(line, daemon, single_parameter=settings.single_parameter)
    if reply.status == _NOT_FOUND and line.path:
        from polycube_client import refusal  # noqa: PLC0415

        raise refusal.refusal(reply, refusal.suggestion(daemon, line.path[0]))
    checked(reply)
    if line.wants_help and line.view.form == "text":
        from polycube_client.describe import describe  # noqa: PLC0415

        return describe(parsed(reply), line, expert=settings.expert)
    if "dry-run" in line.switches and not line.wants_help:
        from polycube_client import changes  # noqa: PLC0415

        return changes.shown(changes.of_reply(parsed(reply)), line)
    return (
        "" if line.command in {"add", "set", "del"} and not line.wants_help else show(reply, line)
    )


def shows(line: Invocation) -> bool:
    """Whether ``line`` only shows."""
    return line.wants_help or request.method_of(line) == "GET"


def checked(reply: Reply) -> Reply:
    """Return ``reply``, or raise the `RefusedError` that it means."""
    if reply.ok:
        return reply
    from polycube_client.refusal import refusal  # noqa: PLC0415

    raise refusal(reply)


def parsed(reply: Reply) -> Json:
    """Return the reply's JSON, or its text when it is something else (metrics)."""
    try:
        value: Json = json.loads(reply.body)
    except ValueError:
        return reply.text.rstrip("\n")
    return value


def show(reply: Reply, line: Invocation) -> str:
    """Return the body of ``reply`` in the view that ``line`` chose."""
    if not reply.body.strip():
        return ""
    from polycube_client.render import render  # noqa: PLC0415

    return render(parsed(reply), line.view)


def _send(line: Invocation, daemon: Daemon, *, single_parameter: bool) -> Reply:
    """Send what ``line`` means; if refused as invalid, once more with the types of the model."""
    document = _read_document(line) if request.takes_body(line) else None
    first = request.build(line, document, single_parameter=single_parameter)
    reply = daemon.send(first)
    if reply.status == 400 and line.parameters:  # noqa: PLR2004 - Bad Request
        from polycube_client.model import conversion  # noqa: PLC0415

        convert = conversion(daemon, line)
        second = request.build(line, document, single_parameter=single_parameter, convert=convert)
        if second.body != first.body:
            return daemon.send(second)
    return reply


def _read_document(line: Invocation) -> Json:
    """Return the body on standard input, None when there is none."""
    from polycube_client import stdin  # noqa: PLC0415

    text = stdin.read(needed=request.needs_body(line))
    if not text.strip():
        return None
    from polycube_client import documents  # noqa: PLC0415

    return documents.load(text, "standard input")
