"""What of a value belongs where: to an entry itself, to the lists in it, to nobody any more."""

from __future__ import annotations

from copy import deepcopy
from functools import cache
from typing import TYPE_CHECKING, Any

import msgspec

from polycube_runtime.support.errors import InvalidValue, OperationFailed
from polycube_runtime.support.nesting import put
from polycube_runtime.support.schema import (
    UNBOUNDED,
    Action,
    AnyData,
    Container,
    LeafList,
    List,
    Notification,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from polycube_runtime.core.durable.undo import Undo
    from polycube_runtime.core.model.place import Place
    from polycube_runtime.support.schema import Leaf, Node

Object = dict[str, Any]


def check_count(place: Place, node: List, count: int) -> None:
    """Refuse a number of entries that the list does not take."""
    if count > node.max_elements:
        message = f"would have {count} entries; at most {node.max_elements} are accepted"
        raise OperationFailed(message, place.path, "too-many-elements")
    if count < node.min_elements:
        message = f"would have {count} entries; at least {node.min_elements} are needed"
        raise OperationFailed(message, place.path, "too-few-elements")


def counted(undo: Undo, place: Place, number: int) -> None:
    """As `check_count`; of several edits it is counted at their end."""
    node = place.list_node
    if has_limits(node) and undo.unsettled is not None:
        undo.uncounted[place.path] = place
    else:
        check_count(place, node, number)


def has_limits(node: List) -> bool:
    """Whether `check_count` can refuse anything."""
    return node.max_elements < UNBOUNDED or node.min_elements > 0


def within(place: Place, entry: Object, value: Any, *, merge: bool) -> Object:
    """Return the `entry` that `place` is in with `value` in its place.

    With `merge` only the keys and the value.
    """
    return put(_keys(place.anchor) if merge else deepcopy(entry), place.inner, value)


def _keys(place: Place) -> Object:
    return dict(zip(place.list_node.keys, place.key, strict=True))


def configured(node: Node) -> bool:
    """Tell whether a node is configuration."""
    return not isinstance(node, Action | Notification) and node.config


def own_of(children: Iterable[Node], value: Object, binding: str = "") -> Object:
    """Return what of a value belongs to its entry, which map `binding` holds, if one does.

    That is configured leaves and containers: neither lists nor what has a map of its own.
    """
    result: Object = {}
    for child in children:
        if child.name in value and configured(child) and not has_own_map(child, binding):
            if isinstance(child, Container):
                result[child.name] = own_of(child.children, value[child.name], binding)
            elif not isinstance(child, List):
                result[child.name] = value[child.name]
    return result


def has_own_map(node: Node, binding: str) -> bool:
    """Tell whether a node is in a map that is not the one around it, `binding`."""
    return getattr(node, "binding", "") not in {"", binding}


@cache
def is_all_told(node: List | Container) -> bool:
    """Tell whether the control plane is told all of an entry: nothing but its lists is in maps."""
    return not any(
        has_own_map(child, "") or (isinstance(child, Container) and not is_all_told(child))
        for child in node.children
        if not isinstance(child, List)
    )


def unbound_lists(children: Iterable[Node], value: Object) -> Object:
    """Return of an entry the lists that are in no map, and in containers."""
    result: Object = {}
    for child in children:
        if child.name in value and isinstance(child, Container) and not child.binding:
            result[child.name] = unbound_lists(child.children, value[child.name])
        elif child.name in value and isinstance(child, List) and not child.binding:
            result[child.name] = value[child.name]
    return result


def without_keys(node: List, own: Object) -> Object:
    """Return an entry as it is kept: its place says what its keys are."""
    return {name: value for name, value in own.items() if name not in node.keys}


def merged(old: Object, new: Object) -> Object:
    """Return `old` with what `new` names."""
    result = dict(old)
    for name, value in new.items():
        before = result.get(name)
        if isinstance(before, dict) and isinstance(value, dict):
            result[name] = merged(before, value)
        else:
            result[name] = value
    return result


def refuse_changed(place: Place, children: Iterable[Node], old: Object, new: Object) -> None:
    """Refuse a change of what can be set only when its parent is created."""
    for child in children:
        before, after = old.get(child.name), new.get(child.name)
        if before == after or isinstance(child, Action | List | Notification):
            continue
        if isinstance(child, Container):
            if before is not None and after is not None:
                refuse_changed(place.child(child), child.children, before, after)
        else:
            refuse_init_only(place.child(child), child, before)


def refuse_init_only(place: Place, node: Leaf | LeafList | AnyData, old: Any) -> None:
    """Refuse to change what can be set only when its parent is created."""
    if node.init_only and old is not None:
        message = "can be set only when its parent is created"
        raise InvalidValue(message, place.path)


def typed(node: Leaf | LeafList | AnyData, value: Any) -> Any:
    """Return a value as hooks take it."""
    if isinstance(node, LeafList):
        value = value or []
        return value if node.model is None else [msgspec.convert(one, node.model) for one in value]
    if isinstance(node, AnyData) or node.model is None or value is None:
        return value
    return msgspec.convert(value, node.model)
