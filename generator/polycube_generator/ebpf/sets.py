"""Sets: lists that have keys only, and leaf-lists with a map of their own.

What is in a set is a key of its map; the value is a ``u8`` that is 1.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from polycube_generator import bindings, ir, layout
from polycube_generator.ebpf import several, values
from polycube_generator.types import Statement, Unsupported

if TYPE_CHECKING:
    from polycube_generator.ebpf.binding import Bindable


def is_set(node: Bindable) -> bool:
    """Tell whether nothing of a list is in the value of its map."""
    return isinstance(node, ir.List) and not values.of_list(node)


def value(kind: str, binding: Statement) -> ir.Struct:
    """Return the value of a set's map."""
    if "percpu" in kind:
        message = f"a set has nothing for each CPU; take kind {kind.replace('percpu_', '')}"
        raise Unsupported(bindings.find(binding, "kind"), message)
    note = "1 of what is in the set" + (", 0 elsewhere" if "array" in kind else "")
    return layout.scalar("value", layout.mark(layout.MEMBER, note))


def as_list(node: ir.LeafList) -> ir.List:
    """Return a leaf-list as the list whose only key it is."""
    leaf = replace(several.element(node), key=True, description=node.description)
    return ir.List(
        **several.shared(node),
        conditional=node.conditional,
        keys=(node.name,),
        children=(leaf,),
    )
