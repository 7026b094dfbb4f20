"""A model as the text of a YANG 1.1 module (RFC 7950), written from its metadata.

It is complete in itself: typedefs and groupings are resolved, so it imports nothing. A service's
module has one node at its top, the list of its cubes. What it leaves out the daemon still checks:
patterns that only its own engine can say, and conditions about nodes of other modules.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from polycube_runtime.rest.restconf.xpaths import relative
from polycube_runtime.rest.restconf.yangtypes import quoted, statement
from polycube_runtime.support.schema import (
    UNBOUNDED,
    Action,
    AnyData,
    Container,
    Leaf,
    LeafList,
    List,
    Notification,
)

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from polycube_runtime.support.schema import Choice, Node, Rule

Lines = list[str]


def module(name: str, namespace: str, description: str, nodes: Iterable[Node]) -> str:
    """Return the text of a module with `nodes` at its top."""
    lines = [
        f"module {name} {{",
        "  yang-version 1.1;",
        f"  namespace {quoted(namespace)};",
        f"  prefix {quoted(name)};",
        "",
        *_indented([f"description {quoted(' '.join(description.split()))};"]),
    ]
    for node in nodes:
        lines += ["", *_indented(_Printer().node(node, 0, top=True))]
    return "\n".join([*lines, "}", ""])


def _indented(lines: Iterable[str]) -> Lines:
    return [f"  {line}" if line else line for line in lines]


class _Printer:
    """Writes nodes; `depth` is how many steps they are below the list of cubes."""

    def node(self, node: Node, depth: int, *, top: bool = False, config: bool = True) -> Lines:
        """Return the lines of a statement; `config` is that of what it is in."""
        keyword, inner = self._parts(node, depth, top=top)
        shown = [*self._conditions(node, depth), *inner]
        if config and not getattr(node, "config", True) and not isinstance(node, Notification):
            shown.insert(0, "config false;")
        if node.description:
            shown.append(f"description {quoted(' '.join(node.description.split()))};")
        name = node.name.rpartition(":")[2]
        return [f"{keyword} {name} {{", *_indented(shown), "}"]

    def _parts(self, node: Node, depth: int, *, top: bool) -> tuple[str, Lines]:
        match node:
            case Leaf():
                return "leaf", [*statement(node.type, depth), *_leaf(node)]
            case LeafList():
                return "leaf-list", [*statement(node.type, depth), *_leaf_list(node)]
            case List():
                keys = [f"key {quoted(' '.join(node.keys))};"] if node.keys else []
                unique = [f"unique {quoted(' '.join(group))};" for group in node.unique]
                below = self.members(node.children, node.choices, depth, config=node.config)
                return "list", [*keys, *unique, *_limits(node), *below]
            case Container():
                presence = ["presence 'It is there or not';"] if node.presence else []
                below = self.members(node.children, node.choices, depth, config=node.config)
                return "container", [*presence, *below]
            case Action():
                return "rpc" if top else "action", self._sides(node, depth)
            case Notification():
                below = self.members(node.children, node.choices, depth, config=False)
                return "notification", below
            case AnyData():
                mandatory = ["mandatory true;"] if node.mandatory else []
                return "anyxml" if node.any_value else "anydata", mandatory

    def members(
        self, nodes: Iterable[Node], choices: Iterable[Choice], depth: int, *, config: bool
    ) -> Lines:
        """Return the lines of what is in a node, members of choices in these."""
        by_name = {node.name: node for node in nodes if not node.module}
        lines, chosen = [], set()
        for choice in choices:
            members = {name for case in choice.cases for name in case.members}
            chosen |= members
            lines += self._choice(choice, by_name, depth, config=config)
        own = [node for name, node in by_name.items() if name not in chosen]
        for node in own:
            lines += self.node(node, depth + 1, config=config)
        return lines

    def _choice(
        self, choice: Choice, by_name: dict[str, Node], depth: int, *, config: bool
    ) -> Lines:
        lines: Lines = ["mandatory true;"] if choice.mandatory else []
        lines += [f"default {choice.default};"] if choice.default else []
        for case in choice.cases:
            nodes = [by_name[name] for name in case.members if name in by_name]
            below = self.members(nodes, case.choices, depth, config=config)
            lines += [f"case {case.name} {{", *_indented(below), "}"]
        return [f"choice {choice.name} {{", *_indented(lines), "}"]

    def _sides(self, node: Action, depth: int) -> Lines:
        lines: Lines = []
        for keyword, side in (("input", node.input), ("output", node.output)):
            if side is not None and side.children:
                below = self.members(side.children, side.choices, depth, config=False)
                lines += [f"{keyword} {{", *_indented(below), "}"]
        return lines

    def _conditions(self, node: Node, depth: int) -> Iterator[str]:
        for rule in getattr(node, "when", ()):
            text = None if rule.above else relative(rule.text, depth)
            if text is not None:
                yield f"when {quoted(text)};"
        for rule in getattr(node, "must", ()):
            text = relative(rule.text, depth)
            if text is not None:
                yield from _must(text, rule)


def _must(text: str, rule: Rule) -> Iterator[str]:
    if not rule.message and not rule.tag:
        yield f"must {quoted(text)};"
        return
    yield f"must {quoted(text)} {{"
    if rule.message:
        yield f"  error-message {quoted(rule.message)};"
    if rule.tag:
        yield f"  error-app-tag {quoted(rule.tag)};"
    yield "}"


def _leaf(node: Leaf) -> Iterator[str]:
    if node.mandatory and not node.key:
        yield "mandatory true;"
    if node.default is not None and not node.mandatory:
        yield f"default {quoted(_text(node.default))};"
    yield from _units(node)


def _leaf_list(node: LeafList) -> Iterator[str]:
    for value in node.default if not node.min_elements else ():
        yield f"default {quoted(_text(value))};"
    yield from _units(node)
    yield from _limits(node)


def _limits(node: List | LeafList) -> Iterator[str]:
    if node.min_elements:
        yield f"min-elements {node.min_elements};"
    if node.max_elements < UNBOUNDED:
        yield f"max-elements {node.max_elements};"
    if node.ordered_by_user and node.config:
        yield "ordered-by user;"


def _units(node: Leaf | LeafList) -> Iterator[str]:
    if node.units:
        yield f"units {quoted(node.units)};"


def _text(value: object) -> str:
    return str(value).lower() if isinstance(value, bool) else str(value)
