"""Types made of other types."""

from __future__ import annotations

from contextlib import suppress
from dataclasses import dataclass

from polycube_runtime.support.errors import InvalidValue
from polycube_runtime.support.types.base import Type


@dataclass(frozen=True, slots=True)
class Leafref(Type):
    """leafref: the value of another leaf, at schema ``path``: absolute, or as the model has it.

    Here only the value's type is checked; whether such a leaf exists is checked with the whole
    cube at hand.
    """

    path: str
    target: Type
    required: bool = True

    @property
    def expected(self) -> str:
        """What the target accepts."""
        return f"{self.target.expected} (a value of {self.path})"

    def validate(self, value: object, where: str) -> object:
        """Accept what the target accepts."""
        return self.target.validate(value, where)

    def decode(self, value: object, where: str) -> object:
        """Accept what the target accepts."""
        return self.target.decode(value, where)

    def encode(self, value: object) -> object:
        """Return what the target returns."""
        return self.target.encode(value)

    def parse(self, text: str, where: str) -> object:
        """Accept what the target accepts."""
        return self.target.parse(text, where)


@dataclass(frozen=True, slots=True)
class Union(Type):
    """union: the first member that accepts the value decides (RFC 7950, section 9.12)."""

    members: tuple[Type, ...]

    @property
    def expected(self) -> str:
        """What the members accept."""
        return " or ".join(member.expected for member in self.members)

    def validate(self, value: object, where: str) -> object:
        """Accept what any member accepts."""
        for member in self.members:
            with suppress(InvalidValue):
                return member.validate(value, where)
        raise self.refusal(value, "fits none of the union's types", where)

    def decode(self, value: object, where: str) -> object:
        """Accept what any member accepts."""
        for member in self.members:
            with suppress(InvalidValue):
                return member.decode(value, where)
        raise self.refusal(value, "fits none of the union's types", where)

    def encode(self, value: object) -> object:
        """Return what the first member that has such a value returns."""
        for member in self.members:
            with suppress(InvalidValue):
                if member.validate(value, "") == value:
                    return member.encode(value)
        return value

    def parse(self, text: str, where: str) -> object:
        """Accept what any member accepts."""
        for member in self.members:
            with suppress(InvalidValue):
                return member.parse(text, where)
        raise self.refusal(text, "fits none of the union's types", where)
