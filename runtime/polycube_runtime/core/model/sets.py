"""Leaf-lists with a map of their own: each value is a key of it, after the keys around."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeGuard

from polycube_runtime.support.schema import LeafList

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from polycube_runtime.support.codec import MapLayout
    from polycube_runtime.support.schema import Node, Service


def is_set(node: Node | Service, layout: MapLayout) -> TypeGuard[LeafList]:
    """Tell whether the values of a node are the keys of the map that it is bound to."""
    return isinstance(node, LeafList) and not layout.value.fields


def values(node: LeafList, rows: Iterable[Mapping[str, Any]]) -> list[Any]:
    """Return the values that are in rows of the map, in order: a hash has none of its own."""
    return sorted((row[node.name] for row in rows), key=_rank)


def rows(node: LeafList, found: Iterable[Any]) -> list[dict[str, Any]]:
    """Return values as rows of the map, without the keys around."""
    return [{node.name: value} for value in found]


def _rank(value: object) -> tuple[str, Any]:
    """Put values of a union of types in order, too."""
    return type(value).__name__, value
