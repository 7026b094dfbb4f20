"""Leaves whose bytes are no value of theirs: ports, and what nobody gives."""

from __future__ import annotations

import re

from polycube_generator import bindings, datatree, defaults, ir, layout
from polycube_generator.types import Statement, Unsupported

_PORT_NAMES = "/ports/name"
"""Where the names of ports are in a model."""


def names_port(statement: Statement, leaf: ir.Leaf) -> bool:
    """Tell whether the values of a leaf are ports: it says so, or refers to their names."""
    refers = isinstance(leaf.type, ir.Leafref) and leaf.type.path == _PORT_NAMES
    return refers or bindings.find(statement, "port") is not None


def port(statement: Statement, leaf: ir.Leaf, member: str) -> layout.Slot:
    """Return the index of a port, of which the leaf is the name."""
    if not isinstance(ir.concrete(leaf.type), ir.String):
        port = bindings.find(statement, "port")
        raise Unsupported(port, f"{leaf.name} names a port: make it a string or a leafref to one")
    given = leaf.is_given if leaf.config else _is_always_told(statement)
    optional = leaf.conditional or not given or _is_in_presence(statement)
    return layout.integer(
        member, "u32", 32, ir.Field(leaf, "optional_port" if optional else "port")
    )


def _is_always_told(statement: Statement) -> bool:
    """Tell whether all entries are of the data plane, which names a port in each of them."""
    above = datatree.parent(statement)
    ours = above is not None and bool(above.i_config)
    return not ours and bindings.find(statement, "optional") is None


def _is_in_presence(statement: Statement) -> bool:
    """Tell whether a presence container is around a leaf, below the bound node."""
    above = datatree.parent(statement)
    if above is None or above.keyword != "container" or bindings.find(above, "map") is not None:
        return False
    return above.search_one("presence") is not None or _is_in_presence(above)


def created(statement: Statement, leaf: ir.Leaf, kind: str) -> object:
    """Return what a read-only leaf is in entries of the operator; None if they are not asked."""
    created = bindings.find(statement, "created")
    if created is None:
        return None
    if leaf.config or not kind or leaf.binding == "":
        message = "ebpf:created is for read-only leaves: others the operator gives"
        raise Unsupported(created, message)
    type_ = ir.concrete(leaf.type)
    value = defaults.value(type_, created) if _fits(type_, str(created.arg)) else None
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
            digits = re.fullmatch(r"0|-?[1-9][0-9]{0,19}", text)
            return digits is not None and any(low <= int(text) <= high for low, high in ranges)
        case _:
            return False
