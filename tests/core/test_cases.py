"""What is in maps and comes and goes: in the cases of choices, and under conditions."""

import struct
from pathlib import Path

import pytest

from polycube_runtime.core.durable.journal import Journal
from polycube_runtime.support.errors import PolycubeError
from tests import fakes
from tests.core.sessions import Session, made
from tests.core.test_adoption import successor
from tests.fakes import create, fails_at_every_step

pytestmark = pytest.mark.anyio
BODY = Path(__file__).with_name("cases.yang").read_text()


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    with made(tmp_path_factory.mktemp("cases"), "cases", BODY) as found:
        yield found


@pytest.fixture
async def cases(service, monkeypatch):
    monkeypatch.setitem(fakes.SERVICES, "cases", service)
    polycube = fakes.daemon()
    await polycube.start()
    yield Session(polycube, await create(polycube, "cases", "c"))
    await polycube.close()
    assert fakes.left(polycube.kernel) == []


BASE = {"name", "uuid", "type", "service-name", "loglevel", "shadow", "span", "ports", "parent"}


async def config(session):
    whole = await session.read(config=True)
    found = {name: one for name, one in whole.items() if name not in BASE and one not in ([], {})}
    assert found.pop("mode") in {"open", "strict"}
    return found


def word(session, name):
    """Return the presence word of a map with one entry."""
    (raw,) = session.raw(name).values()
    return raw[0]


async def test_the_default_case_is_there_from_the_start(cases):
    assert await config(cases) == {"rate": 100}
    (raw,) = cases.raw("rate").values()
    assert raw == struct.pack("=B3xI", 1, 100)
    assert [word(cases, name) for name in ("limits", "burst", "deepx", "inner", "guard")] == [0] * 5
    assert cases.raw("tags") == cases.raw("ports") == {}


async def test_a_container_in_a_map_is_chosen_and_displaced(cases):
    await cases.do("update", value={"limits": {"high": 7}})
    assert await config(cases) == {"limits": {"low": 1, "high": 7}, "burst": 4}
    assert [word(cases, name) for name in ("rate", "limits", "burst")] == [0, 3, 1]
    await cases.do("update", value={"rate": 5})
    assert await config(cases) == {"rate": 5}
    assert [word(cases, name) for name in ("rate", "limits", "burst")] == [1, 0, 0]
    assert "limits" not in await cases.read()


async def test_what_is_in_a_container_of_a_case_goes_with_it(cases):
    await cases.do("update", value={"deep": {"x": 8}})
    assert await config(cases) == {"deep": {"x": 8, "inner": {"y": 3}}}
    assert [word(cases, name) for name in ("rate", "deepx", "inner")] == [0, 1, 1]
    await cases.do("update", "rate", value=1)
    assert await config(cases) == {"rate": 1}
    assert [word(cases, name) for name in ("rate", "deepx", "inner")] == [1, 0, 0]


async def test_entries_and_sets_of_a_case_go_with_it(cases):
    await cases.do("update", value={"rule": [{"id": 1}, {"id": 2}], "slot": [{"id": 3}]})
    assert await config(cases) == {
        "rule": [{"id": 1, "v": 1}, {"id": 2, "v": 1}],
        "tag": [7],
        "slot": [{"id": 3, "v": 1}],
    }
    cases.cube.tables["rules"].map.update(struct.pack("=B3x", 9), struct.pack("=BB", 1, 1))
    assert len((await cases.read())["rule"]) == 3
    records = await cases.do("update", "limits/low", value=2)
    assert {(one.op, one.path) for one in records} >= {
        ("delete", "/cases/c/rule/1"),
        ("delete", "/cases/c/tag"),
    }
    assert await config(cases) == {"limits": {"low": 2}, "burst": 4}
    assert cases.raw("rules") == cases.raw("tags") == {}
    assert set(cases.raw("slots").values()) == {b"\0\0"}


async def test_the_default_case_comes_back_with_the_last_of_another(cases):
    await cases.do("create", "rule/{i}", "1", value={})
    await cases.do("replace", "tag", value=[])
    assert await config(cases) == {"rule": [{"id": 1, "v": 1}], "tag": [7]}
    await cases.do("replace", value={"mode": "open"})
    assert await config(cases) == {"rate": 100}
    assert cases.raw("rules") == cases.raw("tags") == {}


async def test_two_cases_in_one_request_are_refused(cases):
    with pytest.raises(PolycubeError, match="allows one"):
        await cases.do("replace", value={"rate": 1, "tag": [1]})


async def test_what_is_read_can_be_written(cases):
    for value in ({"rate": 3}, {"tag": [1]}, {"limits": {"low": 3}}, {"deep": {"x": 1}}):
        await cases.do("update", value=value)
        before = await cases.read(config=True)
        whole = {name: one for name, one in before.items() if name not in BASE}
        assert await cases.do("replace", value=whole) == []
        assert await cases.read(config=True) == before


async def test_what_is_under_a_condition_comes_and_goes_with_it(cases):
    await cases.do("update", value={"mode": "strict"})
    assert await config(cases) == {"rate": 100, "guard": {"level": 5}, "port": [22]}
    await cases.do("update", value={"watch": [{"id": 1}], "guard": {"word": 3}, "port": [80]})
    assert (word(cases, "guard"), len(cases.raw("watch")), len(cases.raw("ports"))) == (3, 1, 1)
    await cases.do("update", "mode", value="open")
    assert await config(cases) == {"rate": 100}
    assert (word(cases, "guard"), cases.raw("watch"), cases.raw("ports")) == (0, {}, {})
    with pytest.raises(PolycubeError, match="only when"):
        await cases.do("update", value={"watch": [{"id": 1}]})
    with pytest.raises(PolycubeError, match="only when"):
        await cases.do("update", "guard/level", value=1)


async def test_a_case_in_an_entry_takes_the_other_away(cases):
    await cases.do("create", "zone/{n}", "a", value={"member": [{"id": 1}, {"id": 2}]})
    await cases.do("create", "zone/{n}", "b", value={"member": [{"id": 1}]})
    await cases.do("update", "zone/{n}/tag", "a", value=[4])
    assert await cases.read("zone/{n}", "a") == {"name": "a", "kind": 0, "tag": [4]}
    assert [key[:1] for key in cases.raw("members")] == [b"b"]
    await cases.do("update", "zone/{n}", "a", value={"only": 3})
    assert await cases.read("zone/{n}", "a") == {"name": "a", "kind": 0, "only": 3}
    assert cases.raw("ztags") == {}
    assert await cases.read("zone/{n}", "b") == {"name": "b", "kind": 0, "member": [{"id": 1}]}


async def test_every_step_that_fails_leaves_all_as_it_was(cases):
    await cases.do("update", value={"rule": [{"id": 1}], "mode": "strict", "watch": [{"id": 1}]})

    async def change():
        await cases.do("update", value={"limits": {"high": 7}, "mode": "open"})

    asked = await fails_at_every_step(cases.polycube, change)
    assert {"write limits", "write guard"} <= set(asked)


async def test_a_restart_finds_what_was_chosen(service, monkeypatch, tmp_path):
    monkeypatch.setitem(fakes.SERVICES, "cases", service)
    old = fakes.daemon()
    old.commits.journal = Journal(tmp_path / "pcn.db")
    session = Session(old, await create(old, "cases", "c", mode="strict", tag=[1, 2]))
    await session.do("create", "zone/{n}", "a", value={"member": [{"id": 1}]})
    await session.do("update", value={"limits": {"high": 7}, "watch": [{"id": 1}]})
    await session.do("update", "zone/{n}/tag", "a", value=[4])
    whole = await session.read()
    names = [layout.name for layout in service.SERVICE.maps]
    before = {name: session.raw(name) for name in names}
    new = await successor(old, tmp_path / "pcn.db", fakes.SERVICES)
    again = Session(new, new.cube("c"))
    assert await again.read() == whole
    assert {name: again.raw(name) for name in before} == before
    await new.close()
    new.commits.journal = None
