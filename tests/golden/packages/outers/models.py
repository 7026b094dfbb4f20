# Generated from yang/outers.yang by polycube-gen; DO NOT EDIT.
"""Values of service outers as Python types."""

from __future__ import annotations

from enum import StrEnum

from msgspec import UNSET, Struct, UnsetType


class ZoneSide(StrEnum):
    """One of inside, outside."""

    INSIDE = "inside"
    OUTSIDE = "outside"


class PortsSlot(Struct, kw_only=True, rename="kebab"):
    """What a port does, by class."""

    index: int
    weight: int = 1


class ZoneMember(Struct, kw_only=True, rename="kebab"):
    """A network of the tenant's."""

    network: str
    mark: int = 0


class Zone(Struct, kw_only=True, rename="kebab"):
    """A tenant."""

    name: str
    side: ZoneSide
    limit: int = 0
    member: list[ZoneMember] | UnsetType = UNSET
    """A network of the tenant's."""
    blocked: list[int] | UnsetType = UNSET
    """Ports that nobody reaches."""


class Policy(Struct, kw_only=True, rename="kebab"):
    """Changed as a whole."""

    address: str
    out: str | UnsetType = UNSET
