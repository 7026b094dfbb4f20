"""Maps of the kernel's own kinds under a real daemon: traffic goes by them, whatever comes."""

from __future__ import annotations

import http.client
import json
import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import pytest

from tests.netns import made
from tests.netns.daemon import running
from tests.netns.test_privileges import limited, unit_capabilities

if TYPE_CHECKING:
    from pathlib import Path

    from tests.netns.daemon import Daemon
    from tests.netns.lab import Lab

pytestmark = pytest.mark.netns

MODEL = """
notification ping {
  ebpf:map "ping" { ebpf:entries 64; }
  leaf port { type leafref { path "/ports/name"; } mandatory true; }
  leaf source { type inet:ipv4-address; mandatory true; }
  leaf ticket { type uint16; mandatory true; }
}
list exit {
  key port;
  ebpf:map "exits" { ebpf:kind devmap; ebpf:entries 128; }
  leaf port { type leafref { path "/ports/name"; } }
  leaf interface { type string; mandatory true; ebpf:netdev; }
}
list step {
  key protocol;
  ebpf:map "steps" { ebpf:kind prog_array; ebpf:entries 256; }
  leaf protocol { type uint8; }
  leaf program { type string; mandatory true; ebpf:program; }
}
leaf-list ticket {
  type uint16;
  ordered-by user;
  ebpf:map "tickets" { ebpf:kind queue; ebpf:entries 64; }
}
"""
ENTRY = """
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
    md->md[0] = ip->saddr;
    steps_call(ctx, md, ip->protocol);
    return RX_DROP;
}
"""
ICMP = """
static __always_inline int handle_rx(struct CTXTYPE *ctx, struct pkt_metadata *md) {
    u16 ticket = 0;
    if (tickets.pop(&ticket))
        return RX_DROP;
    struct ping_value event = {.port = md->in_port, .source = md->md[0], .ticket = ticket};
    ping_emit(&event);
    return exits_redirect(ctx, md->in_port);
}
"""
CLASS = """
from exits._generated import ExitsBase
class Exits(ExitsBase):
    pass
"""


@pytest.fixture
def package(tmp_path: Path) -> Path:
    """A service with no Python of its own but its name."""
    return made.package(tmp_path, "exits", MODEL, datapath=ENTRY, ingress_1=ICMP, __init__=CLASS)


def told(daemon: Daemon, since: str, count: int) -> list[dict[str, Any]]:
    """Return what was told since a time, by RESTCONF."""
    connection = http.client.HTTPConnection("127.0.0.1", daemon.port, timeout=10)
    connection.request("GET", f"/restconf/streams/polycube?start-time={since}")
    answer, found = connection.getresponse(), []
    while len(found) < count:
        line = answer.readline().decode()
        if line.startswith("data: "):
            one = json.loads(line[6:])["ietf-restconf:notification"]
            found += [cube["ping"] for cube in one.get("exits:exits", [])]
    connection.close()
    return found


def entries(daemon: Daemon, name: str) -> list[dict[str, Any]]:
    """Return a list of the cube, without the links that come with it."""
    return [one for one in daemon.get(f"/exits/e1/{name}") if isinstance(one, dict)]


@pytest.mark.parametrize("hook", ["TC", "XDP_SKB"])
def test_traffic_goes_by_them_and_a_killed_daemon_is_told_what_it_missed(
    lab: Lab, tmp_path: Path, program_cache: Path, bpffs: str, package: Path, hook: str
) -> None:
    """With the capabilities of the unit."""
    assert bpffs
    since = datetime.now(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")
    time.sleep(1)
    h1, h2 = (lab.host(f"h{n}", address=f"10.69.0.{n}/24") for n in (1, 2))
    with running(lab.name, tmp_path, program_cache, prefix=limited(*unit_capabilities())) as daemon:
        daemon.post("/services", {"type": "lib", "uri": str(package), "name": "exits"})
        ports = [{"name": f"p{n}", "peer": host.netdev} for n, host in ((1, h1), (2, h2))]
        exits = [{"port": "p1", "interface": h2.netdev}, {"port": "p2", "interface": h1.netdev}]
        steps = [{"protocol": 1, "program": "ingress_1"}]
        cube = {"type": hook, "ports": ports, "exit": exits, "step": steps}
        daemon.post("/exits/e1", {**cube, "ticket": list(range(100, 108))})
        assert h1.ping(h2.ip).lost == 0, "two tickets, one each way"
        assert len(told(daemon, since, 2)) == 2
        daemon.kill()
        assert h1.ping(h2.ip).lost == 0
        daemon.restart()
        assert h1.ping(h2.ip).lost == 0
        about = [("p1", "10.69.0.1", 102), ("p2", "10.69.0.2", 103)]  # while no daemon ran
        about += [("p1", "10.69.0.1", 104), ("p2", "10.69.0.2", 105)]
        found = told(daemon, since, len(about))
        assert [(one["port"], one["source"], one["ticket"]) for one in found] == about
        assert h1.ping(h2.ip).lost == 0
        assert h1.ping(h2.ip).lost == 1, "no ticket is left"
        assert daemon.get("/exits/e1/ticket") == list(range(100, 108))
        daemon.patch("/exits/e1/ticket", [*range(100, 108), 7, 8])
        daemon.post("/reload", {"cube": "e1"})
        assert h1.ping(h2.ip).lost == 0
        lab.device.ip(f"link del {h2.netdev}")
        deadline = time.monotonic() + 5
        while len(entries(daemon, "exit")) > 1 and time.monotonic() < deadline:
            time.sleep(0.05)
        assert entries(daemon, "exit") == [exits[1]]
        daemon.kill()
        daemon.restart()
        assert entries(daemon, "exit") == [exits[1]]
        assert entries(daemon, "step") == steps
