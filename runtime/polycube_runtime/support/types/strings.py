"""Text, enumerations, and the types that are almost text in JSON."""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from functools import cache

from polycube_runtime.support.types.base import Type


@cache
def _compiled(pattern: str) -> re.Pattern[str]:
    return re.compile(pattern)


def _span(interval: tuple[int, int]) -> str:
    low, high = interval
    if low == high:
        return str(low)
    # YANG writes the length of a string without a limit as 2**64 - 1.
    return f"{low} or more" if high >= _UNLIMITED else f"{low}..{high}"


_UNLIMITED = 2**63


@dataclass(frozen=True, slots=True)
class String(Type):
    """string; every one of ``patterns`` (Python syntax) must match the whole text.

    ``lengths`` are inclusive intervals of the number of characters; empty means any length.
    """

    patterns: tuple[str, ...] = ()
    lengths: tuple[tuple[int, int], ...] = ()

    @property
    def expected(self) -> str:
        """``string of 1..15 characters matching [a-z]+``."""
        text = "string"
        if self.lengths:
            text += f" of {' | '.join(map(_span, self.lengths))} characters"
        if self.patterns:
            text += f" matching {' and '.join(self.patterns)}"
        return text

    def validate(self, value: object, where: str) -> str:
        """Accept JSON text."""
        if not isinstance(value, str):
            raise self.refusal(value, "is not a string", where)
        if self.lengths and not any(low <= len(value) <= high for low, high in self.lengths):
            raise self.refusal(value, f"has {len(value)} characters", where)
        for pattern in self.patterns:
            if not _compiled(pattern).fullmatch(value):
                raise self.refusal(value, "does not match", where)
        return value


@dataclass(frozen=True, slots=True)
class Enumeration(Type):
    """enumeration; ``values`` are the (name, value) pairs in the order of the model."""

    values: tuple[tuple[str, int], ...]
    _spelling: dict[str, str] = field(init=False, repr=False, compare=False)

    def __post_init__(self) -> None:
        """Index the names; where two differ in case only, just the exact spelling finds them."""
        names = [name for name, _ in self.values]
        folded = [name.casefold() for name in names]
        pairs = zip(folded, names, strict=True)
        spelling = {low: name for low, name in pairs if folded.count(low) == 1}
        object.__setattr__(self, "_spelling", spelling)

    @property
    def expected(self) -> str:
        """``one of DROP, SLOWPATH, FORWARD``."""
        return f"one of {', '.join(name for name, _ in self.values)}"

    def validate(self, value: object, where: str) -> str:
        """Accept a name in any case; return the model's spelling."""
        if isinstance(value, str):
            name = self._spelling.get(value.casefold())
            if name is not None:
                return name
            if any(value == known for known, _ in self.values):
                return value
        raise self.refusal(value, "is not a value of this enumeration", where)


@dataclass(frozen=True, slots=True)
class Boolean(Type):
    """boolean."""

    @property
    def expected(self) -> str:
        """``true or false``."""
        return "true or false"

    def validate(self, value: object, where: str) -> bool:
        """Accept JSON ``true`` and ``false``."""
        if not isinstance(value, bool):
            raise self.refusal(value, "is not a boolean", where)
        return value

    def parse(self, text: str, where: str) -> bool:
        """Accept the words in any case."""
        if text.casefold() not in {"true", "false"}:
            raise self.refusal(text, "is not a boolean", where)
        return text.casefold() == "true"


@dataclass(frozen=True, slots=True)
class Empty(Type):
    """empty: a leaf that is there or not; its value is ``[null]`` (RFC 7951, section 6.9)."""

    @property
    def expected(self) -> str:
        """``[null]``."""
        return "[null]"

    def validate(self, value: object, where: str) -> list[None]:
        """Accept ``[null]``, and ``null`` for convenience."""
        if value not in (None, [None]):
            raise self.refusal(value, "is not empty", where)
        return [None]
