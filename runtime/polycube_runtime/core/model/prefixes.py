"""Keys of tries: an entry is found by its prefix, whatever host bits it was written with.

RFC 6991 keeps host bits out of the canonical form of a prefix; models use the type for addresses of
interfaces too, so that here it is done where a prefix is the key of an `lpm_trie`.
"""

from __future__ import annotations

from functools import cache
from ipaddress import ip_network
from typing import TYPE_CHECKING, Any

from polycube_runtime.core.model.place import key_of
from polycube_runtime.support.errors import InvalidValue
from polycube_runtime.support.schema import Container, List, Service

if TYPE_CHECKING:
    from polycube_runtime.core.model.place import Place
    from polycube_runtime.support.schema import Node

Object = dict[str, Any]


def canonical_place(place: Place) -> Place:
    """Return `place` with its keys in canonical form."""
    tries = _tries(place.service)
    if not tries:
        return place
    steps = tuple(
        (node, _masked(key) if key is not None and _is_trie(tries, node) else key)
        for node, key in place.steps
    )
    return place._replace(steps=steps)


def canonical_value(place: Place, value: Any) -> Any:
    """Return a validated value for `place` with the keys of tries in it in canonical form.

    Raises:
        InvalidValue: two entries of a trie are one.

    """
    tries = _tries(place.service)
    return _canonical(tries, place, value) if tries else value


@cache
def _tries(service: Service) -> frozenset[str]:
    return frozenset(layout.name for layout in service.maps if layout.kind == "lpm_trie")


def _is_trie(tries: frozenset[str], node: Node | Service) -> bool:
    return isinstance(node, List) and node.binding in tries


def _masked(key: tuple[Any, ...]) -> tuple[Any, ...]:
    return tuple(str(ip_network(one, strict=False)) for one in key)


def _canonical(tries: frozenset[str], place: Place, value: Any) -> Any:
    node = place.node
    if isinstance(node, List) and _is_trie(tries, node):
        if isinstance(value, list):
            return _entries(place, node, [_entry(node, one) for one in value])
        return _entry(node, value) if isinstance(value, dict) else value
    if isinstance(node, Container | Service) and isinstance(value, dict):
        inner = {one.name: one for one in node.children if isinstance(one, Container | List)}
        return {
            name: _canonical(tries, place.child(inner[name]), one) if name in inner else one
            for name, one in value.items()
        }
    return value  # a map is in no list


def _entry(node: List, entry: Object) -> Object:
    if not all(isinstance(entry.get(name), str) for name in node.keys):
        return entry
    return {**entry, **dict(zip(node.keys, _masked(key_of(node, entry)), strict=True))}


def _entries(place: Place, node: List, entries: list[Object]) -> list[Object]:
    seen = set()
    for entry in entries:
        key = key_of(node, entry)
        if key in seen:
            message = "is there twice: entries that differ in host bits only are one"
            raise InvalidValue(message, place.entry(key).path)
        seen.add(key)
    return entries
