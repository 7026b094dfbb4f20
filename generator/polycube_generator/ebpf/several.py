"""What one leaf has several of: the values of a leaf-list, the types of a union.

Both are a struct in the struct, which begins with a number: how many values there are, or which of
the types the value is of. It is as wide as what follows is aligned, so there is no hole between.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, Any

from polycube_generator import bindings, ir, layout
from polycube_generator.ebpf import numbers
from polycube_generator.types import Statement, Unsupported

if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

COUNT, VALUES, TAG = "count", "values", "type"
"""What the members of these structs are called."""

_OF_LEAVES = ("age", "atomic", "created", "optional", "sum")
"""Statements that say nothing of several values."""

_LARGEST = 4096
"""Octets of a leaf-list: what is longer belongs into a map of its own."""


def shared(node: ir.LeafList | ir.Container) -> dict[str, Any]:
    """Return what a node has in common with another kind of node that stands for it."""
    names = ("name", "path", "attr", "field", "place", "config", "binding")
    return {name: getattr(node, name) for name in names}


def element(node: ir.LeafList) -> ir.Leaf:
    """Return one value of a leaf-list as a leaf."""
    return ir.Leaf(**shared(node), type=node.type, mandatory=True)


def many(statement: Statement, node: ir.LeafList, one: layout.Slot) -> layout.Slot:
    """Return a leaf-list, of whose values ``one`` is the first."""
    for keyword in _OF_LEAVES:
        if found := bindings.find(statement, keyword):
            message = f"ebpf:{keyword} is for leaves: {node.name} has several values"
            raise Unsupported(found, message)
    if not node.max_elements:
        message = (
            f"leaf-list {node.name} needs max-elements to be in a map, or a map of its own: "
            "max-elements 8"
        )
        raise Unsupported(statement, message)
    if not one.size or one.field is None:
        raise Unsupported(statement, f"the values of {node.name} are all the same: it is no list")
    count = max(numbers.narrowest(node.max_elements) // 8, one.alignment)
    size = count + node.max_elements * one.size
    if size > _LARGEST:
        message = (
            f"leaf-list {node.name} would have {size} octets in the map, more than {_LARGEST}; "
            "give it fewer max-elements, or a map of its own"
        )
        raise Unsupported(statement, message)
    part = ir.Member(VALUES, one.c_type, count, one.size, one.array, one.field, one.format)
    inner = f"u{8 * count} {COUNT}; {_declared(one, VALUES, node.max_elements)}"
    field = ir.Field(node, "list", parts=(part,))
    return layout.compound(one.name, inner, _rounded(size, count), count, field)


def one_of(leaf: ir.Leaf, member: str, slots: Sequence[layout.Slot]) -> layout.Slot:
    """Return a union, each of whose types has a slot; an empty one has no bytes but its number."""
    named = list(_named(slots))
    width = max(numbers.narrowest(len(named)) // 8, *(one.alignment for one in named))
    parts = tuple(
        ir.Member(one.name, one.c_type, width, one.size, one.array, one.field, one.format)
        for one in named
    )
    inner = " ".join(_declared(one, one.name) for one in named if one.size)
    size = width + _rounded(max(one.size for one in named), width)
    union = f" union {{ {inner} }};" if inner else ""
    field = ir.Field(leaf, "union", parts=parts)
    return layout.compound(member, f"u{8 * width} {TAG};{union}", size, width, field)


def flat(types: Iterable[ir.Type]) -> list[ir.Type]:
    """Return the types of a union, those of unions in it in their place."""
    found: list[ir.Type] = []
    for type_ in types:
        concrete = ir.concrete(type_)
        found += flat(concrete.members) if isinstance(concrete, ir.Union) else [type_]
    return found


def called(type_: ir.Type) -> str:
    """Return what a type of a union is called in C."""
    match ir.concrete(type_):
        case ir.Address(name=name):
            return name.removesuffix("-address").replace("-", "_")
        case ir.Integer() | ir.Decimal64():
            return "number" if isinstance(ir.concrete(type_), ir.Integer) else "decimal"
        case ir.String():
            return "text"
        case ir.Binary():
            return "octets"
        case ir.Enumeration():
            return "name"
        case ir.Identityref():
            return "identity"
        case other:
            return type(other).__name__.lower()


def _named(slots: Iterable[layout.Slot]) -> Iterable[layout.Slot]:
    """Yield the slots, the second of a name with a number."""
    seen: dict[str, int] = {}
    for one in slots:
        seen[one.name] = number = seen.get(one.name, 0) + 1
        yield one if number == 1 else replace(one, name=f"{one.name}_{number}")


def _declared(one: layout.Slot, name: str, times: int = 0) -> str:
    many = f"[{times}]" if times else ""
    return f"{one.c_type} {name}{many}{f'[{one.array}]' if one.array else ''};"


def _rounded(size: int, alignment: int) -> int:
    return size + -size % alignment
