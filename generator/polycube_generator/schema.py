"""Load YANG modules with pyang, in this process, and resolve the services among them.

One context holds all modules, as pyang's state is global: one process, one configuration.
"""

from __future__ import annotations

import os
import sys
import traceback
from collections.abc import Collection, Mapping
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import TYPE_CHECKING

from pyang import error
from pyang.context import Context
from pyang.repository import FileRepository

from polycube_generator import modules, parsing, plugin, resources, submodules
from polycube_generator.problems import GeneratorError, Place, Problem, fail

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from polycube_generator import ir


_STATEMENTS = ("statement", "stmt", "leaf", "node")
"""What variables are called that hold a statement."""

_RECURSION = 10_000
"""Of Python's calls: enough for what is not refused as nested too deeply."""

Found = list["ir.Service | ir.Module"]
Features = Mapping[str, Collection[str]]


def load(folder: Path, wanted: Collection[str] = (), features: Features | None = None) -> Found:
    """Return what is modelled in ``folder`` and below, sorted by name; only ``wanted``, if any.

    ``features`` are those that are supported, by module; of modules not named, all are.
    Modules may import what is in the folder, the polycube base modules and what pyang brings.
    Raises ``GeneratorError`` with everything that is wrong.
    """
    if not folder.is_dir():
        what = "is a file" if folder.exists() else "there is no such folder"
        raise fail(str(folder), f"{what}; --yang names the folder with the models")
    sources = _sources(folder)
    if missing := sorted(set(wanted) - sources.keys()):
        names = ", ".join(sorted(sources))
        raise fail(str(folder), f"there is no model of {', '.join(missing)}; there are {names}")
    chosen = [source for name, source in sources.items() if not wanted or name in wanted]
    return models(chosen, folder, wanted, features)


def _sources(folder: Path) -> dict[str, Path]:
    """Return the files below a folder by their modules; of two revisions the newer one.

    Raises ``GeneratorError`` for two files of one module that nothing tells apart.
    """
    found: dict[str, Path] = {}
    problems = []
    for source in sorted(folder.rglob("*.yang"), key=lambda path: (path.stem, path)):
        name = source.stem.partition("@")[0]
        if name in found and found[name].stem == source.stem:
            message = f"is another {source.name} than {_shown(found[name])}; remove one of them"
            problems.append(Problem(Place(_shown(source)), message))
        found[name] = source
    if problems:
        raise GeneratorError(problems)
    return found


def models(
    sources: Iterable[Path],
    folder: Path,
    wanted: Collection[str] = (),
    features: Features | None = None,
) -> Found:
    """Return what is modelled in ``sources``: services, and other modules.

    A module that is there for others to use is left out, unless it is among ``wanted``, or all
    are such.
    """
    plugin.pyang_plugin_init()
    # pyang follows statements, types and references to each other by calling itself.
    sys.setrecursionlimit(max(sys.getrecursionlimit(), _RECURSION))
    context = _context(sorted({source.parent for source in folder.rglob("*.yang")}))
    context.features |= {module: list(names) for module, names in (features or {}).items()}
    sources = sorted(sources)
    problems: list[Problem] = []
    parsed = [_parse(context, source, problems) for source in sources]
    crashes: list[Problem] = []
    with _collected(crashes, _shown(sources[0] if len(sources) == 1 else folder)):
        for one in filter(None, list(parsed)):
            if one.keyword == "submodule" and (owner := one.search_one("belongs-to")):
                context.search_module(owner.pos, owner.arg)
        submodules.connect(context)
        context.validate()
        parsed = _whole(context, parsed)
        plugin.validate(context, parsed)
    problems += _told(context)
    if problems := problems or crashes:  # on what is wrong, pyang stumbles later
        raise GeneratorError(problems)
    return _resolved(parsed, wanted)


def _resolved(parsed: list[Any], wanted: Collection[str]) -> Found:
    """Return what modules without errors model."""
    problems: list[Problem] = []
    found: Found = [one.i_polycube for one in parsed if hasattr(one, "i_polycube")]
    others = [one for one in parsed if not hasattr(one, "i_polycube") and not _is_ours(one)]
    if not wanted and (found or any(map(modules.has_nodes, others))):
        others = [one for one in others if modules.has_nodes(one)]
    for one in others:
        with _collected(problems, _shown(Path(one.pos.ref))):
            built, wrong = modules.module(one)
            problems += (replace(p, place=_seen(p.place)) for p in wrong)
            found += [built] if built else []
    if problems:
        raise GeneratorError(problems)
    return sorted(found, key=lambda one: str(one.name))


def _whole(context: Any, parsed: list[Any]) -> list[Any]:
    """Return modules, each once; a submodule stands for the module that it belongs to."""
    found = {}
    for one in filter(None, parsed):
        owner = one
        if one.keyword == "submodule":
            owner = context.get_module(one.search_one("belongs-to").arg)
        if owner is not None:
            found[owner.arg] = owner
    return list(found.values())


def _is_ours(module: Any) -> bool:
    return str(module.arg).startswith("polycube-")


def _context(folders: list[Path]) -> Any:
    path = [*folders, resources.models(), resources.standard_models()]
    # pyang's own folder has one level below it.
    path += sorted(p for p in path[-1].iterdir() if p.is_dir())
    repository = FileRepository(use_env=False, no_path_recurse=True)
    repository.dirs = [str(folder) for folder in path]  # its parameter splits at colons
    context = Context(repository)
    context.trim_yin = False  # of modules in YIN that others import; only pyang's command sets it
    # pyang takes the newest revision, wherever it lies; those of the folder belong together.
    own = frozenset(map(str, folders))
    for name, found in context.revs.items():
        mine = [one for one in found if os.path.dirname(one[1][1]) in own]  # noqa: PTH120
        context.revs[name] = mine or found
    return context


def _parse(context: Any, source: Path, problems: list[Problem]) -> Any:
    """Add a module; whatever pyang does about it, it ends as a problem with its place."""
    name = _shown(source)
    try:
        text = source.read_text(encoding="utf-8")
    except UnicodeDecodeError as failure:
        message = f"is not in UTF-8, as YANG is: {failure.reason} at octet {failure.start}"
        problems.append(Problem(Place(name), message))
        return None
    except OSError as failure:
        problems.append(Problem(Place(name), f"cannot be read: {failure.strerror}"))
        return None
    # Where pyang gives up while it parses, the file has most often come to an end too soon.
    with _collected(problems, name, text.count("\n") + 1, "cannot be parsed; is its end missing?"):
        module, _, revision = source.stem.partition("@")
        return context.add_module(
            str(source), text, "yang", module, revision or None, primary_module=True
        )


@contextmanager
def _collected(
    problems: list[Problem], name: str, line: int = 0, problem: str = "cannot be generated"
) -> Iterator[None]:
    """Turn a crash of pyang (an IndexError in its xpath.py, for one) into a problem's place."""
    try:
        yield
    except RecursionError as crash:
        message = "leads to too many others, one after the other, as references or expressions do"
        problems.append(Problem(_at(crash) or Place(name), message))
    except Exception as crash:  # noqa: BLE001  (whatever it is, the user has a model to mend)
        message = f"{problem} ({type(crash).__name__} in pyang or here: {crash})"
        problems.append(Problem(_at(crash) or Place(name, line), message))


def _at(crash: Exception) -> Place | None:
    """Return the place of the statement that pyang or the generator was at, if it was at one."""
    frames = [frame for frame, _ in traceback.walk_tb(crash.__traceback__)]
    found = (frame.f_locals.get(name) for frame in reversed(frames) for name in _STATEMENTS)
    places = (parsing.place(at) for one in found if (at := getattr(one, "pos", None)) is not None)
    return next((_seen(at) for at in places if at.line), None)


def _told(context: Any) -> Iterator[Problem]:
    """Yield the errors that pyang and its plugins have found."""
    for at, tag, arguments in context.errors:
        if error.is_error(error.err_level(tag)):
            yield Problem(_seen(parsing.place(at)), error.err_to_str(tag, arguments))


def _seen(at: Place) -> Place:
    return replace(at, file=_shown(Path(at.file)))


def _shown(path: Path) -> str:
    """Return a path as seen from the working directory, if it is below it."""
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("..") else relative
