"""Times that data planes take from the kernel's clocks, in nanoseconds: 0 is none.

* ``AGE``: the distance from now
* ``TIME`` of CLOCK_MONOTONIC (``bpf_ktime_get_ns()``), ``BOOT_TIME`` of CLOCK_BOOTTIME, which goes
  on while the machine sleeps (``bpf_ktime_get_boot_ns()``): the moment, as RFC 3339 has it in UTC,
  or as a number of units since the clock began
"""

from __future__ import annotations

import time
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

from polycube_runtime.support.kinds import Codec, Kind

if TYPE_CHECKING:
    from collections.abc import Callable

    from polycube_runtime.support.fields import Field
    from polycube_runtime.support.kinds import Context

_SECOND = 1_000_000_000
_STEADY = 1_000_000
_CLOCKS = {Kind.TIME: time.CLOCK_MONOTONIC, Kind.BOOT_TIME: time.CLOCK_BOOTTIME}
_beginnings: dict[int, int] = {}


def beginning(clock: int) -> int:
    """Return when a clock was 0, in nanoseconds since 1970.

    What is less than a millisecond off is what it was before, so that a moment, whenever it is
    read, is the same: the clocks are read one after the other, and NTP adjusts one of them.
    """
    now = time.clock_gettime_ns(time.CLOCK_REALTIME) - time.clock_gettime_ns(clock)
    known = _beginnings.get(clock)
    if known is None or abs(now - known) > _STEADY:
        _beginnings[clock] = known = now
    return known


def moment(nanoseconds: int) -> str:
    """Return nanoseconds since 1970 as yang:date-and-time, in milliseconds."""
    text = datetime.fromtimestamp(nanoseconds // 1_000_000 / 1000, UTC)
    return text.isoformat(timespec="milliseconds").replace("+00:00", "Z")


def nanoseconds(text: str) -> int:
    """Return a yang:date-and-time as nanoseconds since 1970."""
    return round(datetime.fromisoformat(text).timestamp() * 1000) * 1_000_000


def _age_packer(field: Field, context: Context) -> Callable[[int], int]:
    now, unit = context.now, field.unit or _SECOND
    return lambda age: max(now - age * unit, 1)


def _age_reader(field: Field, context: Context) -> Callable[[int], int | None]:
    now, unit = context.now, field.unit or _SECOND
    return lambda raw: max(now - raw, 0) // unit if raw else None


def _time_packer(field: Field, _context: Context) -> Callable[[Any], int]:
    unit = field.unit
    if unit:
        return lambda number: max(number * unit, 1)
    began = beginning(_CLOCKS[field.kind])
    return lambda text: max(nanoseconds(text) - began, 1)


def _time_reader(field: Field, _context: Context) -> Callable[[int], object]:
    unit = field.unit
    if unit:
        most = 2**field.bits
        return lambda raw: raw // unit % most if raw else None
    began = beginning(_CLOCKS[field.kind])
    return lambda raw: moment(raw + began) if raw else None


CODECS = {
    Kind.AGE: Codec(_age_packer, _age_reader),
    Kind.TIME: Codec(_time_packer, _time_reader),
    Kind.BOOT_TIME: Codec(_time_packer, _time_reader),
}
