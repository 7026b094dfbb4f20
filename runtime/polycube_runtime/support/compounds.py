"""Kinds that are made of others: leaf-lists and unions; and ``CODECS``, the codecs of all kinds.

Both begin with a number, which is as long as the offset of what follows (``Field.parts``): how
many values there are, or which of the parts the value is, counted from 1. In both 0 is a leaf that
is not there. What is not used is zero, so that equal keys have equal bytes.
"""

from __future__ import annotations

import sys
from typing import TYPE_CHECKING, Any

from polycube_runtime.support import times
from polycube_runtime.support.errors import InvalidValue
from polycube_runtime.support.kinds import NO_PORT, SIMPLE, Codec, Kind

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from polycube_runtime.support.fields import Field
    from polycube_runtime.support.kinds import Context

_HOST = sys.byteorder
_SIGNED = frozenset({Kind.INT, Kind.DECIMAL64})
_NUMBERS = _SIGNED | {
    Kind.UINT,
    Kind.BOOL,
    Kind.ENUM,
    Kind.BITS,
    Kind.PORT,
    Kind.OPTIONAL_PORT,
    Kind.NETDEV,
    Kind.OPTIONAL_NETDEV,
    *times.CODECS,
}
"""Kinds that the struct module makes numbers of; all others are bytes."""


def number(raw: bytes, at: int = 0, size: int | None = None) -> int:
    """Return the unsigned number that begins at ``at``, as the processor has it."""
    return int.from_bytes(raw[at : None if size is None else at + size], _HOST)


def from_raw(field: Field, raw: Any) -> bytes:
    """Return the bytes of what the struct module takes for a field."""
    if field.kind in _NUMBERS:
        return int(raw).to_bytes(field.size, _HOST, signed=field.kind in _SIGNED)
    return bytes(raw).ljust(field.size, b"\0")


def to_raw(field: Field, raw: bytes) -> Any:
    """Return what the struct module would make of the bytes of a field."""
    if field.kind in _NUMBERS:
        return int.from_bytes(raw, _HOST, signed=field.kind in _SIGNED)
    return raw


def elements(field: Field, raw: bytes) -> list[bytes]:
    """Return the values that a leaf-list has, each as its bytes."""
    (part,) = field.parts
    first, size = part.offset, part.size
    count = min(number(raw, 0, first), (field.size - first) // size)
    return [raw[first + size * at : first + size * (at + 1)] for at in range(count)]


def joined(field: Field, values: list[bytes]) -> bytes:
    """Return a leaf-list of values that are given as bytes."""
    return len(values).to_bytes(field.parts[0].offset, _HOST) + b"".join(values)


def chosen(field: Field, raw: bytes) -> tuple[Field, bytes] | None:
    """Return the part that the value of a union is, and its bytes; None if there is no value."""
    tag = number(raw, 0, field.parts[0].offset)
    if not 0 < tag <= len(field.parts):
        return None
    part = field.parts[tag - 1]
    return part, raw[part.offset : part.offset + part.size]


def tagged(field: Field, part: Field, raw: bytes) -> bytes:
    """Return the value of a union that is one of its parts."""
    return (field.parts.index(part) + 1).to_bytes(part.offset, _HOST) + raw


def ports(field: Field, raw: bytes) -> Iterator[int]:
    """Yield the indices of the ports that the bytes of a field name."""
    match field.kind:
        case Kind.PORT | Kind.OPTIONAL_PORT:
            yield number(raw)
        case Kind.LIST:
            for one in elements(field, raw):
                yield from ports(field.parts[0], one)
        case Kind.UNION:
            if found := chosen(field, raw):
                yield from ports(*found)


def is_port(field: Field) -> bool:
    """Tell whether the value of a field is a port, and nothing else."""
    return field.kind in {Kind.PORT, Kind.OPTIONAL_PORT}


def names_ports(field: Field) -> bool:
    """Tell whether values of a field can be ports."""
    return is_port(field) or any(map(names_ports, field.parts))


def without_port(field: Field, raw: bytes, port: int) -> bytes:
    """Return the bytes of a field without a port: none, or a leaf-list with fewer values."""
    if port not in ports(field, raw):
        return raw
    if is_port(field):
        return NO_PORT.to_bytes(field.size, _HOST)
    if field.kind is not Kind.LIST:
        return bytes(field.size)
    part = field.parts[0]
    left = [one for one in elements(field, raw) if port not in ports(part, one)]
    return joined(field, left).ljust(field.size, b"\0")


def _packer(field: Field, context: Context) -> Callable[[Any], bytes]:
    pack = CODECS[field.kind].pack(field, context)
    return lambda value: from_raw(field, pack(value))


def _reader(field: Field, context: Context) -> Callable[[bytes], Any]:
    read = CODECS[field.kind].unpack(field, context)
    return lambda raw: read(to_raw(field, raw))


def _list_packer(field: Field, context: Context) -> Callable[[list[Any]], bytes]:
    pack = _packer(field.parts[0], context)
    return lambda values: joined(field, [pack(value) for value in values])


def _list_reader(field: Field, context: Context) -> Callable[[bytes], list[Any] | None]:
    read = _reader(field.parts[0], context)

    def values(raw: bytes) -> list[Any] | None:
        found = [read(one) for one in elements(field, raw)]
        return [value for value in found if value is not None] or None

    return values


def _union_packer(field: Field, context: Context) -> Callable[[Any], bytes]:
    plan = [(part, _packer(part, context)) for part in field.parts]

    def pack(value: Any) -> bytes:
        refusal = None
        for part, packed in plan:
            if not _has(part, value):
                continue
            try:
                return tagged(field, part, packed(value))
            except InvalidValue as error:  # a port that is not there, say: another type may do
                refusal = refusal or error
        raise refusal or InvalidValue("fits none of the union's types", field.leaf)

    return pack


def _has(part: Field, value: Any) -> bool:
    """Tell whether a canonical value is one of this type: 5 is no text, and "5" no number."""
    if part.type is None:
        return True
    try:
        found = part.type.validate(value, part.leaf)
    except InvalidValue:
        return False
    return type(found) is type(value) and found == value


def _union_reader(field: Field, context: Context) -> Callable[[bytes], Any]:
    plan = {id(part): _reader(part, context) for part in field.parts}

    def read(raw: bytes) -> Any:
        found = chosen(field, raw)
        return plan[id(found[0])](found[1]) if found else None

    return read


def _none(_field: Field) -> bytes:
    return b""


CODECS: dict[Kind, Codec] = {
    **SIMPLE,
    **times.CODECS,
    Kind.LIST: Codec(_list_packer, _list_reader, _none),
    Kind.UNION: Codec(_union_packer, _union_reader, _none),
}
