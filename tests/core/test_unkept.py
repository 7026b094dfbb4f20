"""What cannot be written to the journal is taken back; what cannot be restored is kept."""

import asyncio
import time

import pytest

from polycube_runtime.bpf.kernel import Netdev
from polycube_runtime.core.durable.journal import Journal
from polycube_runtime.core.durable.restore import restore
from polycube_runtime.support.errors import (
    DataExists,
    InvalidValue,
    Unavailable,
)
from tests.core.restarts import (
    STEPS,
    ask,
    file,
    fill,
    journal_of,
    known,
    place,
    polycube,
    running,
    survives,
)
from tests.fakes import SERVICES, Nodes, create, daemon, state

__all__ = ["file", "polycube"]
pytestmark = pytest.mark.anyio


# The disk refuses


async def test_a_change_that_cannot_be_kept_is_taken_back(polycube, file, monkeypatch):
    await fill(polycube)
    before, kept = await known(polycube), await state(polycube)

    def refuse(*_):
        message = "database or disk is full"
        raise Unavailable(message)

    with monkeypatch.context() as patch:
        patch.setattr(polycube.commits.journal, "write", refuse)
        for verb, path, value in STEPS:
            with pytest.raises(Unavailable, match="disk is full"):
                await ask(polycube, verb, path, value)
            assert await known(polycube) == before
        for name in list(polycube.cubes):
            with pytest.raises(Unavailable, match="disk is full"):
                await polycube.delete(polycube.cubes[name])
            assert await known(polycube) == before
        with pytest.raises(Unavailable, match="disk is full"):
            await create(polycube, "simplebridge", "br9", ports=[{"name": "p", "peer": "veth3"}])
        assert await known(polycube) == before
    after = await state(polycube)
    assert after["trees"] == kept["trees"]
    assert after["attached"] == kept["attached"]
    await survives(polycube, file)


async def test_cancelled_while_it_is_written_it_is_kept_whole(polycube, file, monkeypatch):
    await fill(polycube)
    started, write = asyncio.Event(), polycube.commits.journal.write
    loop = asyncio.get_running_loop()

    def slow(*what):
        loop.call_soon_threadsafe(started.set)
        time.sleep(0.1)
        write(*what)

    monkeypatch.setattr(polycube.commits.journal, "write", slow)
    task = asyncio.create_task(ask(polycube, *STEPS[0]))
    await started.wait()
    task.cancel()
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    monkeypatch.undo()
    after = await survives(polycube, file)
    assert after["config"]["cubes"][0]["fdb"]["aging-time"] == 7


async def test_cancelled_during_a_roll_back_all_of_it_is_rolled_back(polycube):
    await fill(polycube)
    before = await known(polycube)
    rolling = asyncio.Event()

    async def slow():
        rolling.set()
        await asyncio.sleep(0.05)

    async def fail():
        async with polycube.change() as undo:
            tree, where = place(polycube, "/simplebridge/br1/fdb/aging-time")
            await tree.update(where, 1, undo)
            undo.push(slow)
            message = "no"
            raise InvalidValue(message)

    task = asyncio.create_task(fail())
    await rolling.wait()
    task.cancel()
    await asyncio.sleep(0)
    task.cancel()
    with pytest.raises(asyncio.CancelledError):
        await task
    assert await known(polycube) == before


# What cannot be restored is kept


async def test_a_cube_whose_service_is_missing_is_kept(polycube, file, monkeypatch):
    await fill(polycube)
    await polycube.close()
    journal = Journal(file)
    stored = journal.load()
    with monkeypatch.context() as patch:
        patch.delitem(SERVICES, "nodes")
        again = daemon()
    again.commits.journal = journal
    await restore(again, stored)
    assert list(again.cubes) == ["br1", "m1", "m2", "m3"]
    assert again.unrestored["n1"].reason.startswith("No service found named nodes")
    assert again.cubes["br1"].ports["p2"].peer == "n1:a"
    with pytest.raises(DataExists, match=r"n1 .* is kept, but could not be restored: No service"):
        await create(again, "helloworld", "n1")
    await create(again, "helloworld", "new")
    assert again.cubes["new"].id != again.unrestored["n1"].id
    await again.close()
    assert [one.name for one in journal_of(file)] == ["br1", "n1", "m1", "m2", "m3", "new"]
    async with running(file) as whole:
        assert list(whole.cubes) == ["br1", "n1", "m1", "m2", "m3", "new"]
        assert whole.cubes["br1"].ports["p2"].up
        assert [one.id for one in whole.cubes.values()] == [1, 2, 3, 4, 5, 6]


async def test_a_service_that_makes_a_mistake_costs_its_own_cube_only(polycube, file, monkeypatch):
    await fill(polycube)
    await polycube.close()

    async def start(_):
        message = "oops"
        raise KeyError(message)

    monkeypatch.setattr(Nodes, "start", start, raising=False)
    async with running(file) as again:
        assert list(again.cubes) == ["br1", "m1", "m2", "m3"]
        kept = again.unrestored["n1"]
        assert kept.reason == "a mistake in its service: KeyError('oops')"
        await again.forget(kept)
        await create(again, "helloworld", "n1")
    assert [one.name for one in journal_of(file)] == ["br1", "m1", "m2", "m3", "n1"]


async def test_a_netdev_that_is_not_there_stays_wanted_and_is_used_when_it_appears(polycube, file):
    await fill(polycube)
    before = await known(polycube)
    await polycube.close()
    async with running(file, "veth3") as again:
        port = again.cubes["br1"].ports["p1"]
        assert (port.peer, port.up) == ("veth1", False)
        assert again.cubes["m3"].parent == "veth2"
        assert (await known(again))["config"] == before["config"]
        await ask(again, "update", "/simplebridge/br1/fdb", {"aging-time": 7})
        await again.start()
        for index, name in enumerate(("veth1", "veth2"), 77):
            again.kernel.put_netdev(Netdev(name, index, mtu=1500, up=True))
        await asyncio.sleep(0.1)
        assert port.up
        assert ("veth2", "tc-ingress") in again.kernel.attached
        assert (await known(again))["config"]["cubes"][0]["fdb"]["aging-time"] == 7
    async with running(file) as whole:
        assert whole.cubes["br1"].ports["p1"].up
        assert whole.chains.on_netdevs()["veth2"] == [whole.cubes["m3"], whole.cubes["m2"]]
