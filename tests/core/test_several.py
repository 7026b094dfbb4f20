"""Leaf-lists and unions in an entry of a map: order, types, ports that go, restarts."""

import struct

import pytest

from polycube_runtime.core.durable.journal import Journal
from polycube_runtime.core.durable.migration import as_json, from_json
from polycube_runtime.core.observed import measure
from polycube_runtime.support.errors import InvalidValue, NotFound, OperationFailed
from polycube_runtime.support.schema import Metric
from tests import fakes
from tests.core.sessions import Session, made
from tests.core.test_adoption import successor
from tests.fakes import create, fails_at_every_step

pytestmark = pytest.mark.anyio
TARGET = """type union {
  type leafref { path "/ports/name"; }
  type inet:ipv4-address;
  type uint32;
  type string { length "1..15"; }
  type empty;
}"""
BODY = f"""
list policy {{
  key name;
  ebpf:map "policies" {{ ebpf:entries 64; }}
  leaf name {{ type union {{ type uint16; type string {{ length "1..8"; }} }} }}
  leaf-list vlan {{ type uint16; max-elements 4; ordered-by user; ebpf:byte-order "network"; }}
  leaf-list rate {{ type uint8; max-elements 2; default 7; }}
  leaf-list out {{ type leafref {{ path "/ports/name"; }} max-elements 3; ordered-by user; }}
  leaf target {{ {TARGET} }}
  leaf-list to {{ {TARGET} max-elements 3; ordered-by user; }}
  container seen {{ config false; leaf-list size {{ type uint16; max-elements 4; }} }}
}}
container fallback {{
  ebpf:map "fallback";
  leaf mark {{ type uint8; default 1; }}
  leaf target {{ {TARGET} ebpf:member other; }}
  leaf-list out {{ type leafref {{ path "/ports/name"; }} max-elements 3; }}
}}
"""
ENTRY = "policy/{name}"


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    with made(tmp_path_factory.mktemp("several"), "several", BODY) as found:
        yield found


@pytest.fixture
async def several(service, monkeypatch):
    monkeypatch.setitem(fakes.SERVICES, "several", service)
    polycube = fakes.daemon()
    await polycube.start()
    ports = [{"name": "p1"}, {"name": "p2"}]
    yield Session(polycube, await create(polycube, "several", "s", ports=ports))
    await polycube.close()


def value(several, leaf: str) -> bytes:
    """Return the bytes of a leaf in the only entry of the map."""
    layout = several.cube.tables["policies"].layout
    (field,) = (one for one in layout.value.fields if one.leaf == leaf)
    (raw,) = several.raw("policies").values()
    return raw[field.offset : field.offset + field.size]


async def test_a_leaf_list_keeps_its_order(several):
    await several.do("create", ENTRY, "a", value={"vlan": [5, 1, 300]})
    assert await several.read(f"{ENTRY}/vlan", "a") == [5, 1, 300]
    assert value(several, "vlan") == struct.pack("=H", 3) + struct.pack(">4H", 5, 1, 300, 0)
    await several.do("update", f"{ENTRY}/vlan", "a", value=[2])
    assert value(several, "vlan") == struct.pack("=H", 1) + struct.pack(">4H", 2, 0, 0, 0)
    await several.do("delete", f"{ENTRY}/vlan", "a")
    with pytest.raises(NotFound):
        await several.read(f"{ENTRY}/vlan", "a")
    assert value(several, "vlan") == bytes(10)


async def test_a_leaf_list_that_is_taken_away_has_its_default_again(several):
    await several.do("create", ENTRY, "a", value={})
    assert await several.read(f"{ENTRY}/rate", "a") == [7]
    await several.do("replace", f"{ENTRY}/rate", "a", value=[1, 2])
    await several.do("delete", f"{ENTRY}/rate", "a")
    assert await several.read(f"{ENTRY}/rate", "a") == [7]


async def test_more_values_than_there_is_room_for_are_refused(several):
    await several.do("create", ENTRY, "a", value={})
    with pytest.raises(OperationFailed, match="at most 4"):
        await several.do("update", ENTRY, "a", value={"vlan": [1, 2, 3, 4, 5]})
    with pytest.raises(InvalidValue, match="there twice"):
        await several.do("update", ENTRY, "a", value={"vlan": [1, 1]})


@pytest.mark.parametrize(
    ("target", "raw"),
    [
        ("p2", struct.pack("=II12x", 1, 1)),
        ("10.0.0.1", struct.pack("=I4B12x", 2, 10, 0, 0, 1)),
        (4, struct.pack("=II12x", 3, 4)),
        ("p9", struct.pack("=I16s", 4, b"p9")),
        ([None], struct.pack("=I16x", 5)),
        (None, bytes(20)),
    ],
)
async def test_a_union_is_of_the_first_type_that_takes_the_value(several, target, raw):
    given = {} if target is None else {"target": target}
    await several.do("create", ENTRY, "a", value=given)
    assert value(several, "target") == raw
    assert (await several.read(ENTRY, "a")).get("target") == target


async def test_a_union_in_a_key_tells_a_number_from_a_text(several):
    await several.do("create", ENTRY, "5", value={"rate": [1]})
    await several.do("create", ENTRY, "x5", value={"rate": [2]})
    assert set(several.raw("policies")) == {
        struct.pack("=HH8x", 1, 5),
        struct.pack("=H10s", 2, b"x5"),
    }
    assert await several.read(f"{ENTRY}/rate", "5") == [1]
    await several.do("delete", ENTRY, "x5")
    assert [one["name"] for one in await several.read("policy")] == [5]


async def test_what_the_data_plane_writes_is_shown(several):
    await several.do("create", ENTRY, "a", value={"target": 1})
    table = several.cube.tables["policies"]
    ((key, raw),) = table.map.items()
    held = {one.leaf: one for one in table.layout.value.fields}
    changed = bytearray(raw)
    struct.pack_into("=HHH", changed, held["seen/size"].offset, 2, 60, 1500)
    struct.pack_into("=I", changed, held["target"].offset, 99)  # a type that there is not
    table.map.update(key, bytes(changed))
    found = await several.read(ENTRY, "a")
    assert (found["seen"], "target" in found) == ({"size": [60, 1500]}, False)
    await several.do("update", ENTRY, "a", value={"vlan": [1]})
    assert (await several.read(ENTRY, "a"))["seen"] == {"size": [60, 1500]}


async def test_a_port_that_goes_is_taken_out_of_leaf_lists_and_its_unions_go(several):
    await several.do("create", ENTRY, "a", value={"out": ["p2", "p1"], "to": ["p1", 3, "p2"]})
    await several.do("create", ENTRY, "b", value={"target": "p1"})
    await several.do("update", "fallback", value={"target": "p1", "out": ["p1"]})
    records = await several.do("delete", "ports/{p}", "p1")
    (left,) = await several.read("policy")
    assert (left["name"], left["out"], left["to"]) == ("a", ["p2"], [3, "p2"])
    assert await several.read("fallback") == {"mark": 1}
    assert {one.path for one in records} >= {"/several/s/policy/a", "/several/s/policy/b"}


async def test_a_port_that_is_not_there_is_refused(several):
    with pytest.raises(InvalidValue, match="p9"):
        await several.do("create", ENTRY, "a", value={"out": ["p1", "p9"]})
    assert several.raw("policies") == {}


async def test_every_step_that_fails_leaves_all_as_it_was(several):
    await several.do("create", ENTRY, "a", value={"out": ["p2", "p1"]})

    async def remove():
        await several.do("delete", "ports/{p}", "p1")

    assert "write policies" in await fails_at_every_step(several.polycube, remove)


async def test_a_restart_finds_them_and_the_journal_knows_their_layout(
    service, monkeypatch, tmp_path
):
    monkeypatch.setitem(fakes.SERVICES, "several", service)
    old = fakes.daemon()
    old.commits.journal = Journal(tmp_path / "pcn.db")
    session = Session(old, await create(old, "several", "s", ports=[{"name": "p1"}]))
    await session.do("create", ENTRY, "a", value={"vlan": [9, 1], "to": [4, "p1"]})
    await session.do("update", f"{ENTRY}/vlan", "a", value=[3, 2])
    before = session.raw("policies")
    await old.commits.flush()
    new = await successor(old, tmp_path / "pcn.db", fakes.SERVICES)
    again = Session(new, new.cube("s"))
    assert again.raw("policies") == before
    layout = again.cube.tables["policies"].layout
    assert as_json(from_json(as_json(layout))) == as_json(layout)
    await new.close()
    new.commits.journal = None


async def test_an_entry_whose_key_is_of_no_type_is_none_of_the_list(several):
    await several.do("create", ENTRY, "a", value={})
    table = several.cube.tables["policies"]
    table.map.update(struct.pack("=H10s", 9, b"?"), bytes(table.layout.value.size))
    assert [one["name"] for one in await several.read("policy")] == ["a"]


@pytest.mark.parametrize(("node", "expected"), [("policy/vlan", 3), ("fallback/out", 1)])
async def test_metrics_count_the_values_of_leaf_lists(several, node, expected):
    await several.do("create", ENTRY, "a", value={"vlan": [5, 1]})
    await several.do("create", ENTRY, "b", value={"vlan": [5]})
    await several.do("create", ENTRY, "c", value={})
    await several.do("update", "fallback", value={"out": ["p2"]})
    metric = Metric("m", "GAUGE", node, counted=True)
    tree = several.polycube.tree(several.cube)
    assert await measure.value(tree, several.cube, metric) == expected
