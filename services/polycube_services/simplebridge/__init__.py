"""simplebridge: a learning switch without VLANs.

Learning, forwarding, ageing and flooding are the data plane's; the forwarding table is a map bound
to the model. Here is only what the model cannot say.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from polycube_generated.simplebridge import FdbFlushOutput, SimplebridgeBase

if TYPE_CHECKING:
    from polycube_runtime.support.control import PacketIn

REASON_FLOODING = 1


class Simplebridge(SimplebridgeBase):
    """Control plane of simplebridge."""

    async def fdb_flush(self) -> FdbFlushOutput:
        """Forget every address, learnt or created."""
        self.cube.tables["fwdtable"].clear()
        return FdbFlushOutput(flushed=True)

    async def on_packet(self, packet: PacketIn) -> None:
        """Flood what the data plane could not: at XDP, where a port leads to another cube."""
        if packet.reason == REASON_FLOODING and packet.length == len(packet.data):
            for name in list(self.cube.ports):  # they may change while one of them is sent to
                if name != packet.port:
                    await self.cube.send(name, packet.data)
