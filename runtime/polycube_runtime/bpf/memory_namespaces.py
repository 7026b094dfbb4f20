"""Network namespaces in memory, for unit tests without root."""

from __future__ import annotations

import asyncio
import errno
import itertools
import os
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

import msgspec

from polycube_runtime.bpf.errors import KernelRefused
from polycube_runtime.bpf.kernel import Netdev, NetdevEvent, NetdevGone, NetdevSeen

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Sequence

    from polycube_runtime.bpf.memory import MemoryKernel

_numbers = itertools.count(5000)


@dataclass
class MemoryNamespace:
    """A namespace: its mark, its netdevs, and what the watcher is yet to hear."""

    mark: str
    netdevs: dict[str, Netdev] = field(default_factory=dict)
    events: asyncio.Queue[NetdevEvent] = field(default_factory=asyncio.Queue)


class MemoryNamespaces:
    """See `kernel.Namespaces`; `by_name` and `pairs` (ours to namespace and inner) tell it all."""

    def __init__(self, kernel: MemoryKernel) -> None:
        """Have none."""
        self._kernel = kernel
        self.by_name: dict[str, MemoryNamespace] = {}
        self.pairs: dict[str, tuple[str, str]] = {}

    def names(self) -> list[str]:
        """See `kernel.Namespaces.names`."""
        return sorted(self.by_name)

    async def mark(self, name: str) -> str | None:
        """See `kernel.Namespaces.mark`."""
        found = self.by_name.get(name)
        return found.mark if found else None

    async def add(self, name: str, mark: str) -> None:
        """See `kernel.Namespaces.add`."""
        self._kernel.refuse_if_asked(f"namespace {name}")
        if name in self.by_name:
            message = f"cannot create the network namespace {name}: {os.strerror(errno.EEXIST)}"
            raise KernelRefused(message)
        self.by_name[name] = MemoryNamespace(mark)

    async def delete(self, name: str) -> None:
        """See `kernel.Namespaces.delete`; the pairs into it go, too."""
        self.by_name.pop(name, None)
        for here, (namespace, _) in list(self.pairs.items()):
            if namespace == name:
                await self._kernel.delete_netdev(here)

    async def add_pair(
        self, name: str, inner: str, here: str, mark: str, *, xdp: bool
    ) -> tuple[Netdev, Netdev]:
        """See `kernel.Namespaces.add_pair`."""
        self._kernel.refuse_if_asked(f"veth {here}")
        namespace = self.by_name.get(name)
        if namespace is None or here in self._kernel.netdevs_by_name or inner in namespace.netdevs:
            message = f"cannot create the veth pair {here}, {inner} ({xdp=})"
            raise KernelRefused(message)
        number = next(_numbers)
        made = Netdev(here, number, mtu=1500, up=True, alias=mark)
        self._kernel.put_netdev(made)
        self.pairs[here] = (name, inner)
        mac = f"02:00:00:00:{number >> 8:02x}:{number & 255:02x}"
        there = Netdev(inner, next(_numbers), mac=mac, mtu=1500, up=True)
        self.put(name, there)
        return made, there

    async def netdevs(self, name: str) -> dict[str, Netdev]:
        """See `kernel.Namespaces.netdevs`."""
        found = self.by_name.get(name)
        return dict(found.netdevs) if found else {}

    async def configure(
        self, name: str, netdev: Netdev, mac: str, addresses: Sequence[str]
    ) -> None:
        """See `kernel.Namespaces.configure`."""
        self._kernel.refuse_if_asked(f"configure {netdev.name}")
        now = msgspec.structs.replace(netdev, mac=mac or netdev.mac, addresses=tuple(addresses))
        self.put(name, now)

    async def watch(self, name: str) -> AsyncIterator[NetdevEvent]:
        """See `kernel.Namespaces.watch`."""
        found = self.by_name[name]
        for netdev in list(found.netdevs.values()):
            yield NetdevSeen(netdev)
        while True:
            yield await found.events.get()

    def put(self, name: str, netdev: Netdev) -> None:
        """Let a netdev in a namespace be as given; tells the watcher."""
        namespace = self.by_name[name]
        namespace.netdevs[netdev.name] = netdev
        namespace.events.put_nowait(NetdevSeen(netdev))

    def take_away(self, here: str) -> None:
        """Let the inner end of a pair go with ours."""
        name, inner = self.pairs.pop(here, ("", ""))
        namespace = self.by_name.get(name)
        gone = namespace.netdevs.pop(inner, None) if namespace else None
        if namespace and gone:
            namespace.events.put_nowait(NetdevGone(gone.name, gone.index))
