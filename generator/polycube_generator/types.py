"""Leaf types: pyang's type statements to those of the IR.

The restrictions of every typedef on the way are applied. In services, IETF's addresses are
recognised by the name of their typedef, so that they are checked and packed as addresses, not as
text; plain models take them as the strings that they are, zones and all.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
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
_MEMBERS = 10_000
"""How many types there may be in unions, which typedefs of unions can double and double again."""
_RESTRICTIONS = ("length", "pattern", "range")
_TRUE = "true"


class Unsupported(Exception):  # noqa: N818  (it becomes a Problem; nobody sees it as an error)
    """A construct that the generator refuses, at ``statement``."""

    def __init__(self, statement: Statement, message: str) -> None:
        """Keep the statement for its place."""
        super().__init__(message)
        self.statement = statement
        self.message = message


Enum: TypeAlias = tuple[Place, tuple[ir.EnumValue, ...]]
"""An enumeration: where it is in the model, and its values."""

Enums: TypeAlias = dict[str, Enum]
"""The classes of enumerations that a package has, by their names."""


@dataclass(slots=True)
class Types:
    """The types of the leaves of a package, each found once.

    ``addresses`` says that it is a service: IETF's are to be recognised, and classes have names
    of their whole path. ``enums`` are the classes so far, of which no two have the same name.
    """

    addresses: bool = True
    enums: Enums = field(default_factory=dict)
    _known: dict[Statement, ir.Type] = field(default_factory=dict)
    _pending: set[Statement] = field(default_factory=set)
    _members: int = 0

    def of(self, leaf: Statement) -> ir.Type:
        """Return the type of a leaf or leaf-list; raise ``Unsupported``."""
        if leaf not in self._known:
            self._pending.add(leaf)
            self._members = 0
            try:
                self._known[leaf] = self._type(leaf, leaf.search_one("type"))
            finally:
                self._pending.discard(leaf)
        return self._known[leaf]

    def _type(  # noqa: C901, PLR0912 (a case for each type)
        self, leaf: Statement, type_: Statement
    ) -> ir.Type:
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
                return self._enumeration(leaf, chain)
            case "decimal64":
                return _decimal(type_, chain)
            case "identityref":
                return _identityref(leaf, chain)
            case "instance-identifier":
                return ir.InstanceIdentifier(is_required(chain))
            case "leafref":
                return self._leafref(leaf, type_, chain)
            case "union":
                members = next(t.search("type") for t in chain if t.search("type"))
                self._members += len(members)
                if self._members > _MEMBERS:
                    message = f"there are more than {_MEMBERS:,} types in the unions of this one"
                    raise Unsupported(type_, message)
                return ir.Union(tuple(self._type(leaf, member) for member in members))
            case name if name.lstrip("u").startswith("int"):
                return _integer(chain)
            case name:
                raise Unsupported(type_, f"there is no type {name}")

    def _enumeration(self, leaf: Statement, chain: list[Statement]) -> ir.Enumeration:
        owner = next(type_ for type_ in chain if type_.search("enum"))
        typedef = chain[0].i_typedef
        one = (Place(owner.pos.ref, owner.pos.line), _enum_values(owner))
        name = self._class_name(leaf, typedef, one)
        return ir.Enumeration(name, one[1], description(typedef or leaf))

    def _class_name(self, leaf: Statement, typedef: Statement | None, one: Enum) -> str:
        """Return the first name that no other enumeration has: of the typedef, or of the path."""
        path = path_of(leaf)
        least = len(path)
        if not self.addresses:
            if found := next((name for name, other in self.enums.items() if other == one), ""):
                return found  # another use of its grouping
            least = 2
        # A typedef'd enumeration is one class, wherever it is used.
        candidates = [names.python_class(typedef.arg)] if typedef else []
        candidates += [names.python_class(*path[-n:]) for n in range(least, len(path) + 1)]
        whole = names.python_class(*path)
        candidates += [f"{whole}{number}" for number in range(2, len(self.enums) + 3)]
        return next(name for name in candidates if self.enums.setdefault(name, one)[1] == one[1])

    def _leafref(self, leaf: Statement, type_: Statement, chain: list[Statement]) -> ir.Leafref:
        target = leafref_target(leaf, type_, chain)
        if target in self._pending:
            raise Unsupported(type_, "this leafref leads back to itself")
        # As the model has it, a path is the same wherever its grouping is used.
        own = _without_prefixes(path_statement(chain).arg)
        path = "/" + "/".join(path_of(target)) if self.addresses else own
        resolved = self.of(target)
        while not self.addresses and isinstance(resolved, ir.Leafref):
            resolved = resolved.target  # it is the other leaf that must refer to something
        return ir.Leafref(path, resolved, is_required(chain))


def concrete(leaf: Statement, *, addresses: bool) -> ir.Type:
    """Return the type that the values of a leaf have, leafrefs followed; its class has any name."""
    return ir.concrete(Types(addresses).of(leaf))


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
    status = tuple((bit.arg, said) for bit in bits if (said := status_of(bit)))
    return ir.Bits(tuple(name for _, name in found), tuple(place for place, _ in found), status)


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
    ranges = _intervals(chain, "i_ranges") or ir.whole(bits, signed=signed).ranges
    return ir.Integer(bits, signed, ranges, _told(chain, "range"))


def _decimal(type_: Statement, chain: list[Statement]) -> ir.Decimal64:
    spec = type_.i_type_spec
    while not hasattr(spec, "fraction_digits"):
        spec = spec.base
    ranges = _intervals(chain, "i_ranges") or ((spec.min, spec.max),)
    texts = tuple((decimal_text(low), decimal_text(high)) for low, high in ranges)
    return ir.Decimal64(int(spec.fraction_digits), texts, _told(chain, "range"))


def decimal_text(value: Any) -> str:
    """Return a decimal64 in its canonical form (RFC 7950, 9.3.2)."""
    whole, _, fraction = str(value).partition(".")
    digits = f"{whole.lstrip('+-').lstrip('0') or '0'}.{fraction.rstrip('0') or '0'}"
    return f"-{digits}" if whole.startswith("-") and digits != "0.0" else digits


def _enum_values(owner: Statement) -> tuple[ir.EnumValue, ...]:
    """Return the values of an enumeration, no two of which are one constant."""
    values: dict[str, ir.EnumValue] = {}
    for enum in owner.search("enum"):
        if hasattr(enum, "i_not_implemented"):
            continue
        constant = names.constant(enum.arg)
        while constant in values:
            constant += "_"
        values[constant] = ir.EnumValue(
            enum.arg, enum.i_value, constant, description(enum), status_of(enum)
        )
    return tuple(values.values())


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


def status_of(statement: Statement) -> str:
    """Return deprecated or obsolete, empty for current."""
    found = text_of(statement, "status")
    return "" if found == "current" else found


def description(statement: Statement) -> str:
    """Return the description in one line."""
    return text_of(statement, "description")
