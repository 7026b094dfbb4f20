"""Network namespaces by name: run a command in one, or step into it with the calling thread.

- `Namespace`: one of them; the empty name is the namespace that this process lives in
- `LabError`: a command of the lab's failed; the message carries what it printed
"""

from __future__ import annotations

import contextlib
import ctypes
import os
import socket
import subprocess
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterator, Sequence

NAMESPACES = Path("/run/netns")
"""Where iproute2 keeps one mount for each named namespace."""
_CLONE_NEWNET = 0x40000000
_libc = ctypes.CDLL(None, use_errno=True)


class LabError(Exception):
    """The lab could not be built or used."""


def command(argv: Sequence[str], *, timeout: float = 30.0, check: bool = True) -> str:
    """Run a command and return what it wrote to standard output.

    It gets a process group of its own: Ctrl-C strikes the test, not a command half-way through.

    Raises:
        LabError: it failed (unless `check` is off) or took longer than `timeout` seconds.

    """
    try:
        done = subprocess.run(
            argv, capture_output=True, text=True, timeout=timeout, check=False, process_group=0
        )
    except subprocess.TimeoutExpired as error:
        message = f"{' '.join(argv)}: no end after {timeout} s"
        raise LabError(message) from error
    if check and done.returncode != 0:
        message = f"{' '.join(argv)}: exit {done.returncode}: {done.stderr.strip()}"
        raise LabError(message)
    return done.stdout


class Namespace:
    """A network namespace; `name` is iproute2's, empty for the one this process lives in."""

    def __init__(self, name: str = "") -> None:
        """Refer to a namespace; this creates none (see `Lab.namespace`)."""
        self.name = name

    def __str__(self) -> str:
        """Return the name."""
        return self.name or "of this process"

    @property
    def path(self) -> Path:
        """The file that keeps the namespace alive."""
        return NAMESPACES / self.name if self.name else Path("/proc/self/ns/net")

    def argv(self, argv: Sequence[str]) -> list[str]:
        """Return the command line that runs `argv` in here.

        `nsenter` and not `ip netns exec`, which mounts a new /sys: bpffs would be out of sight.
        """
        return ["nsenter", f"--net={self.path}", "--", *argv] if self.name else list(argv)

    def run(self, argv: Sequence[str], *, timeout: float = 30.0, check: bool = True) -> str:
        """Run a command in here and return its output; see `command`."""
        return command(self.argv(argv), timeout=timeout, check=check)

    def ip(self, text: str) -> str:
        """Run `ip` with the words of `text`."""
        return self.run(["ip", *text.split()])

    @contextlib.contextmanager
    def entered(self) -> Iterator[None]:
        """Move the calling thread in here for a while.

        Sockets and threads made meanwhile stay in here for good. Do not `await` meanwhile in a
        loop that has other work: it would be done in here too.
        """
        if not self.name:
            yield
            return
        with open("/proc/thread-self/ns/net") as home, self.path.open() as there:  # noqa: PTH123
            _setns(there.fileno())
            try:
                yield
            finally:
                _setns(home.fileno())

    def sysctl(self, key: str, value: object) -> None:
        """Set the network setting `key`, with slashes: an interface's name may hold dots."""
        with self.entered():
            (Path("/proc/sys/net") / key).write_text(str(value))

    def socket(self, family: int, kind: int, protocol: int = 0) -> socket.socket:
        """Open a socket in here; the caller, in whatever namespace, owns it."""
        with self.entered():
            return socket.socket(family, kind, protocol)


def _setns(fd: int) -> None:
    """Python has os.setns from 3.12 on only."""
    if _libc.setns(fd, _CLONE_NEWNET) != 0:
        error = ctypes.get_errno()
        raise OSError(error, f"setns: {os.strerror(error)}")
