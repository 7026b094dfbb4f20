"""What the daemon remembers from one life to the next: the journal, and the original's dump file.

The journal counts. The dump file is written for people and for the original's tools, and read only
where the journal knows of no cube.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from polycube_runtime.core.adoption import adopting
from polycube_runtime.core.journal import Journal
from polycube_runtime.core.restore import restore
from polycube_runtime.daemon.errors import StartError
from polycube_runtime.support.errors import PolycubeError

if TYPE_CHECKING:
    from pathlib import Path

    from polycube_runtime.core.dump import Dump, Object
    from polycube_runtime.core.polycube import Polycube
    from polycube_runtime.daemon.settings import Settings

_log = logging.getLogger("polycubed")


@dataclass
class Memory:
    """What a running daemon writes to; either may be switched off."""

    polycube: Polycube
    dump: Dump | None = None

    @classmethod
    async def recall(cls, polycube: Polycube, settings: Settings) -> Self:
        """Make the cubes again that were there, and remember what changes from now on.

        Raises:
            PolycubeError, StartError: a file cannot be used; the message names it.

        """
        if settings.cubes_dump_clean_init:
            _forget(settings)
        self = cls(polycube)
        try:
            if not settings.volatile:
                polycube.commits.journal = Journal(store(settings))
                async with adopting(polycube):
                    await restore(polycube, polycube.commits.journal.load())
            if settings.cubes_dump_enable:
                await self._follow(settings.cubes_dump_file)
        except BaseException:
            await self.close()
            raise
        if polycube.cubes:
            _log.info("%d cubes are there again", len(polycube.cubes))
        return self

    async def _follow(self, file: Path) -> None:
        from polycube_runtime.core import dump  # noqa: PLC0415 (it brings YAML, 10 ms)

        is_there = file.exists()  # noqa: ASYNC240 (at the start, nobody waits)
        if is_there and not self.polycube.cubes:
            try:
                await _create(self.polycube, dump.read(file))
            except PolycubeError as error:
                message = f"{file}: {error}; mend it, or start with --cubes-dump-clean-init"
                raise StartError(message) from error
        self.dump = dump.Dump(self.polycube, file)

    async def close(self) -> None:
        """Write what is waiting; what happens to the cubes from now on is not remembered."""
        await self.polycube.commits.flush()
        if self.dump is not None:
            await self.dump.close()
        await self.polycube.commits.close()


def store(settings: Settings) -> Path:
    """Return the file of the journal."""
    return settings.state_dir / f"{settings.name}.db"


def remove(settings: Settings) -> list[Path]:
    """Delete the journal of a daemon that does not run; return its files."""
    found = sorted(settings.state_dir.glob(f"{store(settings).name}*"))
    for file in found:
        file.unlink()
    return found


def _forget(settings: Settings) -> None:
    from polycube_runtime.core import dump  # noqa: PLC0415 (as above)

    try:
        remove(settings)
        settings.cubes_dump_file.parent.mkdir(parents=True, exist_ok=True)
        dump.write(settings.cubes_dump_file, [])
    except OSError as error:
        message = f"cannot start with {settings.cubes_dump_file} clean: {error}"
        raise StartError(message) from error


async def _create(polycube: Polycube, cubes: list[Object]) -> None:
    documents = [
        (cube["service-name"], polycube.prepare(cube["service-name"], cube)) for cube in cubes
    ]
    for service, document in documents:
        await polycube.warm(service, document)
    async with polycube.change() as undo:
        await polycube.create_all(documents, undo)
