"""Values that a data plane takes out of a pool of the model, and gives back."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from polycube_runtime.testing import LoadedCube
from tests.core.test_pools import service
from tests.dataplanes.test_steps import update

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

__all__ = ["service"]
pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: loads eBPF programs")
CODE = """
static __always_inline int handle_rx(struct CTXTYPE *ctx, struct pkt_metadata *md) {
    __be16 port = 0;
    if (md->packet_len == 65) {
        port = bpf_htons(1);
        free_ports.push(&port, 0);
        return RX_OK;
    }
    if (free_ports.pop(&port))
        return RX_DROP;
    return pcn_pkt_redirect(ctx, md, bpf_ntohs(port));
}
"""


@pytest.fixture(params=["TC", "XDP_SKB"])
def cube(request: pytest.FixtureRequest, service: type[Any], tmp_path: Path) -> Iterator[Any]:
    code = tmp_path / "pools.c"
    code.write_text(CODE)

    def datapath(_service: type[Any]) -> Mapping[str, Path]:
        return {"ingress": code}

    made = type("Pools", (service,), {"datapath": classmethod(datapath)})
    ports = [{"name": f"p{number}"} for number in range(5)]
    config = {"type": request.param, "ports": ports, "free-port": [3, 1, 2]}
    with LoadedCube(made, config) as cube:
        yield cube


def taken(cube: LoadedCube, count: int) -> list[str]:
    """Return what packets get: the ports that they leave by, nothing where the pool is empty."""
    return [cube.run(bytes(64), port="p0").port for _ in range(count)]


def test_each_value_is_had_once_until_it_is_given_back(cube: LoadedCube) -> None:
    assert taken(cube, 4) == ["p3", "p1", "p2", ""]
    assert cube.read()["free-port"] == [3, 1, 2]
    cube.run(bytes(65))
    assert taken(cube, 2) == ["p1", ""]


def test_what_is_added_and_removed_is_so_for_packets(cube: LoadedCube) -> None:
    assert taken(cube, 1) == ["p3"]
    update(cube, **{"free-port": [3, 2, 4]})
    assert taken(cube, 3) == ["p2", "p4", ""]
    cube.wait(cube.polycube.reload(cube.cube))
    assert taken(cube, 1) == [""]
