"""Notifications that data planes tell of by themselves: from their ring buffers to who listens.

    alarm_emit(&event) -> ring buffer of the cube -> a turn of records -> observers of `Notifying`

Each cube has a ring for each such notification, so a flood takes nobody else's room: what finds
none is counted in the kernel. Rings take turns, and all together are read no faster than
`EVENTS_A_SECOND`, which leaves the daemon its time. What a ring holds outlives the daemon; nothing
is read while there is nobody to be told.

An event is checked against the types of its leaves. Conditions of the model, for which the cube's
whole document would have to be read each time, the generator refuses for such notifications.
"""

from __future__ import annotations

import asyncio
import logging
import struct
import time
from collections import deque
from typing import TYPE_CHECKING, NamedTuple

from polycube_runtime.support.errors import PolycubeError
from polycube_runtime.support.schema import List, Notification

if TYPE_CHECKING:
    from polycube_runtime.bpf.kernel import Kernel, Ring
    from polycube_runtime.core.cube import Cube
    from polycube_runtime.core.slow.notifying import Notifying
    from polycube_runtime.support.codec import MapLayout
    from polycube_runtime.support.schema import Service

_log = logging.getLogger(__name__)

EVENTS_A_SECOND = 1_000
"""Of all cubes together; one of them alone may have as many."""
REPORT = 1.0
"""Seconds between two lines that say what of a notification is lost."""
RING = "ringbuf"
MISSED = "pcn_missed"
"""The map that counts what found no room, by the number of the notification: maps.h."""
_STAMP = struct.Struct("=Q")
"""How a record begins: when it was told, as bpf_ktime_get_ns() says."""


class Told(NamedTuple):
    """What became of the events of a cube's data plane.

    `events` were told, `missed` found their ring full, `refused` were none of the model.
    """

    events: int
    missed: int
    refused: int


class _Stream:
    """The ring of one notification of one cube."""

    def __init__(
        self, cube: Cube, path: str, layout: MapLayout, number: int, emitted: Emitted
    ) -> None:
        self.cube = cube
        self.path = path
        self.layout = layout
        self.map = cube.dataplane.maps[layout.name]
        self.events = self.missed = self.refused = 0
        self._emitted = emitted
        self._around = [one.leaf for one in layout.value.fields[: _keys(cube.service, path)]]
        self._number = struct.pack("=I", number)
        self._records: list[bytes] = []
        self._unsaid = 0
        self._why = ""
        self._listening = False
        self._ring: Ring = emitted.kernel.open_ring(self.map, self._arrived)
        self.listen()

    def _arrived(self, raw: bytes) -> None:
        self._records.append(raw)
        self._emitted.wake(self)

    def listen(self) -> None:
        """Wait for the ring to have something."""
        if not self._listening:
            loop = asyncio.get_running_loop()
            loop.add_reader(self._ring.fileno(), self._emitted.wake, self)
            self._listening = True

    def deafen(self) -> None:
        """Wait no longer: what there is, is read in its turn."""
        if self._listening:
            asyncio.get_running_loop().remove_reader(self._ring.fileno())
            self._listening = False

    def tell(self, notifying: Notifying) -> int:
        """Tell of some events; returns how many records that took."""
        self._ring.consume()
        records, self._records = self._records, []
        for raw in records:
            try:
                self._tell(raw, notifying)
            except PolycubeError as error:
                self._refuse(str(error))
        return len(records)

    def _tell(self, raw: bytes, notifying: Notifying) -> None:
        size, ports = self.layout.value.size, self.cube.ports
        found = self.layout.unpack_entries([(b"", raw[:size])], ports)
        if not found:
            self._refuse("it names a port or an interface that is not there")
            return
        (content,) = found
        keys = tuple(content.pop(name) for name in self._around)
        age = time.monotonic_ns() - _STAMP.unpack_from(raw)[0]
        notifying.tell(self.cube, self.path, content, keys, time.time() - age / 1e9)
        self.events += 1

    def _refuse(self, why: str) -> None:
        self.refused += 1
        self._unsaid += 1
        self._why = why

    def report(self) -> None:
        """Log what is lost since the last time."""
        if missed := self._take_missed():
            self.missed += missed
            self.cube.log.warning("%d notifications /%s found no room", missed, self.path)
        if self._unsaid:
            message = "%d notifications /%s are left out: %s"
            self.cube.log.warning(message, self._unsaid, self.path, self._why)
            self._unsaid = 0

    def _take_missed(self) -> int:
        """Return what is counted in the kernel, which starts anew: what it has is not said yet."""
        counter = self.cube.dataplane.maps.get(MISSED)
        raw = counter.lookup(self._number) if counter else None
        if counter is None or raw is None or not any(raw):
            return 0
        counter.update(self._number, bytes(len(raw)))
        return sum(struct.unpack(f"={len(raw) // 8}Q", raw))

    def close(self) -> None:
        self.deafen()
        self._ring.close()


def _keys(service: Service, path: str) -> int:
    """Count the keys of the lists around a notification, which come first in its records."""
    steps = path.split("/")
    around = (service["/".join(steps[:count])] for count in range(1, len(steps)))
    return sum(len(node.keys) for node in around if isinstance(node, List))


class Emitted:
    """What data planes tell of, of all cubes."""

    def __init__(self, kernel: Kernel, notifying: Notifying) -> None:
        """Follow no cube yet."""
        self.kernel = kernel
        self._notifying = notifying
        self._streams: dict[Cube, dict[str, _Stream]] = {}
        self._waiting: deque[_Stream] = deque()
        self._seen: set[_Stream] = set()
        self._task: asyncio.Task[None] | None = None
        self._reporting: asyncio.TimerHandle | None = None

    def follow(self, cube: Cube) -> None:
        """Tell of what a cube's data plane tells, from now on; its rings may be others by now."""
        streams = self._streams.setdefault(cube, {})
        paths = {
            node.binding: path
            for path, node in cube.service.walk()
            if isinstance(node, Notification) and node.binding
        }
        layouts = [one for one in cube.service.maps if one.kind == RING]
        for number, layout in enumerate(layouts):
            before, now = streams.get(layout.name), cube.dataplane.maps.get(layout.name)
            if before is not None and before.map is not now:
                self._end(streams.pop(layout.name))
            if now is not None and layout.name not in streams:
                path = paths[layout.name]
                streams[layout.name] = _Stream(cube, path, layout, number, self)

    def again(self, cube: Cube) -> None:
        """Follow a cube whose programs are others now, if it was followed before."""
        if cube in self._streams:
            self.follow(cube)

    def close(self, cube: Cube) -> None:
        """Tell nothing more of a cube."""
        for stream in self._streams.pop(cube, {}).values():
            self._end(stream)
        if not self._streams:
            self._rest()

    def _rest(self) -> None:
        if self._task is not None:
            self._task.cancel()
        if self._reporting is not None:
            self._reporting.cancel()
        self._task = self._reporting = None

    def _end(self, stream: _Stream) -> None:
        if stream in self._waiting:
            self._waiting.remove(stream)
        self._seen.discard(stream)
        stream.close()

    def counts(self, cube: Cube) -> Told | None:
        """Say what became of a cube's events, since this daemon knows it; None if it has none."""
        streams = self._streams.get(cube, {}).values()
        if not streams:
            return None
        return Told(
            sum(one.events for one in streams),
            sum(one.missed for one in streams),
            sum(one.refused for one in streams),
        )

    async def settled(self) -> None:
        """Wait until everything that was in the rings is told."""
        if self._task is not None:
            await asyncio.wait([self._task])

    def wake(self, stream: _Stream) -> None:
        """Have a ring's turn come: it has something."""
        stream.deafen()
        if stream not in self._waiting:
            self._waiting.append(stream)
        if self._task is None:
            self._task = asyncio.get_running_loop().create_task(self._deliver(), name="events")

    async def _deliver(self) -> None:
        await self._notifying.is_heard.wait()  # after a restart there is no stream of events yet
        while self._waiting:
            stream = self._waiting[0]
            try:
                count = stream.tell(self._notifying)
            except Exception:  # noqa: BLE001 (one cube's mistake must not silence the others)
                _log.exception("%s: /%s cannot be told", stream.cube.name, stream.path)
                count = 1
            self._waiting.popleft()
            self._seen.add(stream)
            self._report_soon()
            if count:
                self._waiting.append(stream)
            else:
                stream.listen()
            await asyncio.sleep(count / EVENTS_A_SECOND)
        self._task = None

    def _report_soon(self) -> None:
        if self._reporting is None:
            self._reporting = asyncio.get_running_loop().call_later(REPORT, self._report)

    def _report(self) -> None:
        self._reporting = None
        seen, self._seen = self._seen, set()
        for stream in seen:
            stream.report()
