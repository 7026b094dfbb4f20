"""Pools: leaf-lists whose values the data plane takes out of a queue or a stack, and gives back."""

from __future__ import annotations

from dataclasses import replace

from polycube_generator import bindings, ir
from polycube_generator.ebpf import several, values
from polycube_generator.types import Statement, Unsupported

KINDS = frozenset({"queue", "stack"})
NO_KEY = ir.Struct("", 0, ())


def is_pool(statement: Statement) -> bool:
    """Tell whether a leaf-list is bound to a queue or a stack."""
    binding = bindings.find(statement, "map")
    return binding is not None and bindings.argument(binding, "kind") in KINDS


def value(statement: Statement, node: ir.LeafList, *, is_inside: bool) -> ir.Struct:
    """Return what there is for each value of a pool; ``is_inside`` of one in a list."""
    kind = bindings.find(bindings.find(statement, "map"), "kind")
    if is_inside:
        message = f"{node.name} is in a list: a {kind.arg} is of the whole cube; move it out"
        raise Unsupported(kind, message)
    if not node.config:
        message = f"{node.name} is not configured, and what the data plane puts there nobody sees"
        raise Unsupported(kind, f"{message}: make it config true, or declare the {kind.arg} in C")
    if not isinstance(ir.concrete(node.type), ir.Integer | ir.Address):
        message = f"{node.name} cannot be in a {kind.arg}: that holds numbers, addresses, prefixes"
        raise Unsupported(kind, message)
    leaf = replace(several.element(node), description=node.description)
    return values.scalar(statement, leaf, str(kind.arg))


def of(service: ir.Service) -> list[tuple[ir.Map, ir.LeafList]]:
    """Return the pools of a service, and their leaf-lists."""
    maps = {one.node: one for one in service.maps if one.kind in KINDS}
    return [(maps[node.path], node) for node in _leaf_lists(service.children) if node.path in maps]


def _leaf_lists(children: tuple[ir.Node, ...]) -> list[ir.LeafList]:
    found: list[ir.LeafList] = []
    for child in children:
        if isinstance(child, ir.LeafList):
            found.append(child)
        elif isinstance(child, ir.Container):
            found += _leaf_lists(child.children)
    return found
