# ruff: noqa: SIM905  (tables of words read better as text)
"""From the text of an XPath 1.0 expression to a tree of it.

* ``Literal``, ``Number``: constants
* ``Path``: a location path, with its ``Step``s
* ``Call``, ``Operation``, ``Negative``: the rest
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING, NoReturn, TypeAlias

from polycube_generator.types import Statement, Unsupported

if TYPE_CHECKING:
    from collections.abc import Collection, Iterator

_NAME = r"[A-Za-z_][A-Za-z0-9_.\-]*"
_TOKEN = re.compile(
    rf"""\s*(?:
      (?P<literal>"[^"]*"|'[^']*')
    | (?P<number>\d+(?:\.\d*)?|\.\d+)
    | (?P<operator>//|\.\.|::|!=|<=|>=|[/.()\[\],@|+=<>*$-])
    | (?P<name>{_NAME}(?::(?!:)(?:{_NAME}|\*))?)
    )""",
    re.VERBOSE,
)
_AXES = frozenset(
    "ancestor ancestor-or-self child descendant descendant-or-self parent self attribute "
    "following following-sibling namespace preceding preceding-sibling".split()
)
_NODE_TYPES = frozenset({"node", "text", "comment", "processing-instruction"})
_LEVELS = (("or",), ("and",), ("=", "!="), ("<", "<=", ">", ">="), ("+", "-"), ("*", "div", "mod"))
_FLAT = frozenset({"or", "and", "+", "-", "*"})
"""Operators that stay beside each other in code; others make calls in calls."""
_DEEPEST = 100
_PREDICATES = 8
"""How many predicates there may be in each other: each doubles what is tried to find an index."""


@dataclass(frozen=True, slots=True)
class Literal:
    """A string."""

    value: str


@dataclass(frozen=True, slots=True)
class Number:
    """A number, as it is written."""

    text: str


@dataclass(frozen=True, slots=True)
class Step:
    """One step; ``test`` is a name, ``*``, ``prefix:*``, or ``node()`` and the like."""

    axis: str
    test: str
    predicates: tuple[Expression, ...] = ()


@dataclass(frozen=True, slots=True)
class Path:
    """A path: from the root if ``absolute``, from the nodes of ``start``, or from the context."""

    absolute: bool
    start: Expression | None
    steps: tuple[Step, ...]


@dataclass(frozen=True, slots=True)
class Call:
    """A function call."""

    name: str
    arguments: tuple[Expression, ...]


@dataclass(frozen=True, slots=True)
class Operation:
    """``left operator right``; the operator is a word, a sign, or ``|``."""

    operator: str
    left: Expression
    right: Expression


@dataclass(frozen=True, slots=True)
class Negative:
    """``-operand``."""

    operand: Expression


Expression: TypeAlias = Literal | Number | Path | Call | Operation | Negative


def tokens(statement: Statement) -> Iterator[re.Match[str]]:
    """Yield the tokens of a statement's argument, each as its group; raise ``Unsupported``."""
    text = str(statement.arg)
    at, end = 0, len(text.rstrip())
    while at < end:
        found = _TOKEN.match(text, at)
        if found is None:
            message = f"XPath {text!r}: {text[at:].strip()[:1]!r} is not expected"
            raise Unsupported(statement, message)
        yield found
        at = found.end()


def chained(expression: Operation, operators: Collection[str]) -> list[tuple[str, Expression]]:
    """Return the operands of operations of equal rank, each with the operator before it."""
    found: list[tuple[str, Expression]] = []
    left: Expression = expression
    while isinstance(left, Operation) and left.operator in operators:
        found.append((left.operator, left.right))
        left = left.left
    return [("", left), *reversed(found)]


def parse(statement: Statement) -> Expression:
    """Return the expression that is the argument of ``statement``; raise ``Unsupported``."""
    parser = _Parser(statement)
    result = parser.binary(0)
    if parser.peek():
        parser.fail(f"{parser.peek()!r} is not expected")
    return result


class _Parser:
    def __init__(self, statement: Statement) -> None:
        self.statement = statement
        self.tokens = [(str(one.lastgroup), one[str(one.lastgroup)]) for one in tokens(statement)]
        self.at = 0
        self.depth = 0
        self.within = 0

    def fail(self, problem: str) -> NoReturn:
        message = f"XPath {self.statement.arg!r}: {problem}"
        raise Unsupported(self.statement, message)

    def peek(self, ahead: int = 0) -> str:
        at = self.at + ahead
        return self.tokens[at][1] if at < len(self.tokens) else ""

    def kind(self) -> str:
        return self.tokens[self.at][0] if self.at < len(self.tokens) else ""

    def take(self, what: str) -> bool:
        found = self.kind() != "literal" and self.peek() == what
        self.at += found
        return found

    def need(self, what: str) -> None:
        if not self.take(what):
            self.fail(f"{what!r} is missing before {self.peek() or 'the end'!r}")

    def binary(self, level: int) -> Expression:
        if level == len(_LEVELS):
            return self.unary()
        left, nested = self.binary(level + 1), 0
        while self.kind() != "literal" and self.peek() in _LEVELS[level]:
            operator = self.peek()
            self.at += 1
            left = Operation(operator, left, self.binary(level + 1))
            nested += operator not in _FLAT
            if nested > _DEEPEST:
                self.fail(f"has more than {_DEEPEST} operators such as {operator} in a row")
        return left

    def unary(self) -> Expression:
        self.depth += 1
        if self.depth > _DEEPEST:
            self.fail("is nested too deeply")
        if self.take("-"):
            result: Expression = Negative(self.unary())
        else:
            result = self.path()
            while self.take("|"):
                result = Operation("|", result, self.path())
        self.depth -= 1
        return result

    def path(self) -> Expression:
        if self.starts_filter():
            return self.filtered()
        absolute = self.peek() in {"/", "//"}
        steps: list[Step] = []
        if self.take("//"):
            steps.append(Step("descendant-or-self", "node()"))
        elif self.take("/") and not self.starts_step():
            return Path(absolute=True, start=None, steps=())
        steps += self.steps()
        return Path(absolute, None, tuple(steps))

    def starts_filter(self) -> bool:
        if self.kind() in {"literal", "number"} or self.peek() in {"(", "$"}:
            return True
        return self.kind() == "name" and self.peek(1) == "(" and self.peek() not in _NODE_TYPES

    def starts_step(self) -> bool:
        operator = self.kind() == "operator" and self.peek() in {".", "..", "@", "*"}
        return operator or self.kind() == "name"

    def filtered(self) -> Expression:
        primary = self.primary()
        predicates = self.predicates()
        if not predicates and self.peek() not in {"/", "//"}:
            return primary
        steps = [Step("self", "node()", predicates)] if predicates else []
        if self.take("//"):
            steps += [Step("descendant-or-self", "node()"), *self.steps()]
        elif self.take("/"):
            steps += self.steps()
        return Path(absolute=False, start=primary, steps=tuple(steps))

    def primary(self) -> Expression:
        kind, text = self.kind(), self.peek()
        self.at += 1
        match kind:
            case "literal":
                return Literal(text[1:-1])
            case "number":
                return Number(text)
            case "name":
                return self.call(text)
        if text == "$":
            self.fail("YANG has no variables")
        inner = self.binary(0)
        self.need(")")
        return inner

    def call(self, name: str) -> Call:
        self.need("(")
        arguments: list[Expression] = []
        if not self.take(")"):
            arguments.append(self.binary(0))
            while self.take(","):
                arguments.append(self.binary(0))
            self.need(")")
        return Call(name, tuple(arguments))

    def steps(self) -> list[Step]:
        steps = [self.step()]
        while self.peek() in {"/", "//"} and self.kind() == "operator":
            if self.peek() == "//":
                steps.append(Step("descendant-or-self", "node()"))
            self.at += 1
            steps.append(self.step())
        return steps

    def step(self) -> Step:
        if self.take("."):
            return Step("self", "node()", self.predicates())
        if self.take(".."):
            return Step("parent", "node()", self.predicates())
        if self.peek() == "@":
            self.fail("YANG data has no attributes")
        axis = "child"
        if self.peek(1) == "::":
            axis = self.peek()
            if axis not in _AXES:
                self.fail(f"there is no axis {axis}")
            self.at += 2
        return Step(axis, self.test(), self.predicates())

    def test(self) -> str:
        text = self.peek()
        if self.kind() != "name" and text != "*":
            self.fail(f"a name is missing before {text or 'the end'!r}")
        self.at += 1
        if text in _NODE_TYPES and self.take("("):
            self.at += text == "processing-instruction" and self.kind() == "literal"
            self.need(")")
            return f"{text}()"
        return text

    def predicates(self) -> tuple[Expression, ...]:
        found = []
        while self.take("["):
            self.within += 1
            if self.within > _PREDICATES:
                self.fail(f"has more than {_PREDICATES} predicates in each other")
            found.append(self.binary(0))
            self.need("]")
            self.within -= 1
        return tuple(found)
