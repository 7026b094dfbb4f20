"""One daemon of a name; what systemd hears; what the machine must give."""

import os
import re
import socket

import pytest

from polycube_runtime.daemon import machine, notify
from polycube_runtime.daemon.errors import StartError
from polycube_runtime.daemon.instance import RunningError, pid_file, single


def test_a_second_daemon_of_the_same_name_is_refused(tmp_path):
    with single(tmp_path, "one"):
        with (
            pytest.raises(
                RunningError, match=rf"runs as 'one' \(pid {os.getpid()}\); stop it, or choose"
            ),
            single(tmp_path, "one"),
        ):
            pass
        with single(tmp_path, "two"):
            pass
    with single(tmp_path, "one"):
        pass


def test_the_pid_file_is_locked_while_it_is_held_and_gone_after(tmp_path):
    file = tmp_path / "sub" / "p.pid"
    with pid_file(file):
        assert file.read_text() == f"{os.getpid()}\n"
        with pytest.raises(RunningError, match="choose another --pidfile"), pid_file(file):
            pass
    assert not file.exists()


def test_a_folder_that_cannot_be_made_is_named(tmp_path):
    (tmp_path / "file").write_text("")
    with pytest.raises(StartError, match=r"cannot open .*/file/polycube/one\.lock"):
        single(tmp_path / "file", "one").__enter__()
    with pytest.raises(StartError, match=r"cannot use .*/file/sub for tests: .*; see --x"):
        machine.own_folder(tmp_path / "file" / "sub", "for tests", "--x")


@pytest.mark.parametrize("abstract", [False, True])
def test_systemd_hears_of_it(tmp_path, monkeypatch, abstract):
    name = f"@polycube-test-{os.getpid()}" if abstract else str(tmp_path / "n.sock")
    with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM) as manager:
        manager.bind(name.replace("@", "\0"))
        manager.settimeout(5)
        monkeypatch.setenv("NOTIFY_SOCKET", name)
        notify.tell("READY=1\nMAINPID=7")
        assert manager.recv(100) == b"READY=1\nMAINPID=7"


def test_a_service_manager_that_is_gone_is_noted(monkeypatch, caplog, tmp_path):
    monkeypatch.setenv("NOTIFY_SOCKET", str(tmp_path / "gone"))
    notify.tell("READY=1")
    assert "cannot tell the service manager 'READY=1': No such file" in caplog.text
    caplog.clear()
    monkeypatch.delenv("NOTIFY_SOCKET")
    notify.tell("READY=1")
    assert caplog.text == ""


def test_the_watchdog_is_told_twice_as_often_as_it_asks(monkeypatch):
    monkeypatch.delenv("WATCHDOG_USEC", raising=False)
    assert notify.watchdog_seconds() is None
    monkeypatch.setenv("WATCHDOG_USEC", "30000000")
    assert notify.watchdog_seconds() == 15.0
    monkeypatch.setenv("WATCHDOG_PID", "1")
    assert notify.watchdog_seconds() is None


ALL = sum(1 << one.bit for one in machine.NEEDED)


@pytest.mark.parametrize(
    ("held", "lacking"),
    [
        (ALL, []),
        (0, ["CAP_NET_ADMIN", "CAP_NET_RAW", "CAP_PERFMON", "CAP_BPF"]),
        (ALL & ~(1 << 13), ["CAP_NET_RAW"]),
        (1 << 21 | 1 << 12 | 1 << 13, []),
        (1 << 21, ["CAP_NET_ADMIN", "CAP_NET_RAW"]),
    ],
)
def test_what_is_missing_is_told_by_name(held, lacking, monkeypatch):
    assert [one.name for one in machine.missing(held)] == lacking
    monkeypatch.setattr(machine, "capabilities", lambda: held)
    if lacking:
        with pytest.raises(StartError, match=re.escape(f"{lacking[0]} (")):
            machine.check("nobody")


def test_a_folder_that_others_can_write_to_is_refused(tmp_path, monkeypatch):
    folder = tmp_path / "cache"
    for mode in (0o777, 0o720, 0o702):
        folder.mkdir(exist_ok=True)
        folder.chmod(mode)
        with pytest.raises(StartError, match=r"/cache for tests: other users can .* see --x"):
            machine.own_folder(folder, "for tests", "--x")
    folder.chmod(0o755)
    machine.own_folder(folder, "for tests", "--x")
    owner = os.geteuid()
    monkeypatch.setattr(os, "geteuid", lambda: owner + 1)
    with pytest.raises(StartError, match=rf"it belongs to user {owner}, .*: chown -R {owner + 1} "):
        machine.own_folder(folder, "for tests", "--x")
