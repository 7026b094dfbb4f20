# Generated from yang/ddosmitigator.yang by polycube-gen; DO NOT EDIT.
"""Values of service ddosmitigator as Python types."""

from __future__ import annotations

from msgspec import UNSET, Struct, UnsetType


class BlacklistSrc(Struct, kw_only=True, rename="kebab"):
    """Sources whose packets are dropped."""

    ip: str
    """Source address, IPv4 or IPv6."""
    drop_pkts: int | UnsetType = UNSET
    """Packets dropped because of this entry."""


class BlacklistDst(Struct, kw_only=True, rename="kebab"):
    """Destinations whose packets are dropped."""

    ip: str
    """Destination address, IPv4 or IPv6."""
    drop_pkts: int | UnsetType = UNSET
    """Packets dropped because of this entry."""
