"""Attaching and detaching transparent cubes while packets run: what is lost, what gets past."""

from __future__ import annotations

import os
import struct
import threading
import time
from typing import TYPE_CHECKING, NamedTuple

from bench.peers import switching
from bench.pktgen import Sink, pinned
from bench.stats import Summary
from bench.table import Report, Row, Target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.cubes import Cubes
    from bench.pktgen import Generator, Run
    from polycube_runtime.core.cube import Cube

ROUNDS = 1000
PAUSE = 0.003
"""Seconds between two attachments, so that packets meet every state."""
PACKETS = 1 << 17
"""Of one stretch; what a stretch leaves behind in queues is counted in the next."""
GUARDS = 100
"""How often a cube that drops everything is attached, to see that nothing gets past it."""
METHOD = """\
A generator in the kernel sends through a simplebridge between two veths, on a core of its own,
without a pause. A transparent cube that counts every packet stays on the port where they leave;
another one is attached beside it and detached again {rounds:,} times, before it and behind it in
turn. Lost is what was sent and did not arrive; unprocessed is what arrived and was not counted.
Then {guards} times a cube that drops everything is attached: getting past it is what arrives of the
packets sent after the attaching was done. Times are those of the daemon's whole transaction."""
COUNTER = """
BPF_TABLE("percpu_array", u32, u64, seen, 1);
static __always_inline int handle_rx(struct CTXTYPE *ctx, struct pkt_metadata *md) {
  u32 zero = 0;
  u64 *count = seen.lookup(&zero);
  if (count)
    *count += 1;
  return RX_OK;
}
"""


def measure(count: int) -> Report:
    """Measure at TC and at XDP; `count` is how many parts the times are reported in."""
    rows: list[Row] = []
    with pinned(min(os.sched_getaffinity(0))):
        for kind, sink in (("TC", Sink.TC), ("XDP_DRV", Sink.XDP)):
            with switching(kind) as (bed, cubes, cube), bed.generator(sink) as generator:
                site = _Site(cubes, cube, f"{cube.name}:{list(cube.ports)[1]}")
                rows += _rows(kind, site, generator, count)
    method = METHOD.format(rounds=ROUNDS, guards=GUARDS)
    return Report("Attaching and detaching under traffic", method, tuple(rows))


class _Site:
    """The chain of a port, with a counting cube in it."""

    def __init__(self, cubes: Cubes, switch: Cube, where: str) -> None:
        """Make the cubes; the counting one is attached."""
        self._cubes, self._where = cubes, where
        names = ("counter", "passer", "guard")
        service, kind = "transparenthelloworld", switch.type
        self.counter, self.passer, self.guard = (
            cubes.create(service, name, type=kind, **_ACTIONS[name]) for name in names
        )
        cubes.run(cubes.core.pipelines.put(self.counter, COUNTER, 0, "egress"))
        self.attach(self.counter)
        self.attaching: list[float] = []
        self.detaching: list[float] = []

    @property
    def counted(self) -> int:
        """How many packets the counting cube has seen."""
        raw = self.counter.dataplane.maps["seen"].lookup(bytes(4)) or b""
        return sum(struct.unpack(f"={len(raw) // 8}Q", raw))

    def attach(self, cube: Cube, position: str = "last") -> float:
        """Attach a cube; returns the milliseconds that took."""
        start = time.perf_counter()
        self._cubes.run(self._attach(cube, position))
        return (time.perf_counter() - start) * 1e3

    async def _attach(self, cube: Cube, position: str) -> None:
        async with self._cubes.core.change() as undo:
            await self._cubes.core.chains.attach(cube, self._where, undo, position=position)

    def detach(self, cube: Cube) -> float:
        """Detach a cube; returns the milliseconds that took."""
        start = time.perf_counter()
        self._cubes.run(self._detach(cube))
        return (time.perf_counter() - start) * 1e3

    async def _detach(self, cube: Cube) -> None:
        async with self._cubes.core.change() as undo:
            await self._cubes.core.chains.detach(cube, "", undo)

    def swing(self, n: int) -> None:
        """Attach the passing cube, before or behind the counting one, and detach it."""
        self.attaching.append(self.attach(self.passer, ("first", "last")[n % 2]))
        self.detaching.append(self.detach(self.passer))


_ACTIONS: dict[str, dict[str, str]] = {
    "counter": {},
    "passer": {},
    "guard": {"egress-action": "DROP"},
}


class _Busy(NamedTuple):
    """What ran under load, and what the counting cube saw of it."""

    runs: list[Run]
    counted: int


def _rows(kind: str, site: _Site, generator: Generator, count: int) -> Iterator[Row]:
    generator.run(packets=PACKETS)
    busy = _under_load(site, generator)
    sent = sum(run.sent for run in busy.runs)
    lost = sum(run.lost for run in busy.runs)
    note = f"{kind}, {ROUNDS:,} times, {sent / 1e6:.1f} million sent"
    yield Row("packets lost", note, "packets", Summary.of([lost]), target=Target(0))
    missed = max(sent - lost - busy.counted, 0)  # a neighbour's solicitation may be counted, too
    yield Row("packets unprocessed", note, "packets", Summary.of([missed]), target=Target(0))
    past = _guarded(site, generator)
    note = f"{kind}, {GUARDS} times"
    yield Row("packets past a guard", note, "packets", Summary.of([past]), target=Target(0))
    for what, took in (("attaching", site.attaching), ("detaching", site.detaching)):
        yield Row(what, kind, "ms", Summary.of(_parts(took, count)))


def _under_load(site: _Site, generator: Generator) -> _Busy:
    """Attach and detach `ROUNDS` times while a thread sends."""
    done = threading.Event()
    runs: list[Run] = []

    def send() -> None:
        while not done.is_set():
            runs.append(generator.run(packets=PACKETS))

    before = site.counted
    sender = threading.Thread(target=send)
    sender.start()
    try:
        for n in range(ROUNDS):
            site.swing(n)
            time.sleep(PAUSE)
    finally:
        done.set()
        sender.join()
    return _Busy(runs, site.counted - before)


def _guarded(site: _Site, generator: Generator) -> int:
    """Count what arrives behind a cube that drops everything."""
    past = 0
    for n in range(GUARDS):
        site.attach(site.guard, ("first", "last")[n % 2])
        run = generator.run(packets=PACKETS >> 6)
        past += run.sent - run.lost
        site.detach(site.guard)
    return past


def _parts(values: list[float], count: int) -> list[float]:
    """Return the medians of `count` stretches of `values`."""
    length = len(values) // count
    return [Summary.of(values[n * length : (n + 1) * length]).median for n in range(count)]
