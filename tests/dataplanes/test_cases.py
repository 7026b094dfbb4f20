"""Cases and conditions in the kernel: packets meet the case that is chosen, and no other."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
from scapy.layers.l2 import Ether

from polycube_runtime.testing import LoadedCube
from tests.core.sessions import Session, with_code
from tests.core.test_cases import service

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["service"]
pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: loads eBPF programs")
CODE = """
static __always_inline int handle_rx(struct CTXTYPE *ctx, struct pkt_metadata *md) {
    u32 only = 0, two = 2;
    struct rate_value *fixed = rate.lookup(&only);
    struct limits_value *many = limits.lookup(&only);
    struct rules_key one = {.id = 1};
    struct slots_value *slot = slots.lookup(&two);
    int found = 0;
    if (fixed && fixed->has & RATE_HAS_RATE)
        found += 1;
    if (many && many->has)
        found += many->has & LIMITS_HAS_HIGH ? 20 : 10;
    if (rules.lookup(&one) && slot && slot->used)
        found += 100;
    md->reason = found;
    return found == 1 ? pcn_pkt_redirect(ctx, md, 1) : found == 20 ? RX_DROP : RX_OK;
}
"""
FRAME = bytes(Ether(src="02:00:00:00:00:0a", dst="02:00:00:00:00:0b", type=0x800)).ljust(64, b"\0")


@pytest.mark.parametrize("hook", ["TC", "XDP_SKB"])
def test_a_packet_meets_the_chosen_case(service: type[Any], tmp_path: Path, hook: str) -> None:
    config = {"type": hook, "ports": [{"name": "p1"}, {"name": "p2"}]}
    with LoadedCube(with_code(service, tmp_path, CODE), config) as cube:
        session = Session(cube.polycube, cube.cube)
        assert cube.run(FRAME, port="p1") == ("redirect", "p2")
        cube.wait(session.do("update", value={"limits": {"high": 7}}))
        assert cube.run(FRAME, port="p1").verdict == "drop"
        cube.wait(session.do("update", value={"rule": [{"id": 1}], "slot": [{"id": 2}]}))
        assert cube.run(FRAME, port="p1").verdict == "ok"
        cube.wait(session.do("update", "rate", value=3))
        assert cube.run(FRAME, port="p1") == ("redirect", "p2")
        assert cube.tables["rules"].entries() == cube.tables["slots"].entries() == []
