"""The BPF file system, where what must outlive this process is pinned."""

from __future__ import annotations

import ctypes as ct
import os
from pathlib import Path

ROOT = Path("/sys/fs/bpf")


def mounted() -> bool:
    """Whether bpffs is mounted at `ROOT`."""
    mounts = (line.split() for line in Path("/proc/self/mounts").read_text().splitlines())
    return any(where == str(ROOT) and kind == "bpf" for _, where, kind, *_ in mounts)


def mount() -> None:
    """Mount it if it is not there; `OSError` where that fails."""
    if mounted():
        return
    library = ct.CDLL(None, use_errno=True)
    if library.mount(b"bpf", str(ROOT).encode(), b"bpf", ct.c_ulong(0), b"mode=0700") != 0:
        error = ct.get_errno()
        raise OSError(error, os.strerror(error))
