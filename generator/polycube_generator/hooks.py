"""What a hand-written control plane must do: one abstract method for each unbound node.

Bound nodes need none, those of the polycube base modules are the daemon's.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from polycube_generator import ir, names
from polycube_generator.annotations import annotation

if TYPE_CHECKING:
    from collections.abc import Iterator

_PHRASES = {
    "set": "Take a new value of",
    "get": "Return",
    "add": "Create an entry of",
    "update": "Change an entry of",
    "remove": "Delete an entry of",
}

Parameters = tuple[tuple[str, str], ...]


def of(children: tuple[ir.Node, ...], keys: Parameters = ()) -> Iterator[ir.Hook]:
    """Yield the hooks of ``children``; ``keys`` are those of the lists around them."""
    for node in children:
        match node:
            case ir.Leaf() | ir.LeafList() | ir.AnyData():
                yield from _value(node, keys)
            case ir.Container():
                if node.presence and not node.base and not node.binding and node.config:
                    yield _hook(f"set_{node.attr}", (*keys, ("present", "bool")), "None", node)
                yield from of(node.children, keys)
            case ir.List():
                yield from _list(node, keys)
            case ir.Action():
                yield _action(node, keys)


def notices(children: tuple[ir.Node, ...], keys: Parameters = ()) -> Iterator[ir.Hook]:
    """Yield a method for each notification, which takes its Struct."""
    for node in children:
        match node:
            case ir.Notification():
                doc = f"Tell everybody of /{node.path}"
                doc += f": {node.description}" if node.description else ""
                parameters = (*keys, ("event", node.model))
                yield ir.Hook(f"notify_{node.attr}", parameters, "None", doc, node.path)
            case ir.Container():
                yield from notices(node.children, keys)
            case ir.List():
                own = ((_parameter(node, leaf), annotation(leaf)) for leaf in node.key_leaves)
                yield from notices(node.children, (*keys, *own))


def _value(node: ir.Leaf | ir.LeafList | ir.AnyData, keys: Parameters) -> Iterator[ir.Hook]:
    if not _is_told(node):
        return
    type_ = "object" if isinstance(node, ir.AnyData) else annotation(node)
    if node.config:
        if isinstance(node, ir.Leaf) and not node.is_given:
            type_ += " | None"  # it is deleted, or goes with its condition or its case
        yield _hook(f"set_{node.attr}", (*keys, ("value", type_)), "None", node)
    else:
        yield _hook(f"get_{node.attr}", keys, type_, node)


def _is_told(node: ir.Leaf | ir.LeafList | ir.AnyData) -> bool:
    match node:
        case ir.Leaf():
            return not (node.base or node.binding or node.key)
        case ir.LeafList():
            return not (node.base or node.binding or node.pool)
        case ir.AnyData():
            return not node.base


def _list(node: ir.List, keys: Parameters) -> Iterator[ir.Hook]:
    inner = (*keys, *((_parameter(node, leaf), annotation(leaf)) for leaf in node.key_leaves))
    if node.base or node.binding:
        yield from of(node.children, inner)
    elif node.config:
        entry = node.model
        yield _hook(f"add_{node.attr}", (*keys, ("entry", entry)), "None", node)
        changed = (*keys, ("old", entry), ("new", entry))
        yield _hook(f"update_{node.attr}", changed, "None", node)
        yield _hook(f"remove_{node.attr}", (*keys, ("entry", entry)), "None", node)
        yield from _beside(node.children, inner)
    else:
        yield _hook(f"get_{node.attr}", keys, f"list[{node.model}]", node)


def _beside(children: tuple[ir.Node, ...], keys: Parameters) -> Iterator[ir.Hook]:
    """Yield the hooks inside of a list's entries that the entry itself does not stand for."""
    for node in children:
        match node:
            case ir.Action():
                yield _action(node, keys)
            case ir.List():
                yield from _list(node, keys)
            case ir.Leaf() | ir.LeafList() | ir.AnyData() if not node.config:
                yield from _value(node, keys)
            case ir.Container():  # what is beside a map of its own is told leaf by leaf
                yield from (of if node.binding else _beside)(node.children, keys)


def _action(node: ir.Action, keys: Parameters) -> ir.Hook:
    parameters = (*keys, ("input", node.input.model)) if node.input else keys
    returns = node.output.model if node.output else "None"
    return _hook(node.attr, parameters, returns, node)


def _parameter(list_: ir.List, leaf: ir.Leaf) -> str:
    return names.python_attr((*list_.path.split("/"), leaf.name))


def _hook(name: str, parameters: Parameters, returns: str, node: ir.Node) -> ir.Hook:
    verb = name.partition("_")[0]
    lead = "Do" if isinstance(node, ir.Action) else _PHRASES[verb]
    about = f": {node.description}" if node.description else ""
    return ir.Hook(name, parameters, returns, f"{lead} /{node.path}{about}", node.path)
