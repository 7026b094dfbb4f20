"""The port to the kernel: what the rest of the runtime may ask of it.

`LinuxKernel` (module `linux`) is the real one, `MemoryKernel` (module `memory`) the one for unit
tests without root. Map operations are plain calls (a microsecond of bpf(2)); loading and netlink
are awaited.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Protocol

import msgspec

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence

    from polycube_runtime.bpf.spec import MapSpec, ProgramSpec


class AttachPoint(StrEnum):
    """Where on a netdev a program hangs."""

    TC_INGRESS = "tc-ingress"
    TC_EGRESS = "tc-egress"
    XDP_SKB = "xdp-skb"
    XDP_DRV = "xdp-drv"


class Netdev(msgspec.Struct, frozen=True):
    """A network interface as the kernel knows it; `mac` as text, addresses as `address/prefix`.

    `up` is what the administrator set; `alias` the text that somebody noted at it.
    """

    name: str
    index: int
    mac: str = ""
    mtu: int = 0
    up: bool = False
    addresses: tuple[str, ...] = ()
    alias: str = ""


class NetdevGone(msgspec.Struct, frozen=True):
    """The kernel's word that an interface was deleted (or moved to another namespace)."""

    name: str
    index: int


class NetdevSeen(msgspec.Struct, frozen=True):
    """The kernel's word that an interface is there, and how it is now."""

    netdev: Netdev


NetdevEvent = NetdevGone | NetdevSeen


class TestRun(msgspec.Struct, frozen=True):
    """What BPF_PROG_TEST_RUN answers: the verdict, the packet afterwards, mean ns of one run."""

    verdict: int
    packet: bytes
    duration_ns: int


class Map(Protocol):
    """A map in the kernel. Keys and values are bytes of the sizes in `spec`.

    A per-CPU value is the concatenation of one value for each possible CPU, each padded to 8 bytes.
    """

    spec: MapSpec

    @property
    def fd(self) -> int:
        """The file descriptor that programs are patched with."""

    @property
    def id(self) -> int:
        """The kernel's number of it, which no other map has as long as the kernel runs."""

    @property
    def value_size(self) -> int:
        """Bytes of a value as read and written here: of all CPUs' copies, if it is per CPU."""

    def lookup(self, key: bytes) -> bytes | None:
        """Return the value of `key`, or None where there is none."""

    def update(self, key: bytes, value: bytes) -> None:
        """Create or overwrite one entry."""

    def insert(self, key: bytes, value: bytes) -> bool:
        """Create one entry; False when the key exists already."""

    def delete(self, key: bytes) -> bool:
        """Delete one entry; False when there was none."""

    def count(self) -> int:
        """Count the entries, by batch and without copies here: 10,000 take a millisecond.

        Of a map in use it is about right. May be called in a thread, even while others close it.
        """

    def items(self) -> list[tuple[bytes, bytes]]:
        """Return all entries, by batch: 10,000 take 4 to 20 ms. Order is the kernel's."""

    def dump(self) -> tuple[bytes, bytes]:
        """Return all keys, one behind the other, and all values likewise."""

    def update_many(self, items: Sequence[tuple[bytes, bytes]]) -> None:
        """Create or overwrite many entries in one system call."""

    def delete_many(self, keys: Iterable[bytes]) -> int:
        """Delete the keys that exist; the result counts them."""

    def set_program(self, slot: int, program: Program | None) -> None:
        """Point a slot of a prog array at a program; None empties it. Atomic for packets."""

    def close(self) -> None:
        """Drop this process's reference."""


class Queue(Map, Protocol):
    """A map that is a queue or a stack: it has no keys, and what is read is gone."""

    def push(self, value: bytes) -> None:
        """Put a value in."""

    def pop(self) -> bytes | None:
        """Take a value out; None if there is none."""


class Program(Protocol):
    """A verified program in the kernel."""

    name: str

    @property
    def fd(self) -> int:
        """The file descriptor."""

    def test_run(
        self, packet: bytes, *, repeat: int = 1, cb: Sequence[int] = (), ifindex: int = 0
    ) -> TestRun:
        """Run the program on `packet` without any netdev; `cb` presets `__sk_buff.cb` (TC only)."""

    def run_live(self, packet: bytes, *, ifindex: int = 0) -> None:
        """Run an XDP program on a frame of at most 3,500 bytes and carry out its verdict.

        The frame seems to come from the netdev `ifindex`, if one is given.
        """

    def close(self) -> None:
        """Drop this process's reference."""


class Ring(Protocol):
    """The reading end of a ring buffer map."""

    def fileno(self) -> int:
        """Return a descriptor that is readable when records wait."""

    def consume(self) -> int:
        """Hand a bounded number of waiting records to the callback; the result counts them."""

    def close(self) -> None:
        """Stop reading."""


class Attachment(Protocol):
    """A program hanging on a netdev."""

    async def detach(self) -> None:
        """Take it off; a netdev that is gone is no error."""


class Namespaces(Protocol):
    """Network namespaces that have a name, as `ip netns` knows them.

    A `mark` is a text of the runtime's own, noted where `ip link` shows it as an alias: at the
    namespace's loopback, or at an interface.
    """

    def names(self) -> list[str]:
        """Return the names of all of them."""

    async def mark(self, name: str) -> str | None:
        """Return the mark of a namespace, empty if it has none; None where there is none."""

    async def add(self, name: str, mark: str) -> None:
        """Create a namespace, its loopback up.

        Raises:
            NetdevError: there is one of that name.
            KernelRefused: this process may not make any.

        """

    async def delete(self, name: str) -> None:
        """Delete a namespace and what is in it; one that is not there is no error."""

    async def add_pair(
        self, name: str, inner: str, here: str, mark: str, *, xdp: bool
    ) -> tuple[Netdev, Netdev]:
        """Create a veth pair, `inner` in the namespace `name` and `here` with us; both are up.

        `xdp` makes them fit for XDP. Returns our end, which is marked, and the other.

        Raises:
            NetdevError: an interface of that name is there, or the name cannot be one.

        """

    async def netdevs(self, name: str) -> dict[str, Netdev]:
        """Return the interfaces in a namespace, by name; none where it is not there."""

    async def configure(
        self, name: str, netdev: Netdev, mac: str, addresses: Sequence[str]
    ) -> None:
        """Give an interface in a namespace, which is as `netdev` says, these addresses and no more.

        Those that the kernel gives itself (fe80::/10) are left alone.

        Raises:
            NetdevError: one of them cannot be.

        """

    def watch(self, name: str) -> AsyncIterator[NetdevEvent]:
        """Yield the interfaces in a namespace: those there now, then all that happens to any."""


class Kernel(Protocol):
    """All that the runtime asks of the kernel."""

    @property
    def namespaces(self) -> Namespaces:
        """The network namespaces that have a name."""

    def create_map(self, spec: MapSpec, inner: Map | None = None) -> Map:
        """Create a map; one of maps takes those that are like `inner`.

        Raises:
            KernelRefused: the kernel said no; the message says to what.

        """

    def adopt_map(self, spec: MapSpec | None, path: str) -> Map | None:
        """Return the map pinned at `path`, contents and all; None if there is none like `spec`."""

    def adopt_maps(self, folder: str) -> dict[str, Map]:
        """Return the maps pinned in a folder, whatever they are, by name."""

    async def load(
        self,
        spec: ProgramSpec,
        maps: Mapping[str, Map],
        constants: Mapping[str, int] = {},
    ) -> Program:
        """Fill in map references and constants, verify, and load.

        Raises:
            VerifierError: the verifier refused it; carries the log.

        """

    def pin(self, thing: Map | Program, path: str) -> None:
        """Pin under the instance's folder in bpffs: it outlives this process.

        What is pinned there already is replaced at once: the path never names nothing.
        """

    def pin_again(self, path: str, other: str) -> None:
        """Pin what is pinned at `path` at `other`, too; nothing if nothing is there."""

    def pinned(self, folder: str) -> list[str]:
        """Return the names of what is directly below a folder of pins, folders too."""

    def unpin(self, path: str) -> None:
        """Remove a pin or a folder of pins; one that is not there is no error."""

    async def attach(
        self, netdev: Netdev, point: AttachPoint, program: Program, instead_of: Sequence[str] = ()
    ) -> Attachment:
        """Hang a program on a netdev.

        One that is pinned at one of the paths `instead_of` is replaced, without a packet that meets
        neither.

        Raises:
            NetdevError: it is gone, already used, or cannot do this.

        """

    async def detach(self, ifindex: int, point: AttachPoint, pin: str) -> None:
        """Take the program pinned at `pin`, and no other, off a netdev; none there is no error."""

    async def netdevs(self) -> dict[str, Netdev]:
        """Return the interfaces of the namespace, by name."""

    async def netdev(self, name: str) -> Netdev | None:
        """Return name, index and `up` of one interface; None where there is none of that name."""

    def netdev_index(self, name: str) -> int:
        """Return the index of the interface of that name, at once; 0 where there is none."""

    def netdev_name(self, index: int) -> str:
        """Return the name of the interface with that index, at once; empty where there is none."""

    def netdev_names(self) -> list[str]:
        """Return the names of all interfaces, at once."""

    @property
    def cpus(self) -> int:
        """How many CPUs there can be: their numbers are below."""

    async def add_veth(self, name: str, peer: str, *, mtu: int) -> tuple[Netdev, Netdev]:
        """Create a pair of veth interfaces and set both up."""

    async def delete_netdev(self, name: str) -> None:
        """Delete an interface; one that is not there is no error."""

    def watch_netdevs(self) -> AsyncIterator[NetdevEvent]:
        """Yield interfaces: those there now, then each that appears, changes or disappears."""

    def open_ring(self, ring: Map, callback: Callable[[bytes], None]) -> Ring:
        """Read a ring buffer map; `callback` gets each record's bytes."""

    def send(self, ifindex: int, frame: bytes, *, mark: int = 0) -> None:
        """Transmit a frame out of a netdev, as `mark`; one that cannot be sent at once is lost."""

    async def quiesce(self) -> None:
        """Wait until every packet that is being dealt with now has been: 5 to 30 ms."""

    async def close(self) -> None:
        """Let go of sockets; programs, maps and attachments stay as they are."""
