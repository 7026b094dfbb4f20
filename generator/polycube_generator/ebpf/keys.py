"""What the key of a map is made of."""

from __future__ import annotations

from dataclasses import replace
from math import prod
from typing import TYPE_CHECKING

from polycube_generator import bindings, ir, layout, names
from polycube_generator.ebpf import meanings, members, values
from polycube_generator.types import Statement, Unsupported

if TYPE_CHECKING:
    from collections.abc import Sequence

_PORTS = 128
"""PCN_MAX_PORTS: indices of ports are below."""

_MOST_ENTRIES = 2**32 - 1

_TRIE_BYTES = 256
"""LPM_DATA_SIZE_MAX of the kernel."""

_LENGTH = 4
"""Bytes of ``prefixlen``."""

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
    if "array" in kind:
        return grid(keys, leaves, binding, around) if around else index(keys, leaves, binding)
    slots = [outer(*one) for one in around]
    if kind == "lpm_trie":
        return _trie(name, keys, leaves, binding, slots)
    slots += [members.slot(leaves[leaf.name], leaf, "") for leaf in keys]
    values.distinct(slots, binding)
    return layout.struct(f"{name}_key", slots, alignment=layout.KEY_ALIGNMENT)


def outer(leaf: ir.Leaf, statement: Statement, list_: str) -> layout.Slot:
    """Return the slot of a key of a list around: ``chain_name``, in JSON by its path."""
    named = replace(leaf, name=leaf.path)
    if _is_own_port(leaf):
        return meanings.port(statement, named, "port")
    slot = members.slot(statement, leaf, "")
    given = bindings.argument(statement, "member")
    field = replace(slot.field, leaf=named) if slot.field else None
    return replace(slot, name=given or names.c_identifier(f"{list_}_{leaf.name}"), field=field)


def _is_own_port(leaf: ir.Leaf) -> bool:
    return leaf.base and leaf.path == "ports/name"


def _is_port(statement: Statement, leaf: ir.Leaf) -> bool:
    return _is_own_port(leaf) or meanings.names_port(statement, leaf)


def index(keys: tuple[ir.Leaf, ...], leaves: dict[str, Statement], binding: Statement) -> ir.Struct:
    """Return the key of an array: its only member is a number below its size, or a port."""
    entries = int(bindings.argument(binding, "entries") or 1)
    if len(keys) == 1 and _is_port(leaves[keys[0].name], keys[0]):
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


def grid(
    keys: tuple[ir.Leaf, ...],
    leaves: dict[str, Statement],
    binding: Statement,
    around: Sequence[Outer],
) -> ir.Struct:
    """Return the key of one array for all entries of the lists ``around``: each has a row of it."""
    slots, counts = [outer(*one) for one in around], [_count(*one) for one in around]
    entries, rows = int(bindings.argument(binding, "entries") or 1), prod(counts)
    found = [_indices(leaves[leaf.name], leaf) for leaf in keys]
    if len(keys) > 1 or None in found:
        message = "the index of an array is one unsigned key, or one with ebpf:port"
        raise Unsupported(binding, message)
    inner = found[0] if found and found[0] else 1
    whole = rows * inner
    if entries != whole:
        advice = "limit the keys with a range"
        if whole <= _MOST_ENTRIES:
            advice = f"make it ebpf:entries {whole}, or {advice}"
        message = f"each of the {rows} entries around has {inner}: {advice}"
        raise Unsupported(bindings.find(binding, "entries"), message)
    slots += [members.slot(leaves[leaf.name], leaf, "") for leaf in keys]
    values.distinct(slots, binding)
    if len(slots) == 1:
        return layout.index(slots[0].field)
    return layout.grid(slots, (*counts, *([inner] if keys else [])))


def _count(leaf: ir.Leaf, statement: Statement, list_: str) -> int:
    """Return how many indices the key of a list around has."""
    count = _indices(statement, leaf)
    if count is None:
        message = (
            f"the key of {list_} is no index, so that an array has no room for its entries: "
            "take kind hash, or make the key an unsigned number or a port"
        )
        raise Unsupported(statement, message)
    return count


def _indices(statement: Statement, leaf: ir.Leaf) -> int | None:
    """Return the size of an array of which a leaf is the index; None if it can be none."""
    if _is_port(statement, leaf):
        return _PORTS
    type_ = ir.concrete(leaf.type)
    if not isinstance(type_, ir.Integer) or type_.ranges[0][0] < 0:
        return None
    return type_.ranges[-1][1] + 1


def _trie(
    name: str,
    keys: tuple[ir.Leaf, ...],
    leaves: dict[str, Statement],
    binding: Statement,
    around: list[layout.Slot],
) -> ir.Struct:
    """Return the key of a trie: the length, the keys ``around``, the address.

    What is around counts as so many bits of the prefix, all of which must be the same.
    """
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
    values.distinct([*around, slot], binding)
    found = layout.prefix(name, slot, around)
    if found.size - _LENGTH > _TRIE_BYTES:
        message = (
            f"the key has {found.size - _LENGTH} bytes behind its length, of which a trie takes "
            f"{_TRIE_BYTES}: shorten the keys around the list"
        )
        raise Unsupported(binding, message)
    return found
