"""Maps that packets are sent on by: to interfaces (devmaps), to CPUs, to programs of the cube."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from polycube_generator import bindings, ir, layout
from polycube_generator.ebpf import devices, keys, meanings, members, values
from polycube_generator.types import Statement, Unsupported

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

KINDS = ("devmap", "devmap_hash", "cpumap", "prog_array")
_HOLDS = {"cpumap": "a queue's length", "prog_array": "a program"}
_PROGRAM = re.compile(r"(in|e)gress(_([1-9]|[1-5]\d|6[0-3]))?", re.ASCII)
"""How the programs of a cube are called."""
_LONGEST_QUEUE = 16384
"""Of a CPU: the kernel's limit, in packets."""
_MOST = 2**32 - 1


def key(
    kind: str,
    node: ir.List,
    leaves: dict[str, Statement],
    binding: Statement,
    around: Sequence[keys.Outer],
) -> ir.Struct:
    """Return the key, which is one u32: a number, a port's index or an interface's."""
    at = bindings.find(binding, "kind")
    if around:
        outer = ", ".join(dict.fromkeys(one for _, _, one in around))
        message = f"the key of a {kind} is one u32, without room for those of {outer}"
        raise Unsupported(at, f"{message}: move the list out")
    if not node.config:
        raise Unsupported(at, f"no data plane can write a {kind}: make {node.name} config true")
    if kind != "devmap_hash":
        return keys.index(node.key_leaves, leaves, binding)
    leaf, *more = node.key_leaves
    type_ = ir.concrete(leaf.type)
    if not more and meanings.names_port(leaves[leaf.name], leaf):
        return layout.index(meanings.port(leaves[leaf.name], leaf, "index").field)
    if not more and devices.names_netdev(leaves[leaf.name]):
        return layout.index(devices.netdev(leaves[leaf.name], leaf, "index", "").field)
    if more or not isinstance(type_, ir.Integer) or not _is_within(type_, 0, _MOST):
        message = "the key of a devmap_hash is one u32: a number, or one with ebpf:port or :netdev"
        raise Unsupported(binding, message)
    return layout.index(ir.Field(leaf, "uint"))


def value(
    kind: str, node: ir.List, leaves: Mapping[str, Statement], binding: Statement
) -> ir.Struct:
    """Return the value, which is one u32: an interface's index, or the length of a queue."""
    held = values.of_list(node)
    if len(held) != 1 or not isinstance(held[0], ir.Leaf):
        names = ", ".join(leaf.name for leaf in held) or "none"
        what = _HOLDS.get(kind, "an interface")
        message = f"an entry of a {kind} holds {what} and nothing else: one leaf, not {names}"
        raise Unsupported(binding, message)
    leaf = held[0]
    statement = leaves[leaf.name]
    checks = {"cpumap": _check_queue, "prog_array": _check_program}
    checks.get(kind, _check_netdev)(leaf, statement)
    slot = members.slot(statement, leaf, kind)
    if kind == "cpumap":
        slot = layout.integer(slot.name, "u32", 32, ir.Field(leaf, "uint"))
    return layout.scalar("value", slot)


def check_outer(outer: ir.Outer | None, kind: str, binding: Statement) -> None:
    """Refuse such a map for each entry of something."""
    if outer is not None and kind in KINDS:
        message = f"a {kind} cannot be in a map of maps; take the list out of that"
        raise Unsupported(bindings.find(binding, "outer"), message)


def _check_netdev(leaf: ir.Leaf, statement: Statement) -> None:
    if meanings.names_port(statement, leaf):
        message = (
            f"{leaf.name} names a port, behind which is another device each time it is connected: "
            "send packets there with pcn_pkt_redirect, or name an interface (ebpf:netdev)"
        )
        raise Unsupported(statement, message)
    if not devices.names_netdev(statement) or not leaf.mandatory:
        message = f"{leaf.name} is what packets are sent to: give it ebpf:netdev and mandatory true"
        raise Unsupported(statement, message)


def _check_program(leaf: ir.Leaf, statement: Statement) -> None:
    type_ = ir.concrete(leaf.type)
    if bindings.find(statement, "program") is None or not leaf.mandatory:
        message = f"{leaf.name} is what packets go on in: give it ebpf:program and mandatory true"
        raise Unsupported(statement, message)
    names = [value.name for value in type_.values] if isinstance(type_, ir.Enumeration) else []
    if wrong := [name for name in names if not _PROGRAM.fullmatch(name)]:
        message = f"{wrong[0]} is no program's name: they are ingress, ingress_1 … egress_63"
        raise Unsupported(statement, message)
    if not names and not isinstance(type_, ir.String):
        raise Unsupported(statement, f"{leaf.name} names a program: make it a string, or an enum")


def _check_queue(leaf: ir.Leaf, statement: Statement) -> None:
    type_ = ir.concrete(leaf.type)
    if not isinstance(type_, ir.Integer) or not _is_within(type_, 1, _LONGEST_QUEUE):
        message = (
            f"{leaf.name} is the length of a queue: make it an unsigned number with "
            f'range "1..{_LONGEST_QUEUE}"'
        )
        raise Unsupported(statement, message)
    if not leaf.is_given:
        raise Unsupported(statement, f"{leaf.name} needs a default, or mandatory true")


def _is_within(type_: ir.Integer, low: int, high: int) -> bool:
    return low <= type_.ranges[0][0] and type_.ranges[-1][1] <= high
