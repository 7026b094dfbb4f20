"""Log lines of a cube, as many as a reader and a disk can take."""

from __future__ import annotations

import asyncio
import logging
import time

LINES_A_SECOND = 200
BURST = 256
"""Lines that may come at once, after a quiet time."""
REPORT = 1.0
"""Seconds from the first line left out to the line that says how many there were."""


class LineLimit(logging.Filter):
    """Lets a cube's logger write `BURST` lines at once and `LINES_A_SECOND` in the long run.

    It is for both halves of the cube: its program's lines and its control plane's. Warnings and
    worse of the control plane pass in any case, as does the line that says how many were left out.
    """

    def __init__(self, log: logging.Logger) -> None:
        """Limit what `log` writes."""
        super().__init__()
        self._log = log
        self._room = float(BURST)
        self._last = time.monotonic()
        self._reporting: asyncio.TimerHandle | None = None
        self._unsaid = 0
        self.suppressed = 0

    def filter(self, record: logging.LogRecord) -> bool:
        """Whether a line may be written."""
        now = time.monotonic()
        self._room = min(BURST, self._room + (now - self._last) * LINES_A_SECOND)
        self._last = now
        if self._room >= 1:
            self._room -= 1
            return True
        if record.levelno >= logging.WARNING and not getattr(record, "program", False):
            return True
        self.leave_out(1)
        return False

    def leave_out(self, lines: int) -> None:
        """Count lines that were not written, and say so soon."""
        self.suppressed += lines
        self._unsaid += lines
        if self._reporting is None:
            loop = asyncio.get_running_loop()
            self._reporting = loop.call_later(REPORT, self._report)

    def _report(self) -> None:
        self._reporting = None
        lines, self._unsaid = self._unsaid, 0
        self._log.warning("suppressed %d log lines", lines)

    def close(self) -> None:
        """Say what was not said yet, and let go of the logger."""
        if self._reporting is not None:
            self._reporting.cancel()
            self._report()
        self._log.removeFilter(self)
