"""Sets in the kernel: packets meet lists of keys only, and leaf-lists with maps of their own."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
from scapy.layers.l2 import Ether

from polycube_runtime.testing import LoadedCube
from tests.core.sessions import with_code
from tests.core.test_sets import service

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["service"]
pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: loads eBPF programs")
CODE = """
static __always_inline int handle_rx(struct CTXTYPE *ctx, struct pkt_metadata *md) {
    struct blocked_key blocked_one = {.address = bpf_htonl(0x0a000001), .port = 80};
    struct acl_outs_key way = {.acl_name = "a", .out = 1};
    struct trusted_key trust = {.prefixlen = 128, .trusted = {bpf_htonl(0xfd000000)}};
    struct vlans_key vlan = {.vlan = 20};
    u32 three = 3;
    u8 *is_open = open.lookup(&three);
    if (blocked.lookup(&blocked_one) || !is_open || !*is_open) {
        return RX_DROP;
    }
    if (!vlans.lookup(&vlan) || !trusted.lookup(&trust) || !acl_outs.lookup(&way)) {
        return RX_DROP;
    }
    struct seen_key source = {.seen = {0, 0, bpf_htonl(0xffff), bpf_htonl(0x0a000002)}};
    u8 one = 1;
    seen.update(&source, &one);
    return pcn_pkt_redirect(ctx, md, way.out);
}
"""
FRAME = bytes(Ether(src="02:00:00:00:00:0a", dst="02:00:00:00:00:0b", type=0x800)).ljust(64, b"\0")


@pytest.mark.parametrize("hook", ["TC", "XDP_SKB"])
def test_a_packet_meets_what_is_in_sets(service: type[Any], tmp_path: Path, hook: str) -> None:
    config = {
        "type": hook,
        "ports": [{"name": "p1"}, {"name": "p2"}],
        "open": [{"id": 3}],
        "vlan": [20],
        "trusted": ["fd00::/16"],
        "acl": [{"name": "a", "out": ["p2"]}],
    }
    with LoadedCube(with_code(service, tmp_path, CODE), config) as cube:
        assert cube.run(FRAME, port="p1") == ("redirect", "p2")
        assert cube.read()["seen"] == ["10.0.0.2"]
        cube.tables["blocked"].put({"address": "10.0.0.1", "port": 80})
        assert cube.run(FRAME, port="p1").verdict == "drop"
        cube.tables["blocked"].clear()
        for name, key in (("open", {"id": 3}), ("vlans", {"vlan": 20})):
            assert cube.run(FRAME, port="p1").verdict == "redirect"
            assert cube.tables[name].remove(key)
            assert cube.run(FRAME, port="p1").verdict == "drop"
            cube.tables[name].put(key)
