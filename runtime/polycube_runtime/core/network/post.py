"""Packets from control planes into the data plane."""

from __future__ import annotations

from typing import TYPE_CHECKING

from polycube_runtime.bpf import asm
from polycube_runtime.bpf.spec import Hook
from polycube_runtime.core.network.paths import EGRESS, INGRESS, TWIN

if TYPE_CHECKING:
    from polycube_runtime.bpf.kernel import Kernel
    from polycube_runtime.core.cube import Cube
    from polycube_runtime.core.loading.system import System
    from polycube_runtime.core.network.wiring import Wiring
    from polycube_runtime.core.port import Port

SLOTS = {"ingress": INGRESS, "egress": EGRESS}
"""The slots that a transparent cube leaves by, by direction."""


class Post:
    """Sends packets out of ports and on along chains, or through cubes once more.

    Whether at TC or at XDP, a packet is brought to the cube by an injector (`core.loading.system`);
    what is beyond the slot that it leaves by sees it as if it came from the data plane.
    """

    def __init__(self, kernel: Kernel, system: System, wiring: Wiring) -> None:
        """Send over the ways of `wiring`."""
        self._kernel = kernel
        self._system = system
        self._wiring = wiring

    async def send(self, cube: Cube, port: Port, data: bytes, *, recirculate: bool) -> None:
        """Send a packet out of a port, or let it come in by it; without a peer it is dropped."""
        hop = self._wiring.hop(cube, port.index)
        if recirculate:
            await self._system.inject(cube.hook, cube.id, port.index, data)
        elif hop.ifindex:
            self._kernel.send(hop.ifindex, data)
        elif hop.program:
            await self._system.inject(cube.hook, asm.OUT + cube.id, port.index, data)

    def send_to_namespace(self, port: Port, data: bytes) -> None:
        """Have a packet come in by a port of the cube's namespace; without one it is dropped."""
        if port.twin is not None:
            self._kernel.send(port.twin.index, data)

    async def send_on(self, cube: Cube, direction: str, data: bytes, *, recirculate: bool) -> None:
        """Send a packet on from a transparent cube, or through it; attached to nothing, drop it."""
        if not cube.parent:
            return
        home, hook, slot = self._home(cube), cube.hook, SLOTS[direction]
        if home and direction == "egress" and hook is Hook.XDP:
            hook, slot = Hook.TC, TWIN  # what the host sends passes no XDP hook
        if home and direction == "ingress" and cube.type == "XDP_SKB":
            cube.log.debug("a packet to the host's stack is dropped: %s", _NO_WAY_BACK)
            return
        if recirculate:
            place = asm.IN if direction == "ingress" else asm.EGRESS
            port = self._wiring.hop(cube, slot).port
        else:
            place, port = asm.OUT, slot
        await self._system.inject(hook, place + cube.id, port, data, home)

    def _home(self, cube: Cube) -> int:
        use = self._wiring.netdevs.get(cube.parent)
        if use is None or use.netdev is None or use.end is not None:
            return 0  # beyond the chain is a port, not the host
        return use.netdev.index


_NO_WAY_BACK = "a netdev's generic XDP hook sees whatever it receives, this packet again too"
