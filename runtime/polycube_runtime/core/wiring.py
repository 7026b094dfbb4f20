"""What lies beyond a cube's ports: netdevs, ports of other cubes, or nothing yet.

Re-wiring is a write to two small maps and, for a netdev, hanging a dispatcher of a few instructions
on it; nothing is compiled.

- `Wiring`: connects, disconnects, and keeps every slot that leads to a cube on that cube's current
  program
"""

from __future__ import annotations

import hashlib
import logging
import struct
from typing import TYPE_CHECKING, NamedTuple
from urllib.parse import quote

from polycube_runtime.bpf import asm
from polycube_runtime.bpf.errors import NetdevError
from polycube_runtime.bpf.kernel import Attachment, AttachPoint, Kernel, Netdev, NetdevGone, Program
from polycube_runtime.bpf.spec import Hook

if TYPE_CHECKING:
    from polycube_runtime.core.cube import Cube
    from polycube_runtime.core.port import Port
    from polycube_runtime.core.system import System

_log = logging.getLogger(__name__)

ATTACH_POINTS = {
    "TC": AttachPoint.TC_INGRESS,
    "XDP_SKB": AttachPoint.XDP_SKB,
    "XDP_DRV": AttachPoint.XDP_DRV,
}


_NAME_MAX = 200


LOOPBACK = 1
"""Index of the loopback interface, the first of every network namespace."""


class End(NamedTuple):
    """One end of a link: a port of a cube."""

    cube: Cube
    port: Port

    @property
    def text(self) -> str:
        """As peers are written: `cube:port`."""
        return f"{self.cube.name}:{self.port.name}"


class _Hung(NamedTuple):
    """A dispatcher on a netdev, and the port it leads to."""

    netdev: Netdev
    end: End
    program: Program
    attachment: Attachment
    pin: str


class Wiring:
    """The links between ports and netdevs, and between ports and ports."""

    def __init__(self, kernel: Kernel, system: System, pins: str) -> None:
        """Start with nothing connected; `pins` is a folder in bpffs, a pin for each used netdev."""
        self._kernel = kernel
        self._system = system
        self._pins = pins
        self._netdevs: dict[str, _Hung] = {}
        self._links: dict[Port, End] = {}

    async def use_netdev(self, end: End, name: str) -> None:
        """Make `name` the netdev beyond a port.

        Raises:
            NetdevError: it does not exist, is used already, or cannot carry the program.

        """
        if name in self._netdevs:
            other = self._netdevs[name].end.text
            message = f"Iface already in use: {name} is the peer of {other}"
            raise NetdevError(message, end.cube.port_path(end.port))
        netdev = await self._kernel.netdev(name)
        if netdev is None:
            message = f"Interface {name} does not exist or is down"
            raise NetdevError(message, end.cube.port_path(end.port))
        if netdev.index == LOOPBACK:
            message = f"Interface {name} cannot be used: the REST interface is reached through it"
            raise NetdevError(message, end.cube.port_path(end.port))
        self._netdevs[name] = await self._hang(end, netdev)
        self._lead(end, ifindex=netdev.index)
        end.port.up = True

    async def _dispatcher(self, end: End) -> Program:
        """Load the program that lets packets in by a port."""
        maps = {**self._system.maps, "pcn_entry": end.cube.dataplane.entry}
        return await self._kernel.load(
            asm.dispatcher(end.cube.hook, end.port.index, "pcn_entry"), maps
        )

    async def run_from(self, end: End, packet: bytes) -> None:
        """Let a packet come in by a port of an XDP cube, as if from the wire."""
        program = await self._dispatcher(end)
        try:
            program.run_live(packet)
        except OSError as error:  # too long or too short: a packet is lost, as on any link
            _log.debug("%s: a packet of %d bytes is lost: %s", end.text, len(packet), error)
        finally:
            program.close()

    async def _hang(self, end: End, netdev: Netdev) -> _Hung:
        program = await self._dispatcher(end)
        point = ATTACH_POINTS[end.cube.type]
        pin = f"{self._pins}/{netdev.index}_{point}"
        try:
            self._kernel.pin(program, pin)  # before it is attached: a pin tells what to clear away
            attachment = await self._kernel.attach(netdev, point, program)
        except NetdevError as error:
            self._drop(program, pin)
            raise NetdevError(error.message, end.cube.port_path(end.port)) from error
        except BaseException:
            self._drop(program, pin)
            raise
        return _Hung(netdev, end, program, attachment, pin)

    def _drop(self, program: Program, pin: str) -> None:
        self._kernel.unpin(pin)
        program.close()

    def link(self, one: End, other: End) -> None:
        """Join two ports that name each other."""
        self._links |= {one.port: other, other.port: one}  # first: `cut` undoes half a link too
        for here, there in ((one, other), (other, one)):
            here.cube.dataplane.maps["pcn_next"].set_program(
                here.port.index, there.cube.dataplane.programs["ingress"]
            )
            self._lead(here, to=there)
            here.port.up = True
        for end in (one, other):
            self.count_ports(end.cube)

    def linked(self, port: Port) -> End | None:
        """Return the far end of a port's link to another cube, if it has one."""
        return self._links.get(port)

    def netdev_of(self, port: Port) -> Netdev | None:
        """Return the netdev beyond a port, if there is one."""
        return next((hung.netdev for hung in self._netdevs.values() if hung.end.port is port), None)

    def used(self) -> list[Netdev]:
        """Return the netdevs that ports are connected to."""
        return [hung.netdev for hung in self._netdevs.values()]

    def user_of(self, gone: NetdevGone) -> End | None:
        """Return the port that used a netdev which is gone; another may have its name by now."""
        used = (hung.end for hung in self._netdevs.values() if hung.netdev.index == gone.index)
        return next(used, None)

    async def cut(self, end: End) -> None:
        """Take away whatever is beyond a port; the far port of a link goes half-open."""
        self._lead(end)
        end.port.up = False
        far = self._links.pop(end.port, None)
        if far is not None:
            self._links.pop(far.port, None)
            nothing = await self._system.nothing(end.cube.hook)
            for here in (end, far):
                here.cube.dataplane.maps["pcn_next"].set_program(here.port.index, nothing)
            self._lead(far)
            far.port.up = False
            for cube in (end.cube, far.cube):
                self.count_ports(cube)
        for name, hung in list(self._netdevs.items()):
            if hung.end.port is end.port:
                await hung.attachment.detach()
                del self._netdevs[name]
                self._drop(hung.program, hung.pin)

    def _lead(self, end: End, ifindex: int = 0, to: End | None = None) -> None:
        """Write what is beyond a port where the data plane reads it."""
        index, maps = struct.pack("=I", end.port.index), end.cube.dataplane.maps
        there = to.cube.id << 16 | to.port.index if to else 0
        maps["pcn_ports"].update(index, struct.pack("=II", ifindex, there))
        if end.cube.hook is Hook.XDP:
            if ifindex:
                maps["pcn_netdevs"].update(index, struct.pack("=I", ifindex))
            else:
                maps["pcn_netdevs"].delete(index)

    def count_ports(self, cube: Cube) -> None:
        """Tell a data plane its port indices, how many lead to cubes, and the inject device."""
        linked = sum(port in self._links for port in cube.ports.values())
        value = struct.pack("=III", cube.ports.bound, linked, self._system.inject_index)
        cube.dataplane.maps["pcn_cube"].update(bytes(4), value)

    def entry_changed(self, cube: Cube) -> None:
        """Point every slot that leads to `cube` at its current program.

        Each is one atomic write; until the last, packets from different neighbours may meet the old
        program or the new one, but each packet meets one of them, whole.
        """
        program = cube.dataplane.programs["ingress"]
        for port in cube.ports.values():
            far = self._links.get(port)
            if far is not None:
                far.cube.dataplane.maps["pcn_next"].set_program(far.port.index, program)
        if cube.hook is Hook.TC:
            self._system.cubes.set_program(cube.id, program)


def pin_name(name: str) -> str:
    """Spell a cube's name for bpffs, which reserves dots and takes 255 bytes."""
    spelt = quote(name, safe="").replace(".", "%2E")
    if len(spelt) <= _NAME_MAX:
        return spelt
    return f"{spelt[:_NAME_MAX]}%{hashlib.sha256(name.encode()).hexdigest()[:16]}"
