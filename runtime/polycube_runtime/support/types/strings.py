"""Text, enumerations, and the types that are almost text in JSON."""

from __future__ import annotations

import re
from dataclasses import dataclass, field

from polycube_runtime.support.types.base import Told, Type
from polycube_runtime.support.types.patterns import matcher


def span(interval: tuple[int, int]) -> str:
    """Return ``5``, ``1..15`` or ``1 or more``."""
    low, high = interval
    if low == high:
        return str(low)
    # YANG writes the length of a string without a limit as 2**64 - 1.
    return f"{low} or more" if high >= _UNLIMITED else f"{low}..{high}"


_UNLIMITED = 2**63
_NO_TEXT = re.compile(
    "[\\x00-\\x08\\x0b\\x0c\\x0e-\\x1f\\ud800-\\udfff\\ufdd0-\\ufdef"
    + "".join(
        f"{chr(plane | 0xFFFE)}{chr(plane | 0xFFFF)}" for plane in range(0, 0x110000, 0x10000)
    )
    + "]"
)
"""Characters that a string of YANG cannot have: RFC 7950, section 14, ``yang-char``."""


@dataclass(frozen=True, slots=True)
class String(Type):
    """string; every one of ``patterns`` (Rust's syntax) must match the whole text.

    None of ``inverted`` may. ``lengths`` are inclusive intervals of the number of characters;
    empty means any length.
    """

    patterns: tuple[str, ...] = ()
    lengths: tuple[tuple[int, int], ...] = ()
    inverted: tuple[str, ...] = ()
    errors: Told = ()

    @property
    def told(self) -> Told:
        """What the model has refusals say."""
        return self.errors

    @property
    def expected(self) -> str:
        """``string of 1..15 characters matching [a-z]+``."""
        text = "string"
        if self.lengths:
            text += f" of {' | '.join(map(span, self.lengths))} characters"
        if self.patterns:
            text += f" matching {' and '.join(self.patterns)}"
        if self.inverted:
            text += f" not matching {' or '.join(self.inverted)}"
        return text

    def validate(self, value: object, where: str) -> str:
        """Accept JSON text."""
        if not isinstance(value, str):
            raise self.refusal(value, "is not a string", where)
        # Nearly all text is printable, and that is quicker to find out.
        if not value.isprintable() and (found := _NO_TEXT.search(value)):
            raise self.refusal(value, f"has U+{ord(found[0]):04X}, which is no text", where)
        if self.lengths and not any(low <= len(value) <= high for low, high in self.lengths):
            raise self.refusal(value, f"has {len(value)} characters", where, "length")
        for pattern in self.patterns:
            if not matcher(pattern)(value):
                raise self.refusal(value, "does not match", where, pattern)
        for pattern in self.inverted:
            if matcher(pattern)(value):
                raise self.refusal(value, "matches what it must not", where, pattern)
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

    def decode(self, value: object, where: str) -> str:
        """Accept the model's spelling only."""
        if not any(value == name for name, _ in self.values):
            raise self.refusal(value, "is not a value of this enumeration", where)
        return str(value)


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

    def decode(self, value: object, where: str) -> list[None]:
        """Accept ``[null]`` only."""
        if value != [None]:
            raise self.refusal(value, "is not empty", where)
        return [None]

    def parse(self, text: str, where: str) -> list[None]:
        """Accept no text at all, which a key of this type has."""
        if text:
            raise self.refusal(text, "is not empty", where)
        return [None]
