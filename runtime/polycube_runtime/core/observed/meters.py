"""Counters that the daemon keeps of its own work, for `/metrics`."""

from __future__ import annotations

from bisect import bisect_left
from dataclasses import dataclass, field
from itertools import accumulate
from typing import TYPE_CHECKING, NamedTuple
from weakref import WeakKeyDictionary

if TYPE_CHECKING:
    from polycube_runtime.core.cube import Cube


BUCKETS = (0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 2.5, 5.0)
"""Upper bounds of a histogram's buckets, in seconds."""


class Sample(NamedTuple):
    """One number; `suffix` is put behind the family's name (`_bucket`, `_sum`, `_count`)."""

    labels: tuple[tuple[str, str], ...]
    value: float
    suffix: str = ""


class Histogram:
    """Durations in seconds, in `BUCKETS`."""

    __slots__ = ("counts", "sum")

    def __init__(self) -> None:
        """Have seen none."""
        self.counts = [0] * (len(BUCKETS) + 1)
        self.sum = 0.0

    def observe(self, seconds: float) -> None:
        """Take one."""
        self.counts[bisect_left(BUCKETS, seconds)] += 1
        self.sum += seconds

    def samples(self, **labels: str) -> list[Sample]:
        """Return them as Prometheus has histograms: each bucket counts those before it too."""
        own = tuple(labels.items())
        bounds = [*map(str, BUCKETS), "+Inf"]
        totals = list(accumulate(self.counts))
        return [
            *(
                Sample((*own, ("le", bound)), total, "_bucket")
                for bound, total in zip(bounds, totals, strict=True)
            ),
            Sample(own, totals[-1], "_count"),
            Sample(own, self.sum, "_sum"),
        ]


@dataclass
class Meters:
    """What happened since the start of the process.

    Dry runs count as transactions `rolled_back`. `journal` are the times that it took to make
    transactions durable. `broken` are the metrics of cubes that cannot be
    had, which has been said once.
    """

    committed: int = 0
    rolled_back: int = 0
    journal: Histogram = field(default_factory=Histogram)
    broken: WeakKeyDictionary[Cube, set[str]] = field(default_factory=WeakKeyDictionary)
