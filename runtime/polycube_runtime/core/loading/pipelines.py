"""Changing the programs of a running cube: one of them, or all.

Compiled before the transaction is entered, verified in it, swapped in at once. What fails leaves
the old ones running, and so does a transaction that is rolled back.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from polycube_runtime.core.cube import LEVELS, declared
from polycube_runtime.core.durable.transaction import note_cube
from polycube_runtime.core.loading.dataplane import ARRAYS
from polycube_runtime.core.loading.programs import MAX_PROGRAMS, Place, place
from polycube_runtime.core.model.programtable import check_unused
from polycube_runtime.core.port import End
from polycube_runtime.core.shadow.spanning import check_span
from polycube_runtime.support.errors import DataExists, DataMissing, OperationFailed
from polycube_runtime.support.schema import Service

if TYPE_CHECKING:
    from collections.abc import Callable, Collection

    from polycube_runtime.bpf.compiler import Compiler
    from polycube_runtime.core.cube import Codes, Cube
    from polycube_runtime.core.durable.undo import Undo
    from polycube_runtime.core.loading.loaded import Loaded
    from polycube_runtime.core.model.place import Place as DataPlace
    from polycube_runtime.core.network.paths import NetdevUse
    from polycube_runtime.core.polycube import Polycube


class Pipelines:
    """Swaps programs in and out of cubes."""

    def __init__(self, polycube: Polycube, compiler: Compiler) -> None:
        """Act on the cubes of `polycube`."""
        self._polycube = polycube
        self._compiler = compiler

    async def warm(self, cube: Cube, place: DataPlace, value: Any) -> None:
        """Compile what a write of `value` at `place` in a running cube will need.

        That is something for the cube itself, its `loglevel` and its `span`; of anything else
        nothing is compiled.

        Raises:
            InvalidValue: the cube cannot have `span`.

        """
        wanted = value if isinstance(place.node, Service) else {place.schema_path: value}
        level, span = wanted.get("loglevel", cube.loglevel), wanted.get("span", cube.span)
        if level != cube.loglevel:
            await self._warm(cube, cube.codes, level)
        if span != cube.span:  # written after the level, and by itself
            _check_span(cube, span)
            await self._warm(cube, cube.codes, level, span=span)

    async def set_loglevel(self, cube: Cube, level: str) -> None:
        """Swap in programs that log from `level` on, and log the control plane likewise."""
        if level != cube.loglevel:
            await self._swap(cube, level, cube.codes)
            cube.loglevel = level
            cube.log.setLevel(LEVELS[level])

    async def set_span(self, cube: Cube, span: bool, undo: Undo) -> None:  # noqa: FBT001 (the leaf)
        """Swap in programs that copy what comes in into the namespace, or those that do not."""
        if span == cube.span:
            return
        _check_span(cube, span)
        await self._span(cube, span)
        undo.push(partial(self._span, cube, not span))
        note_cube(undo, cube, "span", not span, span)

    async def _span(self, cube: Cube, span: bool) -> None:  # noqa: FBT001 (likewise)
        before, cube.span = cube.span, span
        try:
            await self._swap(cube, cube.loglevel, cube.codes)
        except BaseException:
            cube.span = before
            raise

    async def reload(self, cube: Cube, *, dry_run: bool = False) -> None:
        """Compile all programs of a cube again; those in files are read again.

        With `dry_run` that is all; what runs stays.
        """
        await self._warm(cube, cube.codes)
        if dry_run:
            return
        async with self._polycube.change():
            self._polycube.require(cube)
            await self._swap(cube, cube.loglevel, cube.codes)

    async def put(self, cube: Cube, code: str | None, index: int, direction: str) -> None:
        """Replace one program; by the service's own file if `code` is None."""
        where = place(direction, index)

        def edit() -> tuple[Codes, Place]:
            if where.name not in cube.dataplane.programs:
                message = f"there is no {direction} program {index}"
                raise DataMissing(message, cube.path)
            codes = {name: text for name, text in cube.codes.items() if name != where.name}
            if code is None and where.name not in declared(cube.service_class):
                message = f"the service has no file for {direction} program {index}"
                raise OperationFailed(message, cube.path)
            return codes if code is None else {**codes, where.name: code}, where

        await self._change(cube, edit)

    async def add(self, cube: Cube, code: str, index: int | None, direction: str) -> int:
        """Add a program; returns its index, the lowest free one if `index` is None."""
        place(direction, index or 0)
        chosen = index

        def edit() -> tuple[Codes, Place]:
            nonlocal chosen
            there = cube.dataplane.programs
            free = [n for n in range(MAX_PROGRAMS) if Place(direction, n).name not in there]
            if not free:
                message = f"there are {MAX_PROGRAMS} {direction} programs, as many as can be"
                raise OperationFailed(message, cube.path)
            chosen = free[0] if index is None else index
            if chosen not in free:
                message = f"there is {direction} program {chosen} already; reload replaces it"
                raise DataExists(message, cube.path)
            where = Place(direction, chosen)
            return {**cube.codes, where.name: code}, where

        await self._change(cube, edit)
        assert chosen is not None  # noqa: S101 (edit chose it)
        return chosen

    async def remove(self, cube: Cube, index: int, direction: str) -> None:
        """Take a program away; what calls it drops the packet."""
        where = place(direction, index)
        if where.name == "ingress":
            message = "ingress program 0 is where packets enter; it can only be replaced"
            raise OperationFailed(message, cube.path)

        def edit() -> tuple[Codes, Place]:
            if where.name not in cube.dataplane.programs:
                message = f"there is no {direction} program {index}"
                raise DataMissing(message, cube.path)
            check_unused(cube, where.name)
            return {**cube.codes, where.name: None}, where

        await self._change(cube, edit)

    async def _change(self, cube: Cube, edit: Callable[[], tuple[Codes, Place]]) -> None:
        """Change programs as `edit` says, in the transaction of the hook that asks for it, if any.

        `edit` computes what the cube's programs are to be, and which of them that changes.
        """
        if self._polycube.inside() is None:
            await self._warm(cube, edit()[0])
            async with self._polycube.change():
                self._polycube.require(cube)
                await self._apply(cube, *edit())
        else:
            await self._apply(cube, *edit())

    async def _warm(
        self, cube: Cube, codes: Codes, level: str | None = None, *, span: bool | None = None
    ) -> None:
        """Compile what a change needs: the transaction must not wait for clang."""
        for source in cube.sources(level or cube.loglevel, codes, span=span).values():
            await self._compiler.compile(source)

    async def _apply(self, cube: Cube, codes: Codes, where: Place) -> None:
        before = cube.codes
        await self._swap(cube, cube.loglevel, codes, {where.name, where.at_tc.name})
        undo = self._polycube.inside()
        if undo is not None:
            undo.push(partial(self._swap, cube, cube.loglevel, before))

    async def _swap(
        self, cube: Cube, level: str, codes: Codes, changed: Collection[str] | None = None
    ) -> None:
        loaded = await cube.dataplane.load(cube.sources(level, codes), changed)
        replaced = cube.dataplane.replaced_by(loaded)
        try:
            await self._polycube.commits.keep_layouts(cube, loaded)
            await self._run(cube, loaded)
        except BaseException:
            await self._run(cube, replaced)
            cube.dataplane.discard(loaded)
            raise
        cube.codes = codes
        if any(
            replaced.maps[name] in replaced.fresh for name in ARRAYS.keys() & replaced.maps.keys()
        ):
            # A packet may be in the old programs, and they call each other by this.
            self._polycube.grace.after(lambda: cube.dataplane.discard(replaced))
        else:
            cube.dataplane.discard(replaced)

    async def _run(self, cube: Cube, loaded: Loaded) -> None:
        """Point every slot that leads to `cube` at the programs in `loaded`.

        Each is one atomic write; until the last, packets from different neighbours may meet the old
        programs or the new ones, but each packet meets one of them, whole.
        """
        cube.dataplane.commit(loaded)
        cube.bind_tables()
        self._polycube.emitted.again(cube)
        await self._polycube.wiring.settle(*self._places(cube))
        await self._polycube.system.enter(cube.id, cube.hook, cube.dataplane.programs)

    def _places(self, cube: Cube) -> list[End | NetdevUse]:
        """Return the ports and the netdev whose ways lead through a cube."""
        if cube.parent and ":" in cube.parent:
            return [self._polycube.peers.find(cube.parent)]
        if cube.parent:
            return [self._polycube.wiring.netdevs[cube.parent]]
        return [End(cube, port) for port in cube.ports.values()]


def _check_span(cube: Cube, span: bool) -> None:  # noqa: FBT001 (the leaf)
    check_span({"span": span, "shadow": cube.shadow, "type": cube.type}, f"{cube.path}/span")
