"""The windows of pcn/flow.h, moved on by the daemon; the test plays the data plane."""

import asyncio
import struct

import pytest

from polycube_runtime.core.slow import slowpath
from tests.fakes import create

pytestmark = pytest.mark.anyio

PACKET, LINE = 0, 1


class Plane:
    """A cube's program, as far as its windows go."""

    def __init__(self, polycube, cube) -> None:
        self.polycube, self.cube = polycube, cube
        self.key = struct.pack("=I", cube.id)
        maps = polycube.system._maps
        self.flow, self.taken = maps["pcn_flow"], maps["pcn_taken"]

    def numbers(self) -> list[int]:
        return list(struct.unpack("=4Q", self.flow.lookup(self.key)))

    def room(self, what: int) -> int:
        taken = struct.unpack("=2Q", self.taken.lookup(self.key))[what]
        return slowpath.WINDOW - (self.numbers()[2 * what] - taken)

    def send(self, count: int, what: int = PACKET) -> None:
        for _ in range(count):
            numbers, room = self.numbers(), self.room(what)
            numbers[2 * what + (room <= 0)] += 1
            self.flow.update(self.key, struct.pack("=4Q", *numbers))
            if room > 0:
                self.deliver(what)

    def deliver(self, what: int) -> None:
        if what == PACKET:
            raw = struct.pack("=IHH3III", self.cube.id, 0, 1, 0, 0, 0, 0, 4) + b"data"
            self.polycube.kernel.rings["pcn_packets"].deliver(raw)
        else:
            raw = struct.pack("=IBBH4Q", self.cube.id, 2, 0, 5, 0, 0, 0, 0) + b"line\0"
            self.polycube.kernel.rings["pcn_logs"].deliver(raw)


async def made(polycube, name: str) -> Plane:
    return Plane(polycube, await create(polycube, "simplebridge", name, ports=[{"name": "x"}]))


def handled_by(plane: Plane, handler) -> None:
    plane.polycube.slow._channels[plane.cube.id].inbox._on_packet = handler


async def test_the_window_moves_on_when_packets_are_dealt_with(polycube):
    plane = await made(polycube, "a")
    plane.send(100)
    assert plane.room(PACKET) == slowpath.WINDOW - 100
    await asyncio.sleep(3 * slowpath.TICK)
    assert plane.room(PACKET) == slowpath.WINDOW
    assert polycube.slow.counts(plane.cube) == (100, 0, 0, 0)


async def test_a_control_plane_that_hangs_stops_only_its_own_cube(polycube):
    stuck, other = await made(polycube, "a"), await made(polycube, "b")

    async def hang(_packet) -> None:
        await asyncio.Event().wait()

    handled_by(stuck, hang)
    stuck.send(10 * slowpath.WINDOW)
    other.send(10)
    await asyncio.sleep(3 * slowpath.TICK)
    assert stuck.room(PACKET) == 0
    assert other.room(PACKET) == slowpath.WINDOW
    counts = polycube.slow.counts(stuck.cube)
    assert counts == (slowpath.WINDOW, 9 * slowpath.WINDOW, 0, 0)


async def test_a_flood_moves_on_at_the_daemons_pace_and_leaves_others_their_share(polycube):
    flood, other = await made(polycube, "a"), await made(polycube, "b")
    for plane in (flood, other):
        handled_by(plane, lambda _packet: asyncio.sleep(0))
    start = asyncio.get_running_loop().time()
    while (took := asyncio.get_running_loop().time() - start) < 0.5:
        flood.send(40)
        other.send(1)
        await asyncio.sleep(0.002)
    flooded, quiet = polycube.slow.counts(flood.cube), polycube.slow.counts(other.cube)
    assert flooded.dropped > 0
    assert flooded.packets <= slowpath.WINDOW + slowpath.PACKETS_A_SECOND * (took + slowpath.TICK)
    assert quiet.dropped == 0
    assert quiet.packets > 10


def test_a_tick_is_shared_evenly_and_what_one_leaves_is_the_others():
    slow = slowpath.SlowPath(dict)
    slow._channels = {
        number: type("Channel", (), {"packets": wanted})()
        for number, wanted in {1: 500, 2: 3, 3: 0, 4: 500}.items()
    }
    shares = slow._shares(101)
    assert shares == {2: 3, 1: 49, 4: 49}
    assert slow._shares(5000) == {2: 3, 1: 500, 4: 500}


async def test_lines_move_on_at_their_own_pace_and_what_is_missing_is_said(polycube, caplog):
    plane = await made(polycube, "a")
    caplog.clear()
    plane.send(slowpath.WINDOW + 50, LINE)
    assert len([one for one in caplog.records if one.getMessage() == "line"]) == slowpath.WINDOW
    await asyncio.sleep(2.5 * slowpath.TICK)
    assert 0 < plane.room(LINE) <= 3 * slowpath.LINES_A_SECOND * slowpath.TICK
    assert polycube.slow.counts(plane.cube).suppressed == 50
    await polycube.delete(plane.cube)
    assert caplog.records[-1].getMessage() == "suppressed 50 log lines"


async def test_a_cube_starts_with_an_empty_window_whatever_its_number_counted_before(polycube):
    first = await made(polycube, "a")

    async def hang(_packet) -> None:
        await asyncio.Event().wait()

    handled_by(first, hang)
    first.send(300)
    await polycube.delete(first.cube)
    second = await made(polycube, "b")
    assert second.cube.id == first.cube.id
    assert second.room(PACKET) == slowpath.WINDOW
    assert polycube.slow.counts(second.cube) == (0, 0, 0, 0)


async def test_a_record_of_a_life_before_does_no_harm(polycube):
    plane = await made(polycube, "a")
    for _ in range(3):
        plane.deliver(PACKET)  # sent before the daemon was there, so not counted as sent since
    await asyncio.sleep(3 * slowpath.TICK)
    assert plane.room(PACKET) == slowpath.WINDOW + 3
    plane.send(10)
    await asyncio.sleep(3 * slowpath.TICK)
    assert plane.room(PACKET) == slowpath.WINDOW + 3


async def test_failures_of_a_flood_do_not_flood_the_log(polycube, caplog):
    plane = await made(polycube, "a")

    async def fail(_packet) -> None:
        raise ZeroDivisionError

    handled_by(plane, fail)
    plane.send(200)
    await asyncio.sleep(3 * slowpath.TICK)
    assert plane.room(PACKET) == slowpath.WINDOW
    assert caplog.text.count("a: on_packet failed") == 1


async def test_other_work_has_its_turn_during_a_flood(polycube):
    plane = await made(polycube, "a")
    turns = []

    async def count(_packet) -> None:
        turns.append("packet")

    async def other() -> None:
        for _ in range(4):
            turns.append("other")
            await asyncio.sleep(0)

    handled_by(plane, count)
    plane.send(slowpath.WINDOW)
    await asyncio.gather(other(), asyncio.sleep(slowpath.TICK))
    last = len(turns) - turns[::-1].index("other")
    assert turns[:last].count("packet") <= 4 * slowpath._TURN
