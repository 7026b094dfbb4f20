"""A service's model as an indented tree, for people."""

from __future__ import annotations

from typing import TYPE_CHECKING

from polycube_generator import ir

if TYPE_CHECKING:
    from collections.abc import Iterator

_COLUMN = 32


def text(model: ir.Service | ir.Module) -> str:
    """Return the tree: access, type, default and map of each node."""
    if isinstance(model, ir.Module):
        revision = f" (revision {model.revision})" if model.revision else ""
        head = f"{model.name}{revision}: {model.description}"
        return "\n".join([head, *_lines(model.children, 1)]) + "\n"
    return _service(model)


def _service(service: ir.Service) -> str:
    head = f"{service.name} ({service.kind}, version {service.version}): {service.description}"
    maps = [
        f"  {m.name:<{_COLUMN - 2}}{m.kind}, {m.entries} entries, "
        f"key {m.key.size} bytes, value {m.value.size} bytes"
        for m in service.maps
    ]
    lines = [head, *_lines(service.children, 1)]
    return "\n".join([*lines, *(["maps:", *maps] if maps else [])]) + "\n"


def _lines(nodes: tuple[ir.Node, ...], depth: int) -> Iterator[str]:
    for node in nodes:
        name = f"{'  ' * depth}{_name(node)}"
        about = " ".join(part for part in (_access(node), _value(node), _map(node)) if part)
        yield f"{name:<{_COLUMN - 1}} {about}".rstrip()
        match node:
            case ir.Container() | ir.List() | ir.Notification():
                yield from _lines(node.children, depth + 1)
            case ir.Action():
                sides = tuple(side for side in (node.input, node.output) if side)
                yield from _lines(sides, depth + 1)


def _name(node: ir.Node) -> str:
    match node:
        case ir.List(name=name, keys=keys):
            return f"{name}[{' '.join(keys)}]"
        case ir.LeafList(name=name):
            return f"{name}[]"
        case ir.Container(name=name):
            return f"{name}/"
        case ir.Action(name=name):
            return f"{name}()"
        case ir.Notification(name=name):
            return f"{name}!"
        case _:
            return node.name


def _access(node: ir.Node) -> str:
    if isinstance(node, ir.Action | ir.Notification):
        return ""
    if not node.config:
        return "ro"
    return "init-only" if node.init_only else "rw"


def _value(node: ir.Node) -> str:
    if not isinstance(node, ir.Leaf | ir.LeafList):
        return ""
    mandatory = " mandatory" if isinstance(node, ir.Leaf) and node.mandatory else ""
    default = f" = {node.default}" if isinstance(node, ir.Leaf) and node.default is not None else ""
    return f"{_type(node.type)}{default}{mandatory}"


def _type(type_: ir.Type) -> str:
    match type_:
        case ir.Integer(bits=bits, signed=signed):
            return f"{'' if signed else 'u'}int{bits}"
        case ir.Enumeration(values=values):
            return "|".join(value.name for value in values)
        case ir.Address(name=name):
            return name
        case ir.Leafref(path=path):
            return f"-> {path}"
        case ir.Union(members=members):
            return " or ".join(map(_type, members))
        case _:
            return type(type_).__name__.lower()


def _map(node: ir.Node) -> str:
    return f"[{node.binding}]" if node.binding else ""
