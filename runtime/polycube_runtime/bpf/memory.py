"""A kernel in memory, for unit tests without root.

Maps are dicts with the kernel's rules (fixed sizes, full hashes, arrays that always have every
index); programs do not run, but everything that was asked for is there to be looked at:
`netdevs_by_name`, `attached`, `pins`, `sent`.
"""

from __future__ import annotations

import asyncio
import errno
import itertools
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from polycube_runtime.bpf.errors import KernelRefused, NetdevError
from polycube_runtime.bpf.kernel import (
    AttachPoint,
    Map,
    Netdev,
    NetdevEvent,
    NetdevGone,
    NetdevSeen,
    Program,
    TestRun,
)
from polycube_runtime.bpf.memory_namespaces import MemoryNamespaces
from polycube_runtime.bpf.spec import MapKind, MapSpec, ProgramSpec

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence

_numbers = itertools.count(1000)
_ARRAYS = {MapKind.ARRAY, MapKind.PERCPU_ARRAY}
_LRU = {MapKind.LRU_HASH, MapKind.LRU_PERCPU_HASH}
CPUS = 2
GRACE_PERIOD = 0.005


def _bits(key: bytes) -> tuple[str, int]:
    """Return the address in a trie's key as a text of bits, and the length of its prefix."""
    length, address = int.from_bytes(key[:4], "little"), key[4:]
    return f"{int.from_bytes(address, 'big'):0{8 * len(address)}b}", length


class MemoryMap:
    """A map; see `kernel.Map`."""

    def __init__(self, spec: MapSpec, refuse: Callable[[str], None]) -> None:
        """Start empty, or zero if it is an array; `refuse` may raise what a write shall raise."""
        self.spec = spec
        self.refuse = refuse
        self.fd = self.id = next(_numbers)
        self.closed = False
        self.programs: dict[int, Program] = {}
        self._data: dict[bytes, bytes] = {}
        self.value_size = spec.value_size
        if spec.kind.per_cpu:
            self.value_size = (spec.value_size + 7) // 8 * 8 * CPUS
        if spec.kind in _ARRAYS:
            zero = bytes(self.value_size)
            self._data = {n.to_bytes(4, "little"): zero for n in range(spec.entries)}

    def _open(self) -> dict[bytes, bytes]:
        if self.closed:
            raise OSError(errno.EBADF, os.strerror(errno.EBADF))
        return self._data

    def lookup(self, key: bytes) -> bytes | None:
        """See `kernel.Map.lookup`; a trie answers with the longest prefix of the key."""
        data = self._open()
        if self.spec.kind is not MapKind.LPM_TRIE:
            return data.get(key)
        bits, length = _bits(key)
        fitting = [
            (known[1], value)
            for known, value in ((_bits(one), value) for one, value in data.items())
            if known[1] <= length and bits.startswith(known[0][: known[1]])
        ]
        return max(fitting, default=(0, None), key=lambda one: one[0])[1]

    def update(self, key: bytes, value: bytes) -> None:
        """See `kernel.Map.update`."""
        data = self._open()
        if (len(key), len(value)) != (self.spec.key_size, self.value_size):
            message = f"map {self.spec.name}: {len(key)}+{len(value)} bytes do not fit"
            raise ValueError(message)
        if key not in data and len(data) >= self.spec.entries:
            if self.spec.kind not in _LRU:
                message = f"map {self.spec.name} is full: it holds {self.spec.entries} entries"
                raise KernelRefused(message)
            del data[next(iter(data))]
        self.refuse(f"write {self.spec.name}")
        data[key] = value

    def insert(self, key: bytes, value: bytes) -> bool:
        """See `kernel.Map.insert`."""
        if key in self._open():
            return False
        self.update(key, value)
        return True

    def delete(self, key: bytes) -> bool:
        """See `kernel.Map.delete`."""
        if self.spec.kind in _ARRAYS:
            raise OSError(errno.EINVAL, os.strerror(errno.EINVAL))
        return self._open().pop(key, None) is not None

    def count(self) -> int:
        """See `kernel.Map.count`."""
        return len(self._open())

    def items(self) -> list[tuple[bytes, bytes]]:
        """See `kernel.Map.items`."""
        return list(self._open().items())

    def dump(self) -> tuple[bytes, bytes]:
        """See `kernel.Map.dump`."""
        data = self._open()
        return b"".join(data), b"".join(data.values())

    def update_many(self, items: Sequence[tuple[bytes, bytes]]) -> None:
        """See `kernel.Map.update_many`."""
        for key, value in items:
            self.update(key, value)

    def delete_many(self, keys: Iterable[bytes]) -> int:
        """See `kernel.Map.delete_many`."""
        return sum(self.delete(key) for key in keys)

    def push(self, value: bytes) -> None:
        """See `kernel.Queue.push`."""
        data = self._open()
        last = max((int.from_bytes(key, "big") for key in data), default=0)
        if len(data) >= self.spec.entries:
            message = f"map {self.spec.name} is full: it holds {self.spec.entries} entries"
            raise KernelRefused(message)
        self.refuse(f"write {self.spec.name}")
        data[(last + 1).to_bytes(8, "big")] = value

    def pop(self) -> bytes | None:
        """See `kernel.Queue.pop`."""
        data = self._open()
        if not data:
            return None
        return data.pop(max(data) if self.spec.kind is MapKind.STACK else min(data))

    def set_program(self, slot: int, program: Program | None) -> None:
        """See `kernel.Map.set_program`."""
        if program is None:
            self.programs.pop(slot, None)
        else:
            self.refuse(f"write {self.spec.name}")
            self.programs[slot] = program

    def close(self) -> None:
        """See `kernel.Map.close`."""
        self.closed = True


@dataclass(eq=False)
class MemoryProgram:
    """A program; see `kernel.Program`. It only remembers what it was loaded with."""

    spec: ProgramSpec
    maps: Mapping[str, Map]
    constants: Mapping[str, int]
    fd: int = field(default_factory=lambda: next(_numbers))
    closed: bool = False
    live: list[bytes] = field(default_factory=list)

    @property
    def name(self) -> str:
        """Name of the program."""
        return self.spec.name

    def test_run(
        self, packet: bytes, *, repeat: int = 1, cb: Sequence[int] = (), ifindex: int = 0
    ) -> TestRun:
        """Refuse: there is no processor for programs here."""
        message = f"MemoryKernel cannot run {self.name} ({len(packet)}, {repeat}, {cb}, {ifindex})"
        raise KernelRefused(message)

    def run_live(self, packet: bytes, *, ifindex: int = 0) -> None:  # noqa: ARG002 (the protocol's)
        """Remember the packet."""
        self.live.append(packet)

    def close(self) -> None:
        """See `kernel.Program.close`."""
        self.closed = True


@dataclass(eq=False)
class MemoryAttachment:
    """A program on a netdev; see `kernel.Attachment`."""

    kernel: MemoryKernel
    netdev: Netdev
    point: AttachPoint

    async def detach(self) -> None:
        """Take it off, whatever the netdev is called by now."""
        self.kernel.refuse_if_asked(f"detach {self.netdev.name}")
        there = self.kernel.netdevs_by_name.values()
        called = [netdev.name for netdev in there if netdev.index == self.netdev.index]
        for name in called or [self.netdev.name]:
            self.kernel.attached.pop((name, self.point), None)


class MemoryRing:
    """The reading end of a ring buffer; `deliver` plays the data plane."""

    def __init__(self, callback: Callable[[bytes], None]) -> None:
        """Make a descriptor that an event loop can watch; it never gets readable."""
        self.deliver = callback
        self._read, self._write = os.pipe()

    def fileno(self) -> int:
        """See `kernel.Ring.fileno`."""
        return self._read

    def consume(self) -> int:
        """Nothing ever waits: `deliver` calls through."""
        return 0

    def close(self) -> None:
        """See `kernel.Ring.close`."""
        os.close(self._read)
        os.close(self._write)


class MemoryKernel:
    """A kernel that is not there; see `kernel.Kernel`."""

    def __init__(self, *netdevs: str) -> None:
        """Start with netdevs of these names."""
        self.netdevs_by_name = {
            name: Netdev(name, index, mtu=1500, up=True) for index, name in enumerate(netdevs, 2)
        }
        self.maps: list[MemoryMap] = []
        self.loaded: list[MemoryProgram] = []
        self.attached: dict[tuple[str, AttachPoint], Program] = {}
        self.pins: dict[str, Map | Program] = {}
        self.rings: dict[str, MemoryRing] = {}
        self.sent: list[tuple[int, bytes, int]] = []
        self.refuse: Callable[[str], Exception | None] = lambda _what: None
        self._pairs: list[tuple[str, str]] = []
        self._events: asyncio.Queue[NetdevEvent] = asyncio.Queue()
        self.namespaces = MemoryNamespaces(self)

    def refuse_if_asked(self, what: str) -> None:
        """Let a test make any step fail.

        `refuse` gets "map NAME", "load NAME", "pin PATH", "attach NETDEV", "detach NETDEV",
        "veth NAME", "ring NAME", "write MAP", "namespace NAME", "configure NETDEV".
        """
        error = self.refuse(what)
        if error is not None:
            raise error

    def create_map(self, spec: MapSpec, inner: Map | None = None) -> MemoryMap:
        """See `kernel.Kernel.create_map`."""
        self.refuse_if_asked(f"map {spec.name}")
        if spec.kind.holds_maps != (inner is not None):
            message = f"the kernel refuses map {spec.name}: {os.strerror(errno.EINVAL)}"
            raise KernelRefused(message)
        self.maps.append(MemoryMap(spec, self.refuse_if_asked))
        return self.maps[-1]

    def adopt_map(self, spec: MapSpec | None, path: str) -> MemoryMap | None:
        """See `kernel.Kernel.adopt_map`."""
        found = self.pins.get(path)
        if not isinstance(found, MemoryMap) or (spec and not found.spec.compatible(spec)):
            return None
        found.closed = False
        return found

    def adopt_maps(self, folder: str) -> dict[str, Map]:
        """See `kernel.Kernel.adopt_maps`."""
        found: dict[str, Map] = {}
        for path, thing in self.pins.items():
            above, _, name = path.rpartition("/")
            if above == folder and isinstance(thing, MemoryMap):
                thing.closed = False
                found[name] = thing
        return found

    async def load(
        self,
        spec: ProgramSpec,
        maps: Mapping[str, Map],
        constants: Mapping[str, int] = {},
    ) -> MemoryProgram:
        """See `kernel.Kernel.load`."""
        self.refuse_if_asked(f"load {spec.name}")
        for ref in spec.maps:
            maps[ref.map]
        self.loaded.append(MemoryProgram(spec, dict(maps), dict(constants)))
        return self.loaded[-1]

    def pin(self, thing: Map | Program, path: str) -> None:
        """See `kernel.Kernel.pin`."""
        self.refuse_if_asked(f"pin {path}")
        self.pins[path] = thing

    def pin_again(self, path: str, other: str) -> None:
        """See `kernel.Kernel.pin_again`."""
        if path in self.pins:
            self.pin(self.pins[path], other)

    def pinned(self, folder: str) -> list[str]:
        """See `kernel.Kernel.pinned`."""
        below = [path for path in self.pins if path.startswith(f"{folder}/")]
        return sorted({path.removeprefix(f"{folder}/").partition("/")[0] for path in below})

    def unpin(self, path: str) -> None:
        """See `kernel.Kernel.unpin`."""
        for pin in [pin for pin in self.pins if pin == path or pin.startswith(f"{path}/")]:
            del self.pins[pin]

    async def attach(
        self, netdev: Netdev, point: AttachPoint, program: Program, instead_of: Sequence[str] = ()
    ) -> MemoryAttachment:
        """See `kernel.Kernel.attach`."""
        self.refuse_if_asked(f"attach {netdev.name}")
        where = (netdev.name, point)
        former = [self.pins[path] for path in instead_of if path in self.pins]
        if where in self.attached and self.attached[where] not in former:
            message = f"Interface {netdev.name} cannot be used: another program is already attached"
            raise NetdevError(message)
        self.attached[where] = program
        return MemoryAttachment(self, netdev, point)

    async def detach(self, ifindex: int, point: AttachPoint, pin: str) -> None:
        """See `kernel.Kernel.detach`."""
        for where, program in list(self.attached.items()):
            netdev = self.netdevs_by_name.get(where[0])
            if (
                netdev
                and (netdev.index, where[1]) == (ifindex, point)
                and self.pins.get(pin) is program
            ):
                del self.attached[where]

    async def netdevs(self) -> dict[str, Netdev]:
        """See `kernel.Kernel.netdevs`."""
        return dict(self.netdevs_by_name)

    async def netdev(self, name: str) -> Netdev | None:
        """See `kernel.Kernel.netdev`."""
        return self.netdevs_by_name.get(name)

    def netdev_index(self, name: str) -> int:
        """See `kernel.Kernel.netdev_index`."""
        found = self.netdevs_by_name.get(name)
        return found.index if found else 0

    def netdev_name(self, index: int) -> str:
        """See `kernel.Kernel.netdev_name`."""
        there = self.netdevs_by_name.values()
        return next((one.name for one in there if one.index == index), "")

    def netdev_names(self) -> list[str]:
        """See `kernel.Kernel.netdev_names`."""
        return list(self.netdevs_by_name)

    @property
    def cpus(self) -> int:
        """See `kernel.Kernel.cpus`."""
        return CPUS

    async def add_veth(self, name: str, peer: str, *, mtu: int) -> tuple[Netdev, Netdev]:
        """See `kernel.Kernel.add_veth`."""
        self.refuse_if_asked(f"veth {name}")
        if name in self.netdevs_by_name:
            message = f"cannot create the veth pair {name}, {peer}: {os.strerror(errno.EEXIST)}"
            raise KernelRefused(message)
        ends = [Netdev(one, next(_numbers), mtu=mtu, up=True) for one in (name, peer)]
        self.netdevs_by_name |= {end.name: end for end in ends}
        self._pairs.append((name, peer))
        return ends[0], ends[1]

    async def delete_netdev(self, name: str) -> None:
        """See `kernel.Kernel.delete_netdev`; a veth takes its peer along; tells the watcher."""
        pair = next((pair for pair in self._pairs if name in pair), (name,))
        for one in pair:
            netdev = self.netdevs_by_name.pop(one, None)
            if netdev is not None:
                self.attached = {at: p for at, p in self.attached.items() if at[0] != one}
                await self._events.put(NetdevGone(netdev.name, netdev.index))
        self.namespaces.take_away(name)

    def put_netdev(self, netdev: Netdev) -> None:
        """Let a netdev be as given, or appear, or have another name; tells the watcher."""
        for former in list(self.netdevs_by_name.values()):
            if former.index == netdev.index:
                del self.netdevs_by_name[former.name]
                hung = [at for at in self.attached if at[0] == former.name]
                for at in hung:
                    self.attached[netdev.name, at[1]] = self.attached.pop(at)
        self.netdevs_by_name[netdev.name] = netdev
        self._events.put_nowait(NetdevSeen(netdev))

    async def watch_netdevs(self) -> AsyncIterator[NetdevEvent]:
        """See `kernel.Kernel.watch_netdevs`."""
        for netdev in list(self.netdevs_by_name.values()):
            yield NetdevSeen(netdev)
        while True:
            yield await self._events.get()

    def open_ring(self, ring: Map, callback: Callable[[bytes], None]) -> MemoryRing:
        """See `kernel.Kernel.open_ring`."""
        self.refuse_if_asked(f"ring {ring.spec.name}")
        self.rings[ring.spec.name] = MemoryRing(callback)
        return self.rings[ring.spec.name]

    def send(self, ifindex: int, frame: bytes, *, mark: int = 0) -> None:
        """See `kernel.Kernel.send`."""
        self.sent.append((ifindex, frame, mark))

    async def quiesce(self) -> None:
        """See `kernel.Kernel.quiesce`; no packet is under way, but it takes its time."""
        await asyncio.sleep(GRACE_PERIOD)

    async def close(self) -> None:
        """Nothing to let go of."""
