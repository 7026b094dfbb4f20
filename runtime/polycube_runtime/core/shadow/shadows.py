"""Shadows: cubes with a network namespace of their own, where Linux's stack has their ports.

For each port P there is a veth pair: P in the namespace, its *twin* out here. What the stack sends
by P leaves the cube by that port, through its egress program and chain; what the data plane sends
to the namespace comes in there by P. Whose a namespace is, and a pair, says its mark.

All of it outlives the daemon, with what the operator configured in there; the next one goes on with
it.
"""

from __future__ import annotations

import logging
from functools import partial
from typing import TYPE_CHECKING

from polycube_runtime.bpf.errors import NetdevError
from polycube_runtime.core.network.paths import NetdevUse
from polycube_runtime.core.port import End
from polycube_runtime.core.shadow import shadownames as names
from polycube_runtime.core.shadow.published import Published
from polycube_runtime.support.errors import DataExists

if TYPE_CHECKING:
    from polycube_runtime.bpf.kernel import Netdev, NetdevGone
    from polycube_runtime.core.cube import Cube
    from polycube_runtime.core.durable.undo import Undo
    from polycube_runtime.core.polycube import Polycube

_log = logging.getLogger(__name__)


class Shadows:
    """The namespaces of a daemon's cubes."""

    def __init__(self, polycube: Polycube, instance: str) -> None:
        """Have none; `instance` is the daemon's name."""
        self._polycube = polycube
        self._space = polycube.kernel.namespaces
        self._instance = instance
        self._owners: dict[str, Cube] = {}
        self._going: dict[str, Netdev] = {}
        self.published = Published(polycube, self.name)

    def name(self, cube: Cube) -> str:
        """Return the name of a cube's namespace."""
        return names.namespace(self._instance, cube.name)

    # The namespace

    async def open(self, cube: Cube, undo: Undo) -> None:
        """Give a cube its namespace: an earlier daemon's as it is, or a new one.

        Raises:
            NetdevError: a namespace of that name is there, and not the cube's.
            KernelRefused: this process may not make namespaces.

        """
        if not cube.shadow:
            return
        name, mark = self.name(cube), names.mark(self._instance, cube.uuid)
        if name in self._owners:
            message = (
                f"its network namespace {name} is in use until the cube of that name is deleted;"
                " delete that in a request of its own first"
            )
            raise DataExists(message, cube.path)
        found = await self._space.mark(name)
        if found is not None and found != mark:
            if not names.is_ours(found, self._instance):
                message = (
                    f"the network namespace {name} exists, and this daemon did not make it; "
                    f"delete it (ip netns del {name}), or choose another name for the cube"
                )
                raise NetdevError(message, cube.path)
            await self._space.delete(name)  # a daemon was killed as it deleted it
            found = None
        if found is None:
            await self._space.add(name, mark)
            undo.push(lambda: self._space.delete(name))
        self._owners[name] = cube
        undo.push(lambda: self._forget(cube))
        self.published.follow(cube)

    def _forget(self, cube: Cube) -> None:
        """Let go of a namespace; it stays."""
        self._owners.pop(self.name(cube), None)
        self.published.forget(cube)

    async def close(self, cube: Cube) -> None:
        """Take the namespace of a cube that is deleted out of the kernel."""
        if not cube.shadow:
            return
        for port in cube.ports.values():
            twin, port.twin = port.twin, None
            if twin is not None:
                await self._polycube.wiring.lost(NetdevUse(twin.name, twin))
                await self._polycube.kernel.delete_netdev(twin.name)
        self._forget(cube)
        await self._space.delete(self.name(cube))

    async def release(self) -> None:
        """End this process's part; what is in the kernel stays."""
        self._owners.clear()
        await self.published.release()

    async def cleanse(self) -> None:
        """Remove what an earlier daemon left of cubes and ports that it was about to delete."""
        kept = {names.namespace(self._instance, name) for name in self._polycube.unrestored}
        spared = {await self._space.mark(name) for name in kept}
        used = {
            port.twin.index
            for cube in self._owners.values()
            for port in cube.ports.values()
            if port.twin
        }
        for netdev in (await self._polycube.kernel.netdevs()).values():
            ours = names.is_ours(netdev.alias, self._instance) and netdev.index not in used
            if ours and names.owner(netdev.alias) not in spared:
                await self._polycube.kernel.delete_netdev(netdev.name)
        for name in self._space.names():
            if not names.is_namespace(name) or name in {*kept, *self._owners}:
                continue
            if names.is_ours(await self._space.mark(name) or "", self._instance):
                await self._space.delete(name)

    # Ports

    async def add_port(self, end: End, undo: Undo) -> None:
        """Give a port of a shadow its twin; an earlier one's, if there is one."""
        if not end.cube.shadow:
            return
        here = names.outer(self._instance, end.cube.name, end.port.name)
        twin: Netdev | None
        if (twin := self._going.pop(here, None)) is not None:  # removed in the same transaction
            undo.push(partial(self._going.__setitem__, here, twin))
        elif (twin := await self._former(end, here)) is None:
            twin = await self._make(end, here)
            undo.push(lambda: self._polycube.kernel.delete_netdev(here))
        undo.push(lambda: self._part(end))
        end.port.twin = twin
        await self._polycube.wiring.settle(end)

    async def _make(self, end: End, here: str) -> Netdev:
        cube, inner = end.cube, names.inner(end.port.name)
        mark = names.port_mark(self._instance, cube.uuid, end.port.name)
        try:
            made, there = await self._space.add_pair(
                self.name(cube), inner, here, mark, xdp=cube.type != "TC"
            )
        except NetdevError as error:
            raise NetdevError(error.message, end.path) from error
        self.published.begin(end.port, there)
        return made

    async def _former(self, end: End, here: str) -> Netdev | None:
        """Find the pair that an earlier daemon made for the port."""
        if await self._polycube.kernel.netdev(here) is None:
            return None  # as in most cases: the next question takes long
        found = (await self._polycube.kernel.netdevs()).get(here)
        mark = names.port_mark(self._instance, end.cube.uuid, end.port.name)
        if found is None or found.alias != mark:
            return None
        if names.inner(end.port.name) in await self._space.netdevs(self.name(end.cube)):
            return found
        await self._polycube.kernel.delete_netdev(here)
        return None

    async def remove_port(self, end: End, undo: Undo) -> None:
        """Part a port from its twin; the pair goes when that is committed."""
        twin = end.port.twin
        if twin is None:
            return
        undo.push(partial(self._join, end, twin))
        await self._part(end)
        self._going[twin.name] = twin
        undo.when_done(lambda: self._delete(twin.name))

    async def _join(self, end: End, twin: Netdev) -> None:
        self._going.pop(twin.name, None)
        end.port.twin = twin
        await self._polycube.wiring.settle(end)

    async def _part(self, end: End) -> None:
        twin, end.port.twin = end.port.twin, None
        self.published.end(end.port)
        if twin is not None:
            await self._polycube.wiring.lost(NetdevUse(twin.name, twin))
        await self._polycube.wiring.settle(end)

    async def _delete(self, here: str) -> None:
        if self._going.pop(here, None) is not None:
            await self._polycube.kernel.delete_netdev(here)

    async def lost(self, gone: NetdevGone) -> None:
        """Note that a twin is gone: somebody deleted the pair, or the namespace."""
        for cube in list(self._owners.values()):
            for port in cube.ports.values():
                if port.twin is not None and port.twin.index == gone.index:
                    text = f"{cube.name}:{port.name}"
                    _log.warning("%s, the twin of port %s, disappeared", gone.name, text)
                    async with self._polycube.change():
                        await self._part(End(cube, port))
