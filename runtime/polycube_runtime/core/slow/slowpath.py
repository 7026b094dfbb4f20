"""Packets and log lines from data planes to control planes.

    program -> window of its cube -> ring buffer -> queue of the cube -> on_packet

A flood, a slow or a stopped control plane must cost neither memory nor the data plane's time, nor
anybody else's packets. So a cube may have `WINDOW` packets, and as many log lines, on their way
(pcn/flow.h); what exceeds that is dropped and counted in the kernel. The window moves on when a
control plane has dealt with packets, and not faster than `PACKETS_A_SECOND` for all cubes
together and `LINES_A_SECOND` for each: a flood leaves the daemon its time for all else.

- `Record`, `decode`: a packet as it comes out of the ring buffer
- `Inbox`: the queue of a cube
- `SlowPath`: all of it; `Counts`: what became of a cube's packets and lines

The other way, packets to data planes, is `post`.
"""

from __future__ import annotations

import asyncio
import logging
import struct
import time
from typing import TYPE_CHECKING, NamedTuple

from polycube_runtime.core.slow import datalog
from polycube_runtime.core.slow.loglimit import LINES_A_SECOND
from polycube_runtime.support.control import PacketIn

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Mapping

    from polycube_runtime.bpf.kernel import Map
    from polycube_runtime.core.cube import Cube

_log = logging.getLogger(__name__)

WINDOW = 256
"""PCN_WINDOW of pcn/flow.h."""
PACKETS_A_SECOND = 5_000
"""Of all cubes together; one of them alone may have as many."""
TICK = 0.02
"""Seconds between two looks at what was dealt with."""
REPORT = 1.0
"""Seconds between two lines that say that on_packet fails."""
DIRECTIONS = ("ingress", "egress")
"""POLYCUBE_PROGRAM_TYPE of a transparent cube's programs."""
_TURN = 32
"""Packets of one cube before others, and REST, have their turn."""
_HEADER = struct.Struct("=IHH3III")  # struct pcn_packet_in, up to its data
_FLOW = struct.Struct("=4Q")  # struct pcn_flow: sent and dropped, of packets and of lines
_TAKEN = struct.Struct("=2Q")  # struct pcn_taken


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


class Counts(NamedTuple):
    """What became of a cube's packets for its control plane, and of its program's log lines.

    `packets` were sent up, `dropped` did not fit; likewise `lines` and those `suppressed`.
    """

    packets: int
    dropped: int
    lines: int
    suppressed: int

    def since(self, before: Counts) -> Counts:
        """Return the difference to an earlier count."""
        return Counts(*(now - then for now, then in zip(self, before, strict=True)))


class Inbox:
    """One cube's packets on their way to `on_packet`; `dropped` counts those that found it full.

    `done` is called for each packet when it is dealt with, or dropped.
    """

    def __init__(
        self,
        on_packet: Callable[[PacketIn], Awaitable[None]],
        name: str,
        done: Callable[[], None],
    ) -> None:
        """Start delivering."""
        self._on_packet = on_packet
        self._name = name
        self._done = done
        self._queue: asyncio.Queue[PacketIn] = asyncio.Queue(WINDOW)
        self._task = asyncio.get_running_loop().create_task(self._deliver(), name=f"inbox {name}")
        self._failures = 0
        self._reported = -REPORT
        self.dropped = 0

    def put(self, packet: PacketIn) -> None:
        """Queue a packet, or drop it."""
        try:
            self._queue.put_nowait(packet)
        except asyncio.QueueFull:
            self.drop()

    def drop(self) -> None:
        """Count a packet that is not delivered."""
        self.dropped += 1
        self._done()

    async def _deliver(self) -> None:
        turn = 0
        while True:
            packet = await self._queue.get()
            try:
                await self._on_packet(packet)
            except Exception:  # noqa: BLE001 (a control plane's mistake must not end its slow path)
                self._report()
            self._done()
            turn = (turn + 1) % _TURN
            if not turn:
                await asyncio.sleep(0)

    def _report(self) -> None:
        """Log the exception at hand; of many, one in a while and how many there were."""
        self._failures += 1
        if time.monotonic() - self._reported >= REPORT:
            more = f" ({self._failures} times)" if self._failures > 1 else ""
            _log.exception("%s: on_packet failed%s", self._name, more)
            self._reported, self._failures = time.monotonic(), 0

    def close(self) -> None:
        """Stop delivering; what is queued is dropped, and what is at work interrupted.

        Nothing waits for it: on_packet may be what deletes the cube, and waits for that itself.
        """
        self._task.cancel()


class _Channel:
    """One cube's windows: what of them is used up, and what may soon be free again."""

    def __init__(self, cube: Cube, maps: Mapping[str, Map]) -> None:
        self.cube = cube
        self._key = struct.pack("=I", cube.id)
        self._flow, self._taken = maps["pcn_flow"], maps["pcn_taken"]
        self.has_begun = False
        self.inbox = Inbox(cube.control.on_packet, cube.name, self._packet_done)
        self.wake: Callable[[], None] = lambda: None
        self.packets = self.lines = 0
        """Dealt with, and not yet told to the kernel."""
        # The number may have been another cube's, or this one's under a daemon before this.
        self._before = self._read()
        self._told = [self._before.packets, self._before.lines]
        self._tell()
        self._suppressed = 0
        cube.log.addFilter(cube.lines)

    def _read(self) -> Counts:
        raw = self._flow.lookup(self._key) or bytes(_FLOW.size)
        return Counts(*_FLOW.unpack(raw))

    def _tell(self) -> None:
        self._taken.update(self._key, _TAKEN.pack(*self._told))

    def _packet_done(self) -> None:
        self.packets += 1
        self.wake()

    def line(self, line: datalog.Line) -> None:
        self.cube.log.log(line.level, "%s", line.text, extra={"program": True})
        self.lines += 1
        self.wake()

    def counts(self) -> Counts:
        found = self._read().since(self._before)
        lost = self.inbox.dropped
        return Counts(
            found.packets - lost,
            found.dropped + lost,
            found.lines,
            found.suppressed - self._suppressed + self.cube.lines.suppressed,
        )

    def move(self, packets: int) -> None:
        """Move the windows on: by so many packets, and by as many lines as there is time for."""
        lines = min(self.lines, round(LINES_A_SECOND * TICK))
        if not packets and not lines:
            return
        self.packets -= packets
        self.lines -= lines
        self._told[0] += packets
        self._told[1] += lines
        self._tell()
        if lines:
            self._say_what_is_missing()

    def _say_what_is_missing(self) -> None:
        """Have it logged how many lines never left the kernel."""
        suppressed = self._read().since(self._before).suppressed
        if suppressed > self._suppressed:
            self.cube.lines.leave_out(suppressed - self._suppressed)
            self._suppressed = suppressed

    def close(self) -> None:
        self.inbox.close()
        self.cube.lines.close()


class SlowPath:
    """What comes up from the data planes of all cubes."""

    def __init__(self, maps: Callable[[], Mapping[str, Map]]) -> None:
        """Have no cube yet; `maps` returns the daemon's shared maps."""
        self._maps = maps
        self._channels: dict[int, _Channel] = {}
        self._ticking: asyncio.TimerHandle | None = None

    def open(self, cube: Cube) -> None:
        """Deliver the log lines of a cube from now on; packets are dropped until `begin`."""
        channel = _Channel(cube, self._maps())
        channel.wake = self._wake
        self._channels[cube.id] = channel

    def begin(self, cube: Cube) -> None:
        """Deliver its packets: its control plane has started, and knows its ports."""
        self._channels[cube.id].has_begun = True

    def close(self, cube: Cube) -> None:
        """Deliver nothing more."""
        channel = self._channels.pop(cube.id, None)
        if channel is not None:
            channel.close()
        if not self._channels and self._ticking is not None:
            self._ticking.cancel()
            self._ticking = None

    def counts(self, cube: Cube) -> Counts:
        """Say what became of a cube's packets and lines, since this daemon knows it."""
        channel = self._channels.get(cube.id)
        return channel.counts() if channel else Counts(0, 0, 0, 0)

    def packet(self, raw: bytes) -> None:
        """Take a record of pcn_packets."""
        record = decode(raw)
        channel = self._channels.get(record.cube)
        if channel is not None and not channel.has_begun:
            channel.inbox.drop()
        elif channel is not None:  # else it was deleted while the packet was on its way
            port = _port(channel.cube, record.port)
            channel.inbox.put(PacketIn(port, *record[2:]))

    def log_line(self, raw: bytes) -> None:
        """Take a record of pcn_logs."""
        line = datalog.decode(raw)
        channel = self._channels.get(line.cube)
        if channel is not None:
            channel.line(line)

    def _wake(self) -> None:
        if self._ticking is None:
            self._ticking = asyncio.get_running_loop().call_later(TICK, self._tick)

    def _tick(self) -> None:
        """Move the windows on, as far as there is time for; each cube has its share of it."""
        self._ticking = None
        grants = self._shares(round(PACKETS_A_SECOND * TICK))
        for channel in self._channels.values():
            channel.move(grants.get(channel.cube.id, 0))
        if any(channel.packets or channel.lines for channel in self._channels.values()):
            self._wake()

    def _shares(self, budget: int) -> dict[int, int]:
        """Divide the packets of a tick among the cubes that want any, evenly."""
        wanted = {number: one.packets for number, one in self._channels.items() if one.packets}
        shares: dict[int, int] = {}
        # Who wants least is served first, and what it leaves is the others'.
        for served, number in enumerate(sorted(wanted, key=wanted.__getitem__)):
            shares[number] = min(wanted[number], -(-budget // (len(wanted) - served)))
            budget -= shares[number]
        return shares


def _port(cube: Cube, number: int) -> str:
    if cube.service.kind == "transparent":
        return DIRECTIONS[number]
    return cube.ports.name(number) or str(number)
