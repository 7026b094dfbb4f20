"""Load YANG modules with pyang, in this process, and resolve the services among them.

One context holds all modules, as pyang's state is global: one process, one configuration.
"""

from __future__ import annotations

import os
from contextlib import contextmanager
from pathlib import Path
from typing import TYPE_CHECKING

from pyang import error
from pyang.context import Context
from pyang.repository import FileRepository

from polycube_generator import plugin, resources
from polycube_generator.problems import GeneratorError, Place, Problem, fail

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator
    from typing import Any

    from polycube_generator import ir


def load(folder: Path, wanted: Collection[str] = ()) -> list[ir.Service]:
    """Return the services modelled in ``folder``, sorted by name; only ``wanted`` ones, if any.

    Modules may import what is in the folder, the polycube base modules and what pyang brings.
    Raises ``GeneratorError`` with everything that is wrong.
    """
    if not folder.is_dir():
        raise fail(str(folder), "there is no such folder; --yang names the one with the models")
    sources = sorted(folder.glob("*.yang"))
    known = {source.stem for source in sources}
    if missing := sorted(set(wanted) - known):
        names = ", ".join(sorted(known))
        raise fail(str(folder), f"there is no model of {', '.join(missing)}; there are {names}")
    chosen = [source for source in sources if not wanted or source.stem in wanted]
    return services(chosen, folder)


def services(sources: Iterable[Path], folder: Path) -> list[ir.Service]:
    """Return the services among the modules in ``sources``, sorted by name."""
    plugin.pyang_plugin_init()
    context = _context(folder)
    modules = [_parse(context, source) for source in sorted(sources)]
    _validate(context, folder)
    _raise_errors(context)
    found = [module.i_polycube for module in modules if hasattr(module, "i_polycube")]
    return sorted(found, key=lambda service: str(service.name))


def _context(folder: Path) -> Any:
    path = [folder, resources.models(), resources.standard_models()]
    # Our folders are flat; only pyang's own has one level below it.
    folders = [*path, *sorted(p for p in path[-1].iterdir() if p.is_dir())]
    repository = FileRepository(
        os.pathsep.join(map(str, folders)), use_env=False, no_path_recurse=True
    )
    return Context(repository)


def _parse(context: Any, source: Path) -> Any:
    """Add a module; whatever pyang does about it, it ends as an error with its place."""
    name = _shown(source)
    try:
        text = source.read_text(encoding="utf-8")
    except (OSError, UnicodeDecodeError) as failure:
        raise fail(name, f"cannot be read: {failure}") from None
    with _reported(name):
        return context.add_module(str(source), text, "yang", source.stem, primary_module=True)


def _validate(context: Any, folder: Path) -> None:
    with _reported(_shown(folder)):
        context.validate()


@contextmanager
def _reported(name: str) -> Iterator[None]:
    """Turn a crash of pyang (an IndexError in its xpath.py, for one) into an error with a place."""
    try:
        yield
    except Exception as crash:
        message = f"pyang fails here: {type(crash).__name__}: {crash}"
        raise fail(name, message) from crash


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
