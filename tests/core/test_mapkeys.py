"""Lists in lists that share a trie, or an array, with the keys around them in its key."""

import importlib
import struct
from copy import deepcopy
from pathlib import Path

import pytest

from polycube_runtime.core.durable.journal import Journal
from polycube_runtime.core.durable.migration import as_json, carry, from_json
from polycube_runtime.support.errors import DataExists, DataMissing, InvalidValue, NotFound
from polycube_runtime.support.mapkeys import GridKey
from tests import fakes
from tests.core.sessions import Session, made
from tests.core.test_adoption import successor
from tests.fakes import MapKind, MapSpec, create, fails_at_every_step
from tests.support.test_btf import agree, compiled

pytestmark = pytest.mark.anyio
BODY = """
list vrf {
  key "name id";
  ebpf:map "vrfs" { ebpf:entries 16; }
  leaf name { type string { length "1..4"; } }
  leaf id { type uint16; }
  leaf limit { type uint32; default 0; }
  list route {
    key network;
    ebpf:map "routes" { ebpf:kind "lpm_trie"; ebpf:entries 20000; }
    leaf network { type inet:ipv4-prefix; }
    leaf out { type leafref { path "/ports/name"; } mandatory true; }
  }
  list route6 {
    key network;
    ebpf:map "routes6" { ebpf:kind "lpm_trie"; ebpf:entries 64; }
    leaf network { type inet:ipv6-prefix; }
    leaf out { type leafref { path "/ports/name"; } mandatory true; }
  }
  leaf-list local {
    type inet:ipv6-prefix;
    ebpf:map "locals" { ebpf:kind "lpm_trie"; ebpf:entries 64; }
  }
}
list queue {
  key port;
  ebpf:map "queues" { ebpf:kind "array"; ebpf:entries 128; ebpf:presence "used"; }
  leaf port { type leafref { path "/ports/name"; } }
  leaf rate { type uint32; default 1; }
  list class {
    key id;
    ebpf:map "classes" { ebpf:kind "array"; ebpf:entries 512; }
    leaf id { type uint8 { range "0..3"; } }
    leaf weight { type uint16; default 7; }
    leaf packets { type uint64; config false; }
  }
  list slot {
    key id;
    ebpf:map "slots" { ebpf:kind "array"; ebpf:entries 1024; ebpf:presence "used"; }
    leaf id { type uint8 { range "0..7"; } }
    leaf mark { type uint8; default 0; }
  }
}
list stage {
  key id;
  leaf id { type uint8 { range "0..3"; } }
  leaf note { type string; }
  container steps {
    leaf-list open {
      type uint8 { range "0..15"; }
      ebpf:map "opens" { ebpf:kind "array"; ebpf:entries 64; }
    }
  }
}
"""
VRF = {
    "name": "a",
    "id": 7,
    "limit": 5,
    "route": [
        {"network": "0.0.0.0/0", "out": "p1"},
        {"network": "10.1.0.0/16", "out": "p2"},
    ],
    "route6": [{"network": "fd00::/16", "out": "p1"}],
    "local": ["fe80::/10"],
}
DEFAULT = [{"id": n, "weight": 7, "packets": 0} for n in range(4)]


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    with made(tmp_path_factory.mktemp("shared"), "shared", BODY) as found:
        yield found


@pytest.fixture
async def shared(service, monkeypatch):
    monkeypatch.setitem(fakes.SERVICES, "shared", service)
    polycube = fakes.daemon()
    await polycube.start()
    ports = [{"name": "p1"}, {"name": "p2"}]
    other = {"name": "b", "id": 7, "route": [{"network": "10.1.0.0/16", "out": "p1"}]}
    vrf = deepcopy([VRF, other])
    yield Session(polycube, await create(polycube, "shared", "s", ports=ports, vrf=vrf))
    await polycube.close()
    assert fakes.left(polycube.kernel) == []


# Tries


def key(vrf: str, length: int, *address: int) -> bytes:
    return struct.pack("=I5sxH4B", 64 + length, vrf.encode(), 7, *address)


async def test_the_keys_around_are_the_first_bits_of_a_trie(shared):
    assert set(shared.raw("routes")) == {
        key("a", 0, 0, 0, 0, 0),
        key("a", 16, 10, 1, 0, 0),
        key("b", 16, 10, 1, 0, 0),
    }
    (key6,) = shared.raw("routes6")
    assert key6 == struct.pack("=I5sxH2s14x", 64 + 16, b"a", 7, b"\xfd\0")
    assert set(shared.raw("locals").values()) == {b"\1"}


async def test_a_trie_is_read_in_the_entries_that_it_belongs_to(shared):
    assert await shared.read("vrf/{n}/{i}", "a", "7") == VRF
    routes = await shared.read("vrf/{n}/{i}/route", "b", "7")
    assert routes == [{"network": "10.1.0.0/16", "out": "p1"}]


async def test_one_entry_of_a_trie_is_made_changed_and_removed(shared):
    path, where = "vrf/{n}/{i}/route/{p}", ("b", "7", "10.2.3.4/15")
    await shared.do("create", path, *where, value={"out": "p2"})
    assert key("b", 15, 10, 2, 0, 0) in shared.raw("routes")
    with pytest.raises(DataExists):
        await shared.do("create", path, "b", "7", "10.2.0.0/15", value={"out": "p2"})
    await shared.do("update", path, *where, value={"out": "p1"})
    assert await shared.read(f"{path}/out", *where) == "p1"
    await shared.do("delete", path, *where)
    with pytest.raises(NotFound):
        await shared.read(path, *where)
    with pytest.raises(DataMissing):
        await shared.do("create", path, "z", "7", "10.0.0.0/8", value={"out": "p2"})


async def test_prefixes_are_without_host_bits_in_entries_of_whole_documents(shared):
    value = [{"name": "c", "id": 1, "route": [{"network": "10.9.9.9/8", "out": "p1"}]}]
    await shared.do("update", "vrf", value=value)
    assert (await shared.read("vrf/{n}/{i}/route", "c", "1"))[0]["network"] == "10.0.0.0/8"
    value[0]["route"].append({"network": "10.0.0.1/8", "out": "p2"})
    with pytest.raises(InvalidValue, match="host bits") as refused:
        await shared.do("replace", "vrf", value=value)
    assert refused.value.path == "/shared/s/vrf/c/1/route/10.0.0.0%2F8"


async def test_an_outer_entry_takes_its_part_of_a_trie_along(shared):
    await shared.do("delete", "vrf/{n}/{i}", "a", "7")
    assert set(shared.raw("routes")) == {key("b", 16, 10, 1, 0, 0)}
    assert shared.raw("routes6") == shared.raw("locals") == {}


async def test_entries_of_a_trie_go_with_the_port_that_they_name(shared):
    await shared.do("delete", "ports/{p}", "p1")
    assert set(shared.raw("routes")) == {key("a", 16, 10, 1, 0, 0)}


# Arrays


async def test_an_array_has_a_row_for_each_index_around(shared):
    await shared.do("create", "queue/{p}", "p2", value={"class": [{"id": 2, "weight": 9}]})
    found = await shared.read("queue/{p}", "p2")
    assert found["class"] == [*DEFAULT[:2], {"id": 2, "weight": 9, "packets": 0}, DEFAULT[3]]
    raw = shared.raw("classes")
    assert len(raw) == 512
    assert raw[struct.pack("=I", 1 * 4 + 2)] == struct.pack("=H6xQ", 9, 0)
    assert found["slot"] == []


async def test_an_index_is_written_and_goes_back_to_its_defaults(shared):
    await shared.do("create", "queue/{p}", "p1", value={})
    path = "queue/{p}/class/{c}"
    await shared.do("update", f"{path}/weight", "p1", "3", value=1)
    assert (await shared.read(path, "p1", "3"))["weight"] == 1
    await shared.do("delete", path, "p1", "3")
    assert await shared.read("queue/{p}/class", "p1") == DEFAULT
    with pytest.raises(DataMissing):
        await shared.do("update", f"{path}/weight", "p2", "3", value=1)


async def test_an_array_with_holes_has_the_entries_that_were_made(shared):
    await shared.do("create", "queue/{p}", "p2", value={"slot": [{"id": 5, "mark": 3}]})
    await shared.do("create", "queue/{p}/slot/{s}", "p2", "0", value={})
    slots = await shared.read("queue/{p}/slot", "p2")
    assert slots == [{"id": 0, "mark": 0}, {"id": 5, "mark": 3}]
    filled = {at: raw for at, raw in enumerate(shared.raw("slots").values()) if any(raw)}
    assert filled == {8: b"\1\0", 13: b"\1\3"}
    await shared.do("delete", "queue/{p}/slot/{s}", "p2", "5")
    assert await shared.read("queue/{p}/slot", "p2") == [{"id": 0, "mark": 0}]


async def test_an_outer_entry_takes_its_row_along(shared):
    before = shared.raw("classes"), shared.raw("slots")
    value = {"class": [{"id": 2, "weight": 9}], "slot": [{"id": 5}]}
    for gone in (("queue/{p}", "p2"), ("ports/{p}", "p2")):
        await shared.do("create", "queue/{p}", "p2", value=value)
        await shared.do("delete", *gone)
        assert (shared.raw("classes"), shared.raw("slots")) == before


async def test_a_set_of_indices_in_a_list_that_the_control_plane_keeps(shared):
    await shared.do("create", "stage/{i}", "2", value={"note": "x", "steps": {"open": [3, 15]}})
    ones = {at for at, raw in enumerate(shared.raw("opens").values()) if raw == b"\1"}
    assert ones == {2 * 16 + 3, 2 * 16 + 15}
    assert (await shared.read("stage/{i}", "2"))["steps"] == {"open": [3, 15]}
    await shared.do("delete", "stage/{i}", "2")
    assert set(shared.raw("opens").values()) == {b"\0"}


# Both


async def test_every_step_that_fails_leaves_all_as_it_was(shared):
    async def replace():
        queue = [{"port": "p2", "class": [{"id": 2, "weight": 9}], "slot": [{"id": 5}]}]
        vrf = [{"name": "c", "id": 1, "route": [{"network": "10.0.0.0/8", "out": "p1"}]}]
        ports = [{"name": "p1"}, {"name": "p2"}]
        await shared.do("replace", value={"ports": ports, "queue": queue, "vrf": vrf})

    asked = await fails_at_every_step(shared.polycube, replace)
    assert {"write routes", "write classes", "write slots"} <= set(asked)


async def test_a_restart_finds_what_was_configured(service, monkeypatch, tmp_path):
    monkeypatch.setitem(fakes.SERVICES, "shared", service)
    old = fakes.daemon()
    old.commits.journal = Journal(tmp_path / "pcn.db")
    queue = [{"port": "p2", "class": [{"id": 2, "weight": 9}], "slot": [{"id": 5}]}]
    body = {"ports": [{"name": "p1"}, {"name": "p2"}], "vrf": [deepcopy(VRF)], "queue": queue}
    session = Session(old, await create(old, "shared", "s", **body))
    await session.do("create", "vrf/{n}/{i}/route/{p}", "a", "7", "9.0.0.0/8", value={"out": "p1"})
    names = [layout.name for layout in service.SERVICE.maps]
    before = {name: session.raw(name) for name in names}
    whole = await session.read()
    new = await successor(old, tmp_path / "pcn.db", fakes.SERVICES)
    again = Session(new, new.cube("s"))
    assert {name: again.raw(name) for name in before} == before
    assert await again.read() == whole
    await new.close()
    new.commits.journal = None


def filled(layout, entries):
    spec = MapSpec(layout.name, MapKind[layout.kind.upper()], 4, layout.value.size, layout.entries)
    map_ = fakes.MemoryMap(spec, lambda _what: None)
    map_.update_many([(layout.pack_key(one), layout.pack_value(one)) for one in entries])
    return map_


def test_a_wider_row_is_carried_over(service):
    (old,) = (one for one in service.SERVICE.maps if one.name == "opens")
    assert from_json(as_json(old)).key == old.key.__class__(
        "key", old.key.size, old.key.format, from_json(as_json(old)).key.fields, counts=(4, 16)
    )
    wide = GridKey("index", 4, "=I", old.key.fields, counts=(4, 10))
    new = old.__class__(old.name, old.kind, 40, wide, old.value, present=old.present)
    entries = [{"stage/id": 3, "open": 9}, {"stage/id": 2, "open": 12}]
    before, after = filled(old, entries), filled(new, [])
    assert carry(from_json(as_json(old)), before, new, after, {}) == (1, 1)
    assert new.unpack_entries(after.items()) == [{"stage/id": 3, "open": 9}]


def test_a_trie_whose_keys_around_are_others_is_carried_over(service):
    (old,) = (one for one in service.SERVICE.maps if one.name == "locals")
    stored = from_json(as_json(old))
    assert stored.key.fields[-1].offset == old.key.fields[-1].offset
    entry = {"vrf/name": "a", "vrf/id": 7, "local": "fd00::/9"}
    assert stored.unpack_entries([(old.pack_key(entry), b"\1")]) == [entry]


@pytest.mark.usefixtures("service")
def test_clang_lays_the_keys_out_as_the_codec_does(tmp_path):
    module = importlib.import_module("made_shared.shared")
    btf = compiled(Path(module.__file__).with_name("maps.h"), tmp_path)
    for map_ in module.MAPS:
        agree(map_, btf)
