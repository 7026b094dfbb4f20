"""A flood to the control plane: what it does to other traffic, to REST and to memory."""

from __future__ import annotations

import contextlib
import os
import threading
import time
from typing import TYPE_CHECKING, NamedTuple

from bench.daemons import daemon, resident
from bench.pktgen import Generator, Stream
from bench.stats import Summary
from bench.table import Report, Row, Target

if TYPE_CHECKING:
    from collections.abc import Iterator

    from bench.daemons import Polycubed
    from tests.netns.host import Host

SECONDS = 60.0
"""Of flood, all rounds together."""
MEMORY = 16.0
"""MiB by which the daemon may grow."""
METHOD = """\
Two cubes of one daemon. A simplebridge between two veths forwards what a generator in the kernel
sends, without a pause, on one core; on the other core a second generator sends as fast as it can
into a helloworld. In turn that cube drops what comes (quiet) or sends all of it to its control
plane (flood): {rounds} rounds, {seconds:.0f} seconds of flood in all, so that both halves of a
round differ in the slow path alone. The daemon may run on either core. Packets that are unaccounted
for are those sent into the flooded cube less those that `/metrics` counts as sent up or dropped.
REST is a GET of a leaf of the bridge, asked without a pause meanwhile."""


class _Half(NamedTuple):
    """One half of a round."""

    pps: float
    lost: float
    requests: list[float]
    flooded: int


def measure(count: int) -> Report:
    """Measure `count` rounds."""
    length = SECONDS / count
    with _bed() as (asked, traffic, flood):
        traffic.run(seconds=0.5)
        before, quiet, flooded = resident(asked.pid), [], []
        unaccounted, rates = 0, []
        for _ in range(count):
            quiet.append(_half(asked, traffic, flood, "DROP", length / 3))
            counted = _counted(asked)
            one = _half(asked, traffic, flood, "SLOWPATH", length)
            flooded.append(one)
            unaccounted += one.flooded - sum(_counted(asked)) + sum(counted)
            rates.append(one.flooded / length / 1e6)
        up, dropped = _counted(asked)
        grown = resident(asked.pid) - before
    rows = (*_rows(quiet, flooded), *_sums(rates, up, dropped, unaccounted, grown))
    return Report("A flood on the slow path", METHOD.format(rounds=count, seconds=SECONDS), rows)


def _rows(quiet: list[_Half], flooded: list[_Half]) -> Iterator[Row]:
    calm = Summary.of(one.pps / 1e6 for one in quiet)
    yield Row("rate of other traffic", "quiet", "Mpps", calm)
    ratio = Summary.of(was.pps / now.pps for was, now in zip(quiet, flooded, strict=True))
    rate = Summary.of(one.pps / 1e6 for one in flooded)
    limit = Target(1.05, "ratio")
    yield Row("rate of other traffic", "flood", "Mpps", rate, "quiet / this", ratio, target=limit)
    middle = [Summary.of(one.requests).median for one in quiet]
    yield Row("a request meanwhile", "quiet, median of a round", "ms", Summary.of(middle))
    under = [Summary.of(one.requests).median for one in flooded]
    ratio = Summary.of(now / was for was, now in zip(middle, under, strict=True))
    yield Row(
        "a request meanwhile", "flood, median of a round", "ms", Summary.of(under), "quiet", ratio
    )
    worst = Summary.of(max(one.requests) for one in flooded)
    yield Row("a request meanwhile", "flood, longest of a round", "ms", worst)


def _sums(
    rates: list[float], up: int, dropped: int, unaccounted: int, grown: float
) -> Iterator[Row]:
    yield Row("flood", "packets sent into the cube", "Mpps", Summary.of(rates))
    note = f"{(up + dropped) / 1e6:.1f} million sent"
    yield Row("reached the control plane", note, "packets", Summary.of([up]))
    yield Row("unaccounted for", note, "packets", Summary.of([abs(unaccounted)]), target=Target(0))
    yield Row("growth of the daemon", "resident", "MiB", Summary.of([grown]), target=Target(MEMORY))


@contextlib.contextmanager
def _bed() -> Iterator[tuple[Polycubed, Generator, Generator]]:
    """Start a daemon with both cubes; yield it, the other traffic and the flood."""
    first, *_, last = sorted(os.sched_getaffinity(0))
    with daemon() as asked:
        hosts = {
            name: asked.lab.host(name, address=f"10.0.{net}.{number}/24")
            for name, net, number in (
                ("send", 0, 1),
                ("recv", 0, 2),
                ("flood", 1, 1),
                ("nobody", 1, 2),
            )
        }
        asked.ask("POST", "/simplebridge/br", {"ports": _ports(hosts, "send", "recv")})
        asked.ask("POST", "/helloworld/hello", {"ports": _ports(hosts, "flood", "nobody")})
        hosts["send"].ping(hosts["recv"].ip)
        asked.ask("PATCH", "/simplebridge/br/fdb/aging-time", 86400)
        asked.ask("PATCH", "/helloworld/hello/loglevel", "ERR")
        send = Stream.between(hosts["send"], hosts["recv"])
        burst = Stream.between(hosts["flood"], hosts["nobody"])
        with (
            Generator(hosts["send"], hosts["recv"], send, cpu=last) as traffic,
            Generator(hosts["flood"], hosts["nobody"], burst, cpu=first) as flood,
        ):
            yield asked, traffic, flood


def _ports(hosts: dict[str, Host], *names: str) -> list[dict[str, str]]:
    return [{"name": name, "peer": hosts[name].netdev} for name in names]


def _half(
    asked: Polycubed, traffic: Generator, flood: Generator, action: str, seconds: float
) -> _Half:
    """Send both streams for so long, and ask meanwhile."""
    asked.ask("PATCH", "/helloworld/hello/action", action)
    end = time.monotonic() + seconds
    sent: list[int] = []
    took: list[float] = []

    def pour() -> None:
        while time.monotonic() < end:
            sent.append(flood.run(packets=1 << 18).sent)

    def ask() -> None:
        while time.monotonic() < end:
            took.append(asked.milliseconds("GET", "/simplebridge/br/fdb/aging-time"))
            time.sleep(0.01)

    threads = [threading.Thread(target=pour), threading.Thread(target=ask)]
    for thread in threads:
        thread.start()
    runs = []
    while time.monotonic() < end:
        runs.append(traffic.run(packets=1 << 18))
    for thread in threads:
        thread.join()
    received, spent = sum(run.received for run in runs), sum(run.seconds for run in runs)
    lost = 1 - received / sum(run.sent for run in runs)
    return _Half(received / spent, lost, took, sum(sent))


def _counted(asked: Polycubed) -> tuple[int, int]:
    """Return how many packets of the flooded cube were sent up, and how many were dropped."""
    found = {}
    for line in asked.ask("GET", "/metrics").decode().splitlines():
        name, _, value = line.rpartition(" ")
        found[name] = value
    return (
        int(found['polycubed_slowpath_packets_total{cubeName="hello"}']),
        int(found['polycubed_slowpath_dropped_total{cubeName="hello"}']),
    )
