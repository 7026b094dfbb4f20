"""What the compiler knows of expressions and their values without looking at the schema."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from polycube_generator.xpath.flows import Flow, Spot, unquoted
from polycube_generator.xpath.parser import Call, Expression, Negative, Number, Operation

if TYPE_CHECKING:
    from collections.abc import Iterator

PYTHON = {"=": "==", "!=": "!=", "<": "<", "<=": "<=", ">": ">", ">=": ">="}
"""The comparisons, in Python."""


@dataclass(frozen=True, slots=True)
class Value:
    """What an expression yields: ``kind`` is nodes, bool, num or text.

    A ``whole`` number is an integer in Python, such as a count.
    """

    kind: str
    code: str = ""
    flows: tuple[Flow, ...] = ()
    constant: str | None = None
    whole: bool = False

    @property
    def single(self) -> Flow | None:
        """The only node, if there cannot be more."""
        if len(self.flows) == 1 and not self.flows[0].clauses:
            return self.flows[0]
        return None


@dataclass(frozen=True, slots=True)
class Focus:
    """The context of a (sub)expression: a spot, and in predicates position and size."""

    spot: Spot
    position: str = "1"
    last: str = "1"


def ordered(operator: str, left: str, right: str) -> str:
    """Return a comparison by size of a node to a number, or whether it is another one."""
    if operator == "!=":
        return f"unequal({left}, {right})"
    return f"number({left}) {PYTHON[operator]} {right}"


def names_of(test: str) -> str:
    """Return the test of names that a test of nodes is, for children."""
    return "*" if test == "node()" else test


def conjuncts(expression: Expression) -> Iterator[Expression]:
    """Yield what an expression joins by ``and``."""
    if isinstance(expression, Operation) and expression.operator == "and":
        yield from conjuncts(expression.left)
        yield from conjuncts(expression.right)
    else:
        yield expression


def is_positional(expression: Expression) -> bool:
    """Tell whether a predicate is about positions: a number, or what asks for them."""
    match expression:
        case Number() | Negative():
            return True
        case Call(name="position" | "last"):
            return True
        case Call(
            name="number"
            | "count"
            | "sum"
            | "string-length"
            | "floor"
            | "ceiling"
            | "round"
            | "enum-value"
        ):
            return True
        case Call(arguments=arguments):
            return any(map(_is_positional_inside, arguments))
        case Operation(operator="+" | "-" | "*" | "div" | "mod"):
            return True
        case Operation(left=left, right=right):
            return _is_positional_inside(left) or _is_positional_inside(right)
        case _:
            return False


def _is_positional_inside(expression: Expression) -> bool:
    """Tell whether position() or last() of the predicate are asked for."""
    match expression:
        case Call(name="position" | "last"):
            return True
        case Call(arguments=arguments):
            return any(map(_is_positional_inside, arguments))
        case Operation(left=left, right=right):
            return _is_positional_inside(left) or _is_positional_inside(right)
        case Negative(operand=operand):
            return _is_positional_inside(operand)
        case _:
            return False


def joined(operator: str, parts: list[str]) -> str:
    """Return operands joined by ``and`` or ``or``, in parentheses where they need them."""
    end, other = ("False", "True") if operator == "and" else ("True", "False")
    kept = [part for part in dict.fromkeys(parts) if part != other]
    if end in kept:
        return end
    if not kept:
        return other
    if len(kept) == 1:
        return kept[0]
    return f" {operator} ".join(f"({part})" if _is_loose(part, operator) else part for part in kept)


def _is_loose(code: str, operator: str) -> bool:
    """Tell whether ``code`` has an operator at its outermost level that binds less tightly."""
    depth, outer = 0, []
    for char in unquoted(code):
        depth += (char in "([{") - (char in ")]}")
        outer.append(char if depth == 0 else "_")
    return re.search(rf" {'or' if operator == 'and' else 'and'} ", "".join(outer)) is not None
