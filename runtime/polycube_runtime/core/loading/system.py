"""What all cubes of a daemon share in the kernel.

- the maps of `SHARED` (pcn/maps.h), made when the first program names them
- the tables of all cubes, a prog array for each hook: a cube's ingress program at its id, its
  emitter at `asm.OUT` + id, its egress program at `asm.EGRESS` + id
- the injectors, which take packets from the control plane to a cube of that table: at TC on the
  inject device, a veth pair, which takes the clones of floods too; at XDP run on each frame
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
from polycube_runtime.core.loading.publics import Publics

if TYPE_CHECKING:
    from collections.abc import Callable, Collection, Mapping

    from polycube_runtime.core.cube import Cube

_log = logging.getLogger(__name__)

SHARED = frozenset(
    {
        "pcn_scratch",
        "pcn_packets",
        "pcn_logs",
        "pcn_lost",
        "pcn_flow",
        "pcn_taken",
        "pcn_xdp_port",
        "pcn_xdp_md",
    }
)
MAX_CUBES = 1024
CUBES_MAPS = {
    hook: MapSpec(f"pcn_cubes_{hook.lower()}", MapKind.PROG_ARRAY, 4, 4, 3 * MAX_CUBES)
    for hook in Hook
}
HOMES_MAP = MapSpec("pcn_homes", MapKind.ARRAY, 4, 4, MAX_CUBES)
"""The netdevs that transparent cubes are attached to, by cube id; 0 for none."""
FLOW_MAPS = (
    MapSpec("pcn_flow", MapKind.ARRAY, 4, 32, MAX_CUBES),
    MapSpec("pcn_taken", MapKind.ARRAY, 4, 16, MAX_CUBES),
)
"""As in pcn/flow.h; they are there before any program names them."""
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
        self._xdp_injector: Program | None = None
        self._verdicts: dict[tuple[Hook, int], Program] = {}
        self._making = asyncio.Lock()
        self.publics = Publics(kernel, f"{pins}/public")
        for spec in FLOW_MAPS:
            self._maps[spec.name] = self._own(spec)
        self._homes = self._own(HOMES_MAP)
        self._cubes = {hook: self._own(CUBES_MAPS[hook]) for hook in Hook}

    def _own(self, spec: MapSpec) -> Map:
        """Return a map that outlives the daemon: an earlier one's, if there is one like it."""
        pin = f"{self._pins}/{spec.name}"
        adopted = self._kernel.adopt_map(spec, pin)
        if adopted is not None:
            return adopted
        if spec.name in self._kernel.pinned(self._pins):
            _log.warning(
                "%s was laid out otherwise by the polycubed before: it is made anew, and what cubes"
                " sent to it until they run by this one is lost",
                spec.name,
            )
            # Programs of before use it until all cubes are wired again (`forget_former`).
            self._kernel.pin_again(pin, f"{self._pins}/former/{spec.name}")
        map_ = self._kernel.create_map(spec)
        try:
            self._kernel.pin(map_, pin)
        except BaseException:
            map_.close()
            raise
        return map_

    def shared(self, compiled: ObjectSpec) -> dict[str, Map]:
        """Return the shared maps that `compiled` names, made on first need."""
        for name, spec in compiled.maps.items():
            if name in SHARED and name not in self._maps:
                self._add(name, spec)
        return self._maps

    def _add(self, name: str, spec: MapSpec) -> None:
        map_ = self._own(spec)
        try:
            if name in self._callbacks:
                ring = self._kernel.open_ring(map_, self._callbacks[name])
                self._rings.append(ring)
                asyncio.get_running_loop().add_reader(ring.fileno(), ring.consume)
        except BaseException:
            self._kernel.unpin(f"{self._pins}/{name}")
            map_.close()
            raise
        self._maps[name] = map_

    async def verdict(self, hook: Hook, value: int) -> Program:
        """Return a program that answers `value` to every packet."""
        async with self._making:
            if (hook, value) not in self._verdicts:
                spec = asm.verdict(hook, value)
                self._verdicts[hook, value] = await self._kernel.load(spec, {})
            return self._verdicts[hook, value]

    # The tables of all cubes

    async def enter(self, cube_id: int, hook: Hook, programs: Mapping[str, Program]) -> None:
        """Point a cube's places in the tables at its programs; none of them any more for `{}`."""
        places = [(hook, asm.IN, "ingress"), (hook, asm.OUT, "emit"), (hook, asm.EGRESS, "egress")]
        if hook is Hook.XDP:
            places += [(Hook.TC, asm.OUT, "emit_tc"), (Hook.TC, asm.EGRESS, "egress_tc")]
        for table, place, name in places:
            program = programs.get(name) or await self.verdict(table, asm.DROP[table])
            self._cubes[table].set_program(place + cube_id, program)

    def set_home(self, cube_id: int, ifindex: int) -> None:
        """Note the netdev that a transparent TC cube is attached to; 0 for none."""
        self._homes.update(struct.pack("=I", cube_id), struct.pack("=I", ifindex))

    async def inject(self, hook: Hook, place: int, port: int, packet: bytes, home: int = 0) -> None:
        """Have a packet run by the program at `place` in the table, as if `port` were its in-port.

        At XDP `home` is the netdev that it seems to come from; one that is too long or too short
        is lost, as on any link.
        """
        if hook is Hook.TC:
            device = await self.inject_device()
            self._kernel.send(device.tx.index, packet, mark=place << 16 | port)
            return
        program = await self._injector_at_xdp()
        try:
            program.run_live(asm.XDP_ADDRESS.pack(place, port) + packet, ifindex=home)
        except OSError as error:
            _log.debug("a packet of %d bytes cannot be injected: %s", len(packet), error)

    async def _injector_at_xdp(self) -> Program:
        async with self._making:
            if self._xdp_injector is None:
                maps = self.maps(Hook.XDP)
                self._xdp_injector = await self._kernel.load(asm.injector(Hook.XDP), maps)
            return self._xdp_injector

    def maps(self, hook: Hook) -> dict[str, Map]:
        """Return the maps that the runtime's own programs at a hook use."""
        return {
            **self._maps,
            "pcn_cubes": self._cubes[hook],
            HOMES_MAP.name: self._homes,
        }

    @property
    def inject_index(self) -> int:
        """Index of the netdev that takes packets back to cubes; 0 while there is none."""
        return self._inject.rx.index if self._inject else 0

    @property
    def inject_indices(self) -> frozenset[int]:
        """Indices of both ends of the inject device."""
        inject = self._inject
        return frozenset((inject.tx.index, inject.rx.index) if inject else ())

    async def inject_device(self) -> Inject:
        """Return the inject device, made on first need (5 to 20 ms)."""
        async with self._making:  # a slow-path packet may need it while a transaction makes it
            if self._inject is None:
                self._inject = await self._make_inject_device()
        return self._inject

    async def adopt_inject_device(self) -> None:
        """Go on with an earlier daemon's, which floods use, before anything is settled."""
        if self._injectors():
            await self.inject_device()

    async def lost_inject_device(self) -> bool:
        """Whether somebody took the inject device away; it is forgotten then."""
        inject = self._inject
        if inject is None:
            return False
        for end in (inject.tx, inject.rx):
            there = await self._kernel.netdev(end.name)
            if there is None or there.index != end.index:
                break
        else:
            return False
        self._inject = None
        inject.program.close()
        for pin in self._injectors():
            self._kernel.unpin(pin)
        await self._kernel.delete_netdev(inject.tx.name)  # should only its other end be gone
        return True

    def _injectors(self) -> list[str]:
        """Return the pins of the injectors of which one may hang on the inject device."""
        names = self._kernel.pinned(self._pins)
        return [f"{self._pins}/{name}" for name in names if name.startswith("injector")]

    async def _make_inject_device(self) -> Inject:
        program = await self._kernel.load(asm.injector(Hook.TC), self.maps(Hook.TC))
        name, pin = f"{self._prefix}_tx", f"{self._pins}/injector"
        former = self._injectors()
        try:
            # Pinned first: whenever this is killed, a pin tells whose the pair is, and what hangs.
            self._kernel.pin(program, f"{pin}-{len(former)}")
            tx, rx = await self._inject_pair(name, f"{self._prefix}_rx", adopt=bool(former))
            attachment = await self._kernel.attach(rx, AttachPoint.TC_INGRESS, program, former)
            self._kernel.pin(program, pin)
            for path in self._injectors()[1:]:
                self._kernel.unpin(path)
        except BaseException:
            program.close()
            if not former:  # else packets go by it, as of before
                await self._kernel.delete_netdev(name)
                for path in self._injectors():
                    self._kernel.unpin(path)
            raise
        return Inject(tx, rx, program, attachment)

    async def _inject_pair(self, tx: str, rx: str, *, adopt: bool) -> tuple[Netdev, Netdev]:
        """Make the pair, or go on with an earlier daemon's: cubes know its index."""
        if adopt:
            ends = [await self._kernel.netdev(name) for name in (tx, rx)]
            if ends[0] is not None and ends[1] is not None:
                return ends[0], ends[1]
        return await self._kernel.add_veth(tx, rx, mtu=INJECT_MTU)

    def forget_former(self) -> None:
        """Let go of what only an earlier daemon's programs used."""
        self._kernel.unpin(f"{self._pins}/former")

    async def cleanse(self, known: Mapping[int, Cube], spared: Collection[int] = ()) -> None:
        """Have places in the tables of cubes that are not `known`, nor `spared`, lead nowhere."""
        for hook, table in self._cubes.items():
            nothing = await self.verdict(hook, asm.DROP[hook])
            for place in (struct.unpack("=I", key)[0] for key, _ in table.items()):
                if place % asm.OUT not in known and place % asm.OUT not in spared:
                    table.set_program(place, nothing)
        for key, ifindex in self._homes.items():
            (cube_id,) = struct.unpack("=I", key)
            attached = cube_id in spared or (cube_id in known and known[cube_id].parent)
            if any(ifindex) and not attached:
                self.set_home(cube_id, 0)

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

    def stop_reading(self) -> None:
        """Read the ring buffers no more."""
        for ring in self._rings:
            asyncio.get_running_loop().remove_reader(ring.fileno())
            ring.close()
        self._rings = []

    async def close(self) -> None:
        """Take everything out of the kernel."""
        self.stop_reading()
        if self._inject is not None:
            self._inject.program.close()
            await self._kernel.delete_netdev(self._inject.tx.name)
        self._kernel.unpin(self._pins)
        programs = [self._xdp_injector] if self._xdp_injector else []
        for thing in (*self._maps.values(), *self._cubes.values(), self._homes):
            thing.close()
        for program in (*programs, *self._verdicts.values()):
            program.close()
        self._maps, self._inject, self._verdicts = {}, None, {}
        self._xdp_injector = None
