"""The URLs of a service, in the order of the model."""

from __future__ import annotations

from typing import TYPE_CHECKING

from polycube_generator import ir, names

if TYPE_CHECKING:
    from collections.abc import Iterator

Parameters = tuple[tuple[str, ir.Leaf | None], ...]


def of(children: tuple[ir.Node, ...]) -> Iterator[ir.Resource]:
    """Yield every URL below a service; the first parameter is always the cube's name."""
    cube: Parameters = (("name", None),)
    yield ir.Resource("/", "SERVICE", "all", None, ())
    yield ir.Resource("/{name}", "CUBE", "", None, cube)
    yield from _below("/{name}", children, cube)


def _below(
    prefix: str, children: tuple[ir.Node, ...], parameters: Parameters
) -> Iterator[ir.Resource]:
    for node in children:
        path = f"{prefix}/{node.name}"
        match node:
            case ir.Leaf(key=True):
                continue
            case ir.Leaf() | ir.LeafList() | ir.AnyData():
                yield ir.Resource(path, "LEAF", _operation(node), node, parameters)
            case ir.Action():
                yield ir.Resource(path, "ACTION", _operation(node), node, parameters)
            case ir.Container():
                yield ir.Resource(path, "CONTAINER", _operation(node), node, parameters)
                yield from _below(path, node.children, parameters)
            case ir.List():
                yield from _list(path, node, parameters)


def _list(path: str, node: ir.List, parameters: Parameters) -> Iterator[ir.Resource]:
    yield ir.Resource(path, "LIST", f"all_{_operation(node)}", node, parameters)
    if not node.keys:
        return
    keys = tuple((names.snake(node.path, leaf.name), leaf) for leaf in node.key_leaves)
    entry = "/".join([path, *(f"{{{name}}}" for name, _ in keys)])
    inner = (*parameters, *keys)
    yield ir.Resource(entry, "ENTRY", _operation(node), node, inner)
    yield from _below(entry, node.children, inner)


def _operation(node: ir.Node) -> str:
    """Return what completes the operation ids; there no word is reserved."""
    return node.attr.removesuffix("_")
