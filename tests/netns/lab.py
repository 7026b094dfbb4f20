"""A network to test in: hosts in namespaces of their own, cabled to a device under test.

    with Lab() as lab:
        h1 = lab.host("h1", address="10.0.0.1/24")
        h2 = lab.host("h2", address="10.0.0.2/24")
        ...  # join h1.netdev and h2.netdev with whatever is under test
        assert h1.ping(h2.ip, count=3).lost == 0

Names begin with a word of the lab's own, so labs may run side by side. All that a lab made goes
when its block ends, also by an exception or Ctrl-C.
"""

from __future__ import annotations

import contextlib
import os
import secrets
import signal
import subprocess
import threading
from typing import TYPE_CHECKING, Self

from tests.netns.host import End, Host
from tests.netns.namespace import LabError, Namespace, command

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from types import TracebackType

PREFIX = "pcnt"
"""What every namespace and interface of a lab begins with."""
INTERFACE = "eth0"
"""A host's interface."""
_words: set[str] = set()
_LONGEST_LABEL = 6  # an interface's name has 15 characters, the lab's word and a dash take 9


def made_here(name: str) -> bool:
    """Whether `name` holds the word of a lab that this process made, at whatever time."""
    return any(word in name for word in _words)


class Lab:
    """A set of namespaces, hosts and cables; a context manager.

    Attributes:
        name: the word that the names of this lab begin with.
        device: the namespace of the device under test, where the hosts' far ends are.

    """

    def __init__(self, *, isolated: bool = False) -> None:
        """Put the far ends where this process lives or, if `isolated`, into a namespace "dut"."""
        self.name = PREFIX + secrets.token_hex(2)
        _words.add(self.name)
        self.device = Namespace()
        self._isolated = isolated
        self._cleanup = contextlib.ExitStack()

    def __enter__(self) -> Self:
        """Make the device's namespace."""
        try:
            if self._isolated:
                self.device = self.namespace("dut")
        except BaseException:
            self._clear()
            raise
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Remove everything."""
        self._clear()

    def _clear(self) -> None:
        with _uninterrupted():
            self._cleanup.close()

    def defer(self, undo: Callable[[], object]) -> None:
        """Call `undo` when the lab ends; the last deferred comes first."""
        self._cleanup.callback(undo)

    def namespace(self, label: str) -> Namespace:
        """Make a namespace, its loopback up; `label` has at most six characters."""
        name = self.unique(label)
        namespace = Namespace(name)
        with _uninterrupted():
            self.defer(lambda: _delete_namespace(namespace))
            command(["ip", "netns", "add", name])
        namespace.sysctl("ipv6/conf/all/accept_dad", 0)
        namespace.sysctl("ipv6/conf/default/accept_dad", 0)
        namespace.sysctl("ipv6/conf/default/router_solicitations", 0)
        namespace.ip("link set lo up")
        return namespace

    def unique(self, label: str) -> str:
        """Return this lab's name for `label`, fit for an interface or a folder of pins."""
        if not 0 < len(label) <= _LONGEST_LABEL:
            message = f"label {label!r}: 1 to {_LONGEST_LABEL} characters, to fit an interface name"
            raise LabError(message)
        return f"{self.name}-{label}"

    def host(
        self, label: str, *, address: str, v6: str = "", gateway: str = "", mtu: int = 1500
    ) -> Host:
        """Make a host and cable it to the device; the far end is named `unique(label)`.

        `address` and `v6` come with their prefix lengths, `gateway` is the IPv4 default route. A
        host without `v6` says nothing in IPv6, the far end says nothing at all.
        """
        near = End(self.namespace(label), INTERFACE, _random_mac())
        host = Host(label, near, End(self.device, self.unique(label), _random_mac()), address, v6)
        self._cable(near, host.far, mtu)
        _configure(host, gateway)
        self.device.sysctl(f"ipv6/conf/{host.netdev}/disable_ipv6", 1)
        self.device.ip(f"link set {host.netdev} up")
        return host

    def pair(self, first: tuple[str, str], second: tuple[str, str]) -> tuple[Host, Host]:
        """Make two hosts, each given as (label, address), on one cable with nothing between."""
        left = End(self.namespace(first[0]), INTERFACE, _random_mac())
        right = End(self.namespace(second[0]), INTERFACE, _random_mac())
        self._cable(left, right, 1500)
        hosts = Host(first[0], left, right, first[1]), Host(second[0], right, left, second[1])
        for host in hosts:
            _configure(host)
        return hosts

    def _cable(self, near: End, far: End, mtu: int) -> None:
        """Create a veth pair; deleting one end deletes both at once, a namespace takes its time."""
        with _uninterrupted():
            self.defer(lambda: _delete_link(far))
            far.namespace.ip(
                f"link add {far.interface} address {far.mac} mtu {mtu} type veth"
                f" peer {near.interface} address {near.mac} mtu {mtu} netns {near.namespace.name}"
            )

    def start(self, namespace: Namespace, argv: Sequence[str]) -> subprocess.Popen[bytes]:
        """Start a process that the lab kills, at the latest, when it ends."""
        with _uninterrupted():
            process = subprocess.Popen(namespace.argv(argv))
            self.defer(lambda: _kill(process))
        return process


def _configure(host: Host, gateway: str = "") -> None:
    """Give a host its addresses and set its interface up."""
    namespace, interface = host.namespace, host.near.interface
    if host.v6:
        namespace.ip(f"addr add {host.v6} dev {interface} nodad")
    else:
        namespace.sysctl(f"ipv6/conf/{interface}/disable_ipv6", 1)
    namespace.ip(f"addr add {host.address} dev {interface}")
    namespace.ip(f"link set {interface} up")
    if gateway:
        namespace.ip(f"route add default via {gateway}")


def _random_mac() -> str:
    """Return a locally administered unicast address."""
    return "02:" + secrets.token_bytes(5).hex(":")


def _delete_link(end: End) -> None:
    """Delete an interface; the device under test, or Ctrl-C, may have been faster."""
    with contextlib.suppress(LabError):
        end.namespace.ip(f"link del {end.interface}")


def _delete_namespace(namespace: Namespace) -> None:
    """Delete a namespace, and what still runs in it: it would live on, without a name."""
    if namespace.path.exists():
        for pid in command(["ip", "netns", "pids", namespace.name]).split():
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(pid), signal.SIGKILL)
        command(["ip", "netns", "del", namespace.name])


def _kill(process: subprocess.Popen[bytes]) -> None:
    process.kill()
    process.wait()


@contextlib.contextmanager
def _uninterrupted() -> Iterator[None]:
    """Put Ctrl-C off until the block ends: no half-made thing, no half-done clearing up."""
    if threading.current_thread() is not threading.main_thread():
        yield  # Ctrl-C is the main thread's affair
        return
    struck: list[int] = []
    before = signal.signal(signal.SIGINT, lambda number, _frame: struck.append(number))
    try:
        yield
    finally:
        signal.signal(signal.SIGINT, before)
        if struck:
            signal.raise_signal(signal.SIGINT)
