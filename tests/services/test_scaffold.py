"""A service made by `polycube-gen new` works before a line of it is edited."""

from __future__ import annotations

import os
import subprocess
import sys
from typing import TYPE_CHECKING

import pytest

if TYPE_CHECKING:
    from pathlib import Path

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: loads eBPF programs")


def run(folder: Path, *command: str) -> subprocess.CompletedProcess[str]:
    """Run a Python module in `folder`, whose packages can be imported."""
    return subprocess.run(
        [sys.executable, "-m", *command],
        cwd=folder,
        env={**os.environ, "PYTHONPATH": str(folder)},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )


@pytest.mark.parametrize("flags", [[], ["--transparent"]], ids=["standard", "transparent"])
def test_a_new_service_passes_its_own_tests(tmp_path: Path, flags: list[str]) -> None:
    """In a folder of its own, as a third party has it: generated, compiled, verified, run."""
    made = run(
        tmp_path, "polycube_generator.cli", "new", "my-service", *flags, "--path", str(tmp_path)
    )
    assert made.returncode == 0, made.stdout + made.stderr
    tested = run(tmp_path, "pytest", "-q", "-p", "no:randomly", "tests")
    assert tested.returncode == 0, tested.stdout + tested.stderr
    assert " passed" in tested.stdout
    again = run(
        tmp_path, "polycube_generator.cli", "new", "my-service", *flags, "--path", str(tmp_path)
    )
    assert again.returncode == 1
    assert "never overwrites" in again.stderr
