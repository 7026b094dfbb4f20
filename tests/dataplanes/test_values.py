"""The value of an entry, shared by a compiled data plane and the REST interface.

Packets find what was configured over HTTP: bits, leaf-lists, unions, containers. What they write
themselves is seen over HTTP: bits of their own, moments, numbers that several CPUs count in.
"""

from __future__ import annotations

import json
import os
import threading
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from typing import TYPE_CHECKING, Any

import pytest
from scapy.layers.l2 import Ether

from polycube_runtime.core.model.place import resolve
from polycube_runtime.rest.app import application
from polycube_runtime.testing import LoadedCube
from tests.core.sessions import made, with_code

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: loads eBPF programs")
BODY = """
list flow {
  key source;
  ebpf:map "flows" { ebpf:entries 64; }
  leaf source { type yang:mac-address; }
  leaf mark { type uint32; }
  leaf-list allowed { type uint16; max-elements 4; ordered-by user; ebpf:byte-order "network"; }
  leaf action {
    type union {
      type enumeration { enum drop; enum pass; }
      type leafref { path "/ports/name"; }
    }
  }
  container limit {
    presence "The flow is limited";
    leaf packets { type uint32; mandatory true; }
  }
  container seen {
    config false;
    leaf packets { type uint64; ebpf:atomic; }
    leaf errors { type uint32; ebpf:atomic; }
    leaf mark { type uint32; ebpf:optional; }
    leaf first { type yang:date-and-time; ebpf:time "boot"; }
    leaf latest { type uint64; units "milliseconds"; ebpf:time "monotonic"; }
    leaf idle { type uint32; units "seconds"; ebpf:age; }
    leaf-list size { type uint16; max-elements 2; }
  }
}
leaf total { config false; type uint64; ebpf:map "total"; ebpf:atomic; }
"""
CODE = """
static __always_inline int handle_rx(struct CTXTYPE *ctx, struct pkt_metadata *md) {
    void *data = (void *)(long)ctx->data, *data_end = (void *)(long)ctx->data_end;
    struct ethhdr *eth = data;
    if (data + sizeof(*eth) > data_end) {
        return RX_DROP;
    }
    struct flows_key key = {};
    __builtin_memcpy(key.source, eth->h_source, 6);
    struct flows_value *flow = flows.lookup(&key);
    u32 zero = 0;
    u64 *count = total.lookup(&zero);
    if (!flow || !count) {
        return RX_DROP;
    }
    total_add_total(count, 1);
    flows_add_seen_packets(flow, 1);
    flow->seen_latest = flow->seen_idle = bpf_ktime_get_ns();
    if (!flow->seen_first) {
        flow->seen_first = bpf_ktime_get_boot_ns();
    }
    if (flow->has & FLOWS_HAS_MARK) {
        flow->seen_mark = flow->mark + 1;
        flow->has |= FLOWS_HAS_SEEN_MARK;
    }
    flow->seen_size.count = 1;
    flow->seen_size.values[0] = data_end - data;
    if (flow->has & FLOWS_HAS_LIMIT && flow->seen_packets > flow->limit_packets) {
        flows_add_seen_errors(flow, 1);
        return RX_DROP;
    }
    bool allowed = !flow->allowed.count;
#pragma unroll
    for (int at = 0; at < 4; at++) {
        allowed |= at < flow->allowed.count && flow->allowed.values[at] == eth->h_proto;
    }
    if (!allowed) {
        return RX_DROP;
    }
    switch (flow->action.type) {
    case ACTION_IS_PORT:
        return pcn_pkt_redirect(ctx, md, flow->action.port);
    case ACTION_IS_NAME:
        return flow->action.name == ACTION_PASS ? RX_OK : RX_DROP;
    }
    return RX_DROP;
}
"""
SOURCE = "02:00:00:00:00:0a"
FRAME = bytes(Ether(src=SOURCE, dst="02:00:00:00:00:0b", type=0x88B5)).ljust(64, b"\0")
FLOW = f"/polycube/v1/valued/cube/flow/{SOURCE}/"
TOTAL = "/polycube/v1/valued/cube/total/"


@pytest.fixture(scope="module")
def service(tmp_path_factory: pytest.TempPathFactory) -> Iterator[type[Any]]:
    with made(tmp_path_factory.mktemp("valued"), "valued", BODY) as found:
        yield found


class Http:
    """Asks the daemon of a loaded cube."""

    def __init__(self, cube: LoadedCube) -> None:
        self._cube = cube
        self._app = application(cube.polycube)

    def __call__(self, verb: str, path: str, body: object = None) -> Any:
        status, answer = self._cube.wait(self._ask(verb, path, body))
        assert status < 300, answer
        return json.loads(answer) if answer else None

    async def _ask(self, verb: str, path: str, body: object) -> tuple[int, bytes]:
        """Be what a server of ASGI is to the application."""
        answers: list[dict[str, Any]] = []
        scope = {
            "type": "http",
            "method": verb,
            "path": path,
            "query_string": b"",
            "headers": [(b"host", b"localhost"), (b"content-type", b"application/json")],
        }

        async def receive() -> dict[str, Any]:
            return {
                "type": "http.request",
                "body": b"" if body is None else json.dumps(body).encode(),
            }

        async def send(message: dict[str, Any]) -> None:
            answers.append(message)

        await self._app(scope, receive, send)
        return answers[0]["status"], b"".join(one.get("body", b"") for one in answers)


@contextmanager
def loaded(service: type[Any], folder: Path, hook: str) -> Iterator[tuple[LoadedCube, Http]]:
    config = {"type": hook, "ports": [{"name": "p1"}, {"name": "p2"}]}
    with LoadedCube(with_code(service, folder, CODE), config) as cube:
        yield cube, Http(cube)


@pytest.mark.parametrize("hook", ["TC", "XDP_SKB"])
def test_what_is_configured_decides_and_what_is_learnt_is_shown(
    service: type[Any], tmp_path: Path, hook: str
) -> None:
    with loaded(service, tmp_path, hook) as (cube, http):
        http("POST", FLOW, {"action": "p2", "allowed": [0x0800, 0x88B5]})
        assert http("GET", FLOW)["seen"] == {"packets": 0, "errors": 0}
        began = datetime.now(UTC) - timedelta(seconds=1)
        assert cube.run(FRAME, port="p1") == ("redirect", "p2")
        seen = http("GET", f"{FLOW}seen/")
        assert (seen["packets"], seen["size"], seen["idle"], "mark" in seen) == (1, [64], 0, False)
        first = datetime.fromisoformat(seen["first"])
        assert began < first < datetime.now(UTC) + timedelta(seconds=1)
        http("PATCH", FLOW, {"mark": 0, "action": "pass"})
        assert cube.run(FRAME, port="p1").verdict == "ok"
        again = http("GET", FLOW)["seen"]
        assert (again["mark"], again["packets"], again["first"]) == (1, 2, seen["first"])
        assert again["latest"] >= seen["latest"]
        http("PATCH", f"{FLOW}allowed/", [0x0800])
        assert cube.run(FRAME, port="p1").verdict == "drop"
        http("PATCH", f"{FLOW}allowed/", [])
        assert cube.run(FRAME, port="p1").verdict == "ok"
        http("POST", f"{FLOW}limit/", {"packets": 4})
        assert cube.run(FRAME, port="p1").verdict == "drop"
        assert http("GET", FLOW)["seen"]["errors"] == 1
        http("DELETE", f"{FLOW}limit/")
        assert cube.run(FRAME, port="p1").verdict == "ok"
        assert (http("GET", f"{FLOW}seen/packets/"), http("GET", TOTAL)) == (6, 6)


def test_what_is_counted_meanwhile_stays_whatever_becomes_of_a_change(
    service: type[Any], tmp_path: Path
) -> None:
    with loaded(service, tmp_path, "TC") as (cube, http):
        http("POST", FLOW, {"action": "p2"})
        undone = cube.polycube.change

        async def interrupted() -> None:
            async with undone(dry_run=True) as undo:
                tree = cube.polycube.tree(cube.cube)
                place = resolve(cube.cube.service, "/{name}/flow/{source}", ("cube", SOURCE))
                await tree.update(place, {"source": SOURCE, "mark": 7}, undo)
                run(cube, 3)

        cube.wait(interrupted())
        found = http("GET", FLOW)
        assert ("mark" in found, found["seen"]["packets"]) == (False, 3)
        http("PATCH", FLOW, {"mark": 7})
        assert http("GET", FLOW)["seen"]["packets"] == 3


def run(cube: LoadedCube, times: int) -> None:
    program = cube.cube.dataplane.programs["ingress"]
    for _ in range(times):
        program.test_run(FRAME, cb=(0,))


def test_two_cpus_lose_no_packet(service: type[Any], tmp_path: Path) -> None:
    with loaded(service, tmp_path, "TC") as (cube, http):
        http("POST", FLOW, {"action": "p2"})
        threads = [threading.Thread(target=run, args=(cube, 2000)) for _ in range(2)]
        for thread in threads:
            thread.start()
        for thread in threads:
            thread.join()
        assert http("GET", f"{FLOW}seen/packets/") == 4000
