"""Notifications that packets cause, without a line of Python between the data plane and them."""

from __future__ import annotations

import asyncio
import os
import time
from datetime import datetime
from typing import TYPE_CHECKING, Any

import pytest

from polycube_runtime.bpf import bpffs
from polycube_runtime.bpf.compiler import Compiler
from polycube_runtime.bpf.linux import RING_BUDGET, LinuxKernel
from polycube_runtime.core.durable.adoption import adopting
from polycube_runtime.core.durable.journal import Journal
from polycube_runtime.core.durable.restore import restore
from polycube_runtime.core.polycube import Polycube
from polycube_runtime.core.slow import emitted
from polycube_runtime.testing import LoadedCube
from tests.core.test_emitted import service

if TYPE_CHECKING:
    from collections.abc import Mapping
    from pathlib import Path

    from polycube_runtime.core.cube import Cube
    from polycube_runtime.core.slow.emitted import Emitted
    from polycube_runtime.core.slow.notifying import Notified

__all__ = ["service"]
pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: loads eBPF programs")
CODE = """
static __always_inline int handle_rx(struct CTXTYPE *ctx, struct pkt_metadata *md) {
    struct alarm_value event = {.port = md->in_port, .why = WHY_RING};
    event.source = bpf_htonl(0x0a000001);
    if (md->packet_len > 60) {
        event.has = ALARM_HAS_LENGTH;
        event.length = md->packet_len;
    }
    alarm_emit(&event);
    struct over_value over = {.session_address = bpf_htonl(0x0a000007), .bytes = 1ULL << 40};
    over_emit(&over);
    return RX_DROP;
}
"""


RICH = """
static __always_inline int handle_rx(struct CTXTYPE *ctx, struct pkt_metadata *md) {
    struct rich_value event = {.has = RICH_HAS_TUNNEL | RICH_HAS_B, .tunnel_id = 9, .b = -3};
    event.flow_source[0] = bpf_htonl(0xfd000000);
    event.tag.count = 2;
    event.tag.values[0] = 100;
    event.tag.values[1] = md->packet_len;
    event.subject.type = SUBJECT_IS_IPV4;
    event.subject.ipv4 = bpf_htonl(0x0a000001);
    event.began = bpf_ktime_get_ns();
    rich_emit(&event);
    return RX_DROP;
}
"""


@pytest.fixture
def knocks(service: type[Any], tmp_path: Path) -> type[Any]:
    """Make the service of a data plane that tells of every packet."""
    return telling(service, tmp_path, CODE)


def telling(service: type[Any], folder: Path, text: str) -> type[Any]:
    """Make a service of a C text."""
    code = folder / "knocks.c"
    code.write_text(text)

    def datapath(_service: type[Any]) -> Mapping[str, Path]:
        return {"ingress": code}

    return type("Knocks", (service,), {"datapath": classmethod(datapath)})


@pytest.mark.parametrize("hook", ["TC", "XDP_SKB"])
def test_packets_are_events(knocks: type[Any], hook: str) -> None:
    with LoadedCube(knocks, {"type": hook, "ports": [{"name": "p1"}, {"name": "p2"}]}) as cube:
        cube.run(bytes(60), port="p2")
        cube.run(bytes(61), port="p1")
        heard = cube.events
    told = {name: [] for name in ("alarm", "over")}
    for one in heard:
        told[one.place.node.name].append(one)
    about = {"source": "10.0.0.1", "why": "ring"}
    assert [one.content for one in told["alarm"]] == [
        {"port": "p2", **about},
        {"port": "p1", **about, "length": 61},
    ]
    assert {one.place.path for one in told["over"]} == {"/knocks/cube/session/10.0.0.7/over"}
    assert {one.content["bytes"] for one in told["over"]} == {2**40}
    assert told["alarm"][0].time < told["over"][0].time < told["alarm"][1].time


def test_an_event_has_all_that_the_value_of_a_map_can_have(
    service: type[Any], tmp_path: Path
) -> None:
    with LoadedCube(telling(service, tmp_path, RICH), {"ports": [{"name": "p1"}]}) as cube:
        cube.run(bytes(60), port="p1")
        (one,) = cube.events
    began = datetime.fromisoformat(one.content.pop("began"))
    assert abs(began.timestamp() - one.time) < 0.1
    assert one.content == {
        "flow": {"source": "fd00::"},
        "tunnel": {"id": 9},
        "tag": [100, 60],
        "subject": "10.0.0.1",
        "b": -3,
    }


def test_a_flood_is_read_in_turns_and_what_finds_no_room_is_counted(knocks: type[Any]) -> None:
    """5,000 packets at once: all are told or counted, and the loop has time all the while."""
    sent, turns = 5000, 0

    async def read_all(told: Emitted, cube: Cube) -> float:
        nonlocal turns
        began = time.monotonic()
        while sum(told.counts(cube)) < 2 * sent:
            await asyncio.sleep(0.001)
            turns += 1
        return time.monotonic() - began

    with LoadedCube(knocks, {"ports": [{"name": "p1"}]}) as cube:
        cube.cube.dataplane.programs["ingress"].test_run(bytes(64), cb=(0,), repeat=sent)
        told = cube.polycube.emitted
        seconds = cube.wait(asyncio.wait_for(read_all(told, cube.cube), 20))
        counts = told.counts(cube.cube)
    assert (sum(counts), counts.refused) == (2 * sent, 0)
    assert counts.events >= 64 + 256, "as many as the model asks room for"
    assert seconds > (counts.events - RING_BUDGET) / emitted.EVENTS_A_SECOND
    assert turns > counts.events / RING_BUDGET, "the loop had time for others"


async def killed_and_restarted(knocks: type[Any], folder: Path) -> tuple[list[Notified], int]:
    """Have a daemon end with events unread, and another one start."""
    pins, heard = f"{bpffs.ROOT}/pct{os.getpid()}", []

    def daemon() -> Polycube:
        cache = Compiler(folder / "cache")
        return Polycube(LinuxKernel(), cache, {"knocks": knocks}, pins, f"pct{os.getpid()}")

    old = daemon()
    old.commits.journal = Journal(folder / "pcn.db")
    document = old.prepare("knocks", {"name": "k", "ports": [{"name": "p1"}]})
    async with old.change() as undo:
        cube = await old.create("knocks", document, undo)
    old.emitted.close(cube)  # from here on nobody reads
    program = cube.dataplane.programs["ingress"]
    for _ in range(5):
        program.test_run(bytes(60), cb=(0,))
    await old.release()
    new = daemon()
    new.notifying.observe(heard.append)
    new.commits.journal = Journal(folder / "pcn.db")
    try:
        async with adopting(new):
            await restore(new, new.commits.journal.load())
        await asyncio.sleep(0.2)
        return heard, len(new.cubes)
    finally:
        await new.close()


def test_what_was_told_while_no_daemon_ran_is_told_by_the_next(
    knocks: type[Any], tmp_path: Path
) -> None:
    bpffs.mount()
    heard, cubes = asyncio.run(killed_and_restarted(knocks, tmp_path))
    assert cubes == 1
    assert sorted(one.place.node.name for one in heard) == ["alarm"] * 5 + ["over"] * 5
