"""Load YANG modules with pyang, in this process, and resolve the services among them.

One context holds all modules, as pyang's state is global: one process, one configuration.
"""

from __future__ import annotations

import os
from collections.abc import Collection, Mapping
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pyang import error
from pyang.context import Context
from pyang.repository import FileRepository

from polycube_generator import modules, plugin, resources
from polycube_generator.problems import GeneratorError, Place, Problem, fail

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator
    from typing import Any

    from polycube_generator import ir


Found = list["ir.Service | ir.Module"]
Features = Mapping[str, Collection[str]]


def load(folder: Path, wanted: Collection[str] = (), features: Features | None = None) -> Found:
    """Return what is modelled in ``folder`` and below, sorted by name; only ``wanted``, if any.

    ``features`` are those that are supported, by module; of modules not named, all are.
    Modules may import what is in the folder, the polycube base modules and what pyang brings.
    Raises ``GeneratorError`` with everything that is wrong.
    """
    if not folder.is_dir():
        raise fail(str(folder), "there is no such folder; --yang names the one with the models")
    sources = {source.stem.partition("@")[0]: source for source in sorted(folder.rglob("*.yang"))}
    if missing := sorted(set(wanted) - sources.keys()):
        names = ", ".join(sorted(sources))
        raise fail(str(folder), f"there is no model of {', '.join(missing)}; there are {names}")
    chosen = [source for name, source in sources.items() if not wanted or name in wanted]
    return models(chosen, folder, wanted, features)


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
    context = _context(sorted({source.parent for source in folder.rglob("*.yang")}))
    context.features |= {module: list(names) for module, names in (features or {}).items()}
    sources = sorted(sources)
    parsed = [_parse(context, source) for source in sources]
    for one in filter(None, list(parsed)):
        if one.keyword == "submodule" and (owner := one.search_one("belongs-to")):
            context.search_module(owner.pos, owner.arg)
    _validate(context, _shown(sources[0] if len(sources) == 1 else folder))
    _raise_errors(context)
    parsed = _whole(context, parsed)
    found: Found = [one.i_polycube for one in parsed if hasattr(one, "i_polycube")]
    others = [one for one in parsed if not hasattr(one, "i_polycube") and not _is_ours(one)]
    if not wanted and (found or any(map(modules.has_nodes, others))):
        others = [one for one in others if modules.has_nodes(one)]
    for one in others:
        with _reported(_shown(Path(one.pos.ref))):
            built, problems = modules.module(one)
        if problems or built is None:
            raise GeneratorError(
                Problem(Place(_shown(Path(p.place.file)), p.place.line), p.message)
                for p in problems
            )
        found.append(built)
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
    repository = FileRepository(
        os.pathsep.join(map(str, path)), use_env=False, no_path_recurse=True
    )
    return Context(repository)


def _parse(context: Any, source: Path) -> Any:
    """Add a module; whatever pyang does about it, it ends as an error with its place."""
    name = _shown(source)
    try:
        text = source.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as failure:
        raise fail(name, f"cannot be read: {failure}") from None
    # Where pyang gives up while it parses, the file has most often come to an end too soon.
    with _reported(name, text.count("\n") + 1, "cannot be parsed; is its end missing?"):
        return context.add_module(str(source), text, "yang", source.stem, primary_module=True)


def _validate(context: Any, name: str) -> None:
    with _reported(name):
        context.validate()


@contextmanager
def _reported(name: str, line: int = 0, problem: str = "cannot be generated") -> Iterator[None]:
    """Turn a crash of pyang (an IndexError in its xpath.py, for one) into an error with a place."""
    try:
        yield
    except GeneratorError:
        raise
    except Exception as crash:
        message = f"{problem} ({type(crash).__name__} in pyang or here: {crash})"
        raise GeneratorError([Problem(Place(name, line), message)]) from crash


def _raise_errors(context: Any) -> None:
    context.errors.sort(key=lambda found: (found[0].ref, found[0].line))
    problems = [
        Problem(Place(_shown(Path(pos.ref)), pos.line), error.err_to_str(tag, args))
        for pos, tag, args in context.errors
        if error.is_error(error.err_level(tag))
    ]
    if problems:
        raise GeneratorError(problems)


def _shown(path: Path) -> str:
    """Return a path as seen from the working directory, if it is below it."""
    relative = os.path.relpath(path)
    return str(path) if relative.startswith("..") else relative
