"""Shadows: cubes in a network namespace, with real packets; and netdevs as neighbours."""

from __future__ import annotations

import http.client
import os
import socket
import subprocess
import time
from typing import TYPE_CHECKING

import pytest

from polycube_runtime.support.control import Neighbour
from tests.netns.daemon import running
from tests.netns.namespace import Namespace, command
from tests.netns.shadowed import Here

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.netns.daemon import Daemon
    from tests.netns.host import Host
    from tests.netns.lab import Lab

pytestmark = pytest.mark.netns

KINDS = ("TC", "XDP_SKB", "XDP_DRV")


@pytest.fixture
def here(lab: Lab, program_cache: Path, bpffs: str) -> Iterator[Here]:
    """Give a daemon in this process."""
    assert bpffs
    made = Here(lab.name, program_cache)
    yield made
    made.close()


def inside(lab: Lab, cube: str) -> Namespace:
    """Return the namespace of a cube."""
    return Namespace(f"pcn-{lab.name}.{cube}")


def pings(space: Namespace, address: str, count: int = 3) -> bool:
    """Whether a namespace gets all answers from an address."""
    argv = ["ping", "-n", "-q", f"-c{count}", "-i0.02", "-W1", address]
    return f" {count} received" in space.run(argv, check=False)


@pytest.mark.parametrize("kind", KINDS)
def test_a_cube_is_in_its_namespace(here: Here, lab: Lab, kind: str) -> None:
    """What the stack in there sends leaves by the port; what the program says goes in there."""
    h1 = lab.host("h1", address="10.78.0.1/24")
    h2 = lab.host("h2", address="10.78.1.1/24")
    for host in (h1, h2):
        host.fit_for_xdp()
    ports = [{"name": f"p{n}", "peer": host.netdev} for n, host in enumerate((h1, h2), 1)]
    cube = here.create("r1", type=kind, shadow=True, ports=ports)
    space = inside(lab, "r1")
    space.ip("addr add 10.78.0.9/24 dev p1")
    space.ip("addr add 10.78.1.9/24 dev p2")
    assert pings(space, h1.ip)
    assert pings(space, h2.ip)
    assert h1.ping("10.78.0.9", count=3).lost == 0
    with h1.echo("tcp", 77):  # whole segments, checksums and all
        payload = bytes(200_000)
        code = (
            "import socket,sys;s=socket.create_connection(('10.78.0.1',77),3);"
            f"s.sendall(bytes({len(payload)}//4));s.shutdown(1);"
            "print(sum(len(c) for c in iter(lambda:s.recv(65536),b'')))"
        )
        assert space.run(["python3", "-c", code]).strip() == "50000"
    before = socket.if_nametoindex(f"{lab.name}.r1-p1")
    here.wait(here.polycube.reload(cube))
    assert socket.if_nametoindex(f"{lab.name}.r1-p1") == before
    assert pings(space, h1.ip)
    assert h1.ping("10.78.0.9", count=3).lost == 0
    here.wait(here.polycube.delete(cube))
    assert not space.path.exists()
    with pytest.raises(OSError, match="no interface with this name"):
        socket.if_nametoindex(f"{lab.name}.r1-p1")


def test_the_control_plane_sends_into_the_namespace(here: Here, lab: Lab) -> None:
    """By the port that it says."""
    cube = here.create("r1", shadow=True, ports=[{"name": "p1"}, {"name": "p2"}])
    space = inside(lab, "r1")
    with space.socket(socket.AF_PACKET, socket.SOCK_RAW) as raw:
        with space.entered():
            raw.bind(("p2", 0x88B5))
        raw.settimeout(2)
        frame = bytes.fromhex("ffffffffffff02000000000188b5") + bytes(50)
        here.wait(cube.send("p1", frame, to_namespace=True))
        here.wait(cube.send("p2", frame[:-1] + b"!", to_namespace=True))
        assert raw.recv(100)[-1:] == b"!"


def test_addresses_are_followed_both_ways(here: Here, lab: Lab) -> None:
    """What is published is in the namespace; what is configured there is told."""
    cube = here.create("r1", shadow=True, ports=[{"name": "p1"}])
    space, control = inside(lab, "r1"), cube.control
    here.wait(cube.publish("p1", mac="02:00:00:00:00:77", addresses=["10.0.0.1/24", "fd00::1/64"]))
    shown = space.ip("addr show p1")
    assert "02:00:00:00:00:77" in shown
    assert "inet 10.0.0.1/24" in shown
    assert "inet6 fd00::1/64" in shown
    space.ip("addr add 10.1.0.1/16 dev p1")
    here.until(lambda: bool(control.namespace))
    everything = ("10.0.0.1/24", "10.1.0.1/16", "fd00::1/64")
    assert control.namespace == [("p1", "02:00:00:00:00:77", everything)]
    space.ip("link set p1 address 02:00:00:00:00:78")
    here.until(lambda: len(control.namespace) > 1)
    assert control.namespace[-1] == ("p1", "02:00:00:00:00:78", everything)
    here.wait(cube.publish("p1", addresses=["10.1.0.1/16"]))
    shown = space.ip("addr show p1")
    assert "10.0.0.1" not in shown
    assert "fd00" not in shown
    assert "02:00:00:00:00:77" in shown, "what was published before"
    here.wait(cube.publish("p1", addresses=["10.1.0.1/16", "10.1.0.2/16"]))
    here.wait(cube.publish("p1", addresses=["10.1.0.2/16"]))
    shown = space.ip("addr show p1")
    assert "10.1.0.1/" not in shown
    assert "10.1.0.2/16" in shown, "the kernel drops it with the first of its network"
    time.sleep(0.2)
    here.until(lambda: True)
    assert len(control.namespace) == 2, "what is published is not told"


def test_a_port_learns_of_its_netdev(here: Here, lab: Lab) -> None:
    """Its MAC, addresses and MTU, and every change of them; its status follows it."""
    h1 = lab.host("h1", address="10.78.0.1/24")
    states: list[tuple[str, str, str]] = []
    here.polycube.states.append(lambda end, *change: states.append((f"{end.path}/status", *change)))
    cube = here.create("r1", ports=[{"name": "p1", "peer": h1.netdev}])
    heard = cube.control.neighbours
    here.until(lambda: bool(heard))
    assert heard == [("p1", Neighbour(h1.far.mac, (), 1500, up=True))]
    lab.device.ip(f"addr add 10.78.0.2/24 dev {h1.netdev}")
    here.until(lambda: len(heard) > 1)
    lab.device.ip(f"link set {h1.netdev} mtu 1400")
    here.until(lambda: len(heard) > 2)
    assert heard[-1] == ("p1", Neighbour(h1.far.mac, ("10.78.0.2/24",), 1400, up=True))
    lab.device.ip(f"link set {h1.netdev} down")
    here.until(lambda: not cube.ports["p1"].up)
    lab.device.ip(f"link set {h1.netdev} up")
    here.until(lambda: cube.ports["p1"].up)
    assert states == [
        ("/simplebridge/r1/ports/p1/status", *change)
        for change in (("DOWN", "UP"), ("UP", "DOWN"), ("DOWN", "UP"))
    ]
    lab.device.ip(f"link del {h1.netdev}")
    here.until(lambda: heard[-1] == ("p1", None))
    assert cube.ports["p1"].peer == ""


def test_a_renamed_netdev_is_followed(here: Here, lab: Lab) -> None:
    """Packets flow, and the configuration has the new name."""
    h1 = lab.host("h1", address="10.78.0.1/24")
    cube = here.create("r1", shadow=True, ports=[{"name": "p1", "peer": h1.netdev}])
    space = inside(lab, "r1")
    space.ip("addr add 10.78.0.9/24 dev p1")
    committed: list[object] = []
    here.polycube.observers.append(lambda one: committed.extend(one.records))
    new = lab.unique("other")
    lab.device.ip(f"link set {h1.netdev} down")
    lab.device.ip(f"link set {h1.netdev} name {new}")
    lab.device.ip(f"link set {new} up")
    here.until(lambda: cube.ports["p1"].peer == new and cube.ports["p1"].up)
    (record,) = committed
    assert (record.path, record.old, record.new) == (
        "/simplebridge/r1/ports/p1/peer",
        h1.netdev,
        new,
    )
    assert pings(space, h1.ip)
    lab.device.ip(f"link set {new} down")
    lab.device.ip(f"link set {new} name {h1.netdev}")
    lab.device.ip(f"link set {h1.netdev} up")
    here.until(lambda: cube.ports["p1"].peer == h1.netdev)
    assert pings(space, h1.ip)


def bridge(daemon: Daemon, lab: Lab, **document: object) -> tuple[Host, Host]:
    """Join two hosts by a bridge that is a shadow."""
    h1, h2 = (lab.host(f"h{n}", address=f"10.79.0.{n}/24") for n in (1, 2))
    ports = [{"name": f"p{n}", "peer": host.netdev} for n, host in enumerate((h1, h2), 1)]
    daemon.post("/simplebridge/b", {"shadow": True, "ports": ports, **document})
    return h1, h2


def received(space: Namespace, port: str) -> int:
    """Count the packets that came in by a port in a namespace."""
    return int(space.run(["cat", "/proc/net/dev"]).split(f"{port}:")[1].split()[1])


def test_span_copies_what_comes_in(daemon: Daemon, lab: Lab) -> None:
    """Every packet, by the port where it came in; while it is on; the bridge goes on bridging."""
    h1, h2 = bridge(daemon, lab)
    space = inside(lab, "b")
    assert h1.ping(h2.ip, count=10).lost == 0
    off = received(space, "p1"), received(space, "p2")
    daemon.patch("/simplebridge/b", {"span": True})
    assert h1.ping(h2.ip, count=50, interval=0.01).lost == 0
    copies = received(space, "p1") - off[0], received(space, "p2") - off[1]
    assert min(copies) >= 50
    assert max(copies) <= 54, "each once, and some ARP"
    daemon.patch("/simplebridge/b", {"span": False})
    on = received(space, "p1")
    assert h1.ping(h2.ip, count=10).lost == 0
    assert received(space, "p1") == on
    assert off == (0, 0)


def test_span_is_turned_on_and_off_without_a_loss(daemon: Daemon, lab: Lab) -> None:
    """And what the stack in the namespace sends gets its answers there."""
    h1, h2 = bridge(daemon, lab, span=True)
    space = inside(lab, "b")
    space.ip("addr add 10.79.0.9/24 dev p1")
    assert pings(space, h1.ip), "the answers are copied"
    space.ip("addr flush dev p1")
    argv = h1.namespace.argv(["ping", "-n", "-q", "-i0.002", "-c800", "-W1", h2.ip])
    with subprocess.Popen(argv, stdout=subprocess.PIPE, text=True) as pinging:
        for span in (False, True, False, True):
            time.sleep(0.2)
            daemon.patch("/simplebridge/b", {"span": span})
        text = pinging.communicate()[0]
    assert " 0% packet loss" in text, text


def test_what_the_namespace_sends_passes_the_chain(daemon: Daemon, lab: Lab) -> None:
    """As all that leaves the cube by that port."""
    h1, _ = bridge(daemon, lab, span=True)
    space = inside(lab, "b")
    space.ip("addr add 10.79.0.9/24 dev p1")
    daemon.post("/transparenthelloworld/t")
    daemon.post("/attach", {"cube": "t", "port": "b:p1"})
    assert pings(space, h1.ip)
    daemon.patch("/transparenthelloworld/t/egress-action", "DROP")
    assert not pings(space, h1.ip, count=1)
    daemon.post("/detach", {"cube": "t", "port": "b:p1"})
    assert pings(space, h1.ip)


@pytest.mark.parametrize(
    ("document", "says"),
    [
        ({"span": True}, "it needs shadow=true"),
        ({"span": True, "shadow": True, "type": "XDP_SKB"}, "span needs a cube of type TC"),
    ],
)
def test_what_cannot_span_is_told_why(
    daemon: Daemon, lab: Lab, document: dict[str, object], says: str
) -> None:
    """At creation and later; and nothing is left of it."""
    reply = daemon.request("POST", "/simplebridge/b", document)
    assert reply.status == http.client.BAD_REQUEST
    assert says in str(reply.body)
    daemon.post("/simplebridge/b", {**document, "span": False})
    reply = daemon.request("PATCH", "/simplebridge/b", {"span": True})
    assert reply.status == http.client.BAD_REQUEST
    assert says in str(reply.body)
    daemon.delete("/simplebridge/b")
    assert not inside(lab, "b").path.exists()


def test_ports_come_and_go_with_their_pairs(daemon: Daemon, lab: Lab) -> None:
    """Long names are cut; a dry run and a refused request leave nothing."""
    daemon.post("/simplebridge/b", {"shadow": True})
    space = inside(lab, "b")
    daemon.post("/simplebridge/b/ports/p1")
    daemon.post("/simplebridge/b/ports/a-port-of-a-long-name")
    devices = space.ip("-br link")
    assert "p1@" in devices
    assert "a-port-of~" in devices
    daemon.delete("/simplebridge/b/ports/p1")
    assert "p1@" not in space.ip("-br link")
    daemon.request("POST", "/simplebridge/b/ports/p2?dry-run")
    bad = [{"name": "p3"}, {"name": "p4", "peer": "nodev0"}]
    assert daemon.request("POST", "/simplebridge/b/ports", bad).status == 400
    assert space.ip("-br link").count("\n") == 2
    assert daemon.get("/simplebridge/b")["shadow"] is True


def test_somebody_elses_namespace_is_left_alone(daemon: Daemon, lab: Lab) -> None:
    """The cube is refused, and says what to do."""
    space = inside(lab, "b")
    command(["ip", "netns", "add", space.name])
    lab.defer(lambda: command(["ip", "netns", "del", space.name]))
    reply = daemon.request("POST", "/simplebridge/b", {"shadow": True, "ports": [{"name": "p1"}]})
    assert reply.status == http.client.BAD_REQUEST
    assert f"{space.name} exists, and this daemon did not make it" in str(reply.body)
    assert daemon.get("/cubes") == {}
    assert "p1" not in space.ip("-br link")


def test_a_namespace_outlives_the_daemon(
    lab: Lab, tmp_path: Path, program_cache: Path, bpffs: str
) -> None:
    """With the addresses and routes in it; the data plane goes on. Teardown removes it."""
    assert bpffs
    with running(lab.name, tmp_path, program_cache) as daemon:
        h1, _ = bridge(daemon, lab, span=True)
        space = inside(lab, "b")
        space.ip("addr add 10.79.0.9/24 dev p1")
        space.ip("route add 10.99.0.0/16 via 10.79.0.1")
        assert pings(space, h1.ip)
        before = space.ip("-br link"), space.ip("route")
        daemon.kill()
        assert pings(space, h1.ip)
        daemon.restart()
        assert (space.ip("-br link"), space.ip("route")) == before
        assert pings(space, h1.ip)
        daemon.delete("/simplebridge/b/ports/p2")
        assert "p2" not in space.ip("-br link")
        assert daemon.stop() == 0
        assert pings(space, h1.ip)
        daemon.tear_down()
        assert not space.path.exists()


def test_a_netdev_that_is_awaited_is_connected(
    lab: Lab, tmp_path: Path, program_cache: Path, bpffs: str
) -> None:
    """After a restart without it, as soon as it is there; and until then the port is down."""
    assert bpffs
    with running(lab.name, tmp_path, program_cache) as daemon:
        h1, h2 = bridge(daemon, lab)
        daemon.kill()
        lab.device.ip(f"link set {h2.netdev} netns {h2.namespace.name}")
        daemon.restart()
        assert daemon.get("/simplebridge/b/ports/p2")["peer"] == h2.netdev
        assert daemon.get("/simplebridge/b/ports/p2/status") == "DOWN"
        h2.namespace.ip(f"link set {h2.netdev} netns {os.getpid()}")
        lab.device.ip(f"link set {h2.netdev} up")
        deadline = time.monotonic() + 3
        while daemon.get("/simplebridge/b/ports/p2/status") != "UP":
            assert time.monotonic() < deadline
            time.sleep(0.02)
        assert h1.ping(h2.ip, count=3).lost == 0
        assert f"netdev {h2.netdev} appeared: port b:p2 is connected" in daemon.log.read_text()
