"""Make the model of a service from any YANG module: what a service must say is put into its text.

The text stays as its author wrote it, line by line; what is put in is whole lines, so that a
problem is told at the line of the original.
"""

from __future__ import annotations

import os
import re
import tempfile
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING

from pyang.context import Context
from pyang.repository import FileRepository
from pyang.yang_parser import YangParser

from polycube_generator import ir, resources, schema
from polycube_generator.problems import GeneratorError, Place, Problem, fail

if TYPE_CHECKING:
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


class _Text:
    """Lines of a module, with what is put in; ``origin`` is the line that each was at, or 0."""

    def __init__(self, text: str) -> None:
        self.lines = text.split("\n")
        self.origin = list(range(1, len(self.lines) + 1))

    def put(self, before: Statement | None, added: list[str]) -> None:
        """Put lines in before a statement, without one before the module's last brace."""
        if before is None:
            at = max(at for at, line in enumerate(self.lines) if "}" in line)
        else:
            at = self.start(before)
        while at and self.lines[at - 1].lstrip().startswith(("//", "/*", "*")):
            at -= 1  # a statement's comment stays with it
        self.lines[at:at] = added
        self.origin[at:at] = [0] * len(added)

    def start(self, statement: Statement) -> int:
        """Return where the line is that a statement begins on; pyang knows where it goes on."""
        word = statement.keyword
        word = word if isinstance(word, str) else ":".join(word)
        at = self.origin.index(statement.pos.line)
        while at and not self.lines[at].lstrip().startswith(word):
            at -= 1
        return at

    def replace(self, line: int, old: str, new: str) -> None:
        """Replace the first ``old`` from a line on that is not a part of a longer word."""
        whole = re.compile(rf"(?<![\w-]){re.escape(old)}(?![\w-])")
        for at in range(self.origin.index(line), len(self.lines)):
            if whole.search(self.lines[at]):
                self.lines[at] = whole.sub(lambda _: new, self.lines[at], count=1)
                return


def service(source: Path, name: str, *, transparent: bool) -> Adapted:
    """Return the module in ``source`` as service ``name``.

    Raises:
        GeneratorError: it is no module, or not one that a service can be made of; with its lines.

    """
    try:
        original = source.read_text("utf-8-sig")
    except UnicodeDecodeError as failure:
        message = f"is not in UTF-8, as YANG is: {failure.reason} at octet {failure.start}"
        raise fail(str(source), message) from None
    except OSError as failure:
        raise fail(str(source), f"cannot be read: {failure.strerror}") from None
    module = _parsed(source, original)
    if included := module.search_one("include"):
        advice = f"a service is one module: put what {included.arg} has into it"
        raise GeneratorError([Problem(Place(str(source), included.pos.line), advice)])
    text = _adapted(original, module, name, "transparent" if transparent else "standard")
    beside = _beside(module, source.parent)
    return Adapted("\n".join(text.lines), _resolved(text, source, name, beside), beside)


def _parsed(source: Path, text: str) -> Statement:
    context = Context(FileRepository("", use_env=False))
    try:
        module = YangParser().parse(context, str(source), text)
    except Exception as crash:  # an IndexError at the end of half a file, for one
        message = f"pyang fails here, is the file whole? {type(crash).__name__}: {crash}"
        raise fail(str(source), message) from crash
    if context.errors or module is None:
        from pyang import error  # noqa: PLC0415

        raise GeneratorError(
            Problem(Place(str(source), at.line), error.err_to_str(tag, arguments))
            for at, tag, arguments in context.errors
        )
    if module.keyword != "module":
        raise fail(str(source), f"is a {module.keyword}; a service is made of a module")
    if any(part.pos.line == module.pos.line for part in module.substmts):
        advice = "put the statements after the brace on lines of their own, to have room for others"
        raise GeneratorError([Problem(Place(str(source), module.pos.line), advice)])
    return module


def _adapted(original: str, module: Statement, name: str, kind: str) -> _Text:
    text = _Text(original)
    parts = module.substmts
    # Extensions may stand among what the header has: what is put in comes after all of that.
    head = [at for at, part in enumerate(parts) if part.keyword in _HEADER | _META]
    body = parts[max(head, default=-1) + 1 :]
    prefixes = {one.arg: one.search_one("prefix").arg for one in module.search("import")}
    used = [_BASES[base] for base, prefix in prefixes.items() if base in _BASES
            for uses in module.search("uses") if uses.arg.startswith(f"{prefix}:")]  # fmt: skip
    kind = used[0] if used else kind
    text.put(body[0] if body else None, _says(module, prefixes, name, kind, bool(used)))
    linkage = [part for part in parts if part.keyword not in _HEADER]
    text.put(linkage[0] if linkage else None, _imports(module, prefixes, kind))
    text.replace(module.pos.line, module.arg, name)
    if namespace := module.search_one("namespace"):
        text.replace(namespace.pos.line, namespace.arg, f"http://polycube.network/{name}")
    if version := module.search_one("yang-version"):
        text.replace(version.pos.line, version.arg, "1.1")
    for part in parts:
        if isinstance(part.keyword, tuple) and part.keyword[1] == "service-name":
            text.replace(part.pos.line, part.arg, name)
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


def _beside(module: Statement, folder: Path) -> dict[str, str]:
    """Return the modules that are imported, directly or not, and lie beside the model."""
    found: dict[str, str] = {}
    waiting = [module]
    standard = {path.name.partition("@")[0].removesuffix(".yang")
                for path in resources.standard_models().rglob("*.yang")}  # fmt: skip
    ours = {path.stem for path in resources.models().glob("*.yang")}
    while waiting:
        for one in waiting.pop().search("import"):
            path = folder / f"{one.arg}.yang"
            if one.arg not in standard | ours and path.name not in found and path.is_file():
                found[path.name] = path.read_text("utf-8", errors="replace")
                waiting.append(_parsed(path, found[path.name]))
    return found


def _resolved(text: _Text, source: Path, name: str, beside: dict[str, str]) -> ir.Service:
    with tempfile.TemporaryDirectory(prefix="polycube-gen-") as made:
        folder = Path(made).resolve()
        own = folder / f"{name}.yang"
        for file, content in beside.items():
            (folder / file).write_text(content, "utf-8")
        own.write_text("\n".join(text.lines), "utf-8")
        try:
            (found,) = schema.load(folder, [name])
        except GeneratorError as failure:
            problems = [_at_home(one, own, source, text) for one in failure.problems]
            raise GeneratorError(problems) from None
    if not isinstance(found, ir.Service):  # it says its name: `_says` has seen to that
        raise fail(str(source), "is no service")
    return found


def _at_home(problem: Problem, own: Path, source: Path, text: _Text) -> Problem:
    """Return a problem with its place in the original."""

    def line(number: str) -> int:
        at = int(number)
        return text.origin[at - 1] if 0 < at <= len(text.origin) else 0

    place = problem.place
    told = re.sub(
        rf"{re.escape(own.name)}:(\d+)",
        lambda found: f"{source.name}:{line(found[1])}",
        problem.message.replace(f"{own.parent}{os.sep}", ""),
    )
    path = Path(place.file)
    if path.resolve() == own:
        return Problem(Place(str(source), line(str(place.line))), told)
    if path.resolve().parent == own.parent:
        return Problem(Place(str(source.parent / path.name), place.line), told)
    return Problem(place, told)
