"""What the original and bcc give to a data plane: all of it compiles, loads and does its work."""

from __future__ import annotations

import logging
import os
import struct
import time
from typing import TYPE_CHECKING

import pytest

from polycube_runtime.bpf.compiler import Compiler
from polycube_runtime.bpf.errors import CompileError
from polycube_runtime.bpf.source import Part, cube_source
from polycube_runtime.support.errors import OperationFailed

if TYPE_CHECKING:
    from collections.abc import Callable
    from pathlib import Path

    from polycube_runtime.bpf.spec import ObjectSpec
    from polycube_runtime.core.cube import Cube
    from polycube_runtime.testing import LoadedCube

    Load = Callable[..., LoadedCube]

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: loads eBPF programs")

# lookup3.c, driver5, publishes the hashes of this text.
EXPECTED = [1, 41, 51, 1, 1, 77, 1, 3, 2, 0x17770551, 0xCD628161, 1, 1, 1, 1, 1, 1, 4, 1]


def test_the_whole_of_it(load: Load, caplog: pytest.LogCaptureFixture) -> None:
    """Tables of every kind, hashes, macros, constants, log lines in macros."""
    cube = load(ingress="everything.c")
    with caplog.at_level(logging.INFO, cube.cube.log.name):
        assert cube.run(bytes(60), port="p1") == ("redirect", "p2")
    values = dict(cube.cube.dataplane.maps["results"].items())
    found = [struct.unpack("=Q", values[struct.pack("=I", n)])[0] for n in range(22)]
    assert found[: len(EXPECTED)] == EXPECTED
    assert abs(found[19] - time.time_ns()) < 60e9
    assert found[20:] == [1, 0xFF + 0xFFFF + 0xFFFFFFFF]
    said = [record.getMessage() for record in caplog.records if record.name == cube.cube.log.name]
    assert said == [
        "in a macro: ? 1",
        "10.0.0.1:80 01:02:03:04:05:06 123456789abcdef",
    ]


@pytest.mark.parametrize(
    ("length", "verdict"), [(61, "drop"), (62, "drop"), (63, "ok"), (64, "drop"), (65, "redirect")]
)
def test_every_verdict(load: Load, length: int, verdict: str) -> None:
    """RX_ERROR drops; so does the way to the namespace of a cube that is no shadow."""
    cube = load(ingress="everything.c")
    assert cube.run(bytes(length), port="p1").verdict == verdict
    assert [up.reason for up in cube.packets_up] == ([3] if length == 64 else [])


async def another(cube: LoadedCube) -> Cube:
    """Make a second cube of the same service."""
    polycube, service = cube.polycube, cube.cube.service.name
    document = polycube.prepare(service, {"name": "other", "type": cube.cube.type})
    async with polycube.change() as undo:
        return await polycube.create(service, document, undo)


def test_a_public_table_is_one_for_all_cubes(load: Load) -> None:
    """It lives as long as somebody uses it, and its layout is settled by the first."""
    cube = load(ingress="public.c")
    other = cube.wait(another(cube))
    publics = cube.polycube.system.publics
    table, line = publics.find("everybody"), publics.find("line")
    assert table is not None
    assert line is not None
    cube.run(bytes(60))
    other.dataplane.programs["ingress"].test_run(bytes(60), cb=(0,))
    assert table.items() == [(struct.pack("=I", 7), struct.pack("=Q", 2))]

    wrong = 'BPF_TABLE_PUBLIC("hash", u32, u32, everybody, 16);\n'
    rest = "static int handle_rx(struct CTXTYPE *ctx, struct pkt_metadata *md) { return RX_OK; }"
    with pytest.raises(OperationFailed, match="everybody is public, and another cube has it as"):
        cube.wait(cube.cube.reload(wrong + rest))
    user = 'BPF_TABLE("extern", u32, u64, everybody, 16);\n'
    cube.wait(cube.cube.reload(user + rest))
    cube.wait(cube.polycube.delete(other))
    cube.wait(cube.polycube.grace.close())
    assert publics.find("line") is None, "nobody declares it any more"
    assert publics.find("everybody") is table, "one cube still uses it"
    cube.wait(cube.cube.reload(rest))
    assert publics.find("everybody") is None


def test_what_is_not_used_costs_nothing(load: Load, tmp_path: Path) -> None:
    """No recirculation, no mark, no table of programs in a program that does not ask for them."""
    cube = load(ingress="policy_2.c")
    code = "static int handle_rx(struct CTXTYPE *ctx, struct pkt_metadata *md) { return RX_OK; }"
    hook, parts = cube.cube.hook, (Part("x/maps.h", ""), Part("x/datapath.c", code))
    compiler = Compiler(tmp_path)

    async def compile_() -> ObjectSpec:
        try:
            return await compiler.compile(cube_source(hook, "INFO", *parts))
        finally:
            await compiler.close()

    program = cube.wait(compile_()).programs["pcn_main"]
    assert len(program.insns) // 8 <= 12
    assert {ref.map for ref in program.maps} <= {"pcn_xdp_port"}


MISTAKES = {
    "include": (
        "#include <linux/skbuff.h>\n",
        r"policy_2.c:1:10: .*\n(.*\n)*\(data planes see the kernel's user API",
    ),
    "function": (
        "\nstatic int f(void) { return strlen(0); }",
        r"policy_2.c:2:.*\n(.*\n)*\(a data plane may call",
    ),
    "macro": (
        "BPF_HASH(h, u32);\n#define GET(k) h.lookup(&k)\nstatic int f(u32 k) { return !GET(k); }",
        r"policy_2.c:3:.*\n(.*\n)*\(bcc rewrites",
    ),
    "pinned": (
        'BPF_TABLE_PINNED("hash", u32, u32, x, 5, "/x");',
        "BPF_TABLE_PUBLIC is for those",
    ),
    "log": (
        'static void f(struct CTXTYPE *ctx) { pcn_log(ctx, LOG_INFO, "x", 1, 2, 3, 4, 5); }',
        "pcn_log takes at most four arguments",
    ),
    "stack": (
        "static int f(u32 n) { volatile char x[600]; x[n & 511] = 1; return x[n & 255]; }",
        "large variables belong in a table",
    ),
    "perf": ("BPF_PERF_OUTPUT(events);", "table events is of a kind"),
}


@pytest.mark.parametrize("mistake", MISTAKES)
def test_mistakes_are_explained(load: Load, mistake: str) -> None:
    """File, line, clang's words, and what to do."""
    code, said = MISTAKES[mistake]
    cube = load(ingress="policy_2.c")
    use = "f(md->in_port)" if "f(u32" in code else "0"
    head = "static int handle_rx(struct CTXTYPE *ctx, struct pkt_metadata *md)"
    with pytest.raises(CompileError, match=said):
        cube.wait(cube.cube.reload(f"{code}\n{head} {{ return {use}; }}"))
