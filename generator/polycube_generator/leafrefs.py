"""The targets of leafrefs that pyang does not resolve: those that are members of unions."""

from __future__ import annotations

from polycube_generator import datatree
from polycube_generator.types import Statement, Unsupported
from polycube_generator.xpath.parser import Path, parse
from polycube_generator.xpath.scope import Scope


def target(leaf: Statement, path: Statement) -> Statement:
    """Return the leaf that ``path``, a statement in the type of ``leaf``, leads to."""
    expression = parse(path)
    if not isinstance(expression, Path):
        raise Unsupported(path, f"{path.arg!r} is no path")
    scope = Scope(leaf, path)
    node: Statement | None = None if expression.absolute else leaf
    for step in expression.steps:
        if step.axis == "parent":
            node = None if node is None else datatree.parent(node)
        elif step.axis == "child":
            found = scope.children(node, step.test)
            if len(found) != 1:
                raise Unsupported(path, f"{step.test} of path {path.arg!r} is not in the schema")
            node = found[0]
    if node is None or node.keyword not in {"leaf", "leaf-list"}:
        raise Unsupported(path, f"path {path.arg!r} does not lead to a leaf")
    return node
