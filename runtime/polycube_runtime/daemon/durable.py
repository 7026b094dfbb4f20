"""What the daemon remembers from one life to the next: the journal, and the original's dump file.

The journal counts. The dump file is written for people and for the original's tools, and read only
where the journal knows of no cube.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from typing import TYPE_CHECKING, Self

from polycube_runtime.core.durable.adoption import adopting
from polycube_runtime.core.durable.journal import Journal
from polycube_runtime.core.durable.restore import restore
from polycube_runtime.core.durable.transaction import note_port
from polycube_runtime.daemon.errors import StartError
from polycube_runtime.support.errors import PolycubeError

if TYPE_CHECKING:
    from pathlib import Path

    from polycube_runtime.core.durable.dump import Dump, Object
    from polycube_runtime.core.polycube import Polycube
    from polycube_runtime.daemon.settings import Settings

_log = logging.getLogger("polycubed")

_BESIDE = ("", "-wal", "-shm")
"""How SQLite's files of a database end; what is called otherwise are an operator's copies."""


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
            count = len(polycube.cubes)
            _log.info("%d cube%s there again", count, " is" if count == 1 else "s are")
        return self

    async def _follow(self, file: Path) -> None:
        from polycube_runtime.core.durable import dump  # noqa: PLC0415 (it brings YAML, 10 ms)

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
    file = store(settings)
    both = [file, file.with_name(f"{file.name}.new")]
    every = [one.with_name(one.name + end) for one in both for end in _BESIDE]
    found = [one for one in (*every, file.with_name(f"{file.name}.lock")) if one.exists()]
    for file in found:
        file.unlink()
    return found


def _forget(settings: Settings) -> None:
    from polycube_runtime.core.durable import dump  # noqa: PLC0415 (as above)

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
    absent = [gone for _, document in documents for gone in await _without(polycube, document)]
    async with polycube.change() as undo:
        await polycube.create_all(documents, undo)
        for text, netdev in absent:
            end = polycube.peers.find(text)
            await polycube.peers.want(end, netdev)
            note_port(undo, end, "peer", None, netdev)


async def _without(polycube: Polycube, document: Object) -> list[tuple[str, str]]:
    """Take the netdevs that are not there out of a cube; return `cube:port` and netdev of each."""
    absent = []
    for port in document.get("ports", []):
        peer = port.get("peer", "")
        if peer and ":" not in peer and await polycube.kernel.netdev(peer) is None:
            end = f"{document['name']}:{port['name']}"
            _log.warning("netdev %s, the peer of %s, is not there", peer, end)
            port["peer"] = ""
            absent.append((end, peer))
    return absent
