"""A map as a whole: its name, kind and size, and what marks its entries."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from polycube_generator import bindings, ir, layout, names
from polycube_generator.ebpf import keys, members, values
from polycube_generator.types import Statement, Unsupported

if TYPE_CHECKING:
    from collections.abc import Sequence

_NAME_LENGTH = 15
_MAX_ENTRIES = 2**32 - 1
_NO_PREALLOC = 1
"""BPF_F_NO_PREALLOC, which the kernel demands of LPM tries."""

_UNBOUND = (
    (("queue", "stack"), "has no keys, and what is read is gone: declare it in C, it is no model"),
    (("devmap", "devmap_hash", "cpumap", "xskmap"), "holds what is beyond ports: polycubed's"),
    (("prog_array",), "holds programs, which are polycubed's: reload and add_program change it"),
    (("array_of_maps", "hash_of_maps"), "holds maps: make the outer key part of the inner one's"),
    (("ringbuf", "perf_event_array"), "is a stream: send packets up, or emit a notification"),
)
"""Kinds that can be bound to no node, and why."""

_SEARCHED = ("hash", "percpu_hash")
"""Kinds of which a data plane may want to know that they are empty: a miss costs 22 ns."""


def bind(
    statement: Statement,
    node: ir.Leaf | ir.Container | ir.List,
    leaves: dict[str, Statement],
    around: Sequence[keys.Outer] = (),
) -> ir.Map:
    """Return the map of a node that has an ``ebpf:map``.

    ``leaves`` are the statements of the leaves in the map, by name; ``around`` are the keys of the
    lists that the node is in. Raises ``Unsupported``.
    """
    binding = bindings.find(statement, "map")
    name = _map_name(binding)
    kind = _kind(binding, node)
    entries = _entries(binding, node)
    presence = _presence(binding, node, kind)
    match node:
        case ir.Leaf():
            key, value = layout.index(), values.scalar(statement, node, kind)
        case ir.Container():
            key = layout.index()
            value = values.struct(name, values.of_container(node), leaves, kind, binding)
        case ir.List():
            key = keys.key(name, kind, node, leaves, binding, around)
            value = values.struct(name, values.of_list(node), leaves, kind, binding, presence)
    return ir.Map(
        name,
        kind,
        entries,
        _NO_PREALLOC if kind == "lpm_trie" else 0,
        node.path,
        key,
        value,
        node.place,
        present=next((one.offset for one in value.members if one.name == presence), None),
        occupied=_occupied(binding, kind),
    )


def _map_name(binding: Statement) -> str:
    name = str(binding.arg)
    if len(name) > _NAME_LENGTH:
        message = f"map name {name!r} has {len(name)} characters; {_NAME_LENGTH} are possible"
        raise Unsupported(binding, message)
    if not names.is_c_identifier(name):
        message = f"{name!r} cannot name a map in C; take letters, digits and _, and no keyword"
        raise Unsupported(binding, message)
    return name


def _kind(binding: Statement, node: ir.Node) -> str:
    given = bindings.argument(binding, "kind")
    kind = given or ("hash" if isinstance(node, ir.List) else "array")
    statement = bindings.find(binding, "kind") or binding
    if kind not in bindings.KINDS:
        why = next((why for kinds, why in _UNBOUND if kind in kinds), "is not a kind of map")
        message = f"{kind!r} {why}; take one of {', '.join(bindings.KINDS)}"
        raise Unsupported(statement, message)
    if not isinstance(node, ir.List) and "array" not in kind:
        message = f"{node.name} is one value: bind it to an array or a percpu_array, not to {kind}"
        raise Unsupported(statement, message)
    return kind


def _entries(binding: Statement, node: ir.Node) -> int:
    given = bindings.argument(binding, "entries")
    statement = bindings.find(binding, "entries") or binding
    if given is None:
        if isinstance(node, ir.List):
            message = f"the map of list {node.name} needs its size: ebpf:entries 1024;"
            raise Unsupported(binding, message)
        return 1
    if not re.fullmatch(r"[1-9][0-9]{0,9}", given) or int(given) > _MAX_ENTRIES:
        message = f"{given!r} is not a number of entries; take 1..{_MAX_ENTRIES}"
        raise Unsupported(statement, message)
    if int(given) != 1 and not isinstance(node, ir.List):
        message = f"{node.name} is one value: its map has 1 entry, not {given}"
        raise Unsupported(statement, message)
    return int(given)


def _presence(binding: Statement, node: ir.Node, kind: str) -> str:
    """Return the name of the member that marks an array's entries; empty if it has no holes."""
    statement = bindings.find(binding, "presence")
    if statement is None:
        return ""
    if not isinstance(node, ir.List) or kind != "array":
        message = "ebpf:presence is for lists of kind array: other maps know what is in them"
        raise Unsupported(statement, message)
    return members.checked(str(statement.arg), statement)


def _occupied(binding: Statement, kind: str) -> str:
    """Return the name of the map that says whether this one has entries; empty if there is none."""
    statement = bindings.find(binding, "occupied")
    if statement is None:
        return ""
    if kind not in _SEARCHED:
        message = f"ebpf:occupied is for maps of kind {' or '.join(_SEARCHED)}"
        raise Unsupported(statement, message)
    return _map_name(statement)
