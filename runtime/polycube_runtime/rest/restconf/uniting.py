"""One text for a module that several services have a part of: each has what that adds to itself.

What the generator writes has one statement of the module for each line that is indented once.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

_START = re.compile(r"^(?=  [^\s}])", re.MULTILINE)
_HEAD = re.compile(r"  ([\w-]+)(?: ([^{;]*))?")
_ORDER = ("yang-version", "namespace", "prefix", "import", "description", "revision")
"""What comes first in a module (RFC 7950, section 7.1.1); but for imports there is one of each."""
_NAMED = frozenset(["import", "identity", "grouping"])


def united(texts: Iterable[str]) -> str:
    """Return the text of a module of which `texts` are parts, that of the newest revision first."""
    parts = list(dict.fromkeys(texts))
    if len(parts) == 1:
        return parts[0]
    head, _ = _split(parts[0])
    found: dict[str, str] = {}
    for part in parts:
        for statement in _split(part)[1]:
            found.setdefault(_identity(statement), statement)
    return "".join([head, *sorted(found.values(), key=_rank), "}\n"])


def _split(text: str) -> tuple[str, list[str]]:
    """Return the lines up to the module's own, and its statements."""
    head, *statements = _START.split(text.rstrip().removesuffix("}"))
    return head, statements


def _identity(statement: str) -> str:
    """Return what is equal for statements of which a module has one."""
    keyword, argument = _keyword(statement)
    if keyword in _NAMED:
        return f"{keyword} {argument.strip()}"
    return keyword if keyword in _ORDER else statement


def _rank(statement: str) -> int:
    keyword, _ = _keyword(statement)
    return _ORDER.index(keyword) if keyword in _ORDER else len(_ORDER)


def _keyword(statement: str) -> tuple[str, str]:
    found = _HEAD.match(statement)
    return (found[1], found[2] or "") if found else ("", "")
