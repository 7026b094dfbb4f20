# Generated from yang/maps.yang by polycube-gen; DO NOT EDIT.
"""Values of service maps as Python types."""

from __future__ import annotations

from enum import StrEnum

from msgspec import UNSET, Struct, UnsetType, field


class SessionProtocol(StrEnum):
    """One of TCP, UDP."""

    TCP = "TCP"
    UDP = "UDP"


class SessionOrigin(StrEnum):
    """One of seen, made."""

    SEEN = "seen"
    MADE = "made"


class Session(Struct, kw_only=True, rename="kebab"):
    """Keys and values of several leaves."""

    address: str
    port: int
    protocol: SessionProtocol
    out: str
    origin: SessionOrigin | UnsetType = UNSET
    age: int | UnsetType = UNSET


class Slot(Struct, kw_only=True, rename="kebab"):
    """A list that is an array."""

    index: int
    weight: int = 1


class Relay(Struct, kw_only=True, rename="kebab"):
    """A list that is an array by port, with holes."""

    from_: str = field(name="from")
    to: str | UnsetType = UNSET


class Share(Struct, kw_only=True, rename="kebab"):
    """An array by port, without holes."""

    port: str
    weight: int = 1


class Host(Struct, kw_only=True, rename="kebab"):
    """Addresses of both versions, and word of whether there are any."""

    address: str
    allowed: bool = True


class Blacklist(Struct, kw_only=True, rename="kebab"):
    """Counters of all CPUs, summed."""

    address: str
    packets: int | UnsetType = UNSET
    drops: int | UnsetType = UNSET


class Route(Struct, kw_only=True, rename="kebab"):
    """A trie of IPv4 prefixes."""

    network: str
    next_hop: str


class Route6(Struct, kw_only=True, rename="kebab"):
    """A trie of IPv6 prefixes."""

    network: str
    next_hop: str
