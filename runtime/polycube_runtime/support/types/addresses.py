"""Link-layer and internet addresses, recognised by the IETF typedefs that name them."""

from __future__ import annotations

import re
from dataclasses import dataclass
from ipaddress import IPv4Address, IPv4Interface, IPv6Address, IPv6Interface

from polycube_runtime.support.types.base import Type

_MAC = re.compile(r"[0-9a-fA-F]{2}(?::[0-9a-fA-F]{2}){5}")
_LENGTH = re.compile(r"0|[1-9][0-9]{0,2}")


@dataclass(frozen=True, slots=True)
class MacAddress(Type):
    """ietf-yang-types:mac-address; canonical form is lower case."""

    @property
    def expected(self) -> str:
        """Six pairs of hexadecimal digits."""
        return "xx:xx:xx:xx:xx:xx"

    def validate(self, value: object, where: str) -> str:
        """Accept six pairs of hexadecimal digits in any case, separated by colons."""
        if not isinstance(value, str) or not _MAC.fullmatch(value):
            raise self.refusal(value, "is not a MAC address", where)
        return value.lower()


@dataclass(frozen=True, slots=True)
class Ipv4Address(Type):
    """ietf-inet-types:ipv4-address, without a zone."""

    @property
    def expected(self) -> str:
        """Four decimal numbers."""
        return "IPv4 address a.b.c.d"

    def validate(self, value: object, where: str) -> str:
        """Accept dotted decimal notation without leading zeros."""
        try:
            return str(IPv4Address(_text(value)))
        except ValueError:
            raise self.refusal(value, "is not an IPv4 address", where) from None


@dataclass(frozen=True, slots=True)
class Ipv6Address(Type):
    """ietf-inet-types:ipv6-address, without a zone; canonical form is that of RFC 5952."""

    @property
    def expected(self) -> str:
        """Say that a zone is not part of it."""
        return "IPv6 address without a zone"

    def validate(self, value: object, where: str) -> str:
        """Accept any notation of RFC 4291."""
        try:
            return str(IPv6Address(_text(value, "%")))
        except ValueError:
            raise self.refusal(value, "is not an IPv6 address", where) from None


@dataclass(frozen=True, slots=True)
class IpAddress(Type):
    """ietf-inet-types:ip-address: one of either version."""

    @property
    def expected(self) -> str:
        """Either version."""
        return "IPv4 or IPv6 address"

    def validate(self, value: object, where: str) -> str:
        """Accept what either version accepts."""
        try:
            text = _text(value, "%")
            return str(IPv6Address(text) if ":" in text else IPv4Address(text))
        except ValueError:
            raise self.refusal(value, "is not an IP address", where) from None


@dataclass(frozen=True, slots=True)
class Ipv4Prefix(Type):
    """ietf-inet-types:ipv4-prefix; host bits are kept, since models also use it for interfaces."""

    @property
    def expected(self) -> str:
        """Address and length."""
        return "IPv4 prefix a.b.c.d/0..32"

    def validate(self, value: object, where: str) -> str:
        """Accept an address and a length in bits."""
        try:
            return str(IPv4Interface(_prefix(value)))
        except ValueError:
            raise self.refusal(value, "is not an IPv4 prefix", where) from None


@dataclass(frozen=True, slots=True)
class Ipv6Prefix(Type):
    """ietf-inet-types:ipv6-prefix; host bits are kept."""

    @property
    def expected(self) -> str:
        """Address and length."""
        return "IPv6 prefix address/0..128"

    def validate(self, value: object, where: str) -> str:
        """Accept an address and a length in bits."""
        try:
            return str(IPv6Interface(_prefix(value)))
        except ValueError:
            raise self.refusal(value, "is not an IPv6 prefix", where) from None


@dataclass(frozen=True, slots=True)
class IpPrefix(Type):
    """ietf-inet-types:ip-prefix: one of either version."""

    @property
    def expected(self) -> str:
        """Either version."""
        return "IPv4 or IPv6 prefix address/length"

    def validate(self, value: object, where: str) -> str:
        """Accept what either version accepts."""
        try:
            text = _prefix(value)
            return str(IPv6Interface(text) if ":" in text else IPv4Interface(text))
        except ValueError:
            raise self.refusal(value, "is not an IP prefix", where) from None


def _text(value: object, refused: str = "/") -> str:
    """Return ``value`` if it is text without ``refused``; the ipaddress module also takes ints."""
    if not isinstance(value, str) or refused in value:
        raise ValueError
    return value


def _prefix(value: object) -> str:
    """Return ``value`` if its length is a number; the ipaddress module also takes netmasks."""
    text = _text(value, "%")
    if not _LENGTH.fullmatch(text.partition("/")[2]):
        raise ValueError
    return text
