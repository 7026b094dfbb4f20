"""Leaves whose bytes are no value of theirs: ports, times, and what nobody gives."""

from __future__ import annotations

import re

from polycube_generator import bindings, ir, layout
from polycube_generator.types import Statement, Unsupported, default

_PORT_NAMES = "/ports/name"
"""Where the names of ports are in a model."""


def age(statement: Statement, leaf: ir.Leaf, member: str) -> layout.Slot:
    """Return the time of last use, of which the leaf is the distance from now."""
    age = bindings.find(statement, "age")
    type_ = ir.concrete(leaf.type)
    if leaf.config or not isinstance(type_, ir.Integer) or type_.signed:
        raise Unsupported(age, f"{leaf.name} is an age: make it an unsigned integer, config false")
    expiry = bindings.argument(age, "expiry") or ""
    return layout.integer(member, "u64", 64, ir.Field(leaf, "age", expiry=expiry))


def names_port(statement: Statement, leaf: ir.Leaf) -> bool:
    """Tell whether the values of a leaf are ports: it says so, or refers to their names."""
    refers = isinstance(leaf.type, ir.Leafref) and leaf.type.path == _PORT_NAMES
    return refers or bindings.find(statement, "port") is not None


def port(statement: Statement, leaf: ir.Leaf, member: str) -> layout.Slot:
    """Return the index of a port, of which the leaf is the name."""
    if not isinstance(ir.concrete(leaf.type), ir.String):
        port = bindings.find(statement, "port")
        raise Unsupported(port, f"{leaf.name} names a port: make it a string or a leafref to one")
    optional = leaf.config and not leaf.is_given
    return layout.integer(
        member, "u32", 32, ir.Field(leaf, "optional_port" if optional else "port")
    )


def created(statement: Statement, leaf: ir.Leaf, kind: str) -> object:
    """Return what a read-only leaf is in entries of the operator; None if they are not asked."""
    created = bindings.find(statement, "created")
    if created is None:
        return None
    if leaf.config or not kind or leaf.binding == "":
        message = "ebpf:created is for read-only leaves: others the operator gives"
        raise Unsupported(created, message)
    type_ = ir.concrete(leaf.type)
    value = default(type_, str(created.arg)) if _fits(type_, str(created.arg)) else None
    if value is None:
        raise Unsupported(created, f"{created.arg!r} is not a value of {leaf.name}")
    return value


def _fits(type_: ir.Type, text: str) -> bool:
    match type_:
        case ir.Enumeration(values=values):
            return text in {value.name for value in values}
        case ir.Boolean():
            return text in {"true", "false"}
        case ir.Integer(ranges=ranges):
            digits = re.fullmatch(r"-?[0-9]{1,20}", text)
            return digits is not None and any(low <= int(text) <= high for low, high in ranges)
        case _:
            return False
