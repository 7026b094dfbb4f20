"""A host of the lab: a namespace with one interface, cabled to the device under test.

- `Host`: pings, runs commands, echoes and asks by UDP and TCP, sends and receives raw frames
- `End`: one end of a cable
- `Pings`: what a series of pings came to
"""

from __future__ import annotations

import contextlib
import re
import socket
import threading
from dataclasses import dataclass
from typing import TYPE_CHECKING, Literal, NamedTuple

from tests.netns.namespace import LabError, Namespace

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

ETH_P_ALL = 0x0003
_PING = re.compile(r"(\d+) packets transmitted, (\d+) (?:packets )?received")
_KIND = {"udp": socket.SOCK_DGRAM, "tcp": socket.SOCK_STREAM}
_CHUNK = 65536

Transport = Literal["udp", "tcp"]


class Pings(NamedTuple):
    """How many echo requests went out and how many replies came back."""

    sent: int
    received: int

    @property
    def lost(self) -> int:
        """Requests without a reply."""
        return self.sent - self.received


class End(NamedTuple):
    """One end of a cable."""

    namespace: Namespace
    interface: str
    mac: str


@dataclass(frozen=True)
class Host:
    """A namespace whose interface `near` is cabled to `far`, a port of the device under test.

    `address` (IPv4) and `v6` carry their prefix lengths; `v6` may be empty.
    """

    name: str
    near: End
    far: End
    address: str
    v6: str = ""

    @property
    def namespace(self) -> Namespace:
        """The host itself."""
        return self.near.namespace

    @property
    def mac(self) -> str:
        """The address that frames to the host carry."""
        return self.near.mac

    @property
    def netdev(self) -> str:
        """The far end's name: what a port of the device under test is connected to."""
        return self.far.interface

    @property
    def ip(self) -> str:
        """The IPv4 address without its prefix length."""
        return self.address.partition("/")[0]

    def run(self, argv: Sequence[str], *, timeout: float = 30.0, check: bool = True) -> str:
        """Run a command on the host and return its output."""
        return self.namespace.run(argv, timeout=timeout, check=check)

    def ping(
        self, address: str, *, count: int = 1, interval: float = 0.02, wait: float = 1.0
    ) -> Pings:
        """Ping an address of either family; `interval` and `wait` (for the last one) in seconds."""
        argv = ["ping", "-n", "-q", f"-c{count}", f"-i{interval}", f"-W{wait}", address]
        text = self.run(argv, timeout=count * (interval + wait) + 10, check=False)
        found = _PING.search(text)
        if found is None:
            message = f"{self.name} cannot even send to {address}: is there a route?"
            raise LabError(message)
        return Pings(int(found[1]), int(found[2]))

    def fit_for_xdp(self) -> None:
        """Make both ends of the cable fit for native XDP.

        Checksums are written by the sender (a redirected frame loses the promise to do it later:
        TCP hangs), and GRO gives each end the NAPI without which it drops frames redirected to it.
        """
        for end in (self.near, self.far):
            end.namespace.run(["ethtool", "-K", end.interface, "tx", "off", "gro", "on"])

    @contextlib.contextmanager
    def raw(self) -> Iterator[socket.socket]:
        """Open a packet socket on the host's interface: whole Ethernet frames, both ways."""
        with self.namespace.socket(socket.AF_PACKET, socket.SOCK_RAW) as raw:
            with self.namespace.entered():
                raw.bind((self.near.interface, ETH_P_ALL))
            raw.settimeout(1.0)
            yield raw

    def ask(
        self,
        transport: Transport,
        address: tuple[str, int],
        payload: bytes,
        *,
        timeout: float = 2.0,
        source_port: int = 0,
    ) -> bytes:
        """Send `payload` to an echo server and return what comes back.

        Raises:
            TimeoutError: nothing came within `timeout` seconds.
            ConnectionError: refused or reset.

        """
        with self.namespace.socket(_family(address[0]), _KIND[transport]) as asking:
            asking.settimeout(timeout)
            if source_port:
                asking.bind(("", source_port))
            asking.connect(address)
            if transport == "udp":
                asking.send(payload)
                return asking.recv(_CHUNK)
            # Sent aside: with a payload beyond the sockets' buffers both sides would wait to write.
            sender = threading.Thread(target=_send_all, args=(asking, payload), daemon=True)
            sender.start()
            try:
                return b"".join(iter(lambda: asking.recv(_CHUNK), b""))
            finally:
                sender.join(timeout)

    @contextlib.contextmanager
    def echo(self, transport: Transport, port: int, *, v6: bool = False) -> Iterator[None]:
        """Send back whatever comes to `port`, until the block ends."""
        family = socket.AF_INET6 if v6 else socket.AF_INET
        with self.namespace.socket(family, _KIND[transport]) as server:
            server.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            server.bind(("", port))
            server.settimeout(0.1)
            if transport == "tcp":
                server.listen()
            stop = threading.Event()
            serve = _echo_udp if transport == "udp" else _echo_tcp
            thread = threading.Thread(target=serve, args=(server, stop), daemon=True)
            thread.start()
            try:
                yield
            finally:
                stop.set()
                thread.join()


def _family(address: str) -> int:
    return socket.AF_INET6 if ":" in address else socket.AF_INET


def _send_all(asking: socket.socket, payload: bytes) -> None:
    with contextlib.suppress(OSError):  # the reader sees the same break, and reports it
        asking.sendall(payload)
        asking.shutdown(socket.SHUT_WR)


def _echo_udp(server: socket.socket, stop: threading.Event) -> None:
    while not stop.is_set():
        with contextlib.suppress(TimeoutError):
            payload, sender = server.recvfrom(_CHUNK)
            server.sendto(payload, sender)


def _echo_tcp(server: socket.socket, stop: threading.Event) -> None:
    while not stop.is_set():
        with contextlib.suppress(TimeoutError, ConnectionError):
            peer, _ = server.accept()
            with peer:
                peer.settimeout(1.0)
                while chunk := peer.recv(_CHUNK):
                    peer.sendall(chunk)
