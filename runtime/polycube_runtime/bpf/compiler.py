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
import re
import struct
import sys
from functools import cache
from pathlib import Path
from typing import Any

import msgspec

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
)

_log = logging.getLogger(__name__)

CONSTANTS = {0x50434E5F434F4E01: "cube_id"}
"""Immediates that pcn/base.h puts where a load-time constant belongs."""
COMPILE_TIMEOUT = 60.0
IDLE_SECONDS = 20.0
_LD_IMM64 = 0x18
_SYSTEM_PYTHON = "/usr/bin/python3"
_SYSTEM_BCC = Path("/usr/lib/python3/dist-packages/bcc")
_LIBC_VERSION = Path("/usr/include/linux/version.h")
_REPLY_LIMIT = 64 << 20
_POSITION = re.compile(r"^; .*@ ([\w./-]+):(\d+)\s*$")
_NOISE = re.compile(r"^WARNING: (Linux version|Due to this).*\n", re.MULTILINE)


def _interpreter() -> str:
    """Return the Python that sees bcc: this one, or else Debian's own."""
    return sys.executable if importlib.util.find_spec("bcc") else _SYSTEM_PYTHON


@cache
def _toolchain() -> str:
    """Hash what the result depends on beside the source."""
    digest = hashlib.sha256(platform.machine().encode())
    found = importlib.util.find_spec("bcc")
    bcc = Path(found.origin).parent if found and found.origin else _SYSTEM_BCC
    for file in (bcc / "version.py", _LIBC_VERSION, *sorted(HEADERS.rglob("*.h"))):
        if file.is_file():
            digest.update(file.read_bytes())
    return digest.hexdigest()


class Compiler:
    """Compiles, at most one source at a time; keep one for the life of the process."""

    def __init__(self, cache_dir: Path) -> None:
        """Use (and make on first need) `cache_dir`."""
        self._cache_dir = cache_dir
        self._worker: asyncio.subprocess.Process | None = None
        self._lock = asyncio.Lock()
        self._idle: asyncio.TimerHandle | None = None

    async def compile(self, source: Source) -> ObjectSpec:
        """Return the compiled object, from the cache where it is there.

        Raises:
            CompileError: clang refuses the source.
            KernelRefused: bcc is missing, or its process died.

        """
        file = self._file(source)
        cached = _read(file)
        if cached is not None:
            return cached
        async with self._lock:
            cached = _read(file)
            if cached is not None:
                return cached
            reply = await self._ask(source, explain=False)
        if "error" in reply:
            raise CompileError(_clang_words(reply["error"]))
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
        log = _NOISE.sub("", str(reply.get("log", "")))
        return VerifierError(_verifier_words(source, log), log) if log else error

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
        except (TimeoutError, ConnectionError, json.JSONDecodeError) as error:
            await self.close()
            message = (
                f"the compiler's process gave no answer within {COMPILE_TIMEOUT:.0f} s or died"
            )
            raise KernelRefused(message) from error
        except BaseException:  # cancelled: the next request would get the answer to this one
            await self.close()
            raise
        self._idle = asyncio.get_running_loop().call_later(IDLE_SECONDS, self._kill)
        if "missing" in reply:
            message = f"cannot compile: {reply['missing']}; install Debian's package python3-bpfcc"
            raise KernelRefused(message)
        return reply

    async def _running_worker(self) -> asyncio.subprocess.Process:
        if self._idle is not None:
            self._idle.cancel()
        if self._worker is None or self._worker.returncode is not None:
            self._worker = await asyncio.create_subprocess_exec(
                _interpreter(),
                "-I",
                str(Path(__file__).with_name("worker.py")),
                stdin=asyncio.subprocess.PIPE,
                stdout=asyncio.subprocess.PIPE,
                stderr=asyncio.subprocess.DEVNULL,
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
        flags = ["-Wno-unused-value", "-Wno-unused-function"]
        for folder in (after, multiarch, "/usr/include"):
            flags += ["-idirafter", str(folder)]
        return flags


def _object(source: Source, reply: dict[str, Any]) -> ObjectSpec:
    maps = {
        name: MapSpec(name, MapKind(spec.pop("kind")), **spec)
        for name, spec in reply["maps"].items()
    }
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


def _clang_words(text: str) -> str:
    """Keep clang's diagnostics, without bcc's own lines around them."""
    lines = [line for line in _NOISE.sub("", text).splitlines() if line.strip()]
    return "the data plane does not compile:\n" + "\n".join(lines[:40])


def _verifier_words(source: Source, log: str) -> str:
    """Say which C line the verifier stopped at, and why."""
    lines = [line for line in log.splitlines() if line.strip()]
    end = next((n for n, line in enumerate(lines) if line.startswith("processed ")), len(lines))
    words = [
        line.strip() for line in lines[:end] if not line.startswith(("old state", "cur state"))
    ]
    reason = words[-1] if words else "no reason given"
    positions = [match.groups() for line in lines[:end] if (match := _POSITION.match(line))]
    if not positions:
        return f"the verifier refuses the program: {reason}"
    ours = [at for at in positions if not _is_header(source, at[0])]
    name, number = (ours or positions)[-1]
    text = source.line(name, int(number))
    where = f"{_full_name(source, name)}:{number}"
    return f"the verifier refuses the program at {where}: {reason}\n    {text}"


def _is_header(source: Source, name: str) -> bool:
    return _full_name(source, name).startswith("pcn/")


def _full_name(source: Source, name: str) -> str:
    """Return a file's whole name; the kernel keeps only the last part of its path."""
    return next(
        (part.name for part in source.parts if part.name == name or part.name.endswith(f"/{name}")),
        name,
    )
