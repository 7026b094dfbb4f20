"""Do something again whenever files change; ask for their times, as there are few of them."""

from __future__ import annotations

import time
from contextlib import suppress
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence
    from pathlib import Path

_PAUSE = 0.2
"""Seconds between two looks."""

State = dict[str, tuple[int, int, int]]


def follow(folders: Sequence[Path], suffixes: Sequence[str], act: Callable[[], object]) -> None:
    """Call ``act`` now and after every change below ``folders``; ends by KeyboardInterrupt."""
    for _ in changes(folders, suffixes):
        act()


def changes(folders: Sequence[Path], suffixes: Sequence[str]) -> Iterator[None]:
    """Yield once, and again when files have changed and then stayed as they are for a moment."""
    before = _state(folders, suffixes)
    yield
    while True:
        time.sleep(_PAUSE)
        now = _state(folders, suffixes)
        if now == before:
            continue
        # Editors write in steps: wait until nothing moves, so that no half of a file is read.
        while (then := _settled(folders, suffixes)) != now:
            now = then
        before = now
        yield


def _settled(folders: Sequence[Path], suffixes: Sequence[str]) -> State:
    time.sleep(_PAUSE / 4)
    return _state(folders, suffixes)


def _state(folders: Sequence[Path], suffixes: Sequence[str]) -> State:
    found: State = {}
    for folder in folders:
        # What goes while we look, be it the whole folder, is not there.
        with suppress(OSError):
            for path in folder.rglob("*"):
                if path.suffix in suffixes:
                    with suppress(OSError):
                        about = path.stat()
                        found[str(path)] = (about.st_mtime_ns, about.st_size, about.st_ino)
    return found
