"""transparenthelloworld, packet by packet."""

from __future__ import annotations

import os

import pytest

from polycube_runtime.testing import LoadedCube
from polycube_services.transparenthelloworld import Transparenthelloworld

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: loads eBPF programs")

ADDRESSES = bytes.fromhex("020000000002020000000001")
FRAMES = {
    "ipv4": ADDRESSES + b"\x08\x00\x45" + bytes(45),
    "ipv6": ADDRESSES + b"\x86\xdd\x60" + bytes(61),
    "vlan": ADDRESSES + b"\x81\x00\x00\x05\x08\x00\x45" + bytes(45),
    "arp": ADDRESSES + b"\x08\x06" + bytes(46),
    "short": ADDRESSES + b"\x08\x00" + bytes(20),
}
VERDICTS = {"DROP": "drop", "PASS": "ok", "SLOWPATH": "drop"}


@pytest.mark.parametrize("hook", ["TC", "XDP_SKB"])
@pytest.mark.parametrize("direction", ["ingress", "egress"])
@pytest.mark.parametrize("action", VERDICTS)
def test_action(hook: str, direction: str, action: str) -> None:
    """Each action does what its name says to any packet of its direction, and only to that."""
    other = "egress" if direction == "ingress" else "ingress"
    config = {"type": hook, f"{direction}-action": action}
    with LoadedCube(Transparenthelloworld, config) as cube:
        for frame in FRAMES.values():
            assert cube.run(frame, direction=direction).verdict == VERDICTS[action]
            assert cube.packet == frame
            assert cube.run(frame, direction=other).verdict == "ok"
        up = [(packet.reason, packet.data) for packet in cube.packets_up]
        assert up == ([(1, frame) for frame in FRAMES.values()] if action == "SLOWPATH" else [])


def test_packets_pass_unless_told_otherwise() -> None:
    """A cube that nobody configured is not in the way."""
    with LoadedCube(Transparenthelloworld) as cube:
        found = cube.read()
        assert (found["ingress-action"], found["egress-action"]) == ("PASS", "PASS")
        assert cube.run(FRAMES["ipv4"]).verdict == "ok"
