"""Containers of entries that are in maps of their own: each entry has a row there."""

import importlib
import struct
from pathlib import Path

import pytest

from polycube_runtime.bpf.memory import MemoryMap
from polycube_runtime.support.errors import DataMissing
from tests import fakes
from tests.core.sessions import Session, made
from tests.fakes import create, fails_at_every_step
from tests.support.test_btf import agree, compiled

pytestmark = pytest.mark.anyio
BODY = """
list rule {
  key "name id";
  ebpf:map "rules" { ebpf:entries 20000; }
  leaf name { type string { length "1..7"; } }
  leaf id { type uint16; }
  leaf act { type uint8; default 1; }
  container stats {
    config false;
    ebpf:map "stats" { ebpf:kind "percpu_hash"; ebpf:entries 20000; }
    leaf packets { type uint64; ebpf:sum; }
    leaf bytes { type uint64; ebpf:sum; }
  }
  container rare {
    ebpf:map "rare" { ebpf:entries 20000; }
    leaf low { type uint8; default 4; }
    leaf high { type uint8; }
    leaf seen { type uint32; config false; }
  }
  container log {
    presence "logged";
    ebpf:map "logs" { ebpf:entries 64; }
    leaf level { type uint8; default 2; }
  }
  choice how {
    container near { ebpf:map "nears" { ebpf:entries 64; } leaf hops { type uint8; default 1; } }
    leaf far { type uint8; }
  }
}
list per {
  key port;
  leaf port { type leafref { path "/ports/name"; } }
  leaf note { type string; }
  container stats {
    config false;
    ebpf:map "port_stats" { ebpf:kind "percpu_array"; ebpf:entries 128; }
    leaf packets { type uint64; ebpf:sum; }
  }
  container shape {
    ebpf:map "shapes" { ebpf:kind "array"; ebpf:entries 128; }
    leaf rate { type uint16; default 9; }
    leaf burst { type uint16; default 3; }
  }
}
"""


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    with made(tmp_path_factory.mktemp("rows"), "rows", BODY) as found:
        yield found


@pytest.fixture
async def rows(service, monkeypatch):
    monkeypatch.setitem(fakes.SERVICES, "rows", service)
    polycube = fakes.daemon()
    await polycube.start()
    ports = [{"name": "p1"}, {"name": "p2"}]
    rule = [{"name": "a", "id": 1, "rare": {"high": 9}}, {"name": "b", "id": 1}]
    body = {"rule": rule, "per": [{"port": "p2", "shape": {"rate": 5}}]}
    yield Session(polycube, await create(polycube, "rows", "r", ports=ports, **body))
    await polycube.close()
    assert fakes.left(polycube.kernel) == []


def key(name: str, number: int = 1) -> bytes:
    return struct.pack("=8sHxx", name.encode(), number)


async def test_each_entry_has_a_row_from_the_start(rows):
    assert set(rows.raw("stats")) == set(rows.raw("rare")) == {key("a"), key("b")}
    assert rows.raw("logs") == {}
    assert rows.raw("rare")[key("a")] == struct.pack("=BBBxI", 1, 4, 9, 0)
    assert await rows.read("rule/{n}/{i}", "b", "1") == {
        "name": "b",
        "id": 1,
        "act": 1,
        "stats": {"packets": 0, "bytes": 0},
        "rare": {"low": 4, "seen": 0},
    }


async def test_what_cpus_count_is_summed_and_stays(rows):
    table = rows.cube.tables["stats"]
    cpus = table.map.value_size // 16
    table.map.update(key("a"), struct.pack("=QQ", 3, 100) * cpus)
    await rows.do("update", "rule/{n}/{i}", "a", "1", value={"act": 7, "rare": {"low": 1}})
    (found,) = [one for one in await rows.read("rule") if one["name"] == "a"]
    assert found["stats"] == {"packets": 3 * cpus, "bytes": 100 * cpus}
    assert found["rare"] == {"low": 1, "high": 9, "seen": 0}
    assert await rows.read("rule/{n}/{i}/stats/packets", "a", "1") == 3 * cpus


async def test_a_row_changes_by_itself(rows):
    records = await rows.do("update", "rule/{n}/{i}/rare", "b", "1", value={"high": 3})
    assert [(one.path, one.new) for one in records] == [("/rows/r/rule/b/1/rare/high", 3)]
    await rows.do("replace", "rule/{n}/{i}/rare", "b", "1", value={})
    assert await rows.read("rule/{n}/{i}/rare", "b", "1", config=True) == {"low": 4}
    with pytest.raises(DataMissing):
        await rows.do("update", "rule/{n}/{i}/rare", "z", "1", value={"high": 3})


async def test_a_presence_container_of_an_entry_is_there_or_not(rows):
    await rows.do("update", "rule/{n}/{i}/log", "a", "1", value={})
    assert rows.raw("logs") == {key("a"): b"\2"}
    assert (await rows.read("rule/{n}/{i}", "a", "1"))["log"] == {"level": 2}
    await rows.do("delete", "rule/{n}/{i}/log", "a", "1")
    assert rows.raw("logs") == {}


async def test_a_case_in_an_entry_takes_the_row_away(rows):
    await rows.do("update", "rule/{n}/{i}", "a", "1", value={"near": {"hops": 5}})
    await rows.do("update", "rule/{n}/{i}", "a", "1", value={"far": 2})
    found = await rows.read("rule/{n}/{i}", "a", "1", config=True)
    assert (found["far"], "near" in found) == (2, False)
    assert key("a") not in rows.raw("nears") or not any(rows.raw("nears")[key("a")])


async def test_rows_go_with_their_entries(rows):
    await rows.do("update", "rule/{n}/{i}/log", "a", "1", value={})
    await rows.do("delete", "rule/{n}/{i}", "a", "1")
    for name in ("stats", "rare"):
        assert set(rows.raw(name)) == {key("b")}
    assert rows.raw("logs") == {}


async def test_rows_of_ports_are_an_array(rows):
    assert await rows.read("per") == [
        {"port": "p2", "stats": {"packets": 0}, "shape": {"rate": 5, "burst": 3}}
    ]
    assert rows.raw("shapes")[struct.pack("=I", 1)] == struct.pack("=HH", 5, 3)
    assert [one[0] for one in rows.cube.control.told] == ["add_per"]
    await rows.do("update", "per/{p}/shape/burst", "p2", value=8)
    assert rows.raw("shapes")[struct.pack("=I", 1)] == struct.pack("=HH", 5, 8)
    await rows.do("delete", "per/{p}", "p2")
    assert set(rows.raw("shapes").values()) == {struct.pack("=HH", 9, 3)}


async def test_what_a_control_plane_writes_itself_is_noted_where_it_is(rows):
    seen = []
    rows.polycube.observers.append(lambda one: seen.extend(one.records))
    row = {"rule/name": "b", "rule/id": 1, "low": 6}
    rows.cube.tables["rare"].put(row)
    await rows.polycube.commits.flush()
    assert [(one.path, one.old, one.new) for one in seen] == [("/rows/r/rule/b/1/rare/low", 4, 6)]


async def test_every_step_that_fails_leaves_all_as_it_was(rows):
    async def replace():
        rule = [{"name": "c", "id": 1, "log": {}}, {"name": "a", "id": 1}]
        ports = [{"name": "p1"}, {"name": "p2"}]
        per = [{"port": "p1", "shape": {"rate": 1}}]
        await rows.do("replace", value={"ports": ports, "rule": rule, "per": per})

    asked = await fails_at_every_step(rows.polycube, replace)
    assert {"write stats", "write rare", "write logs", "write shapes"} <= set(asked)


async def test_ten_thousand_entries_are_one_write_of_each_map(rows, monkeypatch):
    writes, real = [], MemoryMap.update_many

    def update_many(self, items):
        if items:
            writes.append((self.spec.name, len(items)))
        real(self, items)

    monkeypatch.setattr(MemoryMap, "update_many", update_many)
    value = [{"name": "x", "id": number} for number in range(10_000)]
    await rows.do("update", "rule", value=value)
    counts = {name: [size for one, size in writes if one == name] for name in ("stats", "rules")}
    assert counts == {"stats": [10_000], "rules": [10_000]}
    assert sum(size for name, size in writes if name == "rare") == 10_000
    assert len(await rows.read("rule")) == 10_002


@pytest.mark.usefixtures("service")
def test_clang_lays_rows_out_as_the_codec_does(tmp_path):
    module = importlib.import_module("made_rows.rows")
    btf = compiled(Path(module.__file__).with_name("maps.h"), tmp_path)
    for map_ in module.MAPS:
        agree(map_, btf)
