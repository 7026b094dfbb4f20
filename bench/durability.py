"""200 kills at random instants of a stream of writes: what was acknowledged, and what was lost."""

from __future__ import annotations

import secrets
import tempfile
from pathlib import Path
from random import Random

from bench.site import CACHE
from bench.stats import Summary
from bench.table import Report, Row, Target
from tests.netns.daemon import running
from tests.netns.lab import Lab
from tests.netns.ordeal import Ordeal, ordeal
from tests.netns.stream import RATE
from tests.netns.writes import BULK

KILLS = 200
TYPES = ("TC", "XDP_SKB")
METHOD = """\
A client writes without a pause (cubes, ports, peers, entries one by one and {bulk} at a time,
actions, log levels, chains on ports and netdevs, several cubes in one transaction) and the daemon
is killed with SIGKILL {kills} times, at random instants, while it starts too; after each restart
the whole configuration is compared with what was acknowledged, with and without the one request
that was under way. Meanwhile two switches at TC, and then two at XDP_SKB, forward datagrams
between two namespaces, {rate} a second each way, at TC half of those there as broadcasts, and a
ddosmitigator in front of them drops {rate} more; the client writes to these cubes and to their
chains, too. Random seed {seed}."""


def measure(count: int) -> Report:
    """Kill; `count` is the rounds of other sections, and changes nothing here."""
    del count
    seed = secrets.randbits(32)
    runs = [_run(kind, Random(seed + n)) for n, kind in enumerate(TYPES)]  # noqa: S311
    method = METHOD.format(kills=KILLS, bulk=BULK, rate=RATE, seed=seed)
    return Report("Durability", method, tuple(_rows(runs)))


def _run(kind: str, random: Random) -> Ordeal:
    with (
        tempfile.TemporaryDirectory() as folder,
        Lab() as lab,
        running(lab.name, Path(folder), CACHE) as daemon,
    ):
        with ordeal(lab, daemon, random, kind) as it:
            for _ in range(KILLS // len(TYPES)):
                it.kill()
        for told in (*it.wrong, *it.refused):
            print(told)
    return it


def _rows(runs: list[Ordeal]) -> list[Row]:
    def count(name: str, note: str, values: list[int], target: int | None = None) -> Row:
        total = Summary.of([sum(values)])
        return Row(name, note, "count", total, target=None if target is None else Target(target))

    return [
        count("kill -9", "of a daemon that was up", [it.kept + it.made for it in runs]),
        count("kill -9", "of one that was starting", [it.starts for it in runs]),
        count("writes", "acknowledged", [it.writes for it in runs]),
        count("configuration", "differs from what was acknowledged",
              [len(it.wrong) for it in runs], 0),
        count("writes", "refused", [len(it.refused) for it in runs], 0),
        count("write under way", "was carried out", [it.made for it in runs]),
        count("datagrams", "sent through the switches", [it.sent for it in runs]),
        count("datagrams", "lost", [it.lost for it in runs], 0),
        count("datagrams", "to be dropped", [it.blocked for it in runs]),
        count("datagrams", "to be dropped, that came through", [it.passed for it in runs], 0),
        count("datagrams", "dropped and not counted", [it.uncounted for it in runs], 0),
        Row("restart", "to the first answer", "ms",
            Summary.of([1e3 * one for it in runs for one in it.times])),
    ]  # fmt: skip
