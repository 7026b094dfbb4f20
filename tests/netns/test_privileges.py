"""polycubed with the capabilities of the systemd unit instead of all that root has."""

from __future__ import annotations

import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from polycube_runtime.daemon.machine import NEEDED
from tests.netns.daemon import running

if TYPE_CHECKING:
    from tests.netns.lab import Lab

pytestmark = pytest.mark.netns
UNIT = Path(__file__).parents[2] / "packaging" / "polycubed.service"


def limited(*names: str) -> list[str]:
    """Return how to run a command so that root has these capabilities and no others."""
    bounds = ",".join(["-all", *(f"+{name.lower().removeprefix('cap_')}" for name in names)])
    return ["setpriv", f"--bounding-set={bounds}", "--inh-caps=-all", "--no-new-privs"]


def unit_capabilities() -> list[str]:
    (line,) = re.findall(r"^CapabilityBoundingSet=(.*)", UNIT.read_text(), re.MULTILINE)
    return line.split()


@pytest.mark.parametrize("kind", ["TC", "XDP_SKB", "XDP_DRV"])
def test_the_units_capabilities_are_enough(
    lab: Lab, tmp_path: Path, program_cache: Path, bpffs: str, kind: str
) -> None:
    """Load, attach, learn, talk to the control plane, link cubes, restart, clear up."""
    assert bpffs
    h1, h2 = (lab.host(f"h{n}", address=f"10.77.0.{n}/24") for n in (1, 2))
    if kind == "XDP_DRV":
        for host in (h1, h2):
            host.fit_for_xdp()
    prefix = limited(*unit_capabilities())
    with running(lab.name, tmp_path, program_cache, prefix=prefix) as daemon:
        effective = re.search(
            r"CapEff:\s*(\w+)", Path(f"/proc/{daemon.process.pid}/status").read_text()
        )
        assert int(effective[1], 16) == sum(1 << one.bit for one in NEEDED)
        ports = [{"name": "p1", "peer": h1.netdev}, {"name": "p2"}]
        daemon.post("/simplebridge/br1", {"type": kind, "ports": ports})
        ports = [{"name": "q1", "peer": h2.netdev}, {"name": "q2"}]
        daemon.post("/simplebridge/br2", {"type": kind, "ports": ports})
        daemon.post("/connect", {"peer1": "br1:p2", "peer2": "br2:q2"})
        assert h1.ping(h2.ip, count=3).lost == 0
        assert len(daemon.get("/simplebridge/br1/fdb/entry/")) >= 2
        daemon.post("/reload", {"cube": "br1"})
        assert daemon.stop() == 0
        daemon.restart()
        assert h1.ping(h2.ip, count=3).lost == 0


@pytest.mark.parametrize("absent", [one.name for one in NEEDED])
def test_what_is_missing_is_named_with_its_purpose(absent: str, lab: Lab, tmp_path: Path) -> None:
    held = [one.name for one in NEEDED if one.name != absent]
    (purpose,) = [one.purpose for one in NEEDED if one.name == absent]
    command = [
        *limited(*held), sys.executable, "-m", "polycube_runtime", "--name", lab.name,
        "--run-dir", str(tmp_path), "--state-dir", str(tmp_path), "--cache-dir", str(tmp_path),
        "--configfile", "none", "--logfile", "none", "--addr", "none",
    ]  # fmt: skip
    ran = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    assert ran.returncode == 1
    assert ran.stderr == (
        "polycubed: polycubed must run as root, or with capabilities; "
        f"missing: {absent} ({purpose})\n"
    )
