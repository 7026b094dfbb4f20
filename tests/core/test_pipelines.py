"""Programs of a cube that come, go and are replaced; each step of the kernel's refused in turn."""

import pytest

from polycube_runtime.bpf.spec import MapKind, MapSpec, Scope
from polycube_runtime.core import topology
from polycube_runtime.support.errors import OperationFailed
from tests.fakes import create, fails_at_every_step

pytestmark = pytest.mark.anyio
PORTS = {"ports": [{"name": "p1", "peer": "veth1"}, {"name": "p2"}]}
ARRAY = MapSpec("pcn_ingress", MapKind.PROG_ARRAY, 4, 4, 64)
EGRESS = MapSpec("pcn_egress", MapKind.PROG_ARRAY, 4, 4, 64)


@pytest.fixture
async def cube(polycube):
    """Give a cube whose programs call each other, with three of them."""
    polycube._compiler.maps = {"pcn_ingress": ARRAY, "pcn_egress": EGRESS}
    await create(polycube, "simplebridge", "warm", **PORTS)  # makes what all cubes share
    await polycube.delete(polycube.cube("warm"))
    await create(polycube, "simplebridge", "br1", **PORTS)
    cube = polycube.cube("br1")
    assert await cube.add_program("int one;") == 1
    assert await cube.add_program("int two;") == 2
    return cube


def array(cube, name="pcn_ingress"):
    """Return the programs that a program array holds, without those that only drop."""
    programs = cube.dataplane.maps[name].programs
    assert sorted(programs) == list(range(64)), "each index has something, if only to drop"
    return {n: one for n, one in programs.items() if one.name != "pcn_verdict"}


def running(cube):
    programs = cube.dataplane.programs
    return {
        n: programs[name]
        for n in range(64)
        if (name := f"ingress_{n}" if n else "ingress") in programs
    }


async def test_the_array_holds_all_programs(cube):
    assert array(cube) == running(cube)
    assert list(running(cube)) == [0, 1, 2]
    assert array(cube, "pcn_egress") == {}


@pytest.mark.parametrize(
    "change",
    [
        lambda cube: cube.add_program("int x;", 40),
        lambda cube: cube.reload("int x;", 2),
        lambda cube: cube.reload("int x;"),
        lambda cube: cube.del_program(1),
        lambda cube: cube._polycube.reload(cube),
        lambda cube: cube._polycube.pipelines.set_loglevel(cube, "DEBUG"),
    ],
    ids=["add", "put", "put-0", "remove", "reload", "loglevel"],
)
async def test_each_change_is_made_whole_or_not_at_all(polycube, cube, change):
    await fails_at_every_step(polycube, lambda: change(cube))
    await polycube.grace.close()
    assert array(cube) == running(cube)
    kept = set(map(id, cube.dataplane.programs.values()))
    closed = [one for one in polycube.kernel.loaded if one.closed]
    assert kept.isdisjoint(map(id, closed))
    pins = {path for path in polycube.kernel.pins if "br1@" in path and "/programs/" in path}
    assert {path.rpartition("/")[2] for path in pins} == set(cube.dataplane.programs)


async def test_one_program_is_one_write(cube):
    table, before = cube.dataplane.maps["pcn_ingress"], dict(running(cube))
    await cube.reload("int x;", 2)
    assert cube.dataplane.maps["pcn_ingress"] is table
    assert {n for n, one in running(cube).items() if one is not before[n]} == {2}
    assert array(cube) == running(cube)


async def test_a_pipeline_that_is_replaced_as_a_whole_gets_an_array_of_its_own(polycube, cube):
    """So that a packet in the old programs goes on in the old ones, until the grace period ends."""
    old, before = cube.dataplane.maps["pcn_ingress"], dict(running(cube))
    await polycube.pipelines.set_loglevel(cube, "TRACE")
    assert cube.dataplane.maps["pcn_ingress"] is not old
    assert {n: one for n, one in old.programs.items() if n in before} == before
    assert not old.closed
    await polycube.grace.close()
    assert old.closed


async def test_a_transaction_that_fails_later_takes_it_back(polycube, cube):
    before = dict(cube.codes)
    message = "no more"

    async def act() -> None:
        async with polycube.change():
            await cube.add_program("int x;", 9)
            await cube.del_program(1)
            assert list(running(cube)) == [0, 2, 9]
            raise OperationFailed(message)

    with pytest.raises(OperationFailed, match=message):
        await act()
    assert cube.codes == before
    assert list(running(cube)) == [0, 1, 2]
    assert array(cube) == running(cube)


async def test_there_are_64_for_each_direction(cube):
    for index in range(3, 64):
        assert await cube.add_program("int x;") == index
    with pytest.raises(OperationFailed, match="there are 64 ingress programs, as many as can be"):
        await cube.add_program("int x;")
    assert await cube.add_program("int x;", None, "egress") == 0


async def test_a_table_of_another_layout_is_the_programs_own(polycube, cube):
    """As it is in the original, where a table that is not shared belongs to its program."""
    compiler = polycube._compiler
    compiler.maps = {**compiler.maps, "extra": MapSpec("extra", MapKind.ARRAY, 4, 4, 1)}
    await cube.reload("int x;", 1)
    compiler.maps = {**compiler.maps, "extra": MapSpec("extra", MapKind.ARRAY, 4, 8, 1)}
    await cube.reload("int x;", 2)
    maps = cube.dataplane.maps
    assert maps["extra"].spec.value_size == 4
    assert maps["extra@ingress_2"].spec.value_size == 8
    assert cube.dataplane.programs["ingress_2"].maps["extra"] is maps["extra@ingress_2"]
    assert cube.dataplane.programs["ingress_1"].maps["extra"] is maps["extra"]


async def test_a_public_table_goes_with_its_last_user(polycube):
    compiler, kernel = polycube._compiler, polycube.kernel
    compiler.maps["all"] = MapSpec("all", MapKind.ARRAY, 4, 8, 1, scope=Scope.PUBLIC)
    await create(polycube, "simplebridge", "one")
    await create(polycube, "simplebridge", "two")
    table = polycube.cube("one").dataplane.programs["ingress"].maps["all"]
    assert polycube.cube("two").dataplane.programs["ingress"].maps["all"] is table
    path = "/pins/system/public/all"
    for name in ("one", "two"):
        assert kernel.pins[path] is table
        assert not table.closed
        await polycube.delete(polycube.cube(name))
        await polycube.grace.close()
    assert path not in kernel.pins
    assert table.closed


async def test_a_topology_waits_for_clang_before_its_transaction(polycube, monkeypatch):
    """Of cubes too that are there already, and will be compiled otherwise."""
    await create(polycube, "simplebridge", "br")
    await polycube.cube("br").add_program("int in_no_file;")
    compile_ = polycube._compiler.compile
    compiled: dict[bool, set[str]] = {True: set(), False: set()}

    async def watched(source):
        compiled[polycube._writer.locked()].add(source.text)
        return await compile_(source)

    monkeypatch.setattr(polycube._compiler, "compile", watched)
    for change in ({"loglevel": "DEBUG"}, {"loglevel": "DEBUG", "type": "XDP_SKB"}):
        document = polycube.prepare("simplebridge", {"name": "br", **change})
        wanted = topology.Wanted([("simplebridge", document)])
        await topology.warm(polycube, wanted)
        async with polycube.change() as undo:
            await topology.apply(polycube, wanted, undo)
    assert len(compiled[True]) == 3
    assert compiled[True] == compiled[False]
