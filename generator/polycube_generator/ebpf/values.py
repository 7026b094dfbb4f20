"""What the value of a map is made of, and which leaves may be in it."""

from __future__ import annotations

import re
from dataclasses import replace
from typing import TYPE_CHECKING

from polycube_generator import bindings, ir, layout
from polycube_generator.ebpf import inside, members, presence
from polycube_generator.types import Statement, Unsupported

if TYPE_CHECKING:
    from collections.abc import Sequence

_OWN = {presence.WORD: "the presence word", layout.STAMP: "the time of the event"}
"""Members that hold no leaf."""


def of_container(node: ir.Container | ir.Notification) -> list[inside.Held]:
    """Return the leaves of a container that are in its map."""
    return inside.held(node)


def of_list(node: ir.List) -> list[inside.Held]:
    """Return the leaves of a list that are in its map, and not in the key."""
    return [leaf for leaf in inside.held(node) if leaf.name not in node.keys]


def scalar(statement: Statement, leaf: ir.Leaf | ir.LeafList, kind: str) -> ir.Struct:
    """Return the value of a bound leaf, or of a leaf-list whose order counts."""
    slot = members.slot(statement, leaf, kind)
    name = f"{bindings.argument(statement, 'map')}_value"
    if presence.is_optional(statement, leaf):
        return _with_word(name, [slot], {leaf.name: statement})
    return layout.struct(name, [slot]) if slot.is_compound else layout.scalar("value", slot)


def struct(
    name: str,
    held: Sequence[inside.Held],
    leaves: dict[str, Statement],
    kind: str,
    binding: Statement,
    front: Sequence[layout.Slot] = (),
) -> ir.Struct:
    """Return the value of a map: the slots ``front``, then the leaves that are ``held``.

    The presence word comes before the first leaf.
    """
    if not held and not front:
        message = f"the value of map {name} is empty: it needs a leaf that is not in the key"
        raise Unsupported(binding, message)
    front, slots = [one for one in front if not one.field], [one for one in front if one.field]
    slots += [members.slot(leaves[leaf.name], leaf, kind) for leaf in held]
    optional = {
        leaf.name: leaves[leaf.name]
        for leaf in held
        if presence.is_optional(leaves[leaf.name], leaf)
    }
    word = [layout.word(presence.WORD, 8)] if optional else []
    distinct([*front, *word, *slots], binding)
    if not optional:
        return layout.struct(f"{name}_value", [*front, *slots])
    return _with_word(f"{name}_value", slots, optional, front)


def _with_word(
    name: str,
    slots: list[layout.Slot],
    optional: dict[str, Statement],
    front: Sequence[layout.Slot] = (),
) -> ir.Struct:
    """Return a struct with a presence word, which has a bit for each of the ``optional`` leaves."""
    word, marked = presence.marked(slots, optional)
    return replace(layout.struct(name, [*front, word, *marked]), has=word.name)


def distinct(slots: list[layout.Slot], binding: Statement) -> None:
    """Refuse two members of one name, and those that could be taken for padding."""
    seen: dict[str, str] = {}
    for slot in slots:
        own = _OWN.get(slot.name, "ebpf:presence")
        leaf = slot.field.leaf.name if slot.field else own
        if slot.name in seen or re.fullmatch(r"pad_\d+", slot.name):
            other = seen.get(slot.name, "padding")
            message = f"{leaf} and {other} are both {slot.name} in C; rename one with ebpf:member"
            raise Unsupported(binding, message)
        seen[slot.name] = leaf
