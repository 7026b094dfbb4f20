"""What merging and replacing mean for leaf-lists, and for what was settled at creation.

Each value of a leaf-list is an instance of its own, so to merge is to add (RFC 7950, section 7.7);
Polycube's own interface sets a leaf-list as a whole. What can be set only when its parent is
created may be left out, or be said again as it is: so what was read can be written.
"""

from __future__ import annotations

import contextlib
from functools import cache
from typing import TYPE_CHECKING, Any

from polycube_runtime.core.model.place import key_of
from polycube_runtime.rest.restconf.bodies import array, key_in
from polycube_runtime.rest.restconf.target import children
from polycube_runtime.support.errors import NotFound
from polycube_runtime.support.instance import dump
from polycube_runtime.support.schema import Container, Leaf, LeafList, List
from polycube_runtime.support.validate import Mode, validate

if TYPE_CHECKING:
    from polycube_runtime.rest.restconf.reading import Reader
    from polycube_runtime.rest.restconf.target import Target
    from polycube_runtime.support.schema import Node

Object = dict[str, Any]


async def united(reader: Reader, target: Target, value: Any) -> Any:
    """Return `value`, a change of `target`, with the values that its leaf-lists have already.

    Raises:
        OperationFailed: a leaf-list would have too many.

    """
    node = target.node
    if not _has_leaf_lists(node):
        return value
    if isinstance(node, List) and target.is_list:
        return [await united(reader, target.entry(key_of(node, one)), one) for one in value]
    if not await reader.exists(target):
        return value
    if isinstance(node, LeafList):
        there = await reader.read(target, "config")
        both = [*there, *(one for one in value if one not in there)]
        return validate(node, both, Mode.UPDATE, target.place.path)
    known = {child.name: child for child in children(node)}
    return {
        name: await united(reader, target.child(known[name]), one) for name, one in value.items()
    }


async def settled(reader: Reader, target: Target) -> Object:
    """Return what was settled when an object was created, as RFC 7951 writes it."""
    found: Object = {}
    node = target.node
    fixed = [one for one in children(node) if isinstance(one, Leaf | LeafList) and one.init_only]
    if not fixed or not await reader.exists(target):
        return found
    for child in fixed:
        with contextlib.suppress(NotFound):
            found[child.name] = await reader.read(target.child(child))
    return dump(node, found) if isinstance(node, List | Container) else {}


async def unsettled(reader: Reader, target: Target, raw: Any) -> Any:
    """Return a change of `target`, as a client wrote it, without what is settled so already."""
    node = target.node
    if not _has_settled(node):
        return raw
    if target.is_list and isinstance(node, List):
        return [await _unsettled_entry(reader, target, one) for one in array(raw, target)]
    if not isinstance(raw, dict):
        return raw
    known = {child.name: child for child in children(node)}
    there = await settled(reader, target)
    return {
        name: await unsettled(reader, target.child(known[name]), one) if name in known else one
        for name, one in raw.items()
        if name not in there or there[name] != one
    }


async def _unsettled_entry(reader: Reader, target: Target, raw: Any) -> Any:
    assert isinstance(target.node, List)  # noqa: S101 (the caller's choice)
    return await unsettled(reader, target.entry(key_in(target.node, raw, target)), raw)


@cache
def _has_settled(node: Node) -> bool:
    if isinstance(node, Leaf | LeafList):
        return node.init_only
    inner = node.children if isinstance(node, Container | List) else ()
    return any(map(_has_settled, inner))


@cache
def _has_leaf_lists(node: Node) -> bool:
    if isinstance(node, LeafList):
        return node.config
    inner = node.children if isinstance(node, Container | List) else ()
    return any(map(_has_leaf_lists, inner))
