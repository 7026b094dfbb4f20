"""The metric annotations of a model: JSONPath to what the daemon reads, settled here once.

A path of the original's dialect becomes the schema path of one node and what is asked of it: the
value of a leaf, or how many entries a list has. Lists on the way are gone through, and what is
found is added up. So the daemon needs no JSONPath engine, and counts a list without printing it.

    $.stats.pkts                            the leaf
    $.blacklist-src.length                  entries of a list (or leaf-list)
    $.ports[?(@.ip != '')]  with FILTER     entries of which that is true
    sum($.ports[*].secondaryip.length)      the sum over the ports (`sum` may be left out)
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, NamedTuple

from polycube_generator import ir, parsing
from polycube_generator.types import Statement, Unsupported

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

KINDS = ("COUNTER", "GAUGE")
FILTER = "FILTER"
TODO = "TODO"
"""The path of metrics that the original's authors never wrote."""
RESERVED = ("polycubed_", "process_")
"""What the names of the daemon's own metrics start with."""

_NAME = re.compile(r"[a-zA-Z_:][a-zA-Z0-9_:]*")
_STEP = re.compile(
    r"""(?: \.(?P<name>[A-Za-z_][\w-]*) | \[\s*(['"])(?P<quoted>[A-Za-z_][\w.-]*)\2\s*\] )
        (?: \[\s*(?P<every>\*)\s*\] | \[\s*\?\(\s*(?P<filter>.*?)\s*\)\s*\] )?""",
    re.VERBOSE,
)
_CONDITION = re.compile(
    r"""@\.(?P<leaf>[A-Za-z_][\w-]*)
        (?: \s*(?P<operator>==|!=|<=|>=|<|>)\s*
            (?: '(?P<single>[^']*)' | "(?P<double>[^"]*)" | (?P<bare>-?\d+(?:\.\d+)?|true|false) )
        )?""",
    re.VERBOSE,
)
_FORMS = "$.a.b, $.list.length, $.list[?(@.leaf != '')] with type-operation FILTER, $.list[*].a"


class Step(NamedTuple):
    """One step of a path: the node's name, whether the entries are gone through, and which."""

    name: str
    every: bool
    condition: str


class _Found(NamedTuple):
    node: ir.Node
    counted: bool
    entries: bool
    """Whether the path ends in the entries of a list instead of a number."""
    where: tuple[ir.Where, ...]


def of(statement: Statement, children: tuple[ir.Node, ...]) -> ir.Metric | None:
    """Return the metric that ``statement`` is annotated with; None where it has none.

    Raises:
        Unsupported: the annotation is wrong, with its line and what would be right.

    """
    name = _extension(statement, "name-metric")
    if name is None:
        _refuse_alone(statement)
        return None
    path = _extension(statement, "path-metric")
    if path is None:
        message = f"metric {name.arg} has no path-metric; add one, such as $.stats.pkts"
        raise Unsupported(name, message)
    if path.arg.strip() in {"", TODO}:
        return None
    _check_name(name)
    operation = _operation(statement)
    found = _resolve(path, children)
    if found.entries and not operation:
        message = f'{path.arg} are entries of a list, not a number; add type-operation "{FILTER}"'
        raise Unsupported(path, message)
    if operation and not found.entries:
        message = f"type-operation {FILTER} counts entries of a list, which {path.arg} are not"
        raise Unsupported(path, message)
    return ir.Metric(
        name=name.arg,
        kind=_kind(statement),
        node=found.node.path,
        counted=found.counted,
        where=found.where,
        help=_help(statement, found.node),
        place=parsing.place(name.pos),
    )


def clashes(metrics: Sequence[ir.Metric]) -> Iterator[tuple[ir.Metric, str]]:
    """Yield the metrics whose name another one has, with the message."""
    seen: dict[str, ir.Metric] = {}
    for metric in metrics:
        other = seen.setdefault(metric.name, metric)
        if other is not metric:
            yield metric, f"metric {metric.name} is there already: {other.place}; rename one"


def steps(text: str) -> list[Step] | None:
    """Split a path after its ``$``; None if it is none of the forms that are understood."""
    found, at = [], 0
    while at < len(text):
        match = _STEP.match(text, at)
        if match is None:
            return None
        name = match["name"] or match["quoted"]
        found.append(Step(name, bool(match["every"]), match["filter"] or ""))
        at = match.end()
    return found or None


def _resolve(path: Statement, children: tuple[ir.Node, ...]) -> _Found:
    text = re.sub(r"^sum\((.*)\)$", r"\1", path.arg.strip())
    parsed = steps(text[1:]) if text.startswith("$") else None
    if parsed is None:
        raise Unsupported(path, f"path-metric {path.arg!r} is not understood; expected {_FORMS}")
    node: ir.Node | None = None
    where: list[ir.Where] = []
    inside, last = children, len(parsed) - 1
    for number, step in enumerate(parsed):
        if _is_length(parsed, number, node, inside):
            assert node is not None  # noqa: S101 (the first step is no length)
            return _Found(node, counted=True, entries=False, where=tuple(where))
        node = _child(path, step, node, inside)
        where += _where(path, step, node)
        gone_through = step.every or step.condition
        ends_there = number == last or parsed[number + 1].name == "length"
        if isinstance(node, ir.List) and not gone_through and not ends_there:
            message = f"{step.name} is a list: write {step.name}[*] for every entry"
            raise Unsupported(path, message)
        inside = getattr(node, "children", ())
    assert node is not None  # noqa: S101 (there is a step at least)
    return _end(path, parsed[-1], node, tuple(where))


def _is_length(
    parsed: list[Step], number: int, node: ir.Node | None, inside: tuple[ir.Node, ...]
) -> bool:
    """Whether this step asks how many entries there are, and names no node."""
    before = parsed[number - 1]
    named = before.condition and any(child.name == "length" for child in inside)
    return (
        number == len(parsed) - 1
        and parsed[number].name == "length"
        and isinstance(node, ir.List | ir.LeafList)
        and not before.every
        and not named
    )


def _child(
    path: Statement, step: Step, node: ir.Node | None, inside: tuple[ir.Node, ...]
) -> ir.Node:
    known = [child for child in inside if not isinstance(child, ir.Action)]
    found = next((child for child in known if child.name == step.name), None)
    if found is None:
        where = f"/{node.path}" if node else "the cube"
        names = ", ".join(child.name for child in known) or "nothing"
        message = f"path-metric {path.arg}: {where} has no {step.name}; it has {names}"
        raise Unsupported(path, message)
    if (step.every or step.condition) and not isinstance(found, ir.List):
        raise Unsupported(path, f"path-metric {path.arg}: {step.name} is not a list")
    return found


def _end(path: Statement, step: Step, node: ir.Node, where: tuple[ir.Where, ...]) -> _Found:
    if isinstance(node, ir.List) and (step.every or step.condition):
        return _Found(node, counted=True, entries=True, where=where)
    if not isinstance(node, ir.Leaf):
        advice = f"; for how many there are, write {path.arg}.length"
        kind = type(node).__name__.lower()
        counts = isinstance(node, ir.List | ir.LeafList)
        message = f"path-metric {path.arg} is a {kind}, not a number{advice if counts else ''}"
        raise Unsupported(path, message)
    if not isinstance(ir.concrete(node.type), ir.Integer | ir.Decimal64 | ir.Boolean):
        raise Unsupported(path, f"path-metric {path.arg} is a text; a metric is a number")
    return _Found(node, counted=False, entries=False, where=where)


def _where(path: Statement, step: Step, node: ir.Node) -> list[ir.Where]:
    if not step.condition:
        return []
    match = _CONDITION.fullmatch(step.condition)
    if match is None:
        message = f"filter {step.condition!r} is not understood; expected @.leaf != 'value'"
        raise Unsupported(path, message)
    assert isinstance(node, ir.List)  # noqa: S101 (`_child` has seen to it)
    leaf = next((child for child in node.children if child.name == match["leaf"]), None)
    if not isinstance(leaf, ir.Leaf):
        raise Unsupported(path, f"filter {step.condition!r}: {step.name} has no such leaf")
    literal = _literal(match)
    if match["operator"] and not _comparable(ir.concrete(leaf.type), literal):
        message = f"filter {step.condition!r}: {leaf.name} is never of the type of that value"
        raise Unsupported(path, message)
    return [ir.Where(node.path, leaf.name, match["operator"] or "", literal)]


def _comparable(type_: ir.Type, literal: object) -> bool:
    match type_:
        case ir.Boolean():
            return isinstance(literal, bool)
        case ir.Integer() | ir.Decimal64():
            return isinstance(literal, int | float) and not isinstance(literal, bool)
        case ir.Union(members=members):
            return any(_comparable(ir.concrete(member), literal) for member in members)
        case _:
            return isinstance(literal, str)


def _literal(match: re.Match[str]) -> str | float | bool | None:
    if match["operator"] is None:
        return None
    bare = match["bare"]
    if bare is None:
        return match["single"] if match["single"] is not None else match["double"]
    if bare in {"true", "false"}:
        return bare == "true"
    return float(bare) if "." in bare else int(bare)


def _check_name(name: Statement) -> None:
    if not _NAME.fullmatch(name.arg):
        message = (
            f"name-metric {name.arg!r} is no name for Prometheus; "
            "expected letters, digits, _ and :, no digit first"
        )
        raise Unsupported(name, message)
    if name.arg.startswith(RESERVED):
        message = f"name-metric {name.arg!r} starts as the daemon's own do; choose another name"
        raise Unsupported(name, message)


def _kind(statement: Statement) -> str:
    found = _extension(statement, "type-metric")
    if found is None:
        return "GAUGE"
    if found.arg.upper() not in KINDS:
        raise Unsupported(found, f"type-metric {found.arg!r} is neither COUNTER nor GAUGE")
    return str(found.arg).upper()


def _operation(statement: Statement) -> str:
    found = _extension(statement, "type-operation")
    if found is None:
        return ""
    if found.arg != FILTER:
        raise Unsupported(found, f"type-operation {found.arg!r} is not known; expected {FILTER}")
    return FILTER


def _help(statement: Statement, node: ir.Node) -> str:
    found = _extension(statement, "help-metric")
    return " ".join(found.arg.split()) if found is not None else node.description


def _refuse_alone(statement: Statement) -> None:
    for keyword in ("path-metric", "type-metric", "help-metric", "type-operation"):
        if found := _extension(statement, keyword):
            raise Unsupported(found, f"{keyword} has no effect without name-metric; add that")


def _extension(statement: Statement, name: str) -> Statement | None:
    found: Statement | None = statement.search_one(("polycube-base", name))
    return found
