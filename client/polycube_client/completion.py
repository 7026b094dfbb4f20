"""TAB: the words that the scripts in ``shell/`` ask for.

A script knows nothing: it passes the words of the line to ``polycubectl --complete`` and offers
what comes back, one word a line. The words come from the daemon (``OPTIONS
<path>?help=<COMMAND>&completion``, a JSON array), so cubes, ports and leaves are completed for
every service there is.
"""

from __future__ import annotations

import json

from polycube_client.errors import ClientError, UsageError
from polycube_client.grammar import COMMANDS, FLAGS, Invocation, parse
from polycube_client.request import PAIRS, Request, help_request, url_path

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
            candidates = list(FLAGS)
        elif before == ["completion"]:
            candidates = list(SHELLS)
        elif "=" in current:
            candidates = _values(daemon, line, current.partition("=")[0])
        else:
            candidates = _words(daemon, line)
    except ClientError:
        return []
    return [candidate for candidate in candidates if candidate.startswith(current)]


def _words(daemon: Daemon, line: Invocation) -> list[str]:
    """Path words, commands and ``leaf=`` that may follow ``line``."""
    if not line.command and line.path and line.path[0] in PAIRS:
        return _pair(daemon, line)
    if line.path:
        found = _ask(daemon, help_request(line, completion=True))
    else:  # the root answers for no command only, and names none itself
        found = [*_ask(daemon, Request("OPTIONS", "", "help=NONE&completion")), *COMMANDS]
    given = {f"{key}=" for key, _ in line.parameters} | set(COMMANDS if line.command else ())
    return [
        word for word in found if word not in given and (word.endswith("=") or not line.parameters)
    ]


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
