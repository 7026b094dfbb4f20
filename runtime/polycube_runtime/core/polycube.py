"""The daemon's state, and the one place that changes it.

Every change runs inside `Polycube.change()`: one at a time, all or nothing. Compilation, the slow
part, is done before that lock is taken; what is left inside are system calls. Reads take no lock.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
from contextvars import ContextVar
from typing import TYPE_CHECKING, Any

from polycube_runtime.bpf.spec import Hook
from polycube_runtime.core.cube import Cube, service_sources
from polycube_runtime.core.durable.commits import Commits
from polycube_runtime.core.durable.earlier import Earlier
from polycube_runtime.core.durable.transaction import Touch, concerns_ports
from polycube_runtime.core.durable.undo import Undo
from polycube_runtime.core.durable.unrestored import Unrestored
from polycube_runtime.core.loading.dataplane import DataPlane
from polycube_runtime.core.loading.pipelines import Pipelines
from polycube_runtime.core.loading.system import MAX_CUBES, System
from polycube_runtime.core.model.base import BaseNodes
from polycube_runtime.core.model.own import OwnChanges
from polycube_runtime.core.model.place import cube_path
from polycube_runtime.core.model.preparing import prepared
from polycube_runtime.core.model.tree import Tree
from polycube_runtime.core.network.chains import Chains
from polycube_runtime.core.network.devices import DeviceMaps, Devices
from polycube_runtime.core.network.grace import Grace
from polycube_runtime.core.network.neighbours import Neighbours
from polycube_runtime.core.network.netdevs import Netdevs
from polycube_runtime.core.network.peers import Peers
from polycube_runtime.core.network.post import Post
from polycube_runtime.core.network.statuses import Statuses
from polycube_runtime.core.network.teller import Teller
from polycube_runtime.core.network.wiring import Wiring
from polycube_runtime.core.observed.meters import Meters
from polycube_runtime.core.port import End
from polycube_runtime.core.services import Services
from polycube_runtime.core.shadow.shadows import Shadows
from polycube_runtime.core.slow.emitted import Emitted
from polycube_runtime.core.slow.notifying import Notifying
from polycube_runtime.core.slow.slowpath import SlowPath
from polycube_runtime.support.errors import (
    DataExists,
    DataMissing,
    NotFound,
    OperationFailed,
)

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Iterable, Mapping

    from polycube_runtime.bpf.compiler import Compiler, Counts
    from polycube_runtime.bpf.kernel import Kernel
    from polycube_runtime.core.durable.rows import Identity
    from polycube_runtime.core.durable.unrestored import Kept
    from polycube_runtime.support.control import ControlPlane

_log = logging.getLogger(__name__)

_inside: ContextVar[Undo | None] = ContextVar("_inside", default=None)
"""The transaction that the running code is, or was started, in; tasks inherit it."""
STOP_SECONDS = 5.0
"""What a control plane may take to stop."""
DIRECTIONS = ("ingress", "egress")
"""What a transparent cube has in place of ports, as POLYCUBE_PROGRAM_TYPE counts them."""


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
        self.services = Services(services)
        self.cubes: dict[str, Cube] = {}
        self._compiler = compiler
        self._pins = pins
        self.slow = SlowPath(lambda: self.system.maps(Hook.TC))
        self.system = System(kernel, f"{pins}/system", prefix, self.slow.packet, self.slow.log_line)
        self.grace = Grace(kernel)
        self.wiring = Wiring(kernel, self.system, self.grace, self.cubes, f"{pins}/netdevs")
        self.peers = Peers(self.cubes, self.wiring)
        self.chains = Chains(self.cubes, self.peers, self.wiring, self.system)
        self.pipelines = Pipelines(self, compiler)
        self.post = Post(kernel, self.system, self.wiring)
        self.statuses = Statuses(self.cubes)
        self.states = self.statuses.observers
        self.teller = Teller()
        self.devices = Devices(kernel)
        self.device_maps = DeviceMaps(self)
        self.netdevs = Netdevs(self)
        self.neighbours = Neighbours(self.cubes, self.wiring, self.netdevs.known, self.teller)
        self.shadows = Shadows(self, prefix)
        self._base = BaseNodes(self)
        self._by_id: dict[int, Cube] = {}
        self.commits = Commits(self)
        self.unrestored = Unrestored()
        self.own = OwnChanges(self)
        self.notifying = Notifying(self)
        self.emitted = Emitted(kernel, self.notifying)
        self.observers = self.commits.observers
        self.netdev_observers = self.netdevs.observers
        self.meters = Meters()
        self._writer = asyncio.Lock()
        self._changing: Undo | None = None
        self.earlier = Earlier(self, pins, self._by_id)
        self._watcher: asyncio.Task[None] | None = None

    async def start(self) -> None:
        """Begin to follow netdevs."""
        self._watcher = asyncio.get_running_loop().create_task(
            self.netdevs.follow(), name="netdevs"
        )

    async def release(self) -> None:
        """End this process's part; in the kernel everything goes on."""
        await self._stop_watching()
        await self.commits.close()
        for cube in self.cubes.values():
            await self._stop(cube)
            self._silence(cube)
        await self.shadows.release()
        await self._end()

    async def close(self) -> None:
        """Take everything out of the kernel; what is in the journal stays there."""
        await self._stop_watching()
        await self.commits.close()
        for cube in list(self.cubes.values()):
            try:
                await self.delete(cube)
            except Exception:  # noqa: BLE001 (whatever it was, the others must go)
                _log.exception("%s cannot be deleted", cube.name)
        try:
            await self.wiring.close()
        except Exception:  # noqa: BLE001 (likewise)
            _log.exception("something still hangs on a netdev")
        await self.grace.close()
        await self.system.close()
        self.kernel.unpin(self._pins)
        await self._end()

    async def _stop_watching(self) -> None:
        self.netdevs.stop()
        if self._watcher is not None:
            self._watcher.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._watcher

    async def _stop(self, cube: Cube) -> None:
        try:
            async with asyncio.timeout(STOP_SECONDS) as limit:
                await cube.control.stop()
        except Exception:  # noqa: BLE001 (a control plane's mistake must not make it immortal)
            if limit.expired():  # whoever wants to change anything waits for this
                _log.error("%s: stop is given up after %g s", cube.name, STOP_SECONDS)
            else:
                _log.exception("%s: stop failed", cube.name)

    async def _end(self) -> None:
        await self.grace.close()
        self.system.stop_reading()
        await self._compiler.close()
        await self.kernel.close()

    @contextlib.asynccontextmanager
    async def change(self, *, dry_run: bool = False) -> AsyncIterator[Undo]:
        """Enter a transaction: alone, and rolled back if the block raises.

        What it did is durable when this is left, and `observers` are told. A `dry_run` is rolled
        back in any case; its `records` remain.
        """
        undo = Undo()
        async with self._writer:
            self._changing = undo
            _inside.set(undo)
            try:
                async with undo:
                    yield undo
                    if dry_run:
                        await undo.roll_back()
                    else:
                        await self.commits.commit(undo)
                        if any(concerns_ports(record.path) for record in undo.records):
                            self.look_around(dict.fromkeys(touch.cube for touch in undo.touched))
            except BaseException:
                self.meters.rolled_back += 1
                raise
            else:
                self.meters.rolled_back += dry_run
                self.meters.committed += bool(undo.records) and not dry_run
            finally:
                self._changing = None

    def look_around(self, changed: Iterable[Cube] | None = None) -> None:
        """Tell whoever wants to know which ports are up, and cubes of their neighbours.

        If only cubes in `changed` are different, so much the quicker.
        """
        cubes = None if changed is None else self.peers.around(changed)
        self.statuses.look(cubes)
        self.neighbours.look(cubes)

    def inside(self) -> Undo | None:
        """Return the transaction that the running code is in, if it is in one."""
        return self._changing if self._changing is _inside.get() else None

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
            raise NotFound(message, cube_path(service, name) if service else "")
        return found

    def tree(self, cube: Cube) -> Tree:
        """Return the data model of a cube."""
        return Tree(cube, self._base)

    def prepare(self, service: str, document: object) -> dict[str, Any]:
        """Validate the document of a new cube; returns it canonical, with defaults."""
        return prepared(self.service(service).SERVICE, document, self.services)

    async def warm(self, service: str, document: Mapping[str, Any]) -> None:
        """Compile what a cube of `document` needs: the transaction must not wait for clang."""
        hook = Hook.TC if document["type"] == "TC" else Hook.XDP
        sources = service_sources(
            self.service(service),
            hook,
            document["loglevel"],
            shadow=document.get("shadow", False),
            span=document.get("span", False),
        )
        for source in sources.values():
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
        chains, peers = [], []
        for service, document in documents:
            ports = document.get("ports", [])
            bare = [{**port, "peer": "", "tcubes": []} for port in ports]
            cube = await self._create(service, {**document, "ports": bare}, undo)
            undo.record("create", cube.name, cube.path, None, document)
            ends = [(End(cube, cube.ports[port["name"]]), port) for port in ports]
            chains += [(end, port["tcubes"]) for end, port in ends if port.get("tcubes")]
            peers += [(end, port["peer"]) for end, port in ends if port.get("peer")]
        with undo.quiet():  # it is in the records of the cubes
            for end, names in chains:
                await self.chains.arrange(end.text, names, undo)
            for end, peer in peers:
                await self.peers.set(end, peer, undo)

    async def recreate(
        self, service: str, document: dict[str, Any], kept: Identity, undo: Undo
    ) -> Cube:
        """Make a cube that was there before a restart again, without peers and chains."""
        return await self._create(service, document, undo, kept)

    async def _create(
        self, service: str, document: dict[str, Any], undo: Undo, kept: Identity | None = None
    ) -> Cube:
        name = document["name"]
        self.unrestored.refuse(name)
        if name in self.cubes:
            message = (
                f"a cube named {name} exists already (service {self.cubes[name].service.name})"
            )
            raise DataExists(message, cube_path(service, name))
        number = kept.id if kept else self._free_id()
        cube = Cube(self, self.service(service), number, name, document)
        if kept is not None:
            cube.uuid, cube.version, cube.ports.kept = kept.uuid, kept.version, dict(kept.ports)
            cube.explicit = kept.explicit
        adopted = await self._load(cube, undo, kept)
        cube.control = cube.service_class(cube)
        undo.push(lambda: self._forget(cube) if adopted else self._unregister(cube))
        await self._register(cube)
        await self.shadows.open(cube, undo)
        tree = self.tree(cube)
        undo.touch(Touch(cube, ""))
        with undo.quiet():
            if adopted:
                ports = {"ports": document["ports"]} if "ports" in document else {}
                await tree.update(tree.root, ports, undo, complete=True)
                await tree.replace(tree.root, document, undo)
            else:
                await tree.update(tree.root, document, undo, complete=True)
            await cube.control.start()
        self.slow.begin(cube)
        self.emitted.follow(cube)
        undo.push(lambda: self._stop(cube))
        return cube

    def _free_id(self) -> int:
        for number in range(1, MAX_CUBES):
            if number not in self._by_id and number not in self.unrestored.ids:
                return number
        message = f"there are {MAX_CUBES - 1} cubes, which is as many as one daemon can have"
        raise OperationFailed(message)

    async def _load(self, cube: Cube, undo: Undo, kept: Identity | None) -> bool:
        """Give a cube its data plane; says whether it goes on with that of an earlier daemon."""
        pins = self.earlier.pins(cube.name, cube.id)
        layouts = cube.layouts(kept.layouts if kept else {})
        cube.dataplane = DataPlane(
            self.kernel, self.system, self._compiler, cube.id, cube.hook, pins, layouts
        )
        former = cube.dataplane.inherit() if kept else None
        undo.push(cube.dataplane.release if former else cube.dataplane.close)
        loaded = await cube.dataplane.load(cube.sources(cube.loglevel, {}))
        if former is not None:
            self.wiring.adopt(cube)
            self.earlier.leave(former.less(loaded))
            await self.commits.keep_layouts(cube, loaded)
        cube.dataplane.commit(loaded)
        cube.bind_tables()
        cube.begin(loaded.carried, former.maps.values() if former else ())
        return former is not None

    async def _register(self, cube: Cube) -> None:
        self.cubes[cube.name] = self._by_id[cube.id] = cube
        self.slow.open(cube)
        await self.system.enter(cube.id, cube.hook, cube.dataplane.programs)

    async def _unregister(self, cube: Cube) -> None:
        await self.system.enter(cube.id, cube.hook, {})
        await self._forget(cube)

    async def _forget(self, cube: Cube) -> None:
        self.wiring.forget(cube)
        if self.cubes.get(cube.name) is cube:
            del self.cubes[cube.name]
        self._by_id.pop(cube.id, None)
        self._silence(cube)

    def _silence(self, cube: Cube) -> None:
        """Have nothing come from a cube, nor go to its control plane, any more."""
        cube.timers.close()
        self.slow.close(cube)
        self.emitted.close(cube)
        self.teller.forget(cube)

    async def delete(self, cube: Cube) -> None:
        """Delete a cube; ports of other cubes that were connected to it are disconnected."""
        async with self.change() as undo:
            self.require(cube)
            await self.remove(cube, undo)

    async def forget(self, kept: Kept) -> None:
        """Delete a cube that is in the journal only, as it could not be restored."""
        async with self.change() as undo:
            undo.forgotten.append(kept.id)
            undo.when_done(lambda: self.unrestored.pop(kept.name, None))
            self.wiring.left.give_up(kept.name, undo)
        self.look_around()

    async def remove(self, cube: Cube, undo: Undo) -> None:
        """As `delete`, in a transaction; the cube's own end waits until that is committed."""
        tree = self.tree(cube)
        config = await tree.read(tree.root, config=True)
        if cube.parent:
            await self.chains.detach(cube, "", undo)
        for end in [End(cube, port) for port in cube.ports.values()]:
            await self.chains.arrange(end.text, [], undo)
            with undo.quiet():
                await self.peers.set(end, "", undo)
            self.peers.forget(end, undo)
        undo.record("delete", cube.name, cube.path, {"name": cube.name, **config}, None)
        undo.touch(Touch(cube, "", gone=True))
        order = list(self.cubes)
        undo.push(lambda: self._put_back(cube, order))
        del self.cubes[cube.name]
        undo.push(lambda: self.system.enter(cube.id, cube.hook, cube.dataplane.programs))
        await self.system.enter(cube.id, cube.hook, {})
        undo.when_done(lambda: self._dispose(cube))

    def _put_back(self, cube: Cube, order: list[str]) -> None:
        there = {**self.cubes, cube.name: cube}
        self.cubes.clear()
        self.cubes.update({name: there[name] for name in order if name in there})

    async def _dispose(self, cube: Cube) -> None:
        await self._stop(cube)
        await self.shadows.close(cube)
        await self._forget(cube)
        cube.dataplane.unpin()
        self.grace.after(cube.dataplane.close)

    # Programs

    async def reload(self, cube: Cube, *, dry_run: bool = False) -> None:
        """Replace a cube's programs under traffic; a failure leaves the old ones running.

        With `dry_run` they are only compiled.
        """
        await self.pipelines.reload(cube, dry_run=dry_run)

    @property
    def compiler_counts(self) -> Counts:
        """What the compiler did, and what it was spared."""
        return self._compiler.counts
