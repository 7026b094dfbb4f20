"""What was acknowledged is there again after a restart: cubes, ports, wires, every entry."""

import asyncio
import contextlib
import tempfile
import time
from pathlib import Path
from urllib.parse import unquote

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polycube_runtime.bpf.kernel import Netdev
from polycube_runtime.core.durable.journal import Journal
from polycube_runtime.core.durable.restore import restore
from polycube_runtime.core.durable.transaction import Touch
from polycube_runtime.core.model.place import resolve
from polycube_runtime.core.topology import topology
from polycube_runtime.support.errors import (
    DataExists,
    InvalidValue,
    PolycubeError,
    Unavailable,
)
from polycube_runtime.support.validate import Mode, validate, validate_entry
from tests.fakes import SERVICES, Nodes, create, daemon, state

pytestmark = pytest.mark.anyio
RULES = [{"id": 9, "verdict": "DROP"}, {"id": 1, "verdict": "PASS"}, {"id": 5, "verdict": "DROP"}]


@pytest.fixture
def file(tmp_path):
    return tmp_path / "state.db"


@contextlib.asynccontextmanager
async def running(file, *netdevs):
    """A daemon in memory, whose cubes are those of `file`."""
    polycube = daemon(*netdevs)
    polycube.commits.journal = Journal(file)
    await restore(polycube, polycube.commits.journal.load())
    try:
        yield polycube
    finally:
        await polycube.close()


@pytest.fixture
async def polycube(file):
    async with running(file) as polycube:
        yield polycube


async def known(polycube) -> dict:
    """Everything that must be the same after a restart."""
    cubes = polycube.cubes.values()
    return {
        "config": await topology(polycube),
        "cubes": [(cube.name, cube.id, cube.uuid, cube.version) for cube in cubes],
        "ports": [
            (cube.name, port.name, port.index, port.uuid, port.peer, port.up)
            for cube in cubes
            for port in cube.ports.values()
        ],
        "number": polycube.commits.number,
    }


async def survives(polycube, file) -> dict:
    """Restart from what is on the disk now, as after kill -9; the same must be there."""
    before = await known(polycube)
    copy = file.with_name("copy.db")
    for end in ("", "-wal"):
        part = file.with_name(file.name + end)
        copy.with_name(copy.name + end).write_bytes(part.read_bytes() if part.exists() else b"")
    copy.with_name("copy.db-shm").unlink(missing_ok=True)
    async with running(copy) as again:
        assert await known(again) == before
        assert again.unrestored == {}
    return before


def place(polycube, path: str):
    """Find `/service/cube/…` and the tree it is in."""
    _, service, name, *steps = path.split("/")
    cube = polycube.cube(name, service)
    template, keys, node = "/{name}", [name], cube.service
    while steps:
        node = node.by_name[steps.pop(0)]
        template += f"/{node.name}"
        for key in getattr(node, "keys", ())[: len(steps)]:
            template += f"/{{{key}}}"
            keys.append(unquote(steps.pop(0)))
    return polycube.tree(cube), resolve(cube.service, template, tuple(keys))


async def ask(polycube, verb: str, path: str, value=None, *, dry_run=False) -> list:
    """Do what REST does for a verb; returns the records."""
    tree, where = place(polycube, path)
    if value is not None:
        mode = Mode.UPDATE if verb == "update" else Mode.CREATE
        if where.is_entry:
            keys = dict(zip(where.node.keys, where.key, strict=True))
            value = validate_entry(where.node, {**value, **keys}, mode, where.path)
        elif where.steps:
            value = validate(where.node, value, mode, where.path)
        else:
            value = validate(where.node, {**value, "name": where.cube}, mode, where.path)
            del value["name"]
    async with polycube.change(dry_run=dry_run) as undo:
        if verb == "call":
            await tree.call(where, value)
        else:
            await getattr(tree, verb)(where, *([] if value is None else [value]), undo)
    return [(one.op, one.path, one.old, one.new) for one in undo.records]


async def fill(polycube) -> None:
    await create(
        polycube,
        "simplebridge",
        "br1",
        loglevel="DEBUG",
        ports=[{"name": "p1", "peer": "veth1"}, {"name": "p2"}, {"name": "p3"}],
        fdb={"aging-time": 60, "entry": [{"address": "02:00:00:00:00:01", "port": "p2"}]},
    )
    await create(
        polycube,
        "nodes",
        "n1",
        server=["b", "a"],
        ports=[{"name": "b", "mtu": 900}, {"name": "a", "peer": "br1:p2"}],
        mirror={"to": "a"},
        chain=[{"name": "OUT", "rule": RULES}, {"name": "IN"}],
    )
    await ask(polycube, "update", "/simplebridge/br1/ports/p2", {"peer": "n1:a"})
    for name in ("m1", "m2", "m3"):
        await create(polycube, "maps", name, label=name)
    async with polycube.change() as undo:
        await polycube.chains.attach(polycube.cubes["m1"], "br1:p1", undo)
        await polycube.chains.attach(polycube.cubes["m2"], "veth2", undo)
        await polycube.chains.attach(polycube.cubes["m3"], "veth2", undo, position="first")


async def test_nothing_is_there_before_anything_was_made(polycube, file):
    assert (await survives(polycube, file))["cubes"] == []


async def test_cubes_ports_wires_and_chains(polycube, file):
    await fill(polycube)
    before = await survives(polycube, file)
    assert [one[0] for one in before["cubes"]] == ["br1", "n1", "m1", "m2", "m3"]
    assert [one["cube"] for one in before["config"]["attachments"]] == ["m3", "m2"]
    nodes = before["config"]["cubes"][1]
    assert [rule["id"] for rule in nodes["chain"][0]["rule"]] == [9, 1, 5]
    assert polycube.cubes["br1"].ports["p2"].up


async def test_what_is_there_again_works_as_before(polycube, file):
    await fill(polycube)
    await polycube.close()
    async with running(file) as again:
        assert again.cubes["br1"].ports["p1"].up
        assert again.cubes["br1"].ports["p2"].up
        assert again.cubes["br1"].ports["p1"].chain == [again.cubes["m1"]]
        assert again.cubes["m3"].parent == "veth2"
        await ask(again, "update", "/simplebridge/br1", {"fdb": {"aging-time": 5}})
        await create(again, "helloworld", "new")
        assert again.cubes["new"].id not in {again.cubes[one].id for one in ("br1", "n1", "m1")}
        await survives(again, file)


STEPS = [
    ("update", "/simplebridge/br1/fdb", {"aging-time": 7}),
    ("update", "/simplebridge/br1", {"loglevel": "TRACE"}),
    ("create", "/simplebridge/br1/fdb/entry/02:00:00:00:00:02", {"port": "p1"}),
    ("update", "/simplebridge/br1/fdb/entry/02:00:00:00:00:01", {"port": "p1"}),
    ("delete", "/simplebridge/br1/fdb/entry/02:00:00:00:00:01", None),
    ("replace", "/simplebridge/br1/fdb/entry", [{"address": "02:00:00:00:00:03", "port": "p3"}]),
    ("delete", "/simplebridge/br1/fdb/entry", None),
    ("delete", "/simplebridge/br1/fdb", None),
    ("create", "/simplebridge/br1/ports/p9", {"peer": "veth3"}),
    ("update", "/simplebridge/br1/ports/p2", {"peer": ""}),
    ("delete", "/simplebridge/br1/ports/p2", None),
    ("update", "/nodes/n1", {"class": 3, "limit": 7, "server": ["x", "y", "z"]}),
    ("update", "/nodes/n1/ports/b", {"mtu": 1400}),
    ("create", "/nodes/n1/chain/NEW", {"rule": RULES}),
    ("create", "/nodes/n1/chain/IN/rule", RULES),
    ("update", "/nodes/n1/chain/OUT/rule/1", {"source-address": "10.0.0.0/8"}),
    ("replace", "/nodes/n1/chain/OUT/rule/5", {}),
    ("delete", "/nodes/n1/chain/OUT/rule/9", None),
    ("delete", "/nodes/n1/chain/OUT", None),
    ("delete", "/nodes/n1/mirror", None),
    ("replace", "/nodes/n1/chain", [{"name": "X"}, {"name": "OUT", "rule": RULES[1:]}]),
    (
        "update",
        "/maps/m1",
        {"port-number": 8080, "settings": {"rate": 5}, "slot": [{"index": 3, "weight": 7}]},
    ),
    ("create", "/maps/m2/route", [{"network": "10.0.0.0/8", "next-hop": "10.0.0.1"}]),
    ("create", "/maps/m2/host/fd00::1", {"allowed": True}),
]


@pytest.mark.parametrize(("verb", "path", "value"), STEPS)
async def test_each_change(polycube, file, verb, path, value):
    await fill(polycube)
    before = await known(polycube)
    assert await ask(polycube, verb, path, value, dry_run=True)
    assert await known(polycube) == before
    records = await ask(polycube, verb, path, value)
    after = await survives(polycube, file)
    assert after["number"] == before["number"] + 1
    assert after["config"] != before["config"]
    service_and_cube = "/".join(path.split("/")[:3])
    assert all(one[1].startswith(service_and_cube) or verb == "delete" for one in records)
    versions = {name: version for name, _, _, version in before["cubes"]}
    grown = {name for name, _, _, version in after["cubes"] if version > versions[name]}
    assert path.split("/")[2] in grown


async def test_a_change_that_changes_nothing_is_no_transaction(polycube):
    await fill(polycube)
    number = polycube.commits.number
    assert await ask(polycube, "update", "/simplebridge/br1", {"fdb": {"aging-time": 60}}) == []
    assert polycube.commits.number == number


async def test_deleted_cubes_stay_deleted_and_their_neighbours_know(polycube, file):
    await fill(polycube)
    for name in ("br1", "m2"):
        await polycube.delete(polycube.cubes[name])
    after = await survives(polycube, file)
    assert [one[0] for one in after["cubes"]] == ["n1", "m1", "m3"]
    assert [one["cube"] for one in after["config"]["attachments"]] == ["m3"]
    assert polycube.cubes["n1"].ports["a"].peer == ""


async def test_connecting_detaching_and_moving(polycube, file):
    await fill(polycube)
    async with polycube.change() as undo:
        await polycube.peers.disconnect("br1:p2", "n1:a", undo)
        await polycube.peers.connect("br1:p3", "n1:b", undo)
        await polycube.chains.detach(polycube.cubes["m3"], "veth2", undo)
        await polycube.chains.attach(polycube.cubes["m3"], "br1:p1", undo, position="first")
    after = await survives(polycube, file)
    assert [one.name for one in polycube.cubes["br1"].ports["p1"].chain] == ["m3", "m1"]
    assert after["config"]["cubes"][0]["ports"][0]["tcubes"] == ["m3", "m1"]


# What control planes do


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


def journal_of(file):
    journal = Journal(file)
    cubes = journal.load().cubes
    journal.close()
    return cubes


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


# Whatever the operator does, in whatever order

_ADDRESSES = [f"02:00:00:00:00:0{n}" for n in range(4)]
_PORTS = ["p1", "p2", "p3"]
_FDB = "/simplebridge/br1/fdb/entry"
_CHAIN = "/nodes/n1/chain"
_entry = st.fixed_dictionaries({"port": st.sampled_from(_PORTS)})
_rule = st.fixed_dictionaries({}, optional={"verdict": st.sampled_from(["PASS", "DROP"])})
_rules = st.lists(
    st.builds(lambda n, rule: {"id": n, **rule}, st.integers(0, 5), _rule),
    unique_by=lambda rule: rule["id"],
)
_chains = st.lists(
    st.builds(lambda name, rules: {"name": name, "rule": rules}, st.sampled_from("ABC"), _rules),
    unique_by=lambda chain: chain["name"],
)
_verbs = st.sampled_from(["create", "replace", "update"])
_entries = st.sampled_from([f"{_FDB}/{one}" for one in _ADDRESSES])
_one_chain = st.sampled_from([f"{_CHAIN}/{one}" for one in "ABC"])
_one_rule = st.sampled_from([f"{_CHAIN}/{one}/rule/{n}" for one in "AB" for n in range(3)])
_one_port = st.sampled_from([f"/simplebridge/br1/ports/{one}" for one in _PORTS])
_whole = st.sampled_from([_FDB, _CHAIN, "/nodes/n1/mirror"])
_peers = st.fixed_dictionaries({"peer": st.sampled_from(["", "veth1", "veth2", "n1:a"])})
_servers = st.lists(st.sampled_from("abc"), min_size=1, unique=True)
_leaves = st.fixed_dictionaries(
    {},
    optional={
        "mirror": st.fixed_dictionaries({"to": st.sampled_from("ab")}),
        "server": _servers,
        "class": st.sampled_from([1, 3]),
    },
)
_operations = st.one_of(
    st.tuples(_verbs, _entries, _entry),
    st.tuples(_verbs, _one_chain, st.builds(lambda rules: {"rule": rules}, _rules)),
    st.tuples(_verbs, st.just(_CHAIN), _chains),
    st.tuples(_verbs, _one_rule, _rule),
    st.tuples(st.just("delete"), st.one_of(_entries, _whole, _one_chain, _one_rule), st.none()),
    st.tuples(st.sampled_from(["create", "delete"]), _one_port, st.none()),
    st.tuples(st.just("update"), st.just("/simplebridge/br1/ports/p1"), _peers),
    st.tuples(st.just("update"), st.just("/nodes/n1"), _leaves),
)


@settings(max_examples=15, deadline=None)
@given(st.lists(_operations, max_size=12))
def test_any_sequence_of_operations(operations):
    async def run(file):
        async with running(file) as polycube:
            ports = [{"name": name} for name in _PORTS]
            await create(polycube, "simplebridge", "br1", ports=ports)
            ends = [{"name": "a"}, {"name": "b"}]
            await create(polycube, "nodes", "n1", ports=ends, server=["x"])
            for verb, path, value in operations:
                given = {} if value is None and verb == "create" else value
                with contextlib.suppress(PolycubeError):
                    await ask(polycube, verb, path, given)
            await survives(polycube, file)

    with tempfile.TemporaryDirectory() as folder:
        asyncio.run(run(Path(folder) / "state.db"))


# Gaps that were there


async def test_a_put_that_takes_a_port_away_does_not_lose_what_names_it(polycube):
    await fill(polycube)
    before = await known(polycube)
    wanted = {
        "ports": [{"name": "p1"}],
        "fdb": {"entry": [{"address": "02:00:00:00:00:01", "port": "p2"}]},
    }
    with pytest.raises(InvalidValue, match="'p2' is not a port of this cube; it has: p1") as caught:
        await ask(polycube, "replace", "/simplebridge/br1", wanted)
    assert caught.value.path == "/simplebridge/br1/fdb/entry/02:00:00:00:00:01/port"
    assert await known(polycube) == before


async def test_prefixes_that_differ_in_host_bits_only_are_one_entry(polycube, file):
    await fill(polycube)
    await ask(
        polycube, "create", "/maps/m1/route", [{"network": "10.0.0.1/8", "next-hop": "10.0.0.1"}]
    )
    with pytest.raises(DataExists):
        await ask(polycube, "create", "/maps/m1/route/10.9.9.9%2F8", {"next-hop": "10.0.0.2"})
    records = await ask(
        polycube,
        "update",
        "/maps/m1",
        {"route": [{"network": "10.7.0.0/8", "next-hop": "10.0.0.3"}]},
    )
    assert [(op, path) for op, path, *_ in records] == [("replace", "/maps/m1/route/10.0.0.0%2F8")]
    tree, where = place(polycube, "/maps/m1/route/10.3.0.0%2F8")
    assert await tree.read(where) == {"network": "10.0.0.0/8", "next-hop": "10.0.0.3"}
    await survives(polycube, file)
    with pytest.raises(InvalidValue, match="is there twice: entries that differ in host bits only"):
        await ask(
            polycube,
            "replace",
            "/maps/m1/route6",
            [{"network": f"fd00::{n}/64", "next-hop": "::1"} for n in (1, 2)],
        )
    await ask(polycube, "delete", "/maps/m1/route/10.1.0.0%2F8")
    assert (await topology(polycube))["cubes"][2]["route"] == []


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
