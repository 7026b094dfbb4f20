"""The original's dump file: all cubes as one JSON array, in spite of its name `cubes.yaml`.

It is written for people and for other tools, after each transaction; what counts after a restart is
the journal. It is read where there is no journal yet, to take over what the original left.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import logging
import os
from typing import TYPE_CHECKING, Any

import yaml

from polycube_runtime.support.errors import OperationFailed

if TYPE_CHECKING:
    from pathlib import Path

    from polycube_runtime.core.durable.transaction import Committed
    from polycube_runtime.core.polycube import Polycube

_log = logging.getLogger(__name__)

Object = dict[str, Any]
DELAY = 0.5
"""Seconds for which further transactions are waited for before the file is written."""


def read(file: Path) -> list[Object]:
    """Return the cubes in a dump file, JSON or YAML, each with its `name` and `service-name`.

    An empty file and `{}`, which the original starts with, hold none.

    Raises:
        OperationFailed: it cannot be read, or is no dump; the message names it.

    """
    try:
        text = file.read_text()
    except (OSError, UnicodeDecodeError) as error:
        message = f"the dump file {file} cannot be read: {error}"
        raise OperationFailed(message) from error
    try:
        found = json.loads(text)
    except ValueError:
        found = _yaml(file, text)
    cubes = found or []
    if not isinstance(cubes, list):
        message = f"{file} is no dump of cubes: it must be an array, one object for each cube"
        raise OperationFailed(message)
    for number, cube in enumerate(cubes):
        for member in ("name", "service-name"):
            if not isinstance(cube, dict) or not isinstance(cube.get(member), str):
                message = f"{file} is no dump of cubes: element {number} has no '{member}'"
                raise OperationFailed(message)
    return cubes


def _yaml(file: Path, text: str) -> Any:
    try:
        return yaml.load(text, Loader=getattr(yaml, "CSafeLoader", yaml.SafeLoader))  # noqa: S506 (both are safe)
    except yaml.YAMLError as error:
        message = f"{file} is neither JSON nor YAML: {error}"
        raise OperationFailed(message) from error


class Dump:
    """Keeps a dump file up to date; an observer of `Polycube`."""

    def __init__(self, polycube: Polycube, file: Path) -> None:
        """Write the cubes of `polycube` to `file` after each transaction from now on."""
        self._polycube = polycube
        self._file = file
        self._writing: asyncio.Task[None] | None = None
        self._stale = False
        polycube.observers.append(self._changed)

    async def close(self) -> None:
        """Write what is waiting, and no more from then on."""
        self._polycube.observers.remove(self._changed)
        if self._writing is not None:
            self._writing.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._writing
        if self._stale:
            await self._write()

    def _changed(self, _committed: Committed) -> None:
        self._stale = True
        if self._writing is None:
            self._writing = asyncio.get_running_loop().create_task(self._follow(), name="dump")

    async def _follow(self) -> None:
        while self._stale:
            await asyncio.sleep(DELAY)
            await self._write()
        self._writing = None

    async def _write(self) -> None:
        self._stale = False
        try:
            cubes = await self._cubes()
            await asyncio.to_thread(write, self._file, cubes)
        except OSError as error:
            _log.error("the dump file %s cannot be written: %s", self._file, error)
        except asyncio.CancelledError:
            self._stale = True
            raise
        except Exception:  # noqa: BLE001 (a reader of it must not be in the way of changes)
            _log.exception("the dump file %s cannot be written", self._file)

    async def _cubes(self) -> list[Object]:
        found = []
        for cube in list(self._polycube.cubes.values()):
            tree = self._polycube.tree(cube)
            found.append({"name": cube.name, **await tree.read(tree.root, config=True)})
        return found


def write(file: Path, cubes: list[Object]) -> None:
    """Write a dump file as the original does, but at once: a reader never sees half of it."""
    new = file.with_name(f"{file.name}.new")
    handle = os.open(new, os.O_WRONLY | os.O_CREAT | os.O_TRUNC, 0o600)
    with os.fdopen(handle, "w") as out:
        json.dump(cubes, out, indent=2)
        out.write("\n")
        out.flush()
        os.fsync(out.fileno())
    new.replace(file)
