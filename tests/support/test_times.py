"""Times of the kernel's clocks: as moments, as numbers, as ages."""

import re
import time
from datetime import UTC, datetime, timedelta

import pytest

from polycube_runtime.support import times
from polycube_runtime.support.codec import NO_PORTS, Field, Kind
from polycube_runtime.support.compounds import CODECS
from polycube_runtime.support.kinds import Context

SECOND = 10**9
CLOCKS = {Kind.TIME: time.CLOCK_MONOTONIC, Kind.BOOT_TIME: time.CLOCK_BOOTTIME}


def read(kind: Kind, raw: int, now: int = 0, **more):
    field = Field("m", "m", kind, 0, 8, **more)
    return CODECS[kind].unpack(field, Context(NO_PORTS, now))(raw)


def packed(kind: Kind, value: object, now: int = 0, **more):
    field = Field("m", "m", kind, 0, 8, **more)
    return CODECS[kind].pack(field, Context(NO_PORTS, now))(value)


@pytest.mark.parametrize("kind", list(CLOCKS))
def test_a_moment_is_that_of_the_clock_on_the_wall(kind):
    text = read(kind, time.clock_gettime_ns(CLOCKS[kind]) - 90 * SECOND)
    assert re.fullmatch(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z", text)
    ago = datetime.now(UTC) - datetime.fromisoformat(text)
    assert timedelta(seconds=89) < ago < timedelta(seconds=92)
    assert read(kind, packed(kind, text)) == text


def test_a_moment_is_the_same_whenever_it_is_read():
    raws = [time.monotonic_ns() - at * 1_234_567 for at in range(50)]
    first = [read(Kind.TIME, raw) for raw in raws]
    assert all([read(Kind.TIME, raw) for raw in raws] == first for _ in range(50))


def test_a_clock_on_the_wall_that_is_set_moves_what_was(monkeypatch):
    raw = time.monotonic_ns()
    before = datetime.fromisoformat(read(Kind.TIME, raw))
    real = time.clock_gettime_ns
    hour = 3600 * SECOND
    shifted = {time.CLOCK_REALTIME: hour}
    monkeypatch.setattr(times.time, "clock_gettime_ns", lambda one: real(one) + shifted.get(one, 0))
    after = datetime.fromisoformat(read(Kind.TIME, raw))
    assert timedelta(minutes=59) < after - before < timedelta(minutes=61)


@pytest.mark.parametrize("kind", [Kind.TIME, Kind.BOOT_TIME, Kind.AGE])
def test_zero_is_not_there(kind):
    assert read(kind, 0) is None
    assert CODECS[kind].zero(Field("m", "m", kind, 0, 8)) == 0


def test_a_number_has_units_and_begins_anew_after_its_bits():
    assert read(Kind.TIME, 5 * SECOND, unit=SECOND) == 5
    assert read(Kind.BOOT_TIME, 5_999_999, unit=10**6) == 5
    hundredths = {"unit": 10**7, "bits": 32}
    assert read(Kind.TIME, (2**32 + 7) * 10**7, **hundredths) == 7
    assert packed(Kind.TIME, 7, **hundredths) == 7 * 10**7


def test_an_age_has_units():
    assert read(Kind.AGE, 2 * SECOND, now=5 * SECOND) == 3
    assert read(Kind.AGE, 2 * SECOND, now=5 * SECOND, unit=10**6) == 3000
    assert packed(Kind.AGE, 3000, now=5 * SECOND, unit=10**6) == 2 * SECOND
