"""One HTTP/1.1 exchange over a connected socket.

``http.client`` would do, but its import (through ``email``) takes longer than everything else here
together, and this client needs little of it: one request, ``Connection: close``, one reply framed
by length, by chunks or by the end of the connection (RFC 9112, 6.3).
"""

from __future__ import annotations

from contextlib import suppress

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket
    from collections.abc import Callable
    from typing import BinaryIO

    Wait = Callable[[socket.socket], None]
    """Returns once there is something to read."""

_LONGEST_LINE = 65536


class ProtocolError(OSError):
    """The peer does not speak HTTP, or stopped in the middle of its answer."""


class Reply:
    """An answer: ``status``, ``reason`` phrase, ``headers`` (names in lower case) and ``body``."""

    __slots__ = ("body", "headers", "reason", "status")

    def __init__(self, status: int, reason: str, headers: dict[str, str], body: bytes) -> None:
        self.status = status
        self.reason = reason
        self.headers = headers
        self.body = body

    @property
    def ok(self) -> bool:
        """Whether the status is 2xx."""
        return self.status // 100 == 2  # noqa: PLR2004 - the class of success

    @property
    def text(self) -> str:
        """The body, as UTF-8."""
        return self.body.decode("utf-8", "replace")


def exchange(
    connection: socket.socket,
    method: str,
    target: str,
    host: str,
    body: bytes | None = None,
    wait: Wait | None = None,
) -> Reply:
    """Send one request, return the reply; ``wait`` is called in between.

    Raise `OSError`: the system's, or `ProtocolError` when the peer breaks the rules.
    """
    send(connection, method, target, host, body)
    if wait is not None:
        wait(connection)
    with connection.makefile("rb") as stream:
        return read_body(stream, *read_head(stream))


def send(
    connection: socket.socket,
    method: str,
    target: str,
    host: str,
    body: bytes | None = None,
    accept: str = "application/json",
) -> None:
    """Send one request."""
    head = [
        f"{method} {target} HTTP/1.1",
        f"Host: {host}",
        f"Accept: {accept}",
        "User-Agent: polycubectl",
        "Connection: close",
    ]
    if body is not None:
        head += ["Content-Type: application/json", f"Content-Length: {len(body)}"]
    # Refused before it was read whole, as when too large: the reason may still be there to read.
    with suppress(BrokenPipeError, ConnectionResetError):
        connection.sendall("\r\n".join([*head, "", ""]).encode("latin-1") + (body or b""))


def read_head(stream: BinaryIO) -> tuple[int, str, dict[str, str]]:
    """Read up to where the body starts; return status, reason and headers."""
    while True:
        status, reason = _read_status(stream)
        headers = _read_headers(stream)
        if status >= 200:  # noqa: PLR2004 - 1xx only announces
            return status, reason, headers


def read_body(stream: BinaryIO, status: int, reason: str, headers: dict[str, str]) -> Reply:
    """Read the rest of a reply whose head was read."""
    return Reply(status, reason, headers, _read_body(stream, status, headers))


def _read_line(stream: BinaryIO) -> str:
    line = stream.readline(_LONGEST_LINE)
    if not line.endswith(b"\n"):
        msg = (
            "it closed the connection without an answer"
            if not line
            else "it does not answer in HTTP"
        )
        raise ProtocolError(msg)
    return line.decode("latin-1").rstrip("\r\n")


def _read_status(stream: BinaryIO) -> tuple[int, str]:
    version, _, rest = _read_line(stream).partition(" ")
    code, _, reason = rest.partition(" ")
    if not version.startswith("HTTP/1.") or not code.isdecimal():
        msg = "it does not answer in HTTP"
        raise ProtocolError(msg)
    return int(code), reason


def _read_headers(stream: BinaryIO) -> dict[str, str]:
    headers = {}
    while line := _read_line(stream):
        name, _, value = line.partition(":")
        headers[name.strip().lower()] = value.strip()
    return headers


def _read_body(stream: BinaryIO, status: int, headers: dict[str, str]) -> bytes:
    if status in {204, 304}:
        return b""
    if headers.get("transfer-encoding", "").lower() == "chunked":
        return b"".join(iter(lambda: _read_chunk(stream), b""))
    length = headers.get("content-length")
    if length is None:
        return stream.read()
    if not length.isdecimal():
        msg = "it does not answer in HTTP"
        raise ProtocolError(msg)
    return _read_exactly(stream, int(length))


def _read_chunk(stream: BinaryIO) -> bytes:
    """Read one chunk; the empty one is the last.

    Trailers are left unread: the connection ends with this reply.
    """
    size = _read_line(stream).partition(";")[0].strip()
    try:
        length = int(size, 16)
    except ValueError:
        msg = "it does not answer in HTTP"
        raise ProtocolError(msg) from None
    chunk = _read_exactly(stream, length)
    if length:
        _read_line(stream)
    return chunk


def _read_exactly(stream: BinaryIO, length: int) -> bytes:
    data = stream.read(length)
    if len(data) < length:
        msg = f"it closed the connection after {len(data)} of {length} bytes of its answer"
        raise ProtocolError(msg)
    return data
