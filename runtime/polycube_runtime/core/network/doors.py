"""Where packets come in from netdevs.

A dispatcher of a few instructions hangs on the netdev and jumps to slot 0 of a prog array of its
own: what the netdev's packets meet first is changed by one atomic write. Everything is pinned.
"""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING, Self

from polycube_runtime.bpf import asm
from polycube_runtime.bpf.kernel import AttachPoint
from polycube_runtime.bpf.spec import Hook, MapKind, MapSpec

if TYPE_CHECKING:
    from polycube_runtime.bpf.kernel import Attachment, Kernel, Map, Netdev, Program
    from polycube_runtime.core.loading.system import System
    from polycube_runtime.core.network.grace import Grace
    from polycube_runtime.core.network.paths import Hop

DOOR_MAP = MapSpec("pcn_door", MapKind.PROG_ARRAY, 4, 4, 1)
DOOR_PORT_MAP = MapSpec("pcn_door_port", MapKind.ARRAY, 4, 4, 1)
DISPATCHER = "dispatcher"
"""Name of a dispatcher's pin."""
NEXT = "next"
"""What the pin of one begins with that is about to be hung up."""
HOOKS = {
    AttachPoint.TC_INGRESS: Hook.TC,
    AttachPoint.TC_EGRESS: Hook.TC,
    AttachPoint.XDP_SKB: Hook.XDP,
    AttachPoint.XDP_DRV: Hook.XDP,
}


class Entrance:
    """A dispatcher and its two maps, attached to nothing."""

    def __init__(self, program: Program, door: Map, port: Map, nothing: Program) -> None:
        """Own them; `nothing` drops packets, and stays another's."""
        self.program = program
        self._nothing = nothing
        self.door = door
        self.port = port
        self._hop: Hop | None = None  # whatever the maps say

    @classmethod
    async def open(cls, kernel: Kernel, system: System, hook: Hook, pins: str = "") -> Self:
        """Load a dispatcher that leads nowhere yet; or on, if an earlier one's maps are at `pins`.

        Those are used further on, so that no packet finds them empty.
        """
        door = kernel.adopt_map(DOOR_MAP, f"{pins}/door") or kernel.create_map(DOOR_MAP)
        try:
            port = kernel.adopt_map(DOOR_PORT_MAP, f"{pins}/port")
            port = port or kernel.create_map(DOOR_PORT_MAP)
        except BaseException:
            door.close()
            raise
        maps = {**system.maps(hook), DOOR_MAP.name: door, DOOR_PORT_MAP.name: port}
        try:
            nothing = await system.verdict(hook, asm.DROP[hook])
            return cls(await kernel.load(asm.dispatcher(hook), maps), door, port, nothing)
        except BaseException:
            door.close()
            port.close()
            raise

    def lead(self, hop: Hop) -> None:
        """Lead to another program from now on."""
        if hop == self._hop:
            return
        value, before = struct.pack("=I", hop.port), self._hop
        self._hop = None  # should a write fail, the next `lead` does them all
        if self.port.lookup(bytes(4)) != value:
            if before is None or before.program is not hop.program:
                # Else a packet might enter the one cube as if by the port of the other.
                self.door.set_program(0, self._nothing)
            self.port.update(bytes(4), value)
        self.door.set_program(0, hop.program)
        self._hop = hop

    def close(self) -> None:
        """Let go of it."""
        for thing in (self.program, self.door, self.port):
            thing.close()


class Door:
    """An entrance at one of a netdev's hooks."""

    def __init__(
        self, kernel: Kernel, entrance: Entrance, attachment: Attachment, pins: str
    ) -> None:
        """Own them; `pins` is the door's folder in bpffs."""
        self._kernel = kernel
        self._entrance = entrance
        self._attachment = attachment
        self._pins = pins

    @classmethod
    async def open(
        cls, kernel: Kernel, system: System, netdev: Netdev, point: AttachPoint, pins: str, hop: Hop
    ) -> Self:
        """Let the packets of a netdev in; they go to `hop` from the first one on.

        Raises:
            NetdevError: it is gone, already used, or cannot do this.

        """
        folder = f"{pins}/{netdev.index}_{point}"
        adopted = DISPATCHER in kernel.pinned(folder)
        entrance = await Entrance.open(kernel, system, HOOKS[point], folder)
        attachment = None
        try:
            entrance.lead(hop)
            kernel.pin_again(f"{folder}/door", f"{folder}/former")  # if it is another one
            kernel.pin(entrance.door, f"{folder}/door")
            kernel.pin(entrance.port, f"{folder}/port")
            # First: a pin tells what to clear away. Beside those of before: any may hang there.
            former = dispatchers(kernel, folder)
            kernel.pin(entrance.program, f"{folder}/{NEXT}{len(former)}")
            attachment = await kernel.attach(netdev, point, entrance.program, former)
            kernel.pin(entrance.program, f"{folder}/{DISPATCHER}")
            for path in [*dispatchers(kernel, folder)[1:], f"{folder}/former"]:
                kernel.unpin(path)
        except BaseException:
            if not adopted:  # else packets go by it, and the next start will know it by its pins
                if attachment is not None:
                    await attachment.detach()
                # Where `attach` was cancelled it may hang all the same.
                await remove_door(kernel, pins, f"{netdev.index}_{point}")
            entrance.close()
            raise
        return cls(kernel, entrance, attachment, folder)

    def lead(self, hop: Hop) -> None:
        """See `Entrance.lead`."""
        self._entrance.lead(hop)

    async def close(self, grace: Grace) -> None:
        """Take it off the netdev, which may be gone."""
        await self._attachment.detach()
        self._kernel.unpin(self._pins)
        grace.after(self._entrance.close)  # a packet may be in it, about to jump by its door


def dispatchers(kernel: Kernel, folder: str) -> list[str]:
    """Return the pins of the dispatchers of which one may hang at a door; `DISPATCHER` is first.

    Each start that was killed on the way has left one.
    """
    names = kernel.pinned(folder)
    return [f"{folder}/{name}" for name in names if name.startswith((DISPATCHER, NEXT))]


async def remove_door(kernel: Kernel, pins: str, name: str) -> None:
    """Take an earlier daemon's door off its netdev, as the folder `name` below `pins` tells."""
    index, _, point = name.partition("_")
    if index.isdecimal() and point in set(AttachPoint):
        for pin in dispatchers(kernel, f"{pins}/{name}"):
            await kernel.detach(int(index), AttachPoint(point), pin)
    kernel.unpin(f"{pins}/{name}")
