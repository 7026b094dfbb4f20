"""polycubed's start: options, one instance, sockets, services."""

import logging
import re
import socket
from importlib import metadata

import pytest

from polycube_runtime import daemon


@pytest.mark.parametrize(
    ("argv", "words"),
    [
        (["--port", "0"], "'0' is not a port; expected 1 to 65535"),
        (["--port", "65536"], "is not a port"),
        (["--port", "x"], "is not a port"),
        (["--name", "a-b"], "'a-b' is not a name"),
        (["--name", "x" * 13], "expected 1 to 12 letters and digits"),
        (["--loglevel", "loud"], "invalid choice"),
        (["--nope"], "unrecognized arguments"),
    ],
)
def test_options_are_checked(argv, words, capsys):
    with pytest.raises(SystemExit) as ended:
        daemon.options(argv)
    assert ended.value.code == 2
    assert words in capsys.readouterr().err


def test_a_second_daemon_of_the_same_name_is_refused(tmp_path):
    with daemon.single_instance(tmp_path, "one"):
        with (
            pytest.raises(daemon.StartError, match=r"another polycubed .* \(pid \d+\); choose"),
            daemon.single_instance(tmp_path, "one"),
        ):
            pass
        with daemon.single_instance(tmp_path, "two"):
            pass
    with daemon.single_instance(tmp_path, "one"):
        pass


def test_a_port_that_is_taken_is_told():
    with socket.socket() as taken:
        taken.bind(("127.0.0.1", 0))
        taken.listen()
        port = taken.getsockname()[1]
        with pytest.raises(daemon.StartError, match=f"127.0.0.1:{port}: .*; choose another --port"):
            daemon.listen("127.0.0.1", port)
    with pytest.raises(daemon.StartError, match=r"cannot listen on 'no\.such\.host\.invalid'"):
        daemon.listen("no.such.host.invalid", 9000)


def test_a_service_that_cannot_be_loaded_is_left_out_and_named(monkeypatch, caplog):
    good = next(iter(metadata.entry_points(group="polycube.services", name="helloworld")))
    broken = metadata.EntryPoint("broken", "no_such_module:Thing", "polycube.services")
    monkeypatch.setattr(metadata, "entry_points", lambda **_: [broken, good])
    assert list(daemon.services()) == ["helloworld"]
    assert "service broken cannot be loaded" in caplog.text


@pytest.mark.parametrize(
    ("name", "origin"),
    [
        ("polycubed", r"\[polycubed\] \[warning\] hello$"),
        ("polycube.cube.Simplebridge.br1", r"\[Simplebridge\] \[br1\] \[warning\] hello$"),
    ],
)
def test_log_lines_are_the_originals(name, origin):
    record = logging.LogRecord(name, logging.WARNING, "", 0, "hello", None, None)
    line = daemon._Formatter().format(record)
    assert re.search(r"^\[\d{4}-\d\d-\d\d \d\d:\d\d:\d\d\.\d{3}\] " + origin, line)
