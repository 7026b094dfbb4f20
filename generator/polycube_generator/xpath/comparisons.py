"""Comparisons (XPath 1.0, section 3.4): of sets of nodes, whether any of them compares so."""

from __future__ import annotations

import operator as op
import re
from itertools import product
from typing import TYPE_CHECKING

from polycube_generator.xpath import leaves
from polycube_generator.xpath.expressions import PYTHON, Value, joined, ordered
from polycube_generator.xpath.flows import Flow, quote

if TYPE_CHECKING:
    from collections.abc import Callable

    from polycube_generator.types import Statement
    from polycube_generator.xpath.compiler import Compiler

_OPERATORS = {"=": op.eq, "!=": op.ne, "<": op.lt, "<=": op.le, ">": op.gt, ">=": op.ge}
_MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}


def compare(compiler: Compiler, operator: str, left: Value, right: Value) -> str:
    """Return the source of a comparison."""
    if left.kind != "nodes" and right.kind == "nodes":
        left, right, operator = right, left, _MIRRORED.get(operator, operator)
    if left.kind == "nodes" and not left.flows and right.kind != "bool":
        return "False"
    if operator == "=":
        return equal(compiler, left, right)
    if "bool" in {left.kind, right.kind}:
        both = operator == "!="
        sides = [
            f"int({compiler.truth(side)})"
            if both or side.kind == "nodes"
            else compiler.number(side).code
            for side in (left, right)
        ]
        return f"{sides[0]} {PYTHON[operator]} {sides[1]}"
    if left.kind != "nodes":
        return _scalars(compiler, operator, left, right)
    if right.kind != "nodes":
        return _to_scalar(compiler, operator, left, right)
    pairs = [_pair(compiler, operator, *pair) for pair in product(left.flows, right.flows)]
    return joined("or", pairs) if pairs else "False"


def _to_scalar(compiler: Compiler, operator: str, left: Value, right: Value) -> str:
    """Compare nodes to a number or text, but for being equal."""
    if operator == "!=" and right.constant is not None:
        return _other(compiler, left, right.constant)
    if operator == "!=" and right.kind == "text":
        return some(compiler, left, lambda item: f"differs({item}, {right.code})")
    number = compiler.number(right).code
    return some(compiler, left, lambda item: ordered(operator, item, number))


def _pair(compiler: Compiler, operator: str, left: Flow, right: Flow) -> str:
    """Compare two sets of nodes, but for being equal; a known set by its greatest or least."""
    clauses = (*left.clauses, *right.clauses)
    if operator == "!=":
        return compiler.quantified(clauses, f"differs({left.content}, {right.content})")
    for one, other, sign in ((left, right, operator), (right, left, _MIRRORED[operator])):
        if not one.clauses and other.loops:
            extreme = "greatest" if sign in {"<", "<="} else "least"
            if known := compiler.shared(extreme, f"{extreme}({other.content} {other.body})"):
                return f"number({one.content}) {sign} {known}"
    test = ordered(operator, left.content, f"number({right.content})")
    return compiler.quantified(clauses, test)


def _scalars(compiler: Compiler, operator: str, left: Value, right: Value) -> str:
    """Compare two values of which neither is a set of nodes; constants, once and for all."""
    if (known := _constants(operator, left, right)) is not None:
        return str(known)
    if operator in {"=", "!="} and "num" not in {left.kind, right.kind}:
        return f"{compiler.text(left)} {PYTHON[operator]} {compiler.text(right)}"
    return f"{compiler.number(left).code} {PYTHON[operator]} {compiler.number(right).code}"


def _constants(operator: str, left: Value, right: Value) -> bool | None:
    """Return whether a comparison of two constants holds, None if they are none of a kind."""
    if None not in {left.constant, right.constant} and operator in {"=", "!="}:
        return (left.constant == right.constant) == (operator == "=")
    numbers = [one.code for one in (left, right) if one.kind == "num"]
    if len(numbers) < 2 or not all(re.fullmatch(r"-?[\d.]+", code) for code in numbers):  # noqa: PLR2004
        return None
    return bool(_OPERATORS[operator](float(numbers[0]), float(numbers[1])))


def equal(compiler: Compiler, left: Value, right: Value) -> str:
    """Return whether two values are equal: of sets, whether any two nodes are."""
    if left.kind != "nodes" and right.kind == "nodes":
        left, right = right, left
    if "bool" in {left.kind, right.kind}:
        return f"({compiler.truth(left)}) == ({compiler.truth(right)})"
    if left.kind != "nodes":
        return _scalars(compiler, "=", left, right)
    if right.constant is not None:
        return some(compiler, left, lambda item: f"same({item}, {right.code})", right.constant)
    if right.kind != "nodes":
        return joined("or", [_among(compiler, flow, right) for flow in left.flows])
    if not right.flows:
        return "False"
    tests = [_same_nodes(compiler, *pair) for pair in product(left.flows, right.flows)]
    return joined("or", tests) if tests else "False"


def _among(compiler: Compiler, flow: Flow, value: Value) -> str:
    """Return whether a number or text is among nodes, looked up if their values are known."""
    if value.kind == "num":
        kind, test = "numbers", f"number({flow.content}) == {value.code}"
    else:
        kind, test = "texts", f"same({flow.content}, {value.code})"
    found = compiler.quantified(flow.clauses, test)
    if found.startswith("any(") and flow.loops:
        known = compiler.shared(kind, f"{kind}({flow.content} {flow.body})")
        return f"{value.code} in {known}" if known else found
    return found


def _same_nodes(compiler: Compiler, left: Flow, right: Flow) -> str:
    """Return whether two sets have a value in common, looked up if one of them is known."""
    for one, other in ((left, right), (right, left)):
        if not one.clauses and other.loops:
            texts = f"texts({other.content} {other.body})"
            if known := compiler.shared("texts", texts, always=True):
                return f"within({one.content}, {known})"
    return compiler.quantified(
        (*left.clauses, *right.clauses), f"same({left.content}, {right.content})"
    )


def some(
    compiler: Compiler, value: Value, test: Callable[[str], str], constant: str | None = None
) -> str:
    """Return whether any of the nodes passes ``test``; ``constant`` is what it may equal."""
    tests = []
    for flow in value.flows:
        code = test(flow.content)
        if constant is not None:
            if (literal := _typed(compiler, flow.spot.node, constant)) is None:
                continue
            code = f"same({flow.content}, {quote(constant)})"
            if literal:
                sign = "is" if literal in {"True", "False"} else "=="
                code = f"{flow.value} {sign} {literal}"
        tests.append(compiler.quantified(flow.clauses, code))
    return joined("or", tests) if tests else "False"


def _other(compiler: Compiler, value: Value, constant: str) -> str:
    """Return whether any of the nodes is not ``constant``."""
    tests = []
    for flow in value.flows:
        literal = _typed(compiler, flow.spot.node, constant)
        # Identities have their module in the document, another prefix in the model.
        text = literal if literal and literal.startswith(('"', "'")) else quote(constant)
        tests.append(compiler.quantified(flow.clauses, f"differs({flow.content}, {text})"))
    return joined("or", tests)


def _typed(compiler: Compiler, node: Statement | None, text: str) -> str | None:
    """Return the source of a leaf's value whose text is ``text`` (see ``leaves.constant``)."""
    return leaves.constant(compiler.scope, node, text, addresses=compiler.addresses)
