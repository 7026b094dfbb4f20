"""Types whose values are sets of bits and strings of octets."""

from __future__ import annotations

import base64
import binascii
from dataclasses import dataclass

from polycube_runtime.support.types.base import Told, Type
from polycube_runtime.support.types.strings import span


@dataclass(frozen=True, slots=True)
class Bits(Type):
    """bits; ``names`` are in the order of their positions, which is the canonical one."""

    names: tuple[str, ...]

    @property
    def expected(self) -> str:
        """``any of urgent, ack, push, separated by spaces``."""
        return f"any of {', '.join(self.names)}, separated by spaces"

    def validate(self, value: object, where: str) -> str:
        """Accept names in any order, each at most once."""
        if not isinstance(value, str):
            raise self.refusal(value, "is not text", where)
        given = value.split()
        if len(set(given)) < len(given):
            raise self.refusal(value, "has a bit twice", where)
        if unknown := set(given) - set(self.names):
            raise self.refusal(min(unknown), "is none of the bits", where)
        return " ".join(name for name in self.names if name in given)


@dataclass(frozen=True, slots=True)
class Binary(Type):
    """binary: base64 in JSON; ``lengths`` are intervals of the number of octets."""

    lengths: tuple[tuple[int, int], ...] = ()
    errors: Told = ()

    @property
    def told(self) -> Told:
        """What the model has refusals say."""
        return self.errors

    @property
    def expected(self) -> str:
        """``base64 of 1..16 octets``."""
        return (
            f"base64 of {' | '.join(map(span, self.lengths))} octets" if self.lengths else "base64"
        )

    def validate(self, value: object, where: str) -> str:
        """Accept base64 with padding (RFC 4648, section 4)."""
        if not isinstance(value, str):
            raise self.refusal(value, "is not text", where)
        try:
            octets = base64.b64decode(value.encode("ascii"), validate=True)
        except (binascii.Error, UnicodeEncodeError):
            raise self.refusal(value, "is not base64", where) from None
        if self.lengths and not any(low <= len(octets) <= high for low, high in self.lengths):
            raise self.refusal(value, f"has {len(octets)} octets", where, "length")
        return base64.b64encode(octets).decode("ascii")
