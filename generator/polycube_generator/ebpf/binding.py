"""A map as a whole: its name, kind and size, and what marks its entries."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from polycube_generator import bindings, ir, layout, names
from polycube_generator.ebpf import (
    devices,
    events,
    keys,
    members,
    outers,
    pools,
    redirects,
    rows,
    sets,
    values,
)
from polycube_generator.types import Statement, Unsupported

if TYPE_CHECKING:
    from collections.abc import Sequence

Bindable = ir.Leaf | ir.LeafList | ir.Container | ir.List | ir.Notification

_NAME_LENGTH = 15
_MAX_ENTRIES = 2**32 - 1
_NO_PREALLOC = 1
"""BPF_F_NO_PREALLOC, which the kernel demands of LPM tries."""
_SPARING = ("hash", "percpu_hash")
"""Kinds that need not take all their memory at once: where there are many maps, they do not."""

_UNBOUND = (
    (("queue", "stack"), "is a pool of values: bind a leaf-list to it, from which C takes them"),
    (("xskmap",), "holds sockets, which only who has opened them can put there"),
    (
        ("array_of_maps", "hash_of_maps"),
        "holds maps: ask for it by ebpf:outer in the inner list's map",
    ),
    (("ringbuf",), "is a stream: bind a notification to it, which the data plane then tells of"),
    (("perf_event_array",), "is a stream without order over the CPUs: a ringbuf does what it does"),
)
"""Kinds that can be bound to no node, and why."""

_MARK = "present"
"""What the mark of a presence container is called, if it is not said."""

_WHILE = "1 while it is there, else 0"
"""What C is told of it."""

_SEARCHED = ("hash", "percpu_hash")
"""Kinds of which a data plane may want to know that they are empty: a miss costs 22 ns."""


def bind(
    statement: Statement,
    node: Bindable,
    leaves: dict[str, Statement],
    around: Sequence[keys.Outer] = (),
) -> ir.Map:
    """Return the map of a node that has an ``ebpf:map``.

    ``leaves`` are the statements of the leaves in the map, by name; ``around`` are the keys of the
    lists that the node is in. Raises ``Unsupported``.
    """
    if isinstance(node, ir.LeafList) and node.pool:
        return _pool(statement, node, around)
    if isinstance(node, ir.Container) and around:
        return _bound(statement, rows.as_list(statement, node), leaves, around)
    if isinstance(node, ir.LeafList) and not node.ordered_by_user:
        return bind(statement, sets.as_list(node), {node.name: statement}, around)
    return _bound(statement, node, leaves, around)


def _bound(
    statement: Statement,
    node: Bindable,
    leaves: dict[str, Statement],
    around: Sequence[keys.Outer],
) -> ir.Map:
    """Return the map of a node that is what the model says it is."""
    binding = bindings.find(statement, "map")
    name = _map_name(binding)
    kind = _kind(binding, node)
    entries = _entries(binding, node)
    presence = _presence(binding, node, kind)
    if isinstance(node, ir.List):
        _check_stays(binding, node, kind, holes=bool(presence) or sets.is_set(node))
    outer = _outer(binding, node, around)
    around = () if outer else around
    asked = _Asked(name, kind, binding, leaves, around, presence)
    if isinstance(node, ir.List):
        if kind in redirects.KINDS:
            redirects.check_outer(outer, kind, binding)
        key, value, presence = _list(asked, node)
    else:
        key, value = _single(asked, statement, node)
    made = ir.Map(
        name,
        kind,
        entries,
        _NO_PREALLOC if kind == "lpm_trie" or (outer and kind in _SPARING) else 0,
        node.path,
        key,
        value,
        node.place,
        present=next((one.offset for one in value.members if one.name == presence), None),
        occupied=_occupied(binding, kind),
        outer=outer,
    )
    return devices.check_outer(events.check_room(made, binding), binding)


@dataclass(frozen=True, slots=True)
class _Asked:
    """What the statements of a binding ask for."""

    name: str
    kind: str
    binding: Statement
    leaves: dict[str, Statement]
    around: Sequence[keys.Outer]
    presence: str


def _single(
    asked: _Asked,
    statement: Statement,
    node: ir.Leaf | ir.LeafList | ir.Container | ir.Notification,
) -> tuple[ir.Struct, ir.Struct]:
    """Return key and value of the map of what is no list."""
    match node:
        case ir.Notification():
            around = asked.around
            value = events.value(asked.name, node, asked.leaves, asked.binding, around)
            return events.NO_KEY, value
        case ir.Container():
            front = [layout.mark(asked.presence, _WHILE)] if asked.presence else []
            held = values.of_container(node)
            value = values.struct(asked.name, held, asked.leaves, asked.kind, asked.binding, front)
        case ir.LeafList() if asked.around:
            message = f"{node.name} is one value of an entry: leave ebpf:map out, it is in its map"
            raise Unsupported(asked.binding, message)
        case _:
            value = values.scalar(statement, node, asked.kind)
    return layout.index(), value


def _list(asked: _Asked, node: ir.List) -> tuple[ir.Struct, ir.Struct, str]:
    """Return key and value of the map of a list, and what marks its entries."""
    kind, leaves, binding, around = asked.kind, asked.leaves, asked.binding, asked.around
    if kind in redirects.KINDS:
        key = redirects.key(kind, node, leaves, binding, around)
        return key, redirects.value(kind, node, leaves, binding), asked.presence
    key = keys.key(asked.name, kind, node, leaves, binding, around)
    if sets.is_set(node) and not asked.presence:
        return key, sets.value(kind, binding), layout.MEMBER
    front = [layout.mark(asked.presence)] if asked.presence else []
    value = values.struct(asked.name, values.of_list(node), leaves, kind, binding, front)
    return key, value, asked.presence


def _pool(statement: Statement, node: ir.LeafList, around: Sequence[keys.Outer]) -> ir.Map:
    """Return the queue or stack of a leaf-list."""
    binding = bindings.find(statement, "map")
    name, kind = _map_name(binding), str(bindings.argument(binding, "kind"))
    entries = _entries(binding, sets.as_list(node))
    value = pools.value(statement, node, is_inside=bool(around))
    return ir.Map(name, kind, entries, 0, node.path, pools.NO_KEY, value, node.place)


def _map_name(binding: Statement) -> str:
    name = str(binding.arg)
    if len(name) > _NAME_LENGTH:
        message = f"map name {name!r} has {len(name)} characters; {_NAME_LENGTH} are possible"
        raise Unsupported(binding, message)
    if name.startswith("pcn_"):
        raise Unsupported(binding, f"map name {name!r} is the runtime's, as all with pcn_ are")
    if not names.is_c_identifier(name):
        message = f"{name!r} cannot name a map in C; take letters, digits and _, and no keyword"
        raise Unsupported(binding, message)
    return name


def _kind(binding: Statement, node: ir.Node) -> str:
    if isinstance(node, ir.Notification):
        return events.kind(binding, node)
    given = bindings.argument(binding, "kind")
    kind = given or ("hash" if isinstance(node, ir.List) else "array")
    statement = bindings.find(binding, "kind") or binding
    if kind not in bindings.KINDS:
        why = next((why for kinds, why in _UNBOUND if kind in kinds), "is not a kind of map")
        message = f"{kind!r} {why}; take one of {', '.join(bindings.KINDS)}"
        raise Unsupported(statement, message)
    if isinstance(node, ir.LeafList) and kind != "array":
        message = (
            f"leaf-list {node.name} is ordered by the user, which {kind} does not keep; "
            "take kind array, or leave ordered-by out"
        )
        raise Unsupported(statement, message)
    if not isinstance(node, ir.List) and kind not in bindings.ARRAYS:
        message = f"{node.name} is one value: bind it to an array or a percpu_array, not to {kind}"
        raise Unsupported(statement, message)
    return kind


def _entries(binding: Statement, node: ir.Node) -> int:
    given = bindings.argument(binding, "entries")
    statement = bindings.find(binding, "entries") or binding
    if given is None:
        if isinstance(node, ir.List):
            what = (
                f"list {node.name}" if node.keys else f"container {node.name}, as many as entries,"
            )
            message = f"the map of {what} needs its size: ebpf:entries 1024;"
            raise Unsupported(binding, message)
        return events.ROOM if isinstance(node, ir.Notification) else 1
    if not re.fullmatch(r"[1-9][0-9]{0,9}", given) or int(given) > _MAX_ENTRIES:
        message = f"{given!r} is not a number of entries; take 1..{_MAX_ENTRIES}"
        raise Unsupported(statement, message)
    if int(given) != 1 and not isinstance(node, ir.List | ir.Notification):
        message = f"{node.name} is one value: its map has 1 entry, not {given}"
        raise Unsupported(statement, message)
    return int(given)


def _outer(binding: Statement, node: ir.Node, around: Sequence[keys.Outer]) -> ir.Outer | None:
    statement = bindings.find(binding, "outer")
    if statement is None:
        return None
    is_sized = around or bindings.find(statement, "entries") is not None
    entries = _entries(statement, node) if is_sized else 1
    return outers.outer(statement, _map_name(statement), entries, node, around)


def _presence(binding: Statement, node: ir.Node, kind: str) -> str:
    """Return the name of the member that marks an array's entries; empty if it has no holes.

    A presence container is such an entry.
    """
    statement = bindings.find(binding, "presence")
    is_presence = isinstance(node, ir.Container) and node.presence
    if is_presence and kind != "array":
        message = f"{node.name} comes and goes, which no {kind} does; take kind array"
        raise Unsupported(bindings.find(binding, "kind"), message)
    if statement is None:
        return _MARK if is_presence else ""
    if not (is_presence or isinstance(node, ir.List)) or kind != "array":
        message = "ebpf:presence is for lists of kind array: other maps know what is in them"
        raise Unsupported(statement, message)
    return members.checked(str(statement.arg), statement)


def _check_stays(binding: Statement, node: ir.List, kind: str, *, holes: bool) -> None:
    """Refuse a list that comes and goes in an array, which always has all its entries."""
    if node.conditional and kind in bindings.ARRAYS and not holes:
        message = (
            f"list {node.name} goes with its condition or case, an array without holes is always "
            "there: name the member that marks its entries with ebpf:presence"
        )
        raise Unsupported(bindings.find(binding, "kind") or binding, message)


def _occupied(binding: Statement, kind: str) -> str:
    """Return the name of the map that says whether this one has entries; empty if there is none."""
    statement = bindings.find(binding, "occupied")
    if statement is None:
        return ""
    if kind not in _SEARCHED:
        message = f"ebpf:occupied is for maps of kind {' or '.join(_SEARCHED)}"
        raise Unsupported(statement, message)
    return _map_name(statement)
