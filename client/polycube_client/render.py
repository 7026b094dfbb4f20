"""The daemon's data as text: for people by levels of nesting, or whole as JSON and YAML.

An object is ``key: value`` lines, then each nested object or list as an indented block; a list of
objects is a table. Beyond the asked depth a value is only counted (``[2 items]``), so that nothing
goes unseen. A single leaf is its bare value, for scripts. ``_links`` (the daemon's hypertext) is
never shown.
"""

from __future__ import annotations

import json

from polycube_client.tables import columns

TYPE_CHECKING = False
if TYPE_CHECKING:
    from polycube_client.grammar import View
    from polycube_client.jsontypes import Json, JsonObject

_LINKS = "_links"


def render(value: Json, view: View) -> str:
    """Return ``value`` as ``view`` wants it, without a final newline; empty for nothing."""
    value = hide(value, view.hidden)
    if view.form == "json":
        return json.dumps(value, indent=2, ensure_ascii=False)
    if view.form == "yaml":
        from polycube_client import yamltext  # noqa: PLC0415 - imports PyYAML

        return yamltext.dump(value)
    return "\n".join(_block(value, view.depth))


def hide(value: Json, hidden: frozenset[str] = frozenset()) -> Json:
    """Drop members that the dotted paths in ``hidden`` name, through lists; and all links."""
    if isinstance(value, list):
        # The daemon ends a list with its links as ["_links", […]].
        return [
            hide(item, hidden)
            for item in value
            if not (isinstance(item, list) and item[:1] == [_LINKS])
        ]
    if not isinstance(value, dict):
        return value
    kept = {}
    for name, member in value.items():
        if name not in hidden and name != _LINKS:
            below = {path[len(name) + 1 :] for path in hidden if path.startswith(f"{name}.")}
            kept[name] = hide(member, frozenset(below))
    return kept


def _block(value: Json, levels: int) -> list[str]:
    """Return the lines of ``value``, which itself is the first of ``levels``."""
    if isinstance(value, dict):
        return _object(value, levels)
    if isinstance(value, list):
        if value and all(isinstance(item, dict) for item in value):
            return _table([item for item in value if isinstance(item, dict)], levels)
        return [_cell(item, levels - 1) for item in value]
    text = scalar(value)
    return [text] if text else []


def _object(value: JsonObject, levels: int) -> list[str]:
    lines, blocks = [], []
    for name, member in value.items():
        if isinstance(member, str) and "\n" in member:
            blocks += ["", f"{name}:", *_indent(member.splitlines())]
        elif not _is_nested(member):
            lines.append(f"{name}: {_cell(member, 1)}".rstrip())
        elif levels > 1:
            blocks += ["", f"{name}:", *_indent(_block(member, levels - 1))]
        else:
            lines.append(f"{name}: {_count(member)}")
    return [*lines, *blocks] if lines else blocks[1:]


def _table(rows: list[JsonObject], levels: int) -> list[str]:
    names = list(dict.fromkeys(name for row in rows for name in row))
    body = [[_cell(row[name], levels - 1) if name in row else "" for name in names] for row in rows]
    return columns([names, *body])


def _cell(value: Json, levels: int) -> str:
    """Return ``value`` on one line; objects in a list by first member while ``levels`` < 2."""
    if not isinstance(value, dict | list):
        return scalar(value)
    if _is_nested(value) and levels < 1:
        return _count(value)
    if isinstance(value, dict):
        return " ".join(f"{name}={_cell(member, levels - 1)}" for name, member in value.items())
    if levels > 1:
        separator = "; " if _is_nested(value) else ", "
        return separator.join(_cell(item, levels - 1) for item in value)
    firsts = (next(iter(item.values()), None) if isinstance(item, dict) else item for item in value)
    return ", ".join(_cell(item, 0) for item in firsts)


def _is_nested(value: Json) -> bool:
    """Whether ``value`` does not fit behind ``name:``: an object, or a list with one."""
    if isinstance(value, list):
        return any(isinstance(item, dict | list) for item in value)
    return isinstance(value, dict) and bool(value)


def _count(value: Json) -> str:
    number = len(value) if isinstance(value, dict | list) else 1
    noun = "member" if isinstance(value, dict) else "item"
    return f"[{number} {noun}{'s' * (number != 1)}]"


def _indent(lines: list[str]) -> list[str]:
    return [f"  {line}".rstrip() for line in lines]


def scalar(value: Json) -> str:
    """Return a leaf's bare value: text without quotes, ``true``, ``10``; nothing for null."""
    if isinstance(value, str):
        return value
    return "" if value is None else json.dumps(value)
