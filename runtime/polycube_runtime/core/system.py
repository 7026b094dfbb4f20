"""What all cubes of a daemon share in the kernel.

- the maps of `SHARED` (pcn/maps.h), made when the first program names them
- `cubes`: the prog array of every TC cube's entry, by cube id
- the inject device: a veth pair that takes packets from the control plane, and the clones of a
  flood, back to a cube
"""

from __future__ import annotations

import asyncio
import logging
import struct
from dataclasses import dataclass
from typing import TYPE_CHECKING

from polycube_runtime.bpf import asm
from polycube_runtime.bpf.kernel import Attachment, AttachPoint, Kernel, Map, Netdev, Program, Ring
from polycube_runtime.bpf.spec import Hook, MapKind, MapSpec, ObjectSpec

if TYPE_CHECKING:
    from collections.abc import Callable

_log = logging.getLogger(__name__)

SHARED = frozenset({"pcn_scratch", "pcn_packets", "pcn_logs", "pcn_lost", "pcn_xdp_port"})
MAX_CUBES = 1024
CUBES_MAP = MapSpec("pcn_cubes", MapKind.PROG_ARRAY, 4, 4, MAX_CUBES)
INJECT_MTU = 65535
LOST = ("packets to the control plane", "log lines")
"""What pcn_lost counts, as in pcn/maps.h."""


@dataclass(frozen=True)
class Inject:
    """The inject device: frames sent to `tx` arrive at `rx`, where the injector hangs."""

    tx: Netdev
    rx: Netdev
    program: Program
    attachment: Attachment


class System:
    """The shared half of the data plane; `on_packet` and `on_log` get the ring buffers' records."""

    def __init__(
        self,
        kernel: Kernel,
        pins: str,
        prefix: str,
        on_packet: Callable[[bytes], None],
        on_log: Callable[[bytes], None],
    ) -> None:
        """Create nothing yet. `pins` is a folder in bpffs, `prefix` starts the names of netdevs."""
        self._kernel = kernel
        self._pins = pins
        self._prefix = prefix
        self._callbacks = {"pcn_packets": on_packet, "pcn_logs": on_log}
        self._maps: dict[str, Map] = {}
        self._rings: list[Ring] = []
        self._inject: Inject | None = None
        self._nothing: dict[Hook, Program] = {}
        self._making = asyncio.Lock()
        self.cubes = kernel.create_map(CUBES_MAP)
        kernel.pin(self.cubes, f"{pins}/{CUBES_MAP.name}")

    def shared(self, compiled: ObjectSpec) -> dict[str, Map]:
        """Return the shared maps that `compiled` names, made on first need."""
        for name, spec in compiled.maps.items():
            if name in SHARED and name not in self._maps:
                self._add(name, spec)
        return self._maps

    def _add(self, name: str, spec: MapSpec) -> None:
        map_ = self._kernel.create_map(spec)
        try:
            self._kernel.pin(map_, f"{self._pins}/{name}")
            if name in self._callbacks:
                ring = self._kernel.open_ring(map_, self._callbacks[name])
                self._rings.append(ring)
                asyncio.get_running_loop().add_reader(ring.fileno(), ring.consume)
        except BaseException:
            self._kernel.unpin(f"{self._pins}/{name}")
            map_.close()
            raise
        self._maps[name] = map_

    async def nothing(self, hook: Hook) -> Program:
        """Return a program that drops every packet, to stand where there is none any more.

        Emptying a slot instead takes 14 ms: the kernel waits until nobody can be running what was
        there. Overwriting it does not wait.
        """
        if hook not in self._nothing:
            self._nothing[hook] = await self._kernel.load(asm.verdict(hook, asm.DROP[hook]), {})
        return self._nothing[hook]

    @property
    def inject_index(self) -> int:
        """Index of the netdev that takes packets back to cubes; 0 while there is none."""
        return self._inject.rx.index if self._inject else 0

    @property
    def maps(self) -> dict[str, Map]:
        """The shared maps that exist."""
        return self._maps

    async def inject_device(self) -> Inject:
        """Return the inject device, made on first need (5 to 20 ms)."""
        async with self._making:  # a slow-path packet may need it while a transaction makes it
            if self._inject is None:
                self._inject = await self._make_inject_device()
        return self._inject

    async def _make_inject_device(self) -> Inject:
        program = await self._kernel.load(
            asm.injector(CUBES_MAP.name), {CUBES_MAP.name: self.cubes}
        )
        name = f"{self._prefix}_tx"
        try:
            tx, rx = await self._kernel.add_veth(name, f"{self._prefix}_rx", mtu=INJECT_MTU)
            attachment = await self._kernel.attach(rx, AttachPoint.TC_INGRESS, program)
        except BaseException:
            program.close()
            await self._kernel.delete_netdev(name)
            raise
        return Inject(tx, rx, program, attachment)

    def lost(self) -> dict[str, int]:
        """Count what the runtime lost, by what it was, since the daemon started."""
        counters = self._maps.get("pcn_lost")
        if counters is None:
            return dict.fromkeys(LOST, 0)
        values = dict(counters.items())
        return {
            what: sum(struct.unpack(f"={len(raw) // 8}Q", raw))
            for what, raw in zip(
                LOST, (values[struct.pack("=I", n)] for n in range(len(LOST))), strict=True
            )
        }

    async def close(self) -> None:
        """Take everything out of the kernel."""
        for ring in self._rings:
            asyncio.get_running_loop().remove_reader(ring.fileno())
            ring.close()
        if self._inject is not None:
            self._inject.program.close()
            await self._kernel.delete_netdev(self._inject.tx.name)
        self._kernel.unpin(self._pins)
        for map_ in (*self._maps.values(), self.cubes):
            map_.close()
        for program in self._nothing.values():
            program.close()
        self._maps, self._rings, self._inject, self._nothing = {}, [], None, {}
