"""What the key of a map is made of."""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING

from polycube_generator import bindings, ir, layout, names
from polycube_generator.ebpf import meanings, members, values
from polycube_generator.types import Statement, Unsupported

if TYPE_CHECKING:
    from collections.abc import Sequence

_PORTS = 128
"""PCN_MAX_PORTS: indices of ports are below."""

_PREFIX_SIZES = {"ipv4-prefix": 4, "ipv6-prefix": 16}


Outer = tuple[ir.Leaf, Statement, str]
"""A key of a list around the bound one: its leaf, the leaf's statement, and the list's name."""


def key(
    name: str,
    kind: str,
    node: ir.List,
    leaves: dict[str, Statement],
    binding: Statement,
    around: Sequence[Outer] = (),
) -> ir.Struct:
    """Return the key of a list's map: a struct, an index, or length and address of a prefix.

    The keys of the lists ``around`` it come first.
    """
    keys = node.key_leaves
    if around and ("array" in kind or kind == "lpm_trie"):
        outer = ", ".join(dict.fromkeys(one for _, _, one in around))
        message = f"the keys of {outer} are part of the key: take kind hash, or move the list out"
        raise Unsupported(bindings.find(binding, "kind"), message)
    if "array" in kind:
        return _index(keys, leaves, binding)
    if kind == "lpm_trie":
        return _trie(name, keys, leaves, binding)
    slots = [_outer(*one) for one in around]
    slots += [members.slot(leaves[leaf.name], leaf, "") for leaf in keys]
    values.distinct(slots, binding)
    return layout.struct(f"{name}_key", slots, alignment=layout.KEY_ALIGNMENT)


def _outer(leaf: ir.Leaf, statement: Statement, list_: str) -> layout.Slot:
    """Return the slot of a key of a list around: ``chain_name``, in JSON by its path."""
    named = replace(leaf, name=leaf.path)
    if leaf.base and leaf.path == "ports/name":
        return meanings.port(statement, named, "port")
    slot = members.slot(statement, leaf, "")
    given = bindings.argument(statement, "member")
    field = replace(slot.field, leaf=named) if slot.field else None
    return replace(slot, name=given or names.c_identifier(f"{list_}_{leaf.name}"), field=field)


def _index(
    keys: tuple[ir.Leaf, ...], leaves: dict[str, Statement], binding: Statement
) -> ir.Struct:
    entries = int(bindings.argument(binding, "entries") or 1)
    if len(keys) == 1 and meanings.names_port(leaves[keys[0].name], keys[0]):
        if entries != _PORTS:
            message = f"a cube has up to {_PORTS} ports: make it ebpf:entries {_PORTS};"
            raise Unsupported(bindings.find(binding, "entries"), message)
        return layout.index(meanings.port(leaves[keys[0].name], keys[0], "index").field)
    type_ = ir.concrete(keys[0].type) if len(keys) == 1 else None
    if not isinstance(type_, ir.Integer) or type_.ranges[0][0] < 0:
        message = (
            "the index of an array is one unsigned key, or one with ebpf:port; "
            "take kind hash for other keys"
        )
        raise Unsupported(binding, message)
    if type_.ranges[-1][1] >= entries:
        message = (
            f"key {keys[0].name} goes up to {type_.ranges[-1][1]}, the array to {entries - 1}; "
            f'limit it with range "0..{entries - 1}"'
        )
        raise Unsupported(binding, message)
    return layout.index(ir.Field(keys[0], "uint"))


def _trie(
    name: str, keys: tuple[ir.Leaf, ...], leaves: dict[str, Statement], binding: Statement
) -> ir.Struct:
    type_ = ir.concrete(keys[0].type) if len(keys) == 1 else None
    size = _PREFIX_SIZES.get(type_.name) if isinstance(type_, ir.Address) else None
    if size is None:
        message = "the key of an lpm_trie is one leaf of type ipv4-prefix or ipv6-prefix"
        raise Unsupported(binding, message)
    member = members.name(leaves[keys[0].name], keys[0])
    if member == layout.LPM_PREFIX:
        message = f"{member} is the kernel's part of the key; name the leaf's own with ebpf:member"
        raise Unsupported(binding, message)
    kind, array = ("prefix4", 0) if size == 4 else ("prefix6", 4)  # noqa: PLR2004
    slot = layout.raw(member, "__be32", size, ir.Field(keys[0], kind), array)
    return layout.prefix(f"{name}_key", slot)
