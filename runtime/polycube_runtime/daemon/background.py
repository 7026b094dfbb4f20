"""Going to the background: whoever started the daemon waits until it is up, or hears why not."""

from __future__ import annotations

import os
import sys
from typing import TYPE_CHECKING

from polycube_runtime.daemon.errors import EXIT_FAILED

if TYPE_CHECKING:
    from typing import NoReturn


class Background:
    """The daemon's end of a line to its caller, who waits for one byte: the exit code."""

    def __init__(self, line: int) -> None:
        """Hold the writing end of the pipe."""
        self._line = line

    def report(self, code: int) -> None:
        """Let the caller end with `code`; what is said after that, only the log file hears."""
        if self._line < 0:
            return
        nothing = os.open(os.devnull, os.O_RDWR)
        sys.stdout.flush()
        sys.stderr.flush()
        for stream in (0, 1, 2):
            os.dup2(nothing, stream)
        os.close(nothing)
        os.write(self._line, bytes([code]))
        os.close(self._line)
        self._line = -1


def enter() -> Background:
    """Fork twice (daemon(7)); returns in the new process only, the old one ends in here.

    To be called while there is one thread, and before anything is locked or opened.
    """
    line, far = os.pipe()
    if os.fork():
        os.close(far)
        _wait(line)
    os.close(line)
    os.setsid()
    if os.fork():  # no longer the leader of its session: never again a controlling terminal
        os._exit(0)
    os.chdir("/")
    return Background(far)


def _wait(line: int) -> NoReturn:
    code = os.read(line, 1)
    if not code:
        sys.stderr.write("polycubed: it ended while it started; see its log\n")
    os._exit(code[0] if code else EXIT_FAILED)
