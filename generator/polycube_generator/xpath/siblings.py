"""What comes before and after: entries of a list or leaf-list have an order, all else has none.

The order of the members of a JSON object says nothing, so these axes lead only to nodes that are in
other entries of the lists that the context node is in, or is an entry of.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from polycube_generator import datatree
from polycube_generator.xpath import axes, predicates
from polycube_generator.xpath.flows import Flow, Spot, quote

if TYPE_CHECKING:
    from collections.abc import Iterator

    from polycube_generator.types import Statement
    from polycube_generator.xpath.compiler import Compiler
    from polycube_generator.xpath.parser import Expression, Step

_LISTS = frozenset({"list", "leaf-list"})


def beside(compiler: Compiler, flow: Flow, step: Step) -> Iterator[Flow]:
    """Yield the entries of the same list or leaf-list that come before or after one."""
    node, above = flow.spot.node, flow.spot.up()
    if node is None or above is None:
        return
    named = [
        one for one in compiler.scope.below(above.node) if compiler.scope.matches(one, step.test)
    ]
    others = [one.arg for one in named if one is not node]
    if others:
        found = f"{step.axis}::{step.test}"
        compiler.refuse(f"{found}: {node.arg} and {others[0]} have no order in JSON")
    if named and node.keyword in _LISTS:
        yield _entries(compiler, flow, step.axis.partition("-")[0], step.predicates)


def _entries(compiler: Compiler, flow: Flow, direction: str, tests: tuple[Expression, ...]) -> Flow:
    node, above = flow.spot.node, flow.spot.up()
    assert node is not None and above is not None  # noqa: PT018, S101 (the callers have looked)
    place = above.places[0]
    arguments = ", ".join([place.base, *map(quote, (*place.names, datatree.member(node)))])
    kind = "rows" if node.keyword == "list" else "values"
    rows = predicates.Rows(f"{kind}({arguments})", direction, flow.value)
    origin = replace(flow, spot=above, repeats=flow.repeats or flow.loops)
    return predicates.entries(compiler, origin, node, rows, tests)


def along(compiler: Compiler, flow: Flow, step: Step) -> Iterator[Flow]:
    """Yield what is in the entries before or after those that a node is in, or is."""
    line = list(_line(flow))
    own = [one.spot.node for one in line]
    if step.test.endswith(("*", "()")):
        compiler.refuse(f"{step.axis}::{step.test}: name the node, as others have no order in JSON")
    targets = [node for node in _all(compiler, None) if compiler.scope.matches(node, step.test)]
    for node in targets:
        if node not in own and flow.spot.node not in _ancestors(node):
            problem = f"{node.arg} and {getattr(flow.spot.node, 'arg', '')} have no order in JSON"
            compiler.refuse(f"{step.axis}::{step.test}: {problem}")
    found = [
        _within(compiler, one, node, step)
        for one in (line if step.axis == "following" else reversed(line))
        for node in targets
        if (entry := one.spot.node) is not None
        and entry.keyword in _LISTS
        and entry in _ancestors(node)
    ]
    if axes.is_counted(step) and (len(found) > 1 or targets != [flow.spot.node]):
        compiler.refuse(f"{step.axis}::{step.test} by position: use {step.axis}-sibling")
    part = compiler.variable()
    yield from (replace(one, part=part) for one in found)


def _within(compiler: Compiler, flow: Flow, target: Statement, step: Step) -> Flow:
    """Return the nodes at ``target`` in the entries before or after one."""
    way = _ancestors(target)
    below = way[way.index(flow.spot.node) + 1 :]
    found = _entries(compiler, flow, step.axis, () if below else step.predicates)
    for node in below:
        found = axes.child(compiler, found, node, step.predicates if node is target else ())
    return found


def _line(flow: Flow) -> Iterator[Flow]:
    """Yield nodes, and then what they are in, further and further up."""
    if flow.spot.places[0].names:
        flow = flow.where(f"{flow.existing} is not None")
    spot: Spot | None = flow.spot
    while spot is not None:
        yield replace(flow, spot=spot)
        spot = spot.up()


def _ancestors(node: Statement) -> list[Statement]:
    """Return a node with all above it, itself last."""
    found: list[Statement] = []
    current: Statement | None = node
    while current is not None:
        found.insert(0, current)
        current = datatree.parent(current)
    return found


def _all(compiler: Compiler, parent: Statement | None) -> Iterator[Statement]:
    for node in compiler.scope.below(parent):
        yield node
        yield from _all(compiler, node)
