r"""XSD regular expressions (YANG's) as Python ones.

The two differ in anchors (XSD has none: ``^`` and ``$`` are plain characters), in ``.`` (which
XSD keeps from ``\r`` too) and in a few escapes. What has no short equivalent is refused rather
than translated wrongly: ``\p{…}``, ``\i``, ``\c``, ``\w`` and class subtraction.
"""

from __future__ import annotations

import re

_PIECES = re.compile(r"\\.|.", re.DOTALL)
_KEPT = frozenset(rf"\{char}" for char in r"nrt\|.-^?*+{}()[]dD")
_SPACE = r" \t\n\r"
_OUTSIDE = {"^": r"\^", "$": r"\$", ".": r"[^\n\r]"}


def to_python(pattern: str) -> str:
    """Return ``pattern`` for ``re.fullmatch``; ``ValueError`` says why if that cannot be."""
    result: list[str] = []
    inside = False
    previous = ""
    for piece in _PIECES.findall(pattern):
        result.append(_piece(piece, previous, inside=inside))
        if piece == "[":
            inside = True
        elif piece == "]":
            inside = False
        previous = piece
    python = "".join(result)
    try:
        re.compile(python)
    except re.error as error:
        reason = f"pattern {pattern!r} has no Python equivalent: {error}"
        raise ValueError(reason) from None
    return python


def _piece(piece: str, previous: str, *, inside: bool) -> str:
    """Return one character or escape; ``inside`` says whether it is in a class ``[…]``."""
    if piece.startswith("\\"):
        return _escape(piece, inside=inside)
    if inside:
        if piece == "[" and previous == "-":
            reason = "class subtraction [a-z-[…]] in a pattern is not supported"
            raise ValueError(reason)
        return r"\[" if piece == "[" else piece
    return _OUTSIDE.get(piece, piece)


def _escape(piece: str, *, inside: bool) -> str:
    if piece == r"\s":
        return _SPACE if inside else f"[{_SPACE}]"
    if piece == r"\S" and not inside:
        return f"[^{_SPACE}]"
    if piece not in _KEPT:
        reason = f"{piece} in a pattern is not supported; write the characters as [a-z…]"
        raise ValueError(reason)
    return piece
