"""The compiler's cache, and what it says for clang and the verifier; its process is played."""

import asyncio
import base64
import stat
import struct
import sys

import pytest

from polycube_runtime.bpf import compiler as compiler_module
from polycube_runtime.bpf.compiler import Compiler
from polycube_runtime.bpf.errors import CompileError, KernelRefused, VerifierError
from polycube_runtime.bpf.source import Part, Source
from polycube_runtime.bpf.spec import ConstRef, Hook, MapKind, MapRef, MapSpec

pytestmark = pytest.mark.anyio
SOURCE = Source(Hook.XDP, (Part("pcn/api.h", "one;\ntwo;\n"), Part("svc/datapath.c", "a;\n b;\n")))
IMM64 = struct.pack("=BBhi", 0x18, 1, 0, 0) + bytes(8)
EXIT = bytes([0x95]) + bytes(7)
MAPS = {"m": {"kind": 1, "key_size": 4, "value_size": 8, "entries": 16, "flags": 0}}


def constant(value: int) -> bytes:
    return struct.pack("=BBhIBBhI", 0x18, 1, 0, value & 0xFFFFFFFF, 0, 0, 0, value >> 32)


def compiled(code: bytes, refs: list) -> dict:
    program = {"insns": base64.b64encode(code).decode(), "maps": refs}
    return {"maps": MAPS, "programs": {"pcn_main": program}}


@pytest.fixture
async def worker(tmp_path, monkeypatch):
    """Play the compiler's process: `answers` are its lines in order, `asked` counts the starts."""
    script = tmp_path / "python"
    answers, started = tmp_path / "answers", tmp_path / "started"
    script.write_text(
        f"#!{sys.executable}\nimport sys\n"
        f"open({str(started)!r}, 'a').write('x')\n"
        f"for line, reply in zip(sys.stdin, open({str(answers)!r})):\n"
        "    if reply.strip() == 'die': sys.exit('Killed')\n"
        "    if reply.strip() == 'die of stack':\n"
        "        sys.exit('error: Looks like the BPF stack limit of 512 bytes is exceeded.')\n"
        "    if reply.strip() == 'hang': continue\n"
        "    print(reply.strip(), flush=True)\n"
        "for line in sys.stdin: pass\n"
    )
    script.chmod(script.stat().st_mode | stat.S_IXUSR)
    monkeypatch.setattr(compiler_module, "_interpreter", lambda: str(script))
    compiler = Compiler(tmp_path / "cache")

    class Worker:
        """The played process."""

        @staticmethod
        def answer(*replies: object) -> None:
            import json  # noqa: PLC0415

            lines = [one if isinstance(one, str) else json.dumps(one) for one in replies]
            answers.write_text("".join(f"{line}\n" for line in lines))

        @property
        def started(self) -> int:
            return len(started.read_text()) if started.exists() else 0

    worker = Worker()
    worker.compiler = compiler
    worker.cache = tmp_path / "cache"
    yield worker
    await compiler.close()


async def test_a_reply_becomes_an_object(worker):
    code = IMM64 + EXIT + constant(0x50434E5F434F4E01) + constant(0x50434E5F434F4E7F)
    worker.answer(compiled(code, [[0, "m"]]))
    found = await worker.compiler.compile(SOURCE)
    assert found.maps == {"m": MapSpec("m", MapKind.HASH, 4, 8, 16)}
    program = found.programs["pcn_main"]
    assert program.insns == code
    assert program.hook is Hook.XDP
    assert program.maps == (MapRef(0, "m"),)
    assert program.constants == (ConstRef(3, "cube_id"),)


async def test_the_same_source_is_compiled_once(worker):
    worker.answer(compiled(EXIT, []), compiled(IMM64, []))
    first, again = await asyncio.gather(*(worker.compiler.compile(SOURCE) for _ in range(2)))
    assert first == again
    assert await Compiler(worker.cache).compile(SOURCE) == first
    other = await worker.compiler.compile(SOURCE._replace(hook=Hook.TC))
    assert other.programs["pcn_main"].insns == IMM64
    assert worker.started == 1


async def test_a_damaged_cache_is_compiled_again(worker):
    worker.answer(compiled(EXIT, []), compiled(EXIT, []))
    await worker.compiler.compile(SOURCE)
    (file,) = worker.cache.glob("*.bpf")
    good = file.read_bytes()
    file.write_bytes(good[: len(good) // 2])
    await worker.compiler.compile(SOURCE)
    assert file.read_bytes() == good
    assert [one.name for one in worker.cache.iterdir() if "tmp" in one.name] == []


async def test_another_toolchain_compiles_again(worker, monkeypatch):
    worker.answer(compiled(EXIT, []), compiled(IMM64, []))
    await worker.compiler.compile(SOURCE)
    monkeypatch.setattr(compiler_module, "_toolchain", lambda: "newer")
    found = await worker.compiler.compile(SOURCE)
    assert found.programs["pcn_main"].insns == IMM64


async def test_clangs_words_are_told_without_bccs(worker):
    noise = "WARNING: Linux version for x is y\nWARNING: Due to this, z\n"
    said = f"{noise}svc/datapath.c:2:2: error: use of undeclared identifier 'b'\n b;\n ^\n\n"
    worker.answer({"error": said}, compiled(EXIT, []))
    with pytest.raises(CompileError) as refused:
        await worker.compiler.compile(SOURCE)
    assert str(refused.value) == (
        "the data plane does not compile:\n"
        "svc/datapath.c:2:2: error: use of undeclared identifier 'b'\n b;\n ^"
    )
    assert await worker.compiler.compile(SOURCE), "a refusal is not cached"


async def test_a_missing_bcc_is_told_with_what_mends_it(worker):
    worker.answer({"missing": "No module named 'bcc'"})
    with pytest.raises(KernelRefused, match=r"No module named 'bcc'; install .* python3-bpfcc"):
        await worker.compiler.compile(SOURCE)


@pytest.mark.parametrize(
    ("reply", "said"),
    [
        ("die", "process died: Killed"),
        ("hang", "gave no answer within 0 s"),
        ("not json", "process died: no word"),
    ],
)
async def test_a_process_that_dies_or_hangs_is_replaced(worker, monkeypatch, reply, said):
    monkeypatch.setattr(compiler_module, "COMPILE_TIMEOUT", 0.5)
    worker.answer(reply)
    with pytest.raises(KernelRefused, match=said):
        await worker.compiler.compile(SOURCE)
    worker.answer(compiled(EXIT, []))
    monkeypatch.setattr(compiler_module, "COMPILE_TIMEOUT", 20)
    await worker.compiler.compile(SOURCE)
    assert worker.started == 2


async def test_a_mistake_that_clang_dies_of_is_told(worker):
    worker.answer("die of stack")
    with pytest.raises(CompileError, match=r"stack limit of 512 bytes is exceeded") as refused:
        await worker.compiler.compile(SOURCE)
    assert "BPF_PERCPU_ARRAY(name, struct large, 1)" in str(refused.value)


async def test_a_table_that_cannot_be_made_is_told(worker):
    maps = {"events": {**MAPS["m"], "kind": 4}}
    worker.answer({**compiled(EXIT, []), "maps": maps})
    with pytest.raises(CompileError, match=r"table events is of a kind .* number 4\)"):
        await worker.compiler.compile(SOURCE)


async def test_the_answer_to_a_cancelled_request_is_not_taken_for_the_next(worker):
    worker.answer("hang")
    cancelled = asyncio.create_task(worker.compiler.compile(SOURCE))
    await asyncio.sleep(0.2)
    assert worker.compiler._worker is not None
    cancelled.cancel()
    with pytest.raises(asyncio.CancelledError):
        await cancelled
    worker.answer(compiled(IMM64, []))
    found = await worker.compiler.compile(SOURCE._replace(hook=Hook.TC))
    assert found.programs["pcn_main"].insns == IMM64


async def test_an_idle_process_ends(worker, monkeypatch):
    monkeypatch.setattr(compiler_module, "IDLE_SECONDS", 0.01)
    worker.answer(compiled(EXIT, []))
    await worker.compiler.compile(SOURCE)
    for _ in range(100):
        if worker.compiler._worker is None:
            return
        await asyncio.sleep(0.02)
    pytest.fail("it is still there")


LOG = """\
; int pcn_main(struct CTXTYPE *ctx) { @ api.h:1
0: (bf) r6 = r1
; b; @ datapath.c:2
1: (61) r0 = *(u32 *)(r2 +0)
; two; @ api.h:2
2: (61) r0 = *(u32 *)(r2 +0)
R2 !read_ok
processed 3 insns (limit 1000000)
"""


@pytest.mark.parametrize(
    ("log", "message"),
    [
        (LOG, "refuses the program at svc/datapath.c:2: R2 !read_ok\n    b;"),
        (LOG.replace("datapath.c:2", "api.h:2"), "at pcn/api.h:2: R2 !read_ok\n    two;"),
        ("0: (bf) r6 = r1\nR2 !read_ok\nprocessed 1 insns\n", "refuses the program: R2 !read_ok"),
        ("BPF program is too large.\n", "refuses the program: BPF program is too large."),
    ],
)
async def test_a_verdict_of_the_verifier_names_the_services_own_line(worker, log, message):
    worker.answer({"log": log})
    found = await worker.compiler.explain(SOURCE, VerifierError("bare"))
    assert message in str(found)
    assert found.log == log


REWRITTEN = """\
#line 1 "pcn/api.h"
one;
two;
#line 1 "svc/datapath.c"
__attribute__((always_inline))
a;
__attribute__((always_inline))
 b;
"""


@pytest.mark.parametrize(("line", "true"), [(2, "1: R2 !read_ok\n    a;"), (4, "2: R2")])
async def test_lines_are_those_of_the_source_and_not_of_what_bcc_made_of_it(worker, line, true):
    log = LOG.replace("datapath.c:2", f"datapath.c:{line}")
    worker.answer({"log": log, "rewritten": REWRITTEN})
    found = await worker.compiler.explain(SOURCE, VerifierError("bare"))
    assert f"at svc/datapath.c:{true}" in str(found)


@pytest.mark.parametrize(
    ("reason", "advice"),
    [
        ("infinite loop detected at insn 2", "bound that the verifier can count to"),
        ("R1 offset is outside of the packet", "compare with ctx->data_end"),
        ("R0 invalid mem access 'map_value_or_null'", "with NULL"),
        ("R1 invalid mem access 'scalar'", "no constant data"),
    ],
)
async def test_a_verdict_comes_with_advice(worker, reason, advice):
    log = f"0: (bf) r6 = r1\n{reason}\ncur state: R1=1\nold state: R1=1\nprocessed 1 insns\n"
    worker.answer({"log": log})
    said = str(await worker.compiler.explain(SOURCE, VerifierError("bare")))
    assert reason in said
    assert advice in said


async def test_without_a_log_the_bare_verdict_stays(worker):
    worker.answer({"log": ""}, {"error": "now it does not even compile"})
    bare = VerifierError("bare")
    assert await worker.compiler.explain(SOURCE, bare) is bare
    assert await worker.compiler.explain(SOURCE, bare) is bare
