"""Filters of notifications: XPath 1.0, as it comes in a URL (RFC 8040, section 4.8.4).

Constraints of models are compiled when services are generated; what a client asks for comes when
the daemon runs, so there is a small evaluator for it. It knows all of XPath 1.0 but variables,
attributes, namespaces, and the axes that look at siblings. The root has one child, the
notification; a prefix is the name of a module, and a name without one is of any.
"""

from __future__ import annotations

import re
from functools import partial
from typing import TYPE_CHECKING, Any, NoReturn

from polycube_runtime.rest.restconf import filterpaths
from polycube_runtime.rest.restconf.filternodes import (
    FUNCTIONS,
    SETS,
    Expression,
    TooMuchError,
    boolean,
    root,
)
from polycube_runtime.rest.restconf.refusals import BadRequest
from polycube_runtime.support import xpath

if TYPE_CHECKING:
    from collections.abc import Mapping

_NAME = r"[A-Za-z_][A-Za-z0-9_.-]*"
_TOKEN = re.compile(
    rf"\s*(\"[^\"]*\"|'[^']*'|[0-9]+(?:\.[0-9]*)?|\.[0-9]+|//|\.\.|::|!=|<=|>=|[/.()\[\],|+=<>*-]"
    rf"|{_NAME}(?::(?!:)(?:{_NAME}|\*))?)"
)
_LEVELS = (("or",), ("and",), ("=", "!="), ("<", "<=", ">", ">="), ("+", "-"), ("*", "div", "mod"))
_TYPES = {"node": filterpaths.anything, "text": filterpaths.is_text}
_SHORT = {".": filterpaths.this, "..": filterpaths.parent}
_DEEPEST = 50
_LONGEST = 4_000
_MOST = 200
"""Steps, predicates and operators in all: each calls what is before it, so many deep."""


class Filter:
    """Which notifications a client wants."""

    def __init__(self, expression: str) -> None:
        """Read an expression.

        Raises:
            BadRequest: it is none, or asks for what is not known here; says where.

        """
        self._value = _Parser(expression).whole()

    def takes(self, content: Mapping[str, Any]) -> bool:
        """Whether a notification, its one member named with its module, is wanted.

        One that is too large, or too deep, to be looked at for this expression is: nothing is lost
        silently.
        """
        try:
            return boolean(self._value(root(content)))
        except (TooMuchError, RecursionError):
            return True


class _Parser:
    """Makes functions of a text; methods are named after what they read."""

    def __init__(self, expression: str) -> None:
        self._text = expression
        self._tokens: list[str] = []
        self._at = 0
        self._depth = 0
        self._links = 0
        if len(expression) > _LONGEST:
            self._fail(f"it is longer than {_LONGEST} characters")
        end = 0
        while found := _TOKEN.match(expression, end):
            self._tokens.append(found[1])
            end = found.end()
        if rest := expression[end:].strip():
            self._fail(f"'{rest[:20]}' is not understood")

    def _fail(self, problem: str) -> NoReturn:
        message = f"'{self._text[:100]}' is no XPath expression for 'filter': {problem}"
        raise BadRequest(message)

    def _peek(self, ahead: int = 0) -> str:
        at = self._at + ahead
        return self._tokens[at] if at < len(self._tokens) else ""

    def _take(self, token: str) -> bool:
        found = self._peek() == token
        self._at += found
        return found

    def _next(self) -> str:
        token = self._peek()
        self._at += 1
        return token

    def _unexpected(self, expected: str) -> NoReturn:
        found = f"'{self._peek()}'" if self._peek() else "it ends"
        self._fail(f"{found} where {expected} is due")

    def _require(self, token: str) -> None:
        if not self._take(token):
            self._unexpected(f"'{token}'")

    def _require_set(self, expression: Expression) -> Expression:
        if not filterpaths.is_set(expression):
            self._fail("a value where a path is due")
        return expression

    def whole(self) -> Expression:
        found = self._expression()
        if self._peek():
            self._unexpected("the end")
        return found

    def _expression(self) -> Expression:
        self._depth += 1
        if self._depth > _DEEPEST:
            self._fail("it is nested too deeply")
        found = self._operation(0)
        self._depth -= 1
        return found

    def _link(self) -> None:
        self._links += 1
        if self._links > _MOST:
            self._fail(f"it has more than {_MOST} steps, predicates and operators")

    def _operation(self, level: int) -> Expression:
        if level == len(_LEVELS):
            return self._negative()
        found = self._operation(level + 1)
        while self._peek() in _LEVELS[level]:
            self._link()
            operator = self._next()
            found = partial(filterpaths.operated, operator, found, self._operation(level + 1))
        return found

    def _negative(self) -> Expression:
        signs = 0
        while self._take("-"):
            signs += 1
        found = self._union()
        for _ in range(min(signs, 2 - signs % 2)):  # of many signs, the last one or two count
            found = partial(filterpaths.negative, found)
        return found

    def _union(self) -> Expression:
        found = self._path()
        while self._take("|"):
            self._link()
            right = self._require_set(self._path())
            found = partial(filterpaths.united, self._require_set(found), right)
        return found

    def _path(self) -> Expression:
        found: Expression = filterpaths.here
        if self._peek() == "//":
            found = filterpaths.top
        elif self._take("/"):
            found = filterpaths.top
            if not self._is_step():
                return found
        elif not self._is_step():
            found = self._primary()
            while self._peek() == "[":
                found = partial(filterpaths.filtered, self._require_set(found), self._predicate())
            if self._peek() not in {"/", "//"}:
                return found
            self._require_set(found)
            self._take("/")
        return self._steps(found)

    def _steps(self, found: Expression) -> Expression:
        while True:
            if self._take("//"):
                every = (filterpaths.descend, filterpaths.anything, ())
                found = partial(filterpaths.stepped, found, *every)
            found = partial(filterpaths.stepped, found, *self._step())
            if self._peek() != "//" and not self._take("/"):
                return found

    def _is_step(self) -> bool:
        token, after = self._peek(), self._peek(1)
        if token in {".", "..", "*"} or after == "::":
            return True
        is_name = bool(token) and (token[0].isalpha() or token[0] == "_")
        return is_name and (after != "(" or token in _TYPES)

    def _step(self) -> tuple[filterpaths.Axis, filterpaths.Test, tuple[Expression, ...]]:
        self._link()
        if not self._is_step():
            self._unexpected("a name")
        axis, token = "child", self._next()
        if token in _SHORT:
            return _SHORT[token], filterpaths.anything, ()
        if self._take("::"):
            axis, token = token, self._next() if self._is_step() else ""
        if axis not in filterpaths.AXES or token in {"", *_SHORT}:
            known = ", ".join(filterpaths.AXES)
            self._fail(f"'{axis}::{token}' is no step that is known here; axes are {known}")
        if token in _TYPES and self._take("("):
            self._require(")")
            test = _TYPES[token]
        else:
            test = partial(filterpaths.named, *token.rpartition(":")[::2])
        predicates = []
        while self._peek() == "[":
            predicates.append(self._predicate())
        return filterpaths.AXES[axis], test, tuple(predicates)

    def _predicate(self) -> Expression:
        self._link()
        self._require("[")
        found = self._expression()
        self._require("]")
        return found

    def _primary(self) -> Expression:
        if self._take("("):
            found = self._expression()
            self._require(")")
            return found
        first = self._peek()[:1]
        if first and first in "\"'":
            return partial(filterpaths.constant, self._next()[1:-1])
        if first.isdigit() or (first == "." and len(self._peek()) > 1):
            return partial(filterpaths.constant, xpath.number(self._next()))
        return self._call()

    def _call(self) -> Expression:
        name = self._peek()
        if self._peek(1) != "(":
            self._unexpected("an operand")
        if name not in FUNCTIONS:
            self._fail(f"there is no function '{name}'; expected {', '.join(FUNCTIONS)}")
        self._at += 2
        given: list[Expression] = []
        while self._peek() != ")":
            given.append(self._expression())
            if not self._take(","):
                break
        self._require(")")
        function = FUNCTIONS[name]
        if not function.least <= len(given) <= function.most:
            self._fail(f"{name}() does not take {len(given)} arguments")
        if name in SETS:
            self._require_set(given[0])
        return partial(filterpaths.called, function.call, given)
