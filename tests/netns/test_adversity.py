"""Restarts under bad conditions: the data plane goes on, and what is wrong is said."""

from __future__ import annotations

import sys
from typing import IO, TYPE_CHECKING

import pytest

from tests.netns.daemon import running
from tests.netns.leaks import BPFFS
from tests.netns.namespace import command
from tests.netns.stream import Stream

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path

    from tests.netns.daemon import Daemon
    from tests.netns.host import Host
    from tests.netns.lab import Lab

pytestmark = pytest.mark.netns

STARTS = 20
LONGEST = 1.6
"""Seconds after which the last of the starts is killed: about when it is up."""


class Bed:
    """Two hosts on a switch, and the daemon that made it, whose files are in a small tmpfs."""

    def __init__(self, lab: Lab, daemon: Daemon, folder: Path) -> None:
        self.lab, self.daemon, self.folder = lab, daemon, folder
        self.h1, self.h2 = (lab.host(f"h{n}", address=f"10.68.0.{n}/24") for n in (1, 2))
        ports = [{"name": "p1", "peer": self.h1.netdev}, {"name": "p2", "peer": self.h2.netdev}]
        daemon.post("/simplebridge/br1", {"ports": ports})
        self.check()

    def check(self) -> None:
        """Packets flow."""
        assert self.h1.ping(self.h2.ip, count=3).lost == 0

    def refused(self, *options: str) -> str:
        """Start the daemon, which must refuse; return what it said."""
        ran = self.daemon.call(*options)
        assert ran.returncode == 1, ran
        assert "Traceback" not in ran.stderr
        assert ran.stderr.count("polycubed: ") == 1, ran.stderr
        self.check()
        return ran.stderr

    def cable(self, host: Host) -> None:
        """Cable a host whose cable is gone anew, with the same names and address."""
        inner = host.near.interface
        command(["ip", "link", "add", host.netdev, "type", "veth", "peer", "name", inner,
                 "address", host.mac, "netns", host.namespace.name])  # fmt: skip
        host.run(["ip", "addr", "add", host.address, "dev", inner])
        host.run(["ip", "link", "set", inner, "up"])
        command(["ip", "link", "set", host.netdev, "up"])


@pytest.fixture
def bed(lab: Lab, tmp_path: Path, program_cache: Path, bpffs: str) -> Iterator[Bed]:
    assert bpffs
    state = tmp_path / "state"
    state.mkdir()
    command(["mount", "-t", "tmpfs", "-o", "size=1m", "tmpfs", str(state)])
    try:
        with running(lab.name, tmp_path, program_cache, "--state-dir", str(state)) as daemon:
            yield Bed(lab, daemon, state)
    finally:
        command(["umount", "--lazy", str(state)])


def test_it_is_killed_again_and_again_while_it_starts(bed: Bed) -> None:
    with Stream(bed.h1, bed.h2, port=7001, broadcast="10.68.0.255") as stream:
        bed.daemon.kill()
        for n in range(STARTS):
            bed.daemon.start_and_kill(LONGEST * (n + 1) / STARTS)
        bed.daemon.restart()
        ports = bed.daemon.get("/simplebridge/br1/ports")
        assert {one["name"]: one["status"] for one in ports if isinstance(one, dict)} == {
            "p1": "UP", "p2": "UP",
        }  # fmt: skip
    assert stream.lost == []


def test_a_second_daemon_of_a_name_is_refused(bed: Bed, tmp_path: Path) -> None:
    """Also one that has its files elsewhere: the data plane is one."""
    assert "runs as" in bed.refused()
    other = tmp_path / "other"
    options = [f"--{what}-dir={other}" for what in ("run", "state")]
    assert "runs as" in bed.refused(*options, "--addr", "none")
    assert "runs as" in bed.refused(*options, "--addr", "none", "--volatile")
    assert "runs as" in bed.refused(*options, "--teardown")
    assert bed.daemon.get("/simplebridge/br1/type") == "TC"


def _fill(file: IO[bytes]) -> None:
    while True:
        file.write(bytes(512))


def test_a_journal_that_cannot_be_used_is_refused(bed: Bed) -> None:
    journal = next(bed.folder.glob("*.db"))
    bed.daemon.kill()
    command(["mount", "-o", "remount,ro", str(bed.folder)])
    assert str(journal) in bed.refused()
    command(["mount", "-o", "remount,rw", str(bed.folder)])
    for left in bed.folder.glob("*-shm"):
        left.unlink()
    filler = bed.folder / "filler"
    with filler.open("wb", buffering=0) as file, pytest.raises(OSError, match="No space"):
        _fill(file)
    assert str(journal) in bed.refused()
    filler.unlink()
    bed.daemon.restart()
    assert bed.daemon.get("/simplebridge/br1/type") == "TC"
    bed.daemon.stop()
    whole = journal.read_bytes()
    journal.write_bytes(whole[:5000] + bytes(4000) + whole[9000:])
    assert f"{journal} is damaged" in bed.refused()
    journal.write_bytes(b"")
    assert f"{journal} is damaged" in bed.refused()
    journal.write_bytes(whole)
    bed.daemon.restart()
    bed.check()


def test_a_netdev_that_is_another_one_after_the_restart(bed: Bed) -> None:
    bed.daemon.kill()
    command(["ip", "link", "del", bed.h1.netdev])
    bed.daemon.restart()
    assert bed.daemon.get("/simplebridge/br1/ports/p1/status") == "DOWN"
    assert bed.daemon.get("/simplebridge/br1/ports/p1/peer") == bed.h1.netdev
    bed.daemon.kill()
    bed.cable(bed.h1)
    bed.daemon.restart()
    bed.check()
    bed.daemon.kill()
    command(["ip", "link", "del", bed.h2.netdev])
    bed.cable(bed.h2)
    bed.daemon.restart()
    bed.check()


def _theirs(bed: Bed, hook: str, verdict: int) -> str:
    """Pin a program that is not the daemon's; returns the path."""
    pin = f"{BPFFS}/{bed.lab.name}/theirs"
    text = (
        "import asyncio; from polycube_runtime.bpf import asm, linux, spec;"
        f"verdict = asm.verdict(spec.Hook.{hook}, {verdict}); kernel = linux.LinuxKernel();"
        f"kernel.pin(asyncio.run(kernel.load(verdict, {{}})), {pin!r})"
    )
    command([sys.executable, "-c", text])
    return pin


def test_what_others_hang_on_a_netdev_meanwhile_stays(bed: Bed) -> None:
    bed.daemon.kill()
    pin = _theirs(bed, "TC", -1)
    command(["tc", "qdisc", "del", "dev", bed.h2.netdev, "clsact"])
    command(["tc", "qdisc", "add", "dev", bed.h2.netdev, "clsact"])
    for host in (bed.h1, bed.h2):
        command(["tc", "filter", "add", "dev", host.netdev, "ingress", "prio", "7", "bpf", "da",
                 "pinned", pin])  # fmt: skip
    bed.daemon.restart()
    bed.check()
    for host in (bed.h1, bed.h2):
        assert _filters(host) == (1, 1)
    bed.daemon.stop()
    bed.daemon.tear_down()
    for host in (bed.h1, bed.h2):
        assert _filters(host) == (0, 1)
        command(["tc", "qdisc", "del", "dev", host.netdev, "clsact"])


def _filters(host: Host) -> tuple[int, int]:
    """Count our dispatchers and their programs where packets come in."""
    shown = command(["tc", "filter", "show", "dev", host.netdev, "ingress"])
    lines = [line for line in shown.splitlines() if " handle " in line]
    ours = sum("pcn_dispatch" in line for line in lines)
    return ours, len(lines) - ours


def test_an_xdp_program_of_others_stays(bed: Bed) -> None:
    netdev = bed.lab.host("h3", address="10.68.0.3/24").netdev
    ports = [{"name": "x1", "peer": netdev}]
    bed.daemon.post("/simplebridge/x", {"type": "XDP_SKB", "ports": ports})
    bed.daemon.kill()
    pin = _theirs(bed, "XDP", 2)
    command(["ip", "link", "set", "dev", netdev, "xdpgeneric", "off"])
    command(["ip", "link", "set", "dev", netdev, "xdpgeneric", "pinned", pin])
    before = _xdp(netdev)
    assert before
    bed.daemon.restart()
    assert _xdp(netdev) == before
    text = f"Interface {netdev} cannot be used: another program is already attached at its xdp"
    assert text in bed.daemon.log.read_text()
    assert bed.daemon.get("/simplebridge/x/ports/x1/status") == "DOWN"
    command(["ip", "link", "set", "dev", netdev, "xdpgeneric", "off"])
    bed.daemon.kill()
    bed.daemon.restart()
    assert bed.daemon.get("/simplebridge/x/ports/x1/status") == "UP"
    bed.check()


def _xdp(netdev: str) -> str:
    shown = command(["ip", "-details", "link", "show", netdev])
    return shown.partition("prog/xdp id ")[2].partition(" ")[0]
