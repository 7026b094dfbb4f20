"""Notifications (RFC 8040, section 6)."""

import asyncio
import contextlib
import json
import sys
from datetime import UTC, datetime, timedelta

import pytest

from polycube_runtime.rest.events import Events
from polycube_runtime.rest.restconf.negotiation import Query
from polycube_runtime.rest.restconf.state import State
from polycube_runtime.rest.restconf.streams import moment, parse_moment, stream
from polycube_runtime.support.errors import InvalidValue
from tests.fakes import SERVICES, create, daemon
from tests.golden.packages.conditions.models import UserFailed

CHANGE = "ietf-netconf-notifications:netconf-config-change"


@contextlib.asynccontextmanager
async def watched():
    """A daemon with events, and one cube."""
    polycube = daemon()
    events = Events(polycube)
    state = State(polycube, 1767225600.0)
    try:
        yield polycube, events, state
    finally:
        events.close()
        await polycube.close()


async def make(polycube, name: str) -> None:
    async with polycube.change() as undo:
        document = polycube.prepare("simplebridge", {"name": name, "ports": [{"name": "p1"}]})
        await polycube.create("simplebridge", document, undo)


def notifications(chunk: bytes) -> list[dict]:
    found = []
    for part in chunk.decode().split("\n\n"):
        lines = dict(line.partition(": ")[::2] for line in part.splitlines() if line[0] != ":")
        assert lines.keys() <= {"id", "data"}
        if lines:
            found.append(json.loads(lines["data"])["ietf-restconf:notification"])
    return found


async def collect(one, count: int) -> list[dict]:
    found = []
    async with asyncio.timeout(5):
        async for chunk in one.body_iterator:
            found += notifications(chunk)
            if len(found) >= count:
                return found
    return found


def test_a_notification_of_a_service_is_written_in_its_cube():
    async def run():
        async with watched() as (polycube, events, state):
            cube = await create(polycube, "conditions", "c1")
            query = Query(start="2026-01-01T00:00:00Z")
            reader = stream(events, "polycube", query, None, state.ways.identifier)
            await cube.control.notify_user_failed("ann", UserFailed(attempts=3))
            return await collect(reader, 2)

    found = asyncio.run(run())[-1]
    assert found.keys() == {"eventTime", "conditions:conditions"}
    user = {"name": "ann", "failed": {"attempts": 3}}
    assert found["conditions:conditions"] == [{"name": "c1", "user": [user]}]


def test_a_transaction_is_one_notification():
    async def run():
        async with watched() as (polycube, events, state):
            one = stream(events, "NETCONF", Query(), None, state.ways.identifier)
            task = asyncio.create_task(collect(one, 2))
            await asyncio.sleep(0)
            await make(polycube, "br1")
            tree = polycube.tree(polycube.cubes["br1"])
            async with polycube.change() as undo:
                await tree.update(tree.root, {"loglevel": "WARN", "fdb": {"aging-time": 7}}, undo)
            return await task

    created, changed = asyncio.run(run())
    assert created[CHANGE]["edit"] == [
        {"target": "/simplebridge:simplebridge[name='br1']", "operation": "create"}
    ]
    assert changed[CHANGE] == {
        "changed-by": {"server": [None]},
        "datastore": "running",
        "edit": [
            {"target": "/simplebridge:simplebridge[name='br1']/loglevel", "operation": "replace"},
            {
                "target": "/simplebridge:simplebridge[name='br1']/fdb/aging-time",
                "operation": "replace",
            },
        ],
    }
    assert created["eventTime"] <= changed["eventTime"]
    assert abs(parse_moment(created["eventTime"], "") - datetime.now(UTC).timestamp()) < 60


def test_states_are_told_by_the_other_stream_only():
    async def run(name: str, count: int):
        async with watched() as (polycube, events, state):
            one = stream(events, name, Query(), None, state.ways.identifier)
            task = asyncio.create_task(collect(one, count))
            await asyncio.sleep(0)
            await make(polycube, "br1")
            await make(polycube, "br2")
            return await task

    netconf = asyncio.run(run("NETCONF", 2))
    assert [CHANGE in one for one in netconf] == [True, True]
    every = asyncio.run(run("polycube", 4))
    assert every[1]["polycubed:state"] == {
        "what": "cube", "name": "br1", "status": "UP", "cube": "br1",
    }  # fmt: skip


@pytest.mark.parametrize(
    ("expression", "expected"),
    [
        ("/polycubed:state[name = 'br2']", ["br2"]),
        ("/polycubed:state/what = 'cube'", ["br1", "br2"]),
        ("//edit[contains(target, 'br2')] | /polycubed:state[name = 'br1']", ["br1", CHANGE]),
        (f"/{CHANGE}[edit/operation = 'create']", [CHANGE, CHANGE]),
    ],
)
@pytest.mark.parametrize("replayed", [False, True])
def test_only_what_a_filter_takes_is_sent(expression, expected, replayed):
    async def run():
        async with watched() as (polycube, events, state):
            query = Query(filter=expression)
            if replayed:
                await make(polycube, "br1")
                query = query._replace(start="2026-01-01T00:00:00Z")
            one = stream(events, "polycube", query, None, state.ways.identifier)
            task = asyncio.create_task(collect(one, len(expected) + 1))
            await asyncio.sleep(0)
            if not replayed:
                await make(polycube, "br1")
            await make(polycube, "br2")
            await asyncio.sleep(0.05)
            events.close()
            return await task

    found = asyncio.run(run())
    names = [
        one["polycubed:state"]["name"] if "polycubed:state" in one else list(one)[-1]
        for one in found
    ]
    assert names == expected


@pytest.mark.parametrize("name", ["NETCONF", "polycube"])
def test_a_service_that_comes_or_goes_is_another_library(name):
    async def run():
        async with watched() as (polycube, events, state):
            events.library = lambda: state.content_id
            one = stream(events, name, Query(), None, state.ways.identifier)
            task = asyncio.create_task(collect(one, 4))
            await asyncio.sleep(0)
            ids = [state.content_id]
            await polycube.services.unload("helloworld")
            ids.append(state.content_id)
            polycube.services._classes["helloworld"] = SERVICES["helloworld"]
            events.service("helloworld", "UP")
            ids.append(state.content_id)
            return ids, await task

    before = dict(sys.modules)
    (first, second, third), found = asyncio.run(run())
    sys.modules.update(before)
    assert first == third != second
    assert all("eventTime" in one for one in found)
    contents = [{key: value for key, value in one.items() if key != "eventTime"} for one in found]
    assert contents == [
        {"ietf-yang-library:yang-library-update": {"content-id": second}},
        {"ietf-yang-library:yang-library-change": {"module-set-id": second}},
        {"ietf-yang-library:yang-library-update": {"content-id": third}},
        {"ietf-yang-library:yang-library-change": {"module-set-id": third}},
    ]


def test_what_was_is_replayed():
    async def run(start: str, stop: str = ""):
        async with watched() as (polycube, events, state):
            await make(polycube, "br1")
            query = Query(start=start, stop=stop)
            one = stream(events, "NETCONF", query, None, state.ways.identifier)
            task = asyncio.create_task(collect(one, 1))
            await asyncio.sleep(0.05)
            task.cancel()
            return await task if task.done() and not task.cancelled() else []

    now = datetime.now(UTC)
    early = moment((now - timedelta(hours=1)).timestamp())
    assert len(asyncio.run(run(early))) == 1
    assert asyncio.run(run(early, moment((now - timedelta(minutes=30)).timestamp()))) == []


def test_a_stream_ends_at_its_stop_time():
    async def run():
        async with watched() as (polycube, events, state):
            await make(polycube, "br1")
            now = datetime.now(UTC)
            early, soon = (moment((now + timedelta(seconds=one)).timestamp()) for one in (-60, 0.3))
            query = Query(start=early, stop=soon)
            one = stream(events, "NETCONF", query, None, state.ways.identifier)
            return await collect(one, 100)

    assert len(asyncio.run(run())) == 1


@pytest.mark.parametrize(
    "text", ["", "x", "2026-13-01T00:00:00Z", "2026-01-01", "2026-01-01T00:00:00", "1767225600"]
)
def test_a_time_that_is_none(text):
    with pytest.raises(InvalidValue, match="start-time"):
        parse_moment(text, "start-time")


def test_times_of_all_offsets_and_precisions():
    assert parse_moment("2026-01-01T02:00:00.123456789+02:00", "") == pytest.approx(1767225600.1234)


def test_streams_over_http(rc):
    assert rc.error("GET", "/streams/none").status == 404
    for query, wanted in (
        ("start-time=tomorrow", 400),
        ("start-time=2100-01-01T00:00:00Z", 400),
        ("stop-time=2020-01-01T00:00:00Z", 400),
        ("start-time=2020-01-02T00:00:00Z&stop-time=2020-01-01T00:00:00Z", 400),
        ("filter=/x[", 400),
        ("filter=", 400),
        ("filter=//edit&filter=//edit", 400),
        ("depth=1", 400),
    ):
        assert rc.error("GET", f"/streams/NETCONF?{query}").status == wanted
    assert rc.error("GET", "/streams/NETCONF", accept="application/xml").status == 406
    assert rc.error("POST", "/streams/NETCONF").status == 405
    assert rc("HEAD", "/streams/NETCONF").headers["content-type"].startswith("text/event-stream")
