"""Programs chosen by a map of the model: packets go on in what JSON names."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from polycube_runtime.testing import LoadedCube
from tests.core.test_programtables import make, service

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping
    from pathlib import Path

__all__ = ["service"]
pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: loads eBPF programs")
ENTRY = """
static __always_inline int handle_rx(struct CTXTYPE *ctx, struct pkt_metadata *md) {
    md->md[0] = 7;
    steps_call(ctx, md, md->packet_len);
    return RX_DROP;
}
"""
STEP = """
static __always_inline int handle_rx(struct CTXTYPE *ctx, struct pkt_metadata *md) {
    return pcn_pkt_redirect(ctx, md, md->md[0] == 7 && md->in_port == 0 ? %d : 0);
}
"""


THERE = """
static __always_inline int handle_rx(struct CTXTYPE *ctx, struct pkt_metadata *md) {
    return RX_REDIRECTED;
}
"""


def with_programs(base: type[Any], folder: Path, files: Mapping[str, str]) -> type[Any]:
    """Make a service of C texts, by program."""
    paths = {name: folder / f"{name}.c" for name in files}
    for name, text in files.items():
        paths[name].write_text(text)

    def datapath(_service: type[Any]) -> Mapping[str, Path]:
        return paths

    return type("Steps", (base,), {"datapath": classmethod(datapath)})


@pytest.fixture(params=["TC", "XDP_SKB"])
def cube(request: pytest.FixtureRequest, service: type[Any], tmp_path: Path) -> Iterator[Any]:
    files = {"ingress": ENTRY, "ingress_1": STEP % 1, "ingress_2": STEP % 2}
    ports = [{"name": f"p{number}"} for number in range(4)]
    step = [{"protocol": 61, "program": "ingress_1"}]
    config = {"type": request.param, "ports": ports, "step": step}
    with LoadedCube(with_programs(service, tmp_path, files), config) as cube:
        yield cube


def update(cube: LoadedCube, **value: Any) -> None:
    """Change the configuration."""

    async def change() -> None:
        tree = cube.polycube.tree(cube.cube)
        async with cube.polycube.change() as undo:
            await tree.update(tree.root, value, undo)

    cube.wait(change())


def ways(cube: LoadedCube) -> dict[int, str]:
    """Return where packets go by their length, of those that go anywhere."""
    found = {length: cube.run(bytes(length), port="p0") for length in (61, 62, 63)}
    return {length: one.port for length, one in found.items() if one.verdict == "redirect"}


def test_packets_go_on_in_the_program_of_the_entry(cube: LoadedCube) -> None:
    assert ways(cube) == {61: "p1"}
    update(cube, step=[{"protocol": 62, "program": "ingress_2"}])
    assert ways(cube) == {61: "p1", 62: "p2"}
    cube.tables["steps"].remove({"protocol": 61})
    assert ways(cube) == {62: "p2"}
    assert cube.read()["step"] == [{"protocol": 62, "program": "ingress_2"}]


def test_what_is_replaced_is_replaced_there_too(cube: LoadedCube) -> None:
    cube.wait(cube.cube.reload(STEP % 3, 1))
    assert ways(cube) == {61: "p3"}
    cube.wait(cube.polycube.reload(cube.cube))
    assert ways(cube) == {61: "p3"}, "all anew, with the code it had"
    assert cube.wait(cube.cube.add_program(STEP % 2, 9)) == 9
    update(cube, step=[{"protocol": 63, "program": "ingress_9"}])
    assert ways(cube) == {61: "p3", 63: "p2"}


def test_packets_of_the_host_go_on_in_the_tc_variant_of_an_egress_program(tmp_path: Path) -> None:
    """At XDP a cube sees them at TC, where programs of XDP cannot be called."""
    entry = ENTRY.replace("md->packet_len", "61")
    files = {"ingress": entry, "egress": entry, "egress_1": THERE}
    made = with_programs(make(tmp_path, "transparent"), tmp_path, files)
    with LoadedCube(made, {"type": "XDP_SKB"}) as cube:

        def verdicts() -> list[int]:
            programs = (cube.cube.dataplane.programs[name] for name in ("egress", "egress_tc"))
            return [program.test_run(bytes(64)).verdict for program in programs]

        assert verdicts() == [1, 2], "XDP_DROP and TC_ACT_SHOT: there is no entry"
        update(cube, step=[{"protocol": 61, "program": "egress_1"}])
        assert verdicts() == [4, 7], "XDP_REDIRECT and TC_ACT_REDIRECT"
        cube.wait(cube.polycube.reload(cube.cube))
        assert verdicts() == [4, 7]
