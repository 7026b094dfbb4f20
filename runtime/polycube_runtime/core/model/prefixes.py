"""Prefixes in keys of maps: an entry is found whatever host bits it was written with.

RFC 6991 keeps host bits out of the canonical form of a prefix; models use the type for addresses of
interfaces too, so that here it is done where a prefix is in the key of a map.
"""

from __future__ import annotations

from functools import cache
from ipaddress import ip_network
from typing import TYPE_CHECKING, Any

from polycube_runtime.core.model.place import key_of
from polycube_runtime.support.errors import InvalidValue
from polycube_runtime.support.kinds import Kind
from polycube_runtime.support.schema import Container, List, Service

if TYPE_CHECKING:
    from polycube_runtime.core.model.place import Place
    from polycube_runtime.support.schema import Node

Object = dict[str, Any]
Prefixes = dict[str, frozenset[str]]


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
        InvalidValue: two entries of a list are one.

    """
    prefixes = _prefixes(place.service)
    return _canonical(prefixes, place, value) if prefixes else value


@cache
def _prefixes(service: Service) -> Prefixes:
    """Return the leaves that are prefixes in the keys of maps, by the maps' names."""
    kinds = {Kind.PREFIX4, Kind.PREFIX6, Kind.PREFIX}
    found = {
        layout.name: frozenset(one.leaf for one in layout.key.fields if one.kind in kinds)
        for layout in service.maps
    }
    return {name: leaves for name, leaves in found.items() if leaves}


def _masked(prefixes: Prefixes, node: Node | Service, key: tuple[Any, ...]) -> tuple[Any, ...]:
    leaves = prefixes.get(node.binding) if isinstance(node, List) else None
    if not leaves or not isinstance(node, List):
        return key
    pairs = zip(node.keys, key, strict=True)
    return tuple(
        str(ip_network(one, strict=False)) if name in leaves else one for name, one in pairs
    )


def _canonical(prefixes: Prefixes, place: Place, value: Any) -> Any:
    node = place.node
    if isinstance(node, List) and node.binding in prefixes:
        if isinstance(value, list):
            return _entries(place, node, [_entry(prefixes, node, one) for one in value])
        return _entry(prefixes, node, value) if isinstance(value, dict) else value
    if isinstance(node, Container | Service) and isinstance(value, dict):
        inner = {one.name: one for one in node.children if isinstance(one, Container | List)}
        return {
            name: _canonical(prefixes, place.child(inner[name]), one) if name in inner else one
            for name, one in value.items()
        }
    return value  # a map is in no list


def _entry(prefixes: Prefixes, node: List, entry: Object) -> Object:
    if not all(name in entry for name in node.keys):
        return entry
    return {
        **entry,
        **dict(zip(node.keys, _masked(prefixes, node, key_of(node, entry)), strict=True)),
    }


def _entries(place: Place, node: List, entries: list[Object]) -> list[Object]:
    seen = set()
    for entry in entries:
        key = key_of(node, entry)
        if key in seen:
            message = "is there twice: entries that differ in host bits only are one"
            raise InvalidValue(message, place.entry(key).path)
        seen.add(key)
    return entries
