"""Numbered datagrams from one host to another: which were sent, and which came.

    with Stream(h1, h2) as stream:
        ...
    assert stream.lost == 0

A stream that must not come through, as a cube on the way drops it, is checked by `received`.
"""

from __future__ import annotations

import contextlib
import socket
import struct
import threading
import time
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from types import TracebackType
    from typing import Self

    from tests.netns.host import Host

RATE = 500
"""Datagrams a second."""
_BUFFER = 32 << 20  # of the receiver: what waits there while this process waits for a processor
_SETTLE = 0.5  # seconds after which nothing is on its way any more
_LENGTH = 64


class Stream:
    """A thread that sends and one that counts; a context manager.

    `source` is the address it comes from, if not the host's own. Every other datagram is a
    `broadcast`, if one is given.

    Attributes:
        sent: how many datagrams the kernel took.
        lost: the numbers of those that did not come; valid after the end.

    """

    def __init__(
        self, sender: Host, target: Host, *, port: int, source: str = "", broadcast: str = ""
    ) -> None:
        """Open both ends."""
        self.sent = 0
        self.lost: list[int] = []
        self._came: set[int] = set()
        self._to = [(target.ip, port), (broadcast or target.ip, port)]
        self._out = sender.namespace.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._out.setsockopt(socket.SOL_SOCKET, socket.SO_BROADCAST, 1)
        self._out.bind((source or sender.ip, 0))
        self._in = target.namespace.socket(socket.AF_INET, socket.SOCK_DGRAM)
        self._in.setsockopt(socket.SOL_SOCKET, getattr(socket, "SO_RCVBUFFORCE", 33), _BUFFER)
        self._in.bind(("", port))
        self._in.settimeout(0.1)
        self._ending, self._ended = threading.Event(), threading.Event()
        self._threads = [threading.Thread(target=one) for one in (self._send, self._receive)]

    @property
    def received(self) -> int:
        """How many different datagrams came."""
        return len(self._came)

    def __enter__(self) -> Self:
        """Begin to send."""
        for thread in self._threads:
            thread.start()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Send no more, wait for what is under way, and count."""
        self._ending.set()
        self._threads[0].join()
        time.sleep(_SETTLE)
        self._ended.set()
        self._threads[1].join()
        self._out.close()
        self._in.close()
        self.lost = sorted(set(range(self.sent)) - self._came)

    def _send(self) -> None:
        while not self._ending.wait(1 / RATE):
            to = self._to[self.sent % 2]
            with contextlib.suppress(BlockingIOError):  # not taken, so not lost
                self._out.sendto(struct.pack("=Q", self.sent).ljust(_LENGTH), to)
                self.sent += 1

    def _receive(self) -> None:
        while not self._ended.is_set():
            with contextlib.suppress(TimeoutError):
                self._came.add(struct.unpack_from("=Q", self._in.recv(_LENGTH))[0])
