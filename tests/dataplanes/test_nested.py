"""Lists in lists in the kernel: packets meet what was configured in an entry of an entry."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest
from scapy.layers.l2 import Ether

from polycube_runtime.testing import LoadedCube
from tests.core.sessions import with_code
from tests.core.test_nested import service

if TYPE_CHECKING:
    from pathlib import Path

__all__ = ["service"]
pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: loads eBPF programs")
CODE = """
static __always_inline int handle_rx(struct CTXTYPE *ctx, struct pkt_metadata *md) {
    struct matches_key key = {.table_name = "a", .rule_id = 1, .name = 7};
    struct rules_key rule = {.table_name = "a", .id = 1};
    struct matches_value *match = matches.lookup(&key);
    struct rules_value *found = rules.lookup(&rule);
    if (!match || !found || match->value != 9) {
        return RX_DROP;
    }
    __sync_fetch_and_add(&found->hits, 1);
    return pcn_pkt_redirect(ctx, md, found->out);
}
"""
FRAME = bytes(Ether(src="02:00:00:00:00:0a", dst="02:00:00:00:00:0b", type=0x800)).ljust(64, b"\0")


@pytest.mark.parametrize("hook", ["TC", "XDP_SKB"])
def test_a_packet_meets_the_entries_of_an_entry(
    service: type[Any],
    tmp_path: Path,
    hook: str,
) -> None:
    made = with_code(service, tmp_path, CODE)
    match = {"name": 7, "value": 9}
    rule = {"id": 1, "out": "p2", "match": [match]}
    table = [{"name": "a", "weight": 1, "rules": {"rule": [rule]}}]
    config = {"type": hook, "ports": [{"name": "p1"}, {"name": "p2"}], "table": table}
    with LoadedCube(made, config) as cube:
        assert cube.run(FRAME, port="p1") == ("redirect", "p2")
        (read,) = cube.read()["table"]
        assert read["rules"]["rule"] == [{"id": 1, "out": "p2", "hits": 1, "match": [match]}]
        key = {"table/name": "a", "table/rules/rule/id": 1, "name": 7}
        cube.tables["matches"].remove(key)
        assert cube.run(FRAME, port="p1").verdict == "drop"
