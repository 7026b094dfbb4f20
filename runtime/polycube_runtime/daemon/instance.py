"""One daemon of a name: the lock that says so, and the pid file that others read."""

from __future__ import annotations

import contextlib
import fcntl
import os
from typing import IO, TYPE_CHECKING

from polycube_runtime.daemon.errors import StartError

if TYPE_CHECKING:
    from collections.abc import Iterator
    from pathlib import Path


class RunningError(StartError):
    """Another daemon holds the lock."""


@contextlib.contextmanager
def single(run_dir: Path, name: str) -> Iterator[None]:
    """Hold the lock of the only daemon of this name; the kernel drops it with the process.

    Raises:
        RunningError: another one holds it; the message has its process id.

    """
    file = run_dir / "polycube" / f"{name}.lock"
    # Not for others to read: whoever can open it can lock it.
    with _held(file, 0o600, f"another polycubed runs as '{name}' (pid %s)", "--name"):
        yield


@contextlib.contextmanager
def sole(folder: Path, name: str) -> Iterator[None]:
    """Hold the instance's folder of pins: wherever daemons have their files, its data plane is one.

    Raises:
        RunningError: another daemon holds it.
        StartError: there can be no such folder.

    """
    handle = _open_folder(folder)
    try:
        if not _is_ours(handle, folder):
            message = f"another polycubed, of another --run-dir, runs as '{name}'; see --name"
            raise RunningError(message)
        try:
            yield
        finally:
            with contextlib.suppress(OSError):
                folder.rmdir()  # if nothing is pinned
    finally:
        os.close(handle)


def _is_ours(handle: int, folder: Path) -> bool:
    """Lock the folder; one that a daemon which was ending has just removed does not count."""
    try:
        fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        return os.path.samestat(os.fstat(handle), folder.stat())
    except (BlockingIOError, FileNotFoundError):
        return False


def _open_folder(folder: Path) -> int:
    try:
        folder.mkdir(mode=0o700, exist_ok=True)
        return os.open(folder, os.O_RDONLY | os.O_DIRECTORY | os.O_CLOEXEC)
    except OSError as error:
        message = f"cannot open {folder}, where programs are pinned: {error.strerror}"
        raise StartError(message) from error


@contextlib.contextmanager
def pid_file(file: Path) -> Iterator[None]:
    """Keep this process's id in `file`, locked as the original does; removed at the end."""
    with _held(file, 0o644, f"another process (pid %s) holds {file}", "--pidfile"):
        try:
            yield
        finally:
            file.unlink(missing_ok=True)


@contextlib.contextmanager
def _held(file: Path, mode: int, taken: str, option: str) -> Iterator[None]:
    handle = _open(file, mode)
    with handle:
        try:
            fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
        except BlockingIOError:
            handle.seek(0)
            message = f"{taken % handle.read().strip()}; stop it, or choose another {option}"
            raise RunningError(message) from None
        handle.truncate(0)
        handle.write(f"{os.getpid()}\n")
        handle.flush()
        yield


def _open(file: Path, mode: int) -> IO[str]:
    try:
        file.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        return os.fdopen(os.open(file, os.O_RDWR | os.O_CREAT | os.O_APPEND, mode), "a+")
    except OSError as error:
        message = f"cannot open {file}: {error.strerror}; it must be writable for polycubed"
        if isinstance(error, PermissionError) and os.geteuid() != 0:
            message += ", which usually runs as root (sudo)"
        raise StartError(message) from error
