"""Presence containers in the kernel: a packet meets one that is there."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
from scapy.layers.l2 import Ether

from polycube_runtime.testing import LoadedCube
from tests.core.sessions import Session, with_code
from tests.core.test_presence import service

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["service"]
pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: loads eBPF programs")
CODE = """
static __always_inline int handle_rx(struct CTXTYPE *ctx, struct pkt_metadata *md) {
    u32 only = 0;
    struct filter_value *found = filter.lookup(&only);
    struct toggle_value *switched = toggle.lookup(&only);
    if (!found || !found->present || !switched || !switched->on)
        return RX_DROP;
    found->seen += 1;
    return found->out == OUT_NONE ? RX_OK : pcn_pkt_redirect(ctx, md, found->out);
}
"""
FRAME = bytes(Ether(src="02:00:00:00:00:0a", dst="02:00:00:00:00:0b", type=0x800)).ljust(64, b"\0")


@pytest.mark.parametrize("hook", ["TC", "XDP_SKB"])
def test_a_packet_meets_what_is_there(service: type[Any], tmp_path: Path, hook: str) -> None:
    config = {"type": hook, "ports": [{"name": "p1"}, {"name": "p2"}]}
    with LoadedCube(with_code(service, tmp_path, CODE), config) as cube:
        session = Session(cube.polycube, cube.cube)
        assert cube.run(FRAME, port="p1").verdict == "drop"
        cube.wait(session.do("update", value={"toggle": {}, "filter": {"out": "p2"}}))
        assert cube.run(FRAME, port="p1") == ("redirect", "p2")
        cube.wait(session.do("delete", "ports/{p}", "p2"))
        assert cube.run(FRAME, port="p1").verdict == "ok"
        assert cube.read()["filter"] == {"rate": 3, "seen": 2, "allow": []}
        cube.wait(session.do("delete", "filter"))
        assert cube.run(FRAME, port="p1").verdict == "drop"
