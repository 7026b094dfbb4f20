"""Types of parameters from the daemon's help, asked after a refusal to correct a wrong guess.

A refused request changed nothing, so the corrected one may follow it.
"""

from __future__ import annotations

import json

from polycube_client.request import Request, url_path
from polycube_client.values import as_type, guess, split_key

TYPE_CHECKING = False
if TYPE_CHECKING:
    from polycube_client.daemon import Daemon
    from polycube_client.grammar import Invocation
    from polycube_client.jsontypes import Json
    from polycube_client.values import Convert


def conversion(daemon: Daemon, line: Invocation) -> Convert:
    """Return a conversion that gives the parameters of ``line`` the types of the data model.

    Leaves that the help does not mention are guessed as before.
    """
    types: dict[tuple[str, ...], str] = {}
    for parent in {split_key(key)[:-1] for key, _ in line.parameters}:
        # Help of ADD and of an action lists the leaves of that very node; a container below it
        # lists its own in SET.
        command = "SET" if parent else line.command.upper() or "NONE"
        request = Request("OPTIONS", url_path([*line.path, *parent]), f"help={command}")
        for name, simpletype in _simpletypes(daemon, request).items():
            types[*parent, name] = simpletype

    def convert(path: tuple[str, ...], text: str) -> Json:
        return as_type(text, types[path]) if path in types else guess(text)

    return convert


def _simpletypes(daemon: Daemon, request: Request) -> dict[str, str]:
    reply = daemon.send(request)
    try:
        answer = json.loads(reply.body) if reply.ok else {}
    except ValueError:
        return {}
    items = {**(answer.get("params") or {}), **(answer.get("optional-params") or {})}
    return {name: str(item.get("simpletype", "")) for name, item in items.items()}
