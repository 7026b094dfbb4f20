"""Nothing that was acknowledged is lost, whenever the daemon is killed, and no packet either."""

from __future__ import annotations

import secrets
from random import Random
from typing import TYPE_CHECKING

import pytest

from tests.netns.daemon import running
from tests.netns.ordeal import ordeal

if TYPE_CHECKING:
    from pathlib import Path

    from tests.netns.lab import Lab

pytestmark = pytest.mark.netns

KILLS = 12


def test_whenever_it_is_killed_nothing_is_lost(
    lab: Lab, tmp_path: Path, program_cache: Path, bpffs: str
) -> None:
    """The long form, of 200 kills, is `python -m bench --only durability`."""
    assert bpffs
    seed = secrets.randbits(32)
    with running(lab.name, tmp_path, program_cache) as daemon:
        with ordeal(lab, daemon, Random(seed)) as it:  # noqa: S311
            for _ in range(KILLS):
                it.kill()
        found = (it.wrong, it.refused, it.lost, it.passed, it.uncounted)
        assert found == ([], [], 0, 0, 0), f"seed {seed}"
        assert it.kept + it.made == KILLS
        assert it.writes > KILLS
