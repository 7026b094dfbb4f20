"""Maps of maps in the kernel: packets meet the map of their outer entry, and all of a change."""

from __future__ import annotations

import os
import threading
from ipaddress import IPv4Address
from typing import TYPE_CHECKING, Any

import pytest
from scapy.layers.inet import IP
from scapy.layers.l2 import Ether

from polycube_runtime.bpf.errors import CompileError
from polycube_runtime.testing import LoadedCube
from tests.core.inner import service
from tests.core.sessions import Session, with_code

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

__all__ = ["service"]
pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: loads eBPF programs")
CODE = """
BPF_TABLE("array", u32, u64, answers, 3);

/* Tells whether all of 512 addresses lead to one port */
static __always_inline u32 one_answer(void) {
    void *now = policy_now();
    u32 first = OUT_NONE;
    if (!now)
        return 2;
#pragma clang loop unroll(disable)
    for (u32 n = 0; n < 512; n++) {
        struct policy_key key = {.address = bpf_htonl(0x0a000000 | n)};
        struct policy_value *found = bpf_map_lookup_elem(now, &key);
        if (!found || (n && found->out != first))
            return 2;
        first = found->out;
    }
    return first == OUT_NONE;
}

static __always_inline int handle_rx(struct CTXTYPE *ctx, struct pkt_metadata *md) {
    void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
    struct iphdr *ip = data + sizeof(struct ethhdr);
    if ((void *)(ip + 1) > end)
        return RX_DROP;
    if (ip->ttl == 1) {
        u32 answer = one_answer();
        u64 *count = answers.lookup(&answer);
        if (count)
            __sync_fetch_and_add(count, 1);
        return RX_DROP;
    }
    struct zone_members_key zone = {.zone_name = "dmz"};
    struct members_key key = {.prefixlen = 32, .network = ip->saddr};
    struct members_value *member = members_lookup(&zone, &key);
    if (!member)
        return RX_DROP;
    __sync_fetch_and_add(&member->hits, 1);
    u32 group = 2, index = member->mark;
    struct slots_value *slot = slots_lookup(&group, &index);
    if (!slot)
        return RX_DROP;
    struct policy_key to = {.address = ip->daddr};
    struct policy_value *found = policy_lookup(&to);
    if (!found || found->out == OUT_NONE)
        return RX_DROP;
    struct group_seen_key around = {.group_id = 2};
    struct seen_key source = {.address = ip->saddr};
    struct seen_value learnt = {.mark = slot->weight};
    void *seen = seen_of(&around);
    if (seen)
        bpf_map_update_elem(seen, &source, &learnt, BPF_ANY);
    return pcn_pkt_redirect(ctx, md, found->out);
}
"""
PORTS = [{"name": "p1"}, {"name": "p2"}]
ZONES = [
    {"name": "dmz", "member": [{"network": "10.0.0.0/8"}, {"network": "10.1.0.0/16", "mark": 1}]},
    {"name": "lan", "member": [{"network": "192.168.0.0/16"}]},
]
CONFIG = {
    "ports": PORTS,
    "zone": ZONES,
    "group": [{"id": 2, "slot": [{"index": 1, "weight": 5}]}],
    "policy": [{"address": "10.9.9.9", "out": "p2"}, {"address": "10.9.9.8"}],
}


def frame(source: str, target: str = "10.9.9.9", ttl: int = 64) -> bytes:
    ether = Ether(src="02:00:00:00:00:0a", dst="02:00:00:00:00:0b")
    return bytes(ether / IP(src=source, dst=target, ttl=ttl)).ljust(64, b"\0")


@pytest.fixture(params=["TC", "XDP_SKB"])
def cube(
    request: pytest.FixtureRequest, service: type[Any], tmp_path: Path
) -> Iterator[LoadedCube]:
    made = with_code(service, tmp_path, CODE)
    with LoadedCube(made, {"type": request.param, **CONFIG}) as loaded:
        yield loaded


def do(cube: LoadedCube, verb: str, template: str, *keys: str, value: Any = None) -> None:
    cube.wait(Session(cube.polycube, cube.cube).do(verb, template, *keys, value=value))


def test_a_packet_meets_the_map_of_its_outer_entry(cube: LoadedCube) -> None:
    assert cube.run(frame("10.1.0.1"), port="p1") == ("redirect", "p2")
    assert cube.run(frame("192.168.0.1"), port="p1").verdict == "drop", "it is of another zone"
    assert cube.run(frame("10.1.0.1", "10.9.9.8"), port="p1").verdict == "drop"
    read = cube.read()
    zones = {one["name"]: one["member"] for one in read["zone"]}
    assert {one["network"]: one["hits"] for one in zones["dmz"]} == {
        "10.0.0.0/8": 0,
        "10.1.0.0/16": 2,
    }
    (group,) = read["group"]
    assert group["seen"] == [{"address": "10.1.0.1", "mark": 5}]
    assert [one["weight"] for one in group["slot"]] == [7, 5, 7, 7]


def test_entries_come_and_go_under_packets(cube: LoadedCube) -> None:
    do(cube, "delete", "zone/{n}", "dmz")
    assert cube.run(frame("10.1.0.1"), port="p1").verdict == "drop"
    do(cube, "create", "zone/{n}", "dmz", value={})
    assert cube.run(frame("10.1.0.1"), port="p1").verdict == "drop"
    do(cube, "create", "zone/{n}/member/{m}", "dmz", "10.1.0.0/16", value={"mark": 2})
    assert cube.run(frame("10.1.0.1"), port="p1") == ("redirect", "p2")
    do(cube, "replace", "policy", value=[{"address": "10.9.9.9", "out": "p1"}])
    assert cube.run(frame("10.1.0.1"), port="p1") == ("redirect", "p1")
    do(cube, "delete", "ports/{p}", "p1")
    assert cube.run(frame("10.1.0.1"), port="p2").verdict == "drop"
    assert cube.read()["policy"] == []


def test_a_reload_goes_on_with_the_maps(cube: LoadedCube) -> None:
    assert cube.run(frame("10.1.0.1"), port="p1") == ("redirect", "p2")
    before = cube.read()
    cube.wait(cube.cube.reload())
    assert cube.read() == before


def test_a_changed_list_is_seen_by_packets_all_at_once(cube: LoadedCube) -> None:
    """512 addresses lead to p1, or all to nothing: no packet may see some of both."""
    versions = [
        [{"address": str(IPv4Address("10.0.0.0") + n), **out} for n in range(512)]
        for out in ({"out": "p1"}, {})
    ]
    do(cube, "replace", "policy", value=versions[0])
    program, over = cube.cube.dataplane.programs["ingress"], threading.Event()
    packet = frame("10.1.0.1", ttl=1)

    def traffic() -> None:
        while not over.is_set():
            program.test_run(packet, repeat=100, cb=(0,))

    thread = threading.Thread(target=traffic)
    thread.start()
    try:
        for turn in range(100):
            do(cube, "replace", "policy", value=versions[turn % 2])
    finally:
        over.set()
        thread.join()
    answers = cube.cube.dataplane.maps["answers"]
    p1, nothing, mixed = (
        int.from_bytes(answers.lookup(n.to_bytes(4, "little")) or b"", "little") for n in range(3)
    )
    assert mixed == 0
    assert min(p1, nothing) > 100, "packets met both"


HAND_WRITTEN = """
BPF_TABLE("hash", u32, u32, mine, 8);
%s
static __always_inline int handle_rx(struct CTXTYPE *ctx, struct pkt_metadata *md) {
    u32 key = 1;
    void *found = all_mine.lookup(&key);
    return found ? RX_OK : RX_DROP;
}
"""


def test_a_map_of_maps_can_be_written_by_hand(service: type[Any], tmp_path: Path) -> None:
    made = with_code(service, tmp_path, HAND_WRITTEN % "PCN_HASH_OF_MAPS(all_mine, u32, mine, 4);")
    with LoadedCube(made, CONFIG) as loaded:
        assert loaded.cube.dataplane.maps["all_mine"].items() == []
        assert loaded.run(frame("10.1.0.1"), port="p1").verdict == "drop"


def test_bccs_own_macro_is_refused_with_what_to_take(service: type[Any], tmp_path: Path) -> None:
    table = 'BPF_HASH_OF_MAPS(all_mine, u32, "mine", 4);'
    made = with_code(service, tmp_path, HAND_WRITTEN % table)
    with pytest.raises(CompileError, match="all_mine in program ingress holds maps: declare it"):
        LoadedCube(made, CONFIG).__enter__()
