"""What 200 creations and deletions leave behind: nothing."""

from __future__ import annotations

import contextlib
import os
import time
from collections import Counter
from pathlib import Path
from typing import TYPE_CHECKING

from bench.daemons import Polycubed, daemon, resident
from bench.site import CACHE
from bench.stats import Summary
from bench.table import Report, Row, Target
from polycube_runtime.bpf import bpffs
from tests.netns.leaks import Snapshot, settled, shared_machine

if TYPE_CHECKING:
    from collections.abc import Sequence

CYCLES = 200
WARM_UP = 4
PATIENCE = 5.0
HELD = "programs, maps, links"
KINDS = ("prog_id", "map_id", "link_id")
COUNTED = (HELD, "file descriptors", "pins", "things in the kernel")
METHOD = """\
Over REST, {cycles} times: two cubes are created (at TC or XDP_SKB, in turn), with two ports each,
one at a netdev, one at the other cube; a port is created, re-wired to another netdev and deleted;
both cubes are deleted. Each kind of thing is counted before and after: what the daemon holds open,
its pins, and {everything}.
{warm_up} cycles go before the first count: they make what the daemon makes once."""
_ALL = (
    "whatever programs, maps, links, namespaces, interfaces, filters and pins the kernel has",
    "the benchmark's namespaces, interfaces and filters (others load programs here meanwhile)",
)


def measure(count: int) -> Report:
    """Run the cycles; `count` is how many parts they are reported in."""
    with daemon(CACHE) as asked:
        _warm_up(
            asked
        )  # by a daemon of its own: the compiler's process, if one starts, ends with it
    with daemon(CACHE) as asked:
        netdevs = _warm_up(asked)
        held, snapshot, memory = _held(asked), Snapshot.take(), resident(asked.pid)
        times = [_cycle(asked, netdevs, n) for n in range(CYCLES)]
        growth = resident(asked.pid) - memory
        left = _left(asked, held, snapshot)
    method = METHOD.format(cycles=CYCLES, warm_up=WARM_UP, everything=_ALL[shared_machine()])
    length = CYCLES // count
    parts = [Summary.of(times[n * length : (n + 1) * length]).median for n in range(count)]
    ratio = Summary.of(part / parts[0] for part in parts[1:] or parts)
    rows = [
        *(_count(kind, left[kind]) for kind in COUNTED),
        Row("resident memory", "growth", "MiB", Summary.of([growth])),
        Row("one cycle", "11 requests", "ms", Summary.of(parts), "the first ones", ratio),
    ]
    return Report("What is left behind", method, tuple(rows))


def _warm_up(asked: Polycubed) -> list[str]:
    """Make the netdevs, and let the daemon make what it makes once."""
    hosts = [asked.lab.host(f"h{n}", address=f"10.0.0.{n}/24") for n in (1, 2, 3)]
    netdevs = [host.netdev for host in hosts]
    for n in range(WARM_UP):
        _cycle(asked, netdevs, n)
    return netdevs


def _count(kind: str, difference: int) -> Row:
    return Row(kind, "more than before", "count", Summary.of([difference]), target=Target(0))


def _cycle(asked: Polycubed, netdevs: Sequence[str], number: int) -> float:
    """Create, wire, re-wire, delete; return the milliseconds."""
    kind = ("TC", "XDP_SKB")[number % 2]
    start = time.perf_counter()
    for cube, netdev in zip(("left", "right"), netdevs, strict=False):
        ports = [{"name": "in", "peer": netdev}, {"name": "out"}]
        asked.ask("POST", f"/simplebridge/{cube}", {"type": kind, "ports": ports})
    asked.ask("POST", "/connect", {"peer1": "left:out", "peer2": "right:out"})
    asked.ask("POST", "/simplebridge/left/ports/more", {"peer": netdevs[2]})
    asked.ask("PATCH", "/simplebridge/right/ports/in/peer", "")
    asked.ask("PATCH", "/simplebridge/left/ports/more/peer", netdevs[1])
    asked.ask("DELETE", "/simplebridge/left/ports/more")
    for cube in ("left", "right"):
        asked.ask("GET", f"/simplebridge/{cube}")
        asked.ask("DELETE", f"/simplebridge/{cube}")
    return (time.perf_counter() - start) * 1e3


def _left(asked: Polycubed, held: Counter[str], snapshot: Snapshot) -> Counter[str]:
    """Return how much more there is than before, once the kernel had time to free it."""
    deadline = time.monotonic() + PATIENCE
    while _held(asked) != held and time.monotonic() < deadline:
        time.sleep(0.05)
    after = _held(asked)
    after.subtract(held)
    after["things in the kernel"] = len(settled(snapshot))
    return after


def _held(asked: Polycubed) -> Counter[str]:
    """Count what the daemon has open and pinned."""
    found = Counter[str]()
    for file in Path(f"/proc/{asked.pid}/fdinfo").iterdir():
        with contextlib.suppress(FileNotFoundError):
            found["file descriptors"] += 1
            for line in file.read_text().splitlines():
                found[HELD] += line.partition(":")[0] in KINDS
    pins = bpffs.ROOT / asked.lab.name
    found["pins"] = sum(len(folders) + len(files) for _, folders, files in os.walk(pins))
    return found
