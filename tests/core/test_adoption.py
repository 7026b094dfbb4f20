"""A daemon that starts where another one ended: what is pinned goes on, nothing is lost."""

import contextlib
from pathlib import Path

import pytest

from polycube_runtime.bpf import asm
from polycube_runtime.bpf.errors import KernelRefused
from polycube_runtime.bpf.memory import MemoryMap
from polycube_runtime.bpf.spec import Hook
from polycube_runtime.core.durable.adoption import adopting
from polycube_runtime.core.durable.journal import Journal
from polycube_runtime.core.durable.restore import restore
from polycube_runtime.core.polycube import Polycube
from tests.fakes import NOTHING, SERVICES, FakeCompiler, create, daemon, left, refusing, state

pytestmark = pytest.mark.anyio

ADDRESS = "02:00:00:00:00:01"
LEARNT = {"address": "02:00:00:00:00:02", "port": "up", "type": "dynamic"}


async def successor(polycube: Polycube, file: Path, services=SERVICES) -> Polycube:
    """Start another daemon on the kernel of one that was killed."""
    if polycube.commits.journal is not None:  # its lock goes with the process
        polycube.commits.journal.close()
        polycube.commits.journal = None
    for cube in polycube.cubes.values():  # loggers live as long as this process
        cube.log.removeFilter(cube.lines)
    new = Polycube(polycube.kernel, FakeCompiler(), services, "/pins", "pcn")
    new.commits.journal = Journal(file)
    try:
        async with adopting(new):
            await restore(new, new.commits.journal.load())
    except BaseException:
        new.commits.journal.close()
        raise
    return new


@pytest.fixture
async def killed(anyio_backend, tmp_path):
    """A daemon with two linked switches, chains and a netdev, and its journal; not ended."""
    assert anyio_backend == "asyncio"
    polycube, file = daemon(), tmp_path / "pcn.db"
    polycube.commits.journal = Journal(file)
    for name in ("a", "b"):
        await create(polycube, "simplebridge", name, ports=[{"name": "h"}, {"name": "up"}])
    for name in ("t1", "t2"):
        await create(polycube, "transparenthelloworld", name)
    async with polycube.change() as undo:
        await polycube.peers.connect("a:up", "b:up", undo)
        await polycube.peers.connect("a:h", "veth1", undo)
        await polycube.chains.attach(polycube.cube("t1"), "a:up", undo)
        await polycube.chains.attach(polycube.cube("t2"), "veth1", undo)
    tree = polycube.tree(polycube.cube("a"))
    async with polycube.change() as undo:
        entry = {"fdb": {"entry": [{"address": ADDRESS, "port": "h"}]}}
        await tree.update(tree.root, entry, undo)
    return polycube, file


def outline(polycube: Polycube) -> dict:
    """What leads where, by the names of cubes and slots: programs are others after a restart."""
    places = {
        id(program): (cube.name, name)
        for cube in polycube.cubes.values()
        for name, program in cube.dataplane.programs.items()
    }
    found = {}
    for cube in polycube.cubes.values():
        for name, map_ in cube.dataplane.maps.items():
            leads = {slot: one for slot, one in map_.programs.items() if one.name != NOTHING}
            programs = {slot: places.get(id(one), one.name) for slot, one in leads.items()}
            found[cube.name, name] = (id(map_), dict(map_.items()), programs)
    for map_ in polycube.kernel.maps:
        if map_.spec.name == "pcn_door" and not map_.closed:
            found[id(map_)] = {n: places.get(id(one), one.name) for n, one in map_.programs.items()}
    return found


async def test_everything_goes_on_over_the_same_maps(killed):
    old, file = killed
    old.cube("a").tables["fwdtable"].put(LEARNT)
    before, attached = outline(old), set(old.kernel.attached)
    trees = (await state(old))["trees"]
    new = await successor(old, file)
    assert outline(new) == before
    assert set(new.kernel.attached) == attached
    assert (await state(new))["trees"] == trees
    assert new.cube("a").tables["fwdtable"].get(LEARNT)["port"] == "up"
    assert [cube.id for cube in new.cubes.values()] == [cube.id for cube in old.cubes.values()]
    programs = {id(cube.dataplane.programs["ingress"]) for cube in new.cubes.values()}
    assert programs <= {id(one) for one in old.kernel.pins.values()}
    await new.close()
    assert not old.kernel.pins
    assert not old.kernel.attached


async def test_no_slot_leads_elsewhere_on_the_way(killed):
    """At every step of the new daemon's start each slot leads to the cube that it led to before."""
    old, file = killed
    kernel = old.kernel
    shared = {id(cube.dataplane.maps["pcn_next"]): cube.name for cube in old.cubes.values()}
    names = {cube.id: cube.name for cube in old.cubes.values()}

    def leads() -> dict:
        return {
            (shared[id(one)], slot): names.get(getattr(to, "constants", {}).get("cube_id"), to.name)
            for one in kernel.maps
            if id(one) in shared
            for slot, to in one.programs.items()
            if to.name != NOTHING
        }

    before, steps = leads(), 0

    def look(_what: str) -> None:
        nonlocal steps
        steps += 1
        assert leads() == before

    kernel.refuse, quiet = look, kernel.refuse
    new = await successor(old, file)
    kernel.refuse = quiet
    assert steps > 50
    await new.close()


async def test_what_the_kernel_has_beyond_the_journal_is_taken_back(killed):
    """What was written but never acknowledged, and what a failed clearing left."""
    old, file = killed
    a = old.cube("a")
    table = a.tables["fwdtable"]
    unacknowledged = {"address": "02:00:00:00:00:09", "port": "h", "type": "static"}
    table.put(unacknowledged)
    table.remove({"address": ADDRESS})
    stray = old.cube("b").dataplane.programs["ingress"]
    a.dataplane.maps["pcn_next"].set_program(77, stray)
    a.dataplane.maps["pcn_ports"].update((77).to_bytes(4, "little"), b"\1" * 8)
    old.system._cubes[Hook.TC].programs[99] = stray
    old.kernel.pins["/pins/cubes/gone@9/maps/x"] = stray
    new = await successor(old, file)
    entries = new.cube("a").tables["fwdtable"].entries()
    assert [entry["address"] for entry in entries] == [ADDRESS]
    maps = new.cube("a").dataplane.maps
    assert maps["pcn_ports"].lookup((77).to_bytes(4, "little")) == bytes(8)
    assert maps["pcn_next"].programs[77] is not stray
    assert not any("gone@9" in pin for pin in new.kernel.pins)
    await new.close()


async def test_a_start_that_fails_anywhere_can_be_done_again(killed):
    """Every seventh step refused, as if the machine were at its end; the next start is good."""
    old, file = killed
    before = outline(old)
    for number in range(1, 400, 7):
        with refusing(old.kernel, number) as asked, contextlib.suppress(KernelRefused):
            old = await successor(old, file)
        if len(asked) < number:
            break
    new = await successor(old, file)
    assert outline(new) == before
    assert [cube.parent for cube in new.cubes.values()] == ["", "", "a:up", "veth1"]
    await new.close()
    assert not old.kernel.pins


async def test_a_cube_whose_service_is_missing_is_kept_and_works_on(killed, caplog):
    old, file = killed
    before = outline(old)
    new = await successor(old, file, WITHOUT_CHAINS)
    assert set(new.cubes) == {"a", "b"}
    assert set(new.unrestored) == {"t1", "t2"}
    assert "cube t1 is kept, but not restored" in caplog.text
    assert any("/cubes/t1@" in pin for pin in new.kernel.pins)
    newer = await successor(new, file)
    assert outline(newer) == before
    await newer.close()


WITHOUT_CHAINS = {name: one for name, one in SERVICES.items() if name != "transparenthelloworld"}


async def test_nothing_goes_past_a_cube_that_could_not_be_restored(killed):
    """Neither from the far port, nor from a netdev: it may be a firewall."""
    old, file = killed
    for where, name in (("b:h", "t3"), ("veth3", "t4")):
        cube = await create(old, "transparenthelloworld", name)
        async with old.change() as undo:
            await old.chains.attach(cube, where, undo)
    async with old.change() as undo:
        await old.peers.connect("b:h", "veth2", undo)
    cubes = {name: old.cube(name) for name in old.cubes}
    index = {netdev.index: netdev.name for netdev in old.kernel.netdevs_by_name.values()}

    def firsts(polycube: Polycube) -> dict[str, str]:
        """Name the cube that a packet meets first, by where it comes from."""
        slots = {
            f"{name}:{port.name}": cubes[name].dataplane.maps["pcn_next"].programs.get(port.index)
            for name in ("a", "b")
            for port in cubes[name].ports.values()
        }
        doors = {
            index[int(pin.split("/")[3].partition("_")[0])]: map_.programs[0]
            for pin, map_ in polycube.kernel.pins.items()
            if pin.endswith("ingress/door")
        }
        by_id = {cube.id: name for name, cube in cubes.items()}
        found = {**slots, **doors}
        return {
            at: by_id.get(getattr(one, "constants", {}).get("cube_id")) for at, one in found.items()
        }

    before = firsts(old)
    assert before == {
        "a:h": None, "a:up": "t1", "b:h": "t3", "b:up": "t1",
        "veth1": "t2", "veth2": "t3", "veth3": "t4",
    }  # fmt: skip
    new = await successor(old, file, WITHOUT_CHAINS)
    assert firsts(new) == before
    assert new.cube("b").ports["up"].up


async def test_the_table_of_all_cubes_keeps_those_that_could_not_be_restored(killed, monkeypatch):
    """Floods of a switch that works on find its emitter there."""
    old, file = killed
    t1 = old.cube("t1").id
    slots = old.system._cubes[Hook.TC].programs
    slots[99] = emitter = slots[asm.OUT + t1]
    items = MemoryMap.items

    def listed(self: MemoryMap) -> list[tuple[bytes, bytes]]:  # as the kernel does
        return [*items(self), *((slot.to_bytes(4, "little"), bytes(4)) for slot in self.programs)]

    monkeypatch.setattr(MemoryMap, "items", listed)
    await successor(old, file, WITHOUT_CHAINS)
    assert slots[asm.OUT + t1] is emitter
    assert slots[99].name == NOTHING


class Killed(BaseException):
    """The daemon ends in the middle of something."""


@pytest.mark.parametrize("pin", ["/dispatcher", "system/injector"])
async def test_a_start_that_is_killed_as_it_hangs_up_a_program(killed, pin):
    """Twice: what hangs there by then is neither the first daemon's nor that of the third."""
    old, file = killed
    hung = set(old.kernel.attached)
    quiet = old.kernel.refuse

    def kill(what: str) -> None:
        if what.startswith("pin ") and what.endswith(pin):
            raise Killed

    for _ in range(2):
        old.kernel.refuse = kill
        with pytest.raises(Killed):
            old = await successor(old, file)
        old.kernel.refuse = quiet
    new = await successor(old, file)
    assert set(new.kernel.attached) == hung
    assert all(new.peers.find(port).port.up for port in ("a:h", "a:up", "b:up"))
    assert not [one for one in new.kernel.pins if "/next" in one or "injector-" in one]
    programs = {id(one) for one in new.kernel.pins.values()}
    assert {id(one) for one in new.kernel.attached.values()} <= programs
    await new.close()


async def test_a_netdev_that_is_gone_is_waited_for(killed):
    old, file = killed
    veth1 = old.kernel.netdevs_by_name.pop("veth1")
    old.kernel.attached = {at: one for at, one in old.kernel.attached.items() if at[0] != "veth1"}
    new = await successor(old, file)
    port = new.cube("a").ports["h"]
    assert (port.peer, port.up) == ("veth1", False)
    assert new.cube("t2").parent == "veth1"
    assert not any(f"{veth1.index}_" in pin for pin in new.kernel.pins)
    await new.close()


async def test_a_daemon_that_ends_leaves_its_data_plane(killed):
    old, file = killed
    pins, attached = set(old.kernel.pins), set(old.kernel.attached)
    await old.release()
    assert (set(old.kernel.pins), set(old.kernel.attached)) == (pins, attached)
    new = await successor(old, file)
    await new.close()
    assert not [one for one in left(new.kernel) if one.startswith(("pin", "attached"))]


async def test_a_netdev_that_cannot_be_wired_keeps_what_hangs_there(killed, caplog):
    old, file = killed
    index = old.kernel.netdevs_by_name["veth1"].index
    hung = {at: one for at, one in old.kernel.attached.items() if at[0] == "veth1"}
    assert len(hung) == 2
    quiet = old.kernel.refuse

    def refuse(what: str):
        return KernelRefused("not today") if what == "attach veth1" else None

    old.kernel.refuse = refuse
    new = await successor(old, file)
    new.kernel.refuse = quiet
    assert "veth1 is not wired as it was: not today" in caplog.text
    assert hung.items() <= new.kernel.attached.items()
    assert {f"/pins/netdevs/{index}_{at[1]}/dispatcher" for at in hung} <= set(new.kernel.pins)
