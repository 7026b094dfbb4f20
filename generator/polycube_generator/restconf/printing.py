"""The nodes of a service as YANG statements: groupings, augments and deviations applied."""

from __future__ import annotations

from typing import TYPE_CHECKING

from polycube_generator import datatree, types
from polycube_generator.restconf import expressions, leaftypes
from polycube_generator.restconf.leaftypes import block, quoted

if TYPE_CHECKING:
    from collections.abc import Iterator

    from polycube_generator.restconf.expressions import Prefixes
    from polycube_generator.types import Statement

Lines = list[str]

_CHOICES = frozenset({"choice", "case"})
_CALLED = frozenset({"action", "rpc", "notification"})
_VALUES = frozenset({"leaf", "leaf-list", "anydata", "anyxml"})
_SINGLE = ("presence", "mandatory", "min-elements", "max-elements", "ordered-by", "status")
_KEYWORDS = {"rpc": "action"}
"""A model has no actions at its top, where the cube is: rpc stands for them."""


class Printer:
    """Writes the nodes of one module, those of others left out: they are in modules of theirs.

    `groupings` are what nodes had to be put into, whose condition is about what they are in.
    """

    def __init__(self, prefixes: Prefixes, stem: str = "") -> None:
        """Write names with `prefixes`; those of groupings begin with `stem`."""
        self._prefixes = prefixes
        self._stem = stem
        self.groupings: list[Lines] = []

    def nodes(self, parent: Statement, *, config: bool = True) -> Lines:
        """Return the lines of what is in a node, which is configuration or not."""
        found: Lines = []
        for child in parent.i_children:
            if hasattr(child, "i_not_implemented") or not self._is_own(child):
                continue
            found += self.node(child, config=config)
        return found

    def _is_own(self, node: Statement) -> bool:
        return bool(datatree.module_of(node) == self._prefixes.module)

    def node(self, node: Statement, *, config: bool = True) -> Lines:
        """Return the lines of a node, which is in configuration or not."""
        if node.keyword in {"input", "output"}:
            inner = self.nodes(node, config=False)
            return block(node.keyword, inner) if inner else []
        head = f"{_KEYWORDS.get(node.keyword, node.keyword)} {node.arg}"
        found = block(head, self._parts(node, config=config))
        for when in self._above(node):
            name = f"{self._stem}conditional-{len(self.groupings) + 1}"
            self.groupings.append(block(f"grouping {name}", found))
            found = block(f"uses {name}", [f"when {quoted(when)};"])
        return found

    def _parts(self, node: Statement, *, config: bool) -> Lines:
        found = [*self._conditions(node), *self._value(node), *_singles(node)]
        below = config and getattr(node, "i_config", None) is not False
        if node.keyword in _CHOICES or node.keyword in _CALLED:
            below = config and node.keyword in _CHOICES
        elif config and not below:
            found.append("config false;")
        told = ((keyword, types.text_of(node, keyword)) for keyword in ("description", "reference"))
        found += [f"{keyword} {quoted(text)};" for keyword, text in told if text]
        if node.keyword not in _VALUES:
            found += self.nodes(node, config=below)
        return found

    def _value(self, node: Statement) -> Iterator[str]:
        """Yield the key of a list; the type, the units and the defaults of a leaf or leaf-list."""
        if node.keyword == "list":
            for keyword in ("key", "unique"):
                for one in node.search(keyword):
                    parts = [self._prefixes.name(node, one, part) for part in _words(one.arg)]
                    yield f"{keyword} {quoted(''.join(parts))};"
        if node.keyword == "choice" and (chosen := types.text_of(node, "default")):
            yield f"default {chosen.rpartition(':')[2]};"
        if node.keyword not in {"leaf", "leaf-list"}:
            return
        type_ = node.search_one("type")
        yield from leaftypes.lines(self._prefixes, node, type_, _depth(node))
        if units := _inherited(node, "units"):
            yield f"units {quoted(units)};"
        is_identity = types.chain_of(type_)[-1].arg == "identityref"
        for default in _defaults(node):
            text = default.arg
            if is_identity:
                text = self._prefixes.name(node, default, text)
            yield f"default {quoted(text)};"

    def _conditions(self, node: Statement) -> Iterator[str]:
        if node.keyword in _CHOICES:
            whens = [*node.search("when"), *_augment(node)]
            context = datatree.parent(node)
            texts = [self._text(node, one, _depth(context)) for one in whens]
            if texts:
                joined = texts[0] if len(texts) == 1 else " and ".join(f"({one})" for one in texts)
                yield f"when {quoted(joined)};"
            return
        for when in node.search("when"):
            if getattr(when, "i_origin", None) != "uses":
                yield f"when {quoted(self._text(node, when, _depth(node)))};"
        for must in node.search("must"):
            if not hasattr(must, "i_not_implemented"):
                told = ((name, types.text_of(must, name)) for name in _TOLD)
                inner = [f"{name} {quoted(text)};" for name, text in told if text]
                yield from block(f"must {quoted(self._text(node, must, _depth(node)))}", inner)

    def _above(self, node: Statement) -> list[str]:
        """Return the conditions of a data node that are about what it is in."""
        if node.keyword in _CHOICES:
            return []
        whens = [one for one in node.search("when") if getattr(one, "i_origin", None) == "uses"]
        whens += _augment(node)
        return [self._text(node, one, _depth(datatree.parent(node))) for one in whens]

    def _text(self, node: Statement, statement: Statement, depth: int) -> str:
        return expressions.relative(self._prefixes, node, statement, depth)


_TOLD = ("error-message", "error-app-tag", "description")


def _augment(node: Statement) -> list[Statement]:
    augment = getattr(node, "i_augment", None)
    return augment.search("when") if augment else []


def _singles(node: Statement) -> Iterator[str]:
    for keyword in _SINGLE:
        if text := types.text_of(node, keyword):
            yield f"{keyword} {quoted(text)};"


def _words(text: str) -> list[str]:
    """Return names and what is between them."""
    return [part for one in text.split() for part in (*_steps(one), " ")][:-1]


def _steps(path: str) -> list[str]:
    return [part for step in path.split("/") for part in (step, "/")][:-1]


def _depth(node: Statement | None) -> int:
    """Return how many steps a data node is below the cube."""
    depth = 0
    while node is not None:
        depth, node = depth + 1, datatree.parent(node)
    return depth


def _inherited(leaf: Statement, keyword: str) -> str:
    """Return what a leaf says, or the first of its typedefs that does."""
    if text := types.text_of(leaf, keyword):
        return text
    typedefs = (type_.i_typedef for type_ in types.chain_of(leaf.search_one("type")))
    return next((text for one in typedefs if one and (text := types.text_of(one, keyword))), "")


def _defaults(leaf: Statement) -> list[Statement]:
    """Return the defaults of a leaf or leaf-list: its own, or that of its type."""
    own: list[Statement] = leaf.search("default")
    is_there = types.text_of(leaf, "mandatory") == "true" or leaf.search_one("min-elements")
    if own or is_there or leaf.arg in types.text_of(leaf.parent, "key").split():
        return own
    for type_ in types.chain_of(leaf.search_one("type")):
        if type_.i_typedef and (found := type_.i_typedef.search_one("default")):
            return [found]
    return []
