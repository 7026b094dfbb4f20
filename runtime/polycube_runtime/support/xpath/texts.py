"""Text in XPath 1.0 and YANG: what nodes and numbers are as text, and functions of it."""

from __future__ import annotations

import math
import re
from collections.abc import Collection, Iterable, Mapping
from decimal import Decimal

from polycube_runtime.support.types.patterns import matcher


def text(value: object) -> str:
    """Return the string value of a node, or of a number."""
    match value:
        case str():
            return value
        case bool():
            return "true" if value else "false"
        case None | [None]:
            return ""
        case float():
            return _float_text(value)
        case Mapping():
            return "".join(text(item) for item in value.values())
        case list():
            return "".join(text(item) for item in value)
        case _:
            return str(value)


def _float_text(value: float) -> str:
    if math.isnan(value):
        return "NaN"
    if math.isinf(value):
        return "Infinity" if value > 0 else "-Infinity"
    return str(int(value)) if value.is_integer() else f"{Decimal(repr(value)):f}"


def texts(nodes: Iterable[object]) -> set[str]:
    """Return the string values of the nodes that are there."""
    return {text(node) for node in nodes if node is not None}


def same(left: object, right: object) -> bool:
    """Return whether two nodes are there and have the same string value."""
    return left is not None and right is not None and text(left) == text(right)


def differs(left: object, right: object) -> bool:
    """Return whether two nodes are there and have different string values."""
    return left is not None and right is not None and text(left) != text(right)


def within(value: object, known: Collection[str]) -> bool:
    """Return whether a node is there, and its string value is one of ``known``."""
    return value is not None and text(value) in known


def before(value: str, part: str) -> str:
    """Return what is before the first ``part``, nothing if there is none."""
    return value.partition(part)[0] if part and part in value else ""


def after(value: str, part: str) -> str:
    """Return what is after the first ``part``, nothing if there is none."""
    return value.partition(part)[2] if part else value


def normalized(value: str) -> str:
    """Return text without space around it, and single spaces in it."""
    return " ".join(filter(None, re.split("[ \t\r\n]", value)))


def translate(value: str, old: str, new: str) -> str:
    """Return text with each character of ``old`` replaced by that of ``new``, or removed."""
    table: dict[int, str] = {}
    for place, char in enumerate(old):
        table.setdefault(ord(char), new[place : place + 1])
    return value.translate(table)


def matches(value: str, pattern: str) -> bool:
    """Return whether ``pattern`` matches the whole text."""
    return matcher(pattern)(value)


def bit_is_set(value: object, bit: str) -> bool:
    """Return whether a bit is one of those that are set."""
    return isinstance(value, str) and bit in value.split()


def derived(value: object, identity: str, known: Mapping[str, Collection[str]]) -> bool:
    """Return whether an identity is one of those that ``known`` has for the name of another."""
    return value is not None and text(value) in known.get(identity, ())
