"""Predicates: which of the nodes stay, by an index if that can be."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from polycube_generator import datatree
from polycube_generator.xpath import leaves
from polycube_generator.xpath.expressions import Focus, Value, conjuncts, is_positional, joined
from polycube_generator.xpath.flows import Flow, Place, Spot, quote, unquoted
from polycube_generator.xpath.parser import Expression, Operation

if TYPE_CHECKING:
    from polycube_generator.types import Statement
    from polycube_generator.xpath.compiler import Compiler


def filtered(compiler: Compiler, flow: Flow, predicates: tuple[Expression, ...]) -> Flow:
    """Return the nodes that pass all predicates."""
    for predicate in predicates:
        if not re.fullmatch(r"\w+", flow.value):
            flow = flow.bind(compiler.variable())
        value = compiler.value(predicate, Focus(flow.spot))
        flow = flow.where(compiler.truth(value) if value.kind != "num" else f"{value.code} == 1")
    return flow


def entries(
    compiler: Compiler, flow: Flow, node: Statement, rows: str, predicates: tuple[Expression, ...]
) -> Flow:
    """Return the entries of a list that pass all predicates, by an index if that can be."""
    variable = compiler.variable()
    spot = Spot(node, (Place(variable), *flow.spot.places))
    clause = f"for {variable} in {rows}"
    conditions: list[str] = []
    for number, predicate in enumerate(predicates):
        if is_positional(predicate):
            if conditions:
                clause = f"for {variable} in [{variable} {clause} if {joined('and', conditions)}]"
                conditions = []
            clause, condition = _positioned(compiler, clause, variable, spot, predicate)
            conditions.append(condition)
            continue
        keys = {} if number or node.keyword != "list" else _keys(compiler, spot, predicate)
        if keys:
            names = ", ".join(map(quote, keys))
            values = ", ".join(keys.values())
            comma = "," if len(keys) == 1 else ""
            clause = f"for {variable} in tree.find({rows}, ({names}{comma}), ({values}{comma}))"
        conditions += [
            compiler.truth(compiler.value(part, Focus(spot)))
            for part in conjuncts(predicate)
            if not keys or _key(compiler, spot, part) is None
        ]
    clauses = (*flow.clauses, clause, *(f"if {condition}" for condition in conditions))
    return replace(flow, spot=spot, clauses=clauses)


def _positioned(
    compiler: Compiler, clause: str, variable: str, spot: Spot, predicate: Expression
) -> tuple[str, str]:
    """Return a clause that counts the entries, and the condition on their number."""
    counter, rows = f"{variable}_at", clause.partition(" in ")[2]
    focus = Focus(spot, counter, f"len({rows})")
    value = compiler.value(predicate, focus)
    condition = f"{counter} == {value.code}" if value.kind == "num" else compiler.truth(value)
    return f"for {counter}, {variable} in enumerate({rows}, 1)", condition


def _keys(compiler: Compiler, spot: Spot, predicate: Expression) -> dict[str, str]:
    """Return the leaves that a predicate says are equal to what an entry does not decide."""
    pairs = (_key(compiler, spot, part) for part in conjuncts(predicate))
    return dict(pair for pair in pairs if pair)


def _key(compiler: Compiler, spot: Spot, part: Expression) -> tuple[str, str] | None:
    """Return a leaf of the entry and what it must equal, if that is what a condition says."""
    if not isinstance(part, Operation) or part.operator != "=":
        return None
    for near, far in ((part.left, part.right), (part.right, part.left)):
        leaf = leaves.own(compiler.scope, spot, near)
        if leaf is None:
            continue
        saved = len(compiler.helpers), compiler.variables
        value = compiler.value(far, Focus(spot))
        code = _text_key(compiler, leaf, value)
        entry = spot.places[0].base
        if code and not re.search(rf"\b{entry}\b", unquoted(code)):
            return datatree.member(leaf), code
        del compiler.helpers[saved[0] :]
        compiler.variables = saved[1]
    return None


def _text_key(compiler: Compiler, leaf: Statement, value: Value) -> str:
    """Return the source of what a key leaf is compared to, empty if it is no single value."""
    if value.kind == "nodes":
        return value.single.value if value.single else ""
    if value.constant is not None:
        return compiler.typed(leaf, value.constant) or ""
    return value.code if value.kind == "text" else ""
