"""What the tests of the whole client share."""

import sys
from collections.abc import Callable, Iterator
from pathlib import Path

import pytest

import polycube_client
from polycube_client import cli
from tests.client.station import Station, serving


@pytest.fixture
def station(monkeypatch: pytest.MonkeyPatch, tmp_path: Path) -> Iterator[Station]:
    """A daemon that the environment points at, and a home without settings."""
    with serving(Station(("127.0.0.1", 0))) as running:
        monkeypatch.setenv("POLYCUBECTL_URL", f"http://localhost:{running.server_address[1]}")
        monkeypatch.setenv("HOME", str(tmp_path))
        monkeypatch.delenv("POLYCUBECTL_DEBUG", raising=False)
        monkeypatch.setenv("PYTHONPATH", str(Path(polycube_client.__file__).parent.parent))
        yield running


@pytest.fixture
def ctl(
    monkeypatch: pytest.MonkeyPatch, capfd: pytest.CaptureFixture[str]
) -> Callable[..., tuple[int, str, str]]:
    """Run polycubectl in this process; return exit code, standard output and error."""

    def run(*words: str) -> tuple[int, str, str]:
        monkeypatch.setattr(sys, "argv", ["polycubectl", *words])
        code = cli.main()
        out, err = capfd.readouterr()
        return code, out, err

    return run
