"""pyang's parser, with columns: it tells lines only, and a problem is at a word in a line."""

from __future__ import annotations

import re
from collections import deque
from typing import TYPE_CHECKING, Any

from pyang import error, yang_parser

from polycube_generator.problems import Place

if TYPE_CHECKING:
    from pyang.context import Context

    from polycube_generator.types import Statement

DEPTH = 200
"""How many levels of statements there may be below each other, in a file or made by groupings."""

TOO_DEEP = f"is nested more than {DEPTH} levels deep"

_OPERATOR = re.compile(r"[-+*=<>|]|\b(?:or|and|div|mod)\b")
_OPERATORS = 5000
"""That an expression may have: pyang follows each into the next."""

_NOT_IN_XML = re.compile(r"[\x00-\x08\x0b\x0c\x0e-\x1f\ufffe\uffff]")
"""Characters that XML does not have, whose regular expressions patterns are."""

_BYTE_ORDER_MARK = "\ufeff"


class Position(error.Position):  # type: ignore[misc]
    """Where a statement begins, its column counted from 1 in characters."""

    def __init__(self, at: Any, line: int, column: int) -> None:
        """Be what pyang found, and where on that line."""
        super().__init__(at.ref)
        self.line = line
        self.top = at.top
        self.uses_pos = at.uses_pos
        self.column = column


def place(at: Any) -> Place:
    """Return the place of one of pyang's positions, the file as pyang was given it."""
    return Place(at.ref, at.line, getattr(at, "column", 0))


class Parser(yang_parser.YangParser):  # type: ignore[misc]
    """Notes where each statement begins; lines are those of editors."""

    def parse(self, ctx: Context, ref: str, text: str) -> Statement | None:
        """Return the module in ``text``; None if it is none, and then the context knows why."""
        before = len(ctx.errors)
        self._depth = 0
        self._lines = re.findall(r".*\n|.+", text.removeprefix(_BYTE_ORDER_MARK))
        try:
            found = super().parse(ctx, ref, text)
        except (IndexError, TypeError):
            if self.tokenizer.lines:
                raise
            # pyang stumbles over files that end within a word or before an argument.
            error.err_add(ctx.errors, self.pos, "EOF_ERROR", ())
            found = None
        except RecursionError:
            message = "is made of too many strings; write them as one"
            error.err_add(ctx.errors, self.pos, "POLYCUBE", message)
            found = None
        if found is None:
            column = self.tokenizer.offset + 1
            ctx.errors[before:] = [
                (at if _has_column(at, self.pos) else Position(at, at.line, column), tag, told)
                for at, tag, told in ctx.errors[before:]
            ]
        return found

    def _parse_statement(self, parent: Statement | None) -> Statement:
        if parent is None and self.top is None:
            # pyang splits where str.splitlines() does: at form feeds and the like, too.
            self.tokenizer.lines = deque(self._lines)
        self.tokenizer.skip()
        line, column = self.pos.line, self.tokenizer.offset + 1
        self._depth += 1
        if self._depth > DEPTH:
            error.err_add(self.ctx.errors, self.pos, "POLYCUBE", TOO_DEEP)
            raise error.Abort
        statement = super()._parse_statement(parent)
        self._depth -= 1
        if statement.keyword in {"must", "when"} and _is_long(statement.arg or ""):
            message = f"{statement.keyword} has more than {_OPERATORS:,} operators; split it"
            at = Position(statement.pos, line, column)
            error.err_add(self.ctx.errors, at, "POLYCUBE", message)
            raise error.Abort
        statement.pos = Position(statement.pos, line, column)
        if statement.keyword == "pattern" and (odd := _NOT_IN_XML.search(statement.arg or "")):
            message = f"pattern has U+{ord(odd[0]):04X}, which no string of YANG has"
            error.err_add(self.ctx.errors, statement.pos, "POLYCUBE", message)
            raise error.Abort
        return statement


def _has_column(at: Any, end: Any) -> bool:
    """Tell whether the column of an error is known, or cannot be: it is not where parsing ends."""
    return isinstance(at, Position) or at.line != end.line


def _is_long(expression: str) -> bool:
    return len(expression) > _OPERATORS and len(_OPERATOR.findall(expression)) > _OPERATORS


# Contexts make their parser by this name; there is no other door.
yang_parser.YangParser = Parser
