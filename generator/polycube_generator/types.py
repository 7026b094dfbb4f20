"""Leaf types: pyang's type statements to those of the IR.

The restrictions of every typedef on the way are applied. IETF's addresses are recognised by the
name of their typedef, so that they are checked and packed as addresses, not as text.
"""

from __future__ import annotations

from typing import Any, TypeAlias

from polycube_generator import ir, names, patterns

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


def resolve(leaf: Statement) -> ir.Type:
    """Return the type of a leaf or leaf-list; raise ``Unsupported``."""
    return _resolve(leaf, leaf.search_one("type"), owner=leaf)


def default(type_: ir.Type, text: str) -> object:
    """Return the JSON value that ``text``, a default which pyang has checked, stands for."""
    match ir.concrete(type_):
        case ir.Integer():
            return int(text, 16 if text.lower().lstrip("+-").startswith("0x") else 10)
        case ir.Boolean():
            return text == _TRUE
        case ir.Decimal64():
            whole, _, fraction = text.partition(".")
            return f"{whole}.{fraction.rstrip('0') or '0'}"
        case ir.Address():
            return text.lower()
        case ir.Union(members=members):
            return _union_default(members, text)
        case _:
            return text


def _union_default(members: tuple[ir.Type, ...], text: str) -> object:
    """Return the value in the first member that can have it."""
    for member in members:
        match ir.concrete(member):
            case ir.Integer():
                if text.lstrip("-").isdigit():
                    return int(text)
            case ir.Boolean():
                if text in {"true", "false"}:
                    return text == _TRUE
            case _:
                return text
    return text


def _resolve(leaf: Statement, type_: Statement, owner: Statement) -> ir.Type:
    chain = _chain(type_)
    if address := _address(chain):
        return address
    match chain[-1].arg:
        case "boolean":
            return ir.Boolean()
        case "empty":
            return ir.Empty()
        case "string":
            return ir.String(_patterns(chain), _intervals(chain, "i_lengths"))
        case "enumeration":
            return _enumeration(leaf, chain)
        case "decimal64":
            return _decimal(type_)
        case "leafref":
            return _leafref(leaf, chain, owner)
        case "union":
            members = next(t.search("type") for t in chain if t.search("type"))
            return ir.Union(tuple(_resolve(leaf, member, owner) for member in members))
        case name if name.lstrip("u").startswith("int"):
            return _integer(type_)
        case name:
            message = f"type {name} is not supported yet; use a string with a pattern"
            raise Unsupported(type_, message)


def _chain(type_: Statement) -> list[Statement]:
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
        for derived in chain[: index + 1]:
            for keyword in _RESTRICTIONS:
                if restriction := derived.search_one(keyword):
                    message = f"{keyword} on {typedef.arg} is not supported; use a plain string"
                    raise Unsupported(restriction, message)
        return ir.Address(typedef.arg.removesuffix("-no-zone"))
    return None


def _patterns(chain: list[Statement]) -> tuple[str, ...]:
    result = []
    for type_ in reversed(chain):
        for statement in type_.search("pattern"):
            if statement.search_one("modifier") is not None:
                raise Unsupported(statement, "modifier invert-match is not supported yet")
            try:
                result.append(patterns.to_python(statement.arg))
            except ValueError as error:
                raise Unsupported(statement, str(error)) from None
    return tuple(result)


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


def _integer(type_: Statement) -> ir.Integer:
    base = _chain(type_)[-1].arg
    bits, signed = int(base.lstrip("uint")), not base.startswith("u")
    ranges = _intervals(_chain(type_), "i_ranges")
    if not ranges:
        low = -(2 ** (bits - 1)) if signed else 0
        ranges = ((low, low + 2**bits - 1),)
    return ir.Integer(bits, signed, ranges)


def _decimal(type_: Statement) -> ir.Decimal64:
    spec = type_.i_type_spec
    ranges = _intervals(_chain(type_), "i_ranges") or ((spec.min, spec.max),)
    texts = tuple((_decimal_text(low), _decimal_text(high)) for low, high in ranges)
    return ir.Decimal64(spec.fraction_digits, texts)


def _decimal_text(value: Any) -> str:
    whole, _, fraction = str(value).partition(".")
    return f"{whole}.{fraction.rstrip('0') or '0'}"


def _enumeration(leaf: Statement, chain: list[Statement]) -> ir.Enumeration:
    owner = next(type_ for type_ in chain if type_.search("enum"))
    values = tuple(
        ir.EnumValue(enum.arg, enum.i_value, names.constant(enum.arg), description(enum))
        for enum in owner.search("enum")
        if not hasattr(enum, "i_not_implemented")
    )
    seen: dict[str, str] = {}
    for value in values:
        if (other := seen.setdefault(value.constant, value.name)) != value.name:
            message = (
                f"enum {value.name!r} and {other!r} are both {value.constant} in code; rename one"
            )
            raise Unsupported(owner, message)
    # A typedef'd enumeration is one class, wherever it is used.
    typedef = chain[0].i_typedef
    name = names.python_class(typedef.arg) if typedef else names.python_class(*path_of(leaf))
    return ir.Enumeration(name, values)


def _leafref(leaf: Statement, chain: list[Statement], owner: Statement) -> ir.Leafref:
    # The type's own i_target_node is shared by all uses of a grouping; only the leaf's is its own.
    pointer = getattr(leaf, "i_leafref_ptr", None)
    if pointer is None or owner.search_one("type").arg == "union":
        message = "a leafref in a union is not supported yet; use the type of its target"
        raise Unsupported(chain[0], message)
    target = pointer[0]
    return ir.Leafref("/" + "/".join(path_of(target)), resolve(target))


def path_of(statement: Statement) -> tuple[str, ...]:
    """Return the names of the data nodes from the module down to ``statement``."""
    names_: list[str] = []
    node = statement
    while node is not None and node.keyword not in ("module", "submodule"):
        if node.keyword not in ("choice", "case"):
            names_.append(node.keyword if node.keyword in ("input", "output") else node.arg)
        node = node.parent
    return tuple(reversed(names_))


def description(statement: Statement) -> str:
    """Return the description in one line."""
    found = statement.search_one("description")
    return " ".join(found.arg.split()) if found is not None else ""
