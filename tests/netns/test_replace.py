"""Programs are replaced while packets flow."""

from __future__ import annotations

import threading
from typing import TYPE_CHECKING

import pytest

from bench.pktgen import Generator, Stream

if TYPE_CHECKING:
    from tests.netns.daemon import Daemon
    from tests.netns.lab import Lab

pytestmark = [pytest.mark.netns, pytest.mark.timeout(180)]

LEVELS = ("DEBUG", "INFO")


def test_no_packet_is_lost_while_a_program_is_replaced(daemon: Daemon, lab: Lab) -> None:
    """200 replacements over REST under the in-kernel generator; every packet arrives."""
    h1 = lab.host("h1", address="10.77.0.1/24")
    h2 = lab.host("h2", address="10.77.0.2/24")
    daemon.post(
        "/simplebridge/br1",
        {"ports": [{"name": "p1", "peer": h1.netdev}, {"name": "p2", "peer": h2.netdev}]},
    )
    assert h1.ping(h2.ip).lost == 0
    done = threading.Event()

    def replace() -> None:
        for _ in range(200):
            daemon.post("/reload", {"cube": "br1"})
        done.set()

    sent = received = 0
    with Generator(h1, h2, Stream.between(h1, h2)) as generator:
        worker = threading.Thread(target=replace)
        worker.start()
        try:
            while not done.is_set() and worker.is_alive():
                run = generator.run(packets=1 << 16)
                sent, received = sent + run.sent, received + run.received
        finally:
            worker.join()
    assert done.is_set()
    assert sent > 1 << 16
    assert received == sent
    entries = {e["address"]: e["port"] for e in daemon.get("/simplebridge/br1/fdb")["entry"]}
    assert entries == {h1.mac: "p1", h2.mac: "p2"}, "the table was carried over"


def test_the_log_level_swaps_the_program_and_its_lines_appear(daemon: Daemon, lab: Lab) -> None:
    """At DEBUG the data plane tells the daemon's log what it does; at INFO it is silent again."""
    h1 = lab.host("h1", address="10.77.0.1/24")
    h2 = lab.host("h2", address="10.77.0.2/24")
    ports = [{"name": "p1", "peer": h1.netdev}, {"name": "p2", "peer": h2.netdev}]
    daemon.post("/helloworld/hw", {"action": "FORWARD", "ports": ports})
    assert h1.ping(h2.ip, count=2).lost == 0
    assert "Forwarding packet" not in daemon.log.read_text()
    daemon.patch("/helloworld/hw/loglevel", "debug")
    assert h1.ping(h2.ip, count=2).lost == 0
    said = daemon.log.read_text()
    assert "[Helloworld] [hw] [debug] [INGRESS] Receiving packet from port 0" in said
    assert "Forwarding packet" in said
    daemon.patch("/helloworld/hw", {"loglevel": "INFO"})
    h1.ping(h2.ip, count=1)
    assert daemon.get("/helloworld/hw/loglevel") == "INFO"


def test_helloworld_follows_its_action(daemon: Daemon, lab: Lab) -> None:
    """The bound leaf is the data plane's map: a PATCH is seen by the next packet."""
    h1 = lab.host("h1", address="10.77.0.1/24")
    h2 = lab.host("h2", address="10.77.0.2/24")
    ports = [{"name": "p1", "peer": h1.netdev}, {"name": "p2", "peer": h2.netdev}]
    daemon.post("/helloworld/hw", {"ports": ports})
    assert daemon.get("/helloworld/hw/action") == "DROP"
    assert h1.ping(h2.ip, wait=0.2).received == 0
    daemon.patch("/helloworld/hw/action", "forward")
    assert h1.ping(h2.ip, count=3).lost == 0
    daemon.patch("/helloworld/hw/action", "SLOWPATH")
    assert h1.ping(h2.ip, wait=0.2).received == 0
    assert "packet in slow path" in daemon.log.read_text()
