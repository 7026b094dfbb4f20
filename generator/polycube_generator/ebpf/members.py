"""How one leaf is held in C, by its type."""

from __future__ import annotations

from dataclasses import replace

from polycube_generator import bindings, ir, layout, names
from polycube_generator.ebpf import devices, meanings, numbers, several, times
from polycube_generator.types import Statement, Unsupported

_LONGEST = 4096
"""Strings beyond this size belong elsewhere than in a map's value."""

_ADDRESS_SIZES = {"mac-address": 6, "ipv4-address": 4, "ipv6-address": 16, "ip-address": 16}


def slot(statement: Statement, leaf: ir.Leaf | ir.LeafList, kind: str) -> layout.Slot:
    """Return how a leaf is held in C; ``kind`` is that of the map if the leaf is in its value."""
    if isinstance(leaf, ir.LeafList):
        devices.check_list(statement, leaf)
        return several.many(statement, leaf, slot(statement, several.element(leaf), kind))
    port = meanings.names_port(statement, leaf)
    _check_value(statement, leaf, kind)
    member = name(statement, leaf)
    numbers.is_atomic(statement, leaf)  # refuses it where it cannot be
    if time := times.of_leaf(statement, leaf, member):
        return time
    if port:
        return meanings.port(statement, leaf, member)
    if program := bindings.find(statement, "program"):
        if kind != "prog_array":
            raise Unsupported(program, f"{leaf.name} names a program: only a prog_array holds such")
        return layout.integer(member, "u32", 32, ir.Field(leaf, "program"))
    if devices.names_netdev(statement):
        return devices.netdev(statement, leaf, member, kind)
    return _typed(statement, leaf, member, meanings.created(statement, leaf, kind))


def name(statement: Statement, leaf: ir.Leaf) -> str:
    """Return what a leaf is called in C."""
    given = bindings.argument(statement, "member")
    return checked(
        given or names.c_identifier(leaf.name), bindings.find(statement, "member") or statement
    )


def checked(name: str, statement: Statement) -> str:
    """Return ``name`` if a member can have it; refuse it at ``statement`` if not."""
    if not names.is_c_member(name):
        message = f"{name!r} cannot name a member in C; take letters, digits and _, and no keyword"
        raise Unsupported(statement, message)
    return name


def _typed(statement: Statement, leaf: ir.Leaf, member: str, created: object) -> layout.Slot:
    """Return how a leaf is held that is nothing more than its type."""
    match ir.concrete(leaf.type):
        case ir.Integer() as type_:
            return numbers.integer(statement, leaf, member, type_, created)
        case ir.Boolean():
            bits = numbers.width(statement, leaf, 8, 0, 1)
            return layout.integer(member, f"u{bits}", bits, ir.Field(leaf, "bool", created))
        case ir.Enumeration(values=values):
            known = [value.value for value in values]
            bits = numbers.width(
                statement, leaf, numbers.narrowest(max(known)), min(known), max(known)
            )
            return layout.integer(member, f"u{bits}", bits, ir.Field(leaf, "enum", created))
        case ir.Identityref(values=values):
            bits = numbers.width(statement, leaf, numbers.narrowest(len(values)), 1, len(values))
            return layout.integer(member, f"u{bits}", bits, ir.Field(leaf, "enum", created))
        case ir.Bits() as type_:
            return numbers.bits(statement, leaf, member, type_, created)
        case ir.Decimal64() as type_:
            return numbers.decimal(statement, leaf, member, type_, created)
        case ir.Address(name=name):
            held = _address if name in _ADDRESS_SIZES else _prefix
            return held(leaf, member, name, created)
        case ir.Empty():
            kind = "presence" if statement.keyword == "container" else "empty"
            return layout.nothing(member, ir.Field(leaf, kind, created))
        case _:
            return _sized(statement, leaf, member, created)


def _sized(statement: Statement, leaf: ir.Leaf, member: str, created: object) -> layout.Slot:
    """Return how a leaf is held that is as long as its type allows."""
    match ir.concrete(leaf.type):
        case ir.Binary(lengths=lengths) if lengths and lengths[-1][1] <= _LONGEST:
            return _binary(leaf, member, lengths, created)
        case ir.Binary():
            message = f'binary {leaf.name} needs a greatest length to be in a map: length "0..16"'
        case ir.String(lengths=lengths) if lengths and lengths[-1][1] < _LONGEST:
            size = lengths[-1][1] + 1
            return layout.raw(member, "char", size, ir.Field(leaf, "string", created), size)
        case ir.String():
            message = f'string {leaf.name} needs a greatest length to be in a map: length "0..15"'
        case ir.Union(members=members):
            types = several.flat(members)
            return several.one_of(leaf, member, [_part(statement, leaf, one) for one in types])
        case _:
            message = (
                f"the type of {leaf.name} cannot be held in a map: a path has no greatest length; "
                "mark the leaf ebpf:none, or choose another type"
            )
    raise Unsupported(statement, message)


def _part(statement: Statement, leaf: ir.Leaf, type_: ir.Type) -> layout.Slot:
    """Return how a union holds values of one of its types."""
    one, member = (
        replace(leaf, type=type_, mandatory=True, conditional=False),
        several.called(type_),
    )
    if meanings.names_port(statement, one):
        made = meanings.port(statement, one, "port")
        return replace(made, field=ir.Field(one, "port"))
    return _typed(statement, one, member, None)


def _check_value(statement: Statement, leaf: ir.Leaf, kind: str) -> None:
    """Refuse a leaf that CPUs cannot share, or that makes no difference in a key."""
    if not kind and isinstance(ir.concrete(leaf.type), ir.Empty):
        raise Unsupported(statement, f"{leaf.name} has one value only, which makes no key")
    summed = bindings.find(statement, "sum")
    if "percpu" in kind and statement.keyword == "container":
        message = f"{leaf.name} is in a per-CPU map, whose CPUs may disagree: leave presence out"
        raise Unsupported(statement, message)
    if "percpu" in kind and (summed is None or leaf.config):
        message = f"{leaf.name} is in a per-CPU map: make it config false and ebpf:sum"
        raise Unsupported(statement, message)
    if summed is not None and (leaf.when or not isinstance(ir.concrete(leaf.type), ir.Integer)):
        message = f"{leaf.name} is summed: make it an unsigned integer that is always there"
        raise Unsupported(summed, message)
    if summed is not None and "percpu" not in kind:
        raise Unsupported(summed, "ebpf:sum is for per-CPU maps; take kind percpu_hash or the like")


def _address(leaf: ir.Leaf, member: str, name: str, created: object) -> layout.Slot:
    size = _ADDRESS_SIZES[name]
    field = ir.Field(leaf, name.removesuffix("-address"), created)
    if name == "mac-address":
        return layout.raw(member, "u8", size, field, size)
    return layout.raw(member, "__be32", size, field, 0 if size == 4 else 4)  # noqa: PLR2004


def _prefix(leaf: ir.Leaf, member: str, name: str, created: object) -> layout.Slot:
    """Return a prefix, laid out as the key of a trie is; IPv4 among IPv6 is longer by 96 bits."""
    kind = {"ipv4-prefix": "prefix4", "ipv6-prefix": "prefix6"}.get(name, "prefix")
    words = 1 if kind == "prefix4" else 4
    address = "__be32 address;" if words == 1 else f"__be32 address[{words}];"
    inner = f"u32 {layout.LPM_PREFIX}; {address}"
    return layout.compound(member, inner, 4 + 4 * words, 4, ir.Field(leaf, kind, created))


def _binary(
    leaf: ir.Leaf, member: str, lengths: tuple[tuple[int, int], ...], created: object
) -> layout.Slot:
    """Return octets: an array if there are always as many, else with their number before them."""
    low, high = lengths[0][0], lengths[-1][1]
    if low == high and high:
        return layout.raw(member, "u8", high, ir.Field(leaf, "octets", created), high)
    size = numbers.narrowest(high) // 8
    inner = f"u{8 * size} length; u8 bytes[{high or 1}];"
    whole = size + (high or 1)
    return layout.compound(
        member, inner, whole + whole % size, size, ir.Field(leaf, "binary", created)
    )
