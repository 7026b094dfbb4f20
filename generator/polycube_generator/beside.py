"""The modules that a model needs to come along: it imports or includes them, and few have them."""

from __future__ import annotations

from typing import TYPE_CHECKING

from polycube_generator import resources, sources

if TYPE_CHECKING:
    from collections.abc import Sequence
    from pathlib import Path

    from polycube_generator.types import Statement


def found(module: Statement, folders: Sequence[Path], name: str) -> dict[str, str]:
    """Return the texts of those modules by file name; ``module`` is to be called ``name``.

    They are looked for in ``folders``, the first first. What is nowhere is left for the generator
    to miss, which knows the statement.

    Raises:
        GeneratorError: one of them cannot be read or parsed.

    """
    files = _files(folders)
    texts: dict[str, str] = {}
    waiting = [module]
    while waiting:
        one = waiting.pop()
        for wanted in (*one.search("import"), *one.search("include")):
            path = _chosen(wanted, files)
            if path is None or path.name in texts or wanted.arg.startswith("polycube-"):
                continue
            text = sources.read(path)
            if wanted.keyword == "import" and _is_everywhere(wanted.arg, text):
                continue
            parsed = sources.parsed(path, text)
            texts[path.name] = _renamed(parsed, text, module.arg, name)
            waiting.append(parsed)
    return texts


def _files(folders: Sequence[Path]) -> dict[str, list[Path]]:
    """Return the files of each module: those of a folder before the next's, the newest first."""
    by_name: dict[str, list[Path]] = {}
    for folder in folders:
        for path in sorted(folder.glob("*.yang"), key=lambda path: path.stem, reverse=True):
            by_name.setdefault(path.stem.partition("@")[0], []).append(path)
    return by_name


def _chosen(wanted: Statement, files: dict[str, list[Path]]) -> Path | None:
    """Return the file of what a statement imports or includes, in the revision it asks for."""
    paths = files.get(wanted.arg, [])
    revision = wanted.search_one("revision-date")
    exact = [path for path in paths if revision and path.stem == f"{wanted.arg}@{revision.arg}"]
    plain = [path for path in paths if path.stem == wanted.arg]
    return next(iter([*exact, *plain, *paths]), None)


def _is_everywhere(name: str, text: str) -> bool:
    """Tell whether pyang brings the same along."""
    known = resources.standard_models().rglob(f"{name}*.yang")
    return any(path.read_text("utf-8", errors="replace") == text for path in known)


def _renamed(parsed: Statement, original: str, module: str, name: str) -> str:
    """Return a submodule as one of module ``name``, others as they are."""
    owner = parsed.search_one("belongs-to")
    if owner is None or owner.arg != module:
        return original
    text = sources.Text(original)
    text.replace(owner, name)
    if version := parsed.search_one("yang-version"):
        text.replace(version, "1.1")
    else:
        text.put(parsed.substmts[0], ["  yang-version 1.1;"])
    return text.edited()
