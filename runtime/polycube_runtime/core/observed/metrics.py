"""What `/metrics` shows: the numbers that the models declare, and the daemon's own.

- `Family`: the numbers of one name, as plain data; how they are written is the REST side's matter
- `labelled`: those of many histograms
- `collect`: everything there is now

A scrape reads counters that are kept anyway, counts maps by batches and lets the event loop work
after every cube. A number that cannot be had is left out, with a line in the log.
"""

from __future__ import annotations

import asyncio
import logging
import platform
from dataclasses import dataclass, field
from importlib import metadata
from typing import TYPE_CHECKING, Literal

from polycube_runtime.core.observed import measure, process
from polycube_runtime.core.observed.meters import Histogram, Sample

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from polycube_runtime.core.cube import Cube
    from polycube_runtime.core.polycube import Polycube
    from polycube_runtime.support.schema import Metric

_log = logging.getLogger(__name__)

Kind = Literal["counter", "gauge", "histogram", "info"]


@dataclass
class Family:
    """The samples of one name. `modelled` says that a service's model declares it."""

    name: str
    kind: Kind
    help: str
    modelled: bool = False
    samples: list[Sample] = field(default_factory=list)

    def add(self, value: float, **labels: str) -> None:
        """Add a sample."""
        self.samples.append(Sample(tuple(labels.items()), value))


async def collect(polycube: Polycube) -> list[Family]:
    """Return all that has samples, those of the models first."""
    families: dict[str, Family] = {}
    own = _OwnFamilies()
    for cube in list(polycube.cubes.values()):
        tree = polycube.tree(cube)
        for metric in cube.service.metrics:
            try:
                number = await measure.value(tree, cube, metric)
            except Exception as error:  # noqa: BLE001 (the others must be shown)
                _report(polycube, cube, metric, error)
                continue
            if number is not None:
                _family(families, metric).add(number, cubeName=cube.name)
        try:
            await own.take(polycube, cube)
        except OSError as error:  # its maps were closed meanwhile
            _log.debug("%s is left out of the metrics: %s", cube.name, error)
        await asyncio.sleep(0)
    own.take_daemon(polycube)
    found = [*families.values(), *own.all()]
    return [family for family in found if family.samples]


def _report(polycube: Polycube, cube: Cube, metric: Metric, error: Exception) -> None:
    """Say once for each cube and metric that it fails: scrapes are many."""
    known = polycube.meters.broken.setdefault(cube, set())
    if metric.name not in known:
        known.add(metric.name)
        _log.warning(
            "metric %s of %s cannot be had: %s",
            metric.name,
            cube.name,
            str(error) or type(error).__name__,
            exc_info=error,
        )


def _family(families: dict[str, Family], metric: Metric) -> Family:
    """Return the family of a name, which several services may share: the first one describes it."""
    if metric.name not in families:
        kind: Kind = "counter" if metric.kind == "COUNTER" else "gauge"
        families[metric.name] = Family(metric.name, kind, metric.help, modelled=True)
    return families[metric.name]


class _OwnFamilies:
    """The daemon's own metrics."""

    def __init__(self) -> None:
        self._families: dict[str, Family] = {}
        counter, gauge = self._counter, self._gauge
        self.netdevs = gauge("netdevs", "Network interfaces that ports of cubes are connected to")
        self.cubes = gauge("cubes", "Cubes, by service")
        self.programs = gauge("cube_programs", "Programs that a cube has in the kernel")
        self.maps = gauge("cube_maps", "Maps that a cube has in the kernel")
        self.entries = gauge("map_entries", "Entries in a map that the model names")
        self.capacity = gauge("map_capacity", "Entries that such a map has room for")
        self.packets = counter(
            "slowpath_packets", "Packets that a data plane sent to its control plane"
        )
        self.dropped = counter(
            "slowpath_dropped", "Packets for a control plane that exceeded its window"
        )
        self.lines = counter("log_lines", "Log lines of a data plane")
        self.suppressed = counter("log_suppressed", "Log lines of a data plane left out")
        self.events = counter("events", "Notifications that a data plane told of, by result")
        self.lost = counter("dataplane_lost", "What found its buffer to the daemon full, by kind")
        self.changes = counter("transactions", "Transactions, by how they ended")
        self.journal = self._add(
            Family("polycubed_journal_write_seconds", "histogram", "Time to make a change durable")
        )
        self.compiles = counter("compilations", "Programs that clang was asked for")
        self.compiling = counter("compile_seconds", "Time spent in compilations")
        self.cached = counter("compile_cache", "Programs looked up in the cache, by result")

    def _counter(self, name: str, text: str) -> Family:
        return self._add(Family(f"polycubed_{name}_total", "counter", text))

    def _gauge(self, name: str, text: str) -> Family:
        return self._add(Family(f"polycubed_{name}", "gauge", text))

    def _add(self, family: Family) -> Family:
        self._families[family.name] = family
        return family

    def all(self) -> Iterable[Family]:
        return self._families.values()

    async def take(self, polycube: Polycube, cube: Cube) -> None:
        """Take the numbers of one cube."""
        named = {"cubeName": cube.name}
        self.programs.add(len(cube.dataplane.programs), **named)
        self.maps.add(len(cube.dataplane.maps), **named)
        counts = polycube.slow.counts(cube)
        self.packets.add(counts.packets, **named)
        self.dropped.add(counts.dropped, **named)
        self.lines.add(counts.lines, **named)
        self.suppressed.add(counts.suppressed, **named)
        told = polycube.emitted.counts(cube)
        for result, number in told._asdict().items() if told else ():
            self.events.add(number, **named, result=result)
        for name, table in list(cube.tables.items()):
            if not (table.layout.is_array or table.layout.has_holes):  # always full
                self.entries.add(await measure.entries(table.map), **named, map=name)
                self.capacity.add(table.map.spec.entries, **named, map=name)

    def take_daemon(self, polycube: Polycube) -> None:
        """Take what is not of a cube."""
        build = self._add(Family("polycubed_build_info", "info", "The daemon's version"))
        build.add(
            1,
            version=metadata.version("polycube-py"),
            python=platform.python_version(),
            kernel=platform.release(),
        )
        services = [cube.service.name for cube in polycube.cubes.values()]
        for name in sorted(polycube.services):
            self.cubes.add(services.count(name), service=name)
        ports = (port for cube in polycube.cubes.values() for port in cube.ports.values())
        self.netdevs.add(sum(port.up and ":" not in port.peer for port in ports))
        for what, count in polycube.system.lost().items():
            self.lost.add(count, what=what)
        self.changes.add(polycube.meters.committed, result="committed")
        self.changes.add(polycube.meters.rolled_back, result="rolled back")
        self.journal.samples = polycube.meters.journal.samples()
        self._take_compiler(polycube)
        self._take_process()

    def _take_compiler(self, polycube: Polycube) -> None:
        counts = polycube.compiler_counts
        self.compiles.add(counts.compilations)
        self.compiling.add(counts.seconds)
        self.cached.add(counts.hits, result="hit")
        self.cached.add(counts.misses, result="miss")

    def _take_process(self) -> None:
        for name, number in process.numbers().items():
            kind: Kind = "counter" if name.endswith("_total") else "gauge"
            self._add(Family(name, kind, process.HELP[name])).add(number)


def labelled(
    histograms: Mapping[tuple[str, ...], Histogram], names: tuple[str, ...]
) -> list[Sample]:
    """Return the samples of many histograms, told apart by labels of these `names`."""
    return [
        sample
        for values, histogram in histograms.items()
        for sample in histogram.samples(**dict(zip(names, values, strict=True)))
    ]
