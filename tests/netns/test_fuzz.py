"""API fuzzing: whatever is sent, no answer is a 5xx, and the kernel is what the model says."""

from __future__ import annotations

from importlib.metadata import entry_points
from typing import TYPE_CHECKING

import pytest

from tests.netns.fuzz import EXAMPLES, Fuzzer, mismatches

if TYPE_CHECKING:
    from tests.netns.daemon import Daemon
    from tests.netns.lab import Lab

pytestmark = [pytest.mark.netns, pytest.mark.timeout(60 * max(2, EXAMPLES))]
SERVICES = sorted(entry_points(group="polycube.services").names)


@pytest.mark.parametrize("service", ["", *SERVICES])
def test_whatever_is_sent_is_answered(daemon: Daemon, lab: Lab, service: str) -> None:
    """Fuzz the daemon's own routes, then each service's."""
    fuzzer = Fuzzer(daemon, lab.host("h1", address="10.77.0.1/24").netdev)
    fuzzer.run(f"/openapi/{service}.json" if service else "/openapi.json", service)
    assert fuzzer.sent > 10 * EXAMPLES
    assert {200, 400} <= set(fuzzer.statuses)
    assert mismatches(daemon) == []
    assert "Traceback" not in daemon.log.read_text()
