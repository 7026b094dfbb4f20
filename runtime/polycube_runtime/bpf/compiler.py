"""C source to `ObjectSpec`, through a cache on disk and, on a miss, the worker process.

The cache is keyed by content: source with all headers of the runtime's, flags, bcc's version, the
installed kernel headers, the architecture. A hit costs a file read; a miss costs clang (0.15 to 0.4
s), and 130 MB in a process that ends when idle.
"""

from __future__ import annotations

import asyncio
import base64
import binascii
import contextlib
import hashlib
import importlib.util
import json
import logging
import os
import platform
import struct
import sys
import tempfile
import time
from dataclasses import dataclass
from functools import cache
from pathlib import Path
from typing import IO, Any

import msgspec

from polycube_runtime.bpf.diagnostics import NOISE, clang_words, verifier_words
from polycube_runtime.bpf.errors import CompileError, KernelRefused, VerifierError
from polycube_runtime.bpf.source import HEADERS, Source
from polycube_runtime.bpf.spec import (
    INSN_SIZE,
    ConstRef,
    MapKind,
    MapRef,
    MapSpec,
    ObjectSpec,
    ProgramSpec,
    Scope,
)

_log = logging.getLogger(__name__)

CONSTANTS = {0x50434E5F434F4E01: "cube_id", 0x50434E5F434F4E02: "epoch_base"}
"""Immediates that pcn/base.h puts where a load-time constant belongs."""
COMPILE_TIMEOUT = 60.0
IDLE_SECONDS = 20.0
_FLAGS = ("-Wno-everything", "-Werror=implicit-function-declaration")
"""Nobody reads warnings, but a function that is not there would be a call of nothing."""
_LD_IMM64 = 0x18
_SYSTEM_PYTHON = "/usr/bin/python3"
_SYSTEM_BCC = Path("/usr/lib/python3/dist-packages/bcc")
_LIBC_VERSION = Path("/usr/include/linux/version.h")
_REPLY_LIMIT = 64 << 20


def _interpreter() -> str:
    """Return the Python that sees bcc: this one, or else Debian's own."""
    return sys.executable if importlib.util.find_spec("bcc") else _SYSTEM_PYTHON


@cache
def _toolchain() -> str:
    """Hash what the result depends on beside the source."""
    digest = hashlib.sha256(f"{platform.machine()} {_FLAGS}".encode())
    found = importlib.util.find_spec("bcc")
    bcc = Path(found.origin).parent if found and found.origin else _SYSTEM_BCC
    for file in (bcc / "version.py", _LIBC_VERSION, *sorted(HEADERS.rglob("*.h"))):
        if file.is_file():
            digest.update(file.read_bytes())
    return digest.hexdigest()


@dataclass
class Counts:
    """What was asked of the compiler: found in the cache or not, compiled, and for how long."""

    hits: int = 0
    misses: int = 0
    compilations: int = 0
    seconds: float = 0.0


class Compiler:
    """Compiles, at most one source at a time; keep one for the life of the process."""

    def __init__(self, cache_dir: Path) -> None:
        """Use (and make on first need) `cache_dir`."""
        self._cache_dir = cache_dir
        self._worker: asyncio.subprocess.Process | None = None
        self._lock = asyncio.Lock()
        self._idle: asyncio.TimerHandle | None = None
        self._said: IO[bytes] | None = None
        self.counts = Counts()

    async def compile(self, source: Source) -> ObjectSpec:
        """Return the compiled object, from the cache where it is there.

        Raises:
            CompileError: clang refuses the source.
            KernelRefused: bcc is missing, or its process died.

        """
        file = self._file(source)
        cached = _read(file)
        if cached is not None:
            self.counts.hits += 1
            return cached
        self.counts.misses += 1
        async with self._lock:
            cached = _read(file)
            if cached is not None:
                return cached
            began = time.monotonic()
            _log.info("compiling %s for %s", source.file, source.hook)
            reply = await self._ask(source, explain=False)
            self.counts.compilations += 1
            self.counts.seconds += time.monotonic() - began
        if "error" in reply:
            raise CompileError(clang_words(reply["error"]))
        compiled = _object(source, reply)
        try:
            _write(file, compiled)
        except OSError as error:  # a full or read-only disk costs the next one a compilation
            _log.warning("the compiled program is not kept: %s", error)
        return compiled

    async def explain(self, source: Source, error: VerifierError) -> VerifierError:
        """Turn the verifier's bare refusal into one that names the C line."""
        async with self._lock:
            reply = await self._ask(source, explain=True)
        log = NOISE.sub("", str(reply.get("log", "")))
        words = verifier_words(source, log, str(reply.get("rewritten", "")))
        return VerifierError(words, log) if log else error

    async def close(self) -> None:
        """End the worker."""
        if self._idle is not None:
            self._idle.cancel()
        worker = self._worker
        self._kill()
        if worker is not None:
            await worker.wait()

    def _kill(self) -> None:
        worker, self._worker = self._worker, None
        if worker is not None:
            with contextlib.suppress(ProcessLookupError):
                worker.kill()
        said, self._said = self._said, None
        if said is not None:
            said.close()

    def _file(self, source: Source) -> Path:
        key = hashlib.sha256((source.key + _toolchain()).encode()).hexdigest()
        return self._cache_dir / f"{key}.bpf"

    async def _ask(self, source: Source, *, explain: bool) -> dict[str, Any]:
        request = {
            "source": source.text,
            "flags": self._flags(),
            "functions": dict.fromkeys(source.functions, source.hook.value),
            "explain": explain,
        }
        worker = await self._running_worker()
        assert worker.stdin is not None  # noqa: S101 (both are pipes)
        assert worker.stdout is not None  # noqa: S101
        try:
            worker.stdin.write(json.dumps(request).encode() + b"\n")
            line = await asyncio.wait_for(worker.stdout.readline(), COMPILE_TIMEOUT)
            reply: dict[str, Any] = json.loads(line)
        except TimeoutError as error:
            await self.close()
            message = f"the compiler's process gave no answer within {COMPILE_TIMEOUT:.0f} s"
            raise KernelRefused(message) from error
        except (ConnectionError, json.JSONDecodeError) as error:
            died = self._died()
            await self.close()
            raise died from error
        except BaseException:  # cancelled: the next request would get the answer to this one
            await self.close()
            raise
        self._idle = asyncio.get_running_loop().call_later(IDLE_SECONDS, self._kill)
        if "missing" in reply:
            message = f"cannot compile: {reply['missing']}; install Debian's package python3-bpfcc"
            raise KernelRefused(message)
        return reply

    def _died(self) -> CompileError | KernelRefused:
        """Return why the worker is dead: clang ends its process over some mistakes."""
        assert self._said is not None  # noqa: S101 (it was opened for the process)
        self._said.seek(0)
        said = self._said.read().decode(errors="replace")
        if "LLVM ERROR" in said or "error:" in said:
            return CompileError(clang_words(said))
        return KernelRefused(f"the compiler's process died: {said.strip()[-500:] or 'no word'}")

    async def _running_worker(self) -> asyncio.subprocess.Process:
        if self._idle is not None:
            self._idle.cancel()
        if self._worker is None or self._worker.returncode is not None:
            self._kill()
            self._said = tempfile.TemporaryFile()  # noqa: SIM115 (lives as long as the process)
            self._worker = await asyncio.create_subprocess_exec(
                _interpreter(),
                "-I",
                str(Path(__file__).with_name("worker.py")),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=self._said,
                limit=_REPLY_LIMIT,
                env={
                    **os.environ,
                    "BCC_KERNEL_SOURCE": str(HEADERS / "kernel"),
                    # Spares bcc the search for a kernel it does not need; only version checks see
                    # it.
                    "BCC_LINUX_VERSION_CODE": str((5 << 16) + (15 << 8)),
                },
            )
        return self._worker

    def _flags(self) -> list[str]:
        after = self._cache_dir / "include"
        uapi = after / "uapi"
        if not uapi.is_symlink():
            self._cache_dir.mkdir(mode=0o700, parents=True, exist_ok=True)
            after.mkdir(exist_ok=True)
            with contextlib.suppress(FileExistsError):
                uapi.symlink_to("/usr/include")  # <uapi/linux/ip.h> is libc's <linux/ip.h>
        multiarch = f"/usr/include/{platform.machine()}-linux-gnu"
        flags = list(_FLAGS)
        for folder in (after, multiarch, "/usr/include"):
            flags += ["-idirafter", str(folder)]
        return flags


def _object(source: Source, reply: dict[str, Any]) -> ObjectSpec:
    maps = {name: _map(name, **definition) for name, definition in reply["maps"].items()}
    programs = {}
    for name, program in reply["programs"].items():
        insns = base64.b64decode(program["insns"])
        programs[name] = ProgramSpec(
            name=name,
            hook=source.hook,
            insns=insns,
            maps=tuple(MapRef(insn, map_) for insn, map_ in program["maps"]),
            constants=tuple(_constants(insns)),
        )
    return ObjectSpec(programs, maps)


def _map(name: str, kind: int, scope: str = Scope.CUBE, inner: str = "", **sizes: int) -> MapSpec:
    try:
        return MapSpec(name, MapKind(kind), **sizes, scope=Scope(scope), inner=inner)
    except ValueError as error:
        message = (
            f"the data plane does not compile: table {name} is of a kind (the kernel's number"
            f" {kind}) that the runtime cannot make; it makes"
            f" {', '.join(one.name.lower() for one in MapKind)}"
        )
        raise CompileError(message) from error


def _constants(insns: bytes) -> list[ConstRef]:
    found, at = [], 0
    while at < len(insns):
        if insns[at] == _LD_IMM64:
            low, high = struct.unpack_from("=I4xI", insns, at + 4)
            name = CONSTANTS.get(high << 32 | low)
            if name is not None and insns[at + 1] >> 4 == 0:
                found.append(ConstRef(at // INSN_SIZE, name))
            at += INSN_SIZE
        at += INSN_SIZE
    return found


def _read(file: Path) -> ObjectSpec | None:
    try:
        return msgspec.msgpack.decode(file.read_bytes(), type=ObjectSpec)
    except (FileNotFoundError, msgspec.MsgspecError, binascii.Error):
        return None  # absent, or of another version or half-written by a power cut: compile again


def _write(file: Path, compiled: ObjectSpec) -> None:
    # What is in here is loaded into the kernel: nobody else may write it, whatever the umask.
    file.parent.mkdir(mode=0o700, parents=True, exist_ok=True)
    temporary = file.with_suffix(f".{os.getpid()}.tmp")
    temporary.write_bytes(msgspec.msgpack.encode(compiled))
    temporary.replace(file)
