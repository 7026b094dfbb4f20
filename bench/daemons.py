"""A polycubed to be measured, in a lab, and what the benchmarks ask of it.

- `Polycubed`: the daemon of the tests, with a connection that stays open and a clock
- `daemon`: start one
- `command`, `milliseconds`: how an installed command is called, and how long one takes
- `resident`, `free_port`
"""

from __future__ import annotations

import contextlib
import http.client
import json
import socket
import subprocess
import sys
import tempfile
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

from tests.netns.daemon import PREFIX, running
from tests.netns.lab import Lab

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.netns.daemon import Daemon


class Polycubed:
    """A running daemon, beside the far ends of `lab`'s hosts; `cache` is its folder of programs."""

    def __init__(self, daemon: Daemon, lab: Lab, cache: Path) -> None:
        """Open the connection that requests go over."""
        self.lab, self.cache = lab, cache
        self.pid, self.port = daemon.process.pid, daemon.port
        self._connection = http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        self._connection.connect()
        # Else the second half of a request would wait for the first half's acknowledgement.
        self._connection.sock.setsockopt(socket.IPPROTO_TCP, socket.TCP_NODELAY, 1)

    def ask(self, method: str, path: str, body: object = None) -> bytes:
        """Send a request, which must succeed; return the body of the answer."""
        data = None if body is None else json.dumps(body).encode()
        self._connection.request(method, PREFIX + path, data)
        answer = self._connection.getresponse()
        text = answer.read()
        assert answer.status < 300, f"{method} {path}: {answer.status} {text.decode()}"
        return text

    def get(self, path: str) -> Any:
        """Read."""
        return json.loads(self.ask("GET", path))

    def milliseconds(self, method: str, path: str, body: object = None) -> float:
        """Send a request, which must succeed; return how long it took, answer read."""
        start = time.perf_counter()
        self.ask(method, path, body)
        return (time.perf_counter() - start) * 1e3

    def close(self) -> None:
        """Close the connection."""
        self._connection.close()


@contextlib.contextmanager
def daemon(cache: Path | None = None) -> Iterator[Polycubed]:
    """Run a daemon in a lab of its own, with an empty cache unless one is given."""
    with tempfile.TemporaryDirectory() as folder, Lab() as lab:
        programs = cache or Path(folder, "cache")
        with running(lab.name, Path(folder), programs) as started:
            asked = Polycubed(started, lab, programs)
            try:
                yield asked
            finally:
                asked.close()


def command(name: str, module: str) -> list[str]:
    """Return how to call an installed command: its script, or the module where there is none."""
    script = Path(sys.executable).with_name(name)
    return [str(script)] if script.exists() else [sys.executable, "-m", module]


def milliseconds(argv: list[str], **settings: Any) -> float:
    """Run a command, which must succeed; return how long it took, start and end included."""
    start = time.perf_counter()
    subprocess.run(argv, check=True, stdin=subprocess.DEVNULL, capture_output=True, **settings)
    return (time.perf_counter() - start) * 1e3


def resident(pid: int) -> float:
    """Return a process's resident set in MiB."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return int(next(line for line in lines if line.startswith("VmRSS")).split()[1]) / 1024


def free_port() -> int:
    """Return a port of 127.0.0.1 that nobody listens on."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port
