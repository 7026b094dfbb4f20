"""Integers and decimal numbers."""

from __future__ import annotations

import re
from dataclasses import dataclass
from decimal import Decimal, InvalidOperation

from polycube_runtime.support.types.base import Told, Type

_JSON_BITS = 32
"""Numbers of more bits are text in RFC 7951: JSON's readers lose precision beyond 53."""

_DIGITS = 40
"""Decimal point moved further than any decimal64 has it: not worth writing out."""

_DECIMAL = re.compile(r"[+-]?[0-9]+(\.[0-9]+)?")


def _intervals(ranges: tuple[tuple[object, object], ...]) -> str:
    return " | ".join(str(low) if low == high else f"{low}..{high}" for low, high in ranges)


@dataclass(frozen=True, slots=True)
class Integer(Type):
    """int8 … uint64; ``ranges`` are inclusive intervals in ascending order, never empty."""

    bits: int
    signed: bool
    ranges: tuple[tuple[int, int], ...]
    errors: Told = ()

    @property
    def told(self) -> Told:
        """What the model has refusals say."""
        return self.errors

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
        raise self.refusal(value, "is out of range", where, "range")

    def decode(self, value: object, where: str) -> int:
        """Accept a JSON number up to 32 bits, text for 64 (RFC 7951, section 6.1)."""
        if self.bits <= _JSON_BITS:
            # JSON does not tell 1.0 from 1.
            whole = isinstance(value, float) and value.is_integer()
            return self.validate(int(value) if whole else value, where)  # type: ignore[call-overload]
        if not isinstance(value, str):
            raise self.refusal(value, "is not text, which numbers of 64 bits are", where)
        return self.parse(value.removeprefix("+") if value[1:2].isdigit() else value, where)

    def encode(self, value: object) -> object:
        """Return text for 64 bits."""
        return str(value) if self.bits > _JSON_BITS else value

    def parse(self, text: str, where: str) -> int:
        """Accept decimal digits with an optional minus sign."""
        digits = text.removeprefix("-")
        if not (digits.isascii() and digits.isdigit()):
            raise self.refusal(text, "is not an integer", where)
        # Longer than any 64-bit number: refuse it before int() has to work for it.
        if len(digits) > 20:  # noqa: PLR2004
            raise self.refusal(text, "is out of range", where, "range")
        return self.validate(int(text), where)


@dataclass(frozen=True, slots=True)
class Decimal64(Type):
    """decimal64; canonical form is text with at least one digit after the point (RFC 7951)."""

    fraction_digits: int
    ranges: tuple[tuple[Decimal, Decimal], ...]
    errors: Told = ()

    @property
    def told(self) -> Told:
        """What the model has refusals say."""
        return self.errors

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
        if isinstance(value, str) and not _DECIMAL.fullmatch(value):
            raise self.refusal(value, "is not a number", where)
        return self._canonical(number, value, where)

    def decode(self, value: object, where: str) -> str:
        """Accept text only."""
        if not isinstance(value, str):
            raise self.refusal(value, "is not text, which decimal numbers are", where)
        return self.validate(value, where)

    def _canonical(self, number: Decimal, value: object, where: str) -> str:
        if number.is_finite() and abs(number.adjusted()) > _DIGITS:
            raise self.refusal(value, "is out of range", where, "range")
        exponent = number.normalize().as_tuple().exponent
        if not isinstance(exponent, int):
            raise self.refusal(value, "is not a number", where)
        if -exponent > self.fraction_digits:
            raise self.refusal(value, "has too many decimals", where)
        if not any(low <= number <= high for low, high in self.ranges):
            raise self.refusal(value, "is out of range", where, "range")
        if number == 0:
            return "0.0"
        text = f"{number:f}".rstrip("0") if "." in f"{number:f}" else f"{number:f}."
        return f"{text}0" if text.endswith(".") else text


def _whole(bits: int, *, signed: bool) -> Integer:
    low = -(2 ** (bits - 1)) if signed else 0
    return Integer(bits, signed=signed, ranges=((low, low + 2**bits - 1),))


INT8, INT16, INT32, INT64 = (_whole(bits, signed=True) for bits in (8, 16, 32, 64))
UINT8, UINT16, UINT32, UINT64 = (_whole(bits, signed=False) for bits in (8, 16, 32, 64))
