"""Packets and log lines from data planes, packets back to them."""

import asyncio
import logging
import struct

import pytest

from polycube_runtime.bpf import asm
from polycube_runtime.bpf.kernel import AttachPoint
from polycube_runtime.core.slow import slowpath
from polycube_runtime.support.errors import NotFound
from tests.fakes import SERVICES, create

pytestmark = pytest.mark.anyio


def record(cube: int, port: int, data: bytes = b"frame", length: int = 5) -> bytes:
    header = struct.pack("=IHH3III", cube, port, 9, 1, 2, 3, 4, length)
    return (header + data).ljust(48, b"\0")


async def settle() -> None:
    for _ in range(5):
        await asyncio.sleep(0)


@pytest.fixture
async def cube(polycube):
    return await create(polycube, "simplebridge", "a", ports=[{"name": "x"}, {"name": "y"}])


def deliver(polycube, raw: bytes) -> None:
    polycube.kernel.rings["pcn_packets"].deliver(raw)


async def test_a_packet_reaches_the_control_plane_of_its_cube(polycube, cube):
    got = []

    async def take(packet) -> None:
        got.append(packet)

    polycube.slow._channels[cube.id].inbox._on_packet = take
    deliver(polycube, record(cube.id, 1))
    deliver(polycube, record(cube.id, 77))
    deliver(polycube, record(cube.id + 1, 0))
    await settle()
    assert got[0] == ("y", 9, (1, 2, 3), 4, 5, b"frame")
    assert [packet.port for packet in got] == ["y", "77"]


async def test_what_does_not_fit_the_queue_is_counted_and_lost(polycube, cube):
    inbox = polycube.slow._channels[cube.id].inbox
    got = []

    async def take(packet) -> None:
        got.append(packet)

    inbox._on_packet = take
    for _ in range(slowpath.WINDOW + 3):
        deliver(polycube, record(cube.id, 0))
    await asyncio.sleep(0.05)
    assert len(got) == slowpath.WINDOW
    assert inbox.dropped == 3


async def test_a_control_plane_that_fails_goes_on_with_the_next_packet(polycube, cube, caplog):
    got = []

    async def fail_once(packet) -> None:
        got.append(packet)
        if len(got) == 1:
            raise ZeroDivisionError

    polycube.slow._channels[cube.id].inbox._on_packet = fail_once
    for _ in range(2):
        deliver(polycube, record(cube.id, 0))
    await settle()
    assert len(got) == 2
    assert "a: on_packet failed" in caplog.text


async def test_a_log_line_is_the_cubes(polycube, cube, caplog):
    text = b"port %d says hi\0"
    raw = struct.pack("=IBBH4Q", cube.id, 3, 1, len(text), 7, 0, 0, 0) + text
    polycube.kernel.rings["pcn_logs"].deliver(raw)
    polycube.kernel.rings["pcn_logs"].deliver(struct.pack("=I", 999) + raw[4:])
    (line,) = [one for one in caplog.records if "says" in one.getMessage()]
    assert line.getMessage() == "port 7 says hi"
    assert line.levelno == logging.WARNING
    assert line.name == "polycube.cube.Simplebridge.a"


async def connect(polycube, one: str, other: str) -> None:
    async with polycube.change() as undo:
        await polycube.peers.connect(one, other, undo)


async def test_a_packet_out_of_a_netdevs_port_leaves_by_the_netdev(polycube, cube):
    await cube.send("x", b"nobody there")
    await connect(polycube, "a:x", "veth1")
    await cube.send("x", b"out")
    assert polycube.kernel.sent == [(polycube.kernel.netdevs_by_name["veth1"].index, b"out", 0)]
    with pytest.raises(NotFound, match="/simplebridge/a/ports/z: there is no such port"):
        await cube.send("z", b"out")


async def test_a_packet_to_a_cube_goes_through_the_inject_device(polycube, cube):
    await create(polycube, "simplebridge", "b", ports=[{"name": "z"}, {"name": "x"}])
    await connect(polycube, "a:x", "b:x")
    await cube.send("x", b"over")
    await asyncio.gather(*(cube.send("y", b"in", recirculate=True) for _ in range(2)))
    tx = polycube.kernel.netdevs_by_name["pcn_tx"].index
    mark = {"over": (asm.OUT + cube.id) << 16 | 0, "in": cube.id << 16 | 1}
    assert polycube.kernel.sent == [
        (tx, b"over", mark["over"]),
        (tx, b"in", mark["in"]),
        (tx, b"in", mark["in"]),
    ]


async def test_the_inject_device_is_made_once(polycube, cube):
    await asyncio.gather(*(cube.send("x", b"in", recirculate=True) for _ in range(5)))
    assert len(polycube.kernel.sent) == 5
    assert ("pcn_rx", AttachPoint.TC_INGRESS) in polycube.kernel.attached


async def test_a_packet_to_an_xdp_cube_is_run_there(polycube):
    cube = await create(polycube, "simplebridge", "xa", type="XDP_SKB", ports=[{"name": "x"}])
    await cube.send("x", b"in", recirculate=True)
    program = polycube.kernel.loaded[-1]
    assert program.live == [asm.XDP_ADDRESS.pack(cube.id, 0) + b"in"]
    await cube.send("x", b"again", recirculate=True)
    assert program is polycube.kernel.loaded[-1], "it is loaded once"


async def test_what_the_runtime_lost_is_counted_over_all_cpus(polycube):
    nothing = {"packets to the control plane": 0, "log lines": 0}
    assert polycube.system.lost() == nothing
    await create(polycube, "simplebridge", "a")
    assert polycube.system.lost() == nothing
    lost = polycube.system._maps["pcn_lost"]
    lost.update(struct.pack("=I", 1), struct.pack("=2Q", 2, 3))
    assert polycube.system.lost() == {"packets to the control plane": 0, "log lines": 5}


async def test_packets_are_dropped_until_the_control_plane_has_started(polycube, monkeypatch):
    """They would find no ports, and a control plane that is not configured."""
    seen = []

    async def on_packet(self, packet) -> None:
        seen.append((self.cube.name, packet.port))

    async def start(_control) -> None:
        deliver(polycube, record(polycube.cubes["early"].id, 0))
        await settle()
        assert seen == []

    monkeypatch.setattr(SERVICES["simplebridge"], "on_packet", on_packet)
    monkeypatch.setattr(SERVICES["simplebridge"], "start", start)
    cube = await create(polycube, "simplebridge", "early", ports=[{"name": "p"}])
    await settle()
    assert seen == []
    assert polycube.slow.counts(cube).dropped == 1
    deliver(polycube, record(cube.id, 0))
    await settle()
    assert seen == [("early", "p")]
