"""Netdevs that come, go and change, and what cubes are told of their neighbours."""

import asyncio

import msgspec
import pytest

from polycube_runtime.bpf.kernel import Netdev
from polycube_runtime.core.network import netdevs as netdevs_module
from polycube_runtime.core.port import End
from polycube_runtime.support.control import Neighbour
from tests.core.test_wiring import set_peer, until
from tests.fakes import create, fails_at_every_step

pytestmark = pytest.mark.anyio

MAC = "02:00:00:00:00:01"


@pytest.fixture
def told(polycube, monkeypatch):
    """What cubes are told, by their names; a name in `failing` fails."""
    heard: list[tuple] = []

    async def hook(self, port, neighbour) -> None:
        assert polycube.inside() is None
        heard.append((self.cube.name, port, neighbour))
        if (self.cube.name, port) in hook.failing:
            raise ValueError(port)

    hook.failing = set()
    heard_hook = hook
    for service in ("simplebridge", "nodes", "maps"):
        monkeypatch.setattr(polycube.services[service], "on_neighbour", heard_hook)
    heard_hook.heard = heard
    return heard_hook


def put(polycube, name: str, **changes) -> Netdev:
    now = msgspec.structs.replace(polycube.kernel.netdevs_by_name[name], **changes)
    polycube.kernel.put_netdev(now)
    return now


async def bridge(polycube, name: str, *ports: str):
    return await create(polycube, "simplebridge", name, ports=[{"name": port} for port in ports])


async def test_a_port_learns_of_its_netdev_and_every_change(polycube, told):
    cube = await bridge(polycube, "a", "x", "y")
    await asyncio.sleep(0.02)
    assert told.heard == []
    await set_peer(polycube, "a:x", "veth1")
    await until(lambda: told.heard)
    assert told.heard == [("a", "x", Neighbour("", (), 1500, up=True))]
    put(polycube, "veth1", mac=MAC, addresses=("10.0.0.1/24",))
    await until(lambda: len(told.heard) == 2)
    assert told.heard[-1] == ("a", "x", Neighbour(MAC, ("10.0.0.1/24",), 1500, up=True))
    put(polycube, "veth1", alias="nothing to do with it")
    put(polycube, "veth2", mac=MAC)
    await asyncio.sleep(0.02)
    assert len(told.heard) == 2
    put(polycube, "veth1", up=False)
    await until(lambda: len(told.heard) == 3)
    assert told.heard[-1][2].up is False
    await set_peer(polycube, "a:x", "")
    await until(lambda: len(told.heard) == 4)
    assert told.heard[-1] == ("a", "x", None)
    await polycube.delete(cube)


async def test_a_port_learns_what_the_cube_beyond_publishes(polycube, told):
    a, b = [await bridge(polycube, name, "x") for name in "ab"]
    await b.publish("x", mac=MAC, addresses=["10.0.0.2/24"])
    await set_peer(polycube, "a:x", "b:x")
    await asyncio.sleep(0.02)
    assert told.heard == [], "half-open"
    await set_peer(polycube, "b:x", "a:x")
    await until(lambda: len(told.heard) == 2)
    assert ("a", "x", Neighbour(MAC, ("10.0.0.2/24",))) in told.heard
    assert ("b", "x", Neighbour()) in told.heard
    async with polycube.change(dry_run=True):
        await a.publish("x", addresses=["10.9.9.9/24"])
    assert a.ports["x"].addresses == ()
    await a.publish("x", addresses=["10.0.0.1/24"])
    await until(lambda: len(told.heard) == 3)
    assert told.heard[-1] == ("b", "x", Neighbour("", ("10.0.0.1/24",)))
    await polycube.delete(a)
    await until(lambda: told.heard[-1] == ("b", "x", None))


async def test_what_a_hook_publishes_is_told_after_the_commit(polycube, told):
    a, _ = [await bridge(polycube, name, "x") for name in "ab"]
    async with polycube.change() as undo:
        await polycube.peers.connect("a:x", "b:x", undo)
    await until(lambda: len(told.heard) == 2)
    async with polycube.change():
        await a.publish("x", mac=MAC)
        await asyncio.sleep(0.02)
        assert len(told.heard) == 2
    await until(lambda: len(told.heard) == 3)
    assert told.heard[-1] == ("b", "x", Neighbour(MAC))


async def test_a_transparent_cube_learns_of_its_parent(polycube, told):
    a = await bridge(polycube, "a", "x")
    await a.publish("x", mac=MAC, addresses=["10.0.0.1/24"])
    nat = await create(polycube, "maps", "n")
    assert nat.service.kind == "transparent"
    for where, neighbour in (
        ("a:x", Neighbour(MAC, ("10.0.0.1/24",), 0, up=False)),
        ("veth2", Neighbour("", (), 1500, up=True)),
    ):
        async with polycube.change() as undo:
            await polycube.chains.attach(nat, where, undo)
        await until(lambda now=neighbour: told.heard and told.heard[-1][2] == now)
        assert told.heard[-1] == ("n", "parent", neighbour)
        async with polycube.change() as undo:
            await polycube.chains.detach(nat, where, undo)
        await until(lambda: told.heard[-1][2] is None)


async def test_a_hook_that_fails_is_logged_and_the_next_is_called(polycube, told, caplog):
    await bridge(polycube, "a", "x", "y")
    told.failing.add(("a", "x"))
    await set_peer(polycube, "a:x", "veth1")
    await set_peer(polycube, "a:y", "veth2")
    await until(lambda: len(told.heard) == 2)
    assert [one[1] for one in told.heard] == ["x", "y"]
    assert "a: a hook failed" in caplog.text


async def test_a_slow_hook_keeps_nobody_else_and_misses_nothing_that_is(polycube, monkeypatch):
    go, heard = asyncio.Event(), []

    async def slow(self, _port, neighbour) -> None:
        if self.cube.name == "a":
            await go.wait()
        heard.append((self.cube.name, neighbour and neighbour.mtu))

    monkeypatch.setattr(polycube.services["simplebridge"], "on_neighbour", slow)
    for name in "ab":
        await bridge(polycube, name, "x")
    await set_peer(polycube, "a:x", "veth1")
    await set_peer(polycube, "b:x", "veth2")
    await until(lambda: heard == [("b", 1500)])
    for mtu in (1400, 1300, 1200):
        put(polycube, "veth1", mtu=mtu)
    await asyncio.sleep(0.02)
    go.set()
    await until(lambda: len(heard) == 3)
    assert heard[1:] == [("a", 1500), ("a", 1200)]


# Status


async def test_the_status_of_a_port_follows_its_netdev(polycube):
    states: list[tuple] = []
    polycube.states.append(lambda end, *change: states.append((f"{end.path}/status", *change)))
    polycube.states.append(lambda *_: 1 / 0)
    cube = await bridge(polycube, "a", "x")
    path = f"{End(cube, cube.ports['x']).path}/status"
    await set_peer(polycube, "a:x", "veth1")
    assert states.pop() == (path, "DOWN", "UP")
    put(polycube, "veth1", up=False)
    await until(lambda: states)
    assert states.pop() == (path, "UP", "DOWN")
    assert not cube.ports["x"].up
    put(polycube, "veth1", mtu=1400)
    put(polycube, "veth1", up=True)
    await until(lambda: states)
    assert states.pop() == (path, "DOWN", "UP")
    async with polycube.change(dry_run=True) as undo:
        await polycube.peers.set(End(cube, cube.ports["x"]), "", undo)
    assert states == []
    await polycube.delete(cube)
    assert states == [(path, "UP", "DOWN")]


async def test_a_netdev_that_is_down_is_connected_and_down(polycube):
    cube = await bridge(polycube, "a", "x")
    put(polycube, "veth1", up=False)
    await set_peer(polycube, "a:x", "veth1")
    assert ("veth1", "tc-ingress") in polycube.kernel.attached
    assert not cube.ports["x"].up
    records = []
    polycube.observers.append(lambda one: records.extend(one.records))
    await set_peer(polycube, "a:x", "veth1")
    assert records == []


# Netdevs that are awaited, and renamed


async def test_an_awaited_netdev_is_connected_whole_or_not_yet(polycube, monkeypatch, caplog):
    monkeypatch.setattr(netdevs_module, "RETRY_SECONDS", 0.01)
    caplog.set_level("INFO")
    cube = await bridge(polycube, "a", "x")
    nat = await create(polycube, "maps", "n")
    await polycube.peers.want(End(cube, cube.ports["x"]), "eth9")
    await polycube.chains.want("eth9", ["n"])
    kernel, theirs = polycube.kernel, object()
    kernel.attached["eth9", "tc-egress"] = theirs
    kernel.put_netdev(Netdev("eth9", 99, mtu=1500, up=True))
    await until(lambda: caplog.text.count("eth9 appeared, but cannot be used") == 1)
    assert ("eth9", "tc-ingress") not in kernel.attached
    assert (cube.ports["x"].up, cube.ports["x"].peer) == (False, "eth9")
    await asyncio.sleep(0.05)
    assert caplog.text.count("but cannot be used") == 1
    del kernel.attached["eth9", "tc-egress"]
    await until(lambda: "netdev eth9 appeared: cube n is attached" in caplog.text)
    assert cube.ports["x"].up
    assert set(kernel.attached) == {("eth9", "tc-ingress"), ("eth9", "tc-egress")}
    assert "netdev eth9 appeared: port a:x is connected" in caplog.text
    await polycube.delete(cube)
    await polycube.delete(nat)
    await kernel.delete_netdev("eth9")


async def test_a_renamed_netdev_keeps_its_port_and_its_chain(polycube):
    cube = await bridge(polycube, "a", "x", "y")
    nat = await create(polycube, "maps", "n")
    await set_peer(polycube, "a:x", "veth1")
    async with polycube.change() as undo:
        await polycube.chains.attach(nat, "veth1", undo)
    await polycube.peers.want(End(cube, cube.ports["y"]), "eth0")
    committed = []
    polycube.observers.append(committed.append)
    program = polycube.kernel.attached["veth1", "tc-ingress"]
    was = polycube.kernel.netdevs_by_name["veth1"]
    polycube.kernel.put_netdev(msgspec.structs.replace(was, name="eth0"))
    await until(lambda: cube.ports["x"].peer == "eth0")
    assert cube.ports["x"].up
    assert nat.parent == "eth0"
    assert cube.ports["y"].peer == "", "another has the name that it waited for"
    assert polycube.kernel.attached["eth0", "tc-ingress"] is program
    assert polycube.chains.on_netdevs() == {"eth0": [nat]}
    (one,) = committed
    assert [(record.path, record.old, record.new) for record in one.records] == [
        ("/simplebridge/a/ports/y/peer", "eth0", None),
        ("/simplebridge/a/ports/x/peer", "veth1", "eth0"),
        ("/maps/n/parent", "veth1", "eth0"),
    ]
    await set_peer(polycube, "a:x", "")
    await polycube.delete(nat)
    assert polycube.kernel.attached == {}
    polycube.kernel.put_netdev(was)


async def test_settling_a_netdev_that_is_renamed_back_is_no_change(polycube):
    cube = await bridge(polycube, "a", "x")
    await fails_at_every_step(polycube, lambda: set_peer(polycube, "a:x", "veth1"))
    was = polycube.kernel.netdevs_by_name["veth1"]
    polycube.kernel.put_netdev(msgspec.structs.replace(was, name="eth0"))
    polycube.kernel.put_netdev(was)
    await asyncio.sleep(0.05)
    assert (cube.ports["x"].peer, cube.ports["x"].up) == ("veth1", True)


# How much is looked at


class Untouchable(dict):
    """The ports of a cube that a transaction has nothing to do with."""

    def values(self):
        pytest.fail("looked at")

    __iter__ = items = keys = __len__ = values


async def test_a_transaction_looks_at_nothing_that_it_does_not_touch(polycube, told, monkeypatch):
    for name in "abz":
        await bridge(polycube, name, "x", "y")
    other = polycube.cubes["z"]
    with monkeypatch.context() as patch:
        patch.setattr(other, "ports", Untouchable())
        async with polycube.change() as undo:
            await polycube.peers.connect("a:x", "b:x", undo)
        cube = await bridge(polycube, "c", "x")
        await cube.publish("x", mac=MAC)
        await set_peer(polycube, "c:x", "a:y")
        await polycube.delete(cube)
    await until(lambda: len(told.heard) == 2)
    assert {(name, port) for name, port, _ in told.heard} == {("a", "x"), ("b", "x")}


async def test_what_nobody_listens_to_is_not_looked_up(polycube, monkeypatch):
    cube = await bridge(polycube, "a", "x")
    monkeypatch.setattr(polycube.neighbours, "_around", None)
    await set_peer(polycube, "a:x", "veth1")
    assert cube.ports["x"].up


async def test_the_far_end_and_what_is_attached_to_it_hear_of_a_change(polycube, told, monkeypatch):
    monkeypatch.setattr(polycube.services["transparenthelloworld"], "on_neighbour", told)
    for name in "ab":
        await bridge(polycube, name, "x")
    await create(polycube, "transparenthelloworld", "t")
    async with polycube.change() as undo:
        await polycube.chains.attach(polycube.cubes["t"], "b:x", undo)
        await polycube.peers.connect("a:x", "b:x", undo)
    await until(lambda: len(told.heard) == 3)
    states: list[tuple] = []
    polycube.states.append(lambda end, old, new: states.append((end.text, old, new)))
    told.heard.clear()
    await set_peer(polycube, "a:x", "")
    await until(lambda: len(told.heard) == 3)
    assert ("b", "x", None) in told.heard
    assert ("t", "parent", Neighbour("", (), 0, up=False)) in told.heard
    assert states == [("a:x", "UP", "DOWN"), ("b:x", "UP", "DOWN")]


async def test_a_port_that_named_a_port_that_goes_away_names_nothing(polycube):
    a, b = [await bridge(polycube, name, "x", "y") for name in "ab"]
    for port in "xy":
        await set_peer(polycube, f"a:{port}", "b:x")
    await set_peer(polycube, "a:y", "")
    async with polycube.change(dry_run=True) as undo:
        await polycube.remove(b, undo)
        assert a.ports["x"].peer == ""
    assert a.ports["x"].peer == "b:x", "rolled back"
    await polycube.delete(b)
    assert a.ports["x"].peer == ""
    assert polycube.peers._naming == {}
