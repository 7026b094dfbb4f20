"""Leaves that may not be there: each has a bit in a word at the front of the value."""

from __future__ import annotations

from dataclasses import replace

from polycube_generator import bindings, ir, layout
from polycube_generator.ebpf import devices, meanings, numbers
from polycube_generator.types import Statement, Unsupported

WORD = "has"
"""The member that has the bits."""

_MOST = 64


def is_optional(statement: Statement, leaf: ir.Leaf | ir.LeafList) -> bool:
    """Tell whether a leaf needs a bit; ports, times, unions and leaf-lists say it themselves."""
    asked = bindings.find(statement, "optional")
    if isinstance(leaf, ir.LeafList) or _says_itself(statement, leaf):
        if asked is not None:
            message = f"{leaf.name} says by itself whether it is there: leave ebpf:optional out"
            raise Unsupported(asked, message)
        return False
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
    return (
        not leaf.key
        and not devices.names_netdev(statement)
        and not meanings.names_port(statement, leaf)
        and not leaf.is_given
    )


def _says_itself(statement: Statement, leaf: ir.Leaf) -> bool:
    """Tell whether the bytes of a leaf are zero where it is not there, and else are not."""
    is_union = isinstance(ir.concrete(leaf.type), ir.Union)
    return is_union or bindings.find(statement, "time") is not None


def marked(
    slots: list[layout.Slot], optional: dict[str, Statement]
) -> tuple[layout.Slot, list[layout.Slot]]:
    """Return the word, as narrow as can be, and the slots, each optional one with its bit."""
    if len(optional) > _MOST:
        message = f"a value has {_MOST} leaves that may be left out, not more: give it a default"
        raise Unsupported([*optional.values()][_MOST], message)
    bits = {name: 1 << number for number, name in enumerate(optional)}
    marks = {
        field.leaf.name: bits[field.leaf.name]
        for slot in slots
        if (field := slot.field) and field.kind == "presence"
    }
    found = [_marked(slot, slot.field, bits, marks) if slot.field else slot for slot in slots]
    return layout.word(WORD, numbers.narrowest(2 ** len(bits) - 1)), found


def _marked(
    slot: layout.Slot, field: ir.Field, bits: dict[str, int], marks: dict[str, int]
) -> layout.Slot:
    """Return a slot with its own bit, and those of the presence containers around it."""
    name = field.leaf.name
    within = sum(bit for mark, bit in marks.items() if name.startswith(f"{mark}/"))
    return replace(slot, field=replace(field, bit=bits.get(name, 0), within=within))
