"""Leaf types as YANG statements."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from polycube_runtime.rest.restconf.xpaths import path
from polycube_runtime.support import types as t

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

    from polycube_runtime.support.types import Type

# What Rust's regular expressions have and XSD's do not; see the generator's patterns.
_RUST_ONLY = re.compile(r"\\u\{|--|&&|~~|\[\[|\[\^\[|\(\?|\\[AbBzdDsSwW]")
_ESCAPED = re.compile(r"\\([$#&~/ ])")
_WIDEST = 2**64 - 1
_ADDRESSES = {
    t.MacAddress: "[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}",
    t.Ipv4Address: "[0-9]{1,3}(\\.[0-9]{1,3}){3}",
    t.Ipv6Address: "[0-9a-fA-F:.]*:[0-9a-fA-F:.]*",
    t.IpAddress: "[0-9a-fA-F:.]+",
    t.Ipv4Prefix: "[0-9]{1,3}(\\.[0-9]{1,3}){3}/[0-9]{1,2}",
    t.Ipv6Prefix: "[0-9a-fA-F:.]*:[0-9a-fA-F:.]*/[0-9]{1,3}",
    t.IpPrefix: "[0-9a-fA-F:.]+/[0-9]{1,3}",
}


def quoted(text: str) -> str:
    """Return a YANG string."""
    if "'" not in text and "\n" not in text:
        return f"'{text}'"
    escaped = text.replace("\\", "\\\\").replace('"', '\\"').replace("\n", "\\n")
    return f'"{escaped}"'


def statement(type_: Type, depth: int) -> list[str]:
    """Return the lines of a type statement, of a leaf at `depth` below the cube."""
    name, inner = _parts(type_, depth)
    if not inner:
        return [f"type {name};"]
    return [f"type {name} {{", *(f"  {line}" for line in inner), "}"]


def _parts(type_: Type, depth: int) -> tuple[str, list[str]]:
    match type_:
        case t.Integer(bits=bits, signed=signed, ranges=ranges):
            return f"{'' if signed else 'u'}int{bits}", [f"range {quoted(_intervals(ranges))};"]
        case t.Decimal64(fraction_digits=digits, ranges=ranges):
            lines = [f"fraction-digits {digits};"]
            return "decimal64", [*lines, f"range {quoted(_intervals(ranges))};"]
        case t.String():
            return "string", [*_lengths(type_.lengths), *_patterns(type_)]
        case t.Enumeration(values=values):
            return "enumeration", [f"enum {quoted(name)} {{ value {n}; }}" for name, n in values]
        case t.Bits(names=bits_):
            return "bits", [f"bit {name};" for name in bits_]
        case t.Binary(lengths=lengths):
            return "binary", list(_lengths(lengths))
        case _:
            return _others(type_, depth)


def _others(type_: Type, depth: int) -> tuple[str, list[str]]:
    match type_:
        case t.Boolean():
            return "boolean", []
        case t.Empty():
            return "empty", []
        case t.InstanceIdentifier():
            return "instance-identifier", ["require-instance false;"]
        case t.Leafref(required=required):
            lines = [f"path {quoted(path(type_.path, depth))};"]
            return "leafref", lines if required else [*lines, "require-instance false;"]
        case t.Union(members=members):
            return "union", [line for one in members for line in statement(one, depth)]
        case t.Identityref(values=values):
            known = sorted(one.removeprefix(f"{type_.module}:") for one in values)
            pattern = "|".join(map(re.escape, known))
            return "string", [f"pattern {quoted(pattern)};"] if known else []
        case _:
            pattern = _ADDRESSES.get(type(type_), ".*")
            return "string", [f"pattern {quoted(pattern)};"]


def _intervals(ranges: Iterable[tuple[object, object]]) -> str:
    return " | ".join(str(low) if low == high else f"{low}..{high}" for low, high in ranges)


def _lengths(lengths: tuple[tuple[int, int], ...]) -> Iterator[str]:
    if lengths:
        ends = ((low, "max" if high >= _WIDEST else high) for low, high in lengths)
        yield f"length {quoted(_intervals(ends))};"


def _patterns(type_: t.String) -> Iterator[str]:
    """Yield the patterns that XSD can say; the daemon checks the others, too."""
    for given, end in ((type_.patterns, ";"), (type_.inverted, " { modifier invert-match; }")):
        for pattern in given:
            if not _RUST_ONLY.search(pattern):
                text = _ESCAPED.sub(r"\1", pattern)
                yield f"pattern {quoted(text)}{end}"
