"""The services that cubes can be made of: found when the daemon starts, or loaded while it runs.

A service is a subclass of `ControlPlane` in a Python package. `Services` is a mapping from its name
to that class. What is unloaded leaves `sys.modules` too, so that loading it again takes the code as
it is then; whatever a package does wrong while it is imported is told with its file and line.
"""

from __future__ import annotations

import asyncio
import contextlib
import importlib
import inspect
import linecache
import logging
import sys
import traceback
from collections.abc import Iterator, Mapping
from importlib import metadata
from pathlib import Path
from typing import TYPE_CHECKING

from polycube_runtime.support.control import ControlPlane
from polycube_runtime.support.errors import (
    DataExists,
    InvalidValue,
    NotFound,
    OperationFailed,
    PolycubeError,
)

if TYPE_CHECKING:
    from collections.abc import Callable
    from types import ModuleType

_log = logging.getLogger(__name__)

GROUP = "polycube.services"
"""The entry-point group in which packages name their services."""

ServiceClass = type[ControlPlane]


class Services(Mapping[str, ServiceClass]):
    """Services by name."""

    def __init__(self, found: Mapping[str, ServiceClass]) -> None:
        """Start with those that were `found` at start."""
        self._classes = dict(found)
        self._loading = asyncio.Lock()
        self.observers: list[Callable[[str, str], None]] = []
        """Told the name of a service that was loaded (`UP`) or unloaded (`GONE`)."""

    def __getitem__(self, name: str) -> ServiceClass:
        """Return the class of a service."""
        return self._classes[name]

    def __iter__(self) -> Iterator[str]:
        """Iterate over names in the order of loading."""
        return iter(self._classes)

    def __len__(self) -> int:
        """Count the services."""
        return len(self._classes)

    async def load(self, name: str, uri: str) -> ServiceClass:
        """Load the service `name` from `uri`.

        That is the name of a package or module (`doorman`), or the absolute path of a package's
        folder (`/opt/doorman/doorman`).

        Raises:
            DataExists: a service of that name is loaded.
            InvalidValue: nothing of that name is installed, or what is there has no such service.
            OperationFailed: the package cannot be imported; says which file and line.

        """
        async with self._loading:
            if name in self._classes:
                message = "a service of that name is loaded; delete it first"
                raise DataExists(message, f"/services/{name}")
            found = self._classes[name] = await asyncio.to_thread(_load, name, uri)
            self._tell(name, "UP")
            return found

    async def unload(self, name: str) -> None:
        """Forget a service, of which there must be no cubes, and its modules.

        Raises:
            NotFound: no service of that name is loaded.

        """
        async with self._loading:
            if name not in self._classes:
                message = f"No service found named {name}; there are: {', '.join(sorted(self))}"
                raise NotFound(message, f"/services/{name}")
            gone = self._classes.pop(name)
            used = {_top(one.__module__) for one in self._classes.values()}
            for module in (gone.__module__, gone.generated()):
                _forget(module if _top(module) in used else _top(module))
            self._tell(name, "GONE")

    def _tell(self, name: str, status: str) -> None:
        for observer in self.observers:
            try:
                observer(name, status)
            except Exception:  # noqa: BLE001 (it is loaded; who watches cannot undo that)
                _log.exception("an observer of services failed")


def _top(module: str) -> str:
    return module.partition(".")[0]


def _forget(root: str) -> None:
    """Drop a module and all below it, so that the next import reads the files again."""
    for module in [one for one in sys.modules if one == root or one.startswith(f"{root}.")]:
        del sys.modules[module]
    linecache.clearcache()


def _load(name: str, uri: str) -> ServiceClass:
    importlib.invalidate_caches()
    before = set(sys.modules)
    try:
        with _fresh_bytecode():
            found = _from_folder(name, Path(uri)) if "/" in uri else _from_module(name, uri)
            _check(found, name)
    except BaseException:
        for module in set(sys.modules) - before:
            if _top(module) == _top(Path(uri).name):
                del sys.modules[module]
        raise
    return found


@contextlib.contextmanager
def _fresh_bytecode() -> Iterator[None]:
    """Leave no bytecode behind: of two edits within a second, it would hide the second."""
    before, sys.dont_write_bytecode = sys.dont_write_bytecode, True
    try:
        yield
    finally:
        sys.dont_write_bytecode = before


def _from_folder(name: str, folder: Path) -> ServiceClass:
    where = "/services/uri"
    if not folder.is_absolute():
        message = f"'{folder}' is not an absolute path; expected one, or the name of a package"
        raise InvalidValue(message, where)
    if not (folder / "__init__.py").is_file():
        message = f"'{folder}' is not the folder of a Python package: it has no __init__.py"
        raise InvalidValue(message, where)
    if not folder.name.isidentifier():
        message = f"'{folder.name}' cannot be the name of a package: it is no Python identifier"
        raise InvalidValue(message, where)
    if folder.name in sys.modules:
        other = getattr(sys.modules[folder.name], "__file__", None) or "Python itself"
        message = f"a module named {folder.name} is loaded already, from {other}"
        raise OperationFailed(message, where)
    sys.path.insert(0, str(folder.parent))
    try:
        return _class_in(_import(folder.name), name)
    finally:
        sys.path.remove(str(folder.parent))


def _from_module(name: str, uri: str) -> ServiceClass:
    """Import a module; if it is a package that names the service in its metadata, what it names."""
    for entry in metadata.entry_points(group=GROUP, name=name):
        package = entry.dist.name if entry.dist else ""
        if uri in {package, package.replace("-", "_"), entry.module, _top(entry.module)}:
            found = getattr(_import(entry.module), entry.attr, None)
            if inspect.isclass(found) and issubclass(found, ControlPlane):
                return found
            message = f"{entry.module} has no control plane named {entry.attr}"
            raise InvalidValue(message, "/services/uri")
    return _class_in(_import(uri), name)


def _import(module: str) -> ModuleType:
    try:
        return importlib.import_module(module)
    except ModuleNotFoundError as error:
        if error.name is not None and (module == error.name or module.startswith(f"{error.name}.")):
            message = f"no Python package or module named '{module}' is installed"
            raise InvalidValue(message, "/services/uri") from error
        raise _broken(module, error) from error
    except (Exception, SystemExit) as error:  # a third party's package may fail in any way
        raise _broken(module, error) from error


def _broken(module: str, error: BaseException) -> PolycubeError:
    """Say where a package is broken: the deepest line of it that ran."""
    if isinstance(error, SyntaxError):
        place = f"{error.filename}, line {error.lineno}"
    else:
        frames = traceback.extract_tb(error.__traceback__)
        own = [one for one in frames if not one.filename.startswith("<frozen") and one.lineno]
        known = [one for one in own if one.filename != __file__ and "importlib" not in one.filename]
        place = f"{known[-1].filename}, line {known[-1].lineno}" if known else module
    text = error.msg if isinstance(error, SyntaxError) else str(error)
    message = f"{place}: {type(error).__name__}: {text}"
    return OperationFailed(message, "/services/uri")


def _class_in(module: ModuleType, name: str) -> ServiceClass:
    found = [
        one
        for one in vars(module).values()
        if inspect.isclass(one) and issubclass(one, ControlPlane) and hasattr(one, "SERVICE")
    ]
    for one in found:
        if one.SERVICE.name == name and "SERVICE" not in vars(one):
            return one
    known = ", ".join(sorted({one.SERVICE.name for one in found})) or "none"
    message = f"{module.__name__} has no service named {name}; it has: {known}"
    raise InvalidValue(message, "/services/name")


def _check(found: ServiceClass, name: str) -> None:
    """Make sure that cubes can be made of a service, as far as can be told without making one."""
    model = found.SERVICE
    if model.name != name:
        message = f"the service is named {model.name} in its model"
        raise InvalidValue(message, "/services/name")
    if inspect.isabstract(found):
        left = ", ".join(sorted(found.__abstractmethods__))
        source, line = inspect.getsourcefile(found), inspect.getsourcelines(found)[1]
        message = f"{source}, line {line}: {found.__name__} does not define {left}"
        raise OperationFailed(message, "/services/uri")
    _import(f"{found.generated()}.routes")
    for file in found.datapath().values():
        if not file.is_file():
            message = f"the service's data plane {file} is missing"
            raise OperationFailed(message, "/services/uri")
