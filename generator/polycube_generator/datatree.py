"""The tree of data nodes among pyang's statements: what instance documents and XPath see.

Choices and cases are not in it; the input of an operation stands for the operation, as XPath has
it (RFC 7950, section 6.4.1).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator

Statement: TypeAlias = Any

_TRANSPARENT = frozenset({"choice", "case"})
_DATA = frozenset({"leaf", "leaf-list", "container", "list", "anydata", "anyxml"})
_SIDES = frozenset({"input", "output"})
_TOP = frozenset({"module", "submodule"})


def children(statement: Statement) -> list[Statement]:
    """Return the data nodes below a validated statement, those of its choices in their place."""
    if not hasattr(statement, "i_polycube_children"):
        statement.i_polycube_children = list(_children(statement))
    found: list[Statement] = statement.i_polycube_children
    return found


def _children(statement: Statement) -> Iterator[Statement]:
    for child in getattr(statement, "i_children", ()):
        if hasattr(child, "i_not_implemented"):
            continue
        if child.keyword in _TRANSPARENT:
            yield from _children(child)
        elif child.keyword in _DATA:
            yield child


def parent(statement: Statement) -> Statement | None:
    """Return the data node above, or None if that is the root."""
    node = statement.parent
    while node is not None and node.keyword in _TRANSPARENT:
        node = node.parent
    if statement.keyword in _SIDES:
        return parent(node)
    return None if node is None or node.keyword in _TOP else node


def member(statement: Statement) -> str:
    """Return the member of the JSON object of the dialect that holds a node.

    It is the node's name; where two modules have one of that name, only the first keeps it.
    """
    if not hasattr(statement, "i_polycube_member"):
        _name(statement)
    return str(statement.i_polycube_member)


def name_tops(modules: list[Statement]) -> None:
    """Name the members of a document whose top-level nodes are those of ``modules``."""
    seen: set[str] = set()
    for module in modules:
        for child in children(module):
            qualified = f"{module_of(child)}:{child.arg}"
            child.i_polycube_member = qualified if child.arg in seen else child.arg
        seen |= {child.arg for child in children(module)}


def module_of(statement: Statement) -> str:
    """Return the name of the module whose namespace a node is in."""
    if statement.keyword in _TOP:
        return str(statement.i_modulename)
    if statement.i_module is None:  # an input or output that the model leaves out
        return module_of(statement.parent)
    return str(statement.i_module.i_modulename)


def order(statement: Statement, own: str) -> tuple[int, str, int]:
    """Sort the nodes of module ``own`` first and as they are, then augmentations."""
    if module_of(statement) == own:
        return (1, "", 0)
    return (2, statement.i_module.arg, statement.pos.line)


def _name(statement: Statement) -> None:
    node = statement.parent
    while node.keyword in _TRANSPARENT:
        node = node.parent
    own = module_of(node)
    seen: set[str] = set()
    for sibling in sorted(children(node), key=lambda child: order(child, own)):
        qualified = f"{module_of(sibling)}:{sibling.arg}"
        sibling.i_polycube_member = qualified if sibling.arg in seen else sibling.arg
        seen.add(sibling.arg)
    if not hasattr(statement, "i_polycube_member"):
        statement.i_polycube_member = statement.arg
