"""Leaf types: pyang's type statements to those of the IR.

The restrictions of every typedef on the way are applied. In services, IETF's addresses are
recognised by the name of their typedef, so that they are checked and packed as addresses, not as
text; plain models take them as the strings that they are, zones and all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any, TypeAlias

from polycube_generator import identities, ir, names, patterns
from polycube_generator.problems import Place

Statement: TypeAlias = Any
"""A pyang statement; pyang has no types."""

_ADDRESSES = {
    "ietf-yang-types": {"mac-address"},
    "ietf-inet-types": {
        "ip-address",
        "ip-address-no-zone",
        "ip-prefix",
        "ipv4-address",
        "ipv4-address-no-zone",
        "ipv4-prefix",
        "ipv6-address",
        "ipv6-address-no-zone",
        "ipv6-prefix",
    },
}
_RESTRICTIONS = ("length", "pattern", "range")
_TRUE = "true"


class Unsupported(Exception):  # noqa: N818  (it becomes a Problem; nobody sees it as an error)
    """A construct that the generator refuses, at ``statement``."""

    def __init__(self, statement: Statement, message: str) -> None:
        """Keep the statement for its place."""
        super().__init__(message)
        self.statement = statement
        self.message = message


Enums: TypeAlias = dict[str, tuple[Place, tuple[ir.EnumValue, ...]]]
"""The classes of enumerations that a package has: where they are in the model, and their values."""


def resolve(
    leaf: Statement,
    *,
    addresses: bool = True,
    enums: Enums | None = None,
    above: tuple[Statement, ...] = (),
) -> ir.Type:
    """Return the type of a leaf or leaf-list; raise ``Unsupported``.

    ``addresses`` says that IETF's are to be recognised. With ``enums``, names that clash with
    those are made different; without they are refused. ``above`` are the leafrefs that lead here.
    """
    resolver = _Resolver(leaf, addresses=addresses, enums=enums, above=(*above, leaf))
    return resolver.type(leaf.search_one("type"))


def default(type_: ir.Type, text: str) -> object:
    """Return the JSON value that ``text``, a default which pyang has checked, stands for."""
    match ir.concrete(type_):
        case ir.Integer():
            return _number(text)
        case ir.Boolean():
            return text == _TRUE
        case ir.Decimal64():
            return _decimal_text(text)
        case ir.Address():
            return text.lower()
        case ir.Bits(names=known):
            return " ".join(name for name in known if name in text.split())
        case ir.Identityref(module=module, values=values):
            return _identity(module, values, text)
        case ir.Union(members=members):
            return _union_default(members, text)
        case _:
            return text


def defaults(leaf_list: Statement) -> list[str]:
    """Return the default of a leaf-list: its own, or that of its type (RFC 7950, 7.7.2)."""
    if own := leaf_list.search("default"):
        return [item.arg for item in own]
    if int(text_of(leaf_list, "min-elements") or 0) > 0:
        return []
    for type_ in chain_of(leaf_list.search_one("type")):
        typedef = type_.i_typedef
        if typedef is not None and (found := typedef.search_one("default")):
            return [found.arg]
    return []


def _number(text: str) -> int:
    """Return a number that may be written in hexadecimal or octal digits (RFC 7950, 9.2.1)."""
    digits = text.lower().lstrip("+-")
    base = 16 if digits.startswith("0x") else 8 if digits.startswith("0") and digits != "0" else 10
    return int(text, base)


def _identity(module: str, values: tuple[str, ...], text: str) -> str:
    """Return the qualified name; a prefix in the text is not that of a module by necessity."""
    local = text.rpartition(":")[2]
    if f"{module}:{local}" in values and ":" not in text:
        return f"{module}:{local}"
    return next((value for value in values if value.rpartition(":")[2] == local), text)


def _union_default(members: tuple[ir.Type, ...], text: str) -> object:
    """Return the value in the first member that has it."""
    for member in members:
        if _accepts(ir.concrete(member), text):
            return default(member, text)
    return text


def _accepts(type_: ir.Type, text: str) -> bool:
    match type_:
        case ir.Integer(ranges=ranges):
            digits = text.lstrip("+-")
            return digits.isdigit() and any(low <= int(text) <= high for low, high in ranges)
        case ir.Boolean():
            return text in {"true", "false"}
        case ir.Enumeration(values=values):
            return text in {value.name for value in values}
        case ir.Identityref(values=values):
            local = text.rpartition(":")[2]
            return any(value.rpartition(":")[2] == local for value in values)
        case ir.Bits(names=known):
            return set(text.split()) <= set(known)
        case ir.Decimal64():
            return re.fullmatch(r"[+-]?[0-9]+(\.[0-9]+)?", text) is not None
        case ir.String(patterns=found, lengths=lengths):
            fits = not lengths or any(low <= len(text) <= high for low, high in lengths)
            return fits and all(map(patterns.matcher(text), found))
        case ir.Union(members=members):
            return any(_accepts(ir.concrete(member), text) for member in members)
        case ir.Empty():
            return False
        case _:
            return True


@dataclass(frozen=True, slots=True)
class _Resolver:
    """What the type statements of one leaf become."""

    leaf: Statement
    addresses: bool
    enums: Enums | None
    above: tuple[Statement, ...]

    def type(self, type_: Statement) -> ir.Type:  # noqa: C901, PLR0912 (a case for each type)
        chain = chain_of(type_)
        if self.addresses and (address := _address(chain)):
            return address
        match chain[-1].arg:
            case "boolean":
                return ir.Boolean()
            case "empty":
                return ir.Empty()
            case "string":
                return _string(chain)
            case "binary":
                return ir.Binary(_intervals(chain, "i_lengths"), _told(chain, "length"))
            case "bits":
                return _bits(chain)
            case "enumeration":
                return _enumeration(self.leaf, chain, self.enums)
            case "decimal64":
                return _decimal(type_, chain)
            case "identityref":
                return _identityref(self.leaf, chain)
            case "instance-identifier":
                return ir.InstanceIdentifier(is_required(chain))
            case "leafref":
                return self.leafref(type_, chain)
            case "union":
                members = next(t.search("type") for t in chain if t.search("type"))
                return ir.Union(tuple(map(self.type, members)))
            case name if name.lstrip("u").startswith("int"):
                return _integer(chain)
            case name:
                raise Unsupported(type_, f"there is no type {name}")

    def leafref(self, type_: Statement, chain: list[Statement]) -> ir.Leafref:
        target = leafref_target(self.leaf, type_, chain)
        if any(target is one for one in self.above):
            raise Unsupported(type_, "this leafref leads back to itself")
        # As the model has it, a path is the same wherever its grouping is used.
        own = _without_prefixes(path_statement(chain).arg)
        path = "/" + "/".join(path_of(target)) if self.addresses else own
        resolved = resolve(target, addresses=self.addresses, enums=self.enums, above=self.above)
        while not self.addresses and isinstance(resolved, ir.Leafref):
            resolved = resolved.target  # it is the other leaf that must refer to something
        return ir.Leafref(path, resolved, is_required(chain))


def leafref_target(leaf: Statement, type_: Statement, chain: list[Statement]) -> Statement:
    """Return the leaf that a leafref of ``leaf`` refers to, ``type_`` being it or its member."""
    # The type's own i_target_node is shared by all uses of a grouping; only the leaf's is its own.
    pointer = getattr(leaf, "i_leafref_ptr", None)
    if pointer is not None and type_ is leaf.search_one("type"):
        return pointer[0]
    from polycube_generator import leafrefs  # noqa: PLC0415  (it needs the schema's own names)

    return leafrefs.target(leaf, path_statement(chain))


def path_statement(chain: list[Statement]) -> Statement:
    """Return the path of a leafref."""
    return next(path for type_ in chain if (path := type_.search_one("path")))


def _without_prefixes(path: str) -> str:
    """Return the path of a leafref in one line, its names alone."""
    return re.sub(r"[\w.-]+:", "", " ".join(path.split()))


def is_required(chain: list[Statement]) -> bool:
    """Tell whether what a value refers to must be there."""
    found = (type_.search_one("require-instance") for type_ in chain)
    return next((statement.arg == _TRUE for statement in found if statement), True)


def chain_of(type_: Statement) -> list[Statement]:
    """Return the type statements from the leaf's own to the built-in one."""
    chain = [type_]
    while chain[-1].i_typedef is not None:
        chain.append(chain[-1].i_typedef.search_one("type"))
    return chain


def _address(chain: list[Statement]) -> ir.Address | None:
    for index, type_ in enumerate(chain):
        typedef = type_.i_typedef
        if typedef is None or typedef.arg not in _ADDRESSES.get(typedef.i_module.arg, ()):
            continue
        derived = chain[: index + 1]
        if any(type_.search_one(keyword) for type_ in derived for keyword in _RESTRICTIONS):
            return None  # no address as such any more, but a string that looks like one
        return ir.Address(typedef.arg.removesuffix("-no-zone"))
    return None


def _string(chain: list[Statement]) -> ir.String:
    found: dict[bool, list[str]] = {False: [], True: []}
    told: ir.Told = ()
    for type_ in reversed(chain):
        for statement in type_.search("pattern"):
            try:
                pattern = patterns.translate(statement.arg)
            except ValueError as error:
                raise Unsupported(statement, str(error)) from None
            inverted = found[statement.search_one("modifier") is not None]
            if pattern not in inverted:
                inverted.append(pattern)
                told += _said(statement, pattern)
    lengths = _intervals(chain, "i_lengths")
    errors = (*_told(chain, "length"), *told)
    return ir.String(tuple(found[False]), lengths, tuple(found[True]), errors)


def _told(chain: list[Statement], keyword: str) -> ir.Told:
    """Return what the most derived restriction has its refusals say."""
    found = next((one for type_ in chain if (one := type_.search_one(keyword))), None)
    return () if found is None else _said(found, keyword)


def _said(statement: Statement, restriction: str) -> ir.Told:
    message, tag = text_of(statement, "error-message"), text_of(statement, "error-app-tag")
    return ((restriction, message, tag),) if message or tag else ()


def _bits(chain: list[Statement]) -> ir.Bits:
    owner = next(type_ for type_ in chain if type_.search("bit"))
    bits = [bit for bit in owner.search("bit") if not hasattr(bit, "i_not_implemented")]
    found = sorted((int(bit.i_position), bit.arg) for bit in bits)
    return ir.Bits(tuple(name for _, name in found), tuple(position for position, _ in found))


def _identityref(leaf: Statement, chain: list[Statement]) -> ir.Identityref:
    bases = next(type_.search("base") for type_ in chain if type_.search("base"))
    derived = [identities.derived(base.i_identity) for base in bases]
    return ir.Identityref(leaf.i_module.i_modulename, tuple(sorted(set.intersection(*derived))))


def _intervals(chain: list[Statement], attribute: str) -> tuple[tuple[Any, Any], ...]:
    """Return the intervals of the most derived restriction; those below it contain them."""
    for type_ in chain:
        if intervals := getattr(type_, attribute, None):
            spec = type_.i_type_spec
            # Patterns of the same statement are specs around that of the length.
            while not hasattr(spec, "min"):
                spec = spec.base
            return tuple(
                (_limit(spec, low), _limit(spec, low if high is None else high))
                for low, high in intervals
            )
    return ()


def _limit(spec: Any, limit: Any) -> Any:
    """Return a number for ``limit``, which may be the word min or max."""
    if isinstance(limit, str):
        return spec.min if limit == "min" else spec.max
    return limit


def _integer(chain: list[Statement]) -> ir.Integer:
    base = chain[-1].arg
    bits, signed = int(base.lstrip("uint")), not base.startswith("u")
    ranges = _intervals(chain, "i_ranges")
    if not ranges:
        low = -(2 ** (bits - 1)) if signed else 0
        ranges = ((low, low + 2**bits - 1),)
    return ir.Integer(bits, signed, ranges, _told(chain, "range"))


def _decimal(type_: Statement, chain: list[Statement]) -> ir.Decimal64:
    spec = type_.i_type_spec
    while not hasattr(spec, "fraction_digits"):
        spec = spec.base
    ranges = _intervals(chain, "i_ranges") or ((spec.min, spec.max),)
    texts = tuple((_decimal_text(low), _decimal_text(high)) for low, high in ranges)
    return ir.Decimal64(int(spec.fraction_digits), texts, _told(chain, "range"))


def _decimal_text(value: Any) -> str:
    whole, _, fraction = str(value).partition(".")
    return f"{whole}.{fraction.rstrip('0') or '0'}"


def _enumeration(leaf: Statement, chain: list[Statement], enums: Enums | None) -> ir.Enumeration:
    owner = next(type_ for type_ in chain if type_.search("enum"))
    values: list[ir.EnumValue] = []
    seen: dict[str, str] = {}
    for enum in owner.search("enum"):
        if hasattr(enum, "i_not_implemented"):
            continue
        constant = names.constant(enum.arg)
        while constant in seen:
            if enums is None:
                both = f"enum {enum.arg!r} and {seen[constant]!r} are both {constant} in code"
                raise Unsupported(owner, f"{both}; rename one")
            constant += "_"
        seen[constant] = enum.arg
        values.append(ir.EnumValue(enum.arg, enum.i_value, constant, description(enum)))
    # A typedef'd enumeration is one class, wherever it is used.
    typedef = chain[0].i_typedef
    name = names.python_class(typedef.arg) if typedef else names.python_class(*path_of(leaf))
    if enums is None:
        return ir.Enumeration(name, tuple(values))
    one = (Place(owner.pos.ref, owner.pos.line), tuple(values))
    return ir.Enumeration(_class_name(leaf, typedef, one, enums), tuple(values))


def _class_name(
    leaf: Statement,
    typedef: Statement | None,
    one: tuple[Place, tuple[ir.EnumValue, ...]],
    enums: Enums,
) -> str:
    """Return the first name that no other enumeration has: of the typedef, or of the path."""
    if found := next((name for name, other in enums.items() if other == one), ""):
        return found  # another use of its grouping
    path = path_of(leaf)
    candidates = [names.python_class(typedef.arg)] if typedef else []
    candidates += [names.python_class(*path[-count:]) for count in range(2, len(path) + 1)]
    candidates += [f"{names.python_class(*path)}{count}" for count in range(2, len(enums) + 3)]
    return next(name for name in candidates if enums.setdefault(name, one)[1] == one[1])


def path_of(statement: Statement) -> tuple[str, ...]:
    """Return the names of the data nodes from the module down to ``statement``."""
    names_: list[str] = []
    node = statement
    while node is not None and node.keyword not in ("module", "submodule"):
        if node.keyword not in ("choice", "case"):
            names_.append(node.keyword if node.keyword in ("input", "output") else node.arg)
        node = node.parent
    return tuple(reversed(names_))


def text_of(statement: Statement, keyword: str) -> str:
    """Return the argument of a substatement in one line, empty if there is none."""
    found = statement.search_one(keyword)
    return "" if found is None else " ".join(found.arg.split())


def description(statement: Statement) -> str:
    """Return the description in one line."""
    return text_of(statement, "description")
