"""Maps of maps under traffic: neither a replaced list nor a killed daemon costs a packet."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import pytest

from tests.netns import made
from tests.netns.daemon import running
from tests.netns.stream import Stream
from tests.netns.test_privileges import limited, unit_capabilities

if TYPE_CHECKING:
    from pathlib import Path

    from tests.netns.daemon import Daemon
    from tests.netns.lab import Lab

pytestmark = pytest.mark.netns

MODEL = """
list zone {
  key name;
  ebpf:map "zones" { ebpf:entries 16; }
  leaf name { type string { length "1..7"; } }
  leaf limit { type uint32; default 0; }
  list way {
    key network;
    ebpf:map "ways" {
      ebpf:kind lpm_trie; ebpf:entries 1024; ebpf:outer "zone_ways" { ebpf:entries 16; }
    }
    leaf network { type inet:ipv4-prefix; }
    leaf out { type leafref { path "/ports/name"; } mandatory true; }
    leaf packets { type uint64; config false; }
  }
}
"""
PROGRAM = """
static __always_inline int handle_rx(struct CTXTYPE *ctx, struct pkt_metadata *md) {
    void *data = (void *)(long)ctx->data, *end = (void *)(long)ctx->data_end;
    struct ethhdr *eth = data;
    struct iphdr *ip = (void *)(eth + 1);
    if ((void *)(eth + 1) > end)
        return RX_DROP;
    if (eth->h_proto == bpf_htons(ETH_P_ARP))
        return pcn_pkt_redirect(ctx, md, 1 - md->in_port);
    if ((void *)(ip + 1) > end)
        return RX_DROP;
    struct zone_ways_key zone = {.zone_name = "blue"};
    struct ways_key key = {.prefixlen = 32, .network = ip->daddr};
    struct ways_value *way = ways_lookup(&zone, &key);
    if (!way)
        return RX_DROP;
    __sync_fetch_and_add(&way->packets, 1);
    return pcn_pkt_redirect(ctx, md, way->out);
}
"""
CLASS = """
from tenants._generated import TenantsBase
class Tenants(TenantsBase):
    pass
"""
OTHERS = [f"10.{n}.0.0/16" for n in range(200)]


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A third party's service."""
    return made.package(tmp_path, "tenants", MODEL, datapath=PROGRAM, __init__=CLASS)


def ways(daemon: Daemon, zone: str = "blue") -> dict[str, dict[str, Any]]:
    found = daemon.get(f"/tenants/t1/zone/{zone}/way")
    return {one["network"]: one for one in found if isinstance(one, dict)}


def test_lists_are_replaced_and_the_daemon_killed_under_traffic(
    lab: Lab, tmp_path: Path, program_cache: Path, bpffs: str, package: Path
) -> None:
    """With the capabilities of the unit: maps by their numbers are for administrators only."""
    assert bpffs
    h1, h2 = (lab.host(f"h{n}", address=f"10.68.0.{n}/24") for n in (1, 2))
    back = {"network": "10.68.0.1/32", "out": "p1"}
    versions = [
        [back, {"network": there, "out": "p2"}, *({"network": one, "out": "p2"} for one in more)]
        for there, more in (("10.68.0.0/24", OTHERS), ("10.68.0.2/32", OTHERS[:100]))
    ]
    prefix = limited(*unit_capabilities())
    with running(lab.name, tmp_path, program_cache, prefix=prefix) as daemon:
        daemon.post("/services", {"type": "lib", "uri": str(package), "name": "tenants"})
        ports = [{"name": f"p{n}", "peer": host.netdev} for n, host in ((1, h1), (2, h2))]
        zones = [{"name": "blue", "way": versions[0]}, {"name": "red", "way": versions[1]}]
        daemon.post("/tenants/t1", {"ports": ports, "zone": zones})
        assert h1.ping(h2.ip).lost == 0
        with Stream(h1, h2, port=7001) as stream:
            for turn in range(20):
                reply = daemon.request("PUT", "/tenants/t1/zone/blue/way", versions[turn % 2])
                assert reply.status == 201, reply
            daemon.kill()
            daemon.restart()
            assert len(ways(daemon)) == len(versions[1])
            assert daemon.request("PUT", "/tenants/t1/zone/blue/way", versions[0]).status == 201
            daemon.post("/reload", {"cube": "t1"})
        assert stream.sent > 0
        assert stream.lost == []
        assert ways(daemon)["10.68.0.0/24"]["packets"] > 0
        daemon.delete("/tenants/t1/zone/blue")
        assert h1.ping(h2.ip, count=2).lost == 2
        daemon.post("/tenants/t1/zone/blue", {"way": versions[0]})
        assert h1.ping(h2.ip).lost == 0
        assert len(ways(daemon, "red")) == len(versions[1])
