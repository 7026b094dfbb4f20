"""Netdevs that come and go, are renamed, set up and down.

- one that goes leaves its port without a peer, and detaches what was attached to it
- one that comes is connected, if it is waited for since a restart
- one that is renamed keeps its port and its chain: the configuration names it anew
- one that is down takes the status of its port along
"""

from __future__ import annotations

import asyncio
import logging
from functools import partial
from typing import TYPE_CHECKING

from polycube_runtime.bpf.kernel import Netdev, NetdevEvent, NetdevGone, NetdevSeen
from polycube_runtime.core.durable.transaction import note_cube, note_port
from polycube_runtime.support.errors import PolycubeError

if TYPE_CHECKING:
    from collections.abc import Callable

    from polycube_runtime.core.durable.undo import Undo
    from polycube_runtime.core.network.paths import NetdevUse
    from polycube_runtime.core.polycube import Polycube

_log = logging.getLogger(__name__)

RETRY_SECONDS = 1.0
"""Pause before netdevs are followed again after that failed."""


class Netdevs:
    """Follows the netdevs of the host; `known` are those that are there, by index."""

    def __init__(self, polycube: Polycube) -> None:
        """Follow those that matter to `polycube`."""
        self._polycube = polycube
        self.known: dict[int, Netdev] = {}
        self.observers: list[Callable[[NetdevEvent], None]] = []
        self._refused: dict[str, asyncio.Task[None]] = {}

    async def follow(self) -> None:
        """Follow them for ever."""
        while True:
            try:
                await self._follow()
            except Exception:  # noqa: BLE001 (a netlink overrun, a failed detach: follow on)
                _log.exception("netdevs cannot be followed; starting again")
            await asyncio.sleep(RETRY_SECONDS)

    async def _follow(self) -> None:
        looked = False
        async for event in self._polycube.kernel.watch_netdevs():
            if not looked:  # from here on nothing is missed
                await self._look_for_lost()
                looked = True
            try:
                await self._heard(event)
            finally:
                self._tell(event)

    async def _heard(self, event: NetdevEvent) -> None:
        match event:
            case NetdevGone():
                self.known.pop(event.index, None)
                try:
                    await self._polycube.device_maps.lost(event)
                finally:  # whatever became of the maps, nothing is connected to it any more
                    await self._lost(event)
            case NetdevSeen(netdev):
                before = self.known.get(netdev.index)
                self.known[netdev.index] = netdev
                if before is not None and before.name != netdev.name:
                    maps = self._polycube.device_maps
                    await maps.renamed(netdev.index, before.name, netdev.name)
                await self._seen(netdev)

    def _tell(self, event: NetdevEvent) -> None:
        for observer in list(self.observers):
            try:
                observer(event)
            except Exception:  # noqa: BLE001 (who watches cannot hinder what happens)
                _log.exception("an observer of netdevs failed")

    def stop(self) -> None:
        """Try nothing again."""
        for task in self._refused.values():
            task.cancel()
        self._refused.clear()

    async def _look_for_lost(self) -> None:
        """Find out what disappeared while nobody looked."""
        await self._look_for_inject_device()
        there = {netdev.index for netdev in (await self._polycube.kernel.netdevs()).values()}
        for index in self._polycube.device_maps.named() - there:
            name = self.known[index].name if index in self.known else f"number {index}"
            await self._polycube.device_maps.lost(NetdevGone(name, index))
        for netdev in self._polycube.wiring.used():
            if netdev.index not in there:  # under another name it is not lost, but renamed
                self.known.pop(netdev.index, None)
                await self._lost(NetdevGone(netdev.name, netdev.index))

    # Gone

    async def _look_for_inject_device(self) -> None:
        """Make the inject device anew if it is gone and needed."""
        polycube = self._polycube
        try:
            async with polycube.change():
                if await polycube.system.lost_inject_device():
                    _log.warning("the inject device disappeared; it is made anew if cubes need it")
                    await polycube.wiring.renew_inject_device()
        except PolycubeError as error:  # it is asked for again by the next port that needs it
            _log.error("floods between cubes are interrupted: %s", error)

    async def _lost(self, gone: NetdevGone) -> None:
        polycube = self._polycube
        if gone.index in polycube.system.inject_indices:
            await self._look_for_inject_device()
        await polycube.shadows.lost(gone)
        async with polycube.change() as undo:
            use = polycube.wiring.user_of(gone.index)
            if use is None:
                return
            await polycube.wiring.lost(use)
            await self._drop(use, f"netdev {gone.name} disappeared", undo)
        polycube.look_around()

    async def _drop(self, use: NetdevUse, why: str, undo: Undo) -> None:
        """Disconnect the port of a netdev that is not there, and detach what is attached to it."""
        if use.end is not None:
            _log.warning("%s: port %s is disconnected", why, use.end.text)
            await self._polycube.peers.lose(use.end, undo)
        for cube in list(use.chain):
            _log.warning("%s: cube %s is detached", why, cube.name)
        self._polycube.chains.forget(use, undo)
        await self._polycube.wiring.settle(use)

    # There

    async def _seen(self, netdev: Netdev) -> None:
        wiring = self._polycube.wiring
        use = wiring.user_of(netdev.index)
        if use is None:
            awaited = wiring.netdevs.get(netdev.name)
            if awaited is None or awaited.netdev is not None:
                return
            await self._appeared(netdev)
        elif use.name != netdev.name:
            await self._renamed(netdev)
        use = wiring.user_of(netdev.index)
        if use is not None:
            use.netdev = netdev
            if use.end is not None:
                use.end.port.up = wiring.is_up(use.end)
        self._polycube.look_around()

    async def _appeared(self, netdev: Netdev) -> None:
        """Connect a netdev that is waited for."""
        polycube = self._polycube
        try:
            async with polycube.change() as undo:
                use = polycube.wiring.netdevs.get(netdev.name)
                there = await polycube.kernel.netdev(netdev.name)
                if use is None or use.netdev is not None or there is None:
                    return  # all of that may have changed meanwhile
                undo.push(partial(self._leave, use))
                use.netdev = await polycube.wiring.find(netdev.name, use.path)
                polycube.chains.come_home(use)
                await polycube.wiring.settle(use)
        except PolycubeError as error:
            if netdev.name not in self._refused:
                _log.error("netdev %s appeared, but cannot be used: %s", netdev.name, error)
            self._refused[netdev.name] = asyncio.get_running_loop().create_task(
                self._try_again(netdev)
            )
            return
        self._refused.pop(netdev.name, None)
        if use.end is not None:
            _log.info("netdev %s appeared: port %s is connected", netdev.name, use.end.text)
        for cube in use.chain:
            _log.info("netdev %s appeared: cube %s is attached", netdev.name, cube.name)

    async def _leave(self, use: NetdevUse) -> None:
        await self._polycube.wiring.lost(use)
        self._polycube.chains.come_home(use)
        await self._polycube.wiring.settle(use)

    async def _try_again(self, netdev: Netdev) -> None:
        """Connect a netdev that could not be used, as soon as it can."""
        await asyncio.sleep(RETRY_SECONDS)
        if netdev.index in self.known:
            await self._seen(self.known[netdev.index])

    async def _renamed(self, netdev: Netdev) -> None:
        """Go on with a netdev under its new name."""
        polycube, new = self._polycube, netdev.name
        async with polycube.change() as undo:
            use, taken = polycube.wiring.user_of(netdev.index), polycube.wiring.netdevs.get(new)
            if use is None or use.name == new:
                return
            if taken is not None:  # the port that waited for this name: it has another now
                await self._drop(taken, f"netdev {use.name} is called {new} now", undo)
            old = use.name
            _log.warning("netdev %s is called %s now", old, new)
            undo.push(lambda: self._call(use, old))
            self._call(use, new)
            if use.end is not None:
                note_port(undo, use.end, "peer", old, new)
            for cube in use.chain:
                note_cube(undo, cube, "parent", old, new)
            if use.chain or new in polycube.wiring.left:
                undo.netdevs |= {old: None, new: None}

    def _call(self, use: NetdevUse, name: str) -> None:
        uses = self._polycube.wiring.netdevs
        if uses.get(use.name) is use:
            del uses[use.name]
        uses[name] = use
        self._polycube.wiring.left.rename(use.name, name)
        use.name = name
        if use.end is not None:
            use.end.port.peer = name
        for cube in use.chain:
            cube.parent = name
