"""Leaves that may not be there: each has a bit in a word at the front of the value."""

from __future__ import annotations

from dataclasses import replace

from polycube_generator import bindings, ir, layout
from polycube_generator.ebpf import meanings, numbers
from polycube_generator.types import Statement, Unsupported

WORD = "has"
"""The member that has the bits."""

_MOST = 64


def is_optional(statement: Statement, leaf: ir.Leaf) -> bool:
    """Tell whether a leaf needs a bit; a port that is not given says so by itself."""
    asked = bindings.find(statement, "optional")
    if asked is not None and (leaf.config or leaf.key or bindings.find(statement, "sum")):
        message = (
            f"ebpf:optional is for read-only leaves that are no sums: whether {leaf.name} may be "
            "left out, its mandatory and default say"
        )
        raise Unsupported(asked, message)
    if isinstance(ir.concrete(leaf.type), ir.Empty):
        return not leaf.key
    if not leaf.config:
        return asked is not None or bool(leaf.when)
    return not leaf.key and not meanings.names_port(statement, leaf) and not leaf.is_given


def marked(
    slots: list[layout.Slot], optional: dict[str, Statement]
) -> tuple[layout.Slot, list[layout.Slot]]:
    """Return the word, as narrow as can be, and the slots, each optional one with its bit."""
    if len(optional) > _MOST:
        message = f"a value has {_MOST} leaves that may be left out, not more: give it a default"
        raise Unsupported([*optional.values()][_MOST], message)
    bits = {name: 1 << number for number, name in enumerate(optional)}
    found = [
        replace(slot, field=replace(slot.field, bit=bits[slot.field.leaf.name]))
        if slot.field and slot.field.leaf.name in bits
        else slot
        for slot in slots
    ]
    return layout.word(WORD, numbers.narrowest(2 ** len(bits) - 1)), found
