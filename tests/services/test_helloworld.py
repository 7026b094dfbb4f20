"""helloworld, packet by packet."""

from __future__ import annotations

import os

import pytest

from polycube_runtime.testing import LoadedCube
from polycube_services.helloworld import Helloworld

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: loads eBPF programs")

FRAME = bytes.fromhex("02000000000202000000000108004500") + bytes(48)
PORTS = [{"name": "left"}, {"name": "right"}]
CASES = [
    ("drop", "DROP", "left", ("drop", "")),
    ("forward from the first port", "FORWARD", "left", ("redirect", "right")),
    ("forward from the second port", "FORWARD", "right", ("redirect", "left")),
    ("slow path", "SLOWPATH", "left", ("drop", "")),
]


@pytest.mark.parametrize("hook", ["TC", "XDP_SKB"])
@pytest.mark.parametrize(
    ("action", "port", "outcome"), [c[1:] for c in CASES], ids=[c[0] for c in CASES]
)
def test_action(hook: str, action: str, port: str, outcome: tuple[str, str]) -> None:
    """Each action does what its name says, at either hook, and only one shows packets to anyone."""
    with LoadedCube(Helloworld, {"type": hook, "action": action, "ports": PORTS}) as cube:
        assert cube.run(FRAME, port=port) == outcome
        assert cube.packet == FRAME
        up = [(packet.port, packet.reason, packet.data) for packet in cube.packets_up]
        assert up == ([(port, 1, FRAME)] if action == "SLOWPATH" else [])


@pytest.mark.parametrize("length", [34, 60, 1500, 3000])
def test_slow_path_keeps_every_byte(length: int) -> None:
    """A packet reaches the control plane as long as it was, whatever its length."""
    frame = (FRAME + bytes(range(256)) * 12)[:length]
    with LoadedCube(Helloworld, {"action": "SLOWPATH", "ports": PORTS}) as cube:
        cube.run(frame, port="right")
        assert [(packet.port, packet.length, packet.data) for packet in cube.packets_up] == [
            ("right", length, frame)
        ]
