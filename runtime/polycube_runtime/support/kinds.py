"""How each kind of leaf is held in a struct: one codec per kind; ``compounds`` has all."""

from __future__ import annotations

import base64
import re
import socket
import sys
from dataclasses import dataclass
from decimal import Decimal
from enum import Enum
from ipaddress import IPv6Address
from typing import TYPE_CHECKING, Any, NamedTuple

from polycube_runtime.support.errors import InvalidValue
from polycube_runtime.support.types.base import shown

if TYPE_CHECKING:
    from collections.abc import Callable

    from polycube_runtime.support.fields import Field, Ports

NO_PORT = 2**32 - 1
"""The index that no port has: a leaf that is not given."""

_MAPPED = bytes(10) + b"\xff\xff"
_MAPPED_BITS = 96
_LONG_BINARY = 256
"""A binary of more bytes, its length included, has a length of two."""
_HOST = sys.byteorder
_PROGRAMS = 64
"""Of a cube, for each direction: PCN_MAX_PROGRAMS of pcn/compat.h."""
_PROGRAM = re.compile(r"(ingress|egress)(?:_([1-9]|[1-5]\d|6[0-3]))?", re.ASCII)


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
    BITS = "bits"
    """A number with the bits of the names that are given."""
    DECIMAL64 = "decimal64"
    """Signed: how many of the smallest parts the number is."""
    MAC = "mac"
    """Six bytes."""
    IPV4 = "ipv4"
    """Four bytes."""
    IPV6 = "ipv6"
    """Sixteen bytes."""
    IP = "ip"
    """Sixteen bytes: an IPv6 address, or an IPv4 one as ::ffff:a.b.c.d (RFC 4291, 2.5.5.2)."""
    PREFIX4 = "prefix4"
    """As the key of an LPM trie: u32 length in bits, then the address."""
    PREFIX6 = "prefix6"
    """Likewise."""
    PREFIX = "prefix"
    """Likewise of both versions: an IPv4 prefix as ::ffff:a.b.c.d, with 96 bits more."""
    STRING = "string"
    """UTF-8, at least one zero byte at the end."""
    OCTETS = "octets"
    """So many bytes, always."""
    BINARY = "binary"
    """How many bytes there are, one byte (or two, if it can be more than 255), and they."""
    EMPTY = "empty"
    """No bytes: only the presence word tells of the leaf."""
    LIST = "list"
    """A leaf-list: how many values there are, and they."""
    UNION = "union"
    """Which of its types the value is of, and the value."""
    PRESENCE = "presence"
    """No bytes: only the presence word tells of the container."""
    PORT = "port"
    """Index of a port, whose name is the leaf's value."""
    OPTIONAL_PORT = "optional_port"
    """Likewise; ``NO_PORT`` reads as a leaf that is not there."""
    NETDEV = "netdev"
    """Index of a network interface, whose name is the leaf's value."""
    OPTIONAL_NETDEV = "optional_netdev"
    """Likewise; 0 reads as a leaf that is not there."""
    PROGRAM = "program"
    """Number of a program's place: its index, and 64 more of an egress program."""
    AGE = "age"
    """u64, CLOCK_MONOTONIC in nanoseconds of the last use, read as the time since then.

    0 is an entry that does not age: it reads as a leaf that is not there.
    """
    TIME = "time"
    """u64, CLOCK_MONOTONIC in nanoseconds, read as the moment; 0 as a leaf that is not there."""
    BOOT_TIME = "boot_time"
    """Likewise of CLOCK_BOOTTIME."""


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
    text = socket.inet_ntop(socket.AF_INET6, raw)
    # Where there is an IPv4 address in it, the C library and the types differ in how to show it.
    return str(IPv6Address(raw)) if "." in text else text


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


def _pack_prefix(text: str) -> bytes:
    address, _, length = text.partition("/")
    bits = int(length) if ":" in address else int(length) + _MAPPED_BITS
    return bits.to_bytes(4, _HOST) + _pack_ip(address)


def _unpack_prefix(raw: bytes) -> str:
    bits = int.from_bytes(raw[:4], _HOST)
    if bits >= _MAPPED_BITS and raw.startswith(_MAPPED, 4):
        return f"{_unpack_ipv4(raw[16:])}/{bits - _MAPPED_BITS}"
    return f"{_unpack_ipv6(raw[4:])}/{bits}"


def _bits_packer(field: Field, _context: Context) -> Callable[[str], int]:
    masks = dict(field.values)
    return lambda text: sum(masks[name] for name in text.split())


def _bits_reader(field: Field, _context: Context) -> Callable[[int], str]:
    values = field.values
    return lambda raw: " ".join(name for name, mask in values if raw & mask)


def _decimal_packer(field: Field, _context: Context) -> Callable[[str], int]:
    digits = field.digits
    return lambda text: int(Decimal(text).scaleb(digits))


def _decimal_reader(field: Field, _context: Context) -> Callable[[int], str]:
    digits, one = field.digits, 10**field.digits

    def read(raw: int) -> str:
        whole, parts = divmod(abs(raw), one)
        return f"{'-' * (raw < 0)}{whole}.{f'{parts:0{digits}}'.rstrip('0') or '0'}"

    return read


def _pack_octets(text: str) -> bytes:
    return base64.b64decode(text)


def _unpack_octets(raw: bytes) -> str:
    return base64.b64encode(raw).decode()


def length_size(size: int) -> int:
    """Return of how many bytes the length is in the ``size`` bytes of a binary."""
    return 1 if size <= _LONG_BINARY else 2


def _binary_packer(field: Field, _context: Context) -> Callable[[str], bytes]:
    size = length_size(field.size)

    def pack(text: str) -> bytes:
        octets = _pack_octets(text)
        return len(octets).to_bytes(size, _HOST) + octets

    return pack


def _binary_reader(field: Field, _context: Context) -> Callable[[bytes], str]:
    size = length_size(field.size)
    return lambda raw: _unpack_octets(raw[size : size + int.from_bytes(raw[:size], _HOST)])


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


def _port_packer(_field: Field, context: Context) -> Callable[[str], int]:
    return context.ports.index


def _port_reader(_field: Field, context: Context) -> Callable[[int], str | None]:
    return context.ports.name


def _netdev_packer(_field: Field, context: Context) -> Callable[[str], int]:
    return context.ports.netdevs.index


def _netdev_reader(_field: Field, context: Context) -> Callable[[int], str | None]:
    return context.ports.netdevs.name


def _pack_program(text: str) -> int:
    match = _PROGRAM.fullmatch(text)
    if match is None:
        last = _PROGRAMS - 1
        problem = f"{shown(text)} is no program's name; expected ingress, ingress_1 … egress_{last}"
        raise InvalidValue(problem)
    return int(match[2] or 0) + _PROGRAMS * (match[1] == "egress")


def _unpack_program(raw: int) -> str:
    direction, index = divmod(raw, _PROGRAMS)
    name = "egress" if direction else "ingress"
    return f"{name}_{index}" if index else name


def _no_bytes(_field: Field) -> bytes:
    return b""  # the struct module pads it with zeros


SIMPLE: dict[Kind, Codec] = {
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
    Kind.PREFIX: Codec(_plain(_pack_prefix), _plain(_unpack_prefix), _no_bytes),
    Kind.BITS: Codec(_bits_packer, _bits_reader),
    Kind.DECIMAL64: Codec(_decimal_packer, _decimal_reader),
    Kind.OCTETS: Codec(_plain(_pack_octets), _plain(_unpack_octets), _no_bytes),
    Kind.BINARY: Codec(_binary_packer, _binary_reader, _no_bytes),
    Kind.EMPTY: Codec(_plain(lambda _value: b""), _plain(lambda _raw: [None]), _no_bytes),
    Kind.PRESENCE: Codec(_plain(lambda _value: b""), _plain(lambda _raw: True), _no_bytes),
    Kind.STRING: Codec(_string_packer, _string_reader, _no_bytes),
    Kind.PORT: Codec(_port_packer, _port_reader),
    Kind.OPTIONAL_PORT: Codec(_port_packer, _port_reader, lambda _field: NO_PORT),
    Kind.NETDEV: Codec(_netdev_packer, _netdev_reader),
    Kind.OPTIONAL_NETDEV: Codec(_netdev_packer, _netdev_reader),
    Kind.PROGRAM: Codec(_plain(_pack_program), _plain(_unpack_program)),
}
