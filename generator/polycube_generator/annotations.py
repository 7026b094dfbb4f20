"""The Python types of generated models and hooks."""

from __future__ import annotations

from polycube_generator import ir


def annotation(node: ir.Leaf | ir.LeafList) -> str:
    """Return the annotation of a leaf's value, or of all values of a leaf-list."""
    type_ = of_type(node.type)
    return f"list[{type_}]" if isinstance(node, ir.LeafList) else type_


def of_type(type_: ir.Type) -> str:
    """Return the annotation of a type."""
    match ir.concrete(type_):
        case ir.Integer():
            return "int"
        case ir.Decimal64():
            return "Decimal"
        case ir.Boolean():
            return "bool"
        case ir.Empty():
            return "list[None]"
        case ir.Enumeration(class_name=name):
            return name
        case ir.Union(members=members):
            return _union(members)
        case _:
            return "str"


def _union(members: tuple[ir.Type, ...]) -> str:
    """Return one alternative per JSON type: msgspec could not tell two kinds of text apart."""
    texts = {"Decimal", "str"}
    found = {of_type(member) for member in members}
    enums = {name for name in found if name[0].isupper()}
    if len(enums | (found & texts)) > 1:
        found = (found - enums - texts) | {"str"}
    return " | ".join(sorted(found))
