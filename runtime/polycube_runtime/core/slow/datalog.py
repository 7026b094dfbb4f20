"""Log lines from data planes: `pcn_log` records to text.

The format string travels with its arguments (headers/pcn/log.h), so no table of formats has to be
kept in step.
"""

from __future__ import annotations

import ipaddress
import logging
import re
import struct
from typing import NamedTuple

_HEADER = struct.Struct("=IBBH4Q")  # struct pcn_log_record
_SPECIFIER = re.compile(r"%([-#0 +]*\d*(?:\.\d+)?)(?:hh|h|ll|l|z)?([diuxXcopsIMP%])")
LEVELS = (5, logging.DEBUG, logging.INFO, logging.WARNING, logging.ERROR, logging.CRITICAL)
"""logging's levels in the order of LOG_TRACE … LOG_CRITICAL."""


class Line(NamedTuple):
    """A log line: the cube that wrote it, logging's level, the text."""

    cube: int
    level: int
    text: str


def decode(raw: bytes) -> Line:
    """Read a `struct pcn_log_record` and format it."""
    cube, level, count, length, *arguments = _HEADER.unpack_from(raw)
    text = raw[_HEADER.size : _HEADER.size + length].rstrip(b"\0").decode(errors="replace")
    return Line(cube, LEVELS[min(level, len(LEVELS) - 1)], render(text, arguments[:count]))


def render(text: str, arguments: list[int]) -> str:
    """Format as printf would, and %I (IPv4 address), %P (port, both in network order), %M (MAC)."""
    waiting = iter(arguments)

    def one(match: re.Match[str]) -> str:
        flags, kind = match.groups()
        if kind == "%":
            return "%"
        value = next(waiting, None)
        return match[0] if value is None else _render_one(flags, kind, value)

    return _SPECIFIER.sub(one, text)


def _render_one(flags: str, kind: str, value: int) -> str:
    raw = value.to_bytes(8, "little")
    match kind:
        case "I":
            return str(ipaddress.IPv4Address(raw[:4]))
        case "M":
            return raw[:6].hex(":")
        case "P":
            return str(int.from_bytes(raw[:2], "big"))
        case "d" | "i":
            signed = int.from_bytes(raw[:4], "little", signed=True)
            return f"%{flags}d" % (signed if value < 1 << 32 else _signed64(value))
        case "c":
            return chr(value & 0xFF)
        case "u":
            return f"%{flags}d" % value
        case "p":
            return hex(value)
        case "s":
            return "?"  # a pointer into the kernel: there is no text to show
        case _:
            return f"%{flags}{kind}" % value


def _signed64(value: int) -> int:
    return value - (1 << 64) if value >> 63 else value
