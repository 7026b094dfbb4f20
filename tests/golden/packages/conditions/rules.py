# Generated from yang/conditions.yang by polycube-gen; DO NOT EDIT.
"""The constraints of conditions, as functions."""

from __future__ import annotations

from polycube_runtime.support.xpath import Node, Tree, number, rows, texts, within


def when_reason(tree: Tree, _this: object, *_up: Node) -> bool:
    """../mode = 'CLOSED'."""
    return tree.root.get("mode") == "CLOSED"


def texts_of_user(root: Node) -> set[str]:
    """The values that are compared to."""
    return texts(e1.get("name") for e1 in rows(root, "user"))


def ref_user(tree: Tree, this: object, *_up: Node) -> bool:
    """/user/name."""
    return within(this, tree.once(texts_of_user, tree.root))


def must_times(tree: Tree, this: object, *_up: Node) -> bool:
    """. <= 3 or /mode = 'OPEN'."""
    return number(this) <= 3 or tree.root.get("mode") == "OPEN"


def must_count(_tree: Tree, this: object, *_up: Node) -> bool:
    """. > 0."""
    return number(this) > 0
