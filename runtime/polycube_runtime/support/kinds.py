"""How each kind of leaf is held in a struct: one codec per kind, in the table ``CODECS``."""

from __future__ import annotations

import socket
import sys
from dataclasses import dataclass
from enum import Enum
from typing import TYPE_CHECKING, Any, NamedTuple

from polycube_runtime.support.errors import InvalidValue
from polycube_runtime.support.types.base import shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from polycube_runtime.support.codec import Field, Ports

NO_PORT = 2**32 - 1
"""The index that no port has: a leaf that is not given."""

_SECOND = 1_000_000_000
_MAPPED = bytes(10) + b"\xff\xff"
_HOST = sys.byteorder


class Kind(Enum):
    """What the bytes of a field mean."""

    UINT = "uint"
    """Unsigned, as the processor has it."""
    INT = "int"
    """Signed, as the processor has it."""
    NETWORK = "network"
    """Unsigned, in network byte order."""
    BOOL = "bool"
    """One byte, 0 or 1."""
    ENUM = "enum"
    """The value of the enumeration."""
    MAC = "mac"
    """Six bytes."""
    IPV4 = "ipv4"
    """Four bytes."""
    IPV6 = "ipv6"
    """Sixteen bytes."""
    IP = "ip"
    """Sixteen bytes: an IPv6 address, or an IPv4 one as ::ffff:a.b.c.d (RFC 4291, 2.5.5.2)."""
    PREFIX4 = "prefix4"
    """The key of an LPM trie: u32 length in bits, then the address."""
    PREFIX6 = "prefix6"
    """Likewise."""
    STRING = "string"
    """UTF-8, at least one zero byte at the end."""
    PORT = "port"
    """Index of a port, whose name is the leaf's value."""
    OPTIONAL_PORT = "optional_port"
    """Likewise; ``NO_PORT`` reads as a leaf that is not there."""
    AGE = "age"
    """u64, CLOCK_MONOTONIC in nanoseconds of the last use, read as the seconds since then.

    0 is an entry that does not age: it reads as a leaf that is not there.
    """


class Context(NamedTuple):
    """What the bytes alone do not say."""

    ports: Ports
    now: int
    """CLOCK_MONOTONIC in nanoseconds."""


@dataclass(frozen=True, slots=True)
class Codec:
    """Functions of one kind, made for a field and a context; ``zero`` is the raw absent value."""

    pack: Callable[[Field, Context], Callable[[Any], Any]]
    unpack: Callable[[Field, Context], Callable[[Any], Any]]
    zero: Callable[[Field], object] = lambda _field: 0


def _same(_field: Field, _context: Context) -> Callable[[Any], Any]:
    return _identity


def _identity(value: object) -> object:
    return value


def _plain(convert: Callable[[Any], Any]) -> Callable[[Field, Context], Callable[[Any], Any]]:
    """Make a function that needs neither field nor context fit the table."""
    return lambda _field, _context: convert


def _pack_mac(text: str) -> bytes:
    return bytes.fromhex(text.replace(":", ""))


def _unpack_mac(raw: bytes) -> str:
    return raw.hex(":")


def _pack_ipv4(text: str) -> bytes:
    return socket.inet_pton(socket.AF_INET, text)


def _unpack_ipv4(raw: bytes) -> str:
    return socket.inet_ntop(socket.AF_INET, raw)


def _pack_ipv6(text: str) -> bytes:
    return socket.inet_pton(socket.AF_INET6, text)


def _unpack_ipv6(raw: bytes) -> str:
    return socket.inet_ntop(socket.AF_INET6, raw)


def _pack_ip(text: str) -> bytes:
    return _pack_ipv6(text) if ":" in text else _MAPPED + _pack_ipv4(text)


def _unpack_ip(raw: bytes) -> str:
    return _unpack_ipv4(raw[12:]) if raw.startswith(_MAPPED) else _unpack_ipv6(raw)


def _prefix_packer(pack: Callable[[str], bytes]) -> Callable[[str], bytes]:
    def packed(text: str) -> bytes:
        address, _, length = text.partition("/")
        return int(length).to_bytes(4, _HOST) + pack(address)

    return packed


def _prefix_reader(unpack: Callable[[bytes], str]) -> Callable[[bytes], str]:
    def read(raw: bytes) -> str:
        return f"{unpack(raw[4:])}/{int.from_bytes(raw[:4], _HOST)}"

    return read


def _network_packer(field: Field, _context: Context) -> Callable[[int], bytes]:
    size = field.size
    return lambda value: value.to_bytes(size, "big")


def _network_reader(_field: Field, _context: Context) -> Callable[[bytes], int]:
    return lambda raw: int.from_bytes(raw, "big")


def _enum_packer(field: Field, _context: Context) -> Callable[[str], int]:
    return dict(field.values).__getitem__


def _enum_reader(field: Field, _context: Context) -> Callable[[int], object]:
    names = {value: name for name, value in field.values}
    # A value that the model does not know can only come from the data plane: show it as it is.
    return lambda raw: names.get(raw, raw)


def _string_packer(field: Field, _context: Context) -> Callable[[str], bytes]:
    capacity = field.size - 1

    def pack(text: str) -> bytes:
        raw = text.encode()
        if len(raw) > capacity:
            problem = f"{shown(text)} has {len(raw)} bytes in UTF-8; at most {capacity} fit"
            raise InvalidValue(problem, field.leaf)
        return raw

    return pack


def _string_reader(_field: Field, _context: Context) -> Callable[[bytes], str]:
    return lambda raw: raw.partition(b"\0")[0].decode(errors="replace")


def _age_packer(_field: Field, context: Context) -> Callable[[int], int]:
    now = context.now
    return lambda seconds: max(now - seconds * _SECOND, 1)


def _age_reader(_field: Field, context: Context) -> Callable[[int], int | None]:
    now = context.now
    return lambda raw: max(now - raw, 0) // _SECOND if raw else None


def _port_packer(_field: Field, context: Context) -> Callable[[str], int]:
    return context.ports.index


def _port_reader(_field: Field, context: Context) -> Callable[[int], str | None]:
    return context.ports.name


def _no_bytes(_field: Field) -> bytes:
    return b""  # the struct module pads it with zeros


CODECS: dict[Kind, Codec] = {
    Kind.UINT: Codec(_same, _same),
    Kind.INT: Codec(_same, _same),
    Kind.NETWORK: Codec(_network_packer, _network_reader, _no_bytes),
    Kind.BOOL: Codec(_plain(int), _plain(bool)),
    Kind.ENUM: Codec(_enum_packer, _enum_reader),
    Kind.MAC: Codec(_plain(_pack_mac), _plain(_unpack_mac), _no_bytes),
    Kind.IPV4: Codec(_plain(_pack_ipv4), _plain(_unpack_ipv4), _no_bytes),
    Kind.IPV6: Codec(_plain(_pack_ipv6), _plain(_unpack_ipv6), _no_bytes),
    Kind.IP: Codec(_plain(_pack_ip), _plain(_unpack_ip), _no_bytes),
    Kind.PREFIX4: Codec(
        _plain(_prefix_packer(_pack_ipv4)), _plain(_prefix_reader(_unpack_ipv4)), _no_bytes
    ),
    Kind.PREFIX6: Codec(
        _plain(_prefix_packer(_pack_ipv6)), _plain(_prefix_reader(_unpack_ipv6)), _no_bytes
    ),
    Kind.STRING: Codec(_string_packer, _string_reader, _no_bytes),
    Kind.PORT: Codec(_port_packer, _port_reader),
    Kind.OPTIONAL_PORT: Codec(_port_packer, _port_reader, lambda _field: NO_PORT),
    Kind.AGE: Codec(_age_packer, _age_reader),
}
