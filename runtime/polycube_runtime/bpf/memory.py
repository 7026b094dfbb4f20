"""A kernel in memory, for unit tests without root.

Maps are dicts with the kernel's rules (fixed sizes, full hashes, arrays that always have every index); programs do not run, but
everything that was asked for is there to be looked at: `netdevs_by_name`, `attached`, `pins`, `sent`.
"""

from __future__ import annotations

import asyncio
import itertools
import os
from collections.abc import AsyncIterator, Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field

from polycube_runtime.bpf.errors import KernelRefused, NetdevError
from polycube_runtime.bpf.kernel import AttachPoint, Map, Netdev, NetdevGone, Program, TestRun
from polycube_runtime.bpf.spec import MapKind, MapSpec, ProgramSpec

_numbers = itertools.count(1000)
_ARRAYS = {MapKind.ARRAY, MapKind.PERCPU_ARRAY}


class MemoryMap:
    """A map; see `kernel.Map`."""

    def __init__(self, spec: MapSpec) -> None:
        """Start empty, or zero if it is an array."""
        self.spec = spec
        self.fd = next(_numbers)
        self.closed = False
        self.programs: dict[int, Program] = {}
        self._data: dict[bytes, bytes] = {}
        self._size = spec.value_size
        if spec.kind.per_cpu:
            self._size = (spec.value_size + 7) // 8 * 8 * (os.cpu_count() or 1)
        if spec.kind in _ARRAYS:
            self._data = {n.to_bytes(4, "little"): bytes(self._size) for n in range(spec.entries)}

    def lookup(self, key: bytes) -> bytes | None:
        """See `kernel.Map.lookup`."""
        return self._data.get(key)

    def update(self, key: bytes, value: bytes) -> None:
        """See `kernel.Map.update`."""
        if (len(key), len(value)) != (self.spec.key_size, self._size):
            message = f"map {self.spec.name}: {len(key)}+{len(value)} bytes do not fit"
            raise ValueError(message)
        if key not in self._data and len(self._data) >= self.spec.entries:
            message = f"map {self.spec.name} is full: it holds {self.spec.entries} entries"
            raise KernelRefused(message)
        self._data[key] = value

    def insert(self, key: bytes, value: bytes) -> bool:
        """See `kernel.Map.insert`."""
        if key in self._data:
            return False
        self.update(key, value)
        return True

    def delete(self, key: bytes) -> bool:
        """See `kernel.Map.delete`."""
        return self._data.pop(key, None) is not None

    def items(self) -> list[tuple[bytes, bytes]]:
        """See `kernel.Map.items`."""
        return list(self._data.items())

    def update_many(self, items: Sequence[tuple[bytes, bytes]]) -> None:
        """See `kernel.Map.update_many`."""
        for key, value in items:
            self.update(key, value)

    def delete_many(self, keys: Iterable[bytes]) -> int:
        """See `kernel.Map.delete_many`."""
        return sum(self.delete(key) for key in keys)

    def set_program(self, slot: int, program: Program | None) -> None:
        """See `kernel.Map.set_program`."""
        if program is None:
            self.programs.pop(slot, None)
        else:
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

    def run_live(self, packet: bytes) -> None:
        """Remember the packet."""
        self.live.append(packet)

    def close(self) -> None:
        """See `kernel.Program.close`."""
        self.closed = True


@dataclass(eq=False)
class MemoryAttachment:
    """A program on a netdev; see `kernel.Attachment`."""

    kernel: MemoryKernel
    where: tuple[str, AttachPoint]

    async def detach(self) -> None:
        """Take it off."""
        self.kernel.attached.pop(self.where, None)


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
        self._gone: asyncio.Queue[NetdevGone] = asyncio.Queue()

    def _maybe_refuse(self, what: str) -> None:
        """Let a test make any step fail: `refuse` gets "map NAME", "load NAME", "attach NETDEV"."""
        error = self.refuse(what)
        if error is not None:
            raise error

    def create_map(self, spec: MapSpec) -> MemoryMap:
        """See `kernel.Kernel.create_map`."""
        self._maybe_refuse(f"map {spec.name}")
        self.maps.append(MemoryMap(spec))
        return self.maps[-1]

    async def load(
        self,
        spec: ProgramSpec,
        maps: Mapping[str, Map],
        constants: Mapping[str, int] = {},  # noqa: B006 (read only)
    ) -> MemoryProgram:
        """See `kernel.Kernel.load`."""
        self._maybe_refuse(f"load {spec.name}")
        for ref in spec.maps:
            maps[ref.map]
        self.loaded.append(MemoryProgram(spec, dict(maps), dict(constants)))
        return self.loaded[-1]

    def pin(self, thing: Map | Program, path: str) -> None:
        """See `kernel.Kernel.pin`."""
        self.pins[path] = thing

    def unpin(self, path: str) -> None:
        """See `kernel.Kernel.unpin`."""
        for pin in [pin for pin in self.pins if pin == path or pin.startswith(f"{path}/")]:
            del self.pins[pin]

    async def attach(self, netdev: Netdev, point: AttachPoint, program: Program) -> MemoryAttachment:
        """See `kernel.Kernel.attach`."""
        self._maybe_refuse(f"attach {netdev.name}")
        where = (netdev.name, point)
        if where in self.attached:
            message = f"Interface {netdev.name} cannot be used: another program is already attached"
            raise NetdevError(message)
        self.attached[where] = program
        return MemoryAttachment(self, where)

    async def detach(self, ifindex: int, point: AttachPoint, pin: str) -> None:
        """See `kernel.Kernel.detach`."""
        for where, program in list(self.attached.items()):
            netdev = self.netdevs_by_name.get(where[0])
            if netdev and (netdev.index, where[1]) == (ifindex, point) and self.pins.get(pin) is program:
                del self.attached[where]

    async def netdevs(self) -> dict[str, Netdev]:
        """See `kernel.Kernel.netdevs`."""
        return dict(self.netdevs_by_name)

    async def netdev(self, name: str) -> Netdev | None:
        """See `kernel.Kernel.netdev`."""
        return self.netdevs_by_name.get(name)

    async def add_veth(self, name: str, peer: str, *, mtu: int) -> tuple[Netdev, Netdev]:
        """See `kernel.Kernel.add_veth`."""
        ends = [Netdev(one, next(_numbers), mtu=mtu, up=True) for one in (name, peer)]
        self.netdevs_by_name |= {end.name: end for end in ends}
        return ends[0], ends[1]

    async def delete_netdev(self, name: str) -> None:
        """See `kernel.Kernel.delete_netdev`; tells the watcher."""
        netdev = self.netdevs_by_name.pop(name, None)
        if netdev is not None:
            self.attached = {at: program for at, program in self.attached.items() if at[0] != name}
            await self._gone.put(NetdevGone(netdev.name, netdev.index))

    async def watch_netdevs(self) -> AsyncIterator[NetdevGone]:
        """See `kernel.Kernel.watch_netdevs`."""
        while True:
            yield await self._gone.get()

    def open_ring(self, ring: Map, callback: Callable[[bytes], None]) -> MemoryRing:
        """See `kernel.Kernel.open_ring`."""
        self.rings[ring.spec.name] = MemoryRing(callback)
        return self.rings[ring.spec.name]

    def send(self, ifindex: int, frame: bytes, *, mark: int = 0) -> None:
        """See `kernel.Kernel.send`."""
        self.sent.append((ifindex, frame, mark))

    async def close(self) -> None:
        """Nothing to let go of."""
