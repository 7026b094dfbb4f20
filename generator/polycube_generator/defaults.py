"""Defaults: which statement gives it to a leaf, and the JSON value that it stands for."""

from __future__ import annotations

import re

from polycube_generator import ir, patterns
from polycube_generator.types import Statement, chain_of, decimal_text, text_of

_INTEGER = re.compile(r"[+-]?(0[xX][0-9a-fA-F]+|0[0-7]*|[1-9][0-9]*)")
"""Decimal, hexadecimal or octal, as defaults may be written (RFC 7950, 9.2.1)."""


def value(type_: ir.Type, given: Statement) -> object:
    """Return the JSON value that the argument of a statement stands for; pyang has checked it."""
    text = str(given.arg)
    match ir.concrete(type_):
        case ir.Integer():
            return _number(text)
        case ir.Boolean():
            return text == "true"
        case ir.Decimal64():
            return decimal_text(text)
        case ir.Address():
            return text.lower()
        case ir.Bits(names=known):
            return " ".join(name for name in known if name in text.split())
        case ir.Identityref(values=values):
            return next((name for name in _identities(given) if name in values), text)
        case ir.Union(members=members):
            # It is the value of the first member that has it.
            fitting = (member for member in members if _accepts(ir.concrete(member), given))
            return next((value(member, given) for member in fitting), text)
        case _:
            return text


def of_leaf(leaf: Statement) -> Statement | None:
    """Return the statement with the default of a leaf: its own, or that of its type."""
    if leaf.i_default is None:
        return None
    return leaf.search_one("default") or _of_typedef(leaf)


def of_leaf_list(leaf_list: Statement) -> list[Statement]:
    """Return those of the default of a leaf-list: its own, or its type's (RFC 7950, 7.7.2)."""
    if own := leaf_list.search("default"):
        return list(own)
    if int(text_of(leaf_list, "min-elements") or 0) > 0:
        return []
    found = _of_typedef(leaf_list)
    return [] if found is None else [found]


def _of_typedef(leaf: Statement) -> Statement | None:
    typedefs = [type_.i_typedef for type_ in chain_of(leaf.search_one("type"))]
    found = [typedef.search_one("default") for typedef in typedefs if typedef]
    return next(filter(None, found), None)


def _identities(given: Statement) -> list[str]:
    """Return the qualified names that the name of an identity may mean where it is written."""
    prefix, _, local = str(given.arg).rpartition(":")
    places = [given.i_orig_module, given.i_module]
    found = [
        place.i_modulename if prefix in {"", place.i_prefix} else place.i_prefixes[prefix][0]
        for place in places
        if prefix in {"", place.i_prefix, *place.i_prefixes}
    ]
    return [f"{module}:{local}" for module in found]


def _number(text: str) -> int:
    """Return a number that may be written in hexadecimal or octal digits (RFC 7950, 9.2.1)."""
    digits = text.lower().lstrip("+-")
    base = 16 if digits.startswith("0x") else 8 if digits.startswith("0") and digits != "0" else 10
    return int(text, base)


def _accepts(type_: ir.Type, given: Statement) -> bool:
    text = str(given.arg)
    match type_:
        case ir.Integer(ranges=ranges):
            fits = _INTEGER.fullmatch(text) is not None
            return fits and any(low <= _number(text) <= high for low, high in ranges)
        case ir.Boolean():
            return text in {"true", "false"}
        case ir.Enumeration(values=values):
            return text in {one.name for one in values}
        case ir.Identityref(values=values):
            return any(name in values for name in _identities(given))
        case ir.Bits(names=known):
            return set(text.split()) <= set(known)
        case ir.Decimal64():
            return re.fullmatch(r"[+-]?[0-9]+(\.[0-9]+)?", text) is not None
        case ir.String(patterns=found, lengths=lengths):
            fits = not lengths or any(low <= len(text) <= high for low, high in lengths)
            return fits and all(map(patterns.matcher(text), found))
        case ir.Union(members=members):
            return any(_accepts(ir.concrete(member), given) for member in members)
        case ir.Empty():
            return False
        case _:
            return True
