"""A sign of life on standard error while the daemon works: compiling a program takes seconds."""

from __future__ import annotations

import itertools
import select
import sys
import time

TYPE_CHECKING = False
if TYPE_CHECKING:
    import socket

QUIET = 0.5
"""Seconds before anything is shown: what is quick must not flicker."""
_PACE = 0.1
_FRAMES = "⠋⠙⠹⠸⠼⠴⠦⠧⠇⠏"
_ERASE = "\r\x1b[K"


def wanted() -> bool:
    """Whether somebody is there to see it."""
    return sys.stderr is not None and sys.stderr.isatty()


def wait(connection: socket.socket) -> None:
    """Return once ``connection`` has something to read, showing the time that passes."""
    started = time.monotonic()
    poll = select.poll()
    poll.register(connection, select.POLLIN)
    if poll.poll(QUIET * 1000):
        return
    try:
        for frame in itertools.cycle(_FRAMES):
            passed = time.monotonic() - started
            sys.stderr.write(f"{_ERASE}{frame} polycubed is at work, {passed:.1f} s")
            sys.stderr.flush()
            if poll.poll(_PACE * 1000):
                return
    finally:
        sys.stderr.write(_ERASE)
        sys.stderr.flush()
