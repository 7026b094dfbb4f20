"""The end of a transaction: durable first, then told to who watches."""

from __future__ import annotations

import asyncio
import contextlib
import logging
import time
from typing import TYPE_CHECKING

from polycube_runtime.core.durable.migration import as_json
from polycube_runtime.core.durable.rows import (
    DropCube,
    DropExplicit,
    DropNode,
    KeepLayouts,
    PutChain,
    PutCube,
    PutExplicit,
    PutLayout,
    PutNode,
    PutService,
    Write,
)
from polycube_runtime.core.durable.transaction import Committed, through
from polycube_runtime.core.model import defaults
from polycube_runtime.core.model.place import Place
from polycube_runtime.core.port import End
from polycube_runtime.support.errors import PolycubeError
from polycube_runtime.support.schema import List

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable

    from polycube_runtime.core.cube import Cube
    from polycube_runtime.core.durable.journal import Journal
    from polycube_runtime.core.durable.transaction import Record, Touch
    from polycube_runtime.core.durable.undo import Undo
    from polycube_runtime.core.loading.loaded import Loaded
    from polycube_runtime.core.model.defaults import Marks
    from polycube_runtime.core.polycube import Polycube

_log = logging.getLogger(__name__)

DELAY = 1.0
"""Seconds within which what control planes change of their own accord is durable."""


class Commits:
    """Numbers transactions, counts the versions of cubes, keeps them, and tells `observers`.

    Without a `journal` nothing is kept. While `restoring`, what is made is what was kept already.
    """

    def __init__(self, polycube: Polycube) -> None:
        """Have committed nothing yet of the cubes of `polycube`."""
        self.observers: list[Callable[[Committed], None]] = []
        self.number = 0
        self.journal: Journal | None = None
        self.restoring = False
        self._polycube = polycube
        self._records: list[Record] = []
        self._touched: list[Touch] = []
        self._later: asyncio.Task[None] | None = None

    async def commit(self, undo: Undo) -> None:
        """Make durable what `undo` would take back; from then on it cannot be taken back.

        Raises what hinders that, before anything is settled: the caller rolls back.
        """
        if undo.records or undo.touched or undo.netdevs or undo.forgotten or self._touched:
            await through(self._commit(undo))
        elif undo.said and (marks := self._marks(undo)):
            await through(self._keep_marks(undo, marks))
        else:
            undo.settle()
            await through(undo.finish())

    def later(self, records: Iterable[Record], touched: Iterable[Touch]) -> None:
        """Make durable, within `DELAY`, what was changed outside of any transaction."""
        self._records += records
        self._touched += touched
        if self._touched and self._later is None:
            with contextlib.suppress(RuntimeError):  # no loop, in the test harness: next commit
                self._later = asyncio.get_running_loop().create_task(self._flush())

    async def flush(self) -> None:
        """Write what is waiting."""
        if self._later is not None:
            self._later.cancel()
            with contextlib.suppress(asyncio.CancelledError):
                await self._later
            self._later = None
        if self._touched:
            async with self._polycube.change():
                """Whatever commits next takes along what waits."""

    async def close(self) -> None:
        """Write what is waiting; from then on nothing is kept."""
        await self.flush()
        if self.journal is not None:
            self.journal.close()
            self.journal = None

    async def _flush(self) -> None:
        failed = False
        while self._touched:
            await asyncio.sleep(DELAY)
            try:
                async with self._polycube.change():
                    """Whatever commits next takes along what waits."""
            except Exception as error:  # noqa: BLE001 (whatever it is, it is tried again)
                if not failed:
                    trace = None if isinstance(error, PolycubeError) else error
                    _log.error("what control planes changed waits: %s", error, exc_info=trace)
                failed = True
        self._later = None

    async def keep_service(self, name: str, uri: str) -> None:
        """Note that a service was loaded from `uri`, or unloaded if that is empty.

        Raises:
            Unavailable: the disk does not take it.

        """
        if self.journal is not None:
            await through(
                asyncio.to_thread(self.journal.write, self.number, [PutService(name, uri)])
            )

    async def keep_layouts(self, cube: Cube, loaded: Loaded) -> None:
        """Note how a cube's new maps are laid out, before they take the place of others.

        So whenever the daemon ends, the next one can read what is pinned.
        """
        new = cube.dataplane.layouts.unsaved(loaded.maps.values())
        if self.journal is not None and new:
            writes = [PutLayout(cube.id, number, as_json(one)) for number, one in new.items()]
            await through(asyncio.to_thread(self.journal.write, self.number, writes))
            cube.dataplane.layouts.saved(new)

    async def forget_layouts(self) -> None:
        """Keep what is known of the maps that cubes have now, and nothing of others."""
        writes: list[Write] = []
        for cube in self._polycube.cubes.values():
            maps, layouts = cube.dataplane.maps.values(), cube.dataplane.layouts
            new = layouts.unsaved(maps)
            writes += [PutLayout(cube.id, number, as_json(one)) for number, one in new.items()]
            layouts.saved(new)
            if layouts.keep_only(maps):
                writes.append(KeepLayouts(cube.id, tuple(one.id for one in maps)))
        if self.journal is not None and writes:
            await through(asyncio.to_thread(self.journal.write, self.number, writes))

    def _marks(self, undo: Undo) -> dict[str, Marks]:
        """Return, by cube, which leaves are explicit defaults, where that is another answer now."""
        if self.restoring:
            return {}
        before = len(self._records)
        records = [*self._records, *undo.records]
        said = [one._replace(at=one.at + before) for one in undo.said]
        concerned = {one.cube.name for one in said} | {one.cube for one in records}
        found: dict[str, Marks] = {}
        for cube in filter(None, map(self._polycube.cubes.get, concerned)):
            if cube.explicit or said:
                marks = defaults.after(cube, records, said)
                found |= {cube.name: marks} if marks != cube.explicit else {}
        return found

    async def _keep_marks(self, undo: Undo, marks: dict[str, Marks]) -> None:
        """Commit what changes no configuration, only who has said it: versions stay as they are."""
        if self.journal is not None:
            await asyncio.to_thread(self.journal.write, self.number, self._explicit(marks))
        undo.settle()
        self._set_marks(marks)
        await undo.finish()

    def _explicit(self, marks: dict[str, Marks]) -> list[Write]:
        """Say in rows which leaves are explicit defaults now, and which are not any more."""
        writes: list[Write] = []
        for name, now in marks.items():
            cube = self._polycube.cubes[name]
            writes += [DropExplicit(cube.id, path) for path in cube.explicit - now]
            writes += [PutExplicit(cube.id, path) for path in now - cube.explicit]
        return writes

    def _set_marks(self, marks: dict[str, Marks]) -> None:
        for name, now in marks.items():
            self._polycube.cubes[name].explicit = now

    async def _commit(self, undo: Undo) -> None:
        records, touched = [*self._records, *undo.records], [*self._touched, *undo.touched]
        marks = self._marks(undo)
        waited = len(self._records), len(self._touched)
        named = {one.cube for one in records} | {one.cube.name for one in touched}
        cubes = [cube for cube in self._polycube.cubes.values() if cube.name in named]
        if self.journal is not None and not self.restoring:
            writes = await self._writes(touched, cubes, undo.netdevs)
            writes += map(DropCube, undo.forgotten)
            writes += self._explicit(marks)
            began = time.perf_counter()
            await asyncio.to_thread(self.journal.write, self.number + 1, writes)
            self._polycube.meters.journal.observe(time.perf_counter() - began)
            for cube in cubes:
                cube.dataplane.layouts.saved(one.id for one in cube.dataplane.maps.values())
        undo.settle()
        if self.restoring:
            await undo.finish()
            return
        del self._records[: waited[0]], self._touched[: waited[1]]
        self.number += 1
        for cube in cubes:
            cube.version += 1
        self._set_marks(marks)
        self._tell(Committed(self.number, time.time(), tuple(records)))
        await undo.finish()

    async def _writes(
        self, touched: list[Touch], cubes: list[Cube], netdevs: Iterable[str]
    ) -> list[Write]:
        """Say in rows what was touched, each row once, as it is now."""
        writes: list[Write] = []
        known: dict[tuple[int, str], int] = {}
        for touch in touched:
            cube, row = touch.cube, (touch.cube.id, touch.path)
            if touch.gone:
                writes.append(DropNode(*row) if touch.path else DropCube(cube.id))
                known.clear()
            elif self._polycube.cubes.get(cube.name) is cube:
                put = await self._row(touch) or DropNode(*row)
                if row in known:
                    writes[known[row]] = put
                else:
                    known[row] = len(writes)
                    writes.append(put)
        writes += [
            PutCube(cube.id, cube.name, cube.service.name, cube.uuid, cube.version + 1)
            for cube in cubes
        ]
        for cube in cubes:
            new = cube.dataplane.layouts.unsaved(cube.dataplane.maps.values())
            writes += [PutLayout(cube.id, number, as_json(one)) for number, one in new.items()]
        return writes + [self._chain(one) for one in netdevs]

    def _chain(self, netdev: str) -> PutChain:
        use = self._polycube.wiring.netdevs.get(netdev)
        names = self._polycube.wiring.left.names(netdev, use.chain if use else ())
        return PutChain(netdev, tuple(names))

    async def _row(self, touch: Touch) -> PutNode | None:
        value = touch.value
        if value is None:
            place = touch.place or Place(touch.cube.service, touch.cube.name)
            value = await self._polycube.tree(touch.cube).own(place)
            if value is None:
                return None  # it has gone meanwhile
            if place.is_entry and isinstance(place.node, List) and place.node.base:
                port = touch.cube.ports[place.key[0]]
                end = End(touch.cube, port)
                if names := self._polycube.wiring.left.names(end.text, port.chain):
                    value = {**value, "tcubes": names}
                return PutNode(touch.cube.id, touch.path, value, port.index, port.uuid)
        return PutNode(touch.cube.id, touch.path, value)

    def _tell(self, committed: Committed) -> None:
        for observer in list(self.observers):
            try:
                observer(committed)
            except Exception:  # noqa: BLE001 (the change is made; who watches cannot undo it)
                _log.exception("an observer of changes failed")
