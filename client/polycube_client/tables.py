"""Columns of text."""

from __future__ import annotations

import os

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Iterable, Sequence

_GAP = "  "
_NARROWEST = 20
"""Characters below which a column is not wrapped; the terminal wraps then."""


def columns(rows: Iterable[Sequence[str]]) -> list[str]:
    """Align ``rows`` of equally many cells into lines, without blanks at their ends."""
    cells = [[*map(one_line, row)] for row in rows]
    widths = [max(map(len, column)) for column in zip(*cells, strict=True)]
    return [_GAP.join(map(str.ljust, row, widths)).rstrip() for row in cells]


def one_line(text: str) -> str:
    """Return ``text`` with visible escapes in place of line breaks."""
    return text.replace("\n", "\\n") if "\n" in text else text


def wrap_column(rows: list[tuple[str, ...]], index: int, width: int) -> list[tuple[str, ...]]:
    """Break column ``index`` over rows, so that `columns` makes lines of ``width`` at most."""
    others = (
        max(map(len, column)) + len(_GAP)
        for n, column in enumerate(zip(*rows, strict=True))
        if n != index
    )
    room = width - sum(others)
    if room < _NARROWEST or all(len(row[index]) <= room for row in rows):
        return rows
    import textwrap  # noqa: PLC0415 - help on a narrow terminal only

    wrapped = []
    for row in rows:
        first, *more = textwrap.wrap(row[index], room) or [""]
        wrapped.append((*row[:index], first, *row[index + 1 :]))
        blank = ("",) * len(row)
        wrapped += [(*blank[:index], line, *blank[index + 1 :]) for line in more]
    return wrapped


def terminal_width() -> int:
    """Return the width to wrap at, in characters: the terminal's; else one that never wraps."""
    try:
        return os.get_terminal_size(1).columns
    except OSError:
        return 10_000
