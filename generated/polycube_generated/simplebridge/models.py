# Generated from yang/simplebridge.yang by polycube-gen; DO NOT EDIT.
"""Values of service simplebridge as Python types."""

from __future__ import annotations

from enum import StrEnum

from msgspec import UNSET, Struct, UnsetType


class FdbEntryType(StrEnum):
    """How the entry came to be."""

    DYNAMIC = "dynamic"
    """Learnt from a packet; forgotten after aging-time."""
    STATIC = "static"
    """Created by the operator; stays until it is deleted."""


class FdbEntry(Struct, kw_only=True, rename="kebab"):
    """Entry of the filtering database."""

    address: str
    """Address of the entry."""
    port: str
    """Port behind which the address is."""
    type: FdbEntryType | UnsetType = UNSET
    """How the entry came to be."""
    age: int | UnsetType = UNSET
    """Time since the address was last seen; static entries have none."""


class FdbFlushOutput(Struct, kw_only=True, rename="kebab"):
    """What flush returns."""

    flushed: bool
    """Whether the database was flushed."""
