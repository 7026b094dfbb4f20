"""simpleforwarder: from port to port, by a table of the operator's.

The table is a map bound to the model; when a port goes, the entries that name it go with it. The
control plane has nothing to do but to note what `SLOWPATH` sends up.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from polycube_generated.simpleforwarder import SimpleforwarderBase

if TYPE_CHECKING:
    from polycube_runtime.support.control import PacketIn


class Simpleforwarder(SimpleforwarderBase):
    """Control plane of simpleforwarder."""

    async def on_packet(self, packet: PacketIn) -> None:
        """Note a packet that the data plane sent up; it goes no further."""
        self.log.info("packet in slow path: %d bytes from port %s", packet.length, packet.port)
