"""Notifications that the data plane tells of by itself: records in a ring buffer."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from polycube_generator import bindings, ir, layout
from polycube_generator.ebpf import keys, values
from polycube_generator.types import Statement, Unsupported

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

RING = "ringbuf"
NO_KEY = ir.Struct("", 0, ())

ROOM = 256
"""Events that are waiting for the daemon, where the model does not say how many there may be."""

_RECORD_HEADER = 8
_PAGE = 4096
_MOST_BYTES = 2**26

_PORT_NAMES = "/ports/name"

_NOT_HERE = ("age", "created", "sum", "atomic", "optional", "none")
"""Statements on leaves that are about entries, which stay."""


def kind(binding: Statement, node: ir.Notification) -> str:
    """Return the kind of the map of a notification, which is that of a stream."""
    given = bindings.argument(binding, "kind")
    if given not in {None, RING}:
        message = f"notification {node.name} is told of, not kept: take kind {RING}, not {given}"
        raise Unsupported(bindings.find(binding, "kind"), message)
    return RING


def value(
    name: str,
    node: ir.Notification,
    leaves: Mapping[str, Statement],
    binding: Statement,
    around: Sequence[keys.Outer],
) -> ir.Struct:
    """Return the record of an event: its time, the keys of the lists around it, its leaves."""
    for leaf in leaves.values():
        for keyword in _NOT_HERE:
            if found := bindings.find(leaf, keyword):
                message = f"ebpf:{keyword} is for what stays in a map; an event is told of and gone"
                raise Unsupported(found, message)
    _check_rules(node, leaves, binding)
    front = [layout.stamp(), *(_around(keys.outer(*one)) for one in around)]
    held = values.of_container(node)
    return values.struct(name, held, dict(leaves), RING, binding, front)


def _around(slot: layout.Slot) -> layout.Slot:
    """Return the slot of a key of a list around, called as nothing in the event can be."""
    assert slot.field is not None  # noqa: S101 (a key is a leaf)
    leaf = slot.field.leaf
    named = replace(leaf, name=leaf.name.replace("/", ":"))
    return replace(slot, field=replace(slot.field, leaf=named))


def _check_rules(
    node: ir.Notification, leaves: Mapping[str, Statement], binding: Statement
) -> None:
    """Refuse conditions: for each event the whole document of the cube would have to be read."""
    for path, one in [("", node), *_nodes(node)]:
        statement = leaves.get(path, binding)
        refers = isinstance(one, ir.Leaf | ir.LeafList) and _refers(one, statement)
        if one.must or one.when or refers:
            what = "require-instance false" if refers else "no must or when"
            message = (
                f"{path or node.name} has a condition that nobody looks at when the data plane "
                f"tells of an event: look at it in C, and give it {what} here"
            )
            raise Unsupported(statement, message)


def _nodes(
    around: ir.Notification | ir.Container, above: str = ""
) -> Iterator[tuple[str, ir.Node]]:
    """Yield what is in a notification, by its path there."""
    for child in around.children:
        yield f"{above}{child.name}", child
        if isinstance(child, ir.Container):
            yield from _nodes(child, f"{above}{child.name}/")


def _refers(leaf: ir.Leaf | ir.LeafList, statement: Statement) -> bool:
    """Tell whether there must be what a leaf refers to; of a port, decoding tells that."""
    type_ = leaf.type
    if not isinstance(type_, ir.Leafref) or not type_.required:
        return False
    return type_.path != _PORT_NAMES and bindings.find(statement, "port") is None


def check_room(map_: ir.Map, binding: Statement) -> ir.Map:
    """Return a map; refuse a ring that would be larger than reason."""
    if map_.kind == RING and pages(map_) * _PAGE > _MOST_BYTES:
        most = _MOST_BYTES // _record(map_)
        message = (
            f"{map_.entries} events take more than {_MOST_BYTES >> 20} MB; {most} are possible"
        )
        raise Unsupported(bindings.find(binding, "entries"), message)
    return map_


def pages(map_: ir.Map) -> int:
    """Return the size of a ring with room for the events of a map, in pages."""
    return max(_PAGE, 1 << (map_.entries * _record(map_) - 1).bit_length()) // _PAGE


def _record(map_: ir.Map) -> int:
    """Return what an event takes in the ring, in octets."""
    return _RECORD_HEADER + -(-map_.value.size // 8) * 8
