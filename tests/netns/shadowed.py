"""A daemon in the test's own process, with a service that lives in a network namespace."""

from __future__ import annotations

import asyncio
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any, TypeVar

from polycube_runtime.bpf import bpffs
from polycube_runtime.bpf.compiler import Compiler
from polycube_runtime.bpf.linux import LinuxKernel
from polycube_runtime.core.polycube import Polycube
from polycube_services.simplebridge import Simplebridge

if TYPE_CHECKING:
    from collections.abc import Callable, Coroutine, Mapping

    from polycube_runtime.core.cube import Cube
    from polycube_runtime.support.control import Neighbour

Result = TypeVar("Result")


class Stack(Simplebridge):
    """A bridge's model, and a data plane that leaves everything to Linux's stack."""

    def __init__(self, cube: Any) -> None:
        """Have heard nothing."""
        super().__init__(cube)
        self.namespace: list[tuple[str, str, tuple[str, ...]]] = []
        self.neighbours: list[tuple[str, Neighbour | None]] = []

    async def on_namespace(self, port: str, mac: str, addresses: tuple[str, ...]) -> None:
        """Remember it."""
        self.namespace.append((port, mac, addresses))

    async def on_neighbour(self, port: str, neighbour: Neighbour | None) -> None:
        """Remember it."""
        self.neighbours.append((port, neighbour))

    @classmethod
    def datapath(cls) -> Mapping[str, Path]:
        """Return the program in this folder."""
        return {"ingress": Path(__file__).with_name("stack.c")}


class Here:
    """The daemon; `wait` runs its loop."""

    def __init__(self, name: str, cache: Path) -> None:
        """Be instance `name`."""
        self._runner = asyncio.Runner()
        self._runner.run(self._open(name, cache))

    async def _open(self, name: str, cache: Path) -> None:
        services = {"simplebridge": Stack}
        pins = f"{bpffs.ROOT}/{name}"
        self.polycube = Polycube(LinuxKernel(), Compiler(cache), services, pins, name)
        await self.polycube.start()

    def close(self) -> None:
        """Take everything out of the kernel."""
        self.wait(self.polycube.close())
        self._runner.close()

    def wait(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Do something, and whatever else is to be done meanwhile."""
        return self._runner.run(work)

    def until(self, condition: Callable[[], bool], seconds: float = 3.0) -> None:
        """Let the daemon work until something is so."""
        deadline = time.monotonic() + seconds
        while not condition():
            assert time.monotonic() < deadline, "it never came to be"
            self.wait(asyncio.sleep(0.02))

    def create(self, name: str, **document: Any) -> Cube:
        """Create a cube as REST does."""
        return self.wait(self._create({"name": name, **document}))

    async def _create(self, document: dict[str, Any]) -> Cube:
        ready = self.polycube.prepare("simplebridge", document)
        await self.polycube.warm("simplebridge", ready)
        async with self.polycube.change() as undo:
            return await self.polycube.create("simplebridge", ready, undo)
