"""Packets between data planes and control planes.

Up: ring buffer record, decoded, queued for its cube; a queue that is full loses the packet and
counts it, so a flood or a slow control plane costs bounded memory and never slows the data plane.
Down: see `Polycube.send`.
"""

from __future__ import annotations

import asyncio
import contextlib
import logging
import struct
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable

    from polycube_runtime.support.control import PacketIn

_log = logging.getLogger(__name__)

QUEUE_SIZE = 256
_HEADER = struct.Struct("=IHH3III")  # struct pcn_packet_in, up to its data


class Record(NamedTuple):
    """A packet as it left the data plane, its cube and port still numbers."""

    cube: int
    port: int
    reason: int
    metadata: tuple[int, int, int]
    traffic_class: int
    length: int
    data: bytes


def decode(raw: bytes) -> Record:
    """Read a `struct pcn_packet_in`."""
    cube, port, reason, *metadata, traffic_class, length = _HEADER.unpack_from(raw)
    data = raw[_HEADER.size :][:length]  # the kernel rounds records up to 8 bytes
    return Record(
        cube, port, reason, (metadata[0], metadata[1], metadata[2]), traffic_class, length, data
    )


class Inbox:
    """One cube's packets on their way to `on_packet`; `dropped` counts those that found it full."""

    def __init__(self, on_packet: Callable[[PacketIn], Awaitable[None]], name: str) -> None:
        """Start delivering."""
        self._on_packet = on_packet
        self._name = name
        self._queue: asyncio.Queue[PacketIn] = asyncio.Queue(QUEUE_SIZE)
        self._task = asyncio.get_running_loop().create_task(self._deliver(), name=f"inbox {name}")
        self.dropped = 0

    def put(self, packet: PacketIn) -> None:
        """Queue a packet, or drop it."""
        try:
            self._queue.put_nowait(packet)
        except asyncio.QueueFull:
            self.dropped += 1

    async def _deliver(self) -> None:
        while True:
            packet = await self._queue.get()
            try:
                await self._on_packet(packet)
            except Exception:  # noqa: BLE001 (a control plane's mistake must not end its slow path)
                _log.exception("%s: on_packet failed", self._name)

    async def close(self) -> None:
        """Stop delivering; what is queued is dropped."""
        self._task.cancel()
        with contextlib.suppress(asyncio.CancelledError):
            await self._task
