"""What of a bound node is in its map: leaves, and those of containers, by their paths from it.

A node is in the map whose name its ``binding`` is. Members in C are flat: ``timeouts/tcp`` is
``timeouts_tcp``.
"""

from __future__ import annotations

from dataclasses import replace
from typing import TYPE_CHECKING, TypeAlias

from polycube_generator import datatree, ir

if TYPE_CHECKING:
    from collections.abc import Iterator

    from polycube_generator.types import Statement

Held: TypeAlias = ir.Leaf | ir.LeafList

_HELD = frozenset({"leaf", "leaf-list", "container"})


def held(node: ir.Container | ir.List | ir.Notification) -> list[Held]:
    """Return the leaves in the map of ``node``, each with its path as its name.

    A presence container is an empty leaf before its own.
    """
    if isinstance(node, ir.Container) and not node.presence:  # it goes with its leaves
        return list(_held(node, node.binding, "", (replace(node, when=()),)))
    return list(_held(node, node.binding, "", ()))


def statements(statement: Statement, above: str = "") -> dict[str, Statement]:
    """Return the statements of what may be in the map of ``statement``, by their paths from it."""
    found = {}
    for child in datatree.children(statement):
        path = f"{above}{datatree.member(child)}"
        if child.keyword in _HELD:
            found[path] = child
        if child.keyword == "container":
            found |= statements(child, f"{path}/")
    return found


def _held(
    node: ir.Container | ir.List | ir.Notification,
    binding: str,
    above: str,
    around: tuple[ir.Container, ...],
) -> Iterator[Held]:
    """Yield the leaves; ``around`` are the containers that decide whether a leaf may be there."""
    for child in node.children:
        path = f"{above}{child.name}"
        if child.binding != binding:
            continue
        if isinstance(child, Held):
            yield replace(
                child,
                name=path,
                conditional=child.conditional or any(one.conditional for one in around),
                when=(*(rule for one in around for rule in one.when), *child.when),
            )
        elif isinstance(child, ir.Container):
            if child.presence:
                yield _mark(child, path)
            yield from _held(child, binding, f"{path}/", () if child.presence else (*around, child))


def _mark(container: ir.Container, path: str) -> ir.Leaf:
    """Return what says whether a presence container is there."""
    return ir.Leaf(
        path,
        path=container.path,
        attr=container.attr,
        field=container.field,
        place=container.place,
        description=container.description,
        config=container.config,
        binding=container.binding,
        conditional=True,
        type=ir.Empty(),
    )
