"""The numbers of XPath 1.0: double-precision floating point, with NaN, infinities and -0.

Counts and lengths are integers of Python's, which is the same as long as only floating-point
numbers are reckoned with; the generator sees to that.
"""

from __future__ import annotations

import math
import re
from typing import TYPE_CHECKING, TypeAlias

from polycube_runtime.support.xpath.texts import text

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

NAN = math.nan

Number: TypeAlias = int | float

_NUMBER = re.compile(r"-?(?:[0-9]+(?:\.[0-9]*)?|\.[0-9]+)")
"""What XPath reads as a number: digits of ASCII, no exponent, no plus sign."""


def number(value: object) -> float:
    """Return the number that a node or text is; NaN if it is none, as ``true`` of a leaf is."""
    if isinstance(value, int | float) and not isinstance(value, bool):
        return float(value)
    written = text(value).strip(" \t\r\n")
    return float(written) if _NUMBER.fullmatch(written) else NAN


def truth(value: Number) -> bool:
    """Return whether a number is neither zero nor NaN."""
    return value != 0 and not math.isnan(value)


def unequal(left: object, right: Number | None) -> bool:
    """Return whether a node is there and is not a number."""
    return left is not None and right is not None and number(left) != right


def total(nodes: Iterable[object]) -> float:
    """Return the sum of the nodes."""
    return sum((number(node) for node in nodes if node is not None), 0.0)


def numbers(nodes: Iterable[object]) -> set[float]:
    """Return the numbers that nodes are."""
    return {found for node in nodes if node is not None and not math.isnan(found := number(node))}


def greatest(nodes: Iterable[object]) -> float:
    """Return the greatest number of nodes, NaN if none is a number."""
    return max(numbers(nodes), default=NAN)


def least(nodes: Iterable[object]) -> float:
    """Return the least number of nodes, NaN if none is a number."""
    return min(numbers(nodes), default=NAN)


def divided(left: Number, right: Number) -> float:
    """Return ``left div right``."""
    if right == 0:
        sign = math.copysign(1, left) * math.copysign(1, right)
        return NAN if left == 0 or math.isnan(left) else sign * math.inf
    return left / right


def remainder(left: Number, right: Number) -> float:
    """Return ``left mod right``, which has the sign of ``left``."""
    if right == 0 or math.isinf(left):
        return NAN
    return math.fmod(left, right)


def floor(value: Number) -> float:
    """Return the greatest integer that is not greater."""
    return math.copysign(math.floor(value), value) if math.isfinite(value) else value


def ceiling(value: Number) -> float:
    """Return the least integer that is not less."""
    return math.copysign(math.ceil(value), value) if math.isfinite(value) else value


def rounded(value: Number) -> float:
    """Return the nearest integer, the greater of two."""
    if not math.isfinite(value):
        return value
    low = math.floor(value)
    return math.copysign(low + (value - low >= 0.5), value)  # noqa: PLR2004


def enum_value(value: object, values: Mapping[str, int]) -> float:
    """Return the number of an enumeration's name; NaN if there is none."""
    return float(values[value]) if isinstance(value, str) and value in values else NAN


def substring(value: str, start: Number, length: Number | None = None) -> str:
    """Return the characters from the one at ``start``, the first being 1; without length, all."""
    low = rounded(start)
    high = math.inf if length is None else low + rounded(length)
    return "".join(char for place, char in enumerate(value, 1) if low <= place < high)
