"""A whole topology in files: ``apply``, ``diff`` and ``export``.

The daemon does all of the work, in one transaction: it finds the difference between what is and
what a file describes, checks it, and carries it out (``PATCH`` or ``PUT`` of ``/topology``) or only
tells (``?dry-run``). What ``export`` prints, ``apply`` finds nothing to change in.
"""

from __future__ import annotations

import json
import os
import sys

from polycube_client import changes, documents
from polycube_client.call import checked, parsed
from polycube_client.errors import UnreachableError, UsageError
from polycube_client.render import render
from polycube_client.request import DRY_RUN, Request

TYPE_CHECKING = False
if TYPE_CHECKING:
    from polycube_client.daemon import Daemon
    from polycube_client.grammar import Invocation
    from polycube_client.jsontypes import JsonObject

TOPOLOGY = "topology/"
DIFFERENT, TROUBLE = 1, 2
"""Exit codes of ``diff``, as those of diff(1)."""


def apply(line: Invocation, daemon: Daemon) -> tuple[str, int]:
    """Make the cubes what the files say; return what was changed."""
    return changes.shown(_send(line, daemon, dry="dry-run" in line.switches), line), 0


def diff(line: Invocation, daemon: Daemon) -> tuple[str, int]:
    """Return what `apply` would change, and the exit code that says whether anything."""
    try:
        found = _send(line, daemon, dry=True)
    except UnreachableError as error:
        error.exit_code = TROUBLE  # 1 would say that there is a difference
        raise
    code = DIFFERENT if found else 0
    if line.view.form != "text":
        return changes.shown(found, line), code
    names = " ".join(line.files)
    return changes.difference(found, daemon.shown, names, colour=_coloured()), code


def export(line: Invocation, daemon: Daemon) -> tuple[str, int]:
    """Return the whole configuration, as YAML unless a flag says JSON."""
    _refuse_more(line)
    if line.files:
        msg = "'export' prints: polycubectl export > FILE"
        raise UsageError(msg)
    reply = checked(daemon.send(Request("GET", TOPOLOGY, "config")))
    line.view.form = "json" if line.view.form == "json" else "yaml"
    return render(parsed(reply), line.view), 0


def _send(line: Invocation, daemon: Daemon, *, dry: bool) -> list[JsonObject]:
    _refuse_more(line)
    word = line.path[0]
    if not line.files or not all(line.files):
        msg = f"'{word}' of which file? polycubectl {word} -f FILE (- is standard input)"
        raise UsageError(msg)
    body = documents.gather(line.files)
    method = "PUT" if "prune" in line.switches else "PATCH"
    raw = json.dumps(body, ensure_ascii=False).encode("utf-8", "surrogateescape")
    request = Request(method, TOPOLOGY, DRY_RUN if dry else "", raw)
    return changes.of_reply(parsed(checked(daemon.send(request))))


def _refuse_more(line: Invocation) -> None:
    more = [*line.path[1:], *(f"{key}=…" for key, _ in line.parameters)]
    if more:
        word = line.path[0]
        msg = f"'{word}' takes flags only, but '{more[0]}' is given"
        if word != "export":
            msg = f"{msg}; a file is named by -f: polycubectl {word} -f FILE"
        raise UsageError(msg)


def _coloured() -> bool:
    """Whether to colour: for people, unless they say otherwise (https://no-color.org)."""
    return sys.stdout is not None and sys.stdout.isatty() and not os.environ.get("NO_COLOR")
