"""The live stream of what changes, as server-sent events (WHATWG HTML, section 9.2).

    event: change         one record of a committed transaction
    event: notification   what a service's model calls so, told by its control plane
    event: state          a cube, a port's status, a network interface or a service, as it is now
    event: overrun        some events are lost: read anew what you know

Each event has an id; a reader that comes back with `Last-Event-ID` gets what it missed from a
bounded history, or `overrun`. A reader that is too slow is told `overrun` and dropped: a queue of
its own is all it costs, and nobody waits for it.
"""

from __future__ import annotations

import asyncio
import contextlib
import re
import time
from collections import deque
from typing import TYPE_CHECKING, Any

import msgspec
from starlette.responses import StreamingResponse

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Iterator

    from starlette.types import Receive, Scope, Send

    from polycube_runtime.core.durable.transaction import Committed
    from polycube_runtime.core.polycube import Polycube
    from polycube_runtime.core.port import End
    from polycube_runtime.core.slow.notifying import Notified

HISTORY = 1_000
"""Events that can be had again; more if one transaction has more."""
QUEUE = 10_000
"""Events that wait for a reader; more if one transaction has more."""
KEEP_ALIVE = 15.0
"""Seconds of silence until a comment shows that the stream is alive."""
PATIENCE = 30.0
"""Seconds that a reader may take for what was sent."""
TURN = 0.02
"""Seconds that one reader's events may be written for until others have their turn."""
_IDS_PER_SECOND = 1_000_000
_ID = re.compile("[0-9]{1,30}").fullmatch


class Batch:
    """The events of one moment: encoded once, whoever reads them."""

    def __init__(
        self,
        first: int,
        kind: str,
        events: list[dict[str, Any]],
        notified: Notified | None = None,
    ) -> None:
        """Give `events` of one `kind` numbers from `first` on; one may be a notification."""
        self.notified = notified
        self.first = first
        self.kind = kind
        self.events = events
        self._text: bytes | None = None

    def __len__(self) -> int:
        """Count the events."""
        return len(self.events)

    def text(self, cubes: frozenset[str], after: int = 0) -> bytes:
        """Return the events of some cubes (all if none is named), with ids after one."""
        if cubes or after >= self.first:
            return b"".join(self._lines(cubes, after))
        if self._text is None:
            self._text = b"".join(self._lines(cubes, 0))
        return self._text

    def _lines(self, cubes: frozenset[str], after: int) -> Iterator[bytes]:
        for number, event in enumerate(self.events, self.first):
            if number > after and (not cubes or event.get("cube") in cubes):
                data = msgspec.json.encode(event)
                yield b"event: %s\nid: %d\ndata: %s\n\n" % (self.kind.encode(), number, data)


class Reader:
    """What waits for one client."""

    def __init__(self, cubes: frozenset[str]) -> None:
        """Wait for events of `cubes`; of all if none is named."""
        self.cubes = cubes
        self.waiting: deque[Batch] = deque()
        self.count = 0
        self.after = 0
        """The id of the last event that the client has already."""
        self.woken = asyncio.Event()
        self.overrun = False
        self.until = float("inf")
        """When the stream ends, in seconds since 1970."""

    def put(self, batch: Batch) -> None:
        """Add what happened, or give up on the reader."""
        if self.count and self.count + len(batch) > QUEUE:
            self.overrun = True
            self.waiting.clear()
        elif not self.overrun:
            self.waiting.append(batch)
            self.count += len(batch)
        self.woken.set()

    def take(self) -> bytes:
        """Return what waits as it is sent; if that takes long, the first of it."""
        texts, end = [], time.monotonic() + TURN
        while self.waiting and time.monotonic() < end:
            batch = self.waiting.popleft()
            self.count -= len(batch)
            texts.append(self.text(batch, self.after))
        if not self.waiting:
            self.woken.clear()
        return b"".join(texts)

    def text(self, batch: Batch, after: int = 0) -> bytes:
        """Return what is sent of a batch: events with ids after one."""
        return batch.text(self.cubes, after)

    def lost(self, last: int) -> bytes:
        """Return what is sent when events are lost; `last` is the id of the latest."""
        return b"event: overrun\nid: %d\ndata: {}\n\n" % last


class Events:
    """Turns what the daemon does into events, and hands them to every reader."""

    def __init__(self, polycube: Polycube) -> None:
        """Watch `polycube`."""
        # Later than any id that another run of the daemon gave: nobody resumes at a wrong one.
        self._last = int(time.time()) * _IDS_PER_SECOND
        self._history: deque[Batch] = deque()
        self._kept = 0
        self._readers: set[Reader] = set()
        self._closed = False
        self._netdevs: dict[str, bool] = {}
        polycube.observers.append(self.committed)
        polycube.netdev_observers.append(self.netdev)
        polycube.notifying.observe(self.notified)
        polycube.states.append(self.port)
        polycube.services.observers.append(self.service)
        self.library: Callable[[], str] | None = None
        """Tells which set of YANG modules there is, for those who speak YANG."""

    # What happens

    def committed(self, committed: Committed) -> None:
        """Tell of a transaction, and of the states that followed from it."""
        about = {"transaction": committed.number, "time": committed.time}
        self._publish(
            "change", [{**msgspec.to_builtins(one), **about} for one in committed.records]
        )
        for one in committed.records:
            if one.op != "replace" and one.path.count("/") == 2:  # noqa: PLR2004 (/service/cube)
                self.state("cube", one.cube, "UP" if one.op == "create" else "GONE", one.cube)

    def notified(self, notified: Notified) -> None:
        """Tell what a control plane has to tell."""
        event = {"cube": notified.cube, "path": notified.place.path, "time": notified.time}
        self._publish("notification", [{**event, "content": notified.content}], notified)

    def port(self, end: End, _before: str, now: str) -> None:
        """Tell that a port came up or went down."""
        self.state("port", end.text, now, end.cube.name)

    def netdev(self, event: Any) -> None:
        """Tell that a network interface came, went, or is up or down now: a `bpf` NetdevEvent."""
        there = getattr(event, "netdev", None)
        if there is None:
            self._netdevs.pop(event.name, None)
            self.state("netdev", event.name, "GONE")
        elif self._netdevs.get(there.name) != there.up:  # the kernel tells of much else, too
            self._netdevs[there.name] = there.up
            self.state("netdev", there.name, "UP" if there.up else "DOWN")

    def service(self, name: str, status: str) -> None:
        """Tell that a service was loaded or unloaded."""
        more = {"content-id": self.library()} if self.library else {}
        self.state("service", name, status, **more)

    def state(self, what: str, name: str, status: str, cube: str = "", **more: str) -> None:
        """Tell the status of a thing: a cube, a port (`cube:port`), a netdev or a service."""
        event: dict[str, Any] = {"what": what, "name": name, "status": status, "time": time.time()}
        self._publish("state", [{**event, **({"cube": cube} if cube else {}), **more}])

    def _publish(
        self, kind: str, events: list[dict[str, Any]], notified: Notified | None = None
    ) -> None:
        if not events:
            return
        batch = Batch(self._last + 1, kind, events, notified)
        self._last += len(batch)
        self._history.append(batch)
        self._kept += len(batch)
        while self._kept > HISTORY and len(self._history) > 1:
            self._kept -= len(self._history.popleft())
        for reader in self._readers:
            reader.put(batch)

    # Who reads

    def stream(self, cubes: frozenset[str], last: str | None) -> Stream:
        """Return the stream for one client; `last` is its `Last-Event-ID`."""
        return self.follow(Reader(cubes), last)

    def follow(self, reader: Reader, last: str | None) -> Stream:
        """Return the stream for one client, who reads as `reader` writes."""
        return Stream(self._texts(reader, self._last if last is None else _number(last)))

    @property
    def oldest(self) -> str:
        """The `Last-Event-ID` of who wants all that is kept."""
        return str(self._history[0].first - 1 if self._history else self._last)

    def close(self) -> None:
        """End every stream: the daemon stops."""
        self._closed = True
        for reader in self._readers:
            reader.woken.set()

    async def _texts(self, reader: Reader, last: int) -> AsyncIterator[bytes]:
        lost = self._catch_up(reader, last)
        self._readers.add(reader)
        try:
            yield b": polycubed\n\n" + lost + reader.take()
            while not self._closed and ((left := reader.until - time.time()) > 0 or reader.waiting):
                try:
                    async with asyncio.timeout(min(KEEP_ALIVE, left)):
                        await reader.woken.wait()
                except TimeoutError:
                    yield b": still here\n\n"
                    continue
                text = reader.take()
                if reader.overrun:
                    yield reader.lost(self._last)
                    return
                if text:
                    yield text
                await asyncio.sleep(0)  # the others' turn
        finally:
            self._readers.discard(reader)

    def _catch_up(self, reader: Reader, last: int) -> bytes:
        """Let what a reader missed wait for it; returns what is sent if that is no longer known."""
        known = self._history[0].first if self._history else self._last + 1
        if not known - 1 <= last <= self._last:
            return reader.lost(self._last)
        reader.after = last
        for batch in self._history:
            if batch.first + len(batch) - 1 > last:
                reader.put(batch)
        return b""


def _number(text: str) -> int:
    return int(text) if _ID(text) else 0


class Stream(StreamingResponse):
    """A stream of events, given up when its reader takes nothing for too long."""

    media_type = "text/event-stream"

    def __init__(self, texts: AsyncIterator[bytes]) -> None:
        """Send `texts`."""
        super().__init__(texts, headers={"Cache-Control": "no-store", "X-Accel-Buffering": "no"})

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer with the stream until it ends, the client goes, or is too slow."""

        async def patient(message: Any) -> None:
            async with asyncio.timeout(PATIENCE):
                await send(message)

        with contextlib.suppress(TimeoutError):
            await super().__call__(scope, receive, patient)
