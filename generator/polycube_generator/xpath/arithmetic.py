"""Numbers of expressions as Python's: floating point, as XPath 1.0 has them.

A count, a length and a number as it is written are integers in Python. That is the same as long as
they are compared to numbers; with each other they are reckoned with as floating point.
"""

from __future__ import annotations

import math
import re
from dataclasses import replace

from polycube_generator.xpath.expressions import Value
from polycube_generator.xpath.flows import is_atomic

_EXACT = 2**53
"""Up to here every integer is a number of XPath's."""


def literal(text: str) -> Value:
    """Return a number as it is written in an expression."""
    value = float(text)
    if math.isinf(value):
        return Value("num", f'number("{text}")')
    if value.is_integer() and value <= _EXACT:
        return Value("num", str(int(value)), whole=True)
    return Value("num", repr(value))


def negative(operand: Value) -> Value:
    """Return the negative of a number; there is a negative zero."""
    if not operand.whole:
        return Value("num", f"-{_atom(operand.code)}")
    if not operand.code.isdigit() or operand.code == "0":
        return Value("num", f"-{floating(operand)}")
    return replace(operand, code=f"-{operand.code}")


def floating(value: Value) -> str:
    """Return a number as floating point in Python, too."""
    if not value.whole:
        return _atom(value.code)
    return f"{value.code}.0" if re.fullmatch(r"-?\d+", value.code) else f"float({value.code})"


def quotient(operator: str, left: Value, right: Value) -> Value:
    """Return what ``div`` or ``mod`` yields."""
    name = "divided" if operator == "div" else "remainder"
    return Value("num", f"{name}({left.code}, {right.code})")


def chain(terms: list[tuple[str, Value]]) -> Value:
    """Return what operators of equal rank yield, each with the operand after it."""
    codes = [_atom(value.code) for _, value in terms]
    if all(value.whole for _, value in terms):
        written = (at for at, code in enumerate(codes) if re.fullmatch(r"-?\d+", code))
        at = next(written, 0)
        codes[at] = floating(terms[at][1])
    signs = (sign for sign, _ in terms)
    code = " ".join(f"{sign} {code}" for sign, code in zip(signs, codes, strict=True))
    return Value("num", code.strip())


def _atom(code: str) -> str:
    return code if is_atomic(code) else f"({code})"
