"""Problems for people and editors: ``file:line:column: error: what``, the line, and a caret."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from polycube_generator import markdown

if TYPE_CHECKING:
    from collections.abc import Iterator

    from polycube_generator.problems import GeneratorError, Problem

_TAB = " " * 4
_LONG = 160
"""Characters of a line of source that are shown; few have more."""
_GAP = r"(?:\s|//[^\n]*\n|/\*.*?\*/)*"
_HEAD = re.compile(
    rf"(?P<word>[\w.:-]+)(?:{_GAP}(?P<argument>\"(?:[^\"\\]|\\.)*\"|'[^']*'|[^\s;{{}}\"']+))?",
    re.DOTALL,
)
"""The beginning of a YANG statement (RFC 7950, section 6): its keyword and the argument."""


class Span(NamedTuple):
    """Where in a file a problem is: a line and the characters there, both counted from 1."""

    line: int
    column: int
    length: int


def text(failure: GeneratorError, *, colours: bool = False) -> str:
    """Return every problem with its line of source; more than one are counted at the end."""
    _source.cache_clear()
    shown = [_coloured(_shown(problem)) if colours else _shown(problem)
             for problem in failure.problems]  # fmt: skip
    if len(shown) > 1:
        shown.append(f"{len(shown)} errors")
    return "\n".join(shown)


def objects(failure: GeneratorError) -> Iterator[dict[str, object]]:
    """Yield every problem for programs; without ``line`` it is the file that is wrong."""
    _source.cache_clear()
    for problem in failure.problems:
        found: dict[str, object] = {"file": problem.place.file}
        if span := _span(problem):
            found |= {"line": span.line, "column": span.column}
            found |= {"end-column": span.column + span.length}
        elif problem.place.line:
            found["line"] = problem.place.line
        yield found | {"message": _shortened(markdown.one_line(problem.message))}


def _shown(problem: Problem) -> str:
    message, span = _shortened(markdown.one_line(problem.message)), _span(problem)
    if span is None:
        return f"{problem.place}: error: {message}"
    # Not shown as a terminal would obey it; as long as it was, for the caret's sake.
    line = (_source(problem.place.file) or "").split("\n")[span.line - 1]
    source = "".join(c if c.isprintable() or c == "\t" else " " for c in line)
    number, start = f"{span.line}", span.column - 1
    before, source = source[:start].expandtabs(len(_TAB)), source.expandtabs(len(_TAB)).rstrip()
    left = max(0, min(len(before) - _LONG // 2, len(source) - _LONG))
    shown = source[left : left + _LONG]
    caret = len(before) - left
    marks = "^" * max(1, min(span.length, len(shown) - caret))
    return "\n".join(
        [
            f"{problem.place.file}:{number}:{span.column}: error: {message}",
            f"  {number} | {shown}",
            f"  {' ' * len(number)} | {' ' * caret}{marks}",
        ]
    )


def _shortened(message: str) -> str:
    """Return a message without the middle of what it quotes, if that is enormous."""
    half = 2 * _LONG
    return message if len(message) <= 2 * half else f"{message[:half]} … {message[-half:]}"


def _coloured(shown: str) -> str:
    """Return a problem as compilers show it to a terminal: the place bold, the rest red."""
    head, *rest = shown.split("\n")
    place, mark, message = head.partition(" error: ")
    lines = [f"\x1b[1m{place}\x1b[0m\x1b[1;31m{mark}\x1b[0m{message}", *rest]
    if rest:
        margin, caret = rest[-1][: rest[-1].index("^")], rest[-1].strip(" |")
        lines[-1] = f"{margin}\x1b[1;31m{caret}\x1b[0m"
    return "\n".join(lines)


def _span(problem: Problem) -> Span | None:
    """Return where a problem is; None if there is no such line, or it is the file's as a whole."""
    place, source = problem.place, _source(problem.place.file)
    lines = [] if source is None else source.split("\n")
    if source is None or not 0 < place.line <= len(lines):
        return None
    line = lines[place.line - 1]
    if not place.column:
        return Span(place.line, len(line) - len(line.lstrip()) + 1, len(line.strip()))
    begin = sum(map(len, lines[: place.line - 1])) + place.line - 1 + place.column - 1
    head = _HEAD.match(source, begin)
    if head is None:
        return Span(place.line, place.column, max(1, len(line.rstrip()) - place.column + 1))
    at, end = _part(head, problem.message)
    row = source.count("\n", 0, at)
    column = at - (source.rfind("\n", 0, at) + 1)
    end = min(end, at + len(lines[row]) - column)
    return Span(row + 1, column + 1, end - at)


def _part(head: re.Match[str], message: str) -> tuple[int, int]:
    """Return the part of a statement that a message is about: a word of it that it names."""
    if head["argument"] is None:
        return head.span("word")
    quoted = _quoted(message)
    if head["word"] in quoted and head["argument"].strip("\"'") not in quoted:
        return head.span("word")
    start, end = head.span("argument")
    for named in (*quoted, *_words(message)):
        # Not a part of a longer word.
        whole = re.compile(rf"(?<![\w-]){re.escape(named)}(?![\w-])")
        if found := whole.search(head.string, start, end):
            return found.span()
    return start, end


def _quoted(message: str) -> list[str]:
    found = re.findall(r"'([^']+)'|\"([^\"]+)\"", message)
    return [one or other for one, other in found]


def _words(message: str) -> list[str]:
    return re.findall(r"[\w:/.-]{3,}", message)


@cache
def _source(file: str) -> str | None:
    """Return the text of a file; None if it cannot be read, which the message then says."""
    try:
        return Path(file).read_text("utf-8-sig", errors="replace")
    except (OSError, ValueError):
        return None
