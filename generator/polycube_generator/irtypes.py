"""The leaf types of the intermediate representation, which ``ir`` has them all from."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, TypeAlias

if TYPE_CHECKING:
    from collections.abc import Iterator

Told: TypeAlias = tuple[tuple[str, str, str], ...]
"""A restriction (``range``, ``length``, or a pattern), its error-message and error-app-tag."""


@dataclass(frozen=True, slots=True)
class Integer:
    """int8 … uint64, with inclusive intervals."""

    bits: int
    signed: bool
    ranges: tuple[tuple[int, int], ...]
    errors: Told = ()


@dataclass(frozen=True, slots=True)
class Decimal64:
    """decimal64; the limits of its intervals are decimal text."""

    fraction_digits: int
    ranges: tuple[tuple[str, str], ...]
    errors: Told = ()


@dataclass(frozen=True, slots=True)
class String:
    """string; ``patterns`` in Rust's syntax, all of which match the whole text, no ``inverted``."""

    patterns: tuple[str, ...] = ()
    lengths: tuple[tuple[int, int], ...] = ()
    inverted: tuple[str, ...] = ()
    errors: Told = ()


@dataclass(frozen=True, slots=True)
class Binary:
    """binary; ``lengths`` are intervals of the number of octets."""

    lengths: tuple[tuple[int, int], ...] = ()
    errors: Told = ()


@dataclass(frozen=True, slots=True)
class Bits:
    """bits, in the order of their positions; ``status`` of those that are not current."""

    names: tuple[str, ...]
    positions: tuple[int, ...]
    status: tuple[tuple[str, str], ...] = field(default=(), compare=False)


@dataclass(frozen=True, slots=True)
class EnumValue:
    """One name of an enumeration, with its identifier in Python and C.

    ``status`` is deprecated, obsolete, or empty for current.
    """

    name: str
    value: int
    constant: str
    description: str = ""
    status: str = field(default="", compare=False)


@dataclass(frozen=True, slots=True)
class Enumeration:
    """enumeration; ``class_name`` is that of the generated StrEnum.

    ``description`` is that of its typedef, or of the leaf that has it.
    """

    class_name: str
    values: tuple[EnumValue, ...]
    description: str = field(default="", compare=False)

    @property
    def about(self) -> str:
        """What the values stand for, or which they are."""
        return self.description or f"One of {', '.join(value.name for value in self.values)}."


@dataclass(frozen=True, slots=True)
class Boolean:
    """boolean."""


@dataclass(frozen=True, slots=True)
class Empty:
    """empty."""


@dataclass(frozen=True, slots=True)
class Address:
    """A type known by its IETF typedef, such as ``mac-address`` or ``ipv4-prefix``."""

    name: str


@dataclass(frozen=True, slots=True)
class Identityref:
    """identityref; ``values`` are qualified names, ``module`` is that of the leaf."""

    module: str
    values: tuple[str, ...]

    @property
    def numbered(self) -> tuple[tuple[str, int], ...]:
        """The names with the numbers that stand for them in maps; 0 is none."""
        return tuple((name, number) for number, name in enumerate(self.values, 1))


@dataclass(frozen=True, slots=True)
class InstanceIdentifier:
    """instance-identifier."""

    required: bool = True


@dataclass(frozen=True, slots=True)
class Leafref:
    """leafref: where its values are, and their type.

    ``path`` is absolute in a service; of other models it is their own.
    """

    path: str
    target: Type
    required: bool = True


@dataclass(frozen=True, slots=True)
class Union:
    """union."""

    members: tuple[Type, ...]


Type: TypeAlias = (
    Integer
    | Decimal64
    | String
    | Binary
    | Bits
    | Enumeration
    | Boolean
    | Empty
    | Address
    | Identityref
    | InstanceIdentifier
    | Leafref
    | Union
)


def concrete(type_: Type) -> Type:
    """Return the type whose values a leafref has, or ``type_`` itself."""
    while isinstance(type_, Leafref):
        type_ = type_.target
    return type_


def whole(bits: int, *, signed: bool) -> Integer:
    """Return the integers of a size, without a range of their own."""
    low = -(2 ** (bits - 1)) if signed else 0
    return Integer(bits, signed, ((low, low + 2**bits - 1),))


def identity_names(type_: Type) -> Iterator[str]:
    """Yield the names of identities that are values of a type, or of members of a union."""
    match concrete(type_):
        case Identityref(values=values):
            yield from values
        case Union(members=members):
            for member in members:
                yield from identity_names(member)


def enumerations(type_: Type) -> Iterator[Enumeration]:
    """Yield the enumerations in a type: itself, or members of a union."""
    match concrete(type_):
        case Enumeration() as enum:
            yield enum
        case Union(members=members):
            for member in members:
                yield from enumerations(member)
