"""Transparent cubes on netdevs and on ports, with real packets."""

from __future__ import annotations

import http.client
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from tests.netns.daemon import Daemon
    from tests.netns.host import Host
    from tests.netns.lab import Lab

pytestmark = pytest.mark.netns

KINDS = ("TC", "XDP_SKB", "XDP_DRV")
SERVICE = "/transparenthelloworld"


def switch(daemon: Daemon, lab: Lab, kind: str) -> tuple[Host, Host]:
    """Join two hosts by two switches, a and b."""
    hosts = lab.host("h1", address="10.77.0.1/24"), lab.host("h2", address="10.77.0.2/24")
    for name, host in zip("ab", hosts, strict=True):
        host.fit_for_xdp()
        ports = [{"name": "h", "peer": host.netdev}, {"name": "up"}]
        daemon.post(f"/simplebridge/{name}", {"type": kind, "ports": ports})
    daemon.post("/connect", {"peer1": "a:up", "peer2": "b:up"})
    return hosts


def attach(daemon: Daemon, name: str, where: str, kind: str, **how: str) -> None:
    """Create a transparent cube and attach it."""
    daemon.post(f"{SERVICE}/{name}", {"type": kind})
    daemon.post("/attach", {"cube": name, "port": where, **how})


def decide(daemon: Daemon, name: str, direction: str, action: str) -> None:
    """Have a transparent cube pass, drop or show what goes a direction."""
    daemon.patch(f"{SERVICE}/{name}/{direction}-action", action)


@pytest.mark.parametrize("kind", KINDS)
@pytest.mark.parametrize("where", ["a:h", "a:up", "netdev"])
def test_a_cube_in_a_chain_decides_both_ways(
    daemon: Daemon, lab: Lab, kind: str, where: str
) -> None:
    """On a netdev, towards it and towards another cube: what it drops, and only that, is gone."""
    h1, h2 = switch(daemon, lab, kind)
    assert h1.ping(h2.ip, count=3).lost == 0
    attach(daemon, "t1", h1.netdev if where == "netdev" else where, kind)
    attach(daemon, "t2", h1.netdev if where == "netdev" else where, kind, position="last")
    assert h1.ping(h2.ip, count=3).lost == 0
    for name in ("t1", "t2"):
        for direction in ("ingress", "egress"):
            decide(daemon, name, direction, "DROP")
            assert h1.ping(h2.ip, count=1, wait=0.2).received == 0, (name, direction)
            decide(daemon, name, direction, "PASS")
            assert h1.ping(h2.ip, count=2).lost == 0, (name, direction)
    decide(daemon, "t1", "ingress", "DROP")
    daemon.post("/detach", {"cube": "t1", "port": daemon.get(f"{SERVICE}/t1")["parent"]})
    assert h1.ping(h2.ip, count=2).lost == 0
    daemon.delete(f"{SERVICE}/t2")
    assert h1.ping(h2.ip, count=2).lost == 0


@pytest.mark.parametrize("kind", KINDS)
def test_a_flood_meets_the_chains(daemon: Daemon, lab: Lab, kind: str) -> None:
    """A copy that a switch floods out of a port goes through what is attached there."""
    h1, h2 = switch(daemon, lab, kind)
    attach(daemon, "t1", "a:up", kind)
    attach(daemon, "t2", "b:h", kind)
    for name in ("t1", "t2"):
        decide(daemon, name, "egress", "DROP")
        assert h1.ping(h2.ip, count=1, wait=0.2).received == 0, "who-has is a broadcast"
        decide(daemon, name, "egress", "PASS")
    assert h1.ping(h2.ip, count=3).lost == 0


@pytest.mark.parametrize("kind", KINDS)
def test_a_flood_finds_a_chain_that_nothing_else_is_beyond(
    daemon: Daemon, lab: Lab, kind: str
) -> None:
    """No two cubes are linked, and still a copy goes to a program and not to a netdev."""
    h1, h2 = (lab.host(f"h{n}", address=f"10.77.0.{n}/24") for n in (1, 2))
    h1.fit_for_xdp()
    h2.fit_for_xdp()
    ports = [{"name": "p1", "peer": h1.netdev}, {"name": "p2", "peer": h2.netdev}]
    daemon.post("/simplebridge/a", {"type": kind, "ports": ports})
    attach(daemon, "t1", "a:p2", kind)
    assert h1.ping(h2.ip, count=3).lost == 0


def test_a_copy_for_a_cube_is_not_mistaken_for_one_for_a_netdev(daemon: Daemon, lab: Lab) -> None:
    """The one for h2 is made right after the one for b, and its netdev has a dispatcher, too."""
    h1, h2, h3 = (lab.host(f"h{n}", address=f"10.77.0.{n}/24") for n in (1, 2, 3))
    ports = [{"name": "p1", "peer": h1.netdev}, {"name": "p2", "peer": h2.netdev}]
    daemon.post("/simplebridge/a", {"ports": [{"name": "up"}, *ports]})
    ports = [{"name": "up"}, {"name": "p3", "peer": h3.netdev}]
    daemon.post("/simplebridge/b", {"ports": ports})
    daemon.post("/connect", {"peer1": "a:up", "peer2": "b:up"})
    attach(daemon, "t1", h2.netdev, "TC")
    assert h1.ping(h2.ip, count=3).lost == 0
    assert h1.ping(h3.ip, count=3).lost == 0


@pytest.mark.parametrize("kind", KINDS)
def test_the_slow_path_sends_packets_on(daemon: Daemon, lab: Lab, kind: str) -> None:
    """What a transparent cube shows its control plane goes on from there, through the rest."""
    h1, h2 = switch(daemon, lab, kind)
    attach(daemon, "t1", "a:up", kind)
    attach(daemon, "t2", "a:up", kind, position="last")
    for name, direction in (("t1", "egress"), ("t2", "ingress")):
        decide(daemon, name, direction, "SLOWPATH")
        assert h1.ping(h2.ip, count=3).lost == 0, (name, direction)
    decide(daemon, "t2", "egress", "DROP")
    assert h1.ping(h2.ip, count=1, wait=0.2).received == 0, "t2 is behind t1"


def test_topology_shows_a_chain_as_the_original_does(daemon: Daemon, lab: Lab) -> None:
    """Names, order and arrows of the original's answer."""
    h1, _ = switch(daemon, lab, "TC")
    attach(daemon, "t1", h1.netdev, "TC")
    attach(daemon, "t2", h1.netdev, "TC", after="t1")
    attach(daemon, "t0", h1.netdev, "TC", before="t1")
    shown = daemon.get(f"/topology/{h1.netdev}")
    assert shown["name"] == h1.netdev
    assert [one.split(",")[0] for one in shown["cubes, ingress_index, egress_index"]] == [
        "t0",
        "t1",
        "t2",
    ]
    assert shown["ingress service chain"] == "t0 ---> t1 ---> t2 ---> a:h"
    assert shown["egress service chain"] == "t2 ---> t1 ---> t0 ---> stack"
    for name in ("t0", "t1", "t2"):
        daemon.post("/detach", {"cube": name, "port": h1.netdev})
    attach(daemon, "t3", "a:up", "TC")
    attach(daemon, "t4", "a:up", "TC", position="first")
    shown = daemon.get("/topology/a:up")
    assert shown["ingress service chain"] == "t3 ---> t4 ---> a:up"
    assert shown["egress service chain"] == "t4 ---> t3 ---> b:up"
    assert next(p for p in daemon.get("/simplebridge/a/ports")[:-1] if p["name"] == "up")[
        "tcubes"
    ] == ["t4", "t3"]


@pytest.mark.parametrize(
    ("body", "says"),
    [
        ({"cube": "a", "port": "b:up"}, "Cube a is not transparent"),
        ({"cube": "t1", "port": "b:nope"}, "cube b has no port nope"),
        ({"cube": "t1", "port": "nope0"}, "Interface nope0 does not exist or is down"),
        ({"cube": "t1", "port": "lo"}, "cannot be used"),
        ({"cube": "x1", "port": "b:up"}, "have incompatible types"),
        ({"cube": "t1", "port": "b:up", "position": "middle"}, "expected one of auto, first, last"),
        ({"cube": "t1", "port": "b:up", "after": "t9"}, "'t9' is not attached there"),
        ({"cube": "t2", "port": "b:up"}, "already attached to a:up"),
        ({"cube": "t1", "port": "a:up"}, "Impossible to determine auto position"),
    ],
)
def test_what_cannot_be_attached_is_told_why(
    daemon: Daemon, lab: Lab, body: dict[str, str], says: str
) -> None:
    """Every refusal names the reason and changes nothing."""
    switch(daemon, lab, "TC")
    daemon.post(f"{SERVICE}/t1")
    daemon.post(f"{SERVICE}/x1", {"type": "XDP_SKB"})
    attach(daemon, "t2", "a:up", "TC")
    before = daemon.get("/topology")
    reply = daemon.request("POST", "/attach", body)
    assert reply.status in {http.client.BAD_REQUEST, http.client.CONFLICT}
    error = reply.body["ietf-restconf:errors"]["error"][0]
    assert says in error["error-message"]
    assert daemon.get("/topology") == before
