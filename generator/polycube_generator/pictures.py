"""The layout of C structs as pictures: eight bytes a row, as they lie in memory."""

from __future__ import annotations

from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator

    from polycube_generator import ir

_ROW = 8
_CELL = 7
"""Characters of a byte, the line on its right included."""


def struct(found: ir.Struct) -> str:
    """Return a table of the members, and under it the picture."""
    rows = [("offset", "size", "member", "holds")]
    rows += [
        (str(one.offset), str(one.size), one.declaration, _holds(one, found.has))
        for one in found.declared
    ]
    bare = (one for one in found.members if not one.size)  # C has nothing of it but its bit
    rows += [("-", "0", "-", _holds(one, found.has)) for one in bare]
    widths = [max(len(row[at]) for row in rows) for at in range(4)]
    table = [
        f"{offset:>{widths[0]}}  {size:>{widths[1]}}  {name:<{widths[2]}}  {holds}".rstrip()
        for offset, size, name, holds in rows
    ]
    return "\n".join([*table, "", *_picture(found)])


def _holds(member: ir.Member, has: str) -> str:
    """Return what is in a member; ``has`` is the presence word."""
    if member.field:
        there = f", there if {has} & {member.field.bit}" if member.field.bit else ""
        return f"{member.field.leaf.name} ({member.field.kind}){there}"
    return "padding, zero" if member.name.startswith("pad_") else member.note


def _picture(found: ir.Struct) -> Iterator[str]:
    owners = [""] * found.size
    for member in found.members:
        owners[member.offset : member.offset + member.size] = [member.name] * member.size
    columns = min(_ROW, found.size)
    yield " " * 6 + "".join(f"{byte:^{_CELL}}" for byte in range(columns)).rstrip()
    seen: set[str] = set()
    rows = [owners[at : at + _ROW] for at in range(0, found.size, _ROW)]
    for number, row in enumerate(rows):
        yield _border(rows[number - 1] if number else [], row)
        yield f"{number * _ROW:>4} |{_cells(row, seen)}"
    yield _border(rows[-1], [])


def _cells(row: list[str], seen: set[str]) -> str:
    """Return one row; a member's name is written once, cut where it does not fit."""
    text, at = "", 0
    while at < len(row):
        end = at
        while end < len(row) and row[end] == row[at]:
            end += 1
        width = (end - at) * _CELL - 1
        name = "" if row[at] in seen else row[at]
        seen.add(row[at])
        text += f"{_cut(name, width):^{width}}|"
        at = end
    return text


def _cut(name: str, width: int) -> str:
    return name if len(name) <= width else f"{name[: width - 1]}…"


def _border(above: list[str], below: list[str]) -> str:
    """Return the line between two rows, open where a member goes on in the next."""
    line = "     +"
    for at in range(max(len(above), len(below))):
        over, under = above[at : at + 1], below[at : at + 1]
        goes_on = bool(above) and bool(below) and above[-1] == below[0] and over == under
        line += (" " if goes_on else "-") * (_CELL - 1) + "+"
    return line
