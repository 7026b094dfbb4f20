"""What the value of a map is made of, and which leaves may be in it."""

from __future__ import annotations

import re
from dataclasses import replace

from polycube_generator import bindings, ir, layout
from polycube_generator.ebpf import members, presence
from polycube_generator.types import Statement, Unsupported


def of_container(node: ir.Container) -> list[ir.Leaf]:
    """Return the leaves of a container that are in its map."""
    return _bound(node.children)


def of_list(node: ir.List) -> list[ir.Leaf]:
    """Return the leaves of a list that are in its map, and not in the key."""
    return [leaf for leaf in _bound(node.children) if not leaf.key]


def scalar(statement: Statement, leaf: ir.Leaf, kind: str) -> ir.Struct:
    """Return the value of a bound leaf."""
    slot = members.slot(statement, leaf, kind)
    name = f"{bindings.argument(statement, 'map')}_value"
    if presence.is_optional(statement, leaf):
        return _with_word(name, [slot], {leaf.name: statement})
    return layout.struct(name, [slot]) if slot.is_compound else layout.scalar("value", slot)


def struct(
    name: str,
    held: list[ir.Leaf],
    leaves: dict[str, Statement],
    kind: str,
    binding: Statement,
    mark: str = "",
) -> ir.Struct:
    """Return the value of a map; its first member, if named, marks the entries that are there."""
    if not held:
        message = f"the value of map {name} is empty: it needs a leaf that is not in the key"
        raise Unsupported(binding, message)
    slots = [members.slot(leaves[leaf.name], leaf, kind) for leaf in held]
    optional = {
        leaf.name: leaves[leaf.name]
        for leaf in held
        if presence.is_optional(leaves[leaf.name], leaf)
    }
    front = [layout.mark(mark)] if mark else []
    word = [layout.word(presence.WORD, 8)] if optional else []
    distinct([*front, *word, *slots], binding)
    if not optional:
        return layout.struct(f"{name}_value", [*front, *slots])
    return _with_word(f"{name}_value", slots, optional, front)


def _with_word(
    name: str,
    slots: list[layout.Slot],
    optional: dict[str, Statement],
    front: list[layout.Slot] | None = None,
) -> ir.Struct:
    """Return a struct with a presence word, which has a bit for each of the ``optional`` leaves."""
    word, marked = presence.marked(slots, optional)
    return replace(layout.struct(name, [*(front or []), word, *marked]), has=word.name)


def distinct(slots: list[layout.Slot], binding: Statement) -> None:
    """Refuse two members of one name, and those that could be taken for padding."""
    seen: dict[str, str] = {}
    for slot in slots:
        own = "the presence word" if slot.name == presence.WORD else "ebpf:presence"
        leaf = slot.field.leaf.name if slot.field else own
        if slot.name in seen or re.fullmatch(r"pad_\d+", slot.name):
            other = seen.get(slot.name, "padding")
            message = f"{leaf} and {other} are both {slot.name} in C; rename one with ebpf:member"
            raise Unsupported(binding, message)
        seen[slot.name] = leaf


def _bound(children: tuple[ir.Node, ...]) -> list[ir.Leaf]:
    return [child for child in children if isinstance(child, ir.Leaf) and child.binding]
