"""Packets sent on by devmaps and cpumaps, which follow what becomes of interfaces."""

from __future__ import annotations

import asyncio
import os
import socket
from typing import TYPE_CHECKING, Any

import pytest

from polycube_runtime.bpf import asm
from polycube_runtime.bpf.kernel import AttachPoint
from polycube_runtime.bpf.spec import Hook
from polycube_runtime.testing import LoadedCube
from tests.core.test_devices import service

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

__all__ = ["service"]
pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: loads eBPF programs")
NEAR, FAR = f"pct{os.getpid()}a", f"pct{os.getpid()}b"
TYPE = 0x88B5  # IEEE 802: for local experiments
CODE = """
static __always_inline int handle_rx(struct CTXTYPE *ctx, struct pkt_metadata *md) {
    u32 from = %d;
    switch (md->packet_len) {
        case 100: return cpus_redirect(ctx, 0);
        case 101: return cpus_redirect(ctx, 1);
        case 102: return wires_redirect(ctx, from);
        default: return outs_redirect(ctx, md->packet_len & 15);
    }
}
"""


def frame(length: int) -> bytes:
    addresses = bytes.fromhex("020000000001020000000002")
    return (addresses + TYPE.to_bytes(2, "big")).ljust(length, b"\1")


class Wired:
    """A cube, a pair of interfaces that it may send to, and what arrives at their far end."""

    def __init__(self, cube: LoadedCube, socket_: socket.socket) -> None:
        self.cube, self.socket = cube, socket_

    def arrives(self, length: int) -> bool:
        """Have a packet run through the cube as any other does, and see if it gets there."""
        self.cube.wait(self.cube.cube.send("p1", frame(length), recirculate=True))
        self.cube.wait(asyncio.sleep(0.05))
        try:
            return len(self.socket.recv(2000)) == length
        except BlockingIOError:
            return False

    def update(self, **value: Any) -> None:
        async def change() -> None:
            tree = self.cube.polycube.tree(self.cube.cube)
            async with self.cube.polycube.change() as undo:
                await tree.update(tree.root, value, undo)

        self.cube.wait(change())

    def read(self) -> dict[str, Any]:
        found = self.cube.read()
        return {name: found.get(name) for name in ("out", "wire", "cpu", "settings")}


@pytest.fixture(params=["TC", "XDP_DRV"])
def wired(request: pytest.FixtureRequest, service: type[Any], tmp_path: Path) -> Iterator[Wired]:
    code = tmp_path / "devices.c"

    def datapath(_service: type[Any]) -> Mapping[str, Path]:
        return {"ingress": code}

    made = type("Devices", (service,), {"datapath": classmethod(datapath)})
    code.write_text(CODE % 0)
    with LoadedCube(made, {"type": request.param, "ports": [{"name": "p1"}]}) as cube:
        polycube, kernel = cube.polycube, cube.polycube.kernel
        near, far = cube.wait(kernel.add_veth(NEAR, FAR, mtu=1500))
        code.write_text(CODE % near.index)
        cube.wait(polycube.start())
        cube.wait(polycube.reload(cube.cube))
        # veth takes XDP frames where somebody is at its far end to take them.
        taking = cube.wait(kernel.load(asm.verdict(Hook.XDP, asm.PASS[Hook.XDP]), {}))
        cube.wait(kernel.attach(far, AttachPoint.XDP_DRV, taking))
        with socket.socket(socket.AF_PACKET, socket.SOCK_RAW) as listening:
            listening.bind((FAR, TYPE))
            listening.settimeout(0)
            yield Wired(cube, listening)
        cube.wait(kernel.delete_netdev(NEAR))
        taking.close()


def test_packets_leave_by_the_interface_of_the_entry(wired: Wired) -> None:
    wired.update(out=[{"id": 1, "interface": NEAR}], wire=[{"from": NEAR, "to": NEAR}])
    assert wired.arrives(65), "id 1"
    assert wired.arrives(102), "by the interface it came from"
    assert not wired.arrives(66), "id 2, which is not there"
    assert wired.cube.run(frame(66), port="p1").verdict == "drop"
    assert wired.read()["out"] == [{"id": 1, "interface": NEAR}]
    assert wired.cube.tables["outs"].count() == 1, "not 16, as an array's"


def test_packets_go_to_another_cpu_at_xdp_and_to_this_one_else(wired: Wired) -> None:
    wired.update(cpu=[{"id": 1, "queue-size": 64}])
    at_xdp = wired.cube.cube.hook is Hook.XDP
    assert wired.cube.run(frame(101), port="p1").verdict == ("redirect" if at_xdp else "ok")
    assert wired.cube.run(frame(100), port="p1").verdict == "ok", "an entry that is not there"
    assert wired.read()["cpu"] == [{"id": 1, "queue-size": 64}]
    assert wired.cube.tables["cpus"].count() == 1


def test_the_model_follows_the_kernels_interfaces(wired: Wired) -> None:
    kernel, other = wired.cube.polycube.kernel, f"{NEAR}2"
    wired.cube.wait(kernel.add_veth(other, f"{FAR}2", mtu=1500))
    wired.update(
        out=[{"id": 1, "interface": NEAR}, {"id": 2, "interface": other}],
        wire=[{"from": FAR, "to": NEAR}],
        settings={"uplink": NEAR},
    )
    wired.cube.wait(kernel.delete_netdev(NEAR))
    wired.cube.wait(asyncio.sleep(0.2))
    found = wired.read()
    assert found["out"] == [{"id": 2, "interface": other}]
    assert found["wire"] == []
    assert "uplink" not in found["settings"]
    assert wired.cube.run(frame(65), port="p1").verdict == "drop"
    wired.cube.wait(kernel.delete_netdev(other))
