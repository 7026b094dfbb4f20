"""Prefixes in keys of maps: an entry is found whatever host bits it was written with.

RFC 6991 keeps host bits out of the canonical form of a prefix; models use the type for addresses of
interfaces too, so that here it is done where a prefix is in the key of a map.
"""

from __future__ import annotations

import socket
from collections import Counter
from functools import cache
from ipaddress import ip_network
from typing import TYPE_CHECKING, Any

from polycube_runtime.core.model.place import key_of
from polycube_runtime.support.errors import InvalidValue
from polycube_runtime.support.kinds import Kind
from polycube_runtime.support.schema import Container, LeafList, List, Service

if TYPE_CHECKING:
    from polycube_runtime.core.model.place import Key, Place
    from polycube_runtime.support.schema import Node

Object = dict[str, Any]
Prefixes = dict["Node | Service", frozenset[str]]
"""Nodes with prefixes in the keys of maps, in them or below, and the names of their own."""

_KINDS = frozenset({Kind.PREFIX4, Kind.PREFIX6, Kind.PREFIX})


def canonical_place(place: Place) -> Place:
    """Return `place` with its keys in canonical form."""
    prefixes = _prefixes(place.service)
    if not prefixes:
        return place
    steps = tuple(
        (node, _masked(prefixes, node, key) if key is not None else None)
        for node, key in place.steps
    )
    return place._replace(steps=steps)


def canonical_value(place: Place, value: Any) -> Any:
    """Return a validated value for `place` with the prefixes of its keys in canonical form.

    Raises:
        InvalidValue: two entries of a list, or two values of a leaf-list, are one.

    """
    prefixes = _prefixes(place.service)
    return _canonical(prefixes, place, value) if place.node in prefixes else value


@cache
def _prefixes(service: Service) -> Prefixes:
    layouts = {layout.name: layout for layout in service.maps}
    found: Prefixes = {}

    def search(node: Node | Service) -> bool:
        layout, names = layouts.get(getattr(node, "binding", "")), frozenset[str]()
        if layout and isinstance(node, List | LeafList):
            own = {node.name} if isinstance(node, LeafList) else set(node.keys)
            fields = [one for one in layout.key.fields if one.kind in _KINDS]
            names = frozenset(one.leaf for one in fields if one.leaf in own)
        children = node.children if isinstance(node, Service | Container | List) else ()
        below = [child for child in children if search(child)]
        if names or below:
            found[node] = names
        return node in found

    search(service)
    return found


def _masked(prefixes: Prefixes, node: Node, key: Key) -> Key:
    leaves = prefixes.get(node)
    if not leaves or not isinstance(node, List):
        return key
    pairs = zip(node.keys, key, strict=True)
    return tuple(_network(one) if name in leaves else one for name, one in pairs)


def _network(prefix: str) -> str:
    """Return a canonical prefix without host bits; most have none, which is seen in 1 µs."""
    address, _, length = prefix.partition("/")
    raw = socket.inet_pton(socket.AF_INET6 if ":" in address else socket.AF_INET, address)
    spare = 8 * len(raw) - int(length)
    if not int.from_bytes(raw, "big") & ((1 << spare) - 1):
        return prefix
    return str(ip_network(prefix, strict=False))


def _canonical(prefixes: Prefixes, place: Place, value: Any) -> Any:
    match place.node:
        case LeafList():
            return _values(place, value) if isinstance(value, list) else value
        case List() if isinstance(value, list):
            return _entries(place, [_entry(prefixes, place, one) for one in value])
        case List():
            return _entry(prefixes, place, value) if isinstance(value, dict) else value
        case _:
            return _members(prefixes, place, value)


def _members(prefixes: Prefixes, place: Place, value: Any) -> Any:
    children: tuple[Node, ...] = getattr(place.node, "children", ())
    inner = {one.name: one for one in children if one in prefixes}
    if not isinstance(value, dict) or not inner:
        return value
    return {
        name: _canonical(prefixes, place.child(inner[name]), one) if name in inner else one
        for name, one in value.items()
    }


def _entry(prefixes: Prefixes, place: Place, entry: Object) -> Object:
    node = place.list_node
    if all(name in entry for name in node.keys):
        key = _masked(prefixes, node, key_of(node, entry))
        entry, place = {**entry, **dict(zip(node.keys, key, strict=True))}, place.entry(key)
    whole: Object = _members(prefixes, place, entry)
    return whole


def _entries(place: Place, entries: list[Object]) -> list[Object]:
    keys = [key_of(place.list_node, entry) for entry in entries]
    for key in _twice(keys):
        message = "is there twice: entries that differ in host bits only are one"
        raise InvalidValue(message, place.entry(key).path)
    return entries


def _values(place: Place, values: list[Any]) -> list[Any]:
    found = [_network(one) for one in values]
    for value in _twice(found):
        message = f"{value} is there twice: values that differ in host bits only are one"
        raise InvalidValue(message, place.path)
    return found


def _twice(found: list[Any]) -> list[Any]:
    """Return what is in a list more than once."""
    if len(set(found)) == len(found):
        return []
    return [one for one, number in Counter(found).items() if number > 1]
