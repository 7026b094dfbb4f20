"""polycubed as a process: what it leaves, what it survives, what it refuses."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.netns.daemon import running
from tests.netns.leaks import Snapshot, settled

if TYPE_CHECKING:
    from tests.netns.daemon import Daemon
    from tests.netns.lab import Lab

pytestmark = pytest.mark.netns


def descriptors(daemon: Daemon) -> int:
    """Count the daemon's open file descriptors."""
    return len(list(Path(f"/proc/{daemon.process.pid}/fd").iterdir()))


def start_another(folder: Path, *options: str) -> subprocess.CompletedProcess[str]:
    """Start a second daemon, which must not come up, with these options."""
    command = [sys.executable, "-m", "polycube_runtime", "--cache-dir", str(folder / "cache")]
    files = ["--configfile", "none", "--logfile", "none", "--state-dir", str(folder)]
    return subprocess.run(
        [*command, *files, "--addr", "127.0.0.1", *options],
        capture_output=True, text=True, timeout=20, check=False,
    )  # fmt: skip


def test_two_hundred_cubes_and_ports_come_and_go_without_a_trace(daemon: Daemon, lab: Lab) -> None:
    """No program, map, link, pin or descriptor stays of them."""
    h1 = lab.host("h1", address="10.77.0.1/24")
    lab.host("h2", address="10.77.0.2/24")

    def once(number: int) -> None:
        kind = ("TC", "XDP_SKB")[number % 2]
        ports = [{"name": "a", "peer": h1.netdev}, {"name": "b"}]
        daemon.post("/simplebridge/br", {"type": kind, "ports": ports})
        daemon.post("/helloworld/hw", {"type": kind, "ports": [{"name": "x"}]})
        daemon.post("/connect", {"peer1": "br:b", "peer2": "hw:x"})
        daemon.delete("/simplebridge/br/ports/a")
        daemon.delete("/simplebridge/br")
        daemon.delete("/helloworld/hw")

    once(0)
    once(1)  # the daemon's shared maps and the inject device are there from now on
    before, open_before = Snapshot.take(), descriptors(daemon)
    for number in range(100):
        once(number)
    assert settled(before) == []
    assert descriptors(daemon) <= open_before  # the compiler's process may have ended meanwhile


def test_killed_it_forwards_on_and_its_successor_knows_its_cubes(
    lab: Lab, tmp_path: Path, program_cache: Path, bpffs: str
) -> None:
    """The data plane outlives the daemon; the next one has what was configured."""
    assert bpffs
    h1 = lab.host("h1", address="10.77.0.1/24")
    h2 = lab.host("h2", address="10.77.0.2/24")
    with running(lab.name, tmp_path, program_cache) as daemon:
        ports = [{"name": "p1", "peer": h1.netdev}, {"name": "p2", "peer": h2.netdev}]
        daemon.post("/simplebridge/br1", {"ports": ports})
        assert h1.ping(h2.ip).lost == 0
        daemon.kill()
        assert h1.ping(h2.ip, count=5).lost == 0
        daemon.restart()
        found = daemon.get("/simplebridge/br1/ports")[:2]
        assert [port["peer"] for port in found] == [h1.netdev, h2.netdev]
        assert h1.ping(h2.ip, count=5).lost == 0


def test_a_second_daemon_says_why_it_does_not_start(daemon: Daemon, tmp_path: Path) -> None:
    """One instance has one name and one port."""
    same = start_another(tmp_path, "--name", daemon.name, "--run-dir", str(tmp_path))
    assert same.returncode == 1
    assert re.search(rf"another polycubed runs as '{daemon.name}' \(pid \d+\)", same.stderr)
    port = start_another(
        tmp_path,
        "--name",
        "pcother",
        "--run-dir",
        str(tmp_path),
        "--port",
        str(daemon.port),
    )
    assert port.returncode == 1
    assert f"cannot listen on 127.0.0.1:{daemon.port}: Address already in use" in port.stderr
    for ended in (same, port):
        assert "Traceback" not in ended.stderr


def test_two_daemons_of_different_names_live_side_by_side(
    daemon: Daemon, lab: Lab, tmp_path: Path, program_cache: Path
) -> None:
    """Neither sees the other's cubes, and each clears up its own."""
    folder = tmp_path / "other"
    folder.mkdir()
    with running(f"{lab.name}b", folder, program_cache) as other:
        daemon.post("/helloworld/one")
        other.post("/helloworld/two")
        assert [cube["name"] for cube in daemon.get("/cubes")["helloworld"]] == ["one"]
        assert [cube["name"] for cube in other.get("/cubes")["helloworld"]] == ["two"]
    assert [cube["name"] for cube in daemon.get("/cubes")["helloworld"]] == ["one"]


def test_clang_is_never_in_the_daemon(daemon: Daemon) -> None:
    """It compiled a cube, and has neither libbcc nor LLVM mapped."""
    daemon.post("/helloworld/hw")
    mapped = Path(f"/proc/{daemon.process.pid}/maps").read_text()
    assert "libbpf" in mapped
    assert not re.search(r"libbcc|libLLVM|libclang", mapped)


def test_a_data_plane_that_does_not_compile_is_named_with_its_line(
    lab: Lab, tmp_path: Path, program_cache: Path
) -> None:
    """The message has file, line and clang's words; the running program goes on."""
    with _edited_service(tmp_path, lab, program_cache) as (daemon, source):
        good = source.read_text()
        daemon.post("/edited/cube")
        source.write_text(good.replace("seen->packets++;", "seen->packet++;"))
        reply = daemon.request("POST", "/reload", {"cube": "cube"})
        (error,) = reply.body["ietf-restconf:errors"]["error"]
        assert reply.status == 400
        assert re.search(
            r"edited/datapath\.c:\d+:\d+: error: no member named 'packet'", error["error-message"]
        )
        assert daemon.get("/edited/cube/enabled") is True
        source.write_text(good)
        daemon.post("/reload", {"cube": "cube"})


def test_a_program_that_the_verifier_refuses_is_named_with_its_line(
    lab: Lab, tmp_path: Path, program_cache: Path
) -> None:
    """The message has the C line and the verifier's reason."""
    with _edited_service(tmp_path, lab, program_cache) as (daemon, source):
        good = source.read_text()
        source.write_text(
            good.replace("seen->packets++;", "seen->packets += *(u8 *)(long)ctx->data;")
        )
        reply = daemon.request("POST", "/edited/cube")
        (error,) = reply.body["ietf-restconf:errors"]["error"]
        assert reply.status == 400
        said = error["error-message"]
        assert re.search(r"edited/datapath\.c:\d+: R\d+ offset is outside of the packet", said)
        assert re.search(r"\n    \S", said), "it quotes the line"
        assert daemon.get("/cubes") == {}


def _edited_service(tmp_path: Path, lab: Lab, cache: Path):
    return _Edited(tmp_path, lab, cache)


class _Edited:
    """A third party's service, installed for one daemon; gives the daemon and its C file."""

    def __init__(self, folder: Path, lab: Lab, cache: Path) -> None:
        self._folder, self._running = folder, running(lab.name, folder, cache)
        generator = [sys.executable, "-m", "polycube_generator.cli"]
        subprocess.run(
            [*generator, "new", "edited", "--path", str(folder)], check=True, capture_output=True
        )
        information = folder / "edited-1.dist-info"
        information.mkdir()
        (information / "METADATA").write_text("Metadata-Version: 2.1\nName: edited\nVersion: 1\n")
        (information / "entry_points.txt").write_text(
            "[polycube.services]\nedited = edited:Edited\n"
        )

    def __enter__(self) -> tuple[Daemon, Path]:
        before = os.environ.get("PYTHONPATH")
        os.environ["PYTHONPATH"] = str(self._folder)
        try:
            daemon = self._running.__enter__()
        finally:
            if before is None:
                del os.environ["PYTHONPATH"]
            else:
                os.environ["PYTHONPATH"] = before
        return daemon, self._folder / "edited" / "datapath.c"

    def __exit__(self, *error: object) -> None:
        self._running.__exit__(*error)  # type: ignore[arg-type]
