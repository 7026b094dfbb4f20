"""The process: one command line in, text and an exit code out."""

from __future__ import annotations

import json
import os
import sys

from polycube_client import config, request
from polycube_client.console import note, result
from polycube_client.daemon import Daemon
from polycube_client.errors import ClientError, UsageError
from polycube_client.grammar import Invocation, parse
from polycube_client.usage import USAGE

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from polycube_client.config import Settings
    from polycube_client.jsontypes import Json
    from polycube_client.wire import Reply

DISTRIBUTION = "polycube-py"
INTERRUPTED = 130
"""Exit code after Ctrl-C: 128 and SIGINT, as shells have it."""


def main() -> int:
    """Run ``polycubectl`` with the arguments of the process; return its exit code.

    0 done, 1 no daemon, 2 refused or not understood. A user never sees a traceback, unless asked
    for by ``POLYCUBECTL_DEBUG``.
    """
    try:
        result(run(sys.argv[1:], os.environ))
    except ClientError as error:
        note(str(error))
        return error.exit_code
    except KeyboardInterrupt:
        return INTERRUPTED
    except Exception as error:  # noqa: BLE001 - the last resort: words instead of a traceback
        return _failed(error)
    return 0


def run(words: Sequence[str], environment: Mapping[str, str]) -> str:
    """Do what ``words`` say; return what to print, empty for a silent success.

    Raise `ClientError` for whatever is not done.
    """
    if words[:1] == ["--complete"]:
        from polycube_client import completion  # noqa: PLC0415

        return "\n".join(completion.complete(Daemon(config.load(environment)), words[1:]))
    if not words or not {"-h", "-help", "--help"}.isdisjoint(words):
        return USAGE
    if words[0] in {"-version", "--version"}:
        return _version()
    if words[0] == "completion":
        from polycube_client import completion  # noqa: PLC0415

        return completion.script(words[1:])
    settings = config.load(environment)
    return _carry_out(parse(words), Daemon(settings), settings)


def _carry_out(line: Invocation, daemon: Daemon, settings: Settings) -> str:
    if line.wants_help and line.path and line.path[0] in request.SYNTAX:
        return request.SYNTAX[line.path[0]]
    reply = _send(line, daemon, single_parameter=settings.single_parameter)
    if not reply.ok:
        from polycube_client.refusal import refusal  # noqa: PLC0415

        raise refusal(reply)
    if line.wants_help and line.view.form == "text":
        from polycube_client.describe import describe  # noqa: PLC0415

        return describe(_parsed(reply), line, expert=settings.expert)
    return "" if line.command in {"add", "set", "del"} else _shown(reply, line)


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
    try:
        document: Json = json.loads(text)
    except ValueError:
        from polycube_client import yamltext  # noqa: PLC0415

        return yamltext.load(text)
    return document


def _parsed(reply: Reply) -> Json:
    """Return the reply's JSON, or its text when it is something else (metrics)."""
    try:
        value: Json = json.loads(reply.body)
    except ValueError:
        return reply.text.rstrip("\n")
    return value


def _shown(reply: Reply, line: Invocation) -> str:
    if not reply.body.strip():
        return ""
    from polycube_client.render import render  # noqa: PLC0415

    return render(_parsed(reply), line.view)


def _version() -> str:
    from importlib import metadata  # noqa: PLC0415 - 30 ms

    try:
        return f"polycubectl {metadata.version(DISTRIBUTION)}"
    except metadata.PackageNotFoundError:
        msg = f"the version is not known: {DISTRIBUTION} is not installed"
        raise UsageError(msg) from None


def _failed(error: Exception) -> int:
    if os.environ.get("POLYCUBECTL_DEBUG"):
        import traceback  # noqa: PLC0415

        traceback.print_exception(error)
    if isinstance(error, OSError):
        note(f"cannot write the result: {error.strerror or error}")
    else:
        note(f"internal error: {type(error).__name__}: {error}; POLYCUBECTL_DEBUG=true shows where")
    return ClientError.exit_code
