"""Containers in the value of a map's entry: written, read, left out, taken away, kept."""

import struct

import pytest

from polycube_runtime.core.durable.journal import Journal
from polycube_runtime.core.observed import measure
from polycube_runtime.support.errors import (
    DataMissing,
    InvalidValue,
    MissingElement,
    NotFound,
    OperationFailed,
)
from polycube_runtime.support.schema import Metric
from tests import fakes
from tests.core.test_adoption import successor
from tests.core.test_tree import Session
from tests.fakes import create, fails_at_every_step
from tests.golden.packages.values.maps import SESSION

pytestmark = pytest.mark.anyio
ENTRY, KEY = "session/{address}", "10.0.0.1"
BLANK = {"address": KEY, "timeouts": {"tcp": 60}, "seen": {"packets": 0}}


@pytest.fixture
async def values(polycube) -> Session:
    session = Session(polycube, await create(polycube, "values", "v1"))
    await session.do("create", ENTRY, KEY, value={})
    return session


def fields() -> dict:
    return {one.leaf: one for one in SESSION.value.fields}


async def test_an_entry_has_what_its_containers_have_by_default(values):
    assert await values.read(ENTRY, KEY) == BLANK
    assert await values.read("session") == [BLANK]
    assert await values.read(f"{ENTRY}/timeouts", KEY) == {"tcp": 60}


async def test_a_leaf_in_a_container_is_written_and_taken_away_by_itself(values):
    udp = f"{ENTRY}/timeouts/udp"
    with pytest.raises(NotFound):
        await values.read(udp, KEY)
    await values.do("update", udp, KEY, value=0)
    await values.do("update", f"{ENTRY}/timeouts/tcp", KEY, value=7)
    assert await values.read(f"{ENTRY}/timeouts", KEY) == {"tcp": 7, "udp": 0}
    await values.do("delete", udp, KEY)
    assert await values.read(f"{ENTRY}/timeouts", KEY) == {"tcp": 7}


async def test_a_container_is_merged_replaced_and_reset(values):
    path = f"{ENTRY}/timeouts"
    await values.do("update", path, KEY, value={"udp": 5})
    assert await values.read(path, KEY) == {"tcp": 60, "udp": 5}
    await values.do("replace", path, KEY, value={"tcp": 1})
    assert await values.read(path, KEY) == {"tcp": 1}
    await values.do("update", ENTRY, KEY, value={"timeouts": {"udp": 9}})
    assert await values.read(path, KEY) == {"tcp": 1, "udp": 9}
    await values.do("delete", path, KEY)
    assert await values.read(path, KEY) == {"tcp": 60}


async def test_a_presence_container_comes_and_goes_with_what_is_in_it(values):
    path = f"{ENTRY}/limit"
    with pytest.raises(NotFound):
        await values.read(path, KEY)
    refusal = (DataMissing, "not there", "update", f"{path}/burst")
    await values.refused(*refusal, KEY, value=3)
    await values.refused(MissingElement, "mandatory", "replace", path, KEY, value={"burst": 3})
    await values.do("replace", path, KEY, value={"rate": 5, "log": {}})
    assert await values.read(path, KEY) == {"rate": 5, "burst": 8, "log": {"every": 1}}
    await values.do("delete", f"{path}/log", KEY)
    await values.do("update", f"{path}/colour", KEY, value="red")
    assert await values.read(path, KEY) == {"rate": 5, "burst": 8, "colour": "red"}
    await values.do("delete", path, KEY)
    assert await values.read(ENTRY, KEY) == BLANK
    ((_, raw),) = values.raw()["session"]
    limit = fields()["limit/rate"]
    assert raw[limit.offset : limit.offset + 9] == bytes(9)


async def test_what_is_told_is_the_leaf_that_changed(values):
    async with values.polycube.change() as undo:
        tree = values.polycube.tree(values.cube)
        place = values.place(f"{ENTRY}/timeouts", KEY)
        await tree.update(place, {"udp": 5}, undo)
        await tree.update(values.place(ENTRY, KEY), {"limit": {"rate": 1}}, undo)
    assert [(one.op, one.path) for one in undo.records] == [
        ("create", f"/values/v1/session/{KEY}/timeouts/udp"),
        ("replace", f"/values/v1/session/{KEY}"),
    ]


async def test_counters_in_a_container_are_not_touched_by_a_change(values):
    table, held = values.cube.tables["session"], fields()
    ((key, raw),) = table.map.items()
    word, size = SESSION.value.has, held["seen/last-size"]
    packets = held["seen/packets"]
    changed = bytearray(raw)
    struct.pack_into("=Q", changed, packets.offset, 41)
    struct.pack_into("=H", changed, size.offset, 60)
    changed[word.offset] |= size.bit
    table.map.update(key, bytes(changed))
    for value in ({"timeouts": {"udp": 5}}, {"limit": {"rate": 9}}):
        await values.do("update", ENTRY, KEY, value=value)
    await values.do("delete", f"{ENTRY}/limit", KEY)
    assert (await values.read(ENTRY, KEY))["seen"] == {"packets": 41, "last-size": 60}
    await values.refused(InvalidValue, "read-only", "update", ENTRY, KEY, value={"seen": {}})


async def test_every_step_that_fails_leaves_all_as_it_was(values):
    async def replace():
        value = {"timeouts": {"tcp": 3}, "limit": {"rate": 1, "log": {}}}
        await values.do("replace", ENTRY, KEY, value=value)

    assert "write session" in await fails_at_every_step(values.polycube, replace)


async def test_a_container_in_a_bound_container_is_part_of_its_map(values):
    await values.do("update", "keeping/timeouts/udp", value=4)
    assert (await values.read("keeping"))["timeouts"] == {"tcp": 60, "udp": 4}
    await values.do("update", "keeping", value={"timeouts": {"tcp": 9}})
    assert values.cube.value("keeping/timeouts/tcp") == 9
    await values.do("delete", "keeping/timeouts")
    assert await values.read("keeping/timeouts") == {"tcp": 60}


async def test_a_restart_finds_what_containers_had(tmp_path):
    old = fakes.daemon()
    old.commits.journal = Journal(tmp_path / "pcn.db")
    session = Session(old, await create(old, "values", "v1"))
    whole = {"timeouts": {"tcp": 1, "udp": 2}, "limit": {"rate": 3, "log": {"every": 4}}}
    await session.do("create", ENTRY, KEY, value=whole)
    await session.do("update", f"{ENTRY}/timeouts/udp", KEY, value=7)
    before = session.raw()["session"]
    await old.commits.flush()
    new = await successor(old, tmp_path / "pcn.db", fakes.SERVICES)
    again = Session(new, new.cube("v1"))
    assert again.raw()["session"] == before
    assert (await again.read(ENTRY, KEY))["limit"] == {"rate": 3, "burst": 8, "log": {"every": 4}}
    await new.close()
    new.commits.journal = None


async def test_a_leaf_that_is_taken_away_has_its_default_again(values):
    tcp = f"{ENTRY}/timeouts/tcp"
    await values.do("update", tcp, KEY, value=3)
    await values.do("delete", tcp, KEY)
    assert await values.read(tcp, KEY) == 60
    await values.do("update", f"{ENTRY}/limit", KEY, value={"rate": 5})
    await values.refused(OperationFailed, "no default", "delete", f"{ENTRY}/limit/rate", KEY)


async def test_a_metric_adds_up_what_containers_of_entries_hold(values):
    await values.do("create", ENTRY, "10.0.0.2", value={"timeouts": {"tcp": 5}})
    metric = Metric("m", "GAUGE", "session/timeouts/tcp")
    tree = values.polycube.tree(values.cube)
    assert await measure.value(tree, values.cube, metric) == 65
