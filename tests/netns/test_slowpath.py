"""The slow path of a running daemon, with real packets: floods, log lines, packets sent on."""

from __future__ import annotations

import re
import time
from typing import TYPE_CHECKING

import pytest
from prometheus_client.parser import text_string_to_metric_families

from bench.pktgen import Generator, Stream
from polycube_runtime.core.slow.loglimit import BURST, LINES_A_SECOND
from polycube_runtime.core.slow.slowpath import WINDOW

if TYPE_CHECKING:
    from collections.abc import Callable

    from tests.netns.daemon import Daemon
    from tests.netns.host import Host
    from tests.netns.lab import Lab

pytestmark = pytest.mark.netns

FLOOD = 1 << 18
PINGS = 3


def metrics(daemon: Daemon, cube: str) -> dict[str, float]:
    """Return the numbers of one cube."""
    text = daemon.request("GET", "/metrics").body
    return {
        sample.name.removeprefix("polycubed_"): sample.value
        for family in text_string_to_metric_families(text)
        for sample in family.samples
        if sample.labels == {"cubeName": cube}
    }


def until(condition: Callable[[], bool]) -> None:
    end = time.monotonic() + 10
    while not condition():
        assert time.monotonic() < end, "it never was"
        time.sleep(0.02)


def hosts(lab: Lab, *names: str) -> list[Host]:
    return [lab.host(name, address=f"10.77.0.{n}/24") for n, name in enumerate(names, 1)]


def ports(*ends: Host) -> list[dict[str, str]]:
    return [{"name": end.name, "peer": end.netdev} for end in ends]


def pour(sender: Host, receiver: Host) -> int:
    """Send a flood that the receiver never sees; return how many packets that were."""
    with Generator(sender, receiver, Stream.between(sender, receiver)) as generator:
        return generator.run(packets=FLOOD).sent


@pytest.mark.parametrize("kind", ["TC", "XDP_SKB"])
def test_a_flood_is_bounded_and_every_packet_is_accounted_for(
    daemon: Daemon, lab: Lab, kind: str
) -> None:
    """What was sent up and what was dropped is what came in; another cube loses nothing."""
    h1, h2, h3, h4 = hosts(lab, "h1", "h2", "h3", "h4")
    for host in (h1, h2):
        host.fit_for_xdp()
    for name, pair in (("flooded", (h1, h2)), ("other", (h3, h4))):
        document = {"type": kind, "ports": ports(*pair), "action": "DROP", "loglevel": "WARN"}
        daemon.post(f"/helloworld/{name}", document)
        daemon.patch(f"/helloworld/{name}/action", "SLOWPATH")
    before = metrics(daemon, "flooded")
    sent = pour(h1, h2)
    with h3.raw() as sender:
        for _ in range(20):
            sender.send(Stream.between(h3, h4).frame())
    until(lambda: metrics(daemon, "other")["slowpath_packets_total"] >= 20)
    after = metrics(daemon, "flooded")
    up = after["slowpath_packets_total"] - before["slowpath_packets_total"]
    dropped = after["slowpath_dropped_total"] - before["slowpath_dropped_total"]
    assert up + dropped == pytest.approx(sent, abs=20)  # a neighbour's own frames may be among them
    assert WINDOW <= up < sent / 2
    assert metrics(daemon, "other")["slowpath_dropped_total"] == 0


def test_a_flood_of_log_lines_is_cut_and_the_log_says_by_how_much(daemon: Daemon, lab: Lab) -> None:
    """Lines that were written and lines left out make up what the program logged."""
    h1, h2 = hosts(lab, "h1", "h2")
    document = {"ports": ports(h1, h2), "action": "DROP", "loglevel": "DEBUG"}
    daemon.post("/helloworld/talker", document)
    sent = pour(h1, h2)
    until(lambda: "suppressed" in daemon.log.read_text())
    numbers = metrics(daemon, "talker")
    assert numbers["log_lines_total"] + numbers["log_suppressed_total"] >= 2 * sent
    daemon.delete("/helloworld/talker")
    text = daemon.log.read_text()
    written = len(re.findall(r"\[Helloworld\] \[talker\] \[debug\] \[INGRESS\]", text))
    assert BURST <= written < BURST + 20 * LINES_A_SECOND
    left_out = sum(int(one) for one in re.findall(r"suppressed (\d+) log lines", text))
    assert written + left_out >= 2 * sent


@pytest.mark.parametrize("kind", ["TC", "XDP_SKB"])
@pytest.mark.parametrize("where", ["port", "netdev"])
def test_packets_of_a_transparent_cube_go_on_after_the_slow_path(
    daemon: Daemon, lab: Lab, kind: str, where: str
) -> None:
    """transparenthelloworld's SLOWPATH lets packets of both directions by, each noted."""
    h1, h2 = hosts(lab, "h1", "h2")
    if kind != "TC":
        for host in (h1, h2):
            host.fit_for_xdp()
    daemon.post("/simplebridge/br1", {"type": kind, "ports": ports(h1, h2)})
    daemon.post("/transparenthelloworld/th1", {"type": kind})
    place = "br1:h1" if where == "port" else h1.netdev
    daemon.post("/attach", {"cube": "th1", "port": place})
    assert h1.ping(h2.ip).received == 1
    for direction in ("ingress", "egress"):
        daemon.patch(f"/transparenthelloworld/th1/{direction}-action", "SLOWPATH")
    assert h1.ping(h2.ip, count=PINGS).received == PINGS
    text = daemon.log.read_text()
    assert len(re.findall(r"\[th1\] \[info\] \[INGRESS\] packet in slow path", text)) >= PINGS
    assert len(re.findall(r"\[th1\] \[info\] \[EGRESS\] packet in slow path", text)) >= PINGS
