"""The help of ``?``: the daemon's items in the columns Keyword, Type, Description, Example."""

from __future__ import annotations

from polycube_client.tables import columns, terminal_width, wrap_column
from polycube_client.usage import SYNTAX

TYPE_CHECKING = False
if TYPE_CHECKING:
    from polycube_client.grammar import Invocation
    from polycube_client.jsontypes import Json, JsonObject

    Row = tuple[str, ...]

HEADER = ("Keyword", "Type", "Description", "Example")
_DESCRIPTION = HEADER.index("Description")
_COMMANDS = {
    "add": "Create an element",
    "set": "Change values",
    "show": "Show values",
    "del": "Delete an element",
}
_LISTINGS = {
    "cubes": "Show all cubes; with add, create those on standard input",
    "netdevs": "Show the network devices of the host",
    "topology": "Show how cubes are connected; of one device: topology veth1",
    "version": "Show the daemon's version",
}
_EXPERT = {"services": "Show, load (add) and unload (del) services"}


def describe(answer: Json, line: Invocation, *, expert: bool = False) -> str:
    """Return the daemon's help for ``line`` as a table in groups; fields may be missing."""
    if not isinstance(answer, dict):
        return ""
    groups = {
        "Commands": _commands(answer),
        "Parameters": _items(answer.get("params"), line.command),
        "Optional parameters": _items(answer.get("optional-params"), line.command),
        "Elements": _elements(answer.get("elements")),
    }
    if not line.path and not line.command:
        groups = {"Services": groups["Parameters"], "Commands": _top_level(expert=expert)}
    groups = {title: rows for title, rows in groups.items() if rows}
    if not groups:
        return "nothing can follow here"
    return "\n".join(_layout(groups))


def _layout(groups: dict[str, list[Row]]) -> list[str]:
    """Align all groups to the same columns, each below its title."""
    titled = {
        title: wrap_column([HEADER, *rows], _DESCRIPTION, terminal_width())
        for title, rows in groups.items()
    }
    aligned = columns([HEADER, *(row for rows in titled.values() for row in rows[1:])])
    lines, position = [aligned[0]], 1
    for title, rows in titled.items():
        end = position + len(rows) - 1
        lines += ["", title, *aligned[position:end]]
        position = end
    return lines


def _commands(answer: JsonObject) -> list[Row]:
    names = answer.get("commands")
    known = names if isinstance(names, list) else []
    return [(str(name), "command", _COMMANDS.get(str(name), ""), "") for name in known]


def _items(items: Json, command: str) -> list[Row]:
    if not isinstance(items, dict):
        return []
    return [_item(name, item, command) for name, item in items.items() if isinstance(item, dict)]


def _item(name: str, item: JsonObject, command: str) -> Row:
    kind, simpletype = str(item.get("type", "")), str(item.get("simpletype") or "")
    keyword = (
        f"<{name}>"
        if kind == "key"
        else f"{name}=…"
        if kind == "leaf" and simpletype != "service" and command in {"add", "set"}
        else name
    )
    description = " ".join(str(item.get("description") or "").split())
    if simpletype == "service" and item.get("version"):
        description = f"{description} (version {item['version']})".lstrip()
    return (keyword, simpletype or kind, description, str(item.get("example") or ""))


def _elements(elements: Json) -> list[Row]:
    if not isinstance(elements, list):
        return []
    keys = [
        " ".join(map(str, element.values())) for element in elements if isinstance(element, dict)
    ]
    return [(key, "element", "", "") for key in keys]


def _top_level(*, expert: bool) -> list[Row]:
    pairs = {name: syntax.splitlines()[2] for name, syntax in SYNTAX.items()}
    known = pairs | _LISTINGS | (_EXPERT if expert else {})
    rows: list[Row] = []
    for name, description in sorted(known.items()):
        text, _, example = description.partition(": ")
        rows.append((name, "command", text, example))
    return rows
