"""Presence containers that are in maps of their own, or hold what is in maps."""

import pytest

from polycube_runtime.core.durable.journal import Journal
from polycube_runtime.support.errors import DataMissing, NotFound
from tests import fakes
from tests.core.sessions import Session, made
from tests.core.test_adoption import successor
from tests.fakes import create, fails_at_every_step

pytestmark = pytest.mark.anyio
BODY = """
container filter {
  presence "packets are filtered";
  ebpf:map "filter";
  leaf rate { type uint8; default 3; }
  leaf mark { type uint8; }
  leaf out { type leafref { path "/ports/name"; } }
  leaf seen { type uint32; config false; }
  list allow {
    key id;
    ebpf:map "allows" { ebpf:entries 8; }
    leaf id { type uint8; }
  }
}
container toggle {
  presence "on";
  ebpf:map "toggle" { ebpf:presence "on"; }
}
container around {
  presence "around";
  leaf rate { type uint8; ebpf:map "rate"; }
  leaf depth { type uint8; default 5; ebpf:map "depth"; }
  container box { ebpf:map "box"; leaf low { type uint8; default 1; } leaf high { type uint8; } }
  leaf-list tag { type uint8; default 3; ebpf:map "tags" { ebpf:entries 9; } }
  list entry { key id; ebpf:map "entries" { ebpf:entries 9; } leaf id { type uint8; } }
}
choice way {
  container near { presence "near"; ebpf:map "near"; leaf hops { type uint8; default 1; } }
  container far { presence "far"; ebpf:map "far"; leaf hops { type uint8; default 9; } }
}
"""


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    with made(tmp_path_factory.mktemp("there"), "there", BODY) as found:
        yield found


@pytest.fixture
async def there(service, monkeypatch):
    monkeypatch.setitem(fakes.SERVICES, "there", service)
    polycube = fakes.daemon()
    await polycube.start()
    yield Session(polycube, await create(polycube, "there", "t", ports=[{"name": "p1"}]))
    await polycube.close()
    assert fakes.left(polycube.kernel) == []


def mark(session, name):
    (raw,) = session.raw(name).values()
    return raw[0]


async def test_it_is_not_there_at_first(there):
    assert [mark(there, name) for name in ("filter", "toggle", "near", "far")] == [0] * 4
    whole = await there.read()
    assert not {"filter", "toggle", "near", "far"} & set(whole)
    with pytest.raises(NotFound):
        await there.read("filter")
    with pytest.raises(DataMissing):
        await there.do("update", "filter/mark", value=1)
    with pytest.raises(DataMissing):
        await there.do("delete", "toggle")


async def test_it_comes_with_its_defaults_and_goes_as_a_whole(there):
    records = await there.do("update", value={"filter": {"mark": 7, "allow": [{"id": 1}]}})
    assert ("create", "/there/t/filter") in [(one.op, one.path) for one in records]
    assert await there.read("filter", config=True) == {"rate": 3, "mark": 7, "allow": [{"id": 1}]}
    await there.do("update", "filter/rate", value=9)
    assert (await there.read("filter"))["rate"] == 9
    assert mark(there, "filter") == 1
    await there.do("delete", "filter")
    assert mark(there, "filter") == 0
    assert not any(*there.raw("filter").values())
    assert there.raw("allows") == {}
    assert "filter" not in await there.read()


async def test_one_without_leaves_is_a_byte(there):
    await there.do("update", "toggle", value={})
    assert there.raw("toggle") == {bytes(4): b"\1"}
    assert (await there.read(config=True))["toggle"] == {}
    await there.do("replace", value={"ports": [{"name": "p1"}]})
    assert there.raw("toggle") == {bytes(4): b"\0"}


async def test_one_case_takes_the_other_away(there):
    await there.do("update", value={"near": {}})
    await there.do("update", value={"far": {"hops": 4}})
    assert (mark(there, "near"), mark(there, "far")) == (0, 1)
    whole = await there.read(config=True)
    assert (whole["far"], "near" in whole) == ({"hops": 4}, False)


NAMES = ("rate", "depth", "box", "tags", "entries")


async def test_what_is_in_maps_inside_of_one_that_a_control_plane_is_told_of_goes_with_it(there):
    before = [there.raw(name) for name in NAMES]
    value = {"rate": 4, "box": {"high": 2}, "entry": [{"id": 1}]}
    await there.do("update", value={"around": value})
    whole = {"rate": 4, "depth": 5, "box": {"low": 1, "high": 2}, "tag": [3], "entry": [{"id": 1}]}
    assert await there.read("around", config=True) == whole
    records = await there.do("delete", "around")
    assert [(one.op, one.path, one.old) for one in records] == [
        ("delete", "/there/t/around", whole)
    ]
    assert [there.raw(name) for name in NAMES] == before
    assert there.cube.control.told == [
        ("set_around", True),
        ("set_around", False),
    ]
    await there.do("update", value={"around": {}})
    again = {"depth": 5, "box": {"low": 1}, "tag": [3], "entry": []}
    assert await there.read("around", config=True) == again


async def test_it_loses_the_port_that_goes_and_stays(there):
    await there.do("update", value={"filter": {"out": "p1"}})
    await there.do("delete", "ports/{p}", "p1")
    assert await there.read("filter", config=True) == {"rate": 3, "allow": []}


async def test_every_step_that_fails_leaves_all_as_it_was(there):
    around = {"rate": 1, "entry": [{"id": 1}]}
    await there.do("update", value={"filter": {"mark": 7}, "near": {}, "around": around})

    async def change():
        ports = [{"name": "p1"}]
        await there.do("replace", value={"ports": ports, "toggle": {}, "far": {"hops": 2}})

    asked = await fails_at_every_step(there.polycube, change)
    assert {"write filter", "write toggle", "write far", "write near"} <= set(asked)


async def test_a_restart_finds_it(service, monkeypatch, tmp_path):
    monkeypatch.setitem(fakes.SERVICES, "there", service)
    old = fakes.daemon()
    old.commits.journal = Journal(tmp_path / "pcn.db")
    around = {"rate": 1, "tag": [4]}
    session = Session(old, await create(old, "there", "t", near={}, toggle={}, around=around))
    await session.do("update", value={"filter": {"mark": 1}})
    await session.do("delete", "toggle")
    whole = await session.read()
    before = {layout.name: session.raw(layout.name) for layout in service.SERVICE.maps}
    new = await successor(old, tmp_path / "pcn.db", fakes.SERVICES)
    again = Session(new, new.cube("t"))
    assert await again.read() == whole
    assert {name: again.raw(name) for name in before} == before
    await new.close()
    new.commits.journal = None
