"""A restart with 50 cubes, under traffic: when the daemon answers, and what is lost meanwhile."""

from __future__ import annotations

import os
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING

from bench.site import CACHE
from bench.stats import Summary
from bench.table import Report, Row, Target
from tests.netns.daemon import Daemon, running
from tests.netns.lab import Lab
from tests.netns.stream import RATE, Stream

if TYPE_CHECKING:
    from tests.netns.host import Host

SWITCHES, ENTRIES = 10, 10
METHOD = """\
{cubes} cubes, their programs in the compiler's cache: two rows of {switches} simplebridges, each
with {entries} configured entries and a transparent cube on its link to the next
(transparenthelloworld and ddosmitigator in turn), the first row between two hosts; helloworlds and
simpleforwarders at XDP_SKB, joined in pairs. The daemon is killed with SIGKILL, or asked to end
with SIGTERM, and started again, {rounds} times each in turn; measured is the time from starting the
process until it answers GET /version (asked every 20 ms), when all is restored. Meanwhile {rate}
datagrams a second each way go through the first row, half of those there as broadcasts."""


def measure(count: int) -> Report:
    """Restart `count` times each way."""
    # An installed daemon's modules are there as bytecode; so are these from the second start on.
    os.environ.pop("PYTHONDONTWRITEBYTECODE", None)
    killed: list[float] = []
    ended: list[float] = []
    with (
        tempfile.TemporaryDirectory() as folder,
        Lab() as lab,
        running(lab.name, Path(folder), CACHE) as daemon,
    ):
        h1, h2 = (lab.host(f"h{n}", address=f"10.69.0.{n}/24") for n in (1, 2))
        cubes = _build(daemon, h1, h2)
        daemon.stop()
        daemon.restart()
        assert h1.ping(h2.ip, count=3).lost == 0
        with (
            Stream(h1, h2, port=7001, broadcast="10.69.0.255") as there,
            Stream(h2, h1, port=7002) as back,
        ):
            for _ in range(count):
                daemon.kill()
                killed.append(_restart(daemon))
                daemon.stop()
                ended.append(_restart(daemon))
        up = len(daemon.get("/topology?config")["cubes"])
    method = METHOD.format(cubes=cubes, switches=SWITCHES, entries=ENTRIES, rounds=count, rate=RATE)
    lost = [len(stream.lost) for stream in (there, back)]
    rows = (
        Row("restart", "after SIGKILL, to the first answer", "ms", Summary.of(killed),
            target=Target(2000)),
        Row("restart", "after SIGTERM, to the first answer", "ms", Summary.of(ended),
            target=Target(2000)),
        Row("cubes", "not restored", "count", Summary.of([cubes - up]), target=Target(0)),
        Row("datagrams", "sent", "count", Summary.of([there.sent + back.sent])),
        Row("datagrams", "lost", "count", Summary.of([sum(lost)]), target=Target(0)),
    )  # fmt: skip
    return Report("A restart with 50 cubes", method, rows)


def _restart(daemon: Daemon) -> float:
    """Start it; return the milliseconds until it answered."""
    start = time.perf_counter()
    daemon.restart()
    return (time.perf_counter() - start) * 1e3


def _build(daemon: Daemon, h1: Host, h2: Host) -> int:
    """Make the cubes in one request; returns how many."""
    cubes: list[dict[str, object]] = []
    for n in range(2 * SWITCHES):
        begins, ends = n % SWITCHES == 0, n % SWITCHES == SWITCHES - 1
        left = (h1.netdev if n == 0 else "") if begins else f"s{n - 1}:r"
        right = (h2.netdev if n < SWITCHES else "") if ends else f"s{n + 1}:l"
        entries = [{"address": f"06:00:00:00:{n:02x}:{m:02x}", "port": "r"} for m in range(ENTRIES)]
        ports = [{"name": "l", "peer": left}, {"name": "r", "peer": right, "tcubes": [f"t{n}"]}]
        fdb = {"entry": entries}
        cubes.append({"name": f"s{n}", "service-name": "simplebridge", "fdb": fdb, "ports": ports})
        service = ("transparenthelloworld", "ddosmitigator")[n % 2]
        cubes.insert(0, {"name": f"t{n}", "service-name": service})
    for n in range(10):
        service = ("helloworld", "simpleforwarder")[n // 2 % 2]
        ports = [{"name": "p", "peer": f"x{n ^ 1}:p"}, {"name": "q"}]
        cubes.append({"name": f"x{n}", "service-name": service, "type": "XDP_SKB", "ports": ports})
    daemon.post("/cubes", cubes)
    return len(cubes)
