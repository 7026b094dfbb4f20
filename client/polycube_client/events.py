"""The daemon's stream of events: Server-Sent Events (WHATWG HTML, 9.2) over one connection.

Replies are read whole by `polycube_client.wire`; this one never ends. Reading it must be able to
give up after a while and go on later, so what came in is kept here between reads.
"""

from __future__ import annotations

import io

from polycube_client.wire import ProtocolError, read_body, read_head, send

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket

    from polycube_client.endpoint import Endpoint
    from polycube_client.wire import Reply

SILENCE = 45.0
"""Seconds without a byte after which the connection counts as lost: the daemon sends a comment
every 15."""
_ANSWER = 10.0
"""Seconds to wait for the head of the answer."""
_MEDIUM = "text/event-stream"


class Event:
    """One event: ``kind`` (``change``, ``state``, ``overrun``) and its ``data``, a JSON text."""

    __slots__ = ("data", "kind")

    def __init__(self, kind: str, data: str) -> None:
        self.kind = kind
        self.data = data


class Stream:
    """An open stream: `read` it, then `close` it."""

    __slots__ = ("_connection", "_data", "_decode", "_endpoint", "_kind", "_rest")

    def __init__(self, connection: socket.socket, endpoint: Endpoint, *, chunked: bool) -> None:
        self._connection = connection
        self._endpoint = endpoint
        self._decode = Chunks() if chunked else None
        self._rest = b""
        self._kind = ""
        self._data: list[str] = []

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()

    def read(self, timeout: float = SILENCE) -> Event | None:
        """Return the next event, or None when nothing at all came for ``timeout`` seconds.

        Raise `UnreachableError` when the connection ends or is lost.
        """
        try:
            while True:
                while (event := self._next()) is None:
                    self._connection.settimeout(timeout)
                    raw = self._connection.recv(1 << 16)
                    if not raw:
                        msg = "it closed the stream of events"
                        raise ProtocolError(msg)
                    self._rest += self._decode.feed(raw) if self._decode else raw
                if event.data:  # one without data is none (9.2.6)
                    return event
        except TimeoutError:
            if timeout < SILENCE:
                return None
            msg = f"nothing came for {timeout:.0f} s"
            raise self._endpoint.unreachable(ProtocolError(msg)) from None
        except OSError as error:
            raise self._endpoint.unreachable(error) from None

    def _next(self) -> Event | None:
        """Take lines from what came in up to the end of an event."""
        while True:
            raw, found, rest = self._rest.partition(b"\n")
            if not found:
                return None
            self._rest = rest
            text = raw.decode("utf-8", "replace").rstrip("\r")
            if not text:
                event = Event(self._kind or "message", "\n".join(self._data))
                self._kind, self._data = "", []
                return event
            name, _, value = text.partition(":")  # a comment has an empty name
            if name == "event":
                self._kind = value.removeprefix(" ")
            elif name == "data":
                self._data.append(value.removeprefix(" "))


class Chunks:
    """Takes the chunked transfer coding off (RFC 9112, 7.1), whatever pieces it comes in."""

    __slots__ = ("_buffer", "_left")

    def __init__(self) -> None:
        self._buffer = b""
        self._left = 0

    def feed(self, raw: bytes) -> bytes:
        """Return the content that is complete with ``raw``; raise `ProtocolError` for nonsense."""
        self._buffer += raw
        content = b""
        while True:
            content += self._buffer[: self._left]
            taken = min(self._left, len(self._buffer))
            self._buffer, self._left = self._buffer[taken:], self._left - taken
            size, found, rest = self._buffer.partition(b"\n")
            if self._left or not found:
                return content
            self._buffer = rest
            self._left = _size(size) if size.strip() else 0  # blank: the end of the chunk before


def _size(line: bytes) -> int:
    try:
        return int(line.partition(b";")[0].strip(), 16) or _ended()
    except ValueError:
        msg = "it does not answer in HTTP"
        raise ProtocolError(msg) from None


def _ended() -> int:
    msg = "it closed the stream of events"
    raise ProtocolError(msg)


def open_stream(endpoint: Endpoint, target: str) -> Stream | Reply:
    """Ask for ``target``; return the stream, or the whole reply when that is something else."""
    connection = endpoint.connect(_ANSWER)
    try:
        send(connection, "GET", target, endpoint.authority, accept=_MEDIUM)
        # Unbuffered: what follows the head must stay where a later read finds it.
        raw = connection.makefile("rb", buffering=0)
        status, reason, headers = read_head(raw)  # type: ignore[arg-type]
        if headers.get("content-type", "").startswith(_MEDIUM):
            chunked = headers.get("transfer-encoding", "").lower() == "chunked"
            return Stream(connection, endpoint, chunked=chunked)
        with connection, io.BufferedReader(raw) as buffered:
            return read_body(buffered, status, reason, headers)
    except OSError as error:
        connection.close()
        raise endpoint.unreachable(error) from None
    except KeyboardInterrupt:
        connection.close()
        raise
