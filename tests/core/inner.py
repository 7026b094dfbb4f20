"""A service with lists of which each entry around them has a map of its own."""

import importlib
import sys

import pytest

from polycube_generator import emit, publish, schema
from tests import fakes
from tests.core.sessions import Session
from tests.fakes import create
from tests.generator.conftest import FRAME

BODY = """
list zone {
  key name;
  ebpf:map "zones" { ebpf:entries 16; }
  leaf name { type string { length "1..7"; } }
  leaf limit { type uint32; default 0; }
  list member {
    key network;
    ebpf:map "members" {
      ebpf:kind lpm_trie; ebpf:entries 8;
      ebpf:outer "zone_members" { ebpf:entries 4; }
    }
    leaf network { type inet:ipv4-prefix; }
    leaf mark { type uint8; default 3; }
    leaf hits { type uint64; config false; }
    list tag {
      key id;
      ebpf:map "tags" { ebpf:entries 4; ebpf:outer "member_tags" { ebpf:entries 16; } }
      leaf id { type uint8; }
      leaf value { type uint8; default 0; }
    }
  }
}
list group {
  key id;
  leaf id { type uint8 { range "0..3"; } }
  list slot {
    key index;
    ebpf:map "slots" {
      ebpf:kind array; ebpf:entries 4;
      ebpf:outer "group_slots" { ebpf:kind array_of_maps; ebpf:entries 4; }
    }
    leaf index { type uint8 { range "0..3"; } }
    leaf weight { type uint16; default 7; }
  }
  list seen {
    key address;
    ebpf:map "seen" {
      ebpf:kind lru_hash; ebpf:entries 4; ebpf:outer "group_seen" { ebpf:entries 4; }
    }
    leaf address { type inet:ipv4-address; }
    leaf mark { type uint8; default 0; }
  }
}
augment "/ports" {
  list class {
    key id;
    ebpf:map "classes" {
      ebpf:kind array; ebpf:entries 3;
      ebpf:outer "port_classes" { ebpf:kind array_of_maps; ebpf:entries 128; }
    }
    leaf id { type uint8 { range "0..2"; } }
    leaf rate { type uint32; default 1000; }
  }
}
list policy {
  key address;
  ebpf:map "policy" { ebpf:entries 1024; ebpf:outer "policies"; }
  leaf address { type inet:ipv4-address; }
  leaf out { type leafref { path "/ports/name"; } }
}
"""
DMZ = {"name": "dmz", "member": [{"network": "10.0.0.0/8"}, {"network": "10.1.0.0/16", "mark": 4}]}
LAN = {"name": "lan", "member": [{"network": "10.1.0.0/16", "tag": [{"id": 1}, {"id": 2}]}]}
GROUP = {"id": 2, "slot": [{"index": 1, "weight": 9}], "seen": [{"address": "10.0.0.1"}]}
POLICY = [{"address": f"10.0.0.{n}", "out": "p1"} for n in (1, 2)]
TABLES = ("zones", "members", "tags", "slots", "seen", "policy", "classes")
OUTERS = ("zone_members", "member_tags", "group_slots", "group_seen", "policies", "port_classes")


def made(folder, name, body):
    folder.mkdir()
    filled = {"name": "inner", "service": "inner", "kind": "standard", "uses": ";"}
    (folder / "inner.yang").write_text(FRAME.format(body=body, **filled))
    models = [one for one in schema.load(folder) if one.name == "inner"]
    publish.write(folder / name, emit.render(models))
    sys.path.insert(0, str(folder))
    try:
        base = importlib.import_module(f"{name}.inner").InnerBase
    finally:
        sys.path.remove(str(folder))
    return type("Inner", (fakes.Told, type("_Inner", (base,), fakes._told(base))), {})


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    return made(tmp_path_factory.mktemp("inner") / "yang", "made_inner", BODY)


class Cube(Session):
    """A session with a cube that has maps in maps."""

    @property
    def kernel(self):
        return self.polycube.kernel

    def outer(self, name):
        return dict(self.cube.dataplane.maps[name].items())

    def numbers(self, name):
        """Return the kernel's number of each inner map, by its key."""
        return {key: int.from_bytes(raw, "little") for key, raw in self.outer(name).items()}

    async def whole(self):
        tree = self.polycube.tree(self.cube)
        return await tree.read(tree.root)

    def pinned(self):
        return {int(path.rpartition("/")[2]) for path in self.kernel.pins if "/inner/" in path}

    def used(self):
        return {number for name in OUTERS for number in self.numbers(name).values()}


@pytest.fixture
async def inner(service, monkeypatch):
    monkeypatch.setitem(fakes.SERVICES, "inner", service)
    polycube = fakes.daemon()
    await polycube.start()
    ports = [{"name": "p1"}, {"name": "p2"}]
    whole = {"zone": [DMZ, LAN], "group": [GROUP], "policy": POLICY}
    found = Cube(polycube, await create(polycube, "inner", "n", ports=ports, **whole))
    yield found
    assert found.pinned() == found.used()
    await polycube.close()
    assert fakes.left(polycube.kernel) == []


def name(text):
    return text.encode().ljust(8, b"\0")


def ordered(value):
    if isinstance(value, dict):
        return {name: ordered(one) for name, one in value.items()}
    if isinstance(value, list):
        return sorted(map(ordered, value), key=str)
    return value
