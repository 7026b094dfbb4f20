"""What changes cost that are asked of a real polycubed over REST."""

from __future__ import annotations

import json
import os
import platform
import subprocess
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, Self

from bench.daemons import Polycubed, daemon
from bench.site import CACHE
from bench.stats import Summary, rounds
from bench.table import Report, Row, Target
from polycube_runtime.bpf import compiler
from polycube_runtime.bpf.source import HEADERS
from polycube_runtime.bpf.spec import Hook
from polycube_runtime.core.cube import service_sources
from polycube_runtime.daemon.lifecycle import services

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import TracebackType

ENTRIES = 10_000
"""Of 16,384 that a simplebridge's table holds."""
COLD_ROUNDS = 5
CLANG, READY = "bcc alone", "GET /version"
METHOD = """\
Wall-clock milliseconds of one request to a polycubed with its defaults, over one open connection to
127.0.0.1, from the first byte sent to the last one read; {rounds} rounds, each sends every request
in turn. What is changed is in the journal, on the disk, before the answer. Creation is of a
simplebridge at TC without ports; cold ones: {cold} rounds, in each a new
daemon, an empty cache, and a new process that has imported bcc and calls BPF() on the same source
("bcc alone": the second such call where the compiler's process runs already). The original calls it
whenever a port is re-wired."""


class Clang:
    """A process that has imported bcc, and compiles what it is given; a context manager."""

    def __enter__(self) -> Self:
        """Start it and wait for the import."""
        script = Path(__file__).with_name("bcc_alone.py")
        environment = {
            **os.environ,
            "BCC_KERNEL_SOURCE": str(HEADERS / "kernel"),
            "BCC_LINUX_VERSION_CODE": str((5 << 16) + (15 << 8)),
        }
        self._process = subprocess.Popen(
            [compiler._interpreter(), "-I", str(script)],  # noqa: SLF001 (the worker's)
            stdin=subprocess.PIPE, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL,
            env=environment, text=True,
        )  # fmt: skip
        self._answer()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """End it."""
        self._process.communicate()

    def compile(self, source: str, include: Path) -> float:
        """Return the milliseconds that BPF() took; `include` is the runtime's folder of links."""
        folders = (include, f"/usr/include/{platform.machine()}-linux-gnu", "/usr/include")
        flags = [word for folder in folders for word in ("-idirafter", str(folder))]
        assert self._process.stdin is not None
        self._process.stdin.write(json.dumps({"source": source, "flags": flags}) + "\n")
        self._process.stdin.flush()
        return float(self._answer()) * 1e3

    def _answer(self) -> str:
        assert self._process.stdout is not None
        line = self._process.stdout.readline()
        assert line, "bcc cannot be imported, or does not compile the source"
        return line


def measure(count: int) -> Report:
    """Measure creation cold, then everything else in `count` rounds."""
    cold = rounds({"all": _cold}, COLD_ROUNDS)["all"]
    with daemon(CACHE) as asked:
        hosts = [asked.lab.host(f"h{n}", address=f"10.0.0.{n}/24") for n in (1, 2)]
        measures = _warm(asked, [host.netdev for host in hosts])
        rounds(measures, 1)
        warm = rounds(measures, count)
    costs = {name: [one[name] for one in cold] for name in cold[0]} | warm
    method = METHOD.format(rounds=count, cold=COLD_ROUNDS)
    return Report("Changes over REST", method, tuple(_rows(costs)))


def _cold() -> dict[str, float]:
    """Create bridges by clang: its process must start first, then it runs; and bcc alone."""
    found = {}
    source = service_sources(services()["simplebridge"], Hook.TC, "INFO")["ingress"].text
    with daemon() as asked, Clang() as clang:
        found["create, first"] = asked.milliseconds("POST", "/simplebridge/br1")
        for file in asked.cache.glob("*.bpf"):
            file.unlink()
        found["create, cold"] = asked.milliseconds("POST", "/simplebridge/br2")
        found["bcc, first"] = clang.compile(source, asked.cache / "include")
        found["bcc"] = clang.compile(source, asked.cache / "include")
    return found


def _warm(asked: Polycubed, netdevs: list[str]) -> dict[str, Callable[[], float]]:
    """Build what requests are about, and return the requests."""
    ports = [{"name": "a", "peer": netdevs[0]}, {"name": "b"}]
    asked.ask("POST", "/simplebridge/big", {"ports": ports})
    asked.ask("POST", "/simplebridge/one", {"ports": [{"name": "up"}, {"name": "x"}]})
    asked.ask("POST", "/simplebridge/two", {"ports": [{"name": "up"}, {"name": "x"}]})
    asked.ask("POST", "/connect", {"peer1": "one:up", "peer2": "two:up"})
    entries = [
        {"address": f"02:00:00:00:{n >> 8:02x}:{n & 255:02x}", "port": "a"} for n in range(ENTRIES)
    ]
    asked.ask("POST", "/simplebridge/full", {"ports": [{"name": "a"}], "fdb": {"entry": entries}})
    assert len(asked.get("/simplebridge/full")["fdb"]["entry"]) == ENTRIES
    asked.ask("POST", "/simplebridge/bulk", {"ports": [{"name": "a"}]})
    return {
        "create": partial(_create, asked),
        "netdev": partial(_rewire, asked, "/simplebridge/big/ports/a/peer", netdevs),
        "cube": partial(_relink, asked),
        READY: partial(asked.milliseconds, "GET", "/version"),
        "get cube": partial(asked.milliseconds, "GET", "/simplebridge/big"),
        "get table": partial(asked.milliseconds, "GET", "/simplebridge/full/fdb/entry"),
        "post table": partial(_fill, asked, entries),
        "append": partial(_append, asked),
    }


def _create(asked: Polycubed) -> float:
    took = asked.milliseconds("POST", "/simplebridge/new")
    asked.ask("DELETE", "/simplebridge/new")
    return took


def _fill(asked: Polycubed, entries: list[dict[str, str]]) -> float:
    took = asked.milliseconds("POST", "/simplebridge/bulk/fdb/entry", entries)
    asked.ask("DELETE", "/simplebridge/bulk/fdb/entry")
    return took


def _append(asked: Polycubed) -> float:
    where = "/simplebridge/full/fdb/entry/02:ff:00:00:00:01"
    took = asked.milliseconds("POST", where, {"port": "a"})
    asked.ask("DELETE", where)
    return took


def _rewire(asked: Polycubed, path: str, netdevs: list[str]) -> float:
    """Give a port the other netdev."""
    now = asked.get(path)
    return asked.milliseconds("PATCH", path, next(name for name in netdevs if name != now))


def _relink(asked: Polycubed) -> float:
    """Connect two cubes by other ports: one request cuts the link, one makes the new one."""
    old, new = ("up", "x") if asked.get("/simplebridge/one/ports/up/peer") else ("x", "up")
    cut = {"peer1": f"one:{old}", "peer2": f"two:{old}"}
    took = asked.milliseconds("POST", "/disconnect", cut)
    return took + asked.milliseconds(
        "POST", "/connect", {"peer1": f"one:{new}", "peer2": f"two:{new}"}
    )


def _rows(costs: dict[str, list[float]]) -> list[Row]:
    clang = Summary.of(costs["bcc"]).median
    alone = {"bcc, first": costs["bcc, first"], "bcc": costs["bcc"]}
    against: Any = {
        "create, first": ("bcc, first", CLANG),
        "create, cold": ("bcc", CLANG),
        **dict.fromkeys(("get cube", "get table"), (READY, READY)),
    }
    texts = {
        "bcc, first": ("bcc alone", "BPF(), first call of the process", None),
        "create, first": (
            "create a cube",
            "cold, the compiler's process starts too",
            Target(1.5, "ratio"),
        ),
        "bcc": ("bcc alone", "BPF(), second call", None),
        "create, cold": (
            "create a cube",
            "cold, the compiler's process runs",
            Target(1.5, "ratio"),
        ),
        "create": ("create a cube", "warm", Target(20)),
        "netdev": ("re-wire a port", "netdev to netdev", Target(5)),
        "cube": ("re-wire a port", "cube to cube, two requests", Target(5)),
        READY: (READY, "the least that a request takes", None),
        "get cube": ("GET a cube", "two ports", Target(2)),
        "get table": ("GET a table", f"{ENTRIES:,} entries", Target(15)),
        "post table": ("POST a table", f"{ENTRIES:,} entries, durable", Target(500)),
        "append": ("POST an entry", f"to {ENTRIES:,}, durable", Target(5)),
    }
    rows = []
    for name, (what, note, target) in texts.items():
        peer, ratio = "", None
        if name in against:
            base, peer = against[name]
            ratio = Summary.of(
                a / b for a, b in zip(costs[name], {**costs, **alone}[base], strict=True)
            )
        elif name in {"create", "netdev", "cube"}:
            peer, ratio = CLANG, Summary.of(cost / clang for cost in costs[name])
        rows.append(Row(what, note, "ms", Summary.of(costs[name]), peer, ratio, target=target))
    return rows
