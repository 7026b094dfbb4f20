"""Paired measuring: what is compared is measured in turn, round by round, in the same minutes.

Nanoseconds on a shared machine drift by a third within the hour; the ratio of two measurements
taken one after the other does not. So each round measures every candidate once, ratios are formed
within a round, and only then summarised.

- `rounds`: measure in turn
- `ratios`: each candidate's ratio to the baseline, round by round
- `Summary`: median, extremes, spread
"""

from __future__ import annotations

import statistics
from typing import TYPE_CHECKING, NamedTuple, Self, TypeVar

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping, Sequence

T = TypeVar("T")


class Summary(NamedTuple):
    """Several measurements of one thing."""

    median: float
    low: float
    high: float

    @classmethod
    def of(cls, values: Iterable[float]) -> Self:
        """Summarise at least one value.

        Raises:
            ValueError: there is none.

        """
        ordered = sorted(values)
        if not ordered:
            message = "nothing was measured"
            raise ValueError(message)
        return cls(statistics.median(ordered), ordered[0], ordered[-1])

    @property
    def spread(self) -> float:
        """How far apart the extremes are, as a part of the median: 0.1 is ten per cent."""
        return (self.high - self.low) / self.median if self.median else 0.0


def rounds(measures: Mapping[str, Callable[[], T]], count: int) -> dict[str, list[T]]:
    """Measure each candidate once a round, `count` times; the results are in order of rounds.

    Each round begins with another candidate, lest one always follow the same neighbour.
    """
    names = list(measures)
    found: dict[str, list[T]] = {name: [] for name in names}
    for number in range(count):
        turn = number % len(names)
        for name in names[turn:] + names[:turn]:
            found[name].append(measures[name]())
    return found


def ratios(values: Mapping[str, Sequence[float]], baseline: str) -> dict[str, Summary]:
    """Divide each candidate's values by the baseline's of the same round, and summarise.

    Raises:
        KeyError: the baseline was not measured.

    """
    base = values[baseline]
    return {
        name: Summary.of(value / other for value, other in zip(row, base, strict=True))
        for name, row in values.items()
    }
