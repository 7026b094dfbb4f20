"""What the expressions of filters do: paths through a notification, calls, operations."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any, TypeAlias

from polycube_runtime.rest.restconf.filternodes import (
    Context,
    Expression,
    Node,
    Value,
    boolean,
    compared,
    number,
)
from polycube_runtime.support import xpath

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Iterator

Axis: TypeAlias = "Callable[[Node], Iterable[Node]]"
Test: TypeAlias = "Callable[[Node], bool]"


# Axes and tests


def this(node: Node) -> Iterable[Node]:
    """Return the node itself."""
    return (node,)


def parent(node: Node) -> Iterable[Node]:
    """Return what the node is in."""
    return (node.parent,) if node.parent else ()


def descend(node: Node) -> Iterator[Node]:
    """Yield the node and all below it, in the order of the document."""
    yield node
    for child in node.children:
        yield from descend(child)


def _descendants(node: Node) -> Iterator[Node]:
    for child in node.children:
        yield from descend(child)


def _ascend(node: Node) -> Iterator[Node]:
    yield node
    yield from _ancestors(node)


def _ancestors(node: Node) -> Iterator[Node]:
    while node.parent is not None:
        node = node.parent
        yield node


AXES: dict[str, Axis] = {
    "ancestor": _ancestors,
    "ancestor-or-self": _ascend,
    "child": lambda node: node.children,
    "descendant": _descendants,
    "descendant-or-self": descend,
    "parent": parent,
    "self": this,
}


def anything(_: Node) -> bool:
    """Take every node."""
    return True


def is_text(node: Node) -> bool:
    """Take the text in a leaf."""
    return not node.name and node.parent is not None


def named(module: str, name: str, node: Node) -> bool:
    """Take nodes of a name, of any module if none is said."""
    return bool(node.name) and name in {"*", node.name} and module in {"", node.module}


# Sets of nodes


def here(context: Context) -> list[Node]:
    """Return the context node."""
    return [context.node]


def top(context: Context) -> list[Node]:
    """Return the root."""
    return [list(_ascend(context.node))[-1]]


def stepped(
    start: Expression, axis: Axis, test: Test, predicates: tuple[Expression, ...], context: Context
) -> list[Node]:
    """Go one step from each node of `start`."""
    found: dict[Node, None] = {}
    for node in _set(start, context):
        some = []
        for one in axis(node):
            context.visit(1)
            if test(one):
                some.append(one)
        for predicate in predicates:
            some = _chosen(some, predicate, context)
        found |= dict.fromkeys(some)
    return _ordered(found)


def filtered(start: Expression, predicate: Expression, context: Context) -> list[Node]:
    """Leave those nodes of `start` for which a predicate holds."""
    return _chosen(_set(start, context), predicate, context)


def united(left: Expression, right: Expression, context: Context) -> list[Node]:
    """Return the nodes of both."""
    return _ordered([*_set(left, context), *_set(right, context)])


_SETS = frozenset([here, top, stepped, filtered, united])


def is_set(expression: Expression) -> bool:
    """Whether an expression is a set of nodes; the parser sees to it where one is due."""
    return (expression.func if isinstance(expression, partial) else expression) in _SETS


def _set(expression: Expression, context: Context) -> list[Node]:
    value = expression(context)
    return value if isinstance(value, list) else []


def _ordered(nodes: Iterable[Node]) -> list[Node]:
    """Return nodes in the order of the document, each once."""
    return sorted(dict.fromkeys(nodes), key=lambda node: node.place)


def _chosen(nodes: list[Node], predicate: Expression, context: Context) -> list[Node]:
    found = []
    for position, node in enumerate(nodes, 1):
        context.visit(1)
        value = predicate(Context(node, position, len(nodes), context.visited))
        is_place = isinstance(value, int | float) and not isinstance(value, bool)
        if value == position if is_place else boolean(value):
            found.append(node)
    return found


# Other values


def constant(value: Value, _: Context) -> Value:
    """Return what is written."""
    return value


def called(function: Callable[..., Value], given: list[Expression], context: Context) -> Value:
    """Call a function."""
    values = [one(context) for one in given]
    context.visit(*values)
    return function(context, *values)


def negative(found: Expression, context: Context) -> Value:
    """Return the negative of a number."""
    return -number(found(context))


def operated(operator: str, left: Expression, right: Expression, context: Context) -> Value:
    """Return what an operator makes of two operands."""
    if operator in {"or", "and"}:
        context.visit(1)
        first = boolean(left(context))
        return first if first is (operator == "or") else boolean(right(context))
    one, other = left(context), right(context)
    context.visit(one, other)
    if operator in _SUMS:
        return _SUMS[operator](number(one), number(other))
    return compared(operator, one, other)


_SUMS: dict[str, Callable[[Any, Any], Value]] = {
    "+": lambda left, right: left + right,
    "-": lambda left, right: left - right,
    "*": lambda left, right: left * right,
    "div": xpath.divided,
    "mod": xpath.remainder,
}
