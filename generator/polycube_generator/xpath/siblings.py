"""The axes of siblings: entries of a list or leaf-list have an order, all else in JSON has none."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from polycube_generator import datatree
from polycube_generator.xpath import predicates
from polycube_generator.xpath.flows import Flow, quote

if TYPE_CHECKING:
    from polycube_generator.xpath.compiler import Compiler
    from polycube_generator.xpath.parser import Step


def beside(compiler: Compiler, flow: Flow, step: Step) -> Flow:
    """Return the entries of the same list or leaf-list that come before or after one."""
    node, above = flow.spot.node, flow.spot.up()
    if node is None or above is None or node.keyword not in {"list", "leaf-list"}:
        compiler.refuse(f"axis {step.axis} is supported from entries of lists and leaf-lists")
    if step.test == "*" or step.test.endswith(("()", ":*")):
        compiler.refuse(f"{step.axis}::{step.test}: name the list, as others have no order in JSON")
    if not compiler.scope.matches(node, step.test):
        compiler.refuse(f"axis {step.axis} from {node.arg} does not lead to {step.test} in JSON")
    place = above.places[0]
    arguments = ", ".join([place.base, *map(quote, (*place.names, datatree.member(node)))])
    kind = "rows" if node.keyword == "list" else "values"
    entries = f"{step.axis.partition('-')[0]}({kind}({arguments}), {flow.value})"
    return predicates.entries(compiler, replace(flow, spot=above), node, entries, step.predicates)
