"""Containers of which a map holds some, and lists in them that have maps of their own."""

import pytest

from polycube_runtime.support.errors import InvalidValue
from tests import fakes
from tests.core.sessions import Session, made
from tests.fakes import create, fails_at_every_step

pytestmark = pytest.mark.anyio
BODY = """
list peer {
  key address;
  ebpf:map "peers" { ebpf:entries 64; }
  leaf address { type inet:ipv4-address; }
  container rules {
    leaf default-action { type uint8; default 1; }
    leaf note { type string; default ""; ebpf:none; }
    list rule {
      key id;
      ebpf:map "rules" { ebpf:entries 64; }
      leaf id { type uint32; }
      container out {
        leaf mark { type uint8; }
        container via {
          presence "It goes elsewhere";
          leaf port { type leafref { path "/ports/name"; } mandatory true; }
        }
        list copy {
          key n;
          ebpf:map "copies" { ebpf:entries 64; }
          leaf n { type uint8; }
          leaf weight { type uint8; default 1; }
        }
      }
    }
  }
}
"""
RULE = {"id": 1, "out": {"mark": 3, "via": {"port": "p1"}, "copy": [{"n": 1, "weight": 1}]}}
PEER = {
    "address": "10.0.0.1",
    "rules": {"default-action": 0, "note": "x", "rule": [RULE, {"id": 2}]},
}
PATH, KEYS = "peer/{a}/rules/rule/{id}", ("10.0.0.1", "1")


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    with made(tmp_path_factory.mktemp("mixed"), "mixed", BODY) as found:
        yield found


@pytest.fixture
async def mixed(service, monkeypatch):
    monkeypatch.setitem(fakes.SERVICES, "mixed", service)
    polycube = fakes.daemon()
    await polycube.start()
    ports = [{"name": "p1"}, {"name": "p2"}]
    yield Session(polycube, await create(polycube, "mixed", "m", ports=ports, peer=[PEER]))
    await polycube.close()


async def test_what_was_written_is_read(mixed):
    (peer,) = await mixed.read("peer")
    found = sorted(peer["rules"]["rule"], key=lambda one: one["id"])
    assert found == [RULE, {"id": 2, "out": {"copy": []}}]
    del peer["rules"]["rule"]
    assert peer["rules"] == {"default-action": 0, "note": "x"}
    assert await mixed.read(f"{PATH}/out", *KEYS) == RULE["out"]


async def test_each_part_is_written_where_it_is(mixed):
    before = mixed.raw("rules")
    await mixed.do("update", "peer/{a}/rules", KEYS[0], value={"default-action": 5, "note": "y"})
    assert mixed.cube.control.told[-1][0] == "set_peer_rules_note"
    copy = {"out": {"copy": [{"n": 2}]}}
    await mixed.do("update", "peer/{a}/rules", KEYS[0], value={"rule": [{"id": 1, **copy}]})
    assert mixed.raw("rules") == before
    assert len(mixed.raw("copies")) == 2
    await mixed.do("update", f"{PATH}/out", *KEYS, value={"mark": 4, "copy": [{"n": 3}]})
    found = await mixed.read(f"{PATH}/out", *KEYS)
    assert (found["mark"], len(found["copy"]), found["via"]) == (4, 3, {"port": "p1"})
    await mixed.do("replace", f"{PATH}/out", *KEYS, value={"copy": [{"n": 9}]})
    assert await mixed.read(f"{PATH}/out", *KEYS) == {"copy": [{"n": 9, "weight": 1}]}


async def test_a_port_in_a_presence_container_takes_its_entry_along(mixed):
    assert "via" not in (await mixed.read(PATH, *KEYS[:1], "2")).get("out", {})
    await mixed.do("delete", "ports/{p}", "p1")
    assert [one["id"] for one in await mixed.read("peer/{a}/rules/rule", KEYS[0])] == [2]


async def test_a_port_that_is_not_there_is_refused_where_it_is_named(mixed):
    with pytest.raises(InvalidValue, match="p9") as refused:
        await mixed.do("update", f"{PATH}/out/via", *KEYS, value={"port": "p9"})
    assert refused.value.path.startswith("/mixed/m/peer/10.0.0.1/rules/rule/1")


async def test_every_step_that_fails_leaves_all_as_it_was(mixed):
    async def replace():
        rule = {"id": 1, "out": {"via": {"port": "p2"}, "copy": [{"n": 4}]}}
        value = {"rules": {"note": "z", "rule": [rule]}}
        await mixed.do("replace", "peer/{a}", KEYS[0], value=value)

    asked = await fails_at_every_step(mixed.polycube, replace)
    assert {"write peers", "write rules", "write copies"} <= set(asked)
