"""What a call costs before it does anything."""

import subprocess
import sys
from pathlib import Path

import polycube_client
from tests.client.station import Station, reply


def test_an_ordinary_call_imports_nothing_slow(station: Station) -> None:
    """The run time is defended by what it is made of: a clock is at the mercy of the machine."""
    station.answers["PATCH br1/a/"] = reply(200)
    station.answers["GET br1/"] = reply(200, {"name": "br1", "ports": [{"name": "p1"}]})
    program = (
        "import sys; before = set(sys.modules); from polycube_client.cli import main\n"
        "for sys.argv in (['', 'br1', 'show'], ['', 'br1', 'set', 'a=1']): assert main() == 0\n"
        "print(*sorted(set(sys.modules) - before), file=sys.stderr)"
    )
    command = [
        sys.executable,
        "-I",
        "-c",
        f"import sys; sys.path.append({str(cli_root())!r}); {program}",
    ]
    result = subprocess.run(
        command, check=True, capture_output=True, text=True, timeout=20, stdin=subprocess.DEVNULL
    )
    slow = {
        "typing",
        "dataclasses",
        "http.client",
        "email",
        "urllib.parse",
        "yaml",
        "ssl",
        "pathlib",
    }
    slow |= {
        "argparse",
        "importlib.metadata",
        "shutil",
        "subprocess",
        "logging",
        "polycube_runtime",
    }
    assert slow.isdisjoint(result.stderr.split())
    assert len(station.heard) == 2


def cli_root() -> Path:
    """The folder to import the client from."""
    return Path(polycube_client.__file__).parent.parent
