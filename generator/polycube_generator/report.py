"""Problems for people and editors: ``file:line:column: error: what``, the line, and a caret."""

from __future__ import annotations

import re
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING

from polycube_generator import markdown

if TYPE_CHECKING:
    from polycube_generator.problems import GeneratorError, Problem

_TAB = " " * 4


def text(failure: GeneratorError) -> str:
    """Return every problem with its line of source; more than one are counted at the end."""
    _lines.cache_clear()
    shown = [_shown(problem) for problem in failure.problems]
    if len(shown) > 1:
        shown.append(f"{len(shown)} errors")
    return "\n".join(shown)


def _shown(problem: Problem) -> str:
    place, message = problem.place, markdown.one_line(problem.message)
    lines = _lines(place.file) if place.line else ()
    if not 0 < place.line <= len(lines):
        return f"{place}: error: {message}"
    # Not shown as a terminal would obey it; as long as it was, for the caret's sake.
    source = "".join(c if c.isprintable() or c == "\t" else " " for c in lines[place.line - 1])
    start, length = _span(source, message)
    number = f"{place.line}"
    before = source[:start].expandtabs(len(_TAB))
    return "\n".join(
        [
            f"{place}:{start + 1}: error: {message}",
            f"  {number} | {source.expandtabs(len(_TAB)).rstrip()}",
            f"  {' ' * len(number)} | {' ' * len(before)}{'^' * max(1, length)}",
        ]
    )


def _span(source: str, message: str) -> tuple[int, int]:
    """Return where in a line the problem is: at a word that the message names, or all of it."""
    quoted = re.findall(r"'([^']+)'|\"([^\"]+)\"", message)
    for named in (*(one or other for one, other in quoted), *re.findall(r"[\w:/.-]{3,}", message)):
        at = source.find(named)
        if at >= 0:
            return at, len(named)
    stripped = source.strip()
    return len(source) - len(source.lstrip()), len(stripped)


@cache
def _lines(file: str) -> tuple[str, ...]:
    """Return the lines of a file; none if it cannot be read, which the message then says."""
    try:
        content = Path(file).read_text("utf-8", errors="replace")
    except (OSError, ValueError):
        return ()
    # As YANG counts them: str.splitlines() also splits at form feeds and the like.
    return tuple(content.split("\n"))
