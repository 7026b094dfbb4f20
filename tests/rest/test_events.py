"""The stream of events: what is told, what is kept, and who is dropped."""

import asyncio
import json
import sys
import time

import pytest

from polycube_runtime.rest import events as module
from polycube_runtime.rest.events import Events
from tests.fakes import create, daemon
from tests.golden.packages.conditions.models import Full


class Listener:
    """Reads one stream."""

    def __init__(self, events: Events, *cubes: str, last: str | None = None) -> None:
        self.texts = events.stream(frozenset(cubes), last).body_iterator

    async def read(self) -> list[tuple[str, int, dict]]:
        """Return the events of the next piece; of a comment none."""
        async with asyncio.timeout(5):
            text = (await anext(self.texts)).decode()
        found = []
        for block in text.split("\n\n"):
            fields = dict(line.split(": ", 1) for line in block.splitlines() if line[:1] != ":")
            if fields:
                found.append((fields["event"], int(fields["id"]), json.loads(fields["data"])))
        return found


async def started(polycube) -> Events:
    events = Events(polycube)
    await create(polycube, "simplebridge", "br1", ports=[{"name": "p1"}])
    return events


def run(test):
    """Run a test in a loop of its own, over a daemon in memory."""

    def wrapper():
        async def inside():
            polycube = daemon()
            try:
                await test(polycube)
            finally:
                await polycube.close()

        asyncio.run(inside())

    wrapper.__name__ = test.__name__
    return wrapper


async def change(polycube, path: str, value: object) -> None:
    cube = polycube.cubes["br1"]
    tree = polycube.tree(cube)
    *steps, name = path.split("/")
    document = {name: value}
    for step in reversed(steps):
        document = {step: document}
    async with polycube.change() as undo:
        await tree.update(tree.root, document, undo)


@run
async def test_a_change_is_told_once_it_is_made(polycube):
    events = await started(polycube)
    listener = Listener(events)
    assert await listener.read() == []
    await change(polycube, "fdb/aging-time", 7)
    (event,) = await listener.read()
    kind, number, data = event
    assert kind == "change"
    assert data.pop("time") > 1e9
    assert data == {
        "op": "replace",
        "cube": "br1",
        "path": "/simplebridge/br1/fdb/aging-time",
        "old": 300,
        "new": 7,
        "transaction": polycube.commits.number,
    }
    await change(polycube, "fdb/aging-time", 8)
    assert (await listener.read())[0][1] == number + 1


@run
async def test_a_notification_of_a_service_is_told(polycube):
    events = Events(polycube)
    cube = await create(polycube, "conditions", "c1")
    listener, other = Listener(events, "c1"), Listener(events, "c2")
    assert await listener.read() == await other.read() == []
    await cube.control.notify_full(Full(count=2))
    ((kind, _, told),) = await listener.read()
    assert kind == "notification"
    assert told.pop("time") > 0
    assert told == {"cube": "c1", "path": "/conditions/c1/full", "content": {"count": 2}}


@run
async def test_what_is_rolled_back_is_not_told(polycube):
    events = await started(polycube)
    listener = Listener(events)
    await listener.read()
    tree = polycube.tree(polycube.cubes["br1"])

    async def fail() -> None:
        async with polycube.change() as undo:
            await tree.update(tree.root, {"loglevel": "WARN"}, undo)
            raise ZeroDivisionError

    with pytest.raises(ZeroDivisionError):
        await fail()
    async with polycube.change(dry_run=True) as undo:
        await tree.update(tree.root, {"loglevel": "WARN"}, undo)
    await change(polycube, "loglevel", "ERR")
    assert [data["new"] for _, _, data in await listener.read()] == ["ERR"]


@run
async def test_cubes_and_ports_have_states(polycube):
    events = Events(polycube)
    listener = Listener(events)
    await listener.read()
    await create(polycube, "simplebridge", "br1", ports=[{"name": "p1", "peer": "veth1"}])
    states = [data for kind, _, data in await listener.read() if kind == "state"]
    assert [(one["what"], one["name"], one["status"]) for one in states] == [
        ("cube", "br1", "UP"),
        ("port", "br1:p1", "UP"),
    ]
    await polycube.delete(polycube.cubes["br1"])
    states = [data for kind, _, data in await listener.read() if kind == "state"]
    assert ("cube", "br1", "GONE") in [(one["what"], one["name"], one["status"]) for one in states]


@run
async def test_a_netdev_that_goes_away_is_told(polycube):
    await polycube.start()
    await create(polycube, "simplebridge", "br1", ports=[{"name": "p1", "peer": "veth1"}])
    listener = Listener(Events(polycube))
    await listener.read()
    await asyncio.sleep(0)
    await polycube.kernel.delete_netdev("veth1")
    found = []
    while ("netdev", "veth1", "GONE") not in found:
        states = [data for kind, _, data in await listener.read() if kind == "state"]
        found += [(one["what"], one["name"], one["status"]) for one in states]
    assert ("port", "br1:p1", "DOWN") in found


@run
async def test_services_that_come_and_go_are_told(polycube):
    events = await started(polycube)
    listener, others = Listener(events), Listener(events, "br1")
    assert await listener.read() == []
    assert await others.read() == []
    before = dict(sys.modules)
    await polycube.services.unload("helloworld")
    events.library = lambda: "0123"
    await polycube.services.load("helloworld", "polycube_services.helloworld")
    sys.modules.update(before)
    gone, there = await listener.read()
    about = {"what": "service", "name": "helloworld", "status": "GONE"}
    assert gone[0] == there[0] == "state"
    assert gone[2].items() >= about.items()
    assert there[2].items() >= {**about, "status": "UP", "content-id": "0123"}.items()
    await change(polycube, "loglevel", "WARN")
    assert [one[2]["path"] for one in await others.read()] == ["/simplebridge/br1/loglevel"]


@run
async def test_who_watches_services_cannot_hinder_them(polycube):
    def broken(*_: object) -> None:
        message = "a mistake"
        raise ValueError(message)

    polycube.services.observers.append(broken)
    before = dict(sys.modules)
    await polycube.services.unload("helloworld")
    sys.modules.update(before)
    assert "helloworld" not in polycube.services


@run
async def test_only_the_cubes_asked_for(polycube):
    events = await started(polycube)
    listener, other = Listener(events, "br2"), Listener(events, "br1")
    await listener.read()
    await other.read()
    await change(polycube, "loglevel", "WARN")
    await create(polycube, "simplebridge", "br2")
    assert {data["cube"] for _, _, data in await listener.read()} == {"br2"}
    assert {data["cube"] for _, _, data in await other.read()} == {"br1"}


@run
async def test_a_reader_that_comes_back_gets_what_it_missed(polycube):
    events = await started(polycube)
    listener = Listener(events)
    await listener.read()
    await change(polycube, "loglevel", "WARN")
    ((_, number, _),) = await listener.read()
    await listener.texts.aclose()
    for level in ("ERR", "INFO"):
        await change(polycube, "loglevel", level)
    again = Listener(events, last=str(number))
    assert [data["new"] for _, _, data in await again.read()] == ["ERR", "INFO"]
    await change(polycube, "loglevel", "OFF")
    assert [data["new"] for _, _, data in await again.read()] == ["OFF"]


@pytest.mark.parametrize("last", ["0", "5", "x", "", "-1", "9" * 30, "²"])
def test_who_missed_more_than_is_kept_is_told(last):
    @run
    async def test(polycube):
        events = await started(polycube)
        listener = Listener(events, last=last)
        assert [kind for kind, _, _ in await listener.read()] == ["overrun"]
        await change(polycube, "loglevel", "OFF")
        assert [kind for kind, _, _ in await listener.read()] == ["change"]

    test()


def test_the_history_is_bounded(monkeypatch):
    monkeypatch.setattr(module, "HISTORY", 3)

    @run
    async def test(polycube):
        events = await started(polycube)
        numbers = []
        listener = Listener(events)
        await listener.read()
        for seconds in range(10, 16):
            await change(polycube, "fdb/aging-time", seconds)
            numbers.append((await listener.read())[0][1])
        for last, expected in ((numbers[1], "overrun"), (numbers[2], "change")):
            found = await Listener(events, last=str(last)).read()
            assert found[0][0] == expected
        assert len(found) == 3

    test()


def test_a_slow_reader_is_dropped_and_the_others_are_not(monkeypatch):
    monkeypatch.setattr(module, "QUEUE", 3)

    @run
    async def test(polycube):
        events = await started(polycube)
        slow, quick = Listener(events), Listener(events)
        await slow.read()
        await quick.read()
        for seconds in range(10, 20):
            await change(polycube, "fdb/aging-time", seconds)
            assert len(await quick.read()) == 1
        assert [kind for kind, _, _ in await slow.read()] == ["overrun"]
        with pytest.raises(StopAsyncIteration):
            await slow.read()
        await change(polycube, "fdb/aging-time", 5)
        assert len(await quick.read()) == 1

    test()


@pytest.mark.parametrize("replayed", [False, True])
def test_who_takes_long_to_write_does_not_hold_up_others(replayed, monkeypatch):
    write = module.Reader.text

    def slowly(self, batch, after=0):
        time.sleep(2 * module.TURN)
        return write(self, batch, after)

    @run
    async def test(polycube):
        events = await started(polycube)
        listener = Listener(events, last=events.oldest if replayed else None)
        if not replayed:
            await listener.read()
        for seconds in range(10, 13):
            await change(polycube, "fdb/aging-time", seconds)
        monkeypatch.setattr(module.Reader, "text", slowly)
        found = [await listener.read() for _ in range(3)]
        assert [len(one) for one in found] == [1, 1, 1]

    test()


def test_a_silent_stream_shows_that_it_lives(monkeypatch):
    monkeypatch.setattr(module, "KEEP_ALIVE", 0.01)

    @run
    async def test(polycube):
        events = await started(polycube)
        listener = Listener(events)
        await listener.read()
        assert await anext(listener.texts) == b": still here\n\n"

    test()


@run
async def test_streams_end_with_the_daemon(polycube):
    events = await started(polycube)
    listeners = [Listener(events) for _ in range(3)]
    for one in listeners:
        await one.read()
    reading = [asyncio.create_task(anext(one.texts, b"end")) for one in listeners]
    await asyncio.sleep(0)
    events.close()
    async with asyncio.timeout(1):
        assert await asyncio.gather(*reading) == [b"end"] * 3


def test_who_takes_nothing_is_given_up(monkeypatch):
    monkeypatch.setattr(module, "PATIENCE", 0.05)

    @run
    async def test(polycube):
        events = await started(polycube)

        async def never(*_):
            await asyncio.Event().wait()

        stream = events.stream(frozenset(), None)
        async with asyncio.timeout(1):
            await stream({"type": "http", "asgi": {"spec_version": "2.3"}}, never, never)
        assert not events._readers

    test()
