"""TAB: the words that the scripts in ``shell/`` ask for.

A script knows nothing: it passes the words of the line to ``polycubectl --complete`` and offers
what comes back, one word a line. The words come from the daemon (``OPTIONS
<path>?help=<COMMAND>&completion``, a JSON array), so cubes, ports and leaves are completed for
every service there is.
"""

from __future__ import annotations

import json

from polycube_client.errors import ClientError, UsageError
from polycube_client.grammar import COMMANDS, DEPTHS, FORMATS, PICTURES, Invocation, parse
from polycube_client.request import (
    OWN_WORDS,
    PAIRS,
    Request,
    help_request,
    is_alias,
    method_of,
    url_path,
)

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Sequence

    from polycube_client.daemon import Daemon

PATIENCE = 1.0
"""Seconds to wait for the daemon: who presses TAB would rather type than wait longer."""

SHELLS = ("bash", "zsh", "fish")


def script(words: Sequence[str]) -> str:
    """Return the script for the shell named by ``words``, those after ``completion``.

    Raise `UsageError` when they name none.
    """
    if len(words) != 1 or words[0] not in SHELLS:
        msg = f"completion for which shell? polycubectl completion {'|'.join(SHELLS)}"
        raise UsageError(msg)
    from importlib import resources  # noqa: PLC0415 - 20 ms, too slow for TAB itself

    file = resources.files("polycube_client") / "shell" / f"polycubectl.{words[0]}"
    return file.read_text(encoding="utf-8").rstrip("\n")


def complete(daemon: Daemon, words: Sequence[str]) -> list[str]:
    """Return what may stand in place of the last of ``words``, which may be empty.

    No answer and no sense are no candidates: there is nowhere to print an error while someone
    types.
    """
    *before, current = words or [""]
    try:
        line = parse(before)
        if current.startswith("-"):
            candidates = _flags(line)
        elif is_alias(line, OWN_WORDS):
            candidates = _own(daemon, line)
        elif "=" in current:
            candidates = _values(daemon, line, current.partition("=")[0])
        else:
            candidates = _words(daemon, line)
    except ClientError:
        return []
    return [candidate for candidate in candidates if candidate.startswith(current)]


def _flags(line: Invocation) -> list[str]:
    """Return the flags that mean something on ``line``."""
    formats = [f"-{name}" for name in FORMATS]
    if is_alias(line, ("apply", "diff")):
        return ["-f", "-prune", *(["-dry-run"] if line.path[0] == "apply" else []), *formats]
    if is_alias(line, OWN_WORDS):
        return formats
    views = [*(f"-{name}" for name in DEPTHS), *formats, "-hide="]
    if method_of(line) != "GET":
        return ["-dry-run", *([] if line.command else views)]
    pictures = [f"-{name}" for name in PICTURES] if line.path[:1] == ["topology"] else []
    return [*views, "-watch", *pictures]


def _words(daemon: Daemon, line: Invocation) -> list[str]:
    """Path words, commands and ``leaf=`` that may follow ``line``."""
    if not line.command and line.path and line.path[0] in PAIRS:
        return _pair(daemon, line)
    if line.path:
        found = _ask(daemon, help_request(line, completion=True))
    else:  # the root answers for no command only, and names none itself
        own = () if line.command else OWN_WORDS
        found = [*_ask(daemon, Request("OPTIONS", "", "help=NONE&completion")), *COMMANDS, *own]
    given = {f"{key}=" for key, _ in line.parameters} | set(COMMANDS if line.command else ())
    return [
        word for word in found if word not in given and (word.endswith("=") or not line.parameters)
    ]


def _own(daemon: Daemon, line: Invocation) -> list[str]:
    """Words behind one that the daemon does not know; files behind ``-f`` are the shell's."""
    if line.path == ["completion"]:
        return list(SHELLS)
    if line.path == ["events"]:
        found = _ask(daemon, Request("OPTIONS", url_path(["cubes"]), "help=NONE&completion"))
        return [word for word in found if word not in COMMANDS]
    return ["-f"] if line.path in (["apply"], ["diff"]) else []


def _values(daemon: Daemon, line: Invocation, key: str) -> list[str]:
    """Values of one leaf, each behind its ``key=``."""
    leaf = url_path([*line.path, *key.split(".")])
    values = _ask(
        daemon, Request("OPTIONS", leaf, f"help={line.command.upper() or 'NONE'}&completion")
    )
    return [f"{key}={value}" for value in values]


def _pair(daemon: Daemon, line: Invocation) -> list[str]:
    """Cubes and ports for the two words after an alias."""
    alias, *given = line.path
    if len(given) >= len(PAIRS[alias]):
        return ["position=", "after=", "before="] if alias == "attach" else []
    source = "cubes" if PAIRS[alias][len(given)] == "cube" else "connect"
    found = _ask(daemon, Request("OPTIONS", url_path([source]), "help=NONE&completion"))
    return [word for word in found if word not in COMMANDS and word not in given]


def _ask(daemon: Daemon, request: Request) -> list[str]:
    reply = daemon.send(request, timeout=PATIENCE)
    try:
        words = json.loads(reply.body) if reply.ok else []
    except ValueError:
        return []
    return [str(word) for word in words] if isinstance(words, list) else []
