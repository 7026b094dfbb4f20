"""Leaves that name network interfaces: a map holds their indices."""

from __future__ import annotations

from polycube_generator import bindings, ir, layout
from polycube_generator.types import Statement, Unsupported


def names_netdev(statement: Statement) -> bool:
    """Tell whether the values of a leaf are network interfaces."""
    return bindings.find(statement, "netdev") is not None


def check_list(statement: Statement, node: ir.LeafList) -> None:
    """Refuse a leaf-list of interfaces in a value: each of them may go."""
    if asked := bindings.find(statement, "netdev"):
        message = (
            f"the interfaces of leaf-list {node.name} may go one by one: "
            "give it a map of its own (ebpf:map), without ordered-by user"
        )
        raise Unsupported(asked, message)


def check_outer(map_: ir.Map, binding: Statement) -> ir.Map:
    """Return a map; refuse interfaces in one that is in a map of maps."""
    fields = (*map_.key.fields, *map_.value.fields)
    named = [field.leaf.name for _, field in fields if field.kind.endswith("netdev")]
    if named and map_.outer is not None:
        message = f"{named[0]} names an interface, which a map in a map of maps cannot follow"
        raise Unsupported(bindings.find(binding, "outer"), f"{message}: leave ebpf:outer out")
    return map_


def netdev(statement: Statement, leaf: ir.Leaf, member: str, kind: str) -> layout.Slot:
    """Return the index of an interface, of which the leaf is the name; 0 if it is not given.

    ``kind`` is that of the map if the leaf is in its value.
    """
    asked = bindings.find(statement, "netdev")
    if not isinstance(ir.concrete(leaf.type), ir.String):
        raise Unsupported(asked, f"{leaf.name} names a network interface: make it a string")
    if leaf.default is not None:
        message = f"{leaf.name} names an interface, which may not be there: leave its default out"
        raise Unsupported(asked, message)
    if leaf.mandatory and kind in bindings.ARRAYS:
        message = (
            f"the interface of {leaf.name} may go, and an array's entry stays: "
            "leave mandatory out, or take kind hash"
        )
        raise Unsupported(asked, message)
    needed = leaf.key or (leaf.config and leaf.is_given and "/" not in leaf.name)
    return layout.integer(
        member, "u32", 32, ir.Field(leaf, "netdev" if needed else "optional_netdev")
    )
