# Generated from yang/values.yang by polycube-gen; DO NOT EDIT.
"""Values of service values as Python types."""

from __future__ import annotations

from decimal import Decimal

from msgspec import UNSET, Struct, UnsetType


class Rule(Struct, kw_only=True, rename="kebab"):
    """A list of every type."""

    source: str
    mask: str
    log: list[None] | UnsetType = UNSET
    """Tell of every packet."""
    mark: int | UnsetType = UNSET
    set: str | UnsetType = UNSET
    to: str | UnsetType = UNSET
    secret: str | UnsetType = UNSET
    id: str | UnsetType = UNSET
    note: str | UnsetType = UNSET
    last_size: int | UnsetType = UNSET


class Slot(Struct, kw_only=True, rename="kebab"):
    """An array, all entries of which are there always."""

    index: int
    weight: int | UnsetType = UNSET
    share: Decimal = Decimal("0.5")
