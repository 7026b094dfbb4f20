"""Leaves in expressions: what they are compared to, and how it is written in the document."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from polycube_generator import ir, types
from polycube_generator.xpath.flows import Spot, quote
from polycube_generator.xpath.parser import Expression, Path, Step

if TYPE_CHECKING:
    from polycube_generator.types import Statement
    from polycube_generator.xpath.scope import Scope


_EXACT = 32
"""Integers of so many bits are numbers of XPath's, too."""


def constant(scope: Scope, node: Statement | None, text: str, *, addresses: bool) -> str | None:
    """Return the source of the value of a leaf whose text is ``text``.

    It is None if there is no such value, empty if only its text can be compared.
    """
    if node is None or node.keyword not in {"leaf", "leaf-list"}:
        return ""
    match types.concrete(node, addresses=addresses):
        case ir.Identityref(values=values):
            name = scope.qualified(text) if re.fullmatch(r"[\w.:-]+", text) else text
            return quote(name) if name in values else None
        case ir.Enumeration(values=values):
            return quote(text) if any(value.name == text for value in values) else None
        case ir.Boolean():
            return {"true": "True", "false": "False"}.get(text)
        case ir.Integer():
            return text if re.fullmatch(r"0|-?[1-9]\d*", text) else None
        case ir.String() | ir.Decimal64() | ir.Bits() | ir.Binary() | ir.Address():
            return quote(text)
        case _:
            return ""


def is_integer(leaf: Statement, *, addresses: bool) -> bool:
    """Tell whether all values of a leaf are integers."""
    return isinstance(types.concrete(leaf, addresses=addresses), ir.Integer)


def is_small(leaf: Statement, *, addresses: bool) -> bool:
    """Tell whether all values of a leaf are integers that floating point has exactly."""
    type_ = types.concrete(leaf, addresses=addresses)
    return isinstance(type_, ir.Integer) and type_.bits <= _EXACT


def own(scope: Scope, spot: Spot, expression: Expression) -> Statement | None:
    """Return the leaf of the entry that an expression names, if it is as simple as that."""
    match expression:
        case Path(absolute=False, start=None, steps=(Step(axis="child", predicates=()) as step,)):
            found = scope.children(spot.node, step.test)
            if len(found) == 1 and found[0].keyword == "leaf" and step.test != "*":
                return found[0]
    return None
