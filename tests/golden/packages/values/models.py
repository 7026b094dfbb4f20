# Generated from yang/values.yang by polycube-gen; DO NOT EDIT.
"""Values of service values as Python types."""

from __future__ import annotations

from decimal import Decimal
from enum import StrEnum

from msgspec import UNSET, Struct, UnsetType


class SessionLimitColour(StrEnum):
    """One of green, red."""

    GREEN = "green"
    RED = "red"


class PolicyLevel(StrEnum):
    """One of low, high."""

    LOW = "low"
    HIGH = "high"


class SessionTimeouts(Struct, kw_only=True, rename="kebab"):
    """How long it is kept."""

    tcp: int = 60
    udp: int | UnsetType = UNSET


class SessionLimitLog(Struct, kw_only=True, rename="kebab"):
    """/session/limit/log."""

    every: int = 1


class SessionLimit(Struct, kw_only=True, rename="kebab"):
    """/session/limit."""

    rate: int
    burst: int = 8
    colour: SessionLimitColour | UnsetType = UNSET
    log: SessionLimitLog | UnsetType = UNSET


class SessionSeen(Struct, kw_only=True, rename="kebab"):
    """/session/seen."""

    packets: int | UnsetType = UNSET
    last_size: int | UnsetType = UNSET


class Session(Struct, kw_only=True, rename="kebab"):
    """A list with containers."""

    address: str
    timeouts: SessionTimeouts | UnsetType = UNSET
    """How long it is kept."""
    limit: SessionLimit | UnsetType = UNSET
    seen: SessionSeen | UnsetType = UNSET


class PolicySeen(Struct, kw_only=True, rename="kebab"):
    """/policy/seen."""

    packets: int | UnsetType = UNSET
    first: str | UnsetType = UNSET
    latest: int | UnsetType = UNSET
    idle: int | UnsetType = UNSET


class Policy(Struct, kw_only=True, rename="kebab"):
    """Several values, several types, times, and numbers in which CPUs count."""

    target: int | str
    vlan: list[int] | UnsetType = UNSET
    level: list[PolicyLevel] | UnsetType = UNSET
    seen: PolicySeen | UnsetType = UNSET


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
