"""Timers of control planes."""

import asyncio
import struct

import pytest

from polycube_runtime.core.slow.timers import Timers
from tests.fakes import create

pytestmark = pytest.mark.anyio


@pytest.fixture
async def cube(polycube):
    return await create(polycube, "simplebridge", "a")


async def until(condition) -> None:
    end = asyncio.get_running_loop().time() + 5
    while asyncio.get_running_loop().time() < end:
        if condition():
            return
        await asyncio.sleep(0.001)
    pytest.fail("it never was")


async def test_a_timer_calls_functions_and_coroutine_functions_again_and_again(cube):
    plain, awaited = [], []

    async def wait() -> None:
        await asyncio.sleep(0)
        awaited.append(1)

    cube.every(0.002, lambda: plain.append(1))
    cube.every(0.002, wait)
    await until(lambda: len(plain) > 2 and len(awaited) > 2)


async def test_the_first_call_is_after_a_period(cube):
    called = []
    cube.every(0.05, lambda: called.append(1))
    await asyncio.sleep(0.01)
    assert called == []


async def test_calls_do_not_overlap_and_what_was_missed_is_not_made_up_for(cube):
    running, most, calls = 0, 0, []

    async def slow() -> None:
        nonlocal running, most
        running += 1
        most = max(most, running)
        calls.append(asyncio.get_running_loop().time())
        await asyncio.sleep(0.02)
        running -= 1

    cube.every(0.001, slow)
    await until(lambda: len(calls) == 4)
    assert most == 1
    assert calls[3] - calls[0] >= 0.06


async def test_a_failure_is_logged_once_and_ends_nothing(cube, caplog):
    calls = []

    def fail() -> None:
        calls.append(1)
        if len(calls) != 3:
            raise ZeroDivisionError

    cube.every(0.001, fail)
    await until(lambda: len(calls) >= 5)
    failures = [one for one in caplog.records if "a timer of 0.001 s failed" in one.getMessage()]
    assert [one.name for one in failures] == ["polycube.cube.Simplebridge.a"] * 2
    assert failures[0].exc_info[0] is ZeroDivisionError


async def test_a_timer_can_be_cancelled_twice(cube):
    calls = []
    timer = cube.every(0.001, lambda: calls.append(1))
    await until(lambda: calls)
    timer.cancel()
    timer.cancel()
    await asyncio.sleep(0)
    before = len(calls)
    await asyncio.sleep(0.01)
    assert len(calls) == before


async def test_timers_end_with_their_cube(polycube, cube):
    calls = []
    cube.every(0.001, lambda: calls.append(1))
    await until(lambda: calls)
    await polycube.delete(cube)
    before = len(calls)
    await asyncio.sleep(0.01)
    assert len(calls) == before
    assert not [task for task in asyncio.all_tasks() if task.get_name() == "timer a"]


async def test_a_timer_may_delete_its_own_cube(polycube, cube):
    async def end() -> None:
        await polycube.delete(cube)

    cube.every(0.001, end)
    await until(lambda: "a" not in polycube.cubes)


async def test_on_packet_may_delete_its_own_cube(polycube, cube):
    async def end(_packet) -> None:
        await polycube.delete(cube)

    polycube.slow._channels[cube.id].inbox._on_packet = end
    raw = struct.pack("=IHH3III", cube.id, 0, 1, 0, 0, 0, 0, 4) + b"data"
    polycube.kernel.rings["pcn_packets"].deliver(raw)
    await until(lambda: "a" not in polycube.cubes)


async def test_a_period_is_positive(cube):
    with pytest.raises(ValueError, match="more than 0 seconds, not 0"):
        cube.every(0, print)


async def test_closing_nothing_is_fine(cube):
    Timers("x", cube.log).close()
