"""Bind nodes to eBPF maps: from resolved nodes and their ebpf statements to ``ir.Map``.

Everything that cannot be is refused at the statement that asks for it, with what would be right.
"""

from __future__ import annotations

import re

from polycube_generator import bindings, ir, layout, names
from polycube_generator.types import Statement, Unsupported, default

_NAME_LENGTH = 15
_MAX_ENTRIES = 2**32 - 1
_NO_PREALLOC = 1
"""BPF_F_NO_PREALLOC, which the kernel demands of LPM tries."""

_LONGEST = 4096
"""Strings beyond this size belong elsewhere than in a map's value."""

_WIDTHS = (8, 16, 32, 64)
_PORTS = 128
"""PCN_MAX_PORTS: indices of ports are below."""

_PORT_NAMES = "/ports/name"
"""Where the names of ports are in a model."""

_NO_PORT = 2**32 - 1
"""What stands in a map for a port that is not given."""

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

_ADDRESS_SIZES = {"mac-address": 6, "ipv4-address": 4, "ipv6-address": 16, "ip-address": 16}
_PREFIX_SIZES = {"ipv4-prefix": 4, "ipv6-prefix": 16}


def bind(
    statement: Statement, node: ir.Leaf | ir.Container | ir.List, leaves: dict[str, Statement]
) -> ir.Map:
    """Return the map of a node that has an ``ebpf:map``.

    ``leaves`` are the statements of the leaves in the map, by name. Raises ``Unsupported``.
    """
    binding = bindings.find(statement, "map")
    name = _map_name(binding)
    kind = _kind(binding, node)
    entries = _entries(binding, node)
    presence = _presence(binding, node, kind)
    match node:
        case ir.Leaf():
            key, value = layout.index(), _scalar(statement, node, kind)
        case ir.Container():
            key = layout.index()
            value = _struct(name, _bound(node.children), leaves, kind, binding)
        case ir.List():
            key = _key(name, kind, node, leaves, binding)
            value = _struct(name, _values(node), leaves, kind, binding, presence)
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
    return _c_member(str(statement.arg), statement)


def _occupied(binding: Statement, kind: str) -> str:
    """Return the name of the map that says whether this one has entries; empty if there is none."""
    statement = bindings.find(binding, "occupied")
    if statement is None:
        return ""
    if kind not in _SEARCHED:
        message = f"ebpf:occupied is for maps of kind {' or '.join(_SEARCHED)}"
        raise Unsupported(statement, message)
    return _map_name(statement)


def _bound(children: tuple[ir.Node, ...]) -> list[ir.Leaf]:
    return [child for child in children if isinstance(child, ir.Leaf) and child.binding]


def _values(node: ir.List) -> list[ir.Leaf]:
    return [leaf for leaf in _bound(node.children) if not leaf.key]


def _scalar(statement: Statement, leaf: ir.Leaf, kind: str) -> ir.Struct:
    slot = _slot(statement, leaf, kind)
    if slot.array:
        return layout.struct(f"{bindings.argument(statement, 'map')}_value", [slot])
    return layout.scalar("value", slot)


def _key(
    name: str, kind: str, node: ir.List, leaves: dict[str, Statement], binding: Statement
) -> ir.Struct:
    keys = node.key_leaves
    if "array" in kind:
        return _index(keys, leaves, binding)
    if kind == "lpm_trie":
        return _trie(name, keys, leaves, binding)
    slots = [_slot(leaves[leaf.name], leaf, "") for leaf in keys]
    _distinct(slots, binding)
    return layout.struct(f"{name}_key", slots, alignment=layout.KEY_ALIGNMENT)


def _index(
    keys: tuple[ir.Leaf, ...], leaves: dict[str, Statement], binding: Statement
) -> ir.Struct:
    entries = int(bindings.argument(binding, "entries") or 1)
    if len(keys) == 1 and _names_port(leaves[keys[0].name], keys[0]):
        if entries != _PORTS:
            message = f"a cube has up to {_PORTS} ports: make it ebpf:entries {_PORTS};"
            raise Unsupported(bindings.find(binding, "entries"), message)
        return layout.index(_port(leaves[keys[0].name], keys[0], "index").field)
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
    member = _member(leaves[keys[0].name], keys[0])
    if member == layout.LPM_PREFIX:
        message = f"{member} is the kernel's part of the key; name the leaf's own with ebpf:member"
        raise Unsupported(binding, message)
    kind, array = ("prefix4", 0) if size == 4 else ("prefix6", 4)  # noqa: PLR2004
    slot = layout.raw(member, "__be32", size, ir.Field(keys[0], kind), array)
    return layout.prefix(f"{name}_key", slot)


def _struct(
    name: str,
    members: list[ir.Leaf],
    leaves: dict[str, Statement],
    kind: str,
    binding: Statement,
    presence: str = "",
) -> ir.Struct:
    if not members:
        message = f"the value of map {name} is empty: it needs a leaf that is not in the key"
        raise Unsupported(binding, message)
    # Where entries are created, they are written whole: the codec then says what is not given.
    created = bool(presence) or "array" not in kind
    slots = [_slot(leaves[leaf.name], leaf, kind, created=created) for leaf in members]
    if presence:
        slots.insert(0, layout.mark(presence))
    _distinct(slots, binding)
    return layout.struct(f"{name}_value", slots)


def _distinct(slots: list[layout.Slot], binding: Statement) -> None:
    seen: dict[str, str] = {}
    for slot in slots:
        leaf = slot.field.leaf.name if slot.field else "ebpf:presence"
        if slot.name in seen or re.fullmatch(r"pad_\d+", slot.name):
            other = seen.get(slot.name, "padding")
            message = f"{leaf} and {other} are both {slot.name} in C; rename one with ebpf:member"
            raise Unsupported(binding, message)
        seen[slot.name] = leaf


def _member(statement: Statement, leaf: ir.Leaf) -> str:
    given = bindings.argument(statement, "member")
    name = given or names.c_identifier(leaf.name)
    return _c_member(name, bindings.find(statement, "member") or statement)


def _c_member(name: str, statement: Statement) -> str:
    if not names.is_c_member(name):
        message = f"{name!r} cannot name a member in C; take letters, digits and _, and no keyword"
        raise Unsupported(statement, message)
    return name


def _slot(statement: Statement, leaf: ir.Leaf, kind: str, *, created: bool = False) -> layout.Slot:
    """Return how a leaf is held in C; ``kind`` is that of the map if the leaf is in its value.

    ``created`` says that the leaf is in entries which are created, not in some that always are.
    """
    port = _names_port(statement, leaf)
    _check_value(statement, leaf, kind, optional=created and port)
    member = _member(statement, leaf)
    if bindings.find(statement, "age") is not None:
        return _age(statement, leaf, member)
    if port:
        return _port(statement, leaf, member)
    return _typed(statement, leaf, member, _created(statement, leaf, kind))


def _typed(statement: Statement, leaf: ir.Leaf, member: str, created: object) -> layout.Slot:
    """Return how a leaf is held that is nothing more than its type."""
    match ir.concrete(leaf.type):
        case ir.Integer() as type_:
            return _integer(statement, leaf, member, type_, created)
        case ir.Boolean():
            bits = _width(statement, leaf, 8, 0, 1)
            return layout.integer(member, f"u{bits}", bits, ir.Field(leaf, "bool", created))
        case ir.Enumeration(values=values):
            numbers = [value.value for value in values]
            bits = _width(statement, leaf, _narrowest(max(numbers)), min(numbers), max(numbers))
            return layout.integer(member, f"u{bits}", bits, ir.Field(leaf, "enum", created))
        case ir.Identityref(values=values):
            bits = _width(statement, leaf, _narrowest(len(values)), 1, len(values))
            return layout.integer(member, f"u{bits}", bits, ir.Field(leaf, "enum", created))
        case ir.Address(name=name) if name in _ADDRESS_SIZES:
            return _address(leaf, member, name, created)
        case ir.String(lengths=lengths) if lengths and lengths[-1][1] < _LONGEST:
            size = lengths[-1][1] + 1
            return layout.raw(member, "char", size, ir.Field(leaf, "string", created), size)
        case ir.String():
            message = f'string {leaf.name} needs a greatest length to be in a map: length "0..15"'
        case _:
            message = (
                f"the type of {leaf.name} cannot be held in a map of this kind; "
                "mark the leaf ebpf:none, or choose another type"
            )
    raise Unsupported(statement, message)


def _check_value(statement: Statement, leaf: ir.Leaf, kind: str, *, optional: bool) -> None:
    """Refuse a leaf that a map cannot say is not there, or that CPUs cannot share."""
    given = leaf.mandatory or leaf.default is not None
    if kind and leaf.config and not (given or optional):
        message = f"{leaf.name} is always there in a map: make it mandatory or give it a default"
        raise Unsupported(statement, message)
    summed = bindings.find(statement, "sum")
    if "percpu" in kind and (summed is None or leaf.config):
        message = f"{leaf.name} is in a per-CPU map: make it config false and ebpf:sum"
        raise Unsupported(statement, message)
    if summed is not None and "percpu" not in kind:
        raise Unsupported(summed, "ebpf:sum is for per-CPU maps; take kind percpu_hash or the like")


def _age(statement: Statement, leaf: ir.Leaf, member: str) -> layout.Slot:
    age = bindings.find(statement, "age")
    type_ = ir.concrete(leaf.type)
    if leaf.config or not isinstance(type_, ir.Integer) or type_.signed:
        raise Unsupported(age, f"{leaf.name} is an age: make it an unsigned integer, config false")
    expiry = bindings.argument(age, "expiry") or ""
    return layout.integer(member, "u64", 64, ir.Field(leaf, "age", expiry=expiry))


def _names_port(statement: Statement, leaf: ir.Leaf) -> bool:
    """Tell whether the values of a leaf are ports: it says so, or refers to their names."""
    refers = isinstance(leaf.type, ir.Leafref) and leaf.type.path == _PORT_NAMES
    return refers or bindings.find(statement, "port") is not None


def _port(statement: Statement, leaf: ir.Leaf, member: str) -> layout.Slot:
    if not isinstance(ir.concrete(leaf.type), ir.String):
        port = bindings.find(statement, "port")
        raise Unsupported(port, f"{leaf.name} names a port: make it a string or a leafref to one")
    optional = leaf.config and not leaf.mandatory and leaf.default is None
    return layout.integer(
        member, "u32", 32, ir.Field(leaf, "optional_port" if optional else "port")
    )


def _created(statement: Statement, leaf: ir.Leaf, kind: str) -> object:
    created = bindings.find(statement, "created")
    if created is None:
        return None
    if leaf.config or not kind or leaf.binding == "":
        message = "ebpf:created is for read-only leaves: others the operator gives"
        raise Unsupported(created, message)
    type_ = ir.concrete(leaf.type)
    value = default(type_, str(created.arg)) if _fits(type_, str(created.arg)) else None
    if value is None:
        raise Unsupported(created, f"{created.arg!r} is not a value of {leaf.name}")
    return value


def _fits(type_: ir.Type, text: str) -> bool:
    match type_:
        case ir.Enumeration(values=values):
            return text in {value.name for value in values}
        case ir.Boolean():
            return text in {"true", "false"}
        case ir.Integer(ranges=ranges):
            digits = re.fullmatch(r"-?[0-9]{1,20}", text)
            return digits is not None and any(low <= int(text) <= high for low, high in ranges)
        case _:
            return False


def _integer(
    statement: Statement, leaf: ir.Leaf, member: str, type_: ir.Integer, created: object
) -> layout.Slot:
    summed = bindings.find(statement, "sum") is not None
    low, high = type_.ranges[0][0], type_.ranges[-1][1]
    bits = _width(statement, leaf, type_.bits, low, high)
    order = bindings.argument(statement, "byte-order") or "host"
    if order not in {"host", "network"}:
        message = f"{order!r} is not a byte order; take host or network"
        raise Unsupported(bindings.find(statement, "byte-order"), message)
    if summed and (type_.signed or order == "network"):
        raise Unsupported(statement, f"{leaf.name} is summed: make it unsigned, in host byte order")
    if order == "host":
        field = ir.Field(leaf, "int" if type_.signed else "uint", created, summed=summed)
        return layout.integer(member, f"{'s' if type_.signed else 'u'}{bits}", bits, field)
    if type_.signed or bits == _WIDTHS[0]:
        message = f"{leaf.name} has no byte order: unsigned numbers of more than 8 bits do"
        raise Unsupported(statement, message)
    return layout.raw(member, f"__be{bits}", bits // 8, ir.Field(leaf, "network", created))


def _address(leaf: ir.Leaf, member: str, name: str, created: object) -> layout.Slot:
    size = _ADDRESS_SIZES[name]
    field = ir.Field(leaf, name.removesuffix("-address"), created)
    if name == "mac-address":
        return layout.raw(member, "u8", size, field, size)
    return layout.raw(member, "__be32", size, field, 0 if size == 4 else 4)  # noqa: PLR2004


def _width(statement: Statement, leaf: ir.Leaf, bits: int, low: int, high: int) -> int:
    """Return how many bits a number has: ``bits`` unless ``ebpf:type`` says otherwise."""
    sign = "s" if low < 0 and isinstance(ir.concrete(leaf.type), ir.Integer) else "u"
    if low < 0 and sign == "u":
        raise Unsupported(statement, f"{leaf.name} has negative values, which a map cannot hold")
    given = bindings.argument(statement, "type")
    if given is None:
        return bits
    if isinstance(type_ := ir.concrete(leaf.type), ir.Integer):
        sign = "s" if type_.signed else "u"
    # A signed number has one bit less for its size.
    spare = 1 if sign == "s" else 0
    size = max(high, -low - 1).bit_length() + spare
    fitting = [f"{sign}{width}" for width in _WIDTHS if size <= width]
    if given not in fitting:
        message = f"{given} cannot hold {leaf.name} ({low}..{high}); take {' or '.join(fitting)}"
        raise Unsupported(bindings.find(statement, "type"), message)
    return int(given[1:])


def _narrowest(high: int) -> int:
    return next(bits for bits in _WIDTHS if high < 2**bits)


def constants(maps: tuple[ir.Map, ...]) -> list[tuple[ir.Leaf, ir.Constants]]:
    """Return the C constants of the leaves in ``maps``."""
    return [
        (field.leaf, ir.Constants(field.leaf.path, tuple(made)))
        for map_ in maps
        for member, field in (*map_.key.fields, *map_.value.fields)
        if (made := [ir.Constant(f"{member.name.upper()}_{n}", v) for n, v in _named_values(field)])
    ]


def _named_values(field: ir.Field) -> list[tuple[str, int]]:
    type_ = ir.concrete(field.leaf.type)
    if field.kind == "optional_port":
        return [("NONE", _NO_PORT)]
    if field.kind != "enum":
        return []
    if isinstance(type_, ir.Identityref):
        return [(names.constant(name.rpartition(":")[2]), n) for name, n in type_.numbered]
    return [(value.constant, value.value) for value in getattr(type_, "values", ())]
