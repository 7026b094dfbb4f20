"""A service's data model as a tree of JSON: what `GET /services/<name>` shows."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from polycube_runtime.support.schema import (
    UNBOUNDED,
    Action,
    AnyData,
    Container,
    Leaf,
    LeafList,
    List,
    Notification,
)

if TYPE_CHECKING:
    from polycube_runtime.support.schema import Node, Service

Object = dict[str, Any]


def datamodel(service: Service) -> list[Object]:
    """Return every node of a model; members that say nothing are left out.

    `kind` is leaf, leaf-list, anydata, container, list, action or notification; `accepts` says a
    leaf's type in words.
    """
    return [_node(child) for child in service.children]


def _node(node: Node) -> Object:
    found: Object = {"name": node.name, "kind": _KINDS[type(node)]}
    if node.description:
        found["description"] = node.description
    if not isinstance(node, Action | Notification):
        found["config"] = node.config
        if node.init_only:
            found["init-only"] = True
        if node.binding:
            found["map"] = node.binding
    match node:
        case Leaf() | LeafList() | AnyData():
            found |= _value(node)
        case List():
            limits = {"min-elements": node.min_elements or None, "max-elements": node.max_elements}
            found |= {name: value for name, value in limits.items() if value not in _NO_LIMITS}
            found |= {"keys": list(node.keys), "children": [_node(one) for one in node.children]}
        case Container() | Notification():
            found |= {"presence": True} if getattr(node, "presence", False) else {}
            found["children"] = [_node(one) for one in node.children]
        case Action():
            for side in ("input", "output"):
                inner = getattr(node, side)
                found[side] = [_node(one) for one in inner.children] if inner else []
    return found


_KINDS = {
    Leaf: "leaf",
    LeafList: "leaf-list",
    Container: "container",
    List: "list",
    Action: "action",
    AnyData: "anydata",
    Notification: "notification",
}
_NO_LIMITS = (None, UNBOUNDED)


def _value(node: Leaf | LeafList | AnyData) -> Object:
    if isinstance(node, AnyData):
        found: Object = {"accepts": "any JSON value" if node.any_value else "any JSON object"}
    else:
        found = {"accepts": node.type.expected}
    if not isinstance(node, LeafList) and node.mandatory:
        found["mandatory"] = True
    if not isinstance(node, AnyData) and node.default not in (None, ()):
        found["default"] = node.default
    if not isinstance(node, AnyData) and node.units:
        found["units"] = node.units
    if node.example:
        found["example"] = node.example
    return found
