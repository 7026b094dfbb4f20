"""ddosmitigator: drops what comes from or goes to blacklisted addresses.

The lists and their counters are maps bound to the model, and changing a list is a map write: no
program is ever compiled for it. Here is only what the model cannot say: a rate.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING

from polycube_generated.ddosmitigator import DdosmitigatorBase

if TYPE_CHECKING:
    from polycube_runtime.support.control import CubeContext

_INTERVAL = 1.0
"""Seconds between two samples of the counter."""


class Rate:
    """Events per second between the last two samples of a counter; 0 before there are two."""

    def __init__(self) -> None:
        """Start without samples."""
        self.per_second = 0
        self._last: tuple[int, float] | None = None

    def sample(self, count: int, now: float) -> None:
        """Take the counter's value at the time `now`, in seconds, later than that before."""
        if self._last is not None:
            before, then = self._last
            self.per_second = round((count - before) / (now - then))
        self._last = (count, now)


class Ddosmitigator(DdosmitigatorBase):
    """Control plane of ddosmitigator."""

    def __init__(self, cube: CubeContext) -> None:
        """Have no sample yet."""
        super().__init__(cube)
        self._rate = Rate()

    async def start(self) -> None:
        """Sample the counter from now on, so that a GET need not wait for a second."""
        self._sample()
        self.cube.every(_INTERVAL, self._sample)

    def _sample(self) -> None:
        stats = self.cube.tables["dropcnt"].get({}) or {}
        self._rate.sample(stats.get("pkts", 0), time.monotonic())

    async def get_stats_pps(self) -> int:
        """Return what was dropped in the last whole second."""
        return self._rate.per_second
