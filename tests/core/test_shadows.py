"""Shadows without root: what becomes of namespaces and pairs when anything fails."""

import asyncio

import msgspec
import pytest

from polycube_runtime.bpf.errors import NetdevError
from polycube_runtime.bpf.kernel import Netdev
from polycube_runtime.core.durable.leftovers import clear
from polycube_runtime.core.network.paths import NAMESPACE
from polycube_runtime.core.shadow import shadownames as names
from polycube_runtime.support.errors import DataExists, InvalidValue, NotFound
from tests.core.test_wiring import beyond, until
from tests.fakes import create, fails_at_every_step

pytestmark = pytest.mark.anyio

SPACE = "pcn-pcn.r1"
PORTS = [{"name": "p1"}, {"name": "p2", "peer": "veth1"}]


async def apply(polycube, cube, value, verb="update", path=()):
    tree = polycube.tree(cube)
    place = tree.root
    for step in path:
        place = (
            place.entry(step) if isinstance(step, tuple) else place.child(place.node.by_name[step])
        )
    async with polycube.change() as undo:
        await getattr(tree, verb)(place, *([] if value is None else [value]), undo)


def twin_slot(cube, port: str) -> int:
    """The ifindex that the data plane sends to for the namespace."""
    key = (NAMESPACE + cube.ports[port].index).to_bytes(4, "little")
    return int.from_bytes(cube.dataplane.maps["pcn_ports"].lookup(key)[:4], "little")


@pytest.mark.parametrize("kind", ["TC", "XDP_SKB"])
async def test_a_shadow_is_made_whole_or_not_at_all(polycube, kind):
    ready = [{"name": "x", "peer": "veth3"}]  # what all cubes share is there
    await create(polycube, "simplebridge", "first", type=kind, ports=ready)

    async def make() -> None:
        cube = await create(polycube, "simplebridge", "r1", type=kind, shadow=True, ports=PORTS)
        here = polycube.kernel.netdevs_by_name["pcn.r1-p1"]
        assert twin_slot(cube, "p1") == here.index == cube.ports["p1"].twin.index
        assert set(polycube.kernel.namespaces.by_name[SPACE].netdevs) == {"p1", "p2"}

    asked = await fails_at_every_step(polycube, make)
    assert {f"namespace {SPACE}", "veth pcn.r1-p1", "attach pcn.r1-p2"} <= set(asked)
    await polycube.delete(polycube.cubes["r1"])
    assert polycube.kernel.namespaces.by_name == {}


async def test_ports_are_added_and_removed_whole_or_not_at_all(polycube):
    cube = await create(polycube, "simplebridge", "r1", shadow=True, ports=PORTS)
    space = polycube.kernel.namespaces.by_name[SPACE]
    mine = msgspec.structs.replace(space.netdevs["p2"], addresses=("10.0.0.1/24",))
    polycube.kernel.namespaces.put(SPACE, mine)

    async def change() -> None:
        tree = polycube.tree(cube)
        ports = tree.root.child(cube.service["ports"])
        async with polycube.change() as undo:
            await tree.delete(ports.entry(("p2",)), undo)
            await tree.create(ports.entry(("p3",)), {"name": "p3", "peer": "veth2"}, undo)
            assert space.netdevs["p2"] == mine, "it goes when nothing can fail any more"

    await fails_at_every_step(polycube, change)
    assert set(space.netdevs) == {"p1", "p3"}
    assert twin_slot(cube, "p3") == polycube.kernel.netdevs_by_name["pcn.r1-p3"].index


async def test_a_port_that_comes_back_in_the_same_request_keeps_its_pair(polycube):
    cube = await create(polycube, "simplebridge", "r1", shadow=True, ports=PORTS)
    before = polycube.kernel.namespaces.by_name[SPACE].netdevs["p1"]
    tree = polycube.tree(cube)
    place = tree.root.child(cube.service["ports"]).entry(("p1",))
    async with polycube.change() as undo:
        await tree.delete(place, undo)
        await tree.create(place, {"name": "p1"}, undo)
    assert polycube.kernel.namespaces.by_name[SPACE].netdevs["p1"] is before
    assert twin_slot(cube, "p1") == polycube.kernel.netdevs_by_name["pcn.r1-p1"].index


async def test_span_is_swapped_in_or_not_at_all(polycube):
    cube = await create(polycube, "simplebridge", "r1", shadow=True, ports=PORTS)
    compiled = polycube._compiler.compiled
    assert "#define SHADOW 1" in compiled[-1]
    assert "SPAN 1" not in compiled[-1]

    await fails_at_every_step(polycube, lambda: apply(polycube, cube, {"span": True}))
    assert cube.span
    assert "#define SPAN 1\n#define PCN_SPANNING 1" in compiled[-1]
    await apply(polycube, cube, {"span": False})
    assert not cube.span
    assert "SPAN" not in compiled[-1].split("pcn/base.h")[0]


async def test_what_a_shadow_cannot_be(polycube):
    with pytest.raises(InvalidValue, match="it needs shadow=true") as refused:
        await create(polycube, "simplebridge", "r1", span=True)
    assert refused.value.path == "/simplebridge/r1/span"
    cube = await create(polycube, "simplebridge", "r1")
    with pytest.raises(InvalidValue, match="from its creation on"):
        await apply(polycube, cube, {"shadow": True})
    xdp = await create(polycube, "simplebridge", "x1", type="XDP_SKB", shadow=True)
    with pytest.raises(InvalidValue, match="span needs a cube of type TC; this one is XDP_SKB"):
        await apply(polycube, xdp, {"span": True})


async def test_a_namespace_of_somebody_else_is_refused(polycube):
    spaces = polycube.kernel.namespaces
    for mark in ("", "polycubed second 1-2-3"):
        await spaces.add(SPACE, mark)
        with pytest.raises(NetdevError, match=f"{SPACE} exists, and this daemon did not make it"):
            await create(polycube, "simplebridge", "r1", shadow=True)
        assert await spaces.mark(SPACE) == mark
        await spaces.delete(SPACE)
    await spaces.add(SPACE, names.mark("pcn", "of-a-cube-that-was-deleted"))
    cube = await create(polycube, "simplebridge", "r1", shadow=True)
    assert await spaces.mark(SPACE) == names.mark("pcn", cube.uuid)


async def test_a_cube_cannot_be_made_anew_in_the_request_that_deletes_it(polycube):
    cube = await create(polycube, "simplebridge", "r1", shadow=True, ports=PORTS)
    ready = polycube.prepare("simplebridge", {"name": "r1", "shadow": True})

    async def both() -> None:
        async with polycube.change() as undo:
            await polycube.remove(cube, undo)
            await polycube.create("simplebridge", ready, undo)

    with pytest.raises(DataExists, match="in a request of its own first"):
        await both()
    assert set(polycube.kernel.namespaces.by_name[SPACE].netdevs) == {"p1", "p2"}
    assert polycube.cubes["r1"] is cube
    await polycube.delete(cube)
    await create(polycube, "simplebridge", "r1", shadow=True)


async def test_what_a_killed_daemon_left_is_cleared(polycube):
    await create(polycube, "simplebridge", "r1", shadow=True, ports=PORTS)
    spaces, kernel = polycube.kernel.namespaces, polycube.kernel
    await spaces.add("pcn-pcn.gone", names.mark("pcn", "u1"))
    await spaces.add_pair(
        "pcn-pcn.gone", "p1", "gone-p1", names.port_mark("pcn", "u1", "p1"), xdp=False
    )
    await spaces.add("pcn-theirs", "")
    await spaces.add("pcn-second.x", names.mark("second", "u2"))
    await polycube.shadows.cleanse()
    assert spaces.names() == [SPACE, "pcn-second.x", "pcn-theirs"]
    assert "gone-p1" not in kernel.netdevs_by_name
    assert "pcn.r1-p1" in kernel.netdevs_by_name
    for name in ("pcn-second.x", "pcn-theirs"):
        await spaces.delete(name)


async def test_teardown_takes_the_namespaces_along(polycube):
    cube = await create(polycube, "simplebridge", "r1", shadow=True, ports=PORTS)
    kernel = polycube.kernel
    await clear(kernel, "/none", "second")
    assert kernel.namespaces.names() == [SPACE]
    await clear(kernel, "/none", "pcn")
    assert kernel.namespaces.names() == []
    assert "pcn.r1-p1" not in kernel.netdevs_by_name
    await until(lambda: cube.ports["p1"].twin is None)
    assert twin_slot(cube, "p1") == 0


async def test_a_twin_that_is_deleted_leaves_its_port(polycube, caplog):
    cube = await create(polycube, "simplebridge", "r1", shadow=True, ports=PORTS)
    await polycube.kernel.delete_netdev("pcn.r1-p2")
    await until(lambda: cube.ports["p2"].twin is None)
    assert "pcn.r1-p2, the twin of port r1:p2, disappeared" in caplog.text
    assert beyond(cube, "p2")[2] == 1
    assert cube.ports["p2"].up
    await cube.send("p2", bytes(60), to_namespace=True)
    assert polycube.kernel.sent == []
    await cube.send("p1", bytes(60), to_namespace=True)
    assert polycube.kernel.sent[0][0] == cube.ports["p1"].twin.index


async def heard(cube, count: int) -> list:
    await until(lambda: len(cube.control.told_namespace) >= count)
    return cube.control.told_namespace


@pytest.fixture
async def r1(polycube, monkeypatch):
    """A shadow that remembers what it is told of its namespace."""
    cube = await create(polycube, "simplebridge", "r1", shadow=True, ports=PORTS)
    told = cube.control.told_namespace = []

    async def remember(*what) -> None:
        told.append(what)

    monkeypatch.setattr(cube.control, "on_namespace", remember)
    return cube


async def test_what_is_published_is_in_the_namespace_or_not_at_all(polycube, r1):
    space = polycube.kernel.namespaces.by_name[SPACE]
    await r1.publish("p1", mac="02:00:00:00:00:0A", addresses=["10.0.0.1/24"])
    assert space.netdevs["p1"].mac == "02:00:00:00:00:0a"

    async def change() -> None:
        async with polycube.change():
            await r1.publish("p1", addresses=["fd00:0::2/64", "10.0.0.2/24"])
            await r1.publish("p2", mac="02:00:00:00:00:0b")
            polycube.kernel.refuse_if_asked("the last step")

    await fails_at_every_step(polycube, change)
    assert space.netdevs["p1"].addresses == ("10.0.0.2/24", "fd00::2/64")
    assert (r1.ports["p2"].mac, r1.ports["p2"].addresses) == ("02:00:00:00:00:0b", ())
    await asyncio.sleep(0.05)
    assert r1.control.told_namespace == [], "it knows"


@pytest.mark.parametrize(
    ("given", "says"),
    [
        ({"mac": "01:00:5e:00:00:01"}, "is not the MAC address of one interface"),
        ({"mac": "nope"}, "expected 02:00:00:00:00:01"),
        ({"addresses": ["10.0.0.300/24"]}, "'10.0.0.300/24' is not an address"),
    ],
)
async def test_what_cannot_be_published(r1, given, says):
    with pytest.raises(InvalidValue, match=says):
        await r1.publish("p1", **given)
    with pytest.raises(NotFound, match="there is no such port"):
        await r1.publish("p9", mac="02:00:00:00:00:01")


async def test_what_an_operator_configures_is_told_once(polycube, r1):
    spaces = polycube.kernel.namespaces
    now = spaces.by_name[SPACE].netdevs["p1"]
    changed = msgspec.structs.replace(now, addresses=("fe80::1/64", "10.0.0.9/8"))
    spaces.put(SPACE, changed)
    assert await heard(r1, 1) == [("p1", now.mac, ("10.0.0.9/8",))]
    spaces.put(SPACE, msgspec.structs.replace(changed, mtu=900))
    spaces.put(SPACE, Netdev("dummy0", 77))
    await asyncio.sleep(0.05)
    assert len(r1.control.told_namespace) == 1
    await r1.publish("p1", mac="02:00:00:00:00:0c")
    assert spaces.by_name[SPACE].netdevs["p1"].addresses == ("10.0.0.9/8",)


@pytest.mark.parametrize(
    ("cube", "port", "name"),
    [
        ("r1", "p1", "r1-p1"),
        ("abcdefg", "1234567", "abcdefg-1234567"),
        ("abcdefgh", "1234567", "abcdefgh-~"),
        ("ü" * 8, "p", "________-~"),
        ("a%d", "p", "a_d-p~"),
    ],
)
def test_names_of_twins_fit(cube, port, name):
    found = names.outer("polycube", cube, port)
    assert found.startswith(name)
    assert len(found.encode()) <= 15
    assert names.outer("polycube", f"{cube}x", port) != found
    assert names.outer("second", cube, port) != found


def test_no_port_is_called_as_the_loopback():
    assert names.inner("lo").startswith("lo~")
    assert names.inner("p1") == "p1"
    assert names.namespace("polycube", "r1") == "pcn-r1"
