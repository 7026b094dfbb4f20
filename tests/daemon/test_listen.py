"""Sockets: TCP on all addresses of a name, the Unix socket, and who may use it."""

import os
import re
import socket
import stat
import subprocess
import sys

import pytest

from polycube_runtime.daemon import listen
from polycube_runtime.daemon.errors import StartError


def test_a_port_that_is_taken_is_told():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        for name in ("127.0.0.1", "localhost"):
            with pytest.raises(StartError, match=f"{name}:{port}: .*; choose another --port"):
                listen.tcp(name, port)


def test_an_address_of_another_machine_is_told():
    with pytest.raises(StartError, match=r"192\.0\.2\.1:9000: .*; no device of this machine has"):
        listen.tcp("192.0.2.1", 9000)


@pytest.mark.parametrize("name", ["no.such.host.invalid", "a..b"])
def test_a_name_without_an_address_is_told(name):
    with pytest.raises(StartError, match=rf"cannot listen on '{re.escape(name)}': .*see --addr"):
        listen.tcp(name, 9000)


def test_none_is_no_address():
    assert listen.tcp("none", 9000) == []


def test_loopback_is_told_from_the_rest():
    opened = [listen.tcp("127.0.0.1", port()), listen.tcp("0.0.0.0", port())]  # noqa: S104
    assert [listen.only_loopback(sockets) for sockets in opened] == [True, False]
    for sockets in opened:
        sockets[0].close()


def port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]


def test_the_unix_socket_is_for_its_user_and_group_only(tmp_path):
    path = tmp_path / "polycube" / "p.sock"
    before = os.umask(0)
    try:
        with listen.unix(path):
            assert stat.S_IMODE(path.stat().st_mode) == 0o660
    finally:
        os.umask(before)
    listen.remove(path)
    listen.remove(path)
    assert not path.exists()
    assert listen.unix(None) is None


def test_a_socket_that_a_killed_daemon_left_is_replaced(tmp_path):
    path = tmp_path / "p.sock"
    listen.unix(path).close()
    assert path.exists()
    with listen.unix(path), socket.socket(socket.AF_UNIX) as client:
        client.connect(str(path))


def test_a_socket_that_is_in_use_and_a_file_are_left_alone(tmp_path):
    path, file = tmp_path / "p.sock", tmp_path / "file"
    file.write_text("precious")
    with (
        listen.unix(path),
        pytest.raises(StartError, match="another process does; choose another --socket"),
    ):
        listen.unix(path)
    with pytest.raises(StartError, match="is a file, not a socket; see --socket"):
        listen.unix(file)
    assert file.read_text() == "precious"
    with pytest.raises(StartError, match="path too long; see --socket"):
        listen.unix(tmp_path / ("x" * 120))


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root, to be somebody else")
@pytest.mark.parametrize(
    ("user", "group", "groups", "welcome"),
    [
        (0, 0, [], True),
        (4711, 4711, [], False),
        (4711, 4712, [], True),
        (4711, 4711, [4710, 4712], True),
        (4711, 4711, [4710], False),
    ],
)
def test_only_root_and_the_group_are_welcome(tmp_path, monkeypatch, user, group, groups, welcome):
    monkeypatch.setattr(listen, "group_id", lambda: 4712)
    path = tmp_path / "p.sock"
    connect = (
        "import socket, sys; s = socket.socket(socket.AF_UNIX);"
        " s.settimeout(10); s.connect(sys.argv[1]); s.recv(1)"
    )
    with listen.unix(path) as server:
        path.chmod(0o666)  # the mode would keep them out before they are looked at
        for folder in (tmp_path, *tmp_path.parents):
            if folder.name.startswith("pytest-of-"):
                folder.chmod(0o755)
                break
            folder.chmod(0o755)
        client = subprocess.Popen(
            [sys.executable, "-I", "-c", connect, str(path)],
            user=user, group=group, extra_groups=groups,
        )  # fmt: skip
        try:
            server.settimeout(10)
            peer, _ = server.accept()
            with peer:
                assert listen.is_welcome(peer) is welcome
        finally:
            client.kill()
            client.wait(10)
