"""A learning switch between real hosts."""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.netns.daemon import Daemon
    from tests.netns.host import Host
    from tests.netns.lab import Lab

pytestmark = pytest.mark.netns

KINDS = ("TC", "XDP_SKB", "XDP_DRV")


def bridge(daemon: Daemon, lab: Lab, kind: str = "TC", count: int = 3) -> list[Host]:
    """Join `count` hosts by one simplebridge, br1, whose ports are named like them."""
    hosts = [
        lab.host(f"h{n}", address=f"10.77.0.{n}/24", v6=f"fd77::{n}/64")
        for n in range(1, count + 1)
    ]
    if kind == "XDP_DRV":
        for host in hosts:
            host.fit_for_xdp()
    ports = [{"name": host.name, "peer": host.netdev} for host in hosts]
    daemon.post("/simplebridge/br1", {"type": kind, "ports": ports})
    return hosts


def learnt(daemon: Daemon) -> dict[str, str]:
    """Return the filtering database of br1 as address: port."""
    entries = daemon.get("/simplebridge/br1/fdb")["entry"]
    return {entry["address"]: entry["port"] for entry in entries}


@pytest.mark.parametrize("kind", KINDS)
def test_hosts_reach_each_other_and_are_learnt(daemon: Daemon, lab: Lab, kind: str) -> None:
    """Broadcasts are flooded, addresses learnt, and the table read through the model says so."""
    h1, h2, h3 = bridge(daemon, lab, kind)
    assert h1.ping(h2.ip, count=5).lost == 0
    assert h2.ping(h3.ip, count=5).lost == 0
    assert h3.ping("fd77::1", count=5).lost == 0
    entries = daemon.get("/simplebridge/br1/fdb")["entry"]
    assert learnt(daemon) == {host.mac: host.name for host in (h1, h2, h3)}
    assert all(entry["type"] == "dynamic" and entry["age"] <= 5 for entry in entries)


def test_tcp_carries_a_megabyte_through_tc(daemon: Daemon, lab: Lab) -> None:
    """Segmentation offload and checksums survive the redirect."""
    h1, h2, _ = bridge(daemon, lab)
    payload = bytes(range(256)) * 4096
    with h2.echo("tcp", 7777):
        assert h1.ask("tcp", (h2.ip, 7777), payload, timeout=20) == payload


def test_two_switches_in_a_row_flood_and_forward(daemon: Daemon, lab: Lab) -> None:
    """A flood crosses into another cube in the data plane; known addresses take the direct jump."""
    h1 = lab.host("h1", address="10.77.0.1/24")
    h2 = lab.host("h2", address="10.77.0.2/24")
    daemon.post("/simplebridge/a", {"ports": [{"name": "h", "peer": h1.netdev}, {"name": "up"}]})
    daemon.post("/simplebridge/b", {"ports": [{"name": "h", "peer": h2.netdev}, {"name": "up"}]})
    daemon.post("/connect", {"peer1": "a:up", "peer2": "b:up"})
    assert h1.ping(h2.ip, count=5).lost == 0
    assert {e["address"]: e["port"] for e in daemon.get("/simplebridge/a/fdb/entry")[:-1]} == {
        h1.mac: "h",
        h2.mac: "up",
    }
    daemon.post("/disconnect", {"peer1": "a:up", "peer2": "b:up"})
    assert h1.ping(h2.ip, count=2, wait=0.2).received == 0


def test_two_switches_in_a_row_at_xdp(daemon: Daemon, lab: Lab) -> None:
    """At XDP a flood towards another cube goes through the control plane and back in."""
    h1 = lab.host("h1", address="10.77.0.1/24")
    h2 = lab.host("h2", address="10.77.0.2/24")
    for name, host in (("a", h1), ("b", h2)):
        ports = [{"name": "h", "peer": host.netdev}, {"name": "up"}]
        daemon.post(f"/simplebridge/{name}", {"type": "XDP_SKB", "ports": ports})
    daemon.post("/connect", {"peer1": "a:up", "peer2": "b:up"})
    assert h1.ping(h2.ip, count=5).lost == 0


def test_addresses_age_out(daemon: Daemon, lab: Lab) -> None:
    """An address that is silent for longer than aging-time is not shown; hosts chatter at times."""
    h1, h2, _ = bridge(daemon, lab)
    h1.ping(h2.ip)
    assert h1.mac in learnt(daemon)
    daemon.patch("/simplebridge/br1/fdb/aging-time", 1)
    deadline = time.monotonic() + 20
    while h1.mac in learnt(daemon):
        assert time.monotonic() < deadline
        assert all(entry["age"] <= 1 for entry in daemon.get("/simplebridge/br1/fdb")["entry"])
        time.sleep(0.2)
    assert h1.ping(h2.ip, count=2).lost == 0


def test_a_created_entry_steers_packets_and_flush_removes_it(daemon: Daemon, lab: Lab) -> None:
    """What REST writes into the table the data plane obeys at once."""
    h1, h2, _ = bridge(daemon, lab)
    assert h1.ping(h2.ip, count=1).lost == 0
    daemon.post("/simplebridge/br1/fdb/flush")
    daemon.post(f"/simplebridge/br1/fdb/entry/{h2.mac}", {"port": "h3"})
    assert h1.ping(h2.ip, count=2, wait=0.2).received == 0, "h2's frames went to h3"
    assert daemon.post("/simplebridge/br1/fdb/flush").body == {"flushed": True}
    assert h1.ping(h2.ip, count=2).lost == 0


def test_a_port_that_goes_takes_its_addresses_with_it(daemon: Daemon, lab: Lab) -> None:
    """Its index is given to the next port, which must not inherit them."""
    h1, h2, h3 = bridge(daemon, lab)
    h1.ping(h2.ip)
    h1.ping(h3.ip)
    daemon.delete("/simplebridge/br1/ports/h2")
    assert h2.mac not in {
        entry["address"] for entry in daemon.get("/simplebridge/br1/fdb")["entry"]
    }
    assert h1.ping(h3.ip, count=2).lost == 0
    daemon.post("/simplebridge/br1/ports/again", {"peer": h2.netdev})
    assert h1.ping(h2.ip, count=2).lost == 0


def test_a_netdev_that_disappears_disconnects_its_port(daemon: Daemon, lab: Lab) -> None:
    """The port stays, without a peer; the others go on, and the port can be given a new netdev."""
    h1, h2, h3 = bridge(daemon, lab)
    lab.device.ip(f"link del {h3.netdev}")
    deadline = time.monotonic() + 5
    while daemon.get("/simplebridge/br1/ports/h3")["status"] == "UP":
        assert time.monotonic() < deadline
        time.sleep(0.05)
    assert daemon.get("/simplebridge/br1/ports/h3/peer") == ""
    assert h1.ping(h2.ip, count=2).lost == 0
    h4 = lab.host("h4", address="10.77.0.4/24")
    daemon.patch("/simplebridge/br1/ports/h3", {"peer": h4.netdev})
    assert h1.ping(h4.ip, count=2).lost == 0


@pytest.mark.parametrize("kind", ["TC", "XDP_SKB"])
def test_the_loopback_interface_is_refused(daemon: Daemon, kind: str) -> None:
    """A cube would take the packets of the daemon's own REST interface."""
    body = {"type": kind, "ports": [{"name": "p1", "peer": "lo"}]}
    reply = daemon.request("POST", "/simplebridge/br1", body)
    assert reply.status == 400
    assert "the REST interface is reached through it" in str(reply.body)
    assert daemon.get("/cubes") == {}
