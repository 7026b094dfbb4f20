"""Replacing a cube's program while packets run through it: what is lost, and how long it takes."""

from __future__ import annotations

import os
import threading
import time
from typing import TYPE_CHECKING

from bench.peers import switching
from bench.pktgen import Sink, pinned
from bench.stats import Summary
from bench.table import Report, Row, Target
from polycube_runtime.bpf.source import ENTRY
from polycube_runtime.core.cube import service_sources

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.cubes import Cubes
    from bench.pktgen import Generator, Run
    from polycube_runtime.core.cube import Cube

SWAPS = 1000
PACKETS = 1 << 17
"""Of one stretch; what a stretch leaves behind in queues is counted in the next."""
METHOD = """\
A simplebridge between two veths forwards what a generator in the kernel sends, without a pause, on
a core of its own; meanwhile its program is replaced {swaps:,} times, by two variants in turn, both
in the compiler's cache. Lost is what the generator sent and the sink did not count. A replacement
is all that the daemon does at a reload: cache look-up, verifying and loading, carrying over the
maps, pinning, the atomic write of the slots. Its peer is the kernel's share: verifying and loading
the same program, nothing else, measured between the replacements."""
MPPS = 1e6


def measure(count: int) -> Report:
    """Measure at TC and at XDP; `count` is how many parts the replacements are reported in."""
    rows: list[Row] = []
    with pinned(min(os.sched_getaffinity(0))):  # and with it the threads that are started from here
        for kind, sink in (("TC", Sink.TC), ("XDP_DRV", Sink.XDP)):
            with switching(kind) as (bed, cubes, cube), bed.generator(sink) as generator:
                rows += _rows(kind, _Swapper(cubes, cube), generator, count)
    return Report("Replacing a program under traffic", METHOD.format(swaps=SWAPS), tuple(rows))


class _Swapper:
    """Replaces a cube's program by two variants in turn."""

    def __init__(self, cubes: Cubes, cube: Cube) -> None:
        """Compile both variants; they differ in a constant."""
        self._cubes, self._cube = cubes, cube
        text = cube.service_class.datapath()["ingress"].read_text()
        other = text.replace("1000000000ULL", "1000000001ULL")
        assert other != text
        self._variants = text, other
        self.took: list[float] = []
        self.loading: list[float] = []
        for _ in self._variants:
            self.swap()
        self.took.clear()

    def swap(self) -> None:
        """Replace the program by the other variant, once, and take the time in milliseconds."""
        before = self._cube.dataplane.programs["ingress"]
        code = self._variants[len(self.took) % 2]
        start = time.perf_counter()
        self._cubes.run(self._cubes.core.pipelines.put(self._cube, code, 0, "ingress"))
        self.took.append((time.perf_counter() - start) * 1e3)
        assert self._cube.dataplane.programs["ingress"] is not before

    def load(self) -> None:
        """Load the running program once more, aside, and take the time that takes."""
        cube = self._cube
        sources = service_sources(cube.service_class, cube.hook, cube.loglevel)
        compiled = self._cubes.run(self._cubes.compiler.compile(sources["ingress"])).programs[ENTRY]
        maps = {**self._cube.dataplane.maps, **self._cubes.core.system.maps(cube.hook)}
        loading = self._cubes.kernel.load(compiled, maps, {"cube_id": self._cube.id})
        start = time.perf_counter()
        program = self._cubes.run(loading)
        self.loading.append((time.perf_counter() - start) * 1e3)
        program.close()


def _rows(kind: str, swapper: _Swapper, generator: Generator, count: int) -> Iterator[Row]:
    generator.run(packets=PACKETS)
    quiet = [generator.run(packets=PACKETS) for _ in range(max(count, 16))]
    busy = _under_load(swapper, generator)
    for note, runs, target in (
        (f"{kind}, no replacements", quiet, None),
        (f"{kind}, {SWAPS:,} replacements", busy, Target(0)),
    ):
        sent, lost = sum(run.sent for run in runs), sum(run.lost for run in runs)
        said = f"{note}, {sent / 1e6:.1f} million sent"
        yield Row("packets lost", said, "packets", Summary.of([lost]), target=target)
    rates = [run.pps / MPPS for run in busy]
    calm = Summary.of(run.pps / MPPS for run in quiet).median
    ratio = Summary.of(rate / calm for rate in rates)
    yield Row("rate meanwhile", kind, "Mpps", Summary.of(rates), "no replacements", ratio)
    loading = Summary.of(swapper.loading).median
    parts = _parts(swapper.took, count)
    ratio = Summary.of(part / loading for part in parts)
    yield Row("one replacement", kind, "ms", Summary.of(parts), "loading alone", ratio)


def _under_load(swapper: _Swapper, generator: Generator) -> list[Run]:
    """Replace `SWAPS` times while a thread sends; return what it sent and what arrived."""
    done = threading.Event()
    runs: list[Run] = []

    def send() -> None:
        while not done.is_set():
            runs.append(generator.run(packets=PACKETS))

    sender = threading.Thread(target=send)
    sender.start()
    try:
        for n in range(SWAPS):
            swapper.swap()
            if n % 10 == 0:
                swapper.load()
    finally:
        done.set()
        sender.join()
    return runs


def _parts(values: list[float], count: int) -> list[float]:
    """Return the medians of `count` stretches of `values`."""
    length = len(values) // count
    return [Summary.of(values[n * length : (n + 1) * length]).median for n in range(count)]
