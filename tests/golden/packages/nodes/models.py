# Generated from yang/nodes.yang by polycube-gen; DO NOT EDIT.
"""Values of service nodes as Python types."""

from __future__ import annotations

from enum import StrEnum

from msgspec import UNSET, Struct, UnsetType


class Limit(StrEnum):
    """One of unlimited."""

    UNLIMITED = "unlimited"


class Verdict(StrEnum):
    """One of PASS, DROP, 802.1q."""

    PASS = "PASS"
    DROP = "DROP"
    V802_1Q = "802.1q"


class ChainRule(Struct, kw_only=True, rename="kebab"):
    """/chain/rule."""

    id: int
    source_address: str | UnsetType = UNSET
    """Address with an optional length."""
    verdict: Verdict = Verdict.PASS


class ChainAppendInputOption(Struct, kw_only=True, rename="kebab"):
    """/chain/append/input/option."""

    name: str


class ChainAppendInput(Struct, kw_only=True, rename="kebab"):
    """What append takes."""

    source_address: str | UnsetType = UNSET
    """Address with an optional length."""
    verdict: Verdict = Verdict.PASS
    option: list[ChainAppendInputOption] | UnsetType = UNSET


class ChainAppendOutput(Struct, kw_only=True, rename="kebab"):
    """What append returns."""

    id: int


class Chain(Struct, kw_only=True, rename="kebab"):
    """Entries of which the control plane hears."""

    name: str
    hits: int | UnsetType = UNSET
    rule: list[ChainRule] | UnsetType = UNSET


class Neighbour(Struct, kw_only=True, rename="kebab"):
    """/neighbour."""

    address: str | UnsetType = UNSET
