"""Python source text, laid out as ruff's formatter leaves it.

Expressions are built of ``Call``, ``Sequence`` and text that is source already, then rendered:
on one line if it fits, else one argument a line with a trailing comma.
"""

from __future__ import annotations

import re
import textwrap
from dataclasses import dataclass
from typing import TypeAlias

WIDTH = 100
_INDENT = " " * 4
_DIGITS = "0123456789"


@dataclass(frozen=True, slots=True)
class Text:
    """A string literal, split over several lines if it is long."""

    value: str


@dataclass(frozen=True, slots=True)
class Call:
    """``head(arguments)``; the name of an argument is empty if it is positional."""

    head: str
    arguments: tuple[tuple[str, Code], ...]


@dataclass(frozen=True, slots=True)
class Sequence:
    """A tuple."""

    items: tuple[Code, ...]


Code: TypeAlias = str | Text | Call | Sequence
"""A ``str`` is source as it stands."""


def call(head: str, *positional: Code, **named: Code) -> Call:
    """Return a call."""
    return Call(head, (*(("", code) for code in positional), *named.items()))


def literal(value: object) -> Code:
    """Return the source of a JSON value or a tuple of such."""
    match value:
        case str():
            return Text(value)
        case tuple():
            return Sequence(tuple(literal(item) for item in value))
        case list():
            return f"[{', '.join(flat(literal(item)) for item in value)}]"
        case _:
            return repr(value)


def quote(text: str) -> str:
    """Return a string literal, in the quotes that need fewer escapes, double ones if equal."""
    mark = "'" if text.count('"') > text.count("'") else '"'
    if text.isprintable() and mark not in text and "\\" not in text:
        return f"{mark}{text}{mark}"
    escapes = {"\\": "\\\\", mark: f"\\{mark}", "\n": "\\n", "\r": "\\r", "\t": "\\t"}
    body = "".join(escapes.get(char) or _printable(char) for char in text)
    return f"{mark}{body}{mark}"


def _printable(char: str) -> str:
    return char if char.isprintable() else char.encode("unicode_escape").decode("ascii")


def render(code: Code, indent: int = 0, before: int = 0, after: int = 0) -> str:
    """Return the source of ``code``.

    ``indent`` is that of the line it is on, in steps; ``before`` and ``after`` are how many
    characters stand left (beyond the indent) and right of it on its line.
    """
    line = flat(code)
    if len(_INDENT) * indent + before + len(line) + after <= WIDTH:
        return line
    outer, inner = _INDENT * indent, _INDENT * (indent + 1)
    match code:
        case Text(value=value):
            lines = _split(value, WIDTH - len(inner))
            if len(lines) == 1 and len(inner) + len(line) > WIDTH:
                return line  # no better on a line of its own
            body = "".join(f"{inner}{part}\n" for part in lines)
            return f"(\n{body}{outer})"
        case Call(head=head, arguments=arguments) if arguments:
            items = [(f"{name}=" if name else "", item) for name, item in arguments]
        case Sequence(items=found) if found:
            head, items = "", [("", item) for item in found]
        case _:
            return line
    body = "".join(
        f"{inner}{name}{render(item, indent + 1, len(name), 1)},\n" for name, item in items
    )
    return f"{head}(\n{body}{outer})"


def definition(head: str, parameters: tuple[str, ...], tail: str, indent: int) -> str:
    """Return the first lines of a function, such as ``async def f(self) -> None:``."""
    flat = f"{head}({', '.join(parameters)}){tail}"
    outer, inner = _INDENT * indent, _INDENT * (indent + 1)
    if len(outer) + len(flat) <= WIDTH:
        return flat
    joined = ", ".join(parameters)
    if len(inner) + len(joined) <= WIDTH:
        return f"{head}(\n{inner}{joined}\n{outer}){tail}"
    body = "".join(f"{inner}{parameter},\n" for parameter in parameters)
    return f"{head}(\n{body}{outer}){tail}"


def imports(module: str, found: set[str]) -> str:
    """Return ``from module import …``, sorted as ruff does; empty if nothing is to be imported."""
    if not found:
        return ""
    chosen = sorted(found, key=_import_order)
    flat = f"from {module} import {', '.join(chosen)}"
    if len(flat) <= WIDTH:
        return flat
    body = "".join(f"{_INDENT}{name},\n" for name in chosen)
    return f"from {module} import (\n{body})"


def import_block(*groups: list[str]) -> str:
    """Return groups of imports with a blank line between them; empty lines and groups vanish."""
    blocks = ("\n".join(line for line in group if line) for group in groups)
    return "\n\n".join(block for block in blocks if block)


def all_names(found: set[str]) -> str:
    """Return an ``__all__``, sorted as ruff does."""
    chosen = [quote(name) for name in sorted(found, key=_export_order)]
    flat = f"__all__ = [{', '.join(chosen)}]"
    if len(flat) <= WIDTH:
        return flat
    return "__all__ = [\n" + "".join(f"{_INDENT}{name},\n" for name in chosen) + "]"


def docstring(text: str, indent: int = 0) -> str:
    """Return a docstring with its quotes, wrapped, safe for any ``text``."""
    text = text if text.endswith((".", "?", "!")) else f"{text}."
    clean = text.replace("\\", "\\\\").replace('"""', '\\"\\"\\"')
    clean = "".join(char if char.isspace() else _printable(char) for char in clean)
    outer = _INDENT * indent
    width = WIDTH - len(outer)
    if len(clean) + 6 <= width and not clean.endswith('"'):
        return f'"""{clean}"""'
    lines = _wrapped(clean, width - 3)
    if len(lines) == 1:
        lines = _wrapped(clean, width - 6)  # else the quotes behind it do not fit
    if len(lines) == 1 and not clean.endswith('"'):  # a single word, which stays as long as it is
        return f'"""{clean}"""'
    first, rest = lines[0], lines[1:]
    return "\n".join([f'"""{first}', *(f"{outer}{line}" for line in rest), f'{outer}"""'])


def _wrapped(text: str, width: int) -> list[str]:
    return textwrap.wrap(text, width, break_long_words=False, break_on_hyphens=False)


def flat(code: Code) -> str:
    """Return the source of ``code`` on one line."""
    match code:
        case str():
            return code
        case Text(value=value):
            return quote(value)
        case Call(head=head, arguments=arguments):
            texts = (f"{name}={flat(item)}" if name else flat(item) for name, item in arguments)
            return f"{head}({', '.join(texts)})"
        case Sequence(items=items):
            joined = ", ".join(map(flat, items))
            return f"({joined},)" if len(items) == 1 else f"({joined})"


def _split(text: str, width: int) -> list[str]:
    """Return literals of at most ``width`` characters that make up ``text``, split at blanks."""
    lines: list[str] = []
    current = ""
    for word in text.replace(" ", " \0").split("\0"):
        if current and len(quote(current + word)) > width:
            lines.append(quote(current))
            current = ""
        current += word
    return [*lines, quote(current)]


def _import_order(name: str) -> tuple[object, ...]:
    """Order as ruff: CONSTANTS, then Classes, then functions; the case of letters counts last."""
    return _kind(name), _natural(name.lower()), _natural(name)


def _export_order(name: str) -> tuple[object, ...]:
    """Order as ruff, to which the case of letters matters in an ``__all__``."""
    return _kind(name), _natural(name)


def _kind(name: str) -> int:
    return 0 if name.isupper() and len(name) > 1 else 1 if name[0].isupper() else 2


def _natural(name: str) -> list[tuple[int, int, str]]:
    """Order numbers in a name by their values, before letters: UINT8, UINT16, UINT_8."""
    parts = re.findall(r"[0-9]+|[^0-9]", name)
    return [
        (0, 0 if part[0] == "0" else len(part), part) if part[0] in _DIGITS else (1, 0, part)
        for part in parts
    ]
