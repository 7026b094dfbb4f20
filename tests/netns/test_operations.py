"""polycubed as an operator has it: socket, TLS, background, log, service manager, teardown."""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import signal
import socket
import ssl
import stat
import subprocess
import sys
import time
from pathlib import Path
from typing import TYPE_CHECKING

import pytest

from tests.daemon.authority import list_in, self_signed, signed
from tests.netns.daemon import STOP_WITHIN, Daemon, running
from tests.netns.leaks import BPFFS

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from tests.netns.lab import Lab

pytestmark = pytest.mark.netns


class Site:
    """Where one instance keeps its files, and how its polycubed is called."""

    def __init__(self, name: str, folder: Path, cache: Path) -> None:
        self.name, self.folder = name, folder
        self.socket = folder / "polycube" / f"{name}.sock"
        self.pidfile = folder / f"{name}.pid"
        self._command = [
            sys.executable, "-m", "polycube_runtime", "--name", name, "--addr", "none",
            "--run-dir", str(folder), "--cache-dir", str(cache), "--state-dir", str(folder),
            "--configfile", "none", "--logfile", "none",
        ]  # fmt: skip

    def call(self, *options: str, **environ: str) -> subprocess.CompletedProcess[str]:
        """Run polycubed with these options until it ends by itself."""
        return subprocess.run(
            [*self._command, *options], env={**os.environ, **environ},
            capture_output=True, text=True, timeout=20, check=False,
        )  # fmt: skip

    @contextlib.contextmanager
    def background(self, *options: str) -> Iterator[int]:
        """Start it with --daemon; gives its process id."""
        ran = self.call("--daemon", *options)
        assert ran.returncode == 0, ran.stderr
        pid = int(self.pidfile.read_text())
        try:
            yield pid
        finally:
            with contextlib.suppress(ProcessLookupError):
                os.kill(pid, signal.SIGTERM)
            gone(pid)
            assert self.call("--teardown").returncode == 0

    def get(self, path: str) -> object:
        """Read over the Unix socket."""
        with socket.socket(socket.AF_UNIX) as client:
            client.connect(str(self.socket))
            connection = http.client.HTTPConnection("localhost")
            connection.sock = client
            connection.request("GET", f"/polycube/v1{path}")
            return json.loads(connection.getresponse().read())


@pytest.fixture
def site(lab: Lab, tmp_path: Path, program_cache: Path, bpffs: str) -> Site:
    assert bpffs
    return Site(lab.name, tmp_path, program_cache)


def until(condition: Callable[[], object]) -> None:
    deadline = time.monotonic() + STOP_WITHIN
    while not condition():
        assert time.monotonic() < deadline, condition
        time.sleep(0.02)


def gone(pid: int) -> None:
    """Wait for a process that is not our child."""
    until(lambda: not Path(f"/proc/{pid}").exists() or "\nState:\tZ" in status(pid))


def status(pid: int) -> str:
    with contextlib.suppress(OSError):
        return Path(f"/proc/{pid}/status").read_text()
    return "\nState:\tZ"


def ctl(url: str, *words: str, **environ: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "-m", "polycube_client", *words],
        env={**os.environ, "POLYCUBECTL_URL": url, **environ},
        stdin=subprocess.DEVNULL, capture_output=True, text=True, timeout=60, check=False,
    )  # fmt: skip


def test_the_unix_socket_is_there_beside_tcp_and_goes_with_the_daemon(daemon: Daemon) -> None:
    assert stat.S_IMODE(daemon.socket.stat().st_mode) == 0o660
    assert ctl(f"unix://{daemon.socket}", "helloworld", "add", "hw").returncode == 0
    assert daemon.get("/helloworld/hw/type") == "TC"
    shown = ctl(f"unix://{daemon.socket}", "helloworld", "show")
    assert "hw" in shown.stdout
    daemon.kill()
    assert daemon.socket.exists()
    daemon.restart()
    assert ctl(f"unix://{daemon.socket}", "cubes", "show").returncode == 0
    daemon.stop()
    assert not daemon.socket.exists()


def test_it_goes_to_the_background_once_it_is_up(site: Site) -> None:
    log = site.folder / "p.log"
    with site.background("--logfile", str(log)) as pid:
        assert site.get("/version"), "no waiting: it is up when its caller hears of it"
        assert f"\nPPid:\t{os.getpid()}\n" not in status(pid)
        assert os.getsid(pid) != os.getsid(0)
        assert Path(f"/proc/{pid}/cwd").resolve() == Path("/")
        assert {Path(f"/proc/{pid}/fd/{n}").readlink() for n in (0, 1, 2)} == {Path("/dev/null")}
        assert "ready on" in log.read_text()
    assert "stopped" in log.read_text()
    assert not site.pidfile.exists()


def test_what_goes_wrong_on_the_way_to_the_background_reaches_the_terminal(
    site: Site, daemon: Daemon
) -> None:
    site.name += "b"
    taken = site.call("--daemon", "--name", site.name, "--addr", "127.0.0.1",
                      "--port", str(daemon.port))  # fmt: skip
    assert taken.returncode == 1
    assert "Address already in use; choose another --port" in taken.stderr
    broken = site.call("-d", "--name", site.name, "--cert", "/no/cert", "--key", "/no/key")
    assert broken.returncode == 1
    assert "cannot use cert /no/cert with key /no/key: No such file" in broken.stderr
    assert "Traceback" not in taken.stderr + broken.stderr
    assert not (site.folder / f"{site.name}.pid").exists()


def test_sighup_opens_the_log_file_anew(site: Site) -> None:
    log, moved = site.folder / "p.log", site.folder / "p.log.old"
    with site.background("--logfile", str(log), "--log-format", "json") as pid:
        log.rename(moved)
        os.kill(pid, signal.SIGHUP)
        until(log.exists)
        until(log.read_text)
        entry = json.loads(log.read_text())
        assert (entry["level"], entry["message"]) == ("info", "log file opened anew")
    messages = [json.loads(line)["message"] for line in moved.read_text().splitlines()]
    assert any(message.startswith("ready on") for message in messages)


def test_a_service_manager_hears_when_it_is_up_alive_and_stopping(
    site: Site, monkeypatch: pytest.MonkeyPatch
) -> None:
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(str(site.folder / "notify"))
        manager.settimeout(20)
        monkeypatch.setenv("NOTIFY_SOCKET", str(site.folder / "notify"))
        monkeypatch.setenv("WATCHDOG_USEC", "200000")
        with site.background("--volatile") as pid:
            told = manager.recv(1000).decode().splitlines()
            assert told[:2] == ["READY=1", f"MAINPID={pid}"]
            assert told[2] == f"STATUS=ready on {site.socket}"
            assert manager.recv(1000) == b"WATCHDOG=1"
            assert manager.recv(1000) == b"WATCHDOG=1"
        heard = b""
        while heard != b"STOPPING=1":
            heard = manager.recv(1000)


def test_teardown_refuses_while_the_daemon_runs_and_clears_up_when_it_was_killed(
    daemon: Daemon, lab: Lab, site: Site
) -> None:
    """Afterwards there is nothing; the fixture of all tests here looks."""
    h1, h2 = (lab.host(f"h{n}", address=f"10.77.0.{n}/24") for n in (1, 2))
    ports = [{"name": "p1", "peer": h1.netdev}, {"name": "p2"}]
    daemon.post("/simplebridge/br1", {"ports": ports})
    daemon.post("/simplebridge/br2", {"ports": [{"name": "q1", "peer": h2.netdev}, {"name": "q2"}]})
    daemon.post("/simplebridge/br3", {"type": "XDP_SKB", "ports": [{"name": "x"}]})
    daemon.post("/connect", {"peer1": "br1:p2", "peer2": "br2:q2"})
    assert h1.ping(h2.ip).lost == 0
    refused = site.call("--teardown")
    assert refused.returncode == 1
    assert f"runs as '{site.name}' (pid {daemon.process.pid})" in refused.stderr
    daemon.kill()
    assert h1.ping(h2.ip).lost == 0
    assert (BPFFS / site.name).is_dir()
    done = site.call("--teardown")
    assert (done.returncode, done.stderr) == (0, "")
    assert f"torn down '{site.name}': {BPFFS / site.name}" in done.stdout
    assert not (BPFFS / site.name).exists()
    assert f"{site.name}_tx" not in {name for _, name in socket.if_nameindex()}
    again = site.call("--teardown=all")
    assert again.returncode == 0
    assert not list(site.folder.glob(f"{site.name}.db*"))


def test_teardown_survives_devices_that_are_gone(daemon: Daemon, lab: Lab, site: Site) -> None:
    h1, h2 = (lab.host(f"h{n}", address=f"10.77.0.{n}/24") for n in (1, 2))
    daemon.post("/simplebridge/br1", {"ports": [{"name": "p1", "peer": h1.netdev}]})
    daemon.post(
        "/simplebridge/br2", {"type": "XDP_SKB", "ports": [{"name": "p1", "peer": h2.netdev}]}
    )
    daemon.kill()
    subprocess.run(["ip", "link", "del", h1.netdev], check=True)
    assert site.call("--teardown").returncode == 0


def test_what_is_volatile_is_forgotten_and_the_rest_is_not(site: Site) -> None:
    url = f"unix://{site.socket}"
    for options, before in (([], 0), ([], 1), (["--volatile"], 0), ([], 2)):
        with site.background(*options):
            cubes = site.get("/cubes")
            assert len(cubes.get("helloworld", [])) == before
            added = ctl(url, "helloworld", "add", f"hw{before}")
            assert (added.returncode, added.stderr) == (0, "")


def test_the_originals_dump_file_is_read_written_and_emptied(site: Site) -> None:
    """Read where nothing is stored; what is stored counts from then on."""
    file, url = site.folder / "cubes.yaml", f"unix://{site.socket}"
    file.write_text('[{"name": "hw1", "service-name": "helloworld", "type": "TC"}]')
    options = ("--cubes-dump-enable", "--cubes-dump-file", str(file))
    with site.background(*options):
        assert ctl(url, "helloworld", "add", "hw2").returncode == 0
    assert [cube["name"] for cube in json.loads(file.read_text())] == ["hw1", "hw2"]
    file.write_text("not: [a dump")
    with site.background(*options):
        assert len(site.get("/cubes")["helloworld"]) == 2
    with site.background(*options, "--cubes-dump-clean-init"):
        assert site.get("/cubes") == {}
    assert json.loads(file.read_text()) == []
    assert site.call("--teardown=all").returncode == 0
    file.write_text("not: [a dump")
    refused = site.call(*options)
    assert refused.returncode == 1
    assert f"polycubed: {file}: " in refused.stderr
    assert "start with --cubes-dump-clean-init" in refused.stderr


def curl(*arguments: object) -> tuple[int, str]:
    ran = subprocess.run(
        ["curl", "--silent", "--max-time", "20", *map(str, arguments)],
        capture_output=True, text=True, timeout=30, check=False,
    )  # fmt: skip
    return ran.returncode, ran.stdout


def test_tls_works_with_curl_and_with_polycubectl(
    lab: Lab, tmp_path: Path, program_cache: Path, bpffs: str
) -> None:
    """Mutual, with one certificate kept out; the Unix socket goes on without."""
    assert bpffs
    authority = self_signed(tmp_path, "authority")
    server, client, denied = (
        signed(tmp_path, name, authority) for name in ("server", "client", "denied")
    )
    options = (
        "--cert", str(server.cert), "--key", str(server.key), "--cacert", str(authority.cert),
        "--cert-blacklist", str(list_in(tmp_path / "denied", denied)),
    )  # fmt: skip
    context = ssl.create_default_context(cafile=authority.cert)
    context.load_cert_chain(client.cert, client.key)
    with running(lab.name, tmp_path, program_cache, *options, tls=context) as daemon:
        url = f"https://localhost:{daemon.port}"
        trust = ("--cacert", authority.cert)
        cubes = f"{url}/polycube/v1/cubes"
        assert curl(*trust, "--cert", client.cert, "--key", client.key, cubes)[0] == 0
        assert curl(*trust, "--cert", denied.cert, "--key", denied.key, cubes)[0] != 0
        assert curl(*trust, cubes)[0] != 0
        files = {
            "POLYCUBECTL_CACERT": str(authority.cert),
            "POLYCUBECTL_CERT": str(client.cert),
            "POLYCUBECTL_KEY": str(client.key),
        }
        assert ctl(url, "helloworld", "add", "hw", **files).returncode == 0
        assert "hw" in ctl(url, "cubes", "show", **files).stdout
        refused = ctl(url, "cubes", "show", POLYCUBECTL_CACERT=str(authority.cert))
        assert refused.returncode == 1
        assert "Traceback" not in refused.stderr
        assert ctl(f"unix://{daemon.socket}", "helloworld", "del", "hw").returncode == 0


def test_a_web_page_by_another_name_is_refused(daemon: Daemon) -> None:
    url = f"http://127.0.0.1:{daemon.port}/polycube/v1/cubes"
    assert curl("--fail", url)[0] == 0
    assert curl("--fail", "--header", "Host: evil.example", url)[0] != 0
