"""A daemon that is killed again and again, at random instants of a stream of writes.

    with ordeal(lab, daemon, Random(7)) as it:
        for _ in range(12):
            it.kill()
    assert (it.wrong, it.lost, it.passed) == ([], 0, 0)

Two switches, joined, forward three streams between two hosts all the while. One of the streams
must not come through: a cube in front of the first switch drops and counts it.
"""

from __future__ import annotations

import contextlib
import http.client
import threading
import time
from typing import TYPE_CHECKING

from tests.netns.stream import Stream
from tests.netns.writes import STANDARD, TRANSPARENT, Model, Write, Writes

if TYPE_CHECKING:
    from collections.abc import Iterator
    from random import Random

    from tests.netns.daemon import Daemon
    from tests.netns.host import Host
    from tests.netns.lab import Lab

BLOCKED = "10.66.0.3"
GUARD = "/ddosmitigator/guard/blacklist-src"
KEPT = {"k1", "k2", "guard"}
LONGEST_LIFE, LONGEST_START = 0.8, 1.5
"""Seconds: of a daemon that writes, and until one is killed that starts."""
STARTS_KILLED = 0.3
"""The part of all kills that strikes a daemon that is about to start."""


class Ordeal:
    """Kills, and compares what there is afterwards with what was acknowledged.

    Attributes:
        wrong: differences between the configuration after a restart and the one acknowledged.
        refused: writes that the daemon did not take, which is a mistake of `Writes` or of its own.
        writes: how many were acknowledged.
        kept, made: after how many kills the write under way was not there, and was there.
        starts: how many of the kills struck a daemon that was about to start.
        times: seconds that each whole start took.
        sent, lost: datagrams through the switches, and those that they did not forward.
        blocked: datagrams that were to be dropped.
        passed: datagrams that came although they were to be dropped.
        uncounted: how many dropped datagrams the dropping cube's counter does not have.

    """

    def __init__(self, daemon: Daemon, random: Random, writes: Writes) -> None:
        """Go on from the configuration that there is."""
        self._daemon, self._random, self._writes = daemon, random, writes
        self._model = self._read()
        self.wrong: list[str] = []
        self.refused: list[str] = []
        self.writes = self.kept = self.made = self.starts = 0
        self.times: list[float] = []
        self.sent = self.lost = self.blocked = self.passed = self.uncounted = 0

    def _read(self) -> Model:
        return Model.of(self._daemon.get("/topology?config"))

    def kill(self) -> None:
        """Write, kill, restart, compare; now and then kill it again while it restarts."""
        pending = self._write_until_killed(self._random.uniform(0.0, LONGEST_LIFE))
        while self._random.random() < STARTS_KILLED:
            self._daemon.start_and_kill(self._random.uniform(0.0, LONGEST_START))
            self.starts += 1
        began = time.perf_counter()
        self._daemon.restart()
        self.times.append(time.perf_counter() - began)
        self._compare(pending)

    def _write_until_killed(self, seconds: float) -> Write:
        """Write without a pause; return the write that was under way when the end came."""
        killer = threading.Timer(seconds, self._daemon.kill)
        killer.start()
        try:
            while True:
                write = self._writes.draw(self._model)
                try:
                    reply = self._daemon.request(write.method, write.path, write.body)
                except (OSError, http.client.HTTPException, ValueError):
                    return write
                if reply.status < http.client.BAD_REQUEST:
                    self._model = write.after(self._model)
                    self.writes += 1
                else:
                    self.refused.append(f"{write[:3]}: {reply.status} {reply.body}")
        finally:
            killer.join()

    def _compare(self, pending: Write) -> None:
        found = self._read()
        after = pending.after(self._model)
        if found == after != self._model:
            self.made += 1
        elif found == self._model:
            self.kept += 1
        else:
            self.wrong.append(f"{pending[:3]}: {differences(self._model, found)}")
        self._model = found

    def finish(self, passing: list[Stream], blocked: Stream) -> None:
        """Count what became of the streams, which have ended."""
        self.sent = sum(stream.sent for stream in passing)
        self.blocked = blocked.sent
        self.lost = sum(len(stream.lost) for stream in passing)
        self.passed = blocked.received
        dropped = self._daemon.get(f"{GUARD}/{BLOCKED}/drop-pkts")
        self.uncounted = blocked.sent - blocked.received - dropped


def differences(wanted: Model, found: Model) -> str:
    """Say what differs, cube by cube."""
    told = [
        f"{name}: {wanted.cubes.get(name)} is {found.cubes.get(name)}"
        for name in wanted.cubes.keys() | found.cubes.keys()
        if wanted.cubes.get(name) != found.cubes.get(name)
    ]
    return "; ".join([*told, f"chains: {wanted.chains} are {found.chains}"])


@contextlib.contextmanager
def ordeal(lab: Lab, daemon: Daemon, random: Random, kind: str = "TC") -> Iterator[Ordeal]:
    """Build the switches, of `kind`, begin with the streams; at the end, count.

    At TC half of what goes there is broadcasts. At XDP those would take the control plane's time,
    and nothing is to be flooded while there is none.
    """
    h1, h2, *spare = (lab.host(f"h{n}", address=f"10.66.0.{n}/24") for n in (1, 2, 4, 5, 6))
    for host in (h1, h2) if kind != "TC" else ():
        host.fit_for_xdp()
    h1.run(["ip", "addr", "add", f"{BLOCKED}/24", "dev", h1.near.interface])
    for host, other in ((h1, h2), (h2, h1)):
        host.run(["ip", "neigh", "replace", other.ip, "lladdr", other.mac, "nud", "permanent",
                  "dev", host.near.interface])  # fmt: skip
    samples = _samples(daemon)
    _build(daemon, h1, h2, kind)
    places = ["k1:up", "k2:b", h1.netdev, h2.netdev]
    netdevs = [host.netdev for host in spare]
    there_to = "10.66.0.255" if kind == "TC" else ""
    it = Ordeal(daemon, random, Writes(random, samples, netdevs, KEPT, places))
    with (
        Stream(h1, h2, port=7001, broadcast=there_to) as there,
        Stream(h2, h1, port=7002) as back,
        Stream(h1, h2, port=7003, source=BLOCKED) as blocked,
    ):
        yield it
    it.finish([there, back], blocked)


def _samples(daemon: Daemon) -> dict[str, dict[str, object]]:
    """Return a cube of each service as it is read back."""
    for service in STANDARD + TRANSPARENT:
        for kind in ("TC", "XDP_SKB"):
            daemon.post(f"/{service}/sample", {"type": kind})
            if kind == "TC":
                daemon.patch(f"/{service}/sample/loglevel/", "WARN")  # compiled from now on
            daemon.delete(f"/{service}/sample")
        daemon.post(f"/{service}/sample-{service}", {})
    found = Model.of(daemon.get("/topology?config")).cubes
    for name, cube in found.items():
        daemon.delete(f"/{cube['service-name']}/{name}")
    return {cube["service-name"]: cube for cube in found.values()}


def _build(daemon: Daemon, h1: Host, h2: Host, kind: str) -> None:
    for name, port, host in (("k1", "a", h1), ("k2", "b", h2)):
        ports = [{"name": port, "peer": host.netdev}, {"name": "up"}]
        daemon.post(f"/simplebridge/{name}", {"type": kind, "ports": ports})
    daemon.post("/connect", {"peer1": "k1:up", "peer2": "k2:up"})
    daemon.post("/ddosmitigator/guard", {"type": kind, "blacklist-src": [{"ip": BLOCKED}]})
    daemon.post("/attach", {"cube": "guard", "port": "k1:a"})
