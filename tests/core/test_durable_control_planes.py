"""What control planes and data planes do is there again after a restart, as far as it is kept."""

import asyncio

import pytest

from polycube_runtime.core.durable.transaction import Touch
from polycube_runtime.core.topology import topology
from polycube_runtime.support.errors import (
    InvalidValue,
)
from tests.core.restarts import ask, file, fill, place, polycube, survives
from tests.fakes import Nodes, create

__all__ = ["file", "polycube"]
pytestmark = pytest.mark.anyio


async def test_what_an_action_does_to_tables_and_configuration(polycube, file, monkeypatch):
    await fill(polycube)

    async def append(self, chain, given):
        self.cube.set("chain/rule", {"verdict": "DROP"}, chain, 77)
        self.cube.set("chain/rule", None, chain, 9)
        self.cube.set("limit", 12)
        return await original(self, chain, given)

    original = Nodes.chain_append
    monkeypatch.setattr(Nodes, "chain_append", append)
    records = await ask(polycube, "call", "/nodes/n1/chain/OUT/append", {})
    assert records == [
        ("create", "/nodes/n1/chain/OUT/rule/77", None, {"id": 77, "verdict": "DROP"}),
        ("delete", "/nodes/n1/chain/OUT/rule/9", {"id": 9, "verdict": "DROP"}, None),
        ("replace", "/nodes/n1/limit", "unlimited", 12),
    ]
    after = await survives(polycube, file)
    nodes = after["config"]["cubes"][1]
    assert [rule["id"] for rule in nodes["chain"][0]["rule"]] == [1, 5, 77]
    assert nodes["limit"] == 12


async def test_an_action_that_empties_a_table_and_one_that_fails(polycube, file):
    await fill(polycube)
    before = await survives(polycube, file)
    tree, where = place(polycube, "/simplebridge/br1/fdb/flush")

    async def flush_and_fail():
        async with polycube.change() as undo:
            await tree.call(where, None)
            assert [one.op for one in undo.records] == ["delete"]
            message = "no"
            raise InvalidValue(message)

    with pytest.raises(InvalidValue):
        await flush_and_fail()
    assert await survives(polycube, file) == before
    await ask(polycube, "call", "/simplebridge/br1/fdb/flush")
    after = await survives(polycube, file)
    assert after["config"]["cubes"][0]["fdb"]["entry"] == []


async def test_what_is_learnt_is_not_configuration(polycube, file):
    await fill(polycube)
    cube, number = polycube.cubes["br1"], polycube.commits.number
    learnt = {"address": "02:00:00:00:00:99", "port": "p1", "type": "dynamic", "age": 1}
    cube.tables["fwdtable"].put(learnt)
    await polycube.commits.flush()
    assert polycube.commits.number == number
    fdb = (await topology(polycube))["cubes"][0]["fdb"]
    assert [one["address"] for one in fdb["entry"]] == ["02:00:00:00:00:01"]
    assert len(cube.tables["fwdtable"].entries()) == 2
    await ask(polycube, "replace", "/simplebridge/br1/fdb/entry", fdb["entry"])
    assert len(cube.tables["fwdtable"].entries()) == 2, "it is state: a PUT leaves it alone"
    await ask(polycube, "delete", "/simplebridge/br1/fdb/entry")
    assert cube.tables["fwdtable"].entries() == []
    await survives(polycube, file)


async def test_what_a_control_plane_does_of_its_own_accord(polycube, file, monkeypatch):
    await fill(polycube)
    monkeypatch.setattr("polycube_runtime.core.durable.commits.DELAY", 0.01)
    before = polycube.commits.number
    told = []
    polycube.observers.append(told.append)
    cube = polycube.cubes["br1"]
    for number in range(5):
        cube.tables["fwdtable"].put({"address": f"02:00:00:00:01:{number:02x}", "port": "p1"})
    polycube.cubes["n1"].set("class", 4)
    assert polycube.commits.number == before
    await asyncio.sleep(0.2)
    assert polycube.commits.number == before + 1
    assert [one.op for one in told[0].records] == ["create"] * 6
    after = await survives(polycube, file)
    assert len(after["config"]["cubes"][0]["fdb"]["entry"]) == 6
    cube.tables["fwdtable"].clear()
    await polycube.commits.flush()
    await survives(polycube, file)


async def test_what_waits_and_is_overtaken_ends_as_it_is(polycube, file):
    await fill(polycube)
    cube = polycube.cubes["br1"]
    cube.tables["fwdtable"].put({"address": "02:00:00:00:00:55", "port": "p1"})
    await ask(polycube, "delete", "/simplebridge/br1/fdb/entry/02:00:00:00:00:55")
    await survives(polycube, file)
    cube.tables["fwdtable"].put({"address": "02:00:00:00:00:55", "port": "p1"})
    await polycube.delete(cube)
    await survives(polycube, file)


async def test_an_entry_that_comes_goes_and_comes_in_one_transaction(polycube, file):
    await fill(polycube)
    tree, chain = place(polycube, "/nodes/n1/chain/OUT")
    async with polycube.change() as undo:
        await tree.update(chain, {"name": "OUT", "rule": [{"id": 9, "verdict": "PASS"}]}, undo)
        await tree.delete(chain, undo)
        await tree.create(chain, {"name": "OUT", "rule": [{"id": 9, "verdict": "DROP"}]}, undo)
    after = await survives(polycube, file)
    chains = after["config"]["cubes"][1]["chain"]
    assert [one["name"] for one in chains] == ["IN", "OUT"]
    assert chains[1]["rule"] == [{"id": 9, "verdict": "DROP"}]


async def test_an_entry_that_the_data_plane_has_removed_meanwhile(polycube, file):
    await fill(polycube)
    table = polycube.cubes["br1"].tables["fwdtable"]
    for port in ("p1", "p3"):
        table.put({"address": "02:00:00:00:00:55", "port": port})
        if port == "p3":
            table.map.delete(bytes.fromhex("0200000000550000"))
        await polycube.commits.flush()
        await survives(polycube, file)


async def test_what_waits_is_written_after_a_failure_of_whatever_kind(
    polycube, monkeypatch, caplog
):
    cube = await create(polycube, "simplebridge", "br1")
    monkeypatch.setattr("polycube_runtime.core.durable.commits.DELAY", 0.01)
    read, failures = polycube.commits._row, 2

    async def fails(touch):
        nonlocal failures
        if failures:
            failures -= 1
            message = "oops"
            raise KeyError(message)
        return await read(touch)

    monkeypatch.setattr(polycube.commits, "_row", fails)
    polycube.commits.later([], [Touch(cube, "")])
    number = polycube.commits.number
    await asyncio.sleep(0.2)
    assert polycube.commits.number == number + 1
    assert polycube.commits._later is None
    assert caplog.text.count("what control planes changed waits: 'oops'") == 1
