"""Make the model of a service from any YANG module: what a service must say is put into its text.

The text stays as its author wrote it; a problem is told at its place in the original.
"""

from __future__ import annotations

import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from polycube_generator import beside, ir, schema, sources
from polycube_generator.problems import GeneratorError, Place, Problem, fail

if TYPE_CHECKING:
    from collections.abc import Sequence

    from polycube_generator.types import Statement

_HEADER = {"yang-version", "namespace", "prefix"}
_META = {"import", "include", "organization", "contact", "description", "reference", "revision"}
_BASE = "polycube-{}-base"
_BASES = {
    "polycube-standard-base": "standard",
    "polycube-transparent-base": "transparent",
}


@dataclass(frozen=True, slots=True)
class Adapted:
    """A model as a service: its text, what it is resolved to, and the modules beside it."""

    text: str
    service: ir.Service
    beside: dict[str, str]
    """Modules that it imports and that came with it, by file name."""


def service(source: Path, name: str, *, transparent: bool, folders: Sequence[Path] = ()) -> Adapted:
    """Return the module in ``source`` as service ``name``; ``folders`` have modules it imports.

    Raises:
        GeneratorError: it is no module, or not one that a service can be made of; with its lines.

    """
    original = sources.read(source)
    module = sources.parsed(source, original)
    if module.keyword != "module":
        raise fail(str(source), f"is a {module.keyword}; a service is made of a module")
    for folder in folders:
        if not folder.is_dir():
            raise fail(str(folder), "there is no such folder; --yang names one with modules")
    text = _adapted(original, module, name, "transparent" if transparent else "standard")
    companions = beside.found(module, [source.parent, *folders], name)
    service_ = _resolved(text, source, name, companions)
    return Adapted(text.edited(), service_, companions)


def _adapted(original: str, module: Statement, name: str, kind: str) -> sources.Text:
    text = sources.Text(original)
    parts = module.substmts
    # Extensions may stand among what the header has: what is put in comes after all of that.
    head = [at for at, part in enumerate(parts) if part.keyword in _HEADER | _META]
    body = parts[max(head, default=-1) + 1 :]
    prefixes = {one.arg: one.search_one("prefix").arg for one in module.search("import")}
    used = [_BASES[base] for base, prefix in prefixes.items() if base in _BASES
            for uses in module.search("uses") if uses.arg.startswith(f"{prefix}:")]  # fmt: skip
    kind = used[0] if used else kind
    linkage = [part for part in parts if part.keyword not in _HEADER]
    text.put(linkage[0] if linkage else None, _imports(module, prefixes, kind))
    text.put(body[0] if body else None, _says(module, prefixes, name, kind, bool(used)))
    text.replace(module, name)
    if namespace := module.search_one("namespace"):
        text.replace(namespace, f"http://polycube.network/{name}")
    if version := module.search_one("yang-version"):
        text.replace(version, "1.1")
    for part in parts:
        if isinstance(part.keyword, tuple) and part.keyword[1] == "service-name":
            text.replace(part, name)
    return text


def _imports(module: Statement, prefixes: dict[str, str], kind: str) -> list[str]:
    wanted = {"polycube-base": "polycube-base", _BASE.format(kind): _BASE.format(kind)}
    wanted |= {"polycube-ebpf": "ebpf"}
    lines = [] if module.search_one("yang-version") else ["  yang-version 1.1;"]
    for base, prefix in wanted.items():
        if base not in prefixes:
            lines += [f"  import {base} {{", f'    prefix "{prefix}";', "  }"]
    return [*lines, ""] if lines else []


def _says(
    module: Statement,
    prefixes: dict[str, str],
    name: str,
    kind: str,
    used: bool,  # noqa: FBT001
) -> list[str]:
    base = prefixes.get("polycube-base", "polycube-base")
    grouping = prefixes.get(_BASE.format(kind), _BASE.format(kind))
    said = {part.keyword[1] for part in module.substmts if isinstance(part.keyword, tuple)}
    about = {"description": f"Service {name}", "version": "1.0", "name": name}
    about |= {"min-kernel-version": "5.15.0"}
    lines = [
        f'  {base}:service-{word} "{value}";'
        for word, value in about.items()
        if f"service-{word}" not in said
    ]
    if not used:
        lines += ["", f"  uses {grouping}:{kind}-base-yang-module;"]
    return [*lines, ""] if lines else []


def _resolved(
    text: sources.Text, source: Path, name: str, companions: dict[str, str]
) -> ir.Service:
    with tempfile.TemporaryDirectory(prefix="polycube-gen-") as made:
        folder = Path(made).resolve()
        own = folder / f"{name}.yang"
        for file, content in companions.items():
            (folder / file).write_text(content, "utf-8")
        own.write_text(text.edited(), "utf-8")
        try:
            (found,) = schema.load(folder, [name])
        except GeneratorError as failure:
            problems = [_at_home(one, own, source, text) for one in failure.problems]
            raise GeneratorError(problems) from None
    if not isinstance(found, ir.Service):  # it says its name: `_says` has seen to that
        raise fail(str(source), "is no service")
    return found


def _at_home(problem: Problem, own: Path, source: Path, text: sources.Text) -> Problem:
    """Return a problem with its place in the original."""
    place = problem.place
    told = re.sub(
        rf"{re.escape(own.name)}:(\d+)",
        lambda found: f"{source.name}:{text.origin(int(found[1]), 0)[0]}",
        problem.message.replace(f"{own.parent}{os.sep}", ""),
    )
    path = Path(place.file)
    if path.resolve() == own:
        return Problem(Place(str(source), *text.origin(place.line, place.column)), told)
    if path.resolve().parent == own.parent:
        return Problem(Place(str(source.parent / path.name), place.line, place.column), told)
    return Problem(place, told)
