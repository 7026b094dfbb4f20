"""How long the commands take, and what the daemon weighs, beside a Python that does nothing."""

from __future__ import annotations

import contextlib
import http.client
import os
import subprocess
import sys
import tempfile
import time
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from bench.daemons import Polycubed, command, daemon, free_port, milliseconds, resident
from bench.site import CACHE
from bench.stats import Summary, rounds
from bench.table import Report, Row, Target
from tests.netns.daemon import PREFIX
from tests.netns.lab import Lab

if TYPE_CHECKING:
    from collections.abc import Callable, Sequence

ROOT = Path(__file__).resolve().parents[1]
IDLE = "python -c pass"
HEAVY = ("libclang", "libLLVM", "libbcc.so")
"""What must never be mapped into the daemon."""
MEMORY_ROUNDS, CUBES = 3, 10
METHOD = """\
Wall-clock milliseconds from starting a process to its end, for polycubed to the first answered
request (GET /version, tried every 5 ms); {rounds} rounds, each runs every command once, in turn.
Memory is the resident set by /proc/PID/status, of {memory} daemons, each after its first answer and
after ten cubes (five helloworlds, five simplebridges, from the cache) were created. The peer is the
same Python with nothing to do."""


def measure(count: int) -> Report:
    """Measure commands in `count` rounds, and the daemon's memory."""
    measures: dict[str, Callable[[], float]] = {
        IDLE: partial(milliseconds, [sys.executable, "-c", "pass"]),
        "polycubed": _start,
        "polycube-gen check": partial(
            milliseconds, [*command("polycube-gen", "polycube_generator"), "check"], cwd=ROOT
        ),
    }
    with daemon(CACHE) as asked:
        environment = {**os.environ, "POLYCUBECTL_URL": f"http://127.0.0.1:{asked.port}"}
        ctl = [*command("polycubectl", "polycube_client"), "cubes", "show"]
        measures["polycubectl"] = partial(milliseconds, ctl, env=environment)
        rounds(measures, 1)
        times = rounds(measures, count)
    weights = rounds({"all": _weigh}, MEMORY_ROUNDS)["all"]
    method = METHOD.format(rounds=count, memory=MEMORY_ROUNDS)
    return Report("Processes", method, (*_times(times), *_memory(weights)))


def _start() -> float:
    """Start polycubed; return the milliseconds until it answered a request."""
    port = free_port()
    with tempfile.TemporaryDirectory() as folder, Lab() as lab:
        argv = [
            *command("polycubed", "polycube_runtime"), "--name", lab.name, "--port", str(port),
            "--addr", "127.0.0.1", "--run-dir", folder, "--cache-dir", str(CACHE),
            "--state-dir", folder, "--logfile", "none", "--configfile", "none", "--volatile",
        ]  # fmt: skip
        start = time.perf_counter()
        with subprocess.Popen(argv, stderr=subprocess.DEVNULL) as process:
            while not _answers(port):
                assert process.poll() is None, "polycubed ended"
                time.sleep(0.005)
            took = (time.perf_counter() - start) * 1e3
            process.terminate()
    return took


def _answers(port: int) -> bool:
    connection = http.client.HTTPConnection("127.0.0.1", port, timeout=10)
    with contextlib.suppress(OSError), contextlib.closing(connection):
        connection.request("GET", f"{PREFIX}/version")
        return connection.getresponse().status == http.client.OK
    return False


def _weigh() -> dict[str, float]:
    """Return resident MiB of a daemon, early and late, and of an idle Python."""
    argv = [sys.executable, "-c", "import sys; print(flush=True); sys.stdin.read()"]
    with subprocess.Popen(argv, stdin=subprocess.PIPE, stdout=subprocess.PIPE) as idle:
        assert idle.stdout is not None
        idle.stdout.readline()
        found = {IDLE: resident(idle.pid)}
        idle.communicate()
    with daemon(CACHE) as asked:
        asked.get("/version")
        found["start"] = resident(asked.pid)
        _populate(asked)
        found["ten"] = resident(asked.pid)
        maps = Path(f"/proc/{asked.pid}/maps").read_text()
        found["heavy"] = sum(library in maps for library in HEAVY)
    return found


def _populate(asked: Polycubed) -> None:
    for n in range(CUBES):
        service = ("helloworld", "simplebridge")[n % 2]
        asked.ask("POST", f"/{service}/cube{n}", {"ports": [{"name": "a"}, {"name": "b"}]})


def _times(times: dict[str, list[float]]) -> list[Row]:
    texts = {
        IDLE: ("", None),
        "polycubed": ("to the first answered request", Target(1000)),
        "polycubectl": ("cubes show", Target(90)),
        "polycube-gen check": ("all services", Target(1500)),
    }
    return [
        _row(name, note, "ms", times[name], times[IDLE], target)
        for name, (note, target) in texts.items()
    ]


def _memory(weights: Sequence[dict[str, float]]) -> list[Row]:
    idle = [each[IDLE] for each in weights]
    start, ten, heavy = ([each[key] for each in weights] for key in ("start", "ten", "heavy"))
    return [
        _row("python, idle", "resident", "MiB", idle, idle),
        _row("polycubed", "resident after start", "MiB", start, idle, Target(90)),
        _row("polycubed", "resident, ten cubes", "MiB", ten, idle, Target(90)),
        Row(
            "polycubed",
            ", ".join(HEAVY) + " mapped",
            "libraries",
            Summary.of(heavy),
            target=Target(0),
        ),
    ]


def _row(
    name: str,
    note: str,
    unit: str,
    values: Sequence[float],
    base: Sequence[float],
    target: Target | None = None,
) -> Row:
    if values is base:
        return Row(name, note, unit, Summary.of(values))
    ratio = Summary.of(value / other for value, other in zip(values, base, strict=True))
    return Row(name, note, unit, Summary.of(values), IDLE, ratio, target=target)
