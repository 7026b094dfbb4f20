"""Notifications that data planes tell of by themselves, in typed events."""

import asyncio
import importlib
import logging
import struct
import sys
import time

import pytest

from polycube_generator import emit, publish, schema
from polycube_runtime.bpf.spec import MapKind, MapSpec
from polycube_runtime.core.durable.journal import Journal
from polycube_runtime.core.slow import emitted
from polycube_runtime.rest.events import Events
from polycube_runtime.rest.restconf.negotiation import Query
from polycube_runtime.rest.restconf.state import State
from polycube_runtime.rest.restconf.streams import stream
from tests import fakes
from tests.core.test_adoption import successor
from tests.fakes import create
from tests.generator.conftest import FRAME
from tests.rest.restconf.test_streams import collect

pytestmark = pytest.mark.anyio
BODY = """
notification alarm {
  description "Somebody knocks";
  ebpf:map "alarm" { ebpf:entries 64; }
  leaf port { type leafref { path "/ports/name"; } mandatory true; }
  leaf source { type inet:ipv4-address; mandatory true; }
  leaf why { type enumeration { enum knock; enum ring; } mandatory true; }
  leaf length { type uint16 { range "0..1500"; } }
}
list session {
  key address;
  ebpf:map "sessions" { ebpf:entries 8; }
  leaf address { type inet:ipv4-address; }
  leaf mark { type uint8; default 0; }
  notification over {
    ebpf:map "over";
    leaf bytes { type uint64; mandatory true; }
  }
}
notification told { leaf count { type uint8; } }
notification rich {
  ebpf:map "rich";
  container flow {
    leaf source { type inet:ip-address; mandatory true; }
    leaf mark { type uint8; }
  }
  container tunnel { presence "it is in one"; leaf id { type uint32; mandatory true; } }
  leaf-list tag { type uint16; max-elements 4; }
  leaf subject { type union { type uint8; type inet:ipv4-address; } }
  leaf began { type yang:date-and-time; mandatory true; ebpf:time "monotonic"; }
  choice kind { case a { leaf a { type empty; } } case b { leaf b { type int8; } } }
}
"""
ALARM = struct.Struct("=QB3xI4sBxH")
OVER = struct.Struct("=Q4s4xQ")
MISSED = MapSpec("pcn_missed", MapKind.PERCPU_ARRAY, 4, 8, 3)


def alarm(port=0, why=0, length=None):
    now, source = time.monotonic_ns(), bytes([10, 0, 0, 1])
    return ALARM.pack(now, length is not None, port, source, why, length or 0)


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    folder = tmp_path_factory.mktemp("events")
    filled = {"name": "knocks", "service": "knocks", "kind": "standard", "uses": ";"}
    (folder / "knocks.yang").write_text(FRAME.format(body=BODY, **filled))
    models = [one for one in schema.load(folder) if one.name == "knocks"]
    publish.write(folder / "made_knocks", emit.render(models))
    sys.path.insert(0, str(folder))
    base = importlib.import_module("made_knocks.knocks").KnocksBase
    yield type("Knocks", (fakes.Told, type("_Knocks", (base,), {})), {})
    sys.path.remove(str(folder))


class Session:
    """A daemon with one cube, and all that its cubes tell."""

    def __init__(self, polycube, cube):
        self.polycube, self.cube, self.heard = polycube, cube, []
        polycube.notifying.observe(self.heard.append)

    async def deliver(self, *records, ring="alarm"):
        for raw in records:
            self.polycube.kernel.rings[ring].deliver(raw)
        for _ in range(4):
            await asyncio.sleep(0)
        return self.polycube.emitted.counts(self.cube)


@pytest.fixture
async def knocks(service, monkeypatch):
    monkeypatch.setitem(fakes.SERVICES, "knocks", service)
    polycube = fakes.daemon()
    polycube._compiler.maps["pcn_missed"] = MISSED
    await polycube.start()
    cube = await create(polycube, "knocks", "k", ports=[{"name": "p1"}, {"name": "p2"}])
    yield Session(polycube, cube)
    await polycube.close()
    assert fakes.left(polycube.kernel) == []


async def test_a_record_is_a_typed_event(knocks):
    counts = await knocks.deliver(alarm(1), alarm(0, why=1, length=60))
    assert counts == (2, 0, 0)
    first, second = knocks.heard
    assert first.content == {"port": "p2", "source": "10.0.0.1", "why": "knock"}
    assert second.content == {"port": "p1", "source": "10.0.0.1", "why": "ring", "length": 60}
    assert first.place.path == "/knocks/k/alarm"
    assert abs(first.time - time.time()) < 1


async def test_the_time_of_an_event_is_when_it_was_told(knocks):
    raw = alarm()
    await knocks.deliver(struct.pack("=Q", time.monotonic_ns() - 5 * 10**9) + raw[8:])
    assert 5 <= time.time() - knocks.heard[0].time < 6


async def test_an_event_in_a_list_is_told_of_its_entry(knocks):
    raw = OVER.pack(time.monotonic_ns(), bytes([10, 0, 0, 7]), 2**40)
    await knocks.deliver(raw, ring="over")
    (told,) = knocks.heard
    assert (told.place.path, told.content) == ("/knocks/k/session/10.0.0.7/over", {"bytes": 2**40})


@pytest.mark.parametrize(
    ("raw", "why"),
    [
        (alarm(port=9), "a port or an interface that is not there"),
        (alarm(why=7), "/knocks/k/alarm/why"),
        (alarm(length=9000), "/knocks/k/alarm/length"),
    ],
    ids=["port", "enumeration", "range"],
)
async def test_what_is_not_of_the_model_is_left_out_and_logged(
    knocks, raw, why, monkeypatch, caplog
):
    monkeypatch.setattr(emitted, "REPORT", 0.01)
    counts = await knocks.deliver(raw, raw, alarm())
    assert counts == (1, 0, 2)
    await asyncio.sleep(0.05)
    (line,) = [one.getMessage() for one in caplog.records if one.levelno == logging.WARNING]
    assert line.startswith("2 notifications /alarm are left out: ")
    assert why in line


async def test_what_found_no_room_is_counted_and_said_once(knocks, monkeypatch, caplog):
    monkeypatch.setattr(emitted, "REPORT", 0.01)
    counter = knocks.cube.dataplane.maps["pcn_missed"]
    counter.update(struct.pack("=I", 0), struct.pack("=2Q", 3, 4))
    for _ in range(2):
        await knocks.deliver(alarm())
        await asyncio.sleep(0.05)
    assert knocks.polycube.emitted.counts(knocks.cube) == (2, 7, 0)
    lines = [one.getMessage() for one in caplog.records if one.levelno == logging.WARNING]
    assert lines == ["7 notifications /alarm found no room"]


async def test_rings_take_turns_and_are_read_no_faster_than_events_a_second(knocks, monkeypatch):
    monkeypatch.setattr(emitted, "EVENTS_A_SECOND", 100)
    over = OVER.pack(time.monotonic_ns(), bytes(4), 1)
    await knocks.deliver(*[alarm()] * 20)
    await knocks.deliver(over, over, ring="over")
    assert len(knocks.heard) == 20, "the others' turn is after what these cost"
    await asyncio.sleep(0.25)
    assert [one.place.node.name for one in knocks.heard[20:]] == ["over", "over"]


async def test_both_streams_tell_of_it(knocks):
    state, events = State(knocks.polycube, 1767225600.0), Events(knocks.polycube)
    plain = events.stream(frozenset(), None)
    typed = stream(events, "polycube", Query(), None, state.ways.identifier)
    readers = asyncio.gather(collect(typed, 1), anext(after_greeting(plain)))
    await asyncio.sleep(0.01)
    await knocks.deliver(OVER.pack(time.monotonic_ns(), bytes([10, 0, 0, 7]), 2**40), ring="over")
    (notification,), text = await readers
    entry = {"address": "10.0.0.7", "over": {"bytes": str(2**40)}}
    assert notification["knocks:knocks"] == [{"name": "k", "session": [entry]}]
    assert b"event: notification" in text
    assert b'"path":"/knocks/k/session/10.0.0.7/over","' in text
    assert b'"content":{"bytes":1099511627776}' in text
    events.close()


async def after_greeting(one):
    async for chunk in one.body_iterator:
        if b"data" in chunk:
            yield chunk


async def test_a_cube_that_goes_is_not_listened_to(knocks):
    ring = knocks.polycube.kernel.rings["alarm"]
    await knocks.polycube.delete(knocks.cube)
    with pytest.raises(OSError, match="Bad file descriptor"):
        ring.close()


async def test_the_next_daemon_reads_on_where_the_layout_is_the_same(
    service, monkeypatch, tmp_path
):
    monkeypatch.setitem(fakes.SERVICES, "knocks", service)
    old, file = fakes.daemon(), tmp_path / "pcn.db"
    old.commits.journal = Journal(file)
    cube = await create(old, "knocks", "k", ports=[{"name": "p1"}])
    maps = cube.dataplane.maps
    old.emitted.close(cube)
    new = await successor(old, file)
    now = new.cube("k").dataplane.maps
    assert all(now[name] is maps[name] for name in ("alarm", "over", "sessions"))
    session = Session(new, new.cube("k"))
    assert await session.deliver(alarm()) == (1, 0, 0)
    await new.close()


async def test_nothing_is_read_before_there_is_somebody_to_tell(service, monkeypatch):
    monkeypatch.setitem(fakes.SERVICES, "knocks", service)
    polycube, heard = fakes.daemon(), []
    cube = await create(polycube, "knocks", "k", ports=[{"name": "p1"}])
    polycube.kernel.rings["alarm"].deliver(alarm())
    await asyncio.sleep(0.01)
    assert polycube.emitted.counts(cube) == (0, 0, 0)
    polycube.notifying.observe(heard.append)
    await polycube.emitted.settled()
    assert len(heard) == 1
    await polycube.close()
