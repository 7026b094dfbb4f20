"""Text from models in Markdown: nothing in a description is markup, however it is written."""

from __future__ import annotations

import re

_SPECIAL = re.compile(r"[\\`*_\[\]<>#|~&]")
_ENTITIES = {"<": "&lt;", ">": "&gt;", "&": "&amp;"}
_LINKS = (("://", "&#58;//"), ("www.", "www&#46;"), ("@", "&#64;"))
"""What GitHub makes links and mentions of by itself."""
_REPLACED = "\N{REPLACEMENT CHARACTER}"
"""What stands for characters that a terminal would obey instead of show."""
_NUMBERED = re.compile(r"^(\d+)([.)])(?=\s|$)")


def prose(text: str) -> str:
    """Return ``text`` on one line, every character of it shown as it is."""
    escaped = _SPECIAL.sub(lambda found: _escape(found[0]), one_line(text))
    for mark, entity in _LINKS:
        escaped = escaped.replace(mark, entity)
    escaped = _NUMBERED.sub(r"\1\\\2", escaped)
    return f"\\{escaped}" if escaped[:1] in {"-", "+", "="} else escaped


def _escape(char: str) -> str:
    return _ENTITIES.get(char, f"\\{char}")


def code(text: object) -> str:
    """Return ``text`` as code in a line, in as many backquotes as it needs."""
    line = one_line(str(text))
    if not line:
        return ""
    longest = max((len(run) for run in re.findall(r"`+", line)), default=0)
    fence = "`" * (longest + 1)
    gap = " " if line[0] == "`" or line[-1] == "`" else ""
    return f"{fence}{gap}{line}{gap}{fence}"


def cell(text: str) -> str:
    """Return Markdown for a cell of a table, which ends at every bar, in code as well."""
    return re.sub(r"(?<!\\)\|", r"\\|", text)


def block(text: str, language: str = "text") -> str:
    """Return a fenced block, whose fence is longer than what ``text`` has of the kind."""
    longest = max((len(run) for run in re.findall(r"`{3,}", text)), default=2)
    fence = "`" * (longest + 1)
    return f"{fence}{language}\n{_printable(text).rstrip()}\n{fence}"


def one_line(text: str) -> str:
    """Return ``text`` without line breaks and control characters."""
    return _printable(" ".join(text.split()))


def _printable(text: str) -> str:
    return "".join(char if char.isprintable() or char == "\n" else _REPLACED for char in text)
