"""Generated files on the disk: compare them, and write them so that none is ever half there.

The folder of a service belongs to the generator as a whole: what it did not write now but once
did is removed, and what somebody else wrote there stops it.
"""

from __future__ import annotations

import difflib
from pathlib import Path
from typing import TYPE_CHECKING

from polycube_generator import writing
from polycube_generator.emit import MARK, Files
from polycube_generator.problems import GeneratorError, Place, Problem, fail

if TYPE_CHECKING:
    import os
    from collections.abc import Collection, Mapping

_CACHE = "__pycache__"
_HEAD = 300
"""In how many characters the mark must be; JSON has it in its second line."""


def compare(folder: str | os.PathLike[str], files: Files, *, whole: bool = True) -> dict[str, str]:
    """Return unified diffs from what is in ``folder`` to ``files``, by the names that differ.

    ``whole`` says that ``files`` are all there should be, so other services' folders are stale.
    """
    root = Path(folder)
    present = {name: (root / name).read_text("utf-8") for name in _owned(root, files, whole=whole)}
    found = {}
    for name in sorted(present.keys() | files.keys()):
        old, new = present.get(name, ""), files.get(name, "")
        if old != new or (name in files) != (name in present):
            lines = difflib.unified_diff(
                old.splitlines(keepends=True),
                new.splitlines(keepends=True),
                f"a/{name}" if name in present else "/dev/null",
                f"b/{name}" if name in files else "/dev/null",
            )
            found[name] = "".join(map(_whole_line, lines))
    return found


def _whole_line(line: str) -> str:
    return line if line.endswith("\n") else f"{line}\n\\ No newline at end of file\n"


def write(
    folder: str | os.PathLike[str],
    files: Files,
    *,
    whole: bool = False,
    also: Mapping[Path, str] | None = None,
    never: Collection[Path] = (),
) -> list[str]:
    """Make ``folder`` hold ``files``; return the names of what was written or removed, sorted.

    ``also`` are texts of files elsewhere, written together with them. Raises ``GeneratorError`` if
    a file there is not generated, one of ``never`` exists, or one cannot be written; nothing has
    changed then.
    """
    root = Path(folder)
    try:
        with writing.alone(root):
            absent(never)
            owned = _owned(root, files, whole=whole)
            stale = [name for name in owned if name not in files]
            changed = [name for name, text in files.items() if not _holds(root / name, text)]
            texts = {root / name: files[name] for name in changed} | dict(also or {})
            gone = [root / name for name in stale]
            writing.replace(texts, [*gone, *_left(root, files)])
            for path in gone:
                _tidy(root, path.parent)
    except OSError as failure:
        name = str(failure.filename or root)
        raise fail(name, f"cannot be written: {failure.strerror}") from None
    return sorted([*changed, *stale])


def absent(paths: Collection[Path]) -> None:
    """Raise ``GeneratorError`` if any of these files exists."""
    if existing := [path for path in paths if path.exists()]:
        advice = "is there already; new never overwrites"
        raise GeneratorError(Problem(Place(str(path)), advice) for path in existing)


def _left(root: Path, files: Files) -> list[Path]:
    """Return what a run that was killed has left beside our files."""
    folders = {(root / name).parent for name in files}
    return [path for folder in folders for path in folder.glob(f"{writing.ASIDE}*")]


def _owned(root: Path, files: Files, *, whole: bool) -> list[str]:
    """Return the names of the generated files in the folders that are ours to rewrite."""
    folders = {Path(name).parent for name in files} - {Path()}
    if whole and root.is_dir():
        folders |= {Path(path.name) for path in root.iterdir() if _is_package(path)}
    found = [
        path.relative_to(root)
        for folder in folders
        for path in (root / folder).rglob("*")
        if path.is_file() and _CACHE not in path.parts and not path.name.startswith(writing.ASIDE)
    ]
    found += [Path(name) for name in _at_the_root(root, files, whole=whole)]
    foreign = sorted(str(root / name) for name in found if not _is_generated(root / name))
    if foreign:
        advice = "is not generated: move it out of here, this folder is rewritten as a whole"
        raise GeneratorError(Problem(Place(name), advice) for name in foreign)
    return sorted(name.as_posix() for name in found)


def _at_the_root(root: Path, files: Files, *, whole: bool) -> list[str]:
    """Return the files of the folder itself: ``whole`` makes all of it ours, but hidden ones."""
    named = {name for name in files if "/" not in name}
    present = {path.name for path in root.iterdir() if path.is_file()} if root.is_dir() else set()
    return [name for name in present if name in named or (whole and not name.startswith("."))]


def strangers(folder: Path, ours: Collection[str]) -> None:
    """Raise ``GeneratorError`` if there is anything in ``folder`` beside ``ours``."""
    found = [path for path in sorted(folder.iterdir()) if path.name not in {*ours, _CACHE}]
    foreign = [path for path in found if not path.name.startswith(".")]
    if foreign:
        advice = f"does not belong here: {folder} is generated as a whole; move it out"
        raise GeneratorError(Problem(Place(str(path)), advice) for path in foreign)


def _is_package(path: Path) -> bool:
    """Tell whether a folder was once written here; others may live beside ours."""
    front = path / "__init__.py"
    return front.is_file() and _is_generated(front)


def _is_generated(path: Path) -> bool:
    try:
        return MARK in path.read_text("utf-8")[:_HEAD]
    except UnicodeDecodeError:
        return False


def _holds(path: Path, text: str) -> bool:
    return path.is_file() and path.read_text("utf-8") == text


def _tidy(root: Path, folder: Path) -> None:
    """Remove the folders that are empty without what was removed from them."""
    while folder != root and folder.is_dir():
        cache = folder / _CACHE
        if cache.is_dir() and set(folder.iterdir()) == {cache}:
            for compiled in cache.iterdir():
                compiled.unlink()
            cache.rmdir()
        if any(folder.iterdir()):
            break
        folder.rmdir()
        folder = folder.parent
