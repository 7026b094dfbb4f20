"""The packet-test harness: a service's data plane in the kernel, fed packet by packet.

    with LoadedCube(Simplebridge, {"ports": [{"name": "p1"}, {"name": "p2"}]}) as cube:
        assert cube.run(frame, port="p1") == ("redirect", "p2")

Everything is what the daemon would make of the same configuration, but nothing is attached: behind
each port is a program that only tells which port it is, and BPF_PROG_TEST_RUN feeds the cube. Needs
root. The harness owns an event loop, so it is for synchronous tests.
"""

from __future__ import annotations

import asyncio
import os
import shutil
import struct
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any, NamedTuple, Self, TypeVar

from polycube_runtime.bpf import asm, bpffs
from polycube_runtime.bpf.compiler import Compiler
from polycube_runtime.bpf.linux import LinuxKernel
from polycube_runtime.bpf.spec import Hook
from polycube_runtime.core.network.paths import EGRESS, INGRESS
from polycube_runtime.core.polycube import Polycube

if TYPE_CHECKING:
    from collections.abc import Coroutine

    from polycube_runtime.bpf.kernel import Program
    from polycube_runtime.core.cube import Cube
    from polycube_runtime.core.model.table import BoundTable
    from polycube_runtime.core.slow.notifying import Notified
    from polycube_runtime.support.control import ControlPlane, PacketIn

Result = TypeVar("Result")
CACHE_VARIABLE = "POLYCUBE_TEST_CACHE"
"""Environment variable: a folder for compiled programs, to spare clang from test to test."""
_PORT_VERDICT = 0x1000
_VERDICTS = {
    Hook.TC: {0: "ok", 2: "drop", 7: "redirect"},
    Hook.XDP: {0: "error", 1: "drop", 2: "ok", 3: "ok", 4: "redirect"},
}


class Outcome(NamedTuple):
    """What became of a packet: "ok", "drop" or "redirect", and in that case out of which port."""

    verdict: str
    port: str = ""


class LoadedCube:
    """One cube of a service in the kernel, without the daemon; a context manager.

    `packets_up` collects what the data plane sent to the control plane, whose `on_packet` is not
    called; `events` the notifications that either of them told of.
    """

    def __init__(
        self,
        service: type[ControlPlane],
        config: dict[str, Any] | None = None,
        *,
        name: str = "cube",
    ) -> None:
        """Prepare a cube of `service`, configured by `config` (JSON of the data model)."""
        self._service = _recording(service, self)
        self._config = {"name": name, **(config or {})}
        self._runner = asyncio.Runner()
        self._own_cache = CACHE_VARIABLE not in os.environ
        self._cache = Path(os.environ.get(CACHE_VARIABLE) or tempfile.mkdtemp())
        self._programs: list[Program] = []
        self.packets_up: list[PacketIn] = []
        self.events: list[Notified] = []
        self.packet = b""
        self.cube: Cube

    def __enter__(self) -> Self:
        """Compile, verify, configure."""
        bpffs.mount()
        try:
            self._runner.run(self._open())
        except BaseException:
            self._runner.run(self._close())
            self._runner.close()
            raise
        return self

    def __exit__(self, *_: object) -> None:
        """Take everything out of the kernel."""
        self._runner.run(self._close())
        self._runner.close()
        if self._own_cache:
            shutil.rmtree(self._cache)

    async def _open(self) -> None:
        name = self._service.SERVICE.name
        instance = f"pct{os.getpid()}"
        compiler = Compiler(self._cache)
        services = {name: self._service}
        pins = f"{bpffs.ROOT}/{instance}"
        self.polycube = Polycube(LinuxKernel(), compiler, services, pins, instance)
        self.polycube.notifying.observe(self.events.append)
        document = self.polycube.prepare(name, self._config)
        await self.polycube.warm(name, document)
        async with self.polycube.change() as undo:
            self.cube = await self.polycube.create(name, document, undo)
        for port in self.cube.ports.values():
            await self._tell(port.index, _PORT_VERDICT + port.index)
        if self.cube.service.kind == "transparent":
            for slot in (INGRESS, EGRESS):
                await self._tell(slot, asm.PASS[self.cube.hook])

    async def _tell(self, slot: int, verdict: int) -> None:
        """Put behind a slot a program that answers `verdict`."""
        program = await self.polycube.kernel.load(asm.verdict(self.cube.hook, verdict), {})
        self._programs.append(program)
        self.cube.dataplane.maps["pcn_next"].set_program(slot, program)

    async def _close(self) -> None:
        for program in self._programs:
            program.close()
        if hasattr(self, "polycube"):
            await self.polycube.close()

    @property
    def tables(self) -> dict[str, BoundTable]:
        """The maps of the model, by name."""
        return self.cube.tables

    def read(self) -> dict[str, Any]:
        """Return the cube's whole JSON, as GET would."""
        tree = self.polycube.tree(self.cube)
        found: dict[str, Any] = self._runner.run(tree.read(tree.root))
        return found

    def wait(self, work: Coroutine[Any, Any, Result]) -> Result:
        """Do what a control plane would await, such as `cube.wait(cube.cube.add_program(code))`."""
        return self._runner.run(work)

    def run(self, packet: bytes, *, port: str = "", direction: str = "ingress") -> Outcome:
        """Let `packet` come in by `port`; what it looks like afterwards is in `self.packet`."""
        index = self.cube.ports[port].index if port else 0
        if self.cube.hook is Hook.XDP:
            carried = self.polycube.system.maps(Hook.XDP)["pcn_xdp_port"]
            carried.update(bytes(4), _on_every_cpu(index, len(carried.lookup(bytes(4)) or b"")))
        ran = self.cube.dataplane.programs[direction].test_run(packet, cb=(index,))
        self._runner.run(self._drain())
        self.packet = ran.packet
        if ran.verdict >= _PORT_VERDICT:
            return Outcome("redirect", self.cube.ports.name(ran.verdict - _PORT_VERDICT) or "?")
        return Outcome(_VERDICTS[self.cube.hook].get(ran.verdict, str(ran.verdict)))

    async def _drain(self) -> None:
        """Let the loop read the ring buffers."""
        for _ in range(4):  # select, ring buffer, queue, on_packet
            await asyncio.sleep(0)
        await self.polycube.emitted.settled()


def _recording(service: type[ControlPlane], harness: LoadedCube) -> type[ControlPlane]:
    """Derive a control plane that hands packets to the harness instead of handling them."""

    async def on_packet(_control: ControlPlane, packet: PacketIn) -> None:
        harness.packets_up.append(packet)

    # The module is the service's, because that is where its C files are looked for.
    members = {"on_packet": on_packet, "__module__": service.__module__}
    return type(service.__name__, (service,), members)


def _on_every_cpu(value: int, size: int) -> bytes:
    return struct.pack("=Q", value) * (size // 8)
