"""Lists in lists, each bound to a map of its own, whose key begins with the keys around it."""

import importlib
import struct
from copy import deepcopy
from pathlib import Path

import pytest

from polycube_runtime.bpf.memory import MemoryMap
from polycube_runtime.core.durable.journal import Journal
from polycube_runtime.support.errors import DataExists, DataMissing, InvalidValue, NotFound
from tests import fakes
from tests.core.sessions import Session, made
from tests.core.test_adoption import successor
from tests.fakes import create, fails_at_every_step
from tests.support.test_btf import agree, compiled

pytestmark = pytest.mark.anyio
BODY = """
list table {
  key name;
  ebpf:map "tables" { ebpf:entries 2000; }
  leaf name { type string { length "1..7"; } }
  leaf weight { type uint32; default 1; }
  container rules {
    list rule {
      key id;
      ebpf:map "rules" { ebpf:entries 20000; }
      leaf id { type uint32; }
      leaf out { type leafref { path "/ports/name"; } }
      leaf hits { type uint64; config false; }
      list match {
        key name;
        ebpf:map "matches" { ebpf:entries 64; }
        leaf name { type uint16; }
        leaf value { type uint8; default 0; }
      }
    }
  }
}
list group {
  key id;
  leaf id { type uint8; }
  leaf note { type string; }
  list member {
    key address;
    ebpf:map "members" { ebpf:entries 64; }
    leaf address { type inet:ipv4-address; }
    leaf mark { type uint8; default 3; }
  }
}
"""
WHOLE = [
    {
        "name": "a",
        "weight": 5,
        "rules": {
            "rule": [
                {"id": 1, "out": "p1", "match": [{"name": 7, "value": 9}]},
                {"id": 2},
            ]
        },
    },
    {"name": "b", "rules": {"rule": [{"id": 1, "match": [{"name": 7, "value": 8}]}]}},
]


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    with made(tmp_path_factory.mktemp("nested"), "nested", BODY) as found:
        yield found


@pytest.fixture
async def nested(service, monkeypatch):
    monkeypatch.setitem(fakes.SERVICES, "nested", service)
    polycube = fakes.daemon()
    await polycube.start()
    ports = [{"name": "p1"}, {"name": "p2"}]
    yield Session(polycube, await create(polycube, "nested", "n", ports=ports, table=WHOLE))
    await polycube.close()
    assert fakes.left(polycube.kernel) == []


async def test_the_key_of_an_inner_map_begins_with_the_keys_around_it(nested):
    name = b"a".ljust(8, b"\0")
    assert set(nested.raw("matches")) == {
        struct.pack("=8sIH2x", name, 1, 7),
        struct.pack("=8sIH2x", b"b".ljust(8, b"\0"), 1, 7),
    }
    assert struct.pack("=8sI", name, 2) in nested.raw("rules")


def configured(tables):
    for table in tables:
        for rule in table.get("rules", {}).get("rule", []):
            rule.pop("hits", None)
            rule.setdefault("match", [])
        table["rules"]["rule"].sort(key=lambda one: one["id"])
    return sorted(tables, key=lambda one: one["name"])


async def test_what_was_written_is_read_in_its_place(nested):
    expected = configured([{"weight": 1, **one} for one in deepcopy(WHOLE)])
    assert configured(await nested.read("table")) == expected
    assert await nested.read("table/{n}/rules/rule/{i}/match", "a", "1") == [
        {"name": 7, "value": 9}
    ]
    assert [one["id"] for one in await nested.read("table/{n}/rules/rule", "b")] == [1]


async def test_one_entry_is_made_changed_and_removed(nested):
    path = "table/{n}/rules/rule/{i}/match/{m}"
    await nested.do("create", path, "b", "1", "9", value={"value": 1})
    with pytest.raises(DataExists):
        await nested.do("create", path, "b", "1", "9", value={"value": 1})
    await nested.do("update", path, "b", "1", "9", value={"value": 2})
    assert await nested.read(f"{path}/value", "b", "1", "9") == 2
    await nested.do("delete", path, "b", "1", "9")
    with pytest.raises(NotFound):
        await nested.read(path, "b", "1", "9")
    assert len(nested.raw("matches")) == 2


async def test_there_is_nothing_in_an_entry_that_is_not_there(nested):
    with pytest.raises(NotFound, match="no such entry"):
        await nested.read("table/{n}/rules/rule/{i}/match", "a", "5")
    with pytest.raises(DataMissing, match="no such entry"):
        await nested.do("create", "table/{n}/rules/rule/{i}", "z", "1", value={})


async def test_an_entry_that_goes_takes_along_what_is_in_it(nested):
    learnt = {"table/name": "a", "table/rules/rule/id": 1, "name": 99, "value": 1}
    nested.cube.tables["matches"].put(learnt)
    records = await nested.do("delete", "table/{n}", "a")
    assert [(one.op, one.path) for one in records] == [("delete", "/nested/n/table/a")]
    assert [one["name"] for one in await nested.read("table")] == ["b"]
    assert [len(nested.raw(name)) for name in ("tables", "rules", "matches")] == [1, 1, 1]


async def test_an_entry_that_goes_with_its_port_takes_along_what_is_in_it(nested):
    await nested.do("delete", "ports/{p}", "p1")
    assert [one["id"] for one in await nested.read("table/{n}/rules/rule", "a")] == [2]
    assert len(nested.raw("matches")) == 1


async def test_a_port_that_is_not_there_is_refused_where_it_is_named(nested):
    rules = {"rule": [{"id": 9, "out": "p9"}]}
    with pytest.raises(InvalidValue, match="p9") as refused:
        await nested.do("update", "table", value=[{"name": "b", "rules": rules}])
    assert refused.value.path.startswith("/nested/n/table/b/rules/rule/9")
    assert len(nested.raw("rules")) == 3


async def test_only_what_differs_is_told(nested):
    match = [{"name": 7, "value": 1}]
    new = [{"name": "b", "rules": {"rule": [{"id": 1, "match": match}]}}]
    records = await nested.do("update", "table", value=new)
    assert [one.path for one in records] == ["/nested/n/table/b/rules/rule/1/match/7"]


async def test_every_step_that_fails_leaves_all_as_it_was(nested):
    async def replace():
        value = [{"name": "c", "rules": {"rule": [{"id": 1, "match": [{"name": 1}]}]}}]
        await nested.do("replace", "table", value=value)

    asked = await fails_at_every_step(nested.polycube, replace)
    assert {"write tables", "write rules", "write matches"} <= set(asked)
    assert len(nested.raw("matches")) == 1


async def test_a_list_that_the_control_plane_keeps_has_maps_in_it(nested):
    member = {"address": "10.0.0.1"}
    await nested.do("create", "group/{i}", "4", value={"note": "x", "member": [member]})
    assert await nested.read("group") == [
        {"id": 4, "note": "x", "member": [{"address": "10.0.0.1", "mark": 3}]}
    ]
    assert set(nested.raw("members")) == {bytes([4, 0, 0, 0, 10, 0, 0, 1])}
    await nested.do("delete", "group/{i}", "4")
    assert nested.raw("members") == {}


async def test_ten_thousand_inner_entries_are_one_write_of_their_map(nested, monkeypatch):
    writes, real = [], MemoryMap.update_many

    def update_many(self, items):
        if items:
            writes.append((self.spec.name, len(items)))
        real(self, items)

    monkeypatch.setattr(MemoryMap, "update_many", update_many)
    value = [
        {"name": str(n), "rules": {"rule": [{"id": i} for i in range(10)]}} for n in range(1000)
    ]
    await nested.do("update", "table", value=value)
    assert writes == [("tables", 1000), ("rules", 10000)]
    assert len(await nested.read("table/{n}/rules/rule", "7")) == 10
    assert sum(len(one.get("rules", {}).get("rule", [])) for one in await nested.read("table")) == (
        10003
    )


async def test_a_restart_finds_what_was_configured(service, monkeypatch, tmp_path):
    monkeypatch.setitem(fakes.SERVICES, "nested", service)
    old = fakes.daemon()
    old.commits.journal = Journal(tmp_path / "pcn.db")
    session = Session(old, await create(old, "nested", "n", ports=[{"name": "p1"}], table=WHOLE))
    await session.do("delete", "table/{n}/rules/rule/{i}", "a", "2")
    rule = {"table/name": "b", "id": 5}
    session.cube.tables["rules"].put(rule)
    await old.commits.flush()
    before = {name: session.raw(name) for name in ("tables", "rules", "matches")}
    new = await successor(old, tmp_path / "pcn.db", fakes.SERVICES)
    again = Session(new, new.cube("n"))
    assert {name: again.raw(name) for name in before} == before
    assert [one["id"] for one in await again.read("table/{n}/rules/rule", "b")] == [1, 5]
    await new.close()
    new.commits.journal = None


@pytest.mark.usefixtures("service")
def test_clang_lays_the_keys_out_as_the_codec_does(tmp_path):
    module = importlib.import_module("made_nested.nested")
    btf = compiled(Path(module.__file__).with_name("maps.h"), tmp_path)
    for map_ in module.MAPS:
        agree(map_, btf)
    assert "table_name" in btf.members("matches_key")
