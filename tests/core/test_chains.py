"""Transparent cubes: where they can be attached, and what their slots lead to then."""

import asyncio
import struct

import pytest

from polycube_runtime.bpf import asm
from polycube_runtime.bpf.errors import NetdevError
from polycube_runtime.bpf.kernel import NetdevGone
from polycube_runtime.bpf.spec import Hook
from polycube_runtime.core.network.chains import AUTO_ORDER
from polycube_runtime.core.network.paths import EGRESS, INGRESS, TWIN
from polycube_runtime.support.errors import DataExists, DataMissing, InvalidValue, Unavailable
from tests.fakes import create, fails_at_every_step

pytestmark = pytest.mark.anyio


@pytest.fixture
async def a(polycube):
    """Two switches that are linked, of which the one is returned."""
    for name in ("a", "b"):
        await create(polycube, "simplebridge", name, ports=[{"name": "h"}, {"name": "up"}])
    async with polycube.change() as undo:
        await polycube.peers.connect("a:up", "b:up", undo)
        await polycube.peers.connect("a:h", "veth1", undo)
    return polycube.cube("a")


async def attach(polycube, name: str, where: str, kind: str = "TC", **how: str):
    cube = polycube.cubes.get(name)
    cube = cube or await create(polycube, "transparenthelloworld", name, type=kind)
    async with polycube.change() as undo:
        await polycube.chains.attach(cube, where, undo, **how)
    return cube


async def detach(polycube, cube, where: str = "") -> None:
    async with polycube.change() as undo:
        await polycube.chains.detach(cube, where, undo)


def led(polycube, cube, slot: int):
    """Return the program that a slot leads to, and the in-port that goes with it."""
    hop = polycube.wiring.hop(cube, slot)
    return hop.program, hop.port


def door(polycube, netdev: str, point: str):
    index = polycube.kernel.netdevs_by_name[netdev].index
    entrance = polycube.wiring._doors[index, point]._entrance
    return entrance.door.programs[0]


def passes(program) -> bool:
    return program.spec.insns == asm.verdict(Hook.TC, asm.PASS[Hook.TC]).insns


async def test_a_netdev_that_goes_keeps_its_chain_if_that_cannot_be_made_durable(
    polycube, monkeypatch
):
    t1 = await attach(polycube, "t1", "veth2")
    there = polycube.kernel.netdevs_by_name
    netdev = there.pop("veth2")

    async def full(_undo) -> None:
        message = "the disk is full"
        raise Unavailable(message)

    with monkeypatch.context() as disk:
        disk.setattr(polycube.commits, "commit", full)
        with pytest.raises(Unavailable):
            await polycube.netdevs._lost(NetdevGone("veth2", netdev.index))
    assert t1.parent == "veth2"  # as it is in the journal
    assert polycube.chains.on_netdevs() == {"veth2": [t1]}
    assert polycube.wiring.netdevs["veth2"].netdev is None
    there["veth2"] = netdev


async def test_a_netdev_is_free_again_if_hanging_up_the_dispatcher_is_cancelled(
    polycube, monkeypatch
):
    cube = await create(polycube, "simplebridge", "br", ports=[{"name": "p1"}])
    hang_up = polycube.kernel.attach

    async def cancelled(*what) -> None:
        await hang_up(*what)
        raise asyncio.CancelledError  # before the kernel's answer was read

    with monkeypatch.context() as patch:
        patch.setattr(polycube.kernel, "attach", cancelled)
        with pytest.raises(asyncio.CancelledError):
            async with polycube.change() as undo:
                await polycube.peers.connect("br:p1", "veth1", undo)
    assert not polycube.kernel.attached
    async with polycube.change() as undo:
        await polycube.peers.connect("br:p1", "veth1", undo)
    assert cube.ports["p1"].up


async def test_floods_find_the_inject_device_where_only_a_chain_needs_it(polycube):
    cube = await create(polycube, "simplebridge", "br", ports=[{"name": "p1"}])
    async with polycube.change() as undo:
        await polycube.peers.connect("br:p1", "veth1", undo)
    await attach(polycube, "t1", "br:p1")
    _ports, linked, inject = struct.unpack("=3I", cube.dataplane.maps["pcn_cube"].lookup(bytes(4)))
    assert (linked, inject) == (1, polycube.system.inject_index)
    assert inject


async def test_a_chain_lies_between_a_port_and_its_peer_both_ways(polycube, a):
    b = polycube.cube("b")
    t1 = await attach(polycube, "t1", "a:up")
    t2 = await attach(polycube, "t2", "a:up", position="last")
    far = b.ports["up"].index
    assert led(polycube, a, a.ports["up"].index) == (t1.dataplane.programs["egress"], far)
    assert led(polycube, t1, EGRESS) == (t2.dataplane.programs["egress"], far)
    assert led(polycube, t2, EGRESS) == (b.dataplane.programs["ingress"], far)
    near = a.ports["up"].index
    assert led(polycube, b, far) == (t2.dataplane.programs["ingress"], near)
    assert led(polycube, t2, INGRESS) == (t1.dataplane.programs["ingress"], near)
    assert led(polycube, t1, INGRESS) == (a.dataplane.programs["ingress"], near)
    assert (t1.parent, a.ports["up"].chain) == ("a:up", [t1, t2])
    await detach(polycube, t1)
    assert led(polycube, a, a.ports["up"].index)[0] is t2.dataplane.programs["egress"]
    await polycube.grace.close()
    assert led(polycube, t1, EGRESS) == (None, 0), "it leads nowhere once no packet is in it"


async def test_a_chain_on_a_netdev_lies_behind_both_of_its_hooks(polycube, a):
    t1 = await attach(polycube, "t1", "veth1")
    t2 = await attach(polycube, "t2", "veth1", position="last")
    assert door(polycube, "veth1", "tc-ingress") is t1.dataplane.programs["ingress"]
    assert led(polycube, t1, INGRESS)[0] is t2.dataplane.programs["ingress"]
    assert led(polycube, t2, INGRESS) == (a.dataplane.programs["ingress"], a.ports["h"].index)
    assert door(polycube, "veth1", "tc-egress") is t2.dataplane.programs["egress"]
    assert led(polycube, t2, EGRESS)[0] is t1.dataplane.programs["egress"]
    assert passes(led(polycube, t1, EGRESS)[0])
    async with polycube.change() as undo:
        await polycube.peers.disconnect("a:h", "veth1", undo)
    assert passes(led(polycube, t2, INGRESS)[0]), "the host's stack"
    for cube in (t1, t2):
        await detach(polycube, cube, "veth1")
    assert polycube.kernel.attached.keys() <= {("pcn_rx", "tc-ingress")}


async def test_an_xdp_chain_has_a_twin_for_what_the_host_sends(polycube):
    t1 = await attach(polycube, "t1", "veth2", "XDP_DRV")
    assert door(polycube, "veth2", "xdp-drv") is t1.dataplane.programs["ingress"]
    assert door(polycube, "veth2", "tc-egress") is t1.dataplane.programs["egress_tc"]
    assert passes(led(polycube, t1, TWIN)[0])
    index = polycube.kernel.netdevs_by_name["veth2"].index
    assert polycube.wiring.hop(t1, EGRESS).ifindex == index, "for what cubes send"


async def test_positions(polycube, a):
    names = []
    for name, how in [
        ("t1", {}),
        ("t2", {"position": "first"}),
        ("t3", {"position": "last"}),
        ("t4", {"after": "t2"}),
        ("t5", {"before": "t3"}),
    ]:
        await attach(polycube, name, "a:up", **how)
        names = [cube.name for cube in a.ports["up"].chain]
    assert names == ["t2", "t4", "t1", "t5", "t3"]
    assert "nat" in AUTO_ORDER


@pytest.mark.parametrize(
    ("where", "how", "error", "says"),
    [
        ("a:up", {}, InvalidValue, "Impossible to determine auto position"),
        ("a:up", {"position": "top"}, InvalidValue, "'top' is not a position"),
        ("a:up", {"after": "x"}, InvalidValue, "'x' is not attached there; there are: t1"),
        ("a:up", {"after": "t1", "before": "t1"}, InvalidValue, "only one of"),
        ("a:nope", {}, InvalidValue, "cube a has no port nope"),
        ("veth9", {}, NetdevError, "Interface veth9 does not exist or is down"),
    ],
)
async def test_what_cannot_be_attached(polycube, a, where, how, error, says):
    await attach(polycube, "t1", "a:up")
    with pytest.raises(error, match=says):
        await attach(polycube, "t2", where, **how)
    assert polycube.cube("t2").parent == ""
    assert [cube.name for cube in a.ports["up"].chain] == ["t1"]


@pytest.mark.usefixtures("a")
async def test_types_do_not_mix(polycube):
    with pytest.raises(NetdevError, match=r"a:up \(TC\) and x1 \(XDP_SKB\) have incompatible"):
        await attach(polycube, "x1", "a:up", "XDP_SKB")
    with pytest.raises(NetdevError, match=r"veth1 \(TC\) and a cube of type XDP_SKB have"):
        await attach(polycube, "x1", "veth1")
    await attach(polycube, "x2", "veth2", "XDP_SKB")
    with pytest.raises(NetdevError, match="incompatible types"):
        await attach(polycube, "x3", "veth2", "XDP_DRV")


async def test_a_cube_is_in_one_place_and_detached_from_there(polycube, a):
    t1 = await attach(polycube, "t1", "a:up")
    with pytest.raises(DataExists, match="already attached to a:up"):
        await attach(polycube, "t1", "veth1")
    with pytest.raises(DataMissing, match="it is attached to a:up"):
        await detach(polycube, t1, "veth1")
    await detach(polycube, t1, "a:up")
    with pytest.raises(DataMissing, match="it is not attached"):
        await detach(polycube, t1)
    with pytest.raises(InvalidValue, match="Cube a is not transparent"):
        await detach(polycube, a)


@pytest.mark.usefixtures("a")
async def test_attaching_and_detaching_undo_themselves(polycube):
    """Each step that the kernel is asked for is refused in turn; then nothing has changed."""
    t0 = await attach(polycube, "t0", "veth1")
    cube = await create(polycube, "transparenthelloworld", "t1", type="TC")
    for where in ("a:up", "a:h", "veth1", "veth2"):

        async def put(where: str = where) -> None:
            await attach(polycube, "t1", where, position="last")

        await fails_at_every_step(polycube, put)
        await fails_at_every_step(polycube, lambda: detach(polycube, cube))
    await fails_at_every_step(polycube, lambda: polycube.delete(t0))


async def test_what_goes_lets_go_of_its_chain(polycube, a):
    t1, t2 = await attach(polycube, "t1", "a:up"), await attach(polycube, "t2", "veth1")
    await polycube.delete(a)
    assert (t1.parent, t2.parent) == ("", "veth1")
    await polycube.delete(t2)
    assert not any(where[0] == "veth1" for where in polycube.kernel.attached)
