"""What came out when bindings were combined at random: each of these was wrong once."""

import pytest

from polycube_runtime.support.errors import MissingElement, OperationFailed, PolycubeError
from tests import fakes
from tests.core.sessions import Session, made
from tests.fakes import create

pytestmark = pytest.mark.anyio
BODY = """
grouping pair {
  choice c {
    case whole {
      leaf first { type uint32; mandatory true; }
      leaf second { type uint8; }
      leaf-list more { type uint8; max-elements 3; }
      container deep { leaf third { type uint8; mandatory true; } }
    }
    case other { leaf z { type uint8; } }
  }
}
list entry {
  key k;
  ebpf:map "entries" { ebpf:entries 64; }
  leaf k { type uint8; }
  uses pair;
}
container one { ebpf:map "one"; uses pair; }
container told { uses pair; }
container needed {
  ebpf:map "needed";
  leaf number { type uint32; }
  container who {
    leaf name { type union { type boolean; type uint8; } mandatory true; }
  }
}
container there {
  presence "It is there";
  ebpf:map "there";
  container who { leaf name { type union { type boolean; type uint8; } mandatory true; } }
}
choice way {
  case a { leaf a { type uint8; ebpf:map "a"; } }
  case b {
    container b {
      container inner {
        list c { key k; ebpf:map "cs" { ebpf:entries 4; } leaf k { type uint8; } }
      }
    }
  }
}
list host {
  key k;
  ebpf:map "hosts" { ebpf:entries 64; }
  leaf k { type uint8; }
  leaf seen-at { type leafref { path "/ports/name"; } config false; }
}
list slot {
  key k;
  ebpf:map "slots" { ebpf:kind array; ebpf:entries 2; }
  leaf k { type uint8 { range "0..1"; } }
  leaf seen-at { type leafref { path "/ports/name"; } config false; }
}
list index {
  key k;
  ebpf:map "indices" { ebpf:kind array; ebpf:entries 4; }
  leaf k { type uint8 { range "0..3"; } }
  leaf target { type union { type boolean; type uint8; } mandatory true; }
  leaf level { type uint8 { range "1..9"; } mandatory true; }
  leaf extra { type uint8; }
}
list learnt {
  key k;
  config false;
  ebpf:map "learnt" { ebpf:entries 64; }
  leaf k { type uint8; }
  leaf port { type leafref { path "/ports/name"; } }
}
list sparse {
  key k;
  ebpf:map "sparse" { ebpf:entries 8; }
  leaf k { type uint8; }
  leaf z { type uint8; }
  container some {
    ebpf:map "some" { ebpf:entries 8; }
    leaf-list n { type uint8; max-elements 3; }
    container in { leaf m { type uint8; } }
  }
  container counted {
    ebpf:map "counted" { ebpf:entries 8; }
    leaf n { type uint8; }
    leaf packets { type uint64; config false; }
  }
}
container chosen {
  ebpf:map "chosen";
  leaf z { type uint8; }
  choice c {
    default x;
    case x { leaf x { type uint8; default 3; } }
    case y { leaf y { type uint8; default 4; } }
  }
}
"""
MATRIX = """
grouping matrix {
  leaf z { type uint8; }
  list column {
    key i;
    ebpf:map "columns" { ebpf:kind array; ebpf:entries 2; ebpf:outer "rows" { ebpf:entries 16; } }
    leaf i { type uint8 { range "0..1"; } }
    leaf z { type uint8; }
    choice c {
      case a {
        list cell {
          key j;
          ebpf:map "cells" { ebpf:entries 4; ebpf:outer "both" { ebpf:entries 32; } }
          leaf j { type uint8; }
        }
      }
      case b { leaf b { type uint8; } }
    }
  }
}
"""
MATRICES = {
    "hash": """list row { key k; ebpf:map "matrix" { ebpf:entries 4; }
        leaf k { type uint8; } uses matrix; }""",
    "array": """list row { key k; ebpf:map "matrix" { ebpf:kind array; ebpf:entries 4; }
        leaf k { type uint8 { range "0..3"; } } uses matrix; }""",
    "port": """list row { key k; ebpf:map "matrix" { ebpf:kind array; ebpf:entries 128; }
        leaf k { type leafref { path "/ports/name"; } } uses matrix; }""",
}
WHOLE = {"first": 1, "second": 2, "deep": {"third": 3}}
GIVEN = {"entry": [{"k": 1}], "needed": {"who": {"name": True}}}
PLACES = [("entry/{k}", ("1",)), ("one", ()), ("told", ())]


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    with made(tmp_path_factory.mktemp("combined"), "combined", BODY) as found:
        yield found


@pytest.fixture
async def session(service, monkeypatch):
    monkeypatch.setitem(fakes.SERVICES, "combined", service)
    polycube = fakes.daemon()
    await polycube.start()
    ports = [{"name": "p1"}, {"name": "p2"}]
    yield Session(polycube, await create(polycube, "combined", "c", ports=ports, **GIVEN))
    await polycube.close()


@pytest.mark.parametrize(("template", "keys"), PLACES)
async def test_a_change_cannot_choose_a_part_of_a_case(session, template, keys):
    await session.do("update", template, *keys, value={"z": 1})
    before = await session.read(template, *keys)
    for name, value in (("second", 1), ("more", [1]), ("first", 1), ("deep", {"third": 1})):
        with pytest.raises(PolycubeError, match="is mandatory"):
            await session.do("update", template, *keys, value={name: value})
        with pytest.raises(PolycubeError, match="is mandatory"):
            await session.do("update", f"{template}/{name}", *keys, value=value)
        assert await session.read(template, *keys) == before
    await session.do("update", template, *keys, value=WHOLE)
    found = await session.read(template, *keys)
    assert {name: found[name] for name in WHOLE} == WHOLE
    await session.do("update", f"{template}/second", *keys, value=9)
    await session.do("delete", f"{template}/second", *keys)
    await session.do("update", template, *keys, value={"z": 1})
    assert (await session.read(template, *keys)).items() == before.items()


async def test_what_must_be_in_a_case_cannot_be_taken_out_of_it_alone(session):
    await session.do("update", "told", value=WHOLE)
    with pytest.raises(MissingElement, match="told/first: is mandatory"):
        await session.do("delete", "told/first")
    assert (await session.read("told"))["first"] == 1


async def test_a_container_is_not_taken_away_with_what_must_be_in_it(session):
    value = {"number": 1, "who": {"name": 7}}
    await session.do("update", "needed", value=value)
    for template in ("needed", "needed/who", "needed/who/name"):
        with pytest.raises(OperationFailed, match="needed/who/name: cannot be taken away"):
            await session.do("delete", template)
    await session.do("delete", "needed/number")
    await session.do("update", "there", value={"who": {"name": 7}})
    with pytest.raises(OperationFailed, match="there/who/name: cannot be taken away"):
        await session.do("delete", "there/who")
    await session.do("delete", "there")
    assert await session.read("needed") == {"who": {"name": 7}}


async def test_an_index_of_an_array_is_not_written_in_part(session):
    """Else the cube would not be restored: what it has would be no entry."""
    before = await session.read("index")
    for given, lacking in (({"extra": 1}, "target"), ({"target": 7}, "level: 0 is out of range")):
        with pytest.raises(PolycubeError, match=f"index/2/{lacking}"):
            await session.do("update", "index/{k}", "2", value=given)
    with pytest.raises(PolycubeError, match="index/2/target"):
        await session.do("update", "index/{k}/extra", "2", value=1)
    assert await session.read("index") == before
    whole = {"k": 2, "target": 7, "level": 3}
    await session.do("update", "index/{k}", "2", value=whole)
    await session.do("update", "index/{k}/extra", "2", value=1)
    assert await session.read("index/{k}", "2") == {**whole, "extra": 1}
    await session.do("delete", "index/{k}", "2")
    assert await session.read("index") == before


async def test_an_empty_list_in_containers_of_another_case_is_not_shown_and_chooses_nothing(
    session,
):
    await session.do("update", "a", value=5)
    assert "b" not in await session.read()
    await session.do("update", value={"b": {"inner": {"c": []}}})
    assert await session.read("a") == 5
    await session.do("update", value={"b": {"inner": {"c": [{"k": 1}]}}})
    found = await session.read()
    assert (found["b"], "a" in found) == ({"inner": {"c": [{"k": 1}]}}, False)


async def test_a_port_that_the_data_plane_tells_is_not_there_before_it_does(session):
    await session.do("create", "host/{k}", "7", value={})
    assert await session.read("host") == [{"k": 7}]
    assert await session.read("slot") == [{"k": 0}, {"k": 1}]
    assert set(session.raw("hosts").values()) == {b"\xff\xff\xff\xff"}


async def test_an_entry_stays_when_a_port_goes_that_the_data_plane_told(session):
    await session.do("create", "host/{k}", "7", value={})
    hosts = session.cube.tables["hosts"].map
    (key,) = dict(hosts.items())
    hosts.update(key, (0).to_bytes(4, "little"))
    assert await session.read("host") == [{"k": 7, "seen-at": "p1"}]
    await session.do("delete", "ports/{p}", "p1")
    assert await session.read("host") == [{"k": 7}]
    assert set(session.raw("hosts").values()) == {b"\xff\xff\xff\xff"}


def test_what_is_told_of_a_port_is_marked_in_c(service):
    kinds = {
        layout.name: layout.value.fields[0].kind.value
        for layout in service.SERVICE.maps
        if layout.name in {"hosts", "slots", "learnt"}
    }
    assert kinds == {"hosts": "optional_port", "slots": "optional_port", "learnt": "port"}


async def test_a_row_is_there_while_something_of_it_is_configured(session):
    where = "sparse/{k}"
    await session.do("create", where, "1", value={"some": {"n": [], "in": {}}})
    assert session.raw("some") == {}
    for template, value in (("some", {"n": []}), ("some/n", []), ("some/in", {})):
        await session.do("update", f"{where}/{template}", "1", value=value)
        assert session.raw("some") == {}
    for verb, template, value in (
        ("update", "some", {"n": []}),
        ("delete", "some/n", None),
        ("delete", "some", None),
        ("replace", "", {"z": 2}),
    ):
        await session.do("update", f"{where}/some", "1", value={"n": [1]})
        assert len(session.raw("some")) == 1
        here = f"{where}/{template}" if template else where
        await session.do(verb, here, "1", **({} if value is None else {"value": value}))
        assert session.raw("some") == {}, (verb, template)
    await session.do("update", f"{where}/some", "1", value={"n": [1], "in": {"m": 1}})
    await session.do("delete", f"{where}/some/n", "1")
    assert await session.read(where, "1", config=True) == {"k": 1, "z": 2, "some": {"in": {"m": 1}}}


async def test_a_row_stays_for_what_the_data_plane_counts_in_it(session):
    await session.do("create", "sparse/{k}", "1", value={"counted": {"n": 1}})
    counted = session.cube.tables["counted"].map
    (key,) = dict(counted.items())
    counted.update(key, b"\0" * 8 + (7).to_bytes(8, "little"))
    await session.do("update", "sparse/{k}/counted/n", "1", value=2)
    await session.do("delete", "sparse/{k}/counted/n", "1")
    assert (await session.read("sparse/{k}/counted", "1"))["packets"] == 7


async def test_a_container_taken_away_goes_back_to_the_defaults_of_the_default_case(session):
    await session.do("update", "chosen", value={"y": 9, "z": 1})
    assert await session.read("chosen", config=True) == {"y": 9, "z": 1}
    await session.do("delete", "chosen")
    assert await session.read("chosen", config=True) == {"x": 3}


@pytest.mark.parametrize(("kind", "key"), [("hash", "1"), ("array", "1"), ("port", "p3")])
async def test_what_is_always_there_has_its_maps_as_soon_as_what_is_around_it(
    tmp_path, monkeypatch, kind, key
):
    name = f"matrix{kind}"
    with made(tmp_path, name, MATRIX + MATRICES[kind]) as service:
        monkeypatch.setitem(fakes.SERVICES, name, service)
        polycube = fakes.daemon()
        await polycube.start()
        ports = [{"name": "p1"}, {"name": "p2"}]
        session = Session(polycube, await create(polycube, name, "c", ports=ports))
        if kind == "port":
            await session.do("create", "ports/{name}", key, value={})
        if kind == "hash":
            await session.do("create", "row/{k}", key, value={})
        value = {"cell": [{"j": 1}]}
        for template, keys in (("row/{k}/column/{i}", (key, "1")), ("row/{k}", (key,))):
            await session.do("update", "row/{k}/column/{i}", key, "1", value=value)
            assert len(session.raw("cells")) == 1
            await session.do("delete", template, *keys)
            assert session.raw("cells") == {}
        if kind != "hash":
            await session.do("update", "row/{k}/column/{i}", key, "1", value=value)
            assert len(session.raw("cells")) == 1
        await polycube.close()
