"""The sign of life, for those who see it."""

import io
import os
import time

import pytest

from polycube_client.progress import wanted
from tests.client.station import Answer, Ctl, Station, reply


def slow(seconds: float) -> object:
    def answer(_: object) -> Answer:
        time.sleep(seconds)
        return reply(201)

    return answer


@pytest.fixture
def terminal(monkeypatch: pytest.MonkeyPatch) -> None:
    """Let somebody look at standard error, and look early."""
    monkeypatch.setattr("polycube_client.progress.wanted", lambda: True)
    monkeypatch.setattr("polycube_client.progress.QUIET", 0.1)


@pytest.mark.usefixtures("terminal")
def test_a_long_wait_is_shown_and_wiped_away(station: Station, ctl: Ctl) -> None:
    station.answers["POST simplebridge/br1/"] = slow(0.5)
    code, out, err = ctl("simplebridge", "add", "br1")
    assert (code, out) == (0, "")
    assert "⠋ polycubed is at work, 0.1 s" in err
    assert "⠙ polycubed is at work, 0." in err
    assert err.endswith("\r\x1b[K")


@pytest.mark.usefixtures("terminal")
def test_a_short_wait_is_not(station: Station, ctl: Ctl) -> None:
    station.answers["POST simplebridge/br1/"] = reply(201)
    assert ctl("simplebridge", "add", "br1") == (0, "", "")


def test_somebody_looks_at_a_terminal_only(monkeypatch: pytest.MonkeyPatch) -> None:
    leader, follower = os.openpty()
    with os.fdopen(leader, "wb", buffering=0), os.fdopen(follower, "w") as terminal:
        monkeypatch.setattr("sys.stderr", terminal)
        assert wanted()
    monkeypatch.setattr("sys.stderr", io.StringIO())
    assert not wanted()
    monkeypatch.setattr("sys.stderr", None)
    assert not wanted()


def test_nothing_is_shown_where_nobody_looks(
    station: Station, ctl: Ctl, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("polycube_client.progress.QUIET", 0.05)
    station.answers["POST simplebridge/br1/"] = slow(0.2)
    assert ctl("simplebridge", "add", "br1") == (0, "", "")
