"""Making the kernel's slots and netdev hooks what the model says.

Nothing here decides what is connected: `Wiring.settle` computes the ways of packets from ports,
peers and chains (`paths`), and writes what differs from what it wrote before, the far end of a way
first. So a way is whole before the first packet takes it, a change that is taken back is settled
again and nothing is left of it, and nothing is ever compiled. A write costs about 2 µs; to hang a
dispatcher on a netdev, 1 to 3 ms.
"""

from __future__ import annotations

import contextlib
import hashlib
import struct
from typing import TYPE_CHECKING
from urllib.parse import quote

from polycube_runtime.bpf import asm
from polycube_runtime.bpf.errors import NetdevError
from polycube_runtime.bpf.kernel import AttachPoint
from polycube_runtime.bpf.spec import Hook
from polycube_runtime.core.durable.left import LeftPlaces
from polycube_runtime.core.loading.mapset import TWIN_MAP
from polycube_runtime.core.network.doors import HOOKS, Door, remove_door
from polycube_runtime.core.network.paths import (
    EGRESS,
    NAMESPACE,
    NOWHERE,
    TWIN,
    Hop,
    NetdevUse,
    Ways,
    Write,
    lay,
)
from polycube_runtime.core.port import End

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from polycube_runtime.bpf.kernel import Kernel, Map, Netdev, Program
    from polycube_runtime.core.cube import Cube
    from polycube_runtime.core.loading.system import System
    from polycube_runtime.core.network.grace import Grace
    from polycube_runtime.core.port import Port

ATTACH_POINTS = {
    "TC": AttachPoint.TC_INGRESS,
    "XDP_SKB": AttachPoint.XDP_SKB,
    "XDP_DRV": AttachPoint.XDP_DRV,
}
LOOPBACK = 1
"""Index of the loopback interface, the first of every network namespace."""
_UNKNOWN = Hop(ifindex=-1)
_NAME_MAX = 200


class Wiring:
    """The slots of all cubes and the doors of all netdevs in use."""

    def __init__(
        self, kernel: Kernel, system: System, grace: Grace, cubes: Mapping[str, Cube], pins: str
    ) -> None:
        """Start with nothing connected; `pins` is a folder in bpffs, one below for each door."""
        self._kernel = kernel
        self._system = system
        self._grace = grace
        self.cubes = cubes
        self._pins = pins
        self._passes: dict[Hook, Program] = {}
        self._drops: dict[Hook, Program] = {}
        self._doors: dict[tuple[int, AttachPoint], Door] = {}
        self._written: dict[Cube, dict[int, Hop]] = {}
        self.netdevs: dict[str, NetdevUse] = {}
        """The netdevs that ports or chains use, whether they are there or not."""
        self.ways = Ways(cubes, self.netdevs, self._passes)
        self.is_held = False
        self._adopted: set[Cube] = set()
        self.left = LeftPlaces(self)
        """Ports and netdevs where nothing may go past a cube that could not be restored."""

    # The model of netdevs

    async def use(self, name: str, kind: str, path: str) -> NetdevUse:
        """Return what a netdev is used for; it must be there and fit cubes of type `kind`.

        Raises:
            NetdevError: it does not exist, cannot be used, or is used by cubes of another type.

        """
        use = self.netdevs.get(name)
        if use is not None and use.netdev is not None:
            if use.type not in ("", kind):
                message = f"{name} ({use.type}) and a cube of type {kind} have incompatible types"
                raise NetdevError(message, path)
            return use
        use = use or NetdevUse(name)
        use.netdev = await self.find(name, path)
        return use

    async def find(self, name: str, path: str) -> Netdev:
        """Return a netdev that is there and can be used; `path` names in errors who wants it."""
        netdev = await self._kernel.netdev(name)
        if netdev is None:
            message = f"Interface {name} does not exist or is down"
            raise NetdevError(message, path)
        if netdev.index == LOOPBACK:
            message = f"Interface {name} cannot be used: the REST interface is reached through it"
            raise NetdevError(message, path)
        return netdev

    async def await_netdev(self, name: str) -> None:
        """Have a use of a netdev though nothing is beyond it, and whether it is there or not."""
        use = self.netdevs.setdefault(name, NetdevUse(name))
        use.netdev = await self._kernel.netdev(name)

    def used(self) -> list[Netdev]:
        """Return the netdevs that are used and there."""
        return [use.netdev for use in self.netdevs.values() if use.netdev]

    def user_of(self, index: int) -> NetdevUse | None:
        """Return the use of a netdev; its name may be another by now."""
        uses = (use for use in self.netdevs.values() if use.netdev)
        return next((use for use in uses if use.netdev and use.netdev.index == index), None)

    def is_connected(self, end: End) -> bool:
        """Whether what a port is to be connected to is there, up or not."""
        return self.ways.far(end) is not None or self.ways.netdev(end) is not None

    def is_up(self, end: End) -> bool:
        """Whether packets can come and go by a port: a netdev must be up, too."""
        if self.left.is_closed(end):
            return False
        netdev = self.ways.netdev(end)
        return self.ways.far(end) is not None if netdev is None else netdev.up

    # Making it so

    async def settle(self, *changed: End | NetdevUse) -> None:
        """Make the ways of these ports and netdevs, and of what is beyond them, as they should be.

        Raises:
            NetdevError: a netdev cannot carry a dispatcher. Take the change back and settle again.

        """
        if self.is_held:
            return
        for hook in Hook:
            self._passes[hook] = await self._system.verdict(hook, asm.PASS[hook])
            self._drops[hook] = await self._system.verdict(hook, asm.DROP[hook])
        affected, uses = self._affected(changed)
        ends = [end for end in affected if not self.left.is_frozen(end.text)]
        uses = [use for use in uses if not self.left.is_frozen(use.name)]
        for end in ends:
            if self._needs_inject_device(end):
                await self._system.inject_device()  # a flood may use it at once
        for end in ends:
            self._settle_port(end)
            await self._settle_twin(end)
        for use in uses:
            await self._settle_netdev(use)
        for end in affected:
            end.port.up = self.is_up(end)
        for cube in dict.fromkeys(end.cube for end in ends):
            self.count_ports(cube)

    async def renew_inject_device(self) -> None:
        """Make the inject device anew if a way needs it, and tell all cubes which it is."""
        cubes = self.cubes.values()
        ends = [End(cube, port) for cube in cubes for port in cube.ports.values()]
        try:
            if any(map(self._needs_inject_device, ends)):
                await self._system.inject_device()
        finally:
            for cube in cubes:
                self.count_ports(cube)

    def _needs_inject_device(self, end: End) -> bool:
        if end.cube.hook is Hook.XDP or self.left.is_closed(end):
            return False
        return self.ways.out_of(end)[0].program is not None

    def _affected(self, changed: Iterable[End | NetdevUse]) -> tuple[list[End], list[NetdevUse]]:
        ends: dict[Port, End] = {}
        uses: dict[NetdevUse, None] = {}
        waiting = list(changed)
        while waiting:
            one = waiting.pop()
            if isinstance(one, NetdevUse):
                if one not in uses:
                    uses[one] = None
                    waiting += [one.end] if one.end else []
            elif one.port not in ends:
                ends[one.port] = one
                far, use = self.ways.far(one), self.netdevs.get(one.port.peer)
                waiting += [far] if far else []
                waiting += [use] if use else []
        return list(ends.values()), list(uses)

    def _settle_port(self, end: End) -> None:
        if self.left.is_closed(end):
            for slot in (end.port.index, EGRESS + end.port.index):
                self._write(Write(end.cube, slot, NOWHERE))
            self._tell_flood(end, NOWHERE)
            return
        hop, writes = self.ways.out_of(end)
        if self.ways.far(end) is None:  # else it is the end of the far port's way out
            writes += lay(*self.ways.into(end))[1]
        for write in writes:
            self._write(write)
        self._write(Write(end.cube, end.port.index, hop))
        self._tell_flood(end, hop)

    async def _settle_twin(self, end: End) -> None:
        """Join a port and its twin: what comes from there goes where the cube would send it."""
        twin, index = end.port.twin, end.port.index
        if twin is None:
            if self.hop(end.cube, NAMESPACE + index) != NOWHERE:
                self._write(Write(end.cube, NAMESPACE + index, NOWHERE))
            return
        self._write(Write(end.cube, NAMESPACE + index, Hop(ifindex=twin.index)))
        out = Hop(end.cube.dataplane.programs["emit"], port=index)
        door = NetdevUse(twin.name, twin, end)
        await self._open(door, ATTACH_POINTS[end.cube.type], out, wanted=True)

    async def _settle_netdev(self, use: NetdevUse) -> None:
        if use.netdev is not None and use.name in self.left:
            await self._bar(use)
            return
        if use.netdev is None or not (use.end or use.chain):
            await self._shut(use)
            return
        first, writes = self.ways.from_wire(use)
        outwards, more = self.ways.from_stack(use)
        for write in [*writes, *more]:
            self._write(write)
        if use.end is not None and self.left.is_closed(use.end):
            first = Hop(self._drops[use.hook])
        ingress = ATTACH_POINTS[use.type]
        await self._open(use, ingress, first, wanted=first.program is not self._passes[use.hook])
        await self._open(use, AttachPoint.TC_EGRESS, outwards, wanted=outwards != NOWHERE)
        for index, point in list(self._doors):
            if index == use.netdev.index and point not in (ingress, AttachPoint.TC_EGRESS):
                await self._open(use, point, NOWHERE, wanted=False)  # it was barred

    async def _bar(self, use: NetdevUse) -> None:
        """Let no packet in or out by a netdev that is closed."""
        assert use.netdev is not None  # noqa: S101 (the caller looked)
        points = {AttachPoint.TC_INGRESS, AttachPoint.TC_EGRESS, *self._pinned_at(use.netdev.index)}
        for point in sorted(points):
            await self._open(use, point, Hop(self._drops[HOOKS[point]]), wanted=True)

    async def _open(self, use: NetdevUse, point: AttachPoint, hop: Hop, *, wanted: bool) -> None:
        assert use.netdev is not None  # noqa: S101 (the caller looked)
        door = self._doors.get((use.netdev.index, point))
        if door is not None and wanted:
            door.lead(hop)
        elif door is not None:
            await door.close(self._grace)
            del self._doors[use.netdev.index, point]
        elif wanted:
            try:
                self._doors[use.netdev.index, point] = await Door.open(
                    self._kernel, self._system, use.netdev, point, self._pins, hop
                )
            except NetdevError as error:
                raise NetdevError(error.message, use.path) from error

    async def _shut(self, use: NetdevUse) -> None:
        """Close the doors of a netdev that nothing uses, or that is gone."""
        index = use.netdev.index if use.netdev else 0
        for key, door in list(self._doors.items()):
            if key[0] == index:
                await door.close(self._grace)
                del self._doors[key]
        if not use.end and not use.chain and use.name not in self.left:
            self.netdevs.pop(use.name, None)

    async def lost(self, use: NetdevUse) -> None:
        """Note that a netdev is gone: what hung on it went with it."""
        await self._shut(use)
        if use.name in self.left and use.netdev is not None:
            self.left[use.name].frozen = frozenset()
            for point in self._pinned_at(use.netdev.index):
                await remove_door(self._kernel, self._pins, f"{use.netdev.index}_{point}")
        use.netdev = None

    async def close(self) -> None:
        """Take off netdevs what hangs there for cubes that could not be restored, too."""
        self.left.clear()
        for use in list(self.netdevs.values()):
            await self._shut(use)
        await self.close_strangers()

    # After a restart

    @contextlib.contextmanager
    def held(self) -> Iterator[None]:
        """Write nothing for a while: what an earlier daemon wrote goes on until all is known."""
        self.is_held = True
        try:
            yield
        finally:
            self.is_held = False

    def adopt(self, cube: Cube) -> None:
        """Note that a cube's slots lead wherever an earlier daemon had them lead."""
        self._adopted.add(cube)

    def cleanse(self, cube: Cube) -> None:
        """Have those slots of an adopted cube lead nowhere that nothing leads by any more."""
        places = [cube.parent, *(End(cube, port).text for port in cube.ports.values())]
        if any(map(self.left.is_frozen, places)):
            return
        known = self._written.get(cube, {})
        for key, value in cube.dataplane.maps["pcn_ports"].items():
            (slot,) = struct.unpack("=I", key)
            if slot not in known and any(value):
                self._write(Write(cube, slot, NOWHERE))
        self._adopted.discard(cube)

    async def close_strangers(self, spared: Collection[int] = ()) -> None:
        """Take off what an earlier daemon hung on netdevs that are not used any more.

        What hangs on netdevs of the indices `spared` stays.
        """
        own = {f"{index}_{point}" for index, point in self._doors}
        frozen = [use for use in self.netdevs.values() if self.left.is_frozen(use.name)]
        left = {str(use.netdev.index) for use in frozen if use.netdev}
        left |= set(map(str, spared))
        for name in self._kernel.pinned(self._pins):
            if name not in own and name.partition("_")[0] not in left:
                await remove_door(self._kernel, self._pins, name)

    def _pinned_at(self, index: int) -> list[AttachPoint]:
        """Return where on a netdev something of this daemon, or of one before it, hangs."""
        names = self._kernel.pinned(self._pins)
        there = (name.partition("_") for name in names)
        return [AttachPoint(point) for at, _, point in there if at == str(index)]

    def is_adopted(self, place: str) -> bool:
        """Whether an earlier daemon wired a port (`cube:port`) or a netdev."""
        name, _, port = place.partition(":")
        if port:
            return self.cubes.get(name) in self._adopted
        use = self.netdevs.get(place)
        return bool(use and use.netdev and self._pinned_at(use.netdev.index))

    # Slots

    def _write(self, write: Write) -> None:
        cube, slot, hop = write
        known = self._written.setdefault(cube, {})
        before = known.get(slot, _UNKNOWN if cube in self._adopted else NOWHERE)
        if before == hop:
            return
        known[slot] = _UNKNOWN  # until all of it is done
        maps, table = cube.dataplane.maps, _table(cube, slot)
        late = before == NOWHERE
        if not late and (hop == NOWHERE or self._enters_otherwise(write, before)):
            # Else a packet might enter the one cube as if by the port of the other.
            table.set_program(slot, self._nothing(cube, slot))
            late = True
        if hop.program is not None and not late:
            table.set_program(slot, hop.program)
        value = struct.pack("=IHH", hop.ifindex, hop.port, hop != NOWHERE)
        maps["pcn_ports"].update(struct.pack("=I", slot), value)
        if hop.program is not None and late:
            table.set_program(slot, hop.program)
        elif hop.program is None and not late:
            # A packet may just have read the old entry of pcn_ports, and is about to jump.
            self._grace.after(lambda: self._empty(cube, slot, hop))
        known[slot] = hop

    def _enters_otherwise(self, write: Write, before: Hop) -> bool:
        """Whether a slot gets both another program and another port for it."""
        cube, slot, hop = write
        if hop.program is None or before.program is hop.program:
            return False
        if before != _UNKNOWN:
            return before.program is not None and before.port != hop.port
        raw = cube.dataplane.maps["pcn_ports"].lookup(struct.pack("=I", slot)) or bytes(8)
        ifindex, port, _ = struct.unpack("=IHH", raw)
        return not ifindex and port != hop.port

    def _nothing(self, cube: Cube, slot: int) -> Program:
        """Return what drops packets, to stand where nothing does any more.

        Emptying a slot instead takes 14 ms: the kernel waits until nobody can be running what was
        there. Overwriting it does not wait.
        """
        return self._drops[Hook.TC if _is_twin(cube, slot) else cube.hook]

    def _empty(self, cube: Cube, slot: int, hop: Hop) -> None:
        """Let go of the program in a slot that leads to a netdev by now."""
        if self._written.get(cube, {}).get(slot) == hop:
            _table(cube, slot).set_program(slot, self._nothing(cube, slot))

    def retire(self, cube: Cube) -> None:
        """Have a transparent cube lead nowhere, once no packet is in it any more."""
        self._grace.after(lambda: self._lead_nowhere(cube))

    def _lead_nowhere(self, cube: Cube) -> None:
        if not cube.parent:  # else it is attached again
            for slot in self._written.get(cube, {}):
                self._write(Write(cube, slot, NOWHERE))

    def forget(self, cube: Cube) -> None:
        """Forget what was written for a cube that is deleted."""
        self._written.pop(cube, None)
        self._adopted.discard(cube)

    def hop(self, cube: Cube, slot: int) -> Hop:
        """Return where a slot of a cube leads."""
        return self._written.get(cube, {}).get(slot, NOWHERE)

    # What floods read

    def _tell_flood(self, end: End, hop: Hop) -> None:
        if end.cube.hook is Hook.XDP:
            netdevs, index = (
                end.cube.dataplane.maps["pcn_netdevs"],
                struct.pack("=I", end.port.index),
            )
            if hop.ifindex:
                netdevs.update(index, struct.pack("=I", hop.ifindex))
            else:
                netdevs.delete(index)

    def count_ports(self, cube: Cube) -> None:
        """Tell a data plane its port indices, how many lead to programs, and the inject device."""
        if self.is_held:
            return
        linked = sum(self._is_linked(cube, port.index) for port in cube.ports.values())
        value = struct.pack("=III", cube.ports.bound, linked, self._system.inject_index)
        cube.dataplane.maps["pcn_cube"].update(bytes(4), value)

    def _is_linked(self, cube: Cube, slot: int) -> bool:
        """Whether a slot leads to a program; of one not written yet, an earlier daemon knew."""
        if cube not in self._adopted or slot in self._written.get(cube, {}):
            return self.hop(cube, slot).program is not None
        value = cube.dataplane.maps["pcn_ports"].lookup(struct.pack("=I", slot)) or bytes(8)
        ifindex, _, leads = struct.unpack("=IHH", value)
        return bool(leads and not ifindex)


def _table(cube: Cube, slot: int) -> Map:
    return cube.dataplane.maps[TWIN_MAP if _is_twin(cube, slot) else "pcn_next"]


def _is_twin(cube: Cube, slot: int) -> bool:
    """Whether a slot is of a program at TC; of a standard cube the number is a port's."""
    return slot == TWIN and cube.service.kind == "transparent"


def pin_name(name: str) -> str:
    """Spell a cube's name for bpffs, which reserves dots and takes 255 bytes."""
    spelt = quote(name, safe="").replace(".", "%2E")
    if len(spelt) <= _NAME_MAX:
        return spelt
    return f"{spelt[:_NAME_MAX]}%{hashlib.sha256(name.encode()).hexdigest()[:16]}"
