"""How many log lines a cube may write."""

import asyncio
import logging

import pytest

from polycube_runtime.core.slow import loglimit
from tests.fakes import create

pytestmark = pytest.mark.anyio


@pytest.fixture
async def cube(polycube, caplog, monkeypatch):
    monkeypatch.setattr(loglimit, "REPORT", 0.05)
    monkeypatch.setattr(loglimit, "LINES_A_SECOND", 1e-6)
    cube = await create(polycube, "simplebridge", "limited")  # a logger of its own
    caplog.clear()
    return cube


def messages(caplog) -> list[str]:
    return [one.getMessage() for one in caplog.records]


async def test_a_burst_is_written_the_rest_is_counted(cube, caplog):
    for number in range(loglimit.BURST + 7):
        cube.log.info("line %d", number)
    assert len(messages(caplog)) == loglimit.BURST
    await asyncio.sleep(0.1)
    assert messages(caplog)[loglimit.BURST :] == ["suppressed 7 log lines"]
    assert cube.lines.suppressed == 7


async def test_warnings_of_a_control_plane_are_never_left_out(cube, caplog):
    for _ in range(loglimit.BURST):
        cube.log.info("line")
    cube.log.warning("mine")
    cube.log.warning("the program's", extra={"program": True})
    assert messages(caplog)[loglimit.BURST :] == ["mine"]


async def test_there_is_room_again_after_a_while(cube, caplog, monkeypatch):
    for _ in range(loglimit.BURST + 1):
        cube.log.info("line")
    monkeypatch.setattr(loglimit, "LINES_A_SECOND", 10_000)
    await asyncio.sleep(0.01)
    cube.log.info("later")
    assert "later" in messages(caplog)


async def test_levels_that_are_off_cost_no_room(cube, caplog):
    for _ in range(2 * loglimit.BURST):
        cube.log.debug("line")
    cube.log.info("seen")
    assert messages(caplog) == ["seen"]


async def test_what_was_not_said_is_said_when_the_cube_goes(polycube, cube, caplog):
    for _ in range(loglimit.BURST + 3):
        cube.log.info("line")
    await polycube.delete(cube)
    assert messages(caplog)[-1] == "suppressed 3 log lines"
    logger = logging.getLogger("polycube.cube.Simplebridge.limited")
    assert logger.filters == []
