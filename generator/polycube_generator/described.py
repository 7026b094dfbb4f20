"""Types, accesses and values in words, as the reference pages and ``diff`` have them."""

from __future__ import annotations

import json

from polycube_generator import ir

_UNLIMITED = 2**63


def type_name(type_: ir.Type) -> str:
    """Return what a type is called: ``uint32``, ``mac-address``, ``leafref to /ports/name``."""
    match type_:
        case ir.Integer(bits=bits, signed=signed):
            return f"{'' if signed else 'u'}int{bits}"
        case ir.Address(name=name):
            return name
        case ir.Leafref(path=path):
            return f"leafref to {path}"
        case ir.Union(members=members):
            return " or ".join(dict.fromkeys(type_name(member) for member in members))
        case ir.InstanceIdentifier():
            return "instance-identifier"
        case _:
            return type(type_).__name__.lower()


def values(type_: ir.Type) -> list[str]:
    """Return what restricts the values of a type, one phrase each."""
    match type_:
        case ir.Integer(ranges=ranges):
            return [_intervals(ranges)]
        case ir.Decimal64(fraction_digits=digits, ranges=ranges):
            return [f"{digits} digits after the point", *([_intervals(ranges)] if ranges else [])]
        case ir.String(patterns=patterns, lengths=lengths, inverted=inverted):
            found = [f"{_intervals(lengths)} characters"] if lengths else []
            found += [f"matches {pattern}" for pattern in patterns]
            return found + [f"does not match {pattern}" for pattern in inverted]
        case ir.Binary(lengths=lengths):
            return [f"{_intervals(lengths)} octets"] if lengths else []
        case ir.Leafref(target=target):
            return values(target)
        case ir.Union(members=members):
            return [f"{type_name(one)}: {text}" for one in members for text in values(one)]
        case _:
            return []


def errors(type_: ir.Type) -> ir.Told:
    """Return the restrictions of a type that have an error-message or error-app-tag."""
    match ir.concrete(type_):
        case ir.Union(members=members):
            return tuple(told for member in members for told in errors(member))
        case ir.Integer() | ir.Decimal64() | ir.String() as limited:
            return limited.errors
        case _:
            return ()


def choices(type_: ir.Type) -> list[tuple[str, str]]:
    """Return the words among which a value is, each with its description."""
    match ir.concrete(type_):
        case ir.Enumeration(values=found):
            return [(value.name, value.description) for value in found]
        case ir.Bits(names=names):
            return [(name, "a bit") for name in names]
        case ir.Identityref(values=found):
            return [(name, "") for name in found]
        case ir.Union(members=members):
            return [pair for member in members for pair in choices(member)]
        case _:
            return []


def access(node: ir.Node) -> str:
    """Return ``configuration``, ``configuration, only when created`` or ``state``."""
    if not node.config:
        return "state, read-only"
    return "configuration, only when it is created" if node.init_only else "configuration"


def shown(value: object) -> str:
    """Return a JSON value as text."""
    return json.dumps(value, ensure_ascii=False)


def _intervals(intervals: tuple[tuple[object, object], ...]) -> str:
    return " or ".join(
        f"{low}" if low == high else f"{low} or more" if _is_unlimited(high) else f"{low}..{high}"
        for low, high in intervals
    )


def _is_unlimited(high: object) -> bool:
    return isinstance(high, int) and high >= _UNLIMITED and high != 2**64 - 1
