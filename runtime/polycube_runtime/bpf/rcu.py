"""Waiting for the kernel to be done with what it had in hand."""

from __future__ import annotations

import ctypes as ct
import platform
import time

_MEMBARRIER = {"x86_64": 324, "aarch64": 283, "riscv64": 283, "ppc64le": 365, "s390x": 356}
"""Number of membarrier(2), which glibc does not wrap, by machine."""
_COMMAND_GLOBAL = 1
_LONG_ENOUGH = 0.1
"""Seconds; where there is no membarrier(2). A grace period takes 5 to 30 ms."""


def wait() -> None:
    """Return after a grace period of RCU: no program is running that was when this was called.

    membarrier(MEMBARRIER_CMD_GLOBAL) is synchronize_rcu() in the kernel, except with `nohz_full`
    CPUs, where it is refused.
    """
    number = _MEMBARRIER.get(platform.machine())
    if number is None or ct.CDLL(None).syscall(number, _COMMAND_GLOBAL, 0) != 0:
        time.sleep(_LONG_ENOUGH)
