"""helloworld: two ports, and one decision for every packet. The example to start from.

Its model is bound to a map as a whole, so the control plane has nothing to do but to greet what
`SLOWPATH` sends up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from polycube_generated.helloworld import HelloworldBase

if TYPE_CHECKING:
    from polycube_runtime.support.control import PacketIn


class Helloworld(HelloworldBase):
    """Control plane of helloworld."""

    async def on_packet(self, packet: PacketIn) -> None:
        """Note a packet that the data plane sent up; it goes no further."""
        self.log.info(
            "[INGRESS] packet in slow path: %d bytes from port %s", packet.length, packet.port
        )
