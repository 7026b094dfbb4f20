"""What control planes say of their ports, and what operators configure in namespaces.

Both ways: `publish` sets a port's MAC and addresses in its cube's namespace, if it has one, and
tells the neighbours; what is changed in the namespace by others is told to `on_namespace`.
"""

from __future__ import annotations

import asyncio
import ipaddress
import logging
import re
from functools import partial
from typing import TYPE_CHECKING, NamedTuple
from weakref import WeakKeyDictionary

from polycube_runtime.bpf.errors import NetdevError
from polycube_runtime.core.shadow import shadownames as names
from polycube_runtime.support.errors import InvalidValue, OperationFailed, PolycubeError

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

    from polycube_runtime.bpf.kernel import Netdev
    from polycube_runtime.core.cube import Cube
    from polycube_runtime.core.polycube import Polycube
    from polycube_runtime.core.port import End, Port

_log = logging.getLogger(__name__)

RETRY_SECONDS = 1.0
"""Pause before a namespace is followed again after that failed."""
PAUSE = 0.1
"""Seconds that changes in a namespace are collected before they are looked at."""
_MAC = re.compile(r"[0-9a-f][02468ace](:[0-9a-f]{2}){5}")
_LINK_LOCAL = ipaddress.ip_network("fe80::/10")


class _State(NamedTuple):
    """The MAC and the addresses of a port."""

    mac: str
    addresses: tuple[str, ...]


class Published:
    """Keeps ports and what they are in namespaces in step; `name` says how a cube's is called."""

    def __init__(self, polycube: Polycube, name: Callable[[Cube], str]) -> None:
        """Follow nothing yet."""
        self._polycube = polycube
        self._space = polycube.kernel.namespaces
        self._name = name
        self._watchers: dict[Cube, asyncio.Task[None]] = {}
        self._lookers: dict[Cube, asyncio.Task[None]] = {}
        self._due: set[Cube] = set()
        self._seen: WeakKeyDictionary[Port, _State] = WeakKeyDictionary()
        self._configuring = asyncio.Lock()

    def begin(self, port: Port, inner: Netdev) -> None:
        """Note what a port is in its namespace: made so by us."""
        self._seen[port] = _state(inner)

    def end(self, port: Port) -> None:
        """Note that a port is in no namespace any more."""
        self._seen.pop(port, None)

    def follow(self, cube: Cube) -> None:
        """Follow what is configured in a cube's namespace."""
        self._watchers[cube] = asyncio.get_running_loop().create_task(
            self._watch(cube), name=f"namespace of {cube.name}"
        )

    def forget(self, cube: Cube) -> None:
        """Follow it no more."""
        self._due.discard(cube)
        for tasks in (self._watchers, self._lookers):
            task = tasks.pop(cube, None)
            if task is not None:
                task.cancel()

    async def release(self) -> None:
        """Follow nothing any more, and wait until that is so."""
        tasks = [*self._watchers.values(), *self._lookers.values()]
        for cube in list(self._watchers):
            self.forget(cube)
        await asyncio.gather(*tasks, return_exceptions=True)

    async def publish(self, end: End, mac: str | None, addresses: Sequence[str] | None) -> None:
        """See `CubeContext.publish`."""
        port, undo = end.port, self._polycube.inside()
        wanted = _State(
            port.mac if mac is None else _checked_mac(mac, end.path),
            port.addresses if addresses is None else _canonical(addresses, end.path),
        )
        async with self._configuring:
            before = _State(port.mac, port.addresses)
            inner = await self._inner(end)
            former = _state(inner) if inner else None
            now = wanted._replace(addresses=former.addresses) if former else wanted
            if undo is not None:
                undo.push(partial(self._restore, end, before, former))
            await self._put(end, wanted, wanted if addresses is not None else now)
        if undo is None:
            self._polycube.look_around([end.cube])
        else:
            undo.when_done(partial(self._polycube.look_around, [end.cube]))

    async def _restore(self, end: End, before: _State, there: _State | None) -> None:
        async with self._configuring:
            await self._put(end, before, there)

    async def _put(self, end: End, published: _State, there: _State | None) -> None:
        """Note what is published of a port, and have it `there` in the namespace."""
        end.port.mac, end.port.addresses = published
        inner = await self._inner(end)
        if inner is None or there is None:
            return
        try:
            await self._space.configure(self._name(end.cube), inner, there.mac, there.addresses)
        except NetdevError as error:
            raise OperationFailed(error.message, end.path) from error
        now = await self._inner(end)
        if now is not None:
            self._seen[end.port] = _state(now)

    async def _inner(self, end: End) -> Netdev | None:
        if end.port.twin is None:
            return None
        return (await self._space.netdevs(self._name(end.cube))).get(names.inner(end.port.name))

    async def _watch(self, cube: Cube) -> None:
        """Follow what is configured in a namespace."""
        while True:
            try:
                async for _ in self._space.watch(self._name(cube)):
                    self._look_soon(cube)
            except FileNotFoundError:
                _log.warning("network namespace %s disappeared", self._name(cube))
                return
            except Exception:  # noqa: BLE001 (a netlink overrun: follow on)
                _log.exception("network namespace %s cannot be followed", self._name(cube))
            await asyncio.sleep(RETRY_SECONDS)

    def _look_soon(self, cube: Cube) -> None:
        self._due.add(cube)
        if cube not in self._lookers:
            self._lookers[cube] = asyncio.get_running_loop().create_task(
                self._look_while_due(cube), name=f"look into {cube.name}"
            )

    async def _look_while_due(self, cube: Cube) -> None:
        try:
            while cube in self._due:
                await asyncio.sleep(PAUSE)  # changes come in swarms
                self._due.discard(cube)
                await self._look(cube)
        except PolycubeError as error:
            _log.warning("cannot look into the namespace of %s: %s", cube.name, error)
        finally:
            self._lookers.pop(cube, None)

    async def _look(self, cube: Cube) -> None:
        """Tell the control plane what is configured otherwise than it knows.

        Asked anew: what the event tells may be a step of our own, and superseded.
        """
        async with self._configuring:
            there = await self._space.netdevs(self._name(cube))
            for port in cube.ports.values():
                inner = there.get(names.inner(port.name))
                if port.twin is None or inner is None:
                    continue
                now = _state(inner)
                if self._seen.get(port) != now:
                    self._seen[port] = now
                    call = partial(self._tell, cube, port.name, now)
                    self._polycube.teller.tell(cube, ("namespace", port.name), call)

    async def _tell(self, cube: Cube, port: str, now: _State) -> None:
        if self._polycube.cubes.get(cube.name) is cube and port in cube.ports:
            await cube.control.on_namespace(port, now.mac, now.addresses)


def _state(netdev: Netdev) -> _State:
    """Return what can be configured of a netdev: not what the kernel gives it by itself."""
    configured = (
        one for one in netdev.addresses if ipaddress.ip_interface(one).ip not in _LINK_LOCAL
    )
    return _State(netdev.mac, tuple(sorted(configured)))


def _checked_mac(mac: str, path: str) -> str:
    if not _MAC.fullmatch(mac.lower()):
        message = f"'{mac}' is not the MAC address of one interface; expected 02:00:00:00:00:01"
        raise InvalidValue(message, path)
    return mac.lower()


def _canonical(addresses: Sequence[str], path: str) -> tuple[str, ...]:
    found = []
    for one in addresses:
        try:
            found.append(str(ipaddress.ip_interface(one)))
        except ValueError as error:
            message = f"'{one}' is not an address with its prefix length; expected 10.0.0.1/24"
            raise InvalidValue(message, path) from error
    return tuple(sorted(set(found)))
