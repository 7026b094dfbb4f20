"""Generated clients: typed for mypy, and at work against a daemon, by TCP and by Unix socket."""

import importlib
import os
import re
import socket
import subprocess
import sys
import threading
from pathlib import Path

import pytest

from polycube_generator import cli
from tests.client.live import Live, living

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "tests" / "golden" / "yang"


def mypy(folder: Path, *what: str) -> str:
    ended = subprocess.run(
        [sys.executable, "-m", "mypy", "--strict", "--config-file", os.devnull, *what],
        cwd=folder,
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    return ended.stdout + ended.stderr


@pytest.fixture(scope="module")
def folder(tmp_path_factory) -> Path:
    """A folder with a package of all services' clients, and one of the hardest models there are."""
    made = tmp_path_factory.mktemp("clients")
    assert cli.main(["client", "--out", str(made / "ours")]) == 0
    assert cli.main(["client", "--yang", str(GOLDEN), "--out", str(made / "hard")]) == 0
    return made


@pytest.fixture(scope="module")
def ours(folder):
    sys.path.insert(0, str(folder))
    yield importlib.import_module("ours")
    sys.path.remove(str(folder))
    for name in [name for name in sys.modules if name.partition(".")[0] in {"ours", "hard"}]:
        del sys.modules[name]


@pytest.fixture(scope="module")
def live():
    with living() as daemon:
        yield daemon


def test_mypy_has_nothing_to_say(folder):
    assert mypy(folder, "-p", "ours", "-p", "hard").startswith("Success")


WRONG = [
    ("cube.fdb.aging_time.set('soon')", "arg-type"),
    ("cube.fdb.aging_time.get().upper()", "attr-defined"),
    ("cube.uuid.set('x')", "attr-defined"),
    ("cube.loglevel.set('LOUD')", "arg-type"),
    ("cube.fdb.entry.at(7)", "arg-type"),
    ("cube.fdb.patch({'aging': 1})", "typeddict-unknown-key"),
    ("cube.fdb.flush()['done']", "typeddict-item"),
    ("cube.none", "attr-defined"),
]


def test_mypy_sees_what_is_wrong(folder):
    head = "from ours import Daemon\nfrom ours.simplebridge import SimplebridgeCube\n"
    head += "cube = SimplebridgeCube(Daemon(), 'x')\n"
    (folder / "wrong.py").write_text(head + "".join(f"{line}\n" for line, _ in WRONG))
    told = mypy(folder, "wrong.py")
    found = {int(line): code for line, code in re.findall(r":(\d+): error: .*\[([\w-]+)\]", told)}
    assert found == {number: code for number, (_, code) in enumerate(WRONG, 4)}, told


def test_a_cube_from_its_birth_to_its_end(ours, live: Live):
    from ours.simplebridge import SimplebridgeCube  # noqa: PLC0415 (it was just generated)

    daemon = ours.Daemon(live.url)
    cube = SimplebridgeCube(daemon, "br1")
    cube.create({"ports": [{"name": "p1"}, {"name": "p2"}], "loglevel": "DEBUG"})
    assert cube.fdb.aging_time.get() == 300
    cube.fdb.aging_time.set(60)
    assert cube.fdb.get() == {"aging-time": 60, "entry": []}
    entry = cube.fdb.entry.at("02:00:00:00:00:01")
    entry.create({"port": "p1"})
    cube.fdb.entry.add([{"address": "02:00:00:00:00:02", "port": "p2"}])
    assert [one["port"] for one in cube.fdb.entry.get()] == ["p1", "p2"]
    entry.port.set("p2")
    assert entry.get()["port"] == "p2"
    entry.delete()
    assert cube.fdb.flush() == {"flushed": True}
    cube.ports.at("p2").peer.set("veth2")
    assert cube.ports.at("p2").status.get() == "UP"
    cube.patch({"fdb": {"aging-time": 90}})
    assert "_links" not in str(cube.get())
    assert [one["name"] for one in SimplebridgeCube.all(daemon)] == ["br1"]
    cube.put({"fdb": {"aging-time": 30}})
    assert cube.ports.get() == []
    cube.delete()
    assert SimplebridgeCube.all(daemon) == []


def test_a_refusal_says_what_the_daemon_says(ours, live: Live):
    from ours.simplebridge import SimplebridgeCube  # noqa: PLC0415

    cube = SimplebridgeCube(ours.Daemon(live.url), "none")
    with pytest.raises(ours.Refused) as refused:
        cube.get()
    assert (refused.value.status, refused.value.tag) == (404, "data-missing")
    with pytest.raises(ours.Refused, match="aging-time"):
        cube.create({"fdb": {"aging-time": -1}})


def test_nobody_there_is_an_os_error(ours, tmp_path):
    from ours.simplebridge import SimplebridgeCube  # noqa: PLC0415

    for url in ("http://127.0.0.1:1", f"unix://{tmp_path}/none"):
        with pytest.raises(OSError, match=r"refused|No such file"):
            SimplebridgeCube(ours.Daemon(url), "x").get()
    with pytest.raises(ValueError, match="expected http://"):
        ours.Daemon("ftp://x")


def test_a_unix_socket_does_too(ours, live: Live, tmp_path):
    from ours.helloworld import HelloworldCube  # noqa: PLC0415

    path = tmp_path / "polycube.sock"
    port = int(live.url.rpartition(":")[2])

    def carry(server: socket.socket) -> None:
        near, _ = server.accept()
        with near, socket.create_connection(("127.0.0.1", port)) as far:
            far.sendall(near.recv(65536))
            while part := far.recv(65536):
                near.sendall(part)

    with socket.socket(socket.AF_UNIX) as server:
        server.bind(str(path))
        server.listen()
        thread = threading.Thread(target=carry, args=(server,))
        thread.start()
        assert HelloworldCube.all(ours.Daemon(f"unix://{path}")) == []
        thread.join()


def test_a_folder_that_cannot_be_imported(tmp_path, capsys):
    assert cli.main(["client", "--out", str(tmp_path / "not-a-name")]) == 1
    assert "must be a Python identifier" in capsys.readouterr().err
