"""The text of a YANG module, parsed without what it imports, and edited where its statements are.

What nobody edits stays as its author wrote it, and is found again: a problem of the edited text is
told at the place in the author's.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from pyang import error
from pyang.context import Context
from pyang.repository import FileRepository

from polycube_generator import parsing
from polycube_generator.problems import GeneratorError, Problem, fail

if TYPE_CHECKING:
    from pathlib import Path

    from polycube_generator.types import Statement

_COMMENT = r"//[^\n]*|/\*.*?\*/"
_STRING = r"\"(?:[^\"\\]|\\.)*\"|'[^']*'"
_SKIPPED = re.compile(f"{_STRING}|{_COMMENT}", re.DOTALL)
_GAP = rf"(?:\s|{_COMMENT})*"
_ARGUMENT = re.compile(
    rf"[\w.:-]+{_GAP}((?:{_STRING})(?:{_GAP}\+{_GAP}(?:{_STRING}))*|[^\s;{{}}\"']+)", re.DOTALL
)
"""The beginning of a statement, and its argument as it is written (RFC 7950, section 6)."""


def read(path: Path) -> str:
    """Return the text of a module.

    Raises:
        GeneratorError: the file cannot be read.

    """
    try:
        return path.read_text("utf-8-sig")
    except UnicodeDecodeError as failure:
        message = f"is not in UTF-8, as YANG is: {failure.reason} at octet {failure.start}"
        raise fail(str(path), message) from None
    except OSError as failure:
        raise fail(str(path), f"cannot be read: {failure.strerror}") from None


def parsed(path: Path, text: str) -> Statement:
    """Return the statements of a module or submodule.

    Raises:
        GeneratorError: they are none; with their places.

    """
    context = Context(FileRepository("", use_env=False))
    try:
        module = parsing.Parser().parse(context, str(path), text)
    except Exception as crash:  # an IndexError at the end of half a file, for one
        message = f"pyang fails here, is the file whole? {type(crash).__name__}: {crash}"
        raise fail(str(path), message) from crash
    if context.errors or module is None:
        raise GeneratorError(
            Problem(parsing.place(at), error.err_to_str(tag, arguments))
            for at, tag, arguments in context.errors
        )
    return module


class Text:
    """A text and what to change in it; changes are told by the statements of ``parsed``."""

    def __init__(self, text: str) -> None:
        """Begin without a change."""
        self._text = text
        self._starts = [0, *(found.end() for found in re.finditer("\n", text))]
        self._edits: list[tuple[int, int, str]] = []

    def put(self, before: Statement | None, lines: list[str]) -> None:
        """Put lines in before a statement and its comment; without one, at the module's end."""
        if not lines:
            return
        at = self._last_brace() if before is None else self._offset(before)
        line = self._text.rfind("\n", 0, at) + 1
        added = "".join(f"{one}\n" for one in lines)
        if self._text[line:at].strip():
            self._edits.append((at, at, f"\n{added}"))
            return
        number = self._starts.index(line)
        while number and self._line(number - 1).lstrip().startswith(("//", "/*", "*")):
            number -= 1
        self._edits.append((self._starts[number], self._starts[number], added))

    def replace(self, statement: Statement, argument: str) -> None:
        """Give a statement another argument, which needs no quotes."""
        found = _ARGUMENT.match(self._text, self._offset(statement))
        if found is not None:
            start, end = found.span(1)
            quote = self._text[start] if self._text[start] in "\"'" else ""
            self._edits.append((start, end, f"{quote}{argument}{quote}"))

    def edited(self) -> str:
        """Return the text with all changes."""
        parts, at = [], 0
        for start, end, new in self._sorted():
            parts += [self._text[at:start], new]
            at = end
        return "".join([*parts, self._text[at:]])

    def origin(self, line: int, column: int) -> tuple[int, int]:
        """Return where something of the edited text was before; (0, 0) if it was not there.

        Lines and columns count from 1; a column 0, not known, stays so.
        """
        edited = self.edited()
        starts = [0, *(found.end() for found in re.finditer("\n", edited))]
        if not 0 < line <= len(starts):
            return 0, 0
        begin = starts[line - 1]
        rest = edited[begin:]
        indent = len(rest) - len(rest.lstrip(" \t"))
        at = self._before(begin + (column - 1 if column else indent))
        if at is None:
            return 0, 0
        number = self._text.count("\n", 0, at)
        return number + 1, at - self._starts[number] + 1 if column else 0

    def _before(self, at: int) -> int | None:
        """Return where an offset of the edited text was; None in what was put in."""
        shift = 0
        for start, end, new in self._sorted():
            if at < start + shift:
                break
            if at < start + shift + len(new):
                return start if end > start else None
            shift += len(new) - (end - start)
        return at - shift

    def _sorted(self) -> list[tuple[int, int, str]]:
        return sorted(self._edits, key=lambda edit: edit[:2])

    def _offset(self, statement: Statement) -> int:
        line, column = int(statement.pos.line), int(statement.pos.column)
        return self._starts[line - 1] + column - 1

    def _line(self, number: int) -> str:
        return self._text[self._starts[number] : self._starts[number + 1]]

    def _last_brace(self) -> int:
        bare = _SKIPPED.sub(lambda found: " " * len(found[0]), self._text)
        return bare.rindex("}")
