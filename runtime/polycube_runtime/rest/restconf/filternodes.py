"""What filters of notifications are evaluated on: nodes, and XPath's conversions and functions.

The conversions are those of generated constraints (`support.xpath`); sets of nodes are lists here.
"""

from __future__ import annotations

import math
from typing import TYPE_CHECKING, Any, NamedTuple, TypeAlias, TypeGuard

from polycube_runtime.support import xpath

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Mapping

Value: TypeAlias = "bool | int | float | str | list[Node]"
"""What an expression can be: a boolean, a number, a text or a set of nodes."""
Expression: TypeAlias = "Callable[[Context], Value]"
_VISITS = 100_000
"""Nodes that may be looked at for one notification; nobody waits for an expression forever."""


class TooMuchError(Exception):
    """A filter looks at more nodes than anybody can wait for."""


class Node:
    """An instance in a notification: of a list, each entry is one; `module` is inherited.

    What has no name is the root, or the text in a leaf.
    """

    __slots__ = ("_children", "_text", "_value", "module", "name", "parent", "place")

    def __init__(self, name: str, module: str, value: Any, parent: Node | None = None) -> None:
        """Be what `value`, as RFC 7951 writes it, says; without a parent the root."""
        self.name = name
        self.module = module
        self.parent = parent
        self.place: tuple[int, ...] = ()
        """Where it is: these places compare as the order of the document is."""
        self._value = value
        self._children: list[Node] | None = None
        self._text: str | None = None

    @property
    def children(self) -> list[Node]:
        """What is in it, in the order of the document."""
        if self._children is None:
            self._children = list(self._made())
            for number, child in enumerate(self._children):
                child.place = (*self.place, number)
        return self._children

    def _made(self) -> Iterator[Node]:
        if not isinstance(self._value, dict):
            if self.name and self.text:
                yield Node("", "", self.text, self)
            return
        for member, value in self._value.items():
            module, _, name = member.rpartition(":")
            instances = value if isinstance(value, list) else [value]
            for one in instances:
                yield Node(name, module or self.module, one, self)

    @property
    def text(self) -> str:
        """Its string value: that of all leaves in it."""
        if self._text is None:
            if isinstance(self._value, dict):
                self._text = "".join(child.text for child in self.children)
            else:
                self._text = xpath.text(self._value)
        return self._text


class Context(NamedTuple):
    """Where an expression is evaluated; `visited` counts for the whole of it."""

    node: Node
    position: int
    size: int
    visited: list[int]

    def visit(self, *values: Value) -> None:
        """Note that values, and nodes with their texts, are looked at.

        Raises:
            TooMuchError: those were too many.

        """
        for value in values:
            for one in value if isinstance(value, list) else (value,):
                written = one.text if isinstance(one, Node) else one
                self.visited[0] += 1 + (len(written) // 100 if isinstance(written, str) else 0)
            if self.visited[0] > _VISITS:
                raise TooMuchError


def root(content: Mapping[str, Any]) -> Context:
    """Return the context of a notification: `content` is its one member, named with its module."""
    return Context(Node("", "", dict(content)), 1, 1, [0])


# Conversions (XPath 1.0, section 4)


def text(value: Value) -> str:
    """Return a value as a text."""
    if isinstance(value, list):
        return value[0].text if value else ""
    return xpath.text(float(value) if _is_number(value) else value)


def number(value: Value) -> int | float:
    """Return a value as a number."""
    if isinstance(value, bool):
        return int(value)
    return xpath.number(text(value)) if isinstance(value, list) else xpath.number(value)


def boolean(value: Value) -> bool:
    """Return a value as a boolean: a set of nodes is true if there are any."""
    return xpath.truth(float(value)) if _is_number(value) else bool(value)


def _is_number(value: Value) -> TypeGuard[int | float]:
    return isinstance(value, int | float) and not isinstance(value, bool)


def compared(operator: str, left: Value, right: Value) -> bool:
    """Return what a comparison says: of sets, whether it is true of any of their nodes.

    However many nodes there are, each is looked at once.
    """
    equality, both = operator in {"=", "!="}, (left, right)
    if any(isinstance(one, bool) for one in both):
        left, right = (boolean(one) if equality or isinstance(one, list) else one for one in both)
    if not equality:
        return _ordered(operator, _numbers(left), _numbers(right))
    if isinstance(left, int | float) or isinstance(right, int | float):
        return _equal(operator, _numbers(left), _numbers(right))
    return _equal(operator, _texts(left), _texts(right))


def _equal(operator: str, left: set[Any], right: set[Any]) -> bool:
    if operator == "=":
        return any(one in right and one == one for one in left)  # noqa: PLR0124 (NaN is not itself)
    differs = len(left | right) > 1 or any(one != one for one in left)  # noqa: PLR0124 (likewise)
    return bool(left and right) and differs


def _ordered(operator: str, left: set[int | float], right: set[int | float]) -> bool:
    left, right = ({one for one in some if not math.isnan(one)} for some in (left, right))
    if not left or not right:
        return False
    match operator:
        case "<":
            return min(left) < max(right)
        case "<=":
            return min(left) <= max(right)
        case ">":
            return max(left) > min(right)
        case _:
            return max(left) >= min(right)


def _numbers(value: Value) -> set[int | float]:
    return {number([one]) for one in value} if isinstance(value, list) else {number(value)}


def _texts(value: Value) -> set[str]:
    return {one.text for one in value} if isinstance(value, list) else {text(value)}


# Functions (XPath 1.0, section 4)


class Function(NamedTuple):
    """A function: what it does with a context and arguments, and how many of those it takes."""

    call: Callable[..., Value]
    least: int
    most: float


def _nodes(value: Value) -> list[Node]:
    return value if isinstance(value, list) else []


def _first(context: Context, given: tuple[Value, ...]) -> Value:
    """Return the argument that may be left out: then it is the context node."""
    return given[0] if given else [context.node]


def _name(context: Context, given: tuple[Value, ...], *, whole: bool) -> str:
    nodes = _nodes(_first(context, given))
    if not nodes or not nodes[0].name:
        return ""
    return f"{nodes[0].module}:{nodes[0].name}" if whole else nodes[0].name


FUNCTIONS: dict[str, Function] = {
    "boolean": Function(lambda _, one: boolean(one), 1, 1),
    "ceiling": Function(lambda _, one: xpath.ceiling(number(one)), 1, 1),
    "concat": Function(lambda _, *some: "".join(map(text, some)), 2, math.inf),
    "contains": Function(lambda _, one, part: text(part) in text(one), 2, 2),
    "count": Function(lambda _, some: len(_nodes(some)), 1, 1),
    "false": Function(lambda _: False, 0, 0),
    "floor": Function(lambda _, one: xpath.floor(number(one)), 1, 1),
    "last": Function(lambda context: context.size, 0, 0),
    "local-name": Function(lambda context, *some: _name(context, some, whole=False), 0, 1),
    "name": Function(lambda context, *some: _name(context, some, whole=True), 0, 1),
    "normalize-space": Function(
        lambda context, *some: xpath.normalized(text(_first(context, some))), 0, 1
    ),
    "not": Function(lambda _, one: not boolean(one), 1, 1),
    "number": Function(lambda context, *some: number(_first(context, some)), 0, 1),
    "position": Function(lambda context: context.position, 0, 0),
    "round": Function(lambda _, one: xpath.rounded(number(one)), 1, 1),
    "starts-with": Function(lambda _, one, part: text(one).startswith(text(part)), 2, 2),
    "string": Function(lambda context, *some: text(_first(context, some)), 0, 1),
    "string-length": Function(lambda context, *some: len(text(_first(context, some))), 0, 1),
    "substring": Function(
        lambda _, one, *some: xpath.substring(text(one), *map(number, some)), 2, 3
    ),
    "substring-after": Function(lambda _, one, part: xpath.after(text(one), text(part)), 2, 2),
    "substring-before": Function(lambda _, one, part: xpath.before(text(one), text(part)), 2, 2),
    "sum": Function(lambda _, some: xpath.total([one.text for one in _nodes(some)]), 1, 1),
    "translate": Function(
        lambda _, one, old, new: xpath.translate(text(one), text(old), text(new)), 3, 3
    ),
    "true": Function(lambda _: True, 0, 0),
}
SETS = frozenset(["count", "sum"])
"""Functions that take a set of nodes and nothing else."""
