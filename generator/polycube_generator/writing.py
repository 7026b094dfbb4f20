"""Files replaced together: a run that fails, or is interrupted, leaves all of them as they were.

Everything is written aside first, where a full disk or a folder without permission stops it. Then
there is nothing left to do but to rename, which signals do not interrupt.
"""

from __future__ import annotations

import errno
import fcntl
import os
import signal
import tempfile
from contextlib import contextmanager, suppress
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

ASIDE = ".polycube-gen-"
"""What the names of files begin with that are not yet renamed; one that was killed leaves them."""

_SIGNALS = {signal.SIGINT, signal.SIGTERM, signal.SIGHUP}


@contextmanager
def alone(folder: Path) -> Iterator[None]:
    """Keep other runs of the generator out of a folder, which is made if it is not there.

    Raises:
        OSError: it cannot be made.

    """
    made: list[Path] = []
    try:
        _make(folder, made)
        descriptor = os.open(folder, os.O_RDONLY | os.O_DIRECTORY)
        try:
            with suppress(OSError):  # not every file system has locks
                fcntl.flock(descriptor, fcntl.LOCK_EX)
            yield
        finally:
            os.close(descriptor)
    finally:
        _unmake(made)


def replace(texts: Mapping[Path, str], stale: Iterable[Path] = ()) -> None:
    """Give files these texts and remove those that are stale: all of it, or nothing.

    Raises:
        OSError: a file cannot be written; nothing has changed then.

    """
    aside: dict[Path, Path] = {}
    made: list[Path] = []
    try:
        for path, text in texts.items():
            if path.is_dir():
                raise IsADirectoryError(errno.EISDIR, os.strerror(errno.EISDIR), str(path))
            with _uninterrupted():  # between a file's creation and our knowing of it
                _make(path.parent, made)
                aside[path] = _aside(path, text)
        with _uninterrupted():
            for path, temporary in aside.items():
                temporary.replace(path)
            for path in stale:
                path.unlink(missing_ok=True)
    finally:
        for temporary in aside.values():
            temporary.unlink(missing_ok=True)
        _unmake(made)


def _aside(path: Path, text: str) -> Path:
    """Write a text beside the file that it is for; an error is about that file."""
    try:
        # Its own name may be as long as names can be.
        descriptor, name = tempfile.mkstemp(dir=path.parent, prefix=ASIDE)
        try:
            with os.fdopen(descriptor, "w", encoding="utf-8", newline="\n") as file:
                file.write(text)
            Path(name).chmod(0o644)
        except BaseException:
            Path(name).unlink(missing_ok=True)
            raise
    except OSError as failure:
        raise OSError(failure.errno, failure.strerror, str(path)) from None
    return Path(name)


@contextmanager
def _uninterrupted() -> Iterator[None]:
    """Let signals wait until all is done."""
    before = signal.pthread_sigmask(signal.SIG_BLOCK, _SIGNALS)
    try:
        yield
    finally:
        signal.pthread_sigmask(signal.SIG_SETMASK, before)


def _make(folder: Path, made: list[Path]) -> None:
    """Make a folder and those around it; add what was not there to ``made``, outermost first."""
    missing = [one for one in (folder, *folder.parents) if not one.exists()]
    for one in reversed(missing):
        one.mkdir(exist_ok=True)
        made.append(one)


def _unmake(made: list[Path]) -> None:
    """Remove folders that were made for nothing."""
    for folder in reversed(made):
        with suppress(OSError):  # something is in it: it was not for nothing
            folder.rmdir()
