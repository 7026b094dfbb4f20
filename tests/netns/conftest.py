"""Fixtures of the tests marked `netns`: they need root, and may leave nothing behind."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from tests.netns.daemon import Daemon, running
from tests.netns.lab import Lab
from tests.netns.leaks import BPFFS, Snapshot, settled
from tests.netns.namespace import command

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


def pytest_runtest_setup(item: pytest.Item) -> None:
    """Skip only for want of privilege; whatever else is missing must fail."""
    if item.get_closest_marker("netns") and os.geteuid() != 0:
        pytest.skip("needs root: network namespaces and eBPF")


@pytest.fixture(autouse=True)
def _nothing_left_behind(request: pytest.FixtureRequest) -> Iterator[None]:
    """Fail a test that leaves namespaces, interfaces, programs, maps or pins in the kernel.

    Set up before the other fixtures of the function, so it looks after they have cleared up;
    what fixtures of wider scope made is there before, and stays.
    """
    if not request.node.get_closest_marker("netns"):
        yield
        return
    before = Snapshot.take()
    yield
    left = settled(before)
    assert not left, "\n".join(left)


@pytest.fixture
def lab() -> Iterator[Lab]:
    """Give a lab whose hosts are cabled to this namespace."""
    with Lab() as made:
        yield made


@pytest.fixture
def isolated_lab() -> Iterator[Lab]:
    """Give a lab whose hosts are cabled to a namespace of the lab's own."""
    with Lab(isolated=True) as made:
        yield made


@pytest.fixture(scope="session")
def bpffs() -> str:
    """Return the path of bpffs; mount it if need be and leave it so, as systemd does at boot."""
    if not os.path.ismount(BPFFS):
        command(["mount", "-t", "bpf", "bpf", str(BPFFS)])
    return str(BPFFS)


@pytest.fixture
def daemon(lab: Lab, tmp_path: Path, program_cache: Path, bpffs: str) -> Iterator[Daemon]:
    """Give a running polycubed in this namespace, beside the lab's far ends."""
    assert bpffs
    with running(lab.name, tmp_path, program_cache, "--volatile") as started:
        yield started
