"""The daemon's state, and the one place that changes it.

Every change runs inside `Polycube.change()`: one at a time, all or nothing. Compilation, the slow
part, is done before that lock is taken; what is left inside are system calls. Reads take no lock.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import platform
import re
from contextvars import ContextVar
from functools import partial
from typing import TYPE_CHECKING, Any

from polycube_runtime.bpf.errors import NetdevError
from polycube_runtime.bpf.kernel import NetdevGone
from polycube_runtime.bpf.spec import Hook
from polycube_runtime.core import datalog, slowpath
from polycube_runtime.core.base import BaseNodes
from polycube_runtime.core.cube import LEVELS, Cube, service_sources
from polycube_runtime.core.dataplane import DataPlane
from polycube_runtime.core.system import MAX_CUBES, System
from polycube_runtime.core.tree import Tree
from polycube_runtime.core.undo import Undo
from polycube_runtime.core.wiring import End, Wiring, pin_name
from polycube_runtime.support.control import ControlPlane, PacketIn
from polycube_runtime.support.errors import (
    DataExists,
    DataMissing,
    InvalidValue,
    NotFound,
    OperationFailed,
)
from polycube_runtime.support.validate import Mode, validate

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Mapping

    from polycube_runtime.bpf.compiler import Compiler
    from polycube_runtime.bpf.kernel import Kernel
    from polycube_runtime.bpf.source import Source
    from polycube_runtime.core.dataplane import Loaded
    from polycube_runtime.core.port import Port

_log = logging.getLogger(__name__)

_inside: ContextVar[Undo | None] = ContextVar("_inside", default=None)
"""The transaction that the running code is, or was started, in; tasks inherit it."""
RETRY_SECONDS = 1.0
"""Pause before netdevs are followed again after that failed."""

RESERVED = frozenset(
    [
        "connect",
        "disconnect",
        "attach",
        "detach",
        "services",
        "cubes",
        "topology",
        "netdevs",
        "version",
        "metrics",
        "reload",
    ]
)
"""Words of the REST and CLI grammar, which would hide a cube of that name."""


class Polycube:
    """Services, their cubes, and how they are wired."""

    def __init__(
        self,
        kernel: Kernel,
        compiler: Compiler,
        services: Mapping[str, type[ControlPlane]],
        pins: str,
        prefix: str,
    ) -> None:
        """Hold no cube yet; `pins` is a folder in bpffs, `prefix` starts the names of netdevs."""
        self.kernel = kernel
        self.services = dict(services)
        self.cubes: dict[str, Cube] = {}
        self._compiler = compiler
        self._pins = pins
        self.system = System(kernel, f"{pins}/system", prefix, self._packet_in, self._log_line)
        self.wiring = Wiring(kernel, self.system, f"{pins}/netdevs")
        self._base = BaseNodes(self)
        self._inboxes: dict[int, slowpath.Inbox] = {}
        self._by_id: dict[int, Cube] = {}
        self._writer = asyncio.Lock()
        self._changing: Undo | None = None
        self._watcher: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to follow netdevs."""
        self._watcher = asyncio.get_running_loop().create_task(
            self._follow_netdevs(), name="netdevs"
        )

    async def close(self) -> None:
        """Delete every cube and take everything out of the kernel."""
        if self._watcher is not None:
            self._watcher.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watcher
        for cube in list(self.cubes.values()):
            try:
                await self.delete(cube)
            except Exception:  # noqa: BLE001 (whatever it was, the others must go)
                _log.exception("%s cannot be deleted", cube.name)
        await self.system.close()
        self.kernel.unpin(self._pins)
        await self._compiler.close()
        await self.kernel.close()

    @contextlib.asynccontextmanager
    async def change(self) -> AsyncIterator[Undo]:
        """Enter a transaction: alone, and rolled back if the block raises."""
        undo = Undo()
        async with self._writer:
            self._changing = undo
            _inside.set(undo)
            try:
                async with undo:
                    yield undo
            finally:
                self._changing = None

    def require(self, cube: Cube) -> None:
        """Make sure that a cube was not deleted while the transaction was waited for."""
        if self.cubes.get(cube.name) is not cube:
            message = "the cube was deleted meanwhile"
            raise DataMissing(message, cube.path)

    # Services and cubes

    def service(self, name: str) -> type[ControlPlane]:
        """Return a service's class; `NotFound` if none of that name is loaded."""
        try:
            return self.services[name]
        except KeyError:
            message = (
                f"No service found named {name}; there are: {', '.join(sorted(self.services))}"
            )
            raise NotFound(message) from None

    def cube(self, name: str, service: str | None = None) -> Cube:
        """Return a cube; `NotFound` if there is none of that name (of that service)."""
        found = self.cubes.get(name)
        if found is None or service not in (None, found.service.name):
            message = f"No cube found named {name}"
            raise NotFound(message, f"/{service}/{name}" if service else "")
        return found

    def tree(self, cube: Cube) -> Tree:
        """Return the data model of a cube."""
        return Tree(cube, self._base)

    def prepare(self, service: str, document: object) -> dict[str, Any]:
        """Validate the document of a new cube; returns it canonical, with defaults."""
        model = self.service(service).SERVICE
        name = document.get("name") if isinstance(document, dict) else None
        canonical: dict[str, Any] = validate(
            model, document, Mode.CREATE, f"/{service}/{name or ''}"
        )
        if canonical["name"] in RESERVED or canonical["name"] in self.services:
            message = f"'{name}' is a word of the interface; choose another name"
            raise InvalidValue(message, f"/{service}/{name}/name")
        named = canonical.get("service-name", service)
        if named != service:
            message = f"'{named}' is not the service addressed; expected {service} or nothing"
            raise InvalidValue(message, f"/{service}/{name}/service-name")
        canonical["service-name"] = service
        _require_kernel(model.min_kernel, service)
        return canonical

    async def warm(self, service: str, document: Mapping[str, Any]) -> None:
        """Compile what a cube of `document` needs: the transaction must not wait for clang."""
        hook = Hook.TC if document["type"] == "TC" else Hook.XDP
        for source in service_sources(self.service(service), hook, document["loglevel"]).values():
            await self._compiler.compile(source)

    async def create(self, service: str, document: dict[str, Any], undo: Undo) -> Cube:
        """Make a cube from a prepared document and configure it; ports are connected last.

        Raises:
            DataExists: a cube of that name exists, of whatever service.

        """
        await self.create_all([(service, document)], undo)
        return self.cubes[document["name"]]

    async def create_all(self, documents: Iterable[tuple[str, dict[str, Any]]], undo: Undo) -> None:
        """Make several cubes, then connect their ports, to each other too."""
        peers = []
        for service, document in documents:
            ports = document.get("ports", [])
            quiet = [{**port, "peer": ""} for port in ports]
            cube = await self._create(service, {**document, "ports": quiet}, undo)
            named = ((port["name"], port.get("peer")) for port in ports)
            peers += [(End(cube, cube.ports[port]), peer) for port, peer in named if peer]
        for end, peer in peers:
            await self.set_peer(end, peer, undo)

    async def _create(self, service: str, document: dict[str, Any], undo: Undo) -> Cube:
        name = document["name"]
        if name in self.cubes:
            message = (
                f"a cube named {name} exists already (service {self.cubes[name].service.name})"
            )
            raise DataExists(message, f"/{service}/{name}")
        cube = Cube(self, self.service(service), self._free_id(), name, document)
        await self._load(cube, undo)
        cube.control = cube.service_class(cube)
        undo.push(lambda: self._unregister(cube))
        self._register(cube)
        tree = self.tree(cube)
        await tree.update(tree.root, document, undo, complete=True)
        await cube.control.start()
        undo.push(cube.control.stop)
        return cube

    def _free_id(self) -> int:
        for number in range(1, MAX_CUBES):
            if number not in self._by_id:
                return number
        message = f"there are {MAX_CUBES - 1} cubes, which is as many as one daemon can have"
        raise OperationFailed(message)

    async def _load(self, cube: Cube, undo: Undo) -> None:
        pins = f"{self._pins}/cubes/{pin_name(cube.name)}"
        cube.dataplane = DataPlane(self.kernel, self.system, self._compiler, cube.id, pins)
        undo.push(cube.dataplane.close)
        cube.dataplane.commit(await cube.dataplane.load(cube.sources(cube.loglevel, None)))
        cube.bind_tables()
        for table in cube.tables.values():
            if table.is_array:
                table.clear()

    def _register(self, cube: Cube) -> None:
        self.cubes[cube.name] = self._by_id[cube.id] = cube
        self._inboxes[cube.id] = slowpath.Inbox(cube.control.on_packet, cube.name)
        if cube.hook is Hook.TC:
            self.system.cubes.set_program(cube.id, cube.dataplane.programs["ingress"])

    async def _unregister(self, cube: Cube) -> None:
        if cube.hook is Hook.TC:
            self.system.cubes.set_program(cube.id, await self.system.nothing(Hook.TC))
        self.cubes.pop(cube.name, None)
        self._by_id.pop(cube.id, None)
        inbox = self._inboxes.pop(cube.id, None)
        if inbox is not None:
            await inbox.close()

    async def delete(self, cube: Cube) -> None:
        """Delete a cube; ports of other cubes that were connected to it are disconnected."""
        async with self.change() as undo:
            self.require(cube)
            await self._delete(cube, undo)

    async def _delete(self, cube: Cube, undo: Undo) -> None:
        for port in cube.ports.values():
            await self.set_peer(End(cube, port), "", undo)
            self.forget_peer(End(cube, port), undo)
        try:
            await cube.control.stop()
        except Exception:  # noqa: BLE001 (a control plane's mistake must not make it immortal)
            _log.exception("%s: stop failed", cube.name)
        await self._unregister(cube)
        cube.dataplane.close()

    # Programs

    async def set_loglevel(self, cube: Cube, level: str) -> None:
        """Swap in the program that logs from `level` on, and log the control plane likewise."""
        if level != cube.loglevel:
            await self._swap(cube, cube.sources(level, cube.code))
            cube.loglevel = level
            cube.log.setLevel(LEVELS[level])

    async def reload(self, cube: Cube, code: str | None = None) -> None:
        """Replace a cube's program under traffic; a failure leaves the old one running.

        `code` is C for the ingress program; None reads the service's own file again.
        """
        for source in cube.sources(cube.loglevel, code).values():
            await self._compiler.compile(source)
        async with self.change():
            self.require(cube)
            await self._reload(cube, code)

    async def reload_own(self, cube: Cube, code: str | None) -> None:
        """As `reload`, for a control plane: its hooks run inside a transaction, the rest not."""
        if self._changing is not None and self._changing is _inside.get():
            await self._reload(cube, code)
        else:
            await self.reload(cube, code)

    async def _reload(self, cube: Cube, code: str | None) -> None:
        await self._swap(cube, cube.sources(cube.loglevel, code))
        cube.code = code

    async def _swap(self, cube: Cube, sources: Mapping[str, Source]) -> None:
        loaded = await cube.dataplane.load(sources)
        replaced = cube.dataplane.replaced_by(loaded)
        try:
            self._run(cube, loaded)
        except BaseException:
            self._run(cube, replaced)
            loaded.discard()
            raise
        replaced.discard()

    def _run(self, cube: Cube, loaded: Loaded) -> None:
        cube.dataplane.commit(loaded)
        cube.bind_tables()
        self.wiring.entry_changed(cube)

    # Ports

    async def set_peer(self, end: End, peer: str, undo: Undo) -> None:
        """Set what a port is connected to: a netdev, `cube:port`, or nothing.

        A link between two ports comes up when both name each other; until then it is half-open.

        Raises:
            NetdevError: the netdev is missing or taken, or the cubes' types do not fit.
            NotFound: the cube or port named does not exist.

        """
        before = end.port.peer
        if peer == before and (end.port.up or not peer):
            return
        far = self._far_end(end, peer) if ":" in peer else None
        undo.push(lambda: self._reconnect(end, before))
        await self._disconnect(end)
        if far is not None:
            end.port.peer = peer
            if far.port.peer == end.text:
                await self._link(end, far)
        elif peer:
            await self.wiring.use_netdev(end, peer)
            end.port.peer = peer

    async def _reconnect(self, end: End, peer: str) -> None:
        await self._disconnect(end)
        if peer:
            await self.set_peer(end, peer, Undo())

    async def _disconnect(self, end: End) -> None:
        await self.wiring.cut(end)
        end.port.peer = ""

    async def _link(self, one: End, other: End) -> None:
        if one.cube.hook is Hook.TC:
            await self.system.inject_device()  # before the link: a flood may use it at once
        self.wiring.link(one, other)

    def forget_peer(self, end: End, undo: Undo) -> None:
        """Clear what half-open ports say of a port that goes away."""
        for cube in self.cubes.values():
            for port in cube.ports.values():
                if port.peer == end.text:
                    port.peer = ""
                    undo.push(partial(setattr, port, "peer", end.text))

    def _far_end(self, end: End, peer: str) -> End:
        """Find the port that `end` may be connected to."""
        where = f"{end.cube.port_path(end.port)}/peer"
        far = self._port_named(peer, where)
        if far.port is end.port:
            message = f"'{peer}' cannot be a peer: it is this port itself"
            raise InvalidValue(message, where)
        if far.cube.hook is not end.cube.hook:
            ends = f"{end.text} ({end.cube.type}) and {far.text} ({far.cube.type})"
            message = f"{ends} have incompatible types"
            raise NetdevError(message, where)
        return far

    def _port_named(self, text: str, where: str = "") -> End:
        """Find `cube:port`."""
        name, _, port = text.partition(":")
        cube = self.cubes.get(name)
        if cube is None or port not in cube.ports:
            what = f"cube {name} has no port {port}" if cube else f"there is no cube {name}"
            message = f"'{text}' cannot be a peer: {what}"
            raise InvalidValue(message, where)
        return End(cube, cube.ports[port])

    async def connect(self, one: str, other: str, undo: Undo) -> None:
        """Connect two ends, of which at least one is a port; both must be free."""
        if ":" not in one and ":" not in other:
            message = (
                f"'{one}' and '{other}' are both network interfaces; one end must be cube:port"
            )
            raise InvalidValue(message)
        ends = [self._port_named(text) for text in (one, other) if ":" in text]
        for end in ends:
            if end.port.peer:
                message = f"port {end.text} already has a peer: {end.port.peer}"
                raise DataExists(message)
        if len(ends) == 1:
            await self.set_peer(ends[0], other if ":" in one else one, undo)
            return
        await self.set_peer(ends[0], ends[1].text, undo)
        await self.set_peer(ends[1], ends[0].text, undo)

    async def disconnect(self, one: str, other: str, undo: Undo) -> None:
        """Disconnect two ends that are connected to each other."""
        ends = [self._port_named(text) for text in (one, other) if ":" in text]
        if not ends or not any(end.port.peer in (one, other) for end in ends):
            message = f"{one} and {other} are not connected to each other"
            raise DataMissing(message)
        for end in ends:
            await self.set_peer(end, "", undo)

    # Slow path

    async def send(self, cube: Cube, port: Port, data: bytes, *, recirculate: bool) -> None:
        """Send a packet out of a port, or let it come in by it; without a peer it is dropped."""
        netdev = self.wiring.netdev_of(port)
        if netdev is not None and not recirculate:
            self.kernel.send(netdev.index, data)
            return
        target = End(cube, port) if recirculate else self.wiring.linked(port)
        if target is None:
            return
        if target.cube.hook is Hook.XDP:
            await self.wiring.run_from(target, data)
            return
        inject = await self.system.inject_device()
        mark = target.cube.id << 16 | target.port.index
        self.kernel.send(inject.tx.index, data, mark=mark)

    def _packet_in(self, raw: bytes) -> None:
        record = slowpath.decode(raw)
        cube = self._by_id.get(record.cube)
        if cube is None:
            return  # it was deleted while the packet was on its way
        port = cube.ports.name(record.port) or str(record.port)
        packet = PacketIn(
            port, record.reason, record.metadata, record.traffic_class, record.length, record.data
        )
        self._inboxes[cube.id].put(packet)

    def _log_line(self, raw: bytes) -> None:
        line = datalog.decode(raw)
        cube = self._by_id.get(line.cube)
        if cube is not None:
            cube.log.log(line.level, "%s", line.text)

    # Netdevs

    async def _follow_netdevs(self) -> None:
        while True:
            try:
                for netdev in self.wiring.used():  # what disappeared while nobody looked
                    now = await self.kernel.netdev(netdev.name)
                    if now is None or now.index != netdev.index:
                        await self._lost_netdev(NetdevGone(netdev.name, netdev.index))
                async for gone in self.kernel.watch_netdevs():
                    await self._lost_netdev(gone)
            except Exception:  # noqa: BLE001 (a netlink overrun, a failed detach: follow on)
                _log.exception("netdevs cannot be followed; starting again")
            await asyncio.sleep(RETRY_SECONDS)

    async def _lost_netdev(self, gone: NetdevGone) -> None:
        async with self.change():
            end = self.wiring.user_of(gone)
            if end is not None:
                _log.warning("netdev %s disappeared: port %s is disconnected", gone.name, end.text)
                await self._disconnect(end)


def _require_kernel(minimum: str, service: str) -> None:
    have = tuple(map(int, re.findall(r"\d+", platform.release())[:3]))
    need = tuple(map(int, re.findall(r"\d+", minimum)[:3]))
    if have < need:
        message = f"{service} needs Linux {minimum} or later; this is {platform.release()}"
        raise OperationFailed(message)
