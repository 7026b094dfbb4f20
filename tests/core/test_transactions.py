"""All or nothing: each step that a change asks of the kernel is refused in turn."""

import asyncio
import contextvars

import pytest

from polycube_runtime.bpf.errors import CompileError, KernelRefused, NetdevError, VerifierError
from polycube_runtime.bpf.spec import Hook, MapKind, MapSpec
from polycube_runtime.support.errors import (
    DataExists,
    DataMissing,
    InvalidValue,
    NotFound,
    OperationFailed,
)
from tests.core.test_wiring import until
from tests.fakes import create, daemon, fails_at_every_step, left, refusing, slots

pytestmark = pytest.mark.anyio
ADDRESS = "02:00:00:00:00:01"
BRIDGE = {
    "ports": [{"name": "p1", "peer": "veth1"}, {"name": "p2"}],
    "fdb": {"aging-time": 60, "entry": [{"address": ADDRESS, "port": "p2"}]},
}


@pytest.fixture(autouse=True)
async def warm(polycube):
    """Make what all cubes share, which stays until the daemon ends."""
    for kind in ("TC", "XDP_SKB"):
        for name in ("warm1", "warm2"):
            await create(polycube, "simplebridge", name, type=kind, ports=[{"name": "p"}])
        async with polycube.change() as undo:
            await polycube.peers.connect("warm1:p", "warm2:p", undo)
        for name in ("warm1", "warm2"):
            await polycube.delete(polycube.cube(name))


def door(polycube, netdev: str):
    """Return the program that a netdev's packets enter."""
    entrance = polycube.wiring._doors[polycube.kernel.netdevs_by_name[netdev].index, "tc-ingress"]
    return entrance._entrance.door.programs[0]


async def change(polycube, cube: str, value: object) -> None:
    tree = polycube.tree(polycube.cube(cube))
    async with polycube.change() as undo:
        await tree.update(tree.root, value, undo)


@pytest.mark.parametrize("kind", ["TC", "XDP_SKB", "XDP_DRV"])
async def test_creating_a_cube(polycube, kind):
    steps = await fails_at_every_step(
        polycube, lambda: create(polycube, "simplebridge", "br1", type=kind, **BRIDGE)
    )
    assert {"map pcn_door", "map fwdtable", "load pcn_main", "attach veth1"} <= set(steps)
    assert {"pin /pins/cubes/br1@1/maps/fwdtable", "write fwdtable", "write pcn_ports"} <= set(
        steps
    )
    assert polycube.cube("br1").ports["p1"].up


async def test_the_first_cube_makes_what_all_share(anyio_backend):
    assert anyio_backend == "asyncio"
    polycube = daemon()
    for number in range(1, 100):
        with refusing(polycube.kernel, number) as asked:
            try:
                await create(polycube, "simplebridge", "br1")
                break
            except KernelRefused:
                assert polycube.cubes == {}
        names = [one.spec.name for one in polycube.kernel.maps if not one.closed]
        assert len(names) == len(set(names)), asked[-1]
        assert sorted(f"/pins/system/{name}" for name in names) == sorted(polycube.kernel.pins)
    assert number > 15, "it asked for more than that"
    await polycube.close()
    assert left(polycube.kernel) == []


async def test_creating_cubes_in_bulk(polycube):
    documents = [
        {"name": "b1", "ports": [{"name": "x", "peer": "b2:x"}, {"name": "h", "peer": "veth1"}]},
        {"name": "b2", "ports": [{"name": "x", "peer": "b1:x"}, {"name": "h", "peer": "veth2"}]},
    ]
    ready = [("simplebridge", polycube.prepare("simplebridge", one)) for one in documents]

    async def bulk():
        async with polycube.change() as undo:
            await polycube.create_all(ready, undo)

    await fails_at_every_step(polycube, bulk)
    ports = [port for cube in polycube.cubes.values() for port in cube.ports.values()]
    assert len(ports) == 4
    assert all(port.up for port in ports)


async def test_a_bulk_with_one_that_cannot_be_makes_none(polycube):
    ready = [
        ("simplebridge", polycube.prepare("simplebridge", {"name": name, **more}))
        for name, more in [
            ("b1", {"ports": [{"name": "h", "peer": "veth1"}]}),
            ("b2", {"ports": [{"name": "h", "peer": "veth1"}]}),
        ]
    ]
    with pytest.raises(NetdevError, match="Iface already in use: veth1 is the peer of b1:h"):
        async with polycube.change() as undo:
            await polycube.create_all(ready, undo)
    assert polycube.cubes == {}
    assert polycube.kernel.attached.keys() <= {("pcn_rx", "tc-ingress")}


async def test_connecting_ports_of_two_cubes(polycube):
    for name in ("b1", "b2"):
        await create(polycube, "simplebridge", name, ports=[{"name": "x"}])

    async def connect():
        async with polycube.change() as undo:
            await polycube.peers.connect("b1:x", "b2:x", undo)

    await fails_at_every_step(polycube, connect)
    assert polycube.cube("b2").ports["x"].up


async def test_moving_a_port_from_one_netdev_to_another(polycube):
    await create(polycube, "simplebridge", "br1", **BRIDGE)

    async def move():
        await change(polycube, "br1", {"ports": [{"name": "p1", "peer": "veth2"}]})

    steps = await fails_at_every_step(polycube, move)
    assert "detach veth1" in steps
    assert list(polycube.kernel.attached) == [
        *(where for where in polycube.kernel.attached if where[0] == "pcn_rx"),
        ("veth2", "tc-ingress"),
    ]


async def test_moving_a_port_from_a_cube_to_a_netdev(polycube):
    await create(polycube, "simplebridge", "b1", ports=[{"name": "x"}])
    await create(polycube, "simplebridge", "b2", ports=[{"name": "x"}])
    async with polycube.change() as undo:
        await polycube.peers.connect("b1:x", "b2:x", undo)

    async def move():
        await change(polycube, "b1", {"ports": [{"name": "x", "peer": "veth1"}]})

    await fails_at_every_step(polycube, move)
    assert polycube.cube("b2").ports["x"].peer == "b1:x"
    assert not polycube.cube("b2").ports["x"].up


async def test_removing_a_port(polycube):
    await create(polycube, "simplebridge", "br1", **BRIDGE)
    await create(polycube, "simplebridge", "b2", ports=[{"name": "x", "peer": "br1:p2"}])
    tree = polycube.tree(polycube.cube("br1"))
    ports = tree.root.child(polycube.cube("br1").service["ports"])

    async def remove_all():
        async with polycube.change() as undo:
            await tree.delete(ports, undo)

    await fails_at_every_step(polycube, remove_all)
    assert await tree.read(ports) == []
    assert polycube.cube("br1").tables["fwdtable"].entries() == []
    assert polycube.cube("b2").ports["x"].peer == ""


async def test_deleting_a_cube(polycube):
    await create(polycube, "simplebridge", "br1", **BRIDGE)
    await create(polycube, "simplebridge", "b2", ports=[{"name": "x", "peer": "br1:p2"}])
    await change(polycube, "br1", {"ports": [{"name": "p2", "peer": "b2:x"}]})
    steps = await fails_at_every_step(polycube, lambda: polycube.delete(polycube.cube("br1")))
    assert "detach veth1" in steps
    assert list(polycube.cubes) == ["b2"]
    assert polycube.cube("b2").ports["x"].peer == ""


REPLACE = {
    "reload": lambda polycube, cube: polycube.reload(cube),
    "code": lambda polycube, cube: polycube.pipelines.put(cube, "int x;", 0, "ingress"),
}


@pytest.mark.parametrize("how", [*REPLACE, "loglevel"])
async def test_swapping_programs(polycube, how):
    await create(polycube, "simplebridge", "br1", **BRIDGE)
    await create(polycube, "simplebridge", "b2", ports=[{"name": "x", "peer": "br1:p2"}])
    await change(polycube, "br1", {"ports": [{"name": "p2", "peer": "b2:x"}]})
    before = polycube.cube("br1").dataplane.programs["ingress"]

    async def swap():
        if how == "loglevel":
            await change(polycube, "br1", {"loglevel": "TRACE"})
        else:
            await REPLACE[how](polycube, polycube.cube("br1"))

    await fails_at_every_step(polycube, swap)
    cube, other = polycube.cube("br1"), polycube.cube("b2")
    now = cube.dataplane.programs["ingress"]
    assert now is not before
    assert before.closed
    assert door(polycube, "veth1") is now
    assert polycube.system._cubes[Hook.TC].programs[cube.id] is now
    assert slots(other.dataplane.maps["pcn_next"]) == {0: now}
    assert cube.tables["fwdtable"].get({"address": ADDRESS})["port"] == "p2"


async def test_a_swap_to_maps_of_another_layout_keeps_the_others(polycube):
    polycube._compiler.maps = {"extra": MapSpec("extra", MapKind.ARRAY, 4, 4, 1)}
    await create(polycube, "simplebridge", "br1", **BRIDGE)
    cube = polycube.cube("br1")
    before = cube.dataplane.maps["extra"]
    polycube._compiler.maps = {"extra": MapSpec("extra", MapKind.ARRAY, 4, 8, 1)}
    await fails_at_every_step(polycube, lambda: polycube.reload(cube))
    assert before.closed
    assert cube.dataplane.maps["extra"].spec.value_size == 8
    assert polycube.kernel.pins["/pins/cubes/br1@1/maps/extra"] is cube.dataplane.maps["extra"]
    assert cube.tables["fwdtable"].get({"address": ADDRESS})["port"] == "p2"


async def test_a_swap_leaves_no_moment_without_the_pins_of_what_stays(polycube):
    await create(polycube, "simplebridge", "br1", **BRIDGE)
    cube, kernel = polycube.cube("br1"), polycube.kernel
    stay = {path: one for path, one in kernel.pins.items() if "/programs/" not in path}
    before = set(kernel.pins)
    moments = []

    def look(what: str) -> None:
        moments.append(what)
        assert before <= set(kernel.pins), what
        assert stay.items() <= kernel.pins.items(), what

    kernel.refuse, quiet = look, kernel.refuse
    await polycube.reload(cube)
    kernel.refuse = quiet
    assert [what for what in moments if what.startswith("pin ")] == [
        f"pin /pins/cubes/br1@1/programs/{name}" for name in cube.dataplane.programs
    ]
    assert "write pcn_door" in moments


async def test_a_program_that_is_gone_is_pinned_no_longer(polycube):
    await create(polycube, "simplebridge", "br1", **BRIDGE)
    await polycube.cube("br1").reload("int x;")  # which does not flood
    programs = [path for path in polycube.kernel.pins if "br1@1/programs/" in path]
    assert sorted(programs) == [
        f"/pins/cubes/br1@1/programs/{name}" for name in ("emit", "ingress")
    ]


async def test_a_control_plane_reloads_within_a_hook_and_without(polycube):
    await create(polycube, "simplebridge", "br1", **BRIDGE)
    cube = polycube.cube("br1")
    async with polycube.change():
        await asyncio.wait_for(cube.reload("int x;"), 5)
    assert cube.codes == {"ingress": "int x;"}
    context = contextvars.copy_context()  # of a task that was started in an earlier transaction
    async with polycube.change():
        outside = asyncio.create_task(cube.reload("int y;"), context=context)
        await asyncio.sleep(0.01)
        assert cube.codes == {"ingress": "int x;"}
    await asyncio.wait_for(outside, 5)
    assert cube.codes == {"ingress": "int y;"}


async def test_a_cube_that_was_deleted_meanwhile_is_not_reloaded(polycube):
    await create(polycube, "simplebridge", "br1", **BRIDGE)
    cube = polycube.cube("br1")
    await polycube.delete(cube)
    with pytest.raises(DataMissing, match="deleted meanwhile"):
        await polycube.reload(cube)


@pytest.mark.parametrize("error", [CompileError("bad C"), VerifierError("R0 !read_ok")])
async def test_a_swap_that_is_refused_leaves_the_old_running(polycube, error):
    await create(polycube, "simplebridge", "br1", **BRIDGE)
    cube = polycube.cube("br1")
    before = cube.dataplane.programs["ingress"]
    polycube._compiler.fail = error
    with pytest.raises(OperationFailed, match=str(error)):
        await cube.reload("int x;")
    assert cube.codes == {}
    with pytest.raises(OperationFailed, match=str(error)):
        await change(polycube, "br1", {"loglevel": "DEBUG"})
    assert cube.loglevel == "INFO"
    assert door(polycube, "veth1") is before
    assert not before.closed


async def test_a_document_that_fails_halfway_leaves_nothing_of_it(polycube):
    await create(polycube, "simplebridge", "br1", **BRIDGE)
    tree = polycube.tree(polycube.cube("br1"))
    before = await tree.read(tree.root)
    wanted = {
        "loglevel": "DEBUG",
        "ports": [{"name": "p3", "peer": "veth2"}, {"name": "p1", "peer": ""}],
        "fdb": {"aging-time": 9, "entry": [{"address": "02:00:00:00:00:02", "port": "nowhere"}]},
    }
    with pytest.raises(InvalidValue, match="'nowhere' is not a port of this cube"):
        await change(polycube, "br1", wanted)
    assert await tree.read(tree.root) == before
    assert polycube.cube("br1").log.level == 20


async def test_ten_thousand_entries_are_one_write(polycube):
    await create(polycube, "maps", "m1")
    entries = [{"network": f"10.{n}.0.0/16", "next-hop": "10.0.0.1"} for n in range(256)]
    await change(polycube, "m1", {"route": entries})
    tree = polycube.tree(polycube.cube("m1"))
    route = tree.root.child(polycube.cube("m1").service["route"])
    assert await tree.read(route) == entries
    with pytest.raises(KernelRefused, match="map route is full: it holds 256 entries"):
        await change(polycube, "m1", {"route": [{"network": "11.0.0.0/8", "next-hop": "1.1.1.1"}]})
    assert await tree.read(route) == entries


async def test_a_name_is_taken_whatever_the_service(polycube):
    await create(polycube, "simplebridge", "x")
    with pytest.raises(DataExists, match="a cube named x exists already"):
        await create(polycube, "helloworld", "x")
    assert polycube.cube("x").service.name == "simplebridge"


# Cubes that are deleted meanwhile, and control planes that do not stop


@pytest.fixture
async def asked(polycube):
    """Give a cube whose `get_uptime_seconds` waits for `go`, then reads one of its maps."""
    cube = await create(polycube, "nodes", "n1", ports=[{"name": "p1"}], server=["a"])
    ports = cube.dataplane.maps["pcn_ports"]
    cube.control.go, cube.control.began = asyncio.Event(), asyncio.Event()

    async def uptime() -> int:
        cube.control.began.set()
        await cube.control.go.wait()
        return len(ports.lookup(bytes(4)))

    cube.control.get_uptime_seconds = uptime
    return cube


async def test_what_is_read_while_it_is_deleted_is_not_found(polycube, asked):
    tree = polycube.tree(asked)
    reading = asyncio.create_task(tree.read(tree.root))
    await asked.control.began.wait()
    maps = asked.dataplane.maps["pcn_ports"]
    await polycube.delete(asked)
    await until(lambda: maps.closed)
    asked.control.go.set()
    with pytest.raises(NotFound, match="/nodes/n1: the cube was deleted meanwhile"):
        await reading


async def test_what_fails_in_a_cube_that_is_there_is_no_question_of_finding(polycube, asked):
    asked.control.go.set()
    asked.dataplane.maps["pcn_ports"].closed = True
    tree = polycube.tree(asked)
    with pytest.raises(OSError, match="Bad file descriptor"):
        await tree.read(tree.root)
    asked.dataplane.maps["pcn_ports"].closed = False


async def test_a_control_plane_that_does_not_stop_is_given_up(polycube, monkeypatch, caplog):
    monkeypatch.setattr("polycube_runtime.core.polycube.STOP_SECONDS", 0.01)
    cube = await create(polycube, "simplebridge", "br1")
    cube.control.stop = asyncio.Event().wait
    async with asyncio.timeout(5):
        await polycube.delete(cube)
    assert "br1: stop is given up after 0.01 s" in caplog.text
    cube = await create(polycube, "simplebridge", "br1")
    cube.control.stop = asyncio.Event().wait
    caplog.clear()
    async with asyncio.timeout(5), polycube.change(dry_run=True) as undo:
        await polycube.create(
            "simplebridge", polycube.prepare("simplebridge", {"name": "br2"}), undo
        )
        polycube.cubes["br2"].control.stop = asyncio.Event().wait
    assert "br2: stop is given up" in caplog.text
    assert list(polycube.cubes) == ["br1"]
