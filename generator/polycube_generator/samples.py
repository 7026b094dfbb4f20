"""Values that fit a type, for the examples in documents and the tests of new services."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from polycube_generator import ir

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

ABSENT = object()
"""No value is known that fits."""

PORT = "port1"
"""The port that a standard cube has in every example."""

_ADDRESSES = {
    "mac-address": "02:00:00:00:00:01",
    "ipv4-address": "10.0.0.1",
    "ipv6-address": "2001:db8::1",
    "ip-address": "10.0.0.1",
    "ipv4-prefix": "10.0.0.0/24",
    "ipv6-prefix": "2001:db8::/32",
    "ip-prefix": "10.0.0.0/24",
}
_TEXTS = ("one", "a", "A", "1", "0", "a1", "10.0.0.1", "02:00:00:00:00:01", "2026-01-01", "0x1")
"""What is tried where a pattern asks for something."""

_LONGEST = 24
"""Characters of a text that a pattern is tried on: Python's engine may need exponential time."""


_THERE = {"netdev": "lo", "optional_netdev": "lo", "program": "ingress"}
"""What there is on every machine and in every cube, by what a leaf names."""


@dataclass(frozen=True, slots=True)
class Ports:
    """The leaves that name a port by the map that they are in; ``any`` if cubes have ports.

    ``others`` are values of those that name something else which must be there.
    """

    paths: frozenset[str] = frozenset()
    any: bool = True
    others: Mapping[str, str] = field(default_factory=dict)

    @classmethod
    def of(cls, service: ir.Service) -> Ports:
        """Return those of a service."""
        fields = [
            held
            for one in service.maps
            for struct in (one.row, one.value)
            for _, held in struct.fields
        ]
        paths = (held.leaf.path for held in fields if held.kind.endswith("port"))
        others = {held.leaf.path: _THERE[held.kind] for held in fields if held.kind in _THERE}
        return cls(frozenset(paths), service.kind == "standard", others)


NO_PORTS = Ports()
"""Of models without maps."""


def of_leaf(leaf: ir.Leaf | ir.LeafList, ports: Ports = NO_PORTS) -> object:
    """Return a JSON value of one leaf, its own example if that fits; else ``ABSENT``."""
    is_port = isinstance(leaf.type, ir.Leafref) and leaf.type.path == "/ports/name"
    if is_port or leaf.path in ports.paths:
        return PORT if ports.any else ABSENT
    if name := ports.others.get(leaf.path):
        return name
    if leaf.example and (parsed := _parsed(leaf.example, leaf.type)) is not ABSENT:
        return parsed
    if isinstance(leaf, ir.Leaf) and leaf.default is not None:
        return leaf.default
    return of_type(leaf.type)


def of_node(node: ir.Node, ports: Ports = NO_PORTS) -> object:
    """Return a JSON value of configuration: an object has what it must; ``ABSENT`` if unknown."""
    match node:
        case ir.Leaf():
            return of_leaf(node, ports)
        case ir.LeafList():
            value = of_leaf(node, ports)
            return ABSENT if value is ABSENT else [value]
        case ir.AnyData():
            return {}
        case ir.Container():
            return of_members(node.children, ports, node.choices)
        case ir.List():
            value = of_members(node.children, ports, node.choices)
            return ABSENT if value is ABSENT else [value]
        case _:
            return ABSENT


def of_members(
    children: Iterable[ir.Node], ports: Ports = NO_PORTS, choices: tuple[ir.Choice, ...] = ()
) -> object:
    """Return an object with every member that is needed; ``ABSENT`` if one is not known."""
    nodes = {child.name: child for child in children}
    wanted = [name for name, node in nodes.items() if is_needed(node)]
    for choice in choices:
        if choice.mandatory and choice.cases:
            wanted += _case(choice.cases[0], nodes)
    found = {name: of_node(nodes[name], ports) for name in nodes if name in wanted}
    return ABSENT if ABSENT in found.values() else found


def _case(case: ir.Case, nodes: Mapping[str, ir.Node]) -> list[str]:
    """Return the members of a case to give, so that it is the one that is chosen."""
    needed = [name for name in case.members if is_needed(nodes[name], chosen=True)]
    return needed or list(case.members[:1])


def is_needed(node: ir.Node, *, chosen: bool = False) -> bool:
    """Tell whether an object cannot be created without this member.

    What comes with a condition is not needed, unless its case is ``chosen``.
    """
    if not node.config or node.when or (node.conditional and not chosen):
        return False
    match node:
        case ir.Leaf():
            return node.mandatory or node.key
        case ir.AnyData():
            return node.mandatory
        case ir.LeafList() | ir.List():
            return node.min_elements > 0
        case ir.Container():
            chosen = any(choice.mandatory for choice in node.choices)
            return not node.presence and (chosen or any(map(is_needed, node.children)))
        case _:
            return False


def of_type(type_: ir.Type) -> object:
    """Return a JSON value of a type; ``ABSENT`` if none is known."""
    match ir.concrete(type_):
        case ir.Integer(ranges=ranges):
            return min(max(1, ranges[0][0]), ranges[0][1])
        case ir.Decimal64(ranges=ranges):
            return ranges[0][0] if ranges else "1.0"
        case ir.Boolean():
            return True
        case ir.Empty():
            return [None]
        case ir.Enumeration() | ir.Bits() | ir.Identityref() as words:
            return next(iter(_words(words)), ABSENT)
        case ir.Address(name=name):
            return _ADDRESSES.get(name.removesuffix("-no-zone"), ABSENT)
        case ir.Union(members=members):
            found = (of_type(member) for member in members)
            return next((value for value in found if value is not ABSENT), ABSENT)
        case ir.String() as text:
            return next((value for value in _TEXTS if _fits(value, text)), ABSENT)
        case _:
            return ABSENT


def _words(type_: ir.Enumeration | ir.Bits | ir.Identityref) -> tuple[str, ...]:
    match type_:
        case ir.Enumeration(values=values):
            return tuple(value.name for value in values)
        case ir.Bits(names=names):
            return names
        case ir.Identityref(values=values):
            return values


def _parsed(text: str, type_: ir.Type) -> object:
    """Return the value that an example means; ``ABSENT`` if it does not fit."""
    match ir.concrete(type_):
        case ir.Integer(ranges=ranges):
            number = int(text) if re.fullmatch(r"-?\d{1,20}", text) else None
            inside = number is not None and any(low <= number <= high for low, high in ranges)
            return number if inside else ABSENT
        case ir.Boolean():
            return text == "true" if text in {"true", "false"} else ABSENT
        case ir.Enumeration(values=values):
            known = {value.name.lower(): value.name for value in values}
            return known.get(text.lower(), ABSENT)
        case ir.String() as string:
            return text if _fits(text, string) else ABSENT
        case ir.Union(members=members):
            found = (_parsed(text, member) for member in members)
            return next((value for value in found if value is not ABSENT), ABSENT)
        case ir.Address(name=name):
            return text if _is_address(name, text) else ABSENT
        case ir.Decimal64() | ir.Bits() | ir.Identityref():
            return text
        case _:
            return ABSENT


def _is_address(name: str, text: str) -> bool:
    """Tell roughly: the model's author wrote it, this only sorts out what is of another kind."""
    if name == "mac-address":
        return re.fullmatch(r"(?i)[0-9a-f]{2}(:[0-9a-f]{2}){5}", text) is not None
    return ("/" in text) == name.endswith("-prefix")


def _fits(value: str, type_: ir.String) -> bool:
    if not value.isprintable() or len(value) > _LONGEST:
        return False
    if type_.lengths and not any(low <= len(value) <= high for low, high in type_.lengths):
        return False
    try:
        return all(re.fullmatch(one, value) for one in type_.patterns) and not any(
            re.fullmatch(one, value) for one in type_.inverted
        )
    except re.error:  # Rust's syntax has more than Python's: then it is not known
        return False
