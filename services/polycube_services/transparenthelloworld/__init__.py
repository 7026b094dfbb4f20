"""transparenthelloworld: one decision for each direction. The transparent service to start from.

Its model is bound to maps as a whole, so the control plane has nothing to do but to greet what
`SLOWPATH` sends up, and to send it on.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from polycube_generated.transparenthelloworld import TransparenthelloworldBase

if TYPE_CHECKING:
    from polycube_runtime.support.control import PacketIn


class Transparenthelloworld(TransparenthelloworldBase):
    """Control plane of transparenthelloworld."""

    async def on_packet(self, packet: PacketIn) -> None:
        """Note a packet that the data plane sent up, and send it on its way."""
        self.log.info("[%s] packet in slow path: %d bytes", packet.port.upper(), packet.length)
        await self.cube.send_on(packet.port, packet.data)
