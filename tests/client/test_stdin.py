"""Which standard input is read, and how long a silent one is waited for."""

import os
import socket
import threading
import time
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

import pytest

from polycube_client import stdin
from polycube_client.errors import UsageError


@pytest.fixture
def pipe() -> Iterator[tuple[int, int]]:
    """A pipe: its end to read, its end to write (which a test may close)."""
    ends = os.pipe()
    yield ends
    for end in ends:
        with suppress(OSError):  # a test may have closed it
            os.close(end)


def opened(path: Path) -> int:
    """Open a file for reading, as a shell does for ``<``."""
    return os.open(path, os.O_RDONLY)


def test_a_file_is_read_from_its_start(tmp_path: Path) -> None:
    file = tmp_path / "body.yaml"
    file.write_bytes(b"\xef\xbb\xbfname: caf\xc3\xa9\n")
    descriptor = opened(file)
    assert stdin.read(descriptor=descriptor) == "name: café\n"
    os.close(descriptor)


def test_a_file_read_by_a_loop_is_left_to_the_loop(tmp_path: Path) -> None:
    file = tmp_path / "names"
    file.write_text("br1\nbr2\n")
    descriptor = opened(file)
    os.read(descriptor, 4)
    assert stdin.read(descriptor=descriptor) == ""
    assert os.read(descriptor, 9) == b"br2\n"
    os.close(descriptor)


@pytest.mark.parametrize("needed", [False, True])
def test_a_pipe_is_read_to_its_end(pipe: tuple[int, int], *, needed: bool) -> None:
    def write() -> None:
        for part in (b"[1,", b" 2]"):
            time.sleep(0.02)
            os.write(pipe[1], part)
        os.close(pipe[1])

    writer = threading.Thread(target=write)
    writer.start()
    assert stdin.read(descriptor=pipe[0], needed=needed) == "[1, 2]"
    writer.join()


def test_a_big_body_comes_whole(pipe: tuple[int, int]) -> None:
    body = b"x" * 3_000_000

    def write() -> None:
        with os.fdopen(pipe[1], "wb") as file:
            file.write(body)

    writer = threading.Thread(target=write)
    writer.start()
    assert len(stdin.read(descriptor=pipe[0])) == len(body)
    writer.join()


def test_a_closed_pipe_is_empty_at_once(pipe: tuple[int, int]) -> None:
    os.close(pipe[1])
    assert stdin.read(descriptor=pipe[0], needed=True) == ""


def test_a_silent_young_pipe_is_given_time_and_then_a_warning(
    pipe: tuple[int, int], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(stdin, "PATIENCE", 0.1)
    started = time.monotonic()
    assert stdin.read(descriptor=pipe[0]) == ""
    assert 0.1 <= time.monotonic() - started < 5
    assert capsys.readouterr().err == (
        "polycubectl: standard input was silent for 0 s, went on without it; "
        "use < /dev/null if there is nothing to read, or < file\n"
    )


def test_a_silent_old_pipe_is_left_quickly_and_quietly(
    pipe: tuple[int, int], monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]
) -> None:
    monkeypatch.setattr(stdin, "YOUNG", 0.0)
    monkeypatch.setattr(stdin, "PATIENCE", 60.0)
    assert stdin.read(descriptor=pipe[0]) == ""
    assert capsys.readouterr().err == ""


def test_a_silent_socket_counts_as_inherited(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(stdin, "PATIENCE", 60.0)
    ours, theirs = socket.socketpair()
    with ours, theirs:
        assert stdin.read(descriptor=ours.fileno()) == ""
        theirs.sendall(b"a: 1")
        theirs.close()
        assert stdin.read(descriptor=ours.fileno()) == "a: 1"


def test_a_needed_body_that_does_not_come_is_an_error(
    pipe: tuple[int, int], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(stdin, "NEEDED", 0.05)
    with pytest.raises(
        UsageError, match="nothing came on standard input for 0 s; this command needs a body there"
    ):
        stdin.read(descriptor=pipe[0], needed=True)


def test_devices_terminals_and_closed_descriptors_are_not_read() -> None:
    null = os.open(os.devnull, os.O_RDONLY)
    leader, terminal = os.openpty()
    try:
        assert stdin.read(descriptor=null) == ""
        assert stdin.read(descriptor=terminal, needed=True) == ""
    finally:
        for descriptor in (null, leader, terminal):
            os.close(descriptor)
    assert stdin.read(descriptor=null) == ""


def test_bytes_that_are_no_text_are_refused(tmp_path: Path) -> None:
    file = tmp_path / "body"
    file.write_bytes(b"ab\xff")
    descriptor = opened(file)
    with pytest.raises(UsageError, match=r"not UTF-8 text \(byte 2\)"):
        stdin.read(descriptor=descriptor)
    os.close(descriptor)
