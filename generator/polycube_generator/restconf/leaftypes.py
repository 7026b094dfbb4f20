"""Leaf types as YANG statements: typedefs resolved, but for those of the IETF and of IANA."""

from __future__ import annotations

from typing import TYPE_CHECKING

from polycube_generator import resources, types
from polycube_generator.restconf import expressions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from polycube_generator.restconf.expressions import Prefixes
    from polycube_generator.types import Statement

Lines = list[str]
_SHORT = 40


def quoted(text: str) -> str:
    """Return a YANG string."""
    if "'" not in text and "\n" not in text:
        return f"'{text}'"
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def block(head: str, inner: Lines) -> Lines:
    """Return a statement with what is in it."""
    if len(inner) == 1 and len(head) + len(inner[0]) < _SHORT and not inner[0].endswith("}"):
        return [f"{head} {{ {inner[0]} }}"]
    return [f"{head} {{", *(f"  {line}" for line in inner), "}"] if inner else [f"{head};"]


def is_standard(module: Statement) -> bool:
    """Tell whether a module is one that everybody has."""
    return str(module.pos.ref).startswith(str(resources.standard_models()))


def lines(prefixes: Prefixes, leaf: Statement, type_: Statement, depth: int) -> Lines:
    """Return the lines of a type of `leaf`, which is at `depth` below the cube."""
    chain, name = [], ""
    for one in types.chain_of(type_):
        chain.append(one)
        typedef = one.i_typedef
        if typedef is not None and is_standard(typedef.i_orig_module):
            name = prefixes.of(typedef.i_orig_module.arg) + typedef.arg
            break
    inner = [line for one in _restrictions(chain) for line in one]
    inner += _parts(prefixes, leaf, chain, depth)
    return block(f"type {name or chain[-1].arg}", inner)


def _restrictions(chain: list[Statement]) -> Iterator[Lines]:
    for keyword in ("fraction-digits", "range", "length"):
        found = next((one for type_ in chain if (one := type_.search_one(keyword))), None)
        if found is not None:
            yield block(f"{keyword} {quoted(' '.join(found.arg.split()))}", _told(found))
    for type_ in reversed(chain):
        for pattern in type_.search("pattern"):
            inverted = pattern.search_one("modifier") is not None
            inner = (["modifier invert-match;"] if inverted else []) + _told(pattern)
            yield block(f"pattern {quoted(pattern.arg)}", inner)


def _told(statement: Statement) -> Lines:
    """Return what a restriction has its refusals say."""
    found = ((name, types.text_of(statement, name)) for name in ("error-message", "error-app-tag"))
    return [f"{name} {quoted(text)};" for name, text in found if text]


def _parts(prefixes: Prefixes, leaf: Statement, chain: list[Statement], depth: int) -> Lines:
    """Return what a type is made of: enums, bits, bases, members, or where it leads."""
    found: Lines = []
    for keyword, number, attribute in (
        ("enum", "value", "i_value"),
        ("bit", "position", "i_position"),
    ):
        for one in next((t.search(keyword) for t in chain if t.search(keyword)), ()):
            if not hasattr(one, "i_not_implemented"):
                about = types.description(one)
                inner = [f"{number} {getattr(one, attribute)};"]
                inner += [f"description {quoted(about)};"] if about else []
                found += block(f"{keyword} {quoted(one.arg)}", inner)
    for base in next((t.search("base") for t in chain if t.search("base")), ()):
        identity = base.i_identity
        found.append(f"base {prefixes.of(identity.i_module.i_modulename)}{identity.arg};")
    for member in next((t.search("type") for t in chain if t.search("type")), ()):
        found += lines(prefixes, leaf, member, depth)
    for type_ in chain:
        if where := type_.search_one("path"):
            found.append(f"path {quoted(expressions.path(prefixes, leaf, where, depth))};")
    if chain[-1].arg in {"leafref", "instance-identifier"} and not types.is_required(chain):
        found.append("require-instance false;")
    return found
