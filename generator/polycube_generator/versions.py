"""Versions of models to compare: a file, a folder, or one of them in git (``REV:path``)."""

from __future__ import annotations

import io
import re
import subprocess
import tarfile
import tempfile
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from polycube_generator import schema
from polycube_generator.problems import GeneratorError, Place, Problem, fail

if TYPE_CHECKING:
    from collections.abc import Iterator

    from polycube_generator import ir

_SECONDS = 60


_NAME = re.compile(r"^\s*(?:sub)?module\s+[\"']?([\w.-]+)", re.MULTILINE)


@dataclass(frozen=True, slots=True)
class Version:
    """What is modelled at one place; ``names`` says how files that were unpacked are called."""

    models: list[ir.Service | ir.Module]
    names: tuple[tuple[str, str], ...] = ()

    def shown(self, place: Place) -> Place:
        """Return a place as the user named the version, not as it was unpacked."""
        for hidden, name in self.names:
            if place.file.startswith(hidden):
                return Place(f"{name}{place.file.removeprefix(hidden)}", place.line)
        return place


def load(name: str, features: schema.Features | None = None) -> Version:
    """Return what ``name`` stands for; what is there on the disk comes before a revision.

    ``features`` are those that are supported, by module; of modules not named, all are.

    Raises:
        GeneratorError: there is no such thing, or the models are wrong.

    """
    path = Path(name)
    if path.exists():
        return _version(path, (), features)
    revision, mark, inner = name.partition(":")
    if not mark:
        raise fail(name, "there is no such file or folder; REV:path takes one from git")
    with _unpacked(name, revision, inner) as (root, found):
        return _version(found, ((f"{root}/", f"{revision}:"),), features)


def _version(
    path: Path, names: tuple[tuple[str, str], ...], features: schema.Features | None
) -> Version:
    with tempfile.TemporaryDirectory(prefix="polycube-gen-") as made:
        source = path
        if path.is_file() and (module := _module(path)) != path.stem.partition("@")[0]:
            # A copy may have any name; pyang wants that of the module.
            source = Path(made).resolve() / f"{module}.yang"
            source.write_bytes(path.read_bytes())
            names = ((str(source), Version([], names).shown(Place(str(path))).file), *names)
        try:
            if source.is_dir():
                return Version(schema.load(source, (), features), names)
            return Version(schema.models([source], path.parent, [source.stem], features), names)
        except GeneratorError as failure:
            seen = Version([], names)
            raise GeneratorError(
                Problem(seen.shown(one.place), one.message) for one in failure.problems
            ) from None


def _module(path: Path) -> str:
    found = _NAME.search(path.read_text("utf-8", errors="replace"))
    return found[1] if found else path.stem


@contextmanager
def _unpacked(name: str, revision: str, inner: str) -> Iterator[tuple[Path, Path]]:
    """Unpack a folder of a revision, with what lies beside a file, as that may be imported."""
    is_file = inner.endswith(".yang")
    folder = Path(inner).parent.as_posix() if is_file else inner or "."
    # Without a terminal for a password, and never an option: a revision cannot start with "-".
    if revision.startswith("-"):
        raise fail(name, "there is no such revision")
    inside = _git(name, "rev-parse", "--show-prefix").decode().rstrip("\n")
    top = _git(name, "rev-parse", "--show-toplevel").decode().rstrip("\n")
    at = "" if folder == "." else folder
    archive = _git(name, "-C", top, "archive", "--format=tar", f"{revision}:{inside}{at}")
    with tempfile.TemporaryDirectory(prefix="polycube-gen-") as made:
        root = Path(made).resolve()
        target = root / folder
        target.mkdir(parents=True, exist_ok=True)
        _extract(archive, target)
        found = root / inner
        if not found.exists():
            raise fail(name, f"revision {revision} has no {inner}")
        yield root, found


def _extract(archive: bytes, target: Path) -> None:
    """Unpack the models; links and what would lie elsewhere are left out."""
    with tarfile.open(fileobj=io.BytesIO(archive)) as tar:
        for member in tar:
            source = tar.extractfile(member) if member.isfile() else None
            inside = not Path(member.name).is_absolute() and ".." not in Path(member.name).parts
            if source is not None and inside and member.name.endswith(".yang"):
                path = target / member.name
                path.parent.mkdir(parents=True, exist_ok=True)
                path.write_bytes(source.read())


def _git(name: str, *words: str) -> bytes:
    try:
        ended = subprocess.run(  # noqa: S603 (words of ours, and a revision that is no option)
            ["git", *words],  # noqa: S607
            stdin=subprocess.DEVNULL,
            capture_output=True,
            check=False,
            timeout=_SECONDS,
        )
    except OSError as failure:
        raise fail(name, f"git cannot be run: {failure.strerror}") from None
    except subprocess.TimeoutExpired:
        raise fail(name, f"git did not answer within {_SECONDS} seconds") from None
    if ended.returncode:
        said = ended.stderr.decode("utf-8", "replace").strip().splitlines()
        raise fail(name, said[-1] if said else "git failed")
    return ended.stdout
