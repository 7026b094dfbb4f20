"""What was acknowledged is there again after a restart: cubes, ports, wires, every entry."""

import asyncio
import contextlib
import tempfile
from pathlib import Path

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polycube_runtime.core.topology import topology
from polycube_runtime.support.errors import (
    DataExists,
    InvalidValue,
    PolycubeError,
)
from tests.core.restarts import STEPS, ask, file, fill, known, place, polycube, running, survives
from tests.fakes import create

__all__ = ["file", "polycube"]
pytestmark = pytest.mark.anyio


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
