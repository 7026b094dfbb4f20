"""Cubes as the daemon makes them, in a namespace of the lab's and without a daemon.

- `Cubes`: the runtime's core, driven without `await`
"""

from __future__ import annotations

import asyncio
import contextlib
from typing import TYPE_CHECKING, Any, TypeVar

from bench.site import CACHE
from polycube_runtime.bpf import bpffs
from polycube_runtime.bpf.compiler import Compiler
from polycube_runtime.bpf.linux import LinuxKernel
from polycube_runtime.core.network.doors import Entrance
from polycube_runtime.core.network.paths import Hop
from polycube_runtime.core.polycube import Polycube
from polycube_runtime.daemon.lifecycle import services

if TYPE_CHECKING:
    from collections.abc import Coroutine, Iterator
    from pathlib import Path
    from types import TracebackType
    from typing import Self

    from polycube_runtime.bpf.kernel import Program
    from polycube_runtime.bpf.spec import Hook
    from polycube_runtime.core.cube import Cube
    from tests.netns.namespace import Namespace

T = TypeVar("T")


class Cubes:
    """A `Polycube` over the real kernel; a context manager, which deletes its cubes at the end."""

    def __init__(self, namespace: Namespace, name: str, cache: Path = CACHE) -> None:
        """Work in `namespace` as instance `name`: 1 to 12 letters and digits, nobody else's."""
        self._namespace = namespace
        self._name = name
        self._cache = cache
        self._runner = asyncio.Runner()

    def __enter__(self) -> Self:
        """Make the core; it follows no netdevs."""
        bpffs.mount()
        self.kernel = LinuxKernel()
        self.compiler = Compiler(self._cache)
        pins = f"{bpffs.ROOT}/{self._name}"
        self.core = Polycube(self.kernel, self.compiler, services(), pins, self._name)
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Take everything out of the kernel."""
        self.run(self.core.close())
        with self._namespace.entered():
            self._runner.close()

    def run(self, work: Coroutine[Any, Any, T]) -> T:
        """Do some of the core's work, in the namespace: its netlink socket must be opened there."""
        with self._namespace.entered():
            return self._runner.run(work)

    def create(self, service: str, name: str, **document: object) -> Cube:
        """Create a cube, as POST does."""
        return self.run(self._create(service, {"name": name, **document}))

    async def _create(self, service: str, document: dict[str, object]) -> Cube:
        canonical = self.core.prepare(service, document)
        await self.core.warm(service, canonical)
        async with self.core.change() as undo:
            return await self.core.create(service, canonical, undo)

    def connect(self, one: str, other: str) -> None:
        """Join two ends, as `/connect` does."""
        self.run(self._connect(one, other))

    async def _connect(self, one: str, other: str) -> None:
        async with self.core.change() as undo:
            await self.core.peers.connect(one, other, undo)

    def put(self, cube: Cube, table: str, *entries: dict[str, Any]) -> None:
        """Write into one of the cube's tables, through the model."""
        cube.tables[table].put_many(entries)

    @contextlib.contextmanager
    def dispatcher(self, cube: Cube, port: str) -> Iterator[Program]:
        """Load what hangs on a netdev to let packets in by `port`."""
        with self.entrance(
            cube.hook, cube.dataplane.programs["ingress"], cube.ports[port].index
        ) as it:
            yield it

    @contextlib.contextmanager
    def entrance(self, hook: Hook, program: Program, port: int = 0) -> Iterator[Program]:
        """Load what hangs on a netdev to let packets into any program."""
        entrance = self.run(Entrance.open(self.kernel, self.core.system, hook))
        try:
            entrance.lead(Hop(program, port=port))
            yield entrance.program
        finally:
            entrance.close()
