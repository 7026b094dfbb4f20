"""Maps of maps: an inner map for each entry of the lists around a bound one."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from polycube_generator import bindings, ir, layout
from polycube_generator.ebpf import keys, values
from polycube_generator.types import Statement, Unsupported

if TYPE_CHECKING:
    from collections.abc import Sequence

_HASH, _ARRAY = "hash_of_maps", "array_of_maps"


def outer(
    statement: Statement, name: str, entries: int, node: ir.Node, around: Sequence[keys.Outer]
) -> ir.Outer:
    """Return the map of maps that an ``ebpf:outer`` asks for.

    In no other list, it has one inner map, so that a change of the list is one write.
    """
    binding = statement.parent
    if not isinstance(node, ir.List):
        message = f"ebpf:outer is for lists: {node.name} has one value, which changes as one anyway"
        raise Unsupported(statement, message)
    if occupied := bindings.find(binding, "occupied"):
        message = "ebpf:occupied is for one map; here each entry around the list has its own"
        raise Unsupported(occupied, message)
    kind = _kind(statement, around)
    if not around:
        if entries != 1:
            message = f"{node.name} is in no other list: it has 1 inner map, not {entries}"
            raise Unsupported(bindings.find(statement, "entries"), message)
        return ir.Outer(name, kind, entries, layout.index())
    if kind == _ARRAY:
        return ir.Outer(name, kind, entries, _index(statement, around))
    slots = [keys.outer(*one) for one in around]
    values.distinct(slots, statement)
    key = layout.struct(f"{name}_key", slots, alignment=layout.KEY_ALIGNMENT)
    return ir.Outer(name, kind, entries, key)


def _kind(statement: Statement, around: Sequence[keys.Outer]) -> str:
    kind = bindings.argument(statement, "kind") or (_HASH if around else _ARRAY)
    at = bindings.find(statement, "kind")
    if kind not in {_HASH, _ARRAY}:
        raise Unsupported(at, f"{kind!r} holds no maps; take {_HASH} or {_ARRAY}")
    if kind == _HASH and not around:
        raise Unsupported(at, f"there is no list around it, whose key could be hashed: {_ARRAY}")
    return kind


def _index(statement: Statement, around: Sequence[keys.Outer]) -> ir.Struct:
    """Return the index of an array of maps: the only key around the list."""
    if len(around) > 1:
        names = " and ".join(leaf.path for leaf, _, _ in around)
        message = f"the index of an array is one key, not {names}; take kind {_HASH}"
        raise Unsupported(bindings.find(statement, "kind"), message)
    leaf, described, _ = around[0]
    named = replace(leaf, name=leaf.path)
    return keys.index((named,), {named.name: described}, statement)
