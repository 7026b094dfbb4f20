"""Ports: what may be connected to what, and what becomes of it."""

import asyncio
import struct

import pytest

from polycube_runtime.bpf.errors import NetdevError
from polycube_runtime.bpf.kernel import AttachPoint, Netdev
from polycube_runtime.bpf.spec import Hook
from polycube_runtime.core.network import netdevs as netdevs_module
from polycube_runtime.core.network.doors import Entrance
from polycube_runtime.core.network.paths import Hop
from polycube_runtime.core.network.wiring import pin_name
from polycube_runtime.core.port import End
from polycube_runtime.support.errors import DataExists, DataMissing, InvalidValue
from tests.fakes import NOTHING, create, daemon, slots

pytestmark = pytest.mark.anyio


async def bridges(polycube, *names: str, kind: str = "TC"):
    ports = [{"name": "x"}, {"name": "y"}]
    return [await create(polycube, "simplebridge", name, type=kind, ports=ports) for name in names]


async def set_peer(polycube, text: str, peer: str) -> None:
    cube, port = text.split(":")
    end = End(polycube.cube(cube), polycube.cube(cube).ports[port])
    async with polycube.change() as undo:
        await polycube.peers.set(end, peer, undo)


def beyond(cube, port: str) -> tuple[int, int, int]:
    """What the data plane reads of a port: ifindex, in-port beyond, whether it leads anywhere."""
    index = struct.pack("=I", cube.ports[port].index)
    return struct.unpack("=IHH", cube.dataplane.maps["pcn_ports"].lookup(index))


def counted(cube) -> tuple[int, int]:
    return struct.unpack("=III", cube.dataplane.maps["pcn_cube"].lookup(bytes(4)))[:2]


async def test_a_netdev_is_one_ports_peer(polycube):
    (a,) = await bridges(polycube, "a")
    await set_peer(polycube, "a:x", "veth1")
    assert a.ports["x"].up
    assert beyond(a, "x") == (polycube.kernel.netdevs_by_name["veth1"].index, 0, 1)
    with pytest.raises(NetdevError, match="Iface already in use: veth1 is the peer of a:x"):
        await set_peer(polycube, "a:y", "veth1")
    with pytest.raises(NetdevError, match="Interface nope does not exist or is down"):
        await set_peer(polycube, "a:x", "nope")
    assert a.ports["x"].peer == "veth1"
    assert a.ports["x"].up
    await set_peer(polycube, "a:x", "")
    assert beyond(a, "x") == (0, 0, 0)
    assert polycube.kernel.attached == {}
    await set_peer(polycube, "a:y", "veth1")


async def test_somebody_elses_program_stays_on_its_netdev(polycube):
    await bridges(polycube, "a")
    polycube.kernel.attached["veth1", "tc-ingress"] = theirs = object()
    with pytest.raises(NetdevError, match="another program is already attached") as refused:
        await set_peer(polycube, "a:x", "veth1")
    assert refused.value.path == "/simplebridge/a/ports/x"
    assert polycube.kernel.attached.pop(("veth1", "tc-ingress")) is theirs


async def test_a_link_needs_both_ends(polycube):
    a, b = await bridges(polycube, "a", "b")
    await set_peer(polycube, "a:x", "b:y")
    assert not a.ports["x"].up
    assert counted(a) == (2, 0)
    await set_peer(polycube, "b:y", "a:x")
    assert a.ports["x"].up
    assert b.ports["y"].up
    assert beyond(a, "x") == (0, 1, 1)
    assert beyond(b, "y") == (0, 0, 1)
    assert slots(a.dataplane.maps["pcn_next"]) == {0: b.dataplane.programs["ingress"]}
    assert counted(a) == counted(b) == (2, 1)
    await set_peer(polycube, "b:y", "")
    assert (a.ports["x"].up, a.ports["x"].peer, b.ports["y"].peer) == (False, "b:y", "")
    assert beyond(a, "x") == beyond(b, "y") == (0, 0, 0)
    assert slots(a.dataplane.maps["pcn_next"]) == slots(b.dataplane.maps["pcn_next"]) == {}
    await set_peer(polycube, "b:y", "a:x")
    assert a.ports["x"].up


async def test_a_cube_may_be_linked_to_itself(polycube):
    (a,) = await bridges(polycube, "a")
    async with polycube.change() as undo:
        await polycube.peers.connect("a:x", "a:y", undo)
    assert beyond(a, "x") == (0, 1, 1)
    assert counted(a) == (2, 2)
    with pytest.raises(InvalidValue, match="it is this port itself"):
        await set_peer(polycube, "a:x", "a:x")
    await polycube.delete(a)


async def test_tc_and_xdp_do_not_mix(polycube):
    await bridges(polycube, "a")
    await bridges(polycube, "b", kind="XDP_SKB")
    for one, other in (("a:x", "b:x"), ("b:x", "a:x")):
        with pytest.raises(NetdevError, match=r"a:x \(TC\).*incompatible types|b:x .XDP_SKB"):
            await set_peer(polycube, one, other)
    with pytest.raises(NetdevError, match="incompatible types"):
        async with polycube.change() as undo:
            await polycube.peers.connect("a:x", "b:x", undo)
    assert polycube.cube("a").ports["x"].peer == ""


@pytest.mark.parametrize(
    ("one", "other", "error", "match"),
    [
        ("veth1", "veth2", InvalidValue, "both network interfaces"),
        ("a:z", "veth1", InvalidValue, "cube a has no port z"),
        ("c:x", "veth1", InvalidValue, "there is no cube c"),
        ("a:y", "veth3", DataExists, "port a:y already has a peer: veth2"),
        ("a:x", "a:y", DataExists, "already has a peer"),
    ],
)
async def test_connect_refuses(polycube, one, other, error, match):
    await bridges(polycube, "a")
    await set_peer(polycube, "a:y", "veth2")
    for ends in ((one, other), (other, one)):
        with pytest.raises(error, match=match):
            async with polycube.change() as undo:
                await polycube.peers.connect(*ends, undo)


async def test_disconnect_takes_what_is_connected(polycube):
    a, b = await bridges(polycube, "a", "b")
    async with polycube.change() as undo:
        await polycube.peers.connect("a:x", "b:x", undo)
        await polycube.peers.connect("veth1", "a:y", undo)
    for ends in (("a:x", "a:y"), ("a:x", "veth1"), ("a:y", "veth2"), ("veth1", "veth2")):
        with pytest.raises(DataMissing, match="are not connected to each other"):
            async with polycube.change() as undo:
                await polycube.peers.disconnect(*ends, undo)
    assert all(port.up for port in a.ports.values())
    async with polycube.change() as undo:
        await polycube.peers.disconnect("b:x", "a:x", undo)
        await polycube.peers.disconnect("a:y", "veth1", undo)
    assert [port.peer for cube in (a, b) for port in cube.ports.values()] == ["", "", "", ""]


async def until(condition) -> None:
    for _ in range(200):
        if condition():
            return
        await asyncio.sleep(0.01)
    raise AssertionError


async def test_a_netdev_that_disappears_leaves_its_port_without_a_peer(polycube, caplog):
    (a,) = await bridges(polycube, "a")
    await set_peer(polycube, "a:x", "veth1")
    veth1 = polycube.kernel.netdevs_by_name["veth1"]
    await polycube.kernel.delete_netdev("veth1")
    await until(lambda: a.ports["x"].peer == "")
    assert not a.ports["x"].up
    assert beyond(a, "x") == (0, 0, 0)
    assert not any("netdevs" in pin for pin in polycube.kernel.pins)
    assert "netdev veth1 disappeared: port a:x is disconnected" in caplog.text
    polycube.kernel.netdevs_by_name = {
        "veth1": veth1,
        **polycube.kernel.netdevs_by_name,
    }
    await set_peer(polycube, "a:x", "veth1")


async def test_following_netdevs_goes_on_after_a_failure(polycube, monkeypatch, caplog):
    monkeypatch.setattr(netdevs_module, "RETRY_SECONDS", 0)
    (a,) = await bridges(polycube, "a")
    await set_peer(polycube, "a:x", "veth1")
    await set_peer(polycube, "a:y", "veth2")
    was = polycube.kernel.netdevs_by_name["veth2"]
    polycube.kernel.netdevs_by_name["veth2"] = Netdev("veth2", 99, up=True)
    veth1 = polycube.kernel.netdevs_by_name["veth1"]

    def refuse(what: str):
        polycube.kernel.refuse = lambda _what: None
        return OSError(what)

    polycube.kernel.refuse = refuse
    await polycube.kernel.delete_netdev("veth1")
    await until(lambda: not a.ports["x"].up and not a.ports["y"].up)
    assert "netdevs cannot be followed; starting again" in caplog.text
    polycube.kernel.netdevs_by_name |= {"veth1": veth1, "veth2": was}


async def test_a_port_takes_the_lowest_index_and_loses_its_entries_with_it(polycube):
    (a,) = await bridges(polycube, "a")
    entry = {"address": "02:00:00:00:00:01", "port": "x"}
    a.tables["fwdtable"].put(entry)
    tree = polycube.tree(a)
    place = tree.root.child(a.service["ports"]).entry(("x",))
    async with polycube.change() as undo:
        await tree.delete(place, undo)
        assert counted(a) == (2, 0)
        await tree.create(tree.root.child(a.service["ports"]).entry(("z",)), {"name": "z"}, undo)
    assert a.ports["z"].index == 0
    assert a.tables["fwdtable"].entries() == []


@pytest.mark.parametrize("name", ["br1", "a.b", ".." * 3, "é%/ ", "x" * 128, "ü" * 128])
def test_a_pin_has_a_name_that_bpffs_takes(name):
    assert len(pin_name(name)) <= 255
    assert not set(pin_name(name)) & {".", "/"}
    assert pin_name(name) != pin_name(f"{name}x")


async def test_a_program_and_its_port_change_together(polycube):
    """Between the writes no packet enters one cube as if by the port of another."""
    a, b = await bridges(polycube, "a", "b")
    c = await create(polycube, "simplebridge", "c", ports=[{"name": "x"}])
    slot, next_ = a.ports["x"].index, a.dataplane.maps["pcn_next"]
    entries = {
        id(one.dataplane.programs["ingress"]): (one, {end.index for end in one.ports.values()})
        for one in (b, c)
    }
    await set_peer(polycube, "b:y", "a:x")
    await set_peer(polycube, "c:x", "a:x")
    seen, quiet = [], polycube.kernel.refuse

    def look(_what: str) -> None:
        _, port, _ = beyond(a, "x")
        program = next_.programs.get(slot)
        seen.append((entries[id(program)][0].name if id(program) in entries else "", port))

    polycube.kernel.refuse = look
    for peer in ("b:y", "c:x", "b:y", ""):
        await set_peer(polycube, "a:x", peer)
        look("")
    polycube.kernel.refuse = quiet
    assert {("b", 1), ("c", 0)} < set(seen)
    assert not {("b", 0), ("c", 1)} & set(seen)


async def test_a_program_alone_is_replaced_without_a_gap(polycube):
    a, b = await bridges(polycube, "a", "b")
    await set_peer(polycube, "a:x", "b:y")
    await set_peer(polycube, "b:y", "a:x")
    await set_peer(polycube, "b:x", "veth1")
    index = polycube.kernel.netdevs_by_name["veth1"].index
    arrays = [
        (a.dataplane.maps["pcn_next"], a.ports["x"].index),
        (polycube.wiring._doors[index, AttachPoint.TC_INGRESS]._entrance.door, 0),
    ]
    names, quiet = set(), polycube.kernel.refuse
    polycube.kernel.refuse = lambda _what: names.update(
        map_.programs[slot].name for map_, slot in arrays
    )
    await polycube.reload(b)
    polycube.kernel.refuse = quiet
    assert NOTHING not in names
    assert [map_.programs[slot] for map_, slot in arrays] == [b.dataplane.programs["ingress"]] * 2


async def test_a_door_that_leads_to_another_port_of_another_cube_drops_on_the_way(polycube):
    a, b = await bridges(polycube, "a", "b")
    one, other = (cube.dataplane.programs["ingress"] for cube in (a, b))
    entrance = await Entrance.open(polycube.kernel, polycube.system, Hook.TC)
    entrance.lead(Hop(one, port=1))
    seen, quiet = [], polycube.kernel.refuse

    def look(_what: str) -> None:
        seen.append((entrance.door.programs[0], *entrance.port.lookup(bytes(4))))

    polycube.kernel.refuse = look
    entrance.lead(Hop(other, port=2))
    look("")
    polycube.kernel.refuse = quiet
    entrance.close()
    assert (one, 2) not in [one[:2] for one in seen]
    assert (other, 1) not in [one[:2] for one in seen]
    assert seen[-1][:2] == (other, 2)


async def test_the_maps_of_a_door_stay_until_no_packet_is_in_it(polycube):
    await bridges(polycube, "a")
    await set_peer(polycube, "a:x", "veth1")
    index = polycube.kernel.netdevs_by_name["veth1"].index
    door = polycube.wiring._doors[index, AttachPoint.TC_INGRESS]._entrance.door
    await set_peer(polycube, "a:x", "")
    assert ("veth1", AttachPoint.TC_INGRESS) not in polycube.kernel.attached
    assert not door.closed
    await polycube.grace.close()
    assert door.closed


async def test_an_egress_program_of_a_cube_with_two_ports(polycube):
    (a,) = await bridges(polycube, "a")
    await set_peer(polycube, "a:x", "veth1")
    await set_peer(polycube, "a:y", "veth2")
    await a.add_program("int x;", None, "egress")
    egress = a.dataplane.programs["egress"]
    assert [slots(a.dataplane.maps["pcn_next"]).get(slot) for slot in (0, 1)] == [egress, egress]
    await polycube.pipelines.remove(a, 0, "egress")


@pytest.mark.parametrize("end", ["pcn_tx", "pcn_rx"])
async def test_the_inject_device_is_made_anew_if_it_is_deleted(polycube, end, caplog):
    a, b = await bridges(polycube, "a", "b")
    async with polycube.change() as undo:
        await polycube.peers.connect("a:x", "b:x", undo)
    was = polycube.kernel.netdevs_by_name["pcn_rx"]
    await polycube.kernel.delete_netdev(end)
    await until(lambda: "pcn_rx" in polycube.kernel.netdevs_by_name)
    now = polycube.kernel.netdevs_by_name["pcn_rx"]
    assert now.index != was.index
    await until(lambda: told_of_inject_device(b) == now.index)
    assert told_of_inject_device(a) == now.index
    assert ("pcn_rx", AttachPoint.TC_INGRESS) in polycube.kernel.attached
    assert "the inject device disappeared" in caplog.text
    await polycube.system.inject(Hook.TC, a.id, 0, b"frame")
    assert polycube.kernel.sent[-1][0] == polycube.kernel.netdevs_by_name["pcn_tx"].index


def told_of_inject_device(cube) -> int:
    return struct.unpack("=III", cube.dataplane.maps["pcn_cube"].lookup(bytes(4)))[2]


async def test_a_netdev_renamed_while_nobody_looked_is_not_lost(anyio_backend):
    """Its index tells, not its name: the daemon may begin to follow in the middle of a renaming."""
    assert anyio_backend == "asyncio"
    polycube = daemon()
    (a,) = await bridges(polycube, "a")
    await set_peer(polycube, "a:x", "veth1")
    kernel = polycube.kernel
    kernel.netdevs_by_name["other"] = Netdev("other", kernel.netdevs_by_name.pop("veth1").index)
    await polycube.start()
    await until(lambda: a.ports["x"].peer == "other")
    await polycube.close()
