"""The axes of XPath 1.0: from nodes of the schema, each with its place in Python, to others."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from polycube_generator import datatree
from polycube_generator.xpath import predicates, siblings
from polycube_generator.xpath.expressions import is_positional, names_of
from polycube_generator.xpath.flows import INNER, Flow, Spot, Text, quote
from polycube_generator.xpath.scope import ELEMENT

if TYPE_CHECKING:
    from collections.abc import Iterator

    from polycube_generator.types import Statement
    from polycube_generator.xpath.compiler import Compiler
    from polycube_generator.xpath.parser import Expression, Step

_ANY = frozenset({"node()", ELEMENT})


def is_counted(step: Step) -> bool:
    """Tell whether a step has a predicate about positions."""
    return any(map(is_positional, step.predicates))


def step(compiler: Compiler, flow: Flow, step: Step) -> Iterator[Flow]:
    """Yield the nodes that one step leads to."""
    match step.axis:
        case "child":
            yield from _children(compiler, flow, step)
        case "self":
            if compiler.scope.matches(flow.spot.node, step.test):
                yield predicates.filtered(compiler, flow, step.predicates)
        case "parent" | "ancestor" | "ancestor-or-self":
            yield from _upwards(compiler, flow, step)
        case "descendant" | "descendant-or-self":
            yield from _downwards(compiler, flow, step)
        case "preceding-sibling" | "following-sibling":
            yield from siblings.beside(compiler, flow, step)
        case "preceding" | "following":
            yield from siblings.along(compiler, flow, step)
        case axis:
            compiler.refuse(f"axis {axis} leads nowhere: YANG data has no such nodes")


def _children(compiler: Compiler, flow: Flow, step: Step) -> Iterator[Flow]:
    """Yield all children that pass the test of a step."""
    found = compiler.scope.children(flow.spot.node, names_of(step.test))
    if len(found) > 1 and is_counted(step):
        compiler.refuse(f"{step.test} are nodes without an order; name one to count it")
    for node in found:
        if flow.spot.node is None:
            compiler.modules.add(datatree.module_of(node))
        yield child(compiler, flow, node, step.predicates)
    if step.test in {"text()", "node()"}:
        yield from _text(compiler, flow, step.predicates)


def _text(compiler: Compiler, flow: Flow, tests: tuple[Expression, ...]) -> Iterator[Flow]:
    """Yield the text of a leaf, if that is what the nodes are; empty text is no node."""
    node = flow.spot.node
    if node is not None and node.keyword in {"leaf", "leaf-list"}:
        spot = Spot(Text(node), (flow.spot.places[0], *flow.spot.places))
        text = replace(flow, spot=spot).where(f'text({flow.value}) != ""')
        yield predicates.filtered(compiler, text, tests)


def child(compiler: Compiler, flow: Flow, node: Statement, tests: tuple[Expression, ...]) -> Flow:
    """Return the instances of a child in the schema."""
    name, above = datatree.member(node), flow.spot.places
    if node.keyword in {"list", "leaf-list"}:
        place = above[0]
        arguments = ", ".join([place.base, *map(quote, (*place.names, name))])
        kind = "rows" if node.keyword == "list" else "values"
        rows = predicates.Rows(f"{kind}({arguments})")
        return predicates.entries(compiler, flow, node, rows, tests)
    spot = Spot(node, (above[0].child(name), *above))
    return predicates.filtered(compiler, replace(flow, spot=spot), tests)


def _upwards(compiler: Compiler, flow: Flow, step: Step) -> Iterator[Flow]:
    """Yield the parent, or all ancestors."""
    if step.axis != "parent" and is_counted(step) and step.test in {"*", "node()"}:
        compiler.refuse(f"{step.axis}::{step.test} by position: name the ancestor")
    current, scope = replace(flow, part=""), compiler.scope
    if step.axis == "ancestor-or-self" and scope.matches(flow.spot.node, step.test):
        yield predicates.filtered(compiler, flow, step.predicates)
    while (above := current.spot.up()) is not None:
        if current.spot.places[0].names and current.existing != above.places[0].value:
            current = current.where(f"{current.existing} is not None")
        current = replace(current.ascended(), spot=above)
        named = above.node is None and step.test == "node()"
        if named or scope.matches(above.node, step.test):
            yield predicates.filtered(compiler, current, step.predicates)
        if step.axis == "parent":
            return


def _downwards(compiler: Compiler, flow: Flow, step: Step) -> Iterator[Flow]:
    """Yield all descendants."""
    if is_counted(step):
        compiler.refuse(f"axis {step.axis} has no positions: descendants have no order in JSON")
    scope, node = compiler.scope, flow.spot.node
    if step.axis == "descendant-or-self" and (step.test in _ANY or scope.matches(node, step.test)):
        yield predicates.filtered(compiler, flow, step.predicates)
    if node is not None and node.keyword not in INNER:
        if step.test in {"text()", "node()"}:
            yield from _text(compiler, flow, step.predicates)
        return
    for below in scope.below(node):
        if scope.matches(below, step.test):
            yield child(compiler, flow, below, step.predicates)
        found = child(compiler, flow, below, ())
        yield from _downwards(compiler, found, replace(step, axis="descendant"))
