"""A real polycubed under test, and the two ways to talk to it."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import socket
import subprocess
import sys
import time
from typing import TYPE_CHECKING, Any, NamedTuple

if TYPE_CHECKING:
    import ssl
    from collections.abc import Iterator, Sequence
    from pathlib import Path

PREFIX = "/polycube/v1"
READY_WITHIN = 20.0
STOP_WITHIN = 20.0


class Reply(NamedTuple):
    """An answer over REST; `body` is decoded JSON, or the text that is none."""

    status: int
    body: Any
    headers: dict[str, str]


class Told(NamedTuple):
    """What polycubectl said."""

    code: int
    out: str
    err: str


class Daemon:
    """A running polycubed; `request` speaks REST to it, `ctl` runs polycubectl."""

    def __init__(
        self,
        name: str,
        folder: Path,
        cache: Path,
        *options: str,
        tls: ssl.SSLContext | None = None,
        prefix: Sequence[str] = (),
    ) -> None:
        """Start it as instance `name` with its files in `folder`, and wait until it answers.

        Its Unix socket is `socket`; `options` come last. It is spoken to with `tls` if given;
        `prefix` is a command that runs it.
        """
        self._tls = tls
        self.name = name
        self.port = _free_port()
        self.log = folder / "polycubed.log"
        self.socket = folder / "polycube" / f"{name}.sock"
        self._command = [
            *prefix, sys.executable, "-m", "polycube_runtime",
            "--name", name, "--port", str(self.port),
            "--run-dir", str(folder), "--cache-dir", str(cache), "--state-dir", str(folder),
            "--addr", "127.0.0.1", "--logfile", "none", "--configfile", "none", *options,
        ]  # fmt: skip
        self.process = self._start()

    def _spawn(self) -> subprocess.Popen[bytes]:
        self._killed = False
        with self.log.open("ab") as log:
            return subprocess.Popen(self._command, stdout=log, stderr=log, stdin=subprocess.DEVNULL)

    def _start(self) -> subprocess.Popen[bytes]:
        process = self._spawn()
        try:
            self._wait_until_ready(process)
        except BaseException:  # interrupted, too: nobody else knows of this process yet
            process.terminate()
            process.wait(STOP_WITHIN)
            raise
        return process

    def _wait_until_ready(self, process: subprocess.Popen[bytes]) -> None:
        deadline = time.monotonic() + READY_WITHIN
        while time.monotonic() < deadline:
            assert process.poll() is None, self.log.read_text()
            with contextlib.suppress(OSError):
                self.request("GET", "/version")  # answered, not only accepted: it is up
                return
            time.sleep(0.02)
        raise AssertionError(self.log.read_text())

    def restart(self) -> None:
        """Start it again after `kill` or `stop`."""
        self.process = self._start()

    def start_and_kill(self, seconds: float) -> None:
        """Start it again and kill it after that time, wherever it has got to by then."""
        self.process = self._spawn()
        with contextlib.suppress(subprocess.TimeoutExpired):
            self.process.wait(seconds)
        assert self.process.poll() is None, self.log.read_text()
        self.kill()

    def stop(self) -> int:
        """Ask it to stop, and return its exit code; 0 if it was killed on purpose."""
        if self._killed:
            return 0
        if self.process.poll() is None:
            self.process.send_signal(signal.SIGTERM)
        return self.process.wait(STOP_WITHIN)

    def tear_down(self) -> None:
        """Take what it left running out of the kernel; a volatile one leaves nothing."""
        if "--volatile" not in self._command:
            subprocess.run(
                [*self._command, "--teardown"], check=True, stdout=subprocess.DEVNULL, timeout=60
            )

    def call(self, *options: str) -> subprocess.CompletedProcess[str]:
        """Run it once more with these options, aside, to its end."""
        return subprocess.run(
            [*self._command, *options], stdin=subprocess.DEVNULL,
            capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip

    def kill(self) -> None:
        """Kill it as `kill -9` would; unless it is started again, it stays killed to the end."""
        self._killed = True
        self.process.kill()
        self.process.wait(STOP_WITHIN)

    def request(
        self, method: str, path: str, body: object = None, *, raw: bytes | None = None
    ) -> Reply:
        """Send one request; `path` is below /polycube/v1, `raw` a body that is not JSON."""
        connection = self._connection()
        try:
            data = raw if raw is not None else None if body is None else json.dumps(body).encode()
            connection.request(method, PREFIX + path, data)
            answer = connection.getresponse()
            text = answer.read()
        finally:
            connection.close()
        try:
            decoded = json.loads(text) if text else None
        except json.JSONDecodeError:
            decoded = text.decode()
        return Reply(answer.status, decoded, dict(answer.getheaders()))

    def _connection(self) -> http.client.HTTPConnection:
        if self._tls is None:
            return http.client.HTTPConnection("127.0.0.1", self.port, timeout=60)
        return http.client.HTTPSConnection("127.0.0.1", self.port, timeout=60, context=self._tls)

    def get(self, path: str) -> Any:
        """Read, which must succeed."""
        reply = self.request("GET", path)
        assert reply.status == http.client.OK, reply
        return reply.body

    def post(self, path: str, body: object = None) -> Reply:
        """Create or call, which must succeed."""
        reply = self.request("POST", path, body)
        assert reply.status in {200, 201, 204}, reply
        return reply

    def patch(self, path: str, body: object) -> None:
        """Change, which must succeed."""
        reply = self.request("PATCH", path, body)
        assert reply.status in {200, 201}, reply

    def delete(self, path: str) -> None:
        """Delete, which must succeed."""
        reply = self.request("DELETE", path)
        assert reply.status in {200, 204}, reply

    def ctl(self, *words: str) -> Told:
        """Run polycubectl with these words."""
        ran = subprocess.run(
            [sys.executable, "-m", "polycube_client", *words],
            env={**os.environ, "POLYCUBECTL_URL": f"http://127.0.0.1:{self.port}"},
            stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False,
        )  # fmt: skip
        return Told(ran.returncode, ran.stdout, ran.stderr)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


@contextlib.contextmanager
def running(
    name: str,
    folder: Path,
    cache: Path,
    *options: str,
    tls: ssl.SSLContext | None = None,
    prefix: Sequence[str] = (),
) -> Iterator[Daemon]:
    """Run a daemon for the block; it must stop cleanly at the end, and leaves nothing."""
    daemon = Daemon(name, folder, cache, *options, tls=tls, prefix=prefix)
    try:
        yield daemon
    except BaseException:
        daemon.stop()
        daemon.tear_down()
        sys.stderr.write(daemon.log.read_text())
        raise
    code = daemon.stop()
    daemon.tear_down()
    log = daemon.log.read_text()
    assert code == 0, log
    assert "Traceback" not in log, log
