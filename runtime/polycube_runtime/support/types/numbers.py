"""Integers and decimal numbers."""

from __future__ import annotations

from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from polycube_runtime.support.types.base import Type


def _intervals(ranges: tuple[tuple[object, object], ...]) -> str:
    return " | ".join(str(low) if low == high else f"{low}..{high}" for low, high in ranges)


@dataclass(frozen=True, slots=True)
class Integer(Type):
    """int8 … uint64; ``ranges`` are inclusive intervals in ascending order, never empty."""

    bits: int
    signed: bool
    ranges: tuple[tuple[int, int], ...]

    @property
    def expected(self) -> str:
        """``integer 0..65535``."""
        return f"integer {_intervals(self.ranges)}"

    def validate(self, value: object, where: str) -> int:
        """Accept a JSON integer (not ``true``, not ``1.0``, not ``"1"``)."""
        if not isinstance(value, int) or isinstance(value, bool):
            raise self.refusal(value, "is not an integer", where)
        for low, high in self.ranges:
            if low <= value <= high:
                return value
        raise self.refusal(value, "is out of range", where)

    def parse(self, text: str, where: str) -> int:
        """Accept decimal digits with an optional minus sign."""
        digits = text.removeprefix("-")
        if not (digits.isascii() and digits.isdigit()):
            raise self.refusal(text, "is not an integer", where)
        # Longer than any 64-bit number: refuse it before int() has to work for it.
        if len(digits) > 20:  # noqa: PLR2004
            raise self.refusal(text, "is out of range", where)
        return self.validate(int(text), where)


@dataclass(frozen=True, slots=True)
class Decimal64(Type):
    """decimal64; canonical form is text with at least one digit after the point (RFC 7951)."""

    fraction_digits: int
    ranges: tuple[tuple[Decimal, Decimal], ...]

    @property
    def expected(self) -> str:
        """``number 0.0..1.0 with at most 2 decimals``."""
        return f"number {_intervals(self.ranges)} with at most {self.fraction_digits} decimals"

    def validate(self, value: object, where: str) -> str:
        """Accept a JSON number or its text."""
        if isinstance(value, bool) or not isinstance(value, int | float | str):
            raise self.refusal(value, "is not a number", where)
        try:
            number = Decimal(str(value))
        except InvalidOperation:
            raise self.refusal(value, "is not a number", where) from None
        exponent = number.normalize().as_tuple().exponent
        if not isinstance(exponent, int):
            raise self.refusal(value, "is not a number", where)
        if -exponent > self.fraction_digits:
            raise self.refusal(value, "has too many decimals", where)
        if not any(low <= number <= high for low, high in self.ranges):
            raise self.refusal(value, "is out of range", where)
        text = f"{number:f}".rstrip("0") if "." in f"{number:f}" else f"{number:f}."
        return f"{text}0" if text.endswith(".") else text
