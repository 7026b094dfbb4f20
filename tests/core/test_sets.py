"""Sets: lists of keys only, and leaf-lists with maps of their own."""

import importlib
import struct
from pathlib import Path

import pytest

from polycube_runtime.bpf.memory import MemoryMap
from polycube_runtime.core.durable.journal import Journal
from polycube_runtime.support.errors import DataExists, InvalidValue, NotFound
from tests import fakes
from tests.core.sessions import Session, made
from tests.core.test_adoption import successor
from tests.fakes import create, fails_at_every_step
from tests.support.test_btf import agree, compiled

pytestmark = pytest.mark.anyio
BODY = """
list blocked {
  key "address port";
  ebpf:map "blocked" { ebpf:entries 20000; }
  leaf address { type inet:ipv4-address; }
  leaf port { type uint16; }
  leaf note { type string; ebpf:none; }
}
list open {
  key id;
  ebpf:map "open" { ebpf:kind "array"; ebpf:entries 256; }
  leaf id { type uint8; }
}
list net {
  key prefix;
  ebpf:map "nets" { ebpf:kind "lpm_trie"; ebpf:entries 64; }
  leaf prefix { type inet:ipv4-prefix; }
}
leaf-list vlan {
  type uint16;
  default 5;
  default 7;
  ebpf:map "vlans" { ebpf:entries 20000; }
}
leaf-list trusted {
  type inet:ipv6-prefix;
  ebpf:map "trusted" { ebpf:kind "lpm_trie"; ebpf:entries 64; }
}
leaf-list server {
  type inet:ipv4-address;
  max-elements 4;
  ordered-by user;
  default "10.0.0.1";
  ebpf:map "servers";
}
leaf-list backup {
  type leafref { path "/ports/name"; }
  max-elements 2;
  ordered-by user;
  ebpf:map "backups";
}
leaf-list seen {
  type inet:ip-address;
  config false;
  ebpf:map "seen" { ebpf:kind "lru_hash"; ebpf:entries 64; }
}
list acl {
  key name;
  ebpf:map "acls" { ebpf:entries 64; }
  leaf name { type string { length "1..7"; } }
  leaf weight { type uint8; default 0; }
  leaf-list out {
    type leafref { path "/ports/name"; }
    ebpf:map "acl_outs" { ebpf:entries 64; }
  }
}
list group {
  key id;
  leaf id { type uint8; }
  leaf note { type string; }
  leaf-list mac {
    type yang:mac-address;
    ebpf:map "group_macs" { ebpf:entries 20000; }
  }
}
"""
BLOCKED = {"address": "10.0.0.1", "port": 80}


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    with made(tmp_path_factory.mktemp("sets"), "sets", BODY) as found:
        yield found


@pytest.fixture
async def sets(service, monkeypatch):
    monkeypatch.setitem(fakes.SERVICES, "sets", service)
    polycube = fakes.daemon()
    await polycube.start()
    ports = [{"name": "p1"}, {"name": "p2"}]
    acl = [{"name": "a", "out": ["p2", "p1"]}]
    yield Session(polycube, await create(polycube, "sets", "s", ports=ports, acl=acl))
    await polycube.close()
    assert fakes.left(polycube.kernel) == []


async def test_what_is_in_a_set_is_a_key_with_a_one(sets):
    await sets.do("create", "blocked/{a}/{p}", "10.0.0.1", "80", value={})
    await sets.do("create", "open/{i}", "3", value={})
    await sets.do("create", "net/{p}", "10.1.2.3/16", value={})
    assert sets.raw("blocked") == {struct.pack("=4BHxx", 10, 0, 0, 1, 80): b"\1"}
    assert [n for n, one in enumerate(sets.raw("open").values()) if one == b"\1"] == [3]
    assert sets.raw("nets") == {struct.pack("=I4B", 16, 10, 1, 0, 0): b"\1"}
    assert await sets.read("blocked") == [BLOCKED]
    assert await sets.read("open") == [{"id": 3}]
    assert await sets.read("net/{p}", "10.1.9.9/16") == {"prefix": "10.1.0.0/16"}


async def test_entries_of_a_set_come_and_go(sets):
    await sets.do("update", "open", value=[{"id": 1}, {"id": 2}])
    with pytest.raises(DataExists):
        await sets.do("create", "open/{i}", "1", value={})
    await sets.do("delete", "open/{i}", "1")
    with pytest.raises(NotFound):
        await sets.read("open/{i}", "1")
    records = await sets.do("replace", "open", value=[{"id": 2}, {"id": 9}])
    assert [(one.op, one.path) for one in records] == [("create", "/sets/s/open/9")]
    await sets.do("delete", "open")
    assert await sets.read("open") == []
    assert set(sets.raw("open").values()) == {b"\0"}


async def test_a_set_may_have_leaves_that_no_map_holds(sets):
    path = ("blocked/{a}/{p}", "10.0.0.1", "80")
    await sets.do("create", *path, value={"note": "spam"})
    assert sets.cube.control.told[-1] == ("set_blocked_note", "10.0.0.1", 80, "spam")
    assert await sets.read(*path) == {**BLOCKED, "note": "spam"}


def values(session):
    (raw,) = session.raw("servers").values()
    count, *bytes_ = struct.unpack("=I16B", raw)
    return count, [bytes_[at] * 1000 + bytes_[at + 3] for at in range(0, 16, 4)]


async def test_a_leaf_list_that_the_user_orders_is_an_array_with_its_count(sets):
    assert values(sets) == (1, [10_001, 0, 0, 0])
    assert await sets.read("server") == ["10.0.0.1"]
    records = await sets.do("replace", "server", value=["10.0.0.9", "10.0.0.2", "10.0.0.1"])
    assert values(sets) == (3, [10_009, 10_002, 10_001, 0])
    assert [(one.path, one.old) for one in records] == [("/sets/s/server", ["10.0.0.1"])]
    await sets.do("update", "server", value=["10.0.0.1", "10.0.0.9"])
    assert await sets.read("server") == ["10.0.0.1", "10.0.0.9"]
    await sets.do("replace", "server", value=[])
    assert await sets.read("server") == ["10.0.0.1"], "without values it has its default"


async def test_an_ordered_leaf_list_loses_the_port_that_goes(sets):
    await sets.do("replace", "backup", value=["p2", "p1"])
    await sets.do("delete", "ports/{p}", "p2")
    assert await sets.read("backup") == ["p1"]
    await sets.do("replace", "backup", value=[])
    with pytest.raises(NotFound, match="nothing here"):
        await sets.read("backup")


def keys(session, name, layout):
    return {struct.unpack(layout, key) for key in session.raw(name)}


async def test_the_values_of_a_leaf_list_are_keys(sets):
    assert keys(sets, "vlans", "=Hxx") == {(5,), (7,)}
    assert await sets.read("vlan") == [5, 7]
    records = await sets.do("replace", "vlan", value=[9, 7])
    assert [(one.op, one.path, one.old, one.new) for one in records] == [
        ("replace", "/sets/s/vlan", [5, 7], [9, 7])
    ]
    assert await sets.read("vlan") == [7, 9]
    assert set(sets.raw("vlans").values()) == {b"\1"}


async def test_a_leaf_list_without_values_has_its_defaults(sets):
    await sets.do("update", "vlan", value=[9])
    await sets.do("replace", "vlan", value=[])
    assert await sets.read("vlan") == [5, 7]
    assert await sets.do("update", "vlan", value=[]) == []
    with pytest.raises(NotFound, match="nothing here"):
        await sets.read("trusted")


async def test_prefixes_in_a_leaf_list_are_without_host_bits(sets):
    await sets.do("update", "trusted", value=["fd00::1/64", "fd01::/16"])
    assert await sets.read("trusted") == ["fd00::/64", "fd01::/16"]
    with pytest.raises(InvalidValue, match="host bits"):
        await sets.do("replace", value={"trusted": ["fd00::1/64", "fd00::2/64"]})


async def test_what_the_data_plane_learns_is_a_leaf_list(sets):
    mapped = bytes(10) + b"\xff\xff" + bytes([10, 0, 0, 1])
    sets.cube.tables["seen"].map.update(mapped, b"\1")
    assert await sets.read("seen") == ["10.0.0.1"]
    assert "seen" not in await sets.read(config=True)


async def test_a_leaf_list_in_an_entry_is_a_set_of_its_own(sets):
    assert await sets.read("acl/{n}", "a") == {"name": "a", "weight": 0, "out": ["p1", "p2"]}
    await sets.do("create", "acl/{n}", "b", value={"out": ["p2"]})
    assert keys(sets, "acl_outs", "=8sI") == {
        (b"a".ljust(8, b"\0"), 0),
        (b"a".ljust(8, b"\0"), 1),
        (b"b".ljust(8, b"\0"), 1),
    }
    records = await sets.do("update", "acl", value=[{"name": "b", "out": ["p1"]}])
    assert [(one.path, one.old, one.new) for one in records] == [
        ("/sets/s/acl/b/out", ["p2"], ["p1"])
    ]
    await sets.do("delete", "acl/{n}", "a")
    assert keys(sets, "acl_outs", "=8sI") == {(b"b".ljust(8, b"\0"), 0)}


async def test_a_value_goes_with_the_port_that_it_names(sets):
    records = await sets.do("delete", "ports/{p}", "p1")
    assert ("/sets/s/acl/a/out", ["p1", "p2"], ["p2"]) in [
        (one.path, one.old, one.new) for one in records
    ]
    assert (await sets.read("acl"))[0]["out"] == ["p2"]


async def test_a_port_that_is_not_there_is_refused_where_it_is_named(sets):
    with pytest.raises(InvalidValue, match="p9") as refused:
        await sets.do("update", "acl/{n}/out", "a", value=["p1", "p9"])
    assert refused.value.path == "/sets/s/acl/a/out"
    whole = {"ports": [{"name": "p1"}], "acl": [{"name": "a", "out": ["p2"]}]}
    with pytest.raises(InvalidValue, match="p2") as refused:
        await sets.do("replace", value=whole)
    assert refused.value.path == "/sets/s/acl/a/out"


async def test_a_control_plane_is_told_of_an_entry_without_its_sets(sets):
    told = sets.cube.control.told
    await sets.do("create", "group/{i}", "4", value={"note": "x", "mac": ["02:00:00:00:00:01"]})
    assert [one[0] for one in told] == ["add_group"]
    assert not isinstance(told[-1][-1].mac, list)
    await sets.do("update", "group/{i}/mac", "4", value=["02:00:00:00:00:02"])
    await sets.do("update", "group/{i}", "4", value={"mac": ["02:00:00:00:00:03"]})
    assert len(told) == 1
    assert await sets.read("group") == [{"id": 4, "note": "x", "mac": ["02:00:00:00:00:03"]}]
    await sets.do("delete", "group/{i}", "4")
    assert sets.raw("group_macs") == {}


async def test_what_a_control_plane_writes_itself_is_noted(sets):
    seen = []
    sets.polycube.observers.append(lambda one: seen.extend(one.records))
    table = sets.cube.tables["acl_outs"]
    table.remove({"acl/name": "a", "out": "p1"})
    sets.cube.tables["vlans"].put_many([{"vlan": 1}, {"vlan": 5}])
    await sets.polycube.commits.flush()
    assert [(one.path, one.old, one.new) for one in seen] == [
        ("/sets/s/acl/a/out", ["p1", "p2"], ["p2"]),
        ("/sets/s/vlan", [5, 7], [1, 5, 7]),
    ]
    assert sets.cube.value("vlan") == [1, 5, 7]


async def test_every_step_that_fails_leaves_all_as_it_was(sets):
    async def replace():
        ports = [{"name": "p1"}, {"name": "p2"}]
        acl = [{"name": "c", "out": ["p1"]}]
        whole = {"ports": ports, "acl": acl, "vlan": [1, 7], "blocked": [BLOCKED]}
        await sets.do("replace", value={**whole, "open": [{"id": 1}]})

    asked = await fails_at_every_step(sets.polycube, replace)
    assert {"write vlans", "write blocked", "write open", "write acl_outs"} <= set(asked)


async def test_ten_thousand_values_are_one_write_and_one_more_is_one_entry(sets, monkeypatch):
    writes, real = [], MemoryMap.update_many

    def update_many(self, items):
        if items:
            writes.append((self.spec.name, len(items)))
        real(self, items)

    monkeypatch.setattr(MemoryMap, "update_many", update_many)
    await sets.do("update", "vlan", value=list(range(10_000)))
    await sets.do("update", "vlan", value=list(range(10_001)))
    group = [
        {"id": n, "mac": [f"02:00:00:00:{n:02x}:{i:02x}" for i in range(50)]} for n in range(9)
    ]
    await sets.do("update", "group", value=group)
    assert writes[:2] == [("vlans", 9_998), ("vlans", 1)]
    assert [one for one in writes if one[0] == "group_macs"] == [("group_macs", 450)]


async def test_a_restart_finds_what_was_configured(service, monkeypatch, tmp_path):
    monkeypatch.setitem(fakes.SERVICES, "sets", service)
    old = fakes.daemon()
    old.commits.journal = Journal(tmp_path / "pcn.db")
    body = {
        "blocked": [BLOCKED],
        "open": [{"id": 3}],
        "vlan": [9],
        "server": ["10.0.0.7", "10.0.0.3"],
        "acl": [{"name": "a", "out": ["p1"]}],
        "group": [{"id": 1, "mac": ["02:00:00:00:00:01"]}],
    }
    session = Session(old, await create(old, "sets", "s", ports=[{"name": "p1"}], **body))
    await session.do("update", "acl/{n}/out", "a", value=[])
    await session.do("update", "vlan", value=[9, 11])
    names = [layout.name for layout in service.SERVICE.maps]
    before = {name: session.raw(name) for name in names}
    new = await successor(old, tmp_path / "pcn.db", fakes.SERVICES)
    again = Session(new, new.cube("s"))
    assert {name: again.raw(name) for name in before} == before
    assert await again.read("vlan") == [9, 11]
    assert await again.read("group") == body["group"]
    await new.close()
    new.commits.journal = None


@pytest.mark.usefixtures("service")
def test_clang_lays_sets_out_as_the_codec_does(tmp_path):
    module = importlib.import_module("made_sets.sets")
    btf = compiled(Path(module.__file__).with_name("maps.h"), tmp_path)
    for map_ in module.MAPS:
        agree(map_, btf)
