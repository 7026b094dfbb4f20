"""What a request changed, or with ``?dry-run`` would change, in words or as a difference.

The daemon answers ``{"changes": [{"op", "path", "old", "new"}, …]}``: ``op`` is ``create``,
``replace`` or ``delete``, ``path`` the node, ``old`` and ``new`` its value before and after.
"""

from __future__ import annotations

import json

from polycube_client.errors import RefusedError
from polycube_client.render import render, scalar

TYPE_CHECKING = False
if TYPE_CHECKING:
    from polycube_client.grammar import Invocation
    from polycube_client.jsontypes import Json, JsonObject

_DONE = {"create": "created", "replace": "changed", "delete": "deleted"}
_WOULD = {"create": "would create", "replace": "would change", "delete": "would delete"}
_COLOURS = {"-": "31", "+": "32", "@": "36"}
"""SGR colours by the first character of a line, as git has them."""
_BOLD = "1"


def of_reply(answer: Json) -> list[JsonObject]:
    """Return the changes in a reply; raise `RefusedError` when it holds none of that form."""
    found = answer.get("changes") if isinstance(answer, dict) else None
    if not isinstance(found, list):
        msg = "this polycubed does not tell what it changes (no `changes` in its answer)"
        raise RefusedError(msg)
    return [change for change in found if isinstance(change, dict)]


def shown(found: list[JsonObject], line: Invocation) -> str:
    """Return the changes as ``line`` wants them: a line for each, or JSON or YAML."""
    if line.view.form != "text":
        return render(list(found), line.view)
    verbs = _WOULD if "dry-run" in line.switches else _DONE
    return "\n".join(_sentence(change, verbs) for change in found) or "no change"


def sentence(change: JsonObject) -> str:
    """Return one change in words: ``changed /simplebridge/br1/fdb/aging-time: 300 -> 60``."""
    return _sentence(change, _DONE)


def _sentence(change: JsonObject, verbs: dict[str, str]) -> str:
    op, path = str(change.get("op")), str(change.get("path"))
    old, new = change.get("old"), change.get("new")
    words = f"{verbs.get(op, op)} {path}"
    if isinstance(old, dict | list) or isinstance(new, dict | list):
        return words  # of a whole cube or entry, its path says enough; diff shows the rest
    if op == "replace":
        return f"{words}: {_bare(old)} -> {_bare(new)}"
    return f"{words}: {_bare(new)}" if op == "create" and new is not None else words


def _bare(value: Json) -> str:
    return scalar(value) if value not in {None, ""} else "(none)"


def difference(found: list[JsonObject], old_name: str, new_name: str, *, colour: bool) -> str:
    """Return ``found`` as a unified difference, a hunk for each node; empty for no changes."""
    if not found:
        return ""
    lines = [f"--- {old_name}", f"+++ {new_name}"]
    styles = [_BOLD, _BOLD]
    for change in found:
        hunk = _hunk(change)
        lines += hunk
        styles += [_COLOURS.get(text[0], "") for text in hunk]
    if not colour:
        return "\n".join(lines)
    styled = zip(lines, styles, strict=True)
    return "\n".join(f"\x1b[{style}m{text}\x1b[m" if style else text for text, style in styled)


def _hunk(change: JsonObject) -> list[str]:
    import difflib  # noqa: PLC0415 - 10 ms, for diff only

    op = change.get("op")
    old = [] if op == "create" else _lines(change.get("old"))
    new = [] if op == "delete" else _lines(change.get("new"))
    title = f"@@ {change.get('path')} @@"
    # The two file lines and the positions that difflib finds say nothing about a node.
    body = list(difflib.unified_diff(old, new, lineterm="", n=2))[2:]
    texts = ["  …" if text.startswith("@@") else text for text in body]
    return [title, *texts[1:]] if texts else [title]


def _lines(value: Json) -> list[str]:
    if isinstance(value, dict | list):
        from polycube_client import yamltext  # noqa: PLC0415 - imports PyYAML

        return yamltext.dump(value).splitlines()
    return [value if isinstance(value, str) and value else json.dumps(value, ensure_ascii=False)]
