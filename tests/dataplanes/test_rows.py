"""Containers of entries in maps of their own, in the kernel: each CPU counts in its own copy."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
from scapy.layers.l2 import Ether

from polycube_runtime.testing import LoadedCube
from tests.core.sessions import Session, with_code
from tests.core.test_rows import service

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["service"]
pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: loads eBPF programs")
CODE = """
static __always_inline int handle_rx(struct CTXTYPE *ctx, struct pkt_metadata *md) {
    struct rules_key rule = {.name = "a", .id = 1};
    struct stats_key key = {.rule_name = "a", .rule_id = 1};
    struct logs_key log = {.rule_name = "a", .rule_id = 1};
    u32 port = md->in_port;
    struct stats_value *counted = stats.lookup(&key);
    struct port_stats_value *passed = port_stats.lookup(&port);
    struct shapes_value *shape = shapes.lookup(&port);
    if (!rules.lookup(&rule) || !counted || !passed || !shape || shape->rate != 5)
        return RX_DROP;
    counted->packets += 1;
    passed->packets += 1;
    return logs.lookup(&log) ? RX_OK : pcn_pkt_redirect(ctx, md, 0);
}
"""
FRAME = bytes(Ether(src="02:00:00:00:00:0a", dst="02:00:00:00:00:0b", type=0x800)).ljust(64, b"\0")


@pytest.mark.parametrize("hook", ["TC", "XDP_SKB"])
def test_a_packet_is_counted_in_the_row_of_its_entry(
    service: type[Any], tmp_path: Path, hook: str
) -> None:
    config = {
        "type": hook,
        "ports": [{"name": "p1"}, {"name": "p2"}],
        "rule": [{"name": "a", "id": 1}, {"name": "b", "id": 1}],
        "per": [{"port": "p2", "shape": {"rate": 5}}],
    }
    with LoadedCube(with_code(service, tmp_path, CODE), config) as cube:
        session = Session(cube.polycube, cube.cube)
        assert cube.run(FRAME, port="p1").verdict == "drop"
        assert cube.run(FRAME, port="p2") == ("redirect", "p1")
        cube.wait(session.do("update", "rule/{n}/{i}", "a", "1", value={"act": 9, "log": {}}))
        assert cube.run(FRAME, port="p2").verdict == "ok"
        read = cube.read()
        counts = {one["name"]: one["stats"]["packets"] for one in read["rule"]}
        assert counts == {"a": 2, "b": 0}
        assert read["per"][0]["stats"] == {"packets": 2}
        cube.wait(session.do("delete", "rule/{n}/{i}", "a", "1"))
        assert cube.run(FRAME, port="p2").verdict == "drop"
