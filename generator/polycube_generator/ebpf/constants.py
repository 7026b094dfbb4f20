"""The C constants of what is in maps."""

from __future__ import annotations

from typing import TypeAlias

from polycube_generator import ir, names

_NO_PORT = 2**32 - 1
"""What stands in a map for a port that is not given."""

Named: TypeAlias = tuple[ir.Leaf | ir.LeafList, ir.Constants]
"""Constants, and the leaf whose they are."""


def constants(maps: tuple[ir.Map, ...]) -> list[Named]:
    """Return the C constants of ``maps``: what is there in a value, and what its leaves can be."""
    found: list[Named] = []
    for map_ in maps:
        found += [*_presence(map_), *_exact(map_)]
        for member, field in (*map_.row.fields, *map_.value.fields):
            named = [(f"{member.name.upper()}_{name}", n) for name, n in _named_values(field)]
            if named:
                made = tuple(ir.Constant(name, value) for name, value in named)
                found.append((field.leaf, ir.Constants(field.leaf.path, made)))
    return found


def _presence(map_: ir.Map) -> list[Named]:
    """Return the bits of the leaves that may not be there."""
    optional = [(member, field) for member, field in map_.value.fields if field.bit]
    if not optional:
        return []
    bits = tuple(
        ir.Constant(f"{map_.name.upper()}_HAS_{member.name.upper()}", field.bit)
        for member, field in optional
    )
    return [(optional[0][1].leaf, ir.Constants(map_.node, bits))]


def _exact(map_: ir.Map) -> list[Named]:
    """Return how many bits come before the prefix in the key of a trie."""
    if not map_.key.exact:
        return []
    bits = ir.Constant(f"{map_.name.upper()}_EXACT_BITS", 8 * map_.key.exact)
    return [(map_.key.fields[-1][1].leaf, ir.Constants(map_.node, (bits,)))]


def _named_values(field: ir.Field) -> list[tuple[str, int]]:
    type_ = ir.concrete(field.leaf.type)
    if field.parts:
        return _parts(field)
    if field.kind == "optional_port":
        return [("NONE", _NO_PORT)]
    if isinstance(type_, ir.Bits):
        masks = zip(type_.names, type_.positions, strict=True)
        return [(names.constant(name), 1 << position) for name, position in masks]
    if field.kind == "decimal64":
        return [("SCALE", 10**field.digits)]
    if field.kind != "enum":
        return []
    if isinstance(type_, ir.Identityref):
        return [(names.constant(name.rpartition(":")[2]), n) for name, n in type_.numbered]
    return [(value.constant, value.value) for value in getattr(type_, "values", ())]


def _parts(field: ir.Field) -> list[tuple[str, int]]:
    """Return the constants of what a leaf-list or a union has, and the types of a union."""
    found = []
    for number, part in enumerate(field.parts, 1):
        if field.kind == "union":
            found.append((f"IS_{part.name.upper()}", number))
        if part.field:
            found += _named_values(part.field)
    return found
