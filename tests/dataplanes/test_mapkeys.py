"""Tries and arrays of lists in lists in the kernel."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
from scapy.layers.inet import IP
from scapy.layers.l2 import Ether

from polycube_runtime.testing import LoadedCube
from tests.core.sessions import with_code
from tests.core.test_mapkeys import service

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["service"]
pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: loads eBPF programs")
CODE = """
#include <uapi/linux/if_ether.h>
#include <uapi/linux/ip.h>

static __always_inline int handle_rx(struct CTXTYPE *ctx, struct pkt_metadata *md) {
    void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
    struct iphdr *ip = data + sizeof(struct ethhdr);
    if ((void *)(ip + 1) > end)
        return RX_DROP;
    struct routes_key key = {
        .prefixlen = ROUTES_EXACT_BITS + 32, .vrf_name = "a", .vrf_id = 7, .network = ip->daddr,
    };
    struct locals_key local = {
        .prefixlen = LOCALS_EXACT_BITS + 128, .vrf_name = "a", .vrf_id = 7,
        .local = {bpf_htonl(0xfe800001)},
    };
    u32 at = classes_index(md->in_port, 2), none = classes_index(md->in_port, 4);
    u32 hole = slots_index(md->in_port, 5);
    struct classes_value *class = classes.lookup(&at);
    struct slots_value *slot = slots.lookup(&hole);
    struct routes_value *route = routes.lookup(&key);
    if (!locals.lookup(&local) || classes.lookup(&none) || !slot || !slot->used)
        return RX_DROP;
    if (!class || class->weight != 9 || !route)
        return RX_DROP;
    __sync_fetch_and_add(&class->packets, 1);
    return pcn_pkt_redirect(ctx, md, route->out);
}
"""


def frame(address: str) -> bytes:
    return bytes(Ether() / IP(dst=address)).ljust(64, b"\0")


@pytest.mark.parametrize("hook", ["TC", "XDP_SKB"])
def test_a_packet_meets_tries_and_arrays_of_lists_in_lists(
    service: type[Any], tmp_path: Path, hook: str
) -> None:
    routes = [{"network": "0.0.0.0/0", "out": "p1"}, {"network": "10.1.0.0/16", "out": "p2"}]
    others = [{"network": "10.1.2.0/24", "out": "p1"}]
    queue = {"port": "p2", "class": [{"id": 2, "weight": 9}], "slot": [{"id": 5}]}
    config = {
        "type": hook,
        "ports": [{"name": "p1"}, {"name": "p2"}],
        "vrf": [
            {"name": "a", "id": 7, "route": routes, "local": ["fe80::/10"]},
            {"name": "a", "id": 8, "route": others},
        ],
        "queue": [queue],
    }
    with LoadedCube(with_code(service, tmp_path, CODE), config) as cube:
        assert cube.run(frame("10.1.2.3"), port="p2") == ("redirect", "p2")
        assert cube.run(frame("10.2.0.1"), port="p2") == ("redirect", "p1")
        assert cube.run(frame("10.1.2.3"), port="p1").verdict == "drop"
        read = cube.read()
        assert read["queue"][0]["class"][2] == {"id": 2, "weight": 9, "packets": 2}
        (vrf,) = (one for one in read["vrf"] if one["id"] == 7)
        assert sorted(vrf["route"], key=str) == sorted(routes, key=str)
        cube.tables["routes"].remove({"vrf/name": "a", "vrf/id": 7, "network": "0.0.0.0/0"})
        assert cube.run(frame("10.2.0.1"), port="p2").verdict == "drop"
        cube.tables["slots"].remove({"queue/port": "p2", "id": 5})
        assert cube.run(frame("10.1.2.3"), port="p2").verdict == "drop"
