"""A cube's half in the kernel: its maps and its programs.

Of the maps that a program names, those in `SHARED` are the daemon's, one for all cubes; all others
are the cube's own. Programs of one cube share maps by name. A new program takes over the maps of
the one it replaces, contents and all.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from polycube_runtime.bpf.errors import KernelRefused, VerifierError
from polycube_runtime.bpf.source import ENTRY, FLOOD, Source
from polycube_runtime.bpf.spec import MapKind, MapSpec, ObjectSpec, ProgramSpec
from polycube_runtime.core.port import MAX_PORTS
from polycube_runtime.core.system import SHARED, System

if TYPE_CHECKING:
    from collections.abc import Mapping

    from polycube_runtime.bpf.compiler import Compiler
    from polycube_runtime.bpf.kernel import Kernel, Map, Program

_log = logging.getLogger(__name__)

ENTRY_MAP = MapSpec("pcn_entry", MapKind.PROG_ARRAY, 4, 4, 1)
"""Slot 0 is the program that packets from netdevs enter by."""
OWN = ("pcn_ports", "pcn_next", "pcn_cube", "pcn_netdevs")
"""Maps of pcn/maps.h that a cube has even where its program does not name them."""


@dataclass(eq=False)
class Loaded:
    """Programs by direction and the maps they use, verified but not yet reachable by packets."""

    programs: dict[str, Program] = field(default_factory=dict)
    maps: dict[str, Map] = field(default_factory=dict)
    fresh: list[Map] = field(default_factory=list)

    def discard(self) -> None:
        """Let go of the programs and of the maps that were made for them."""
        _close(*self.programs.values(), *self.fresh)


class DataPlane:
    """What a cube has in the kernel; `entry` is where its netdevs' packets enter."""

    def __init__(
        self, kernel: Kernel, system: System, compiler: Compiler, cube_id: int, pins: str
    ) -> None:
        """Load nothing yet. `pins` is the cube's folder in bpffs."""
        self._kernel = kernel
        self._system = system
        self._compiler = compiler
        self._cube_id = cube_id
        self._pins = pins
        self.maps: dict[str, Map] = {}
        self.programs: dict[str, Program] = {}
        self._pinned: dict[str, Map | Program] = {}
        self.entry = kernel.create_map(ENTRY_MAP)

    async def load(self, sources: Mapping[str, Source]) -> Loaded:
        """Compile and verify programs beside the running ones, whose maps they take over.

        Raises:
            CompileError, VerifierError, KernelRefused: nothing has changed.

        """
        loaded = Loaded()
        try:
            for direction, source in sources.items():
                compiled = await self._compiler.compile(source)
                self._provide_maps(compiled, loaded)
                for function in source.functions:
                    name = direction if function == ENTRY else f"{direction}_{function}"
                    program = compiled.programs[function]
                    loaded.programs[name] = await self._verify(program, source, compiled, loaded)
        except BaseException:
            loaded.discard()
            raise
        return loaded

    def commit(self, loaded: Loaded) -> None:
        """Make `loaded` the running data plane: netdevs' packets enter the new program from now on.

        The caller points other cubes at it (`Wiring.entry_changed`), then discards what this
        replaced; or commits that again, if anything failed.
        """
        self.maps, self.programs = loaded.maps, loaded.programs
        stale = self._pin()
        flood = loaded.programs.get(f"ingress_{FLOOD}")
        if flood is not None:
            self.maps["pcn_next"].set_program(MAX_PORTS, flood)
        # One atomic slot write: a packet runs the old program or the new one, never half of each.
        self.entry.set_program(0, loaded.programs["ingress"])
        for path in stale:
            self._kernel.unpin(path)
            del self._pinned[path]

    def _pin(self) -> list[str]:
        """Pin what is not pinned yet; returns the pins that are of use no longer.

        The kernel empties a prog array when its last pin or descriptor goes, whatever programs
        still use it. So what stays keeps its pin all the while: the daemon can be killed anywhere
        in here, and packets flow on.
        """
        wanted: dict[str, Map | Program] = {
            f"{self._pins}/maps/{ENTRY_MAP.name}": self.entry,
            **{f"{self._pins}/maps/{name}": map_ for name, map_ in self.maps.items()},
            **{f"{self._pins}/programs/{name}": one for name, one in self.programs.items()},
        }
        for path, thing in wanted.items():
            if self._pinned.get(path) is not thing:
                self._kernel.pin(thing, path)
                self._pinned[path] = thing
        return [path for path in self._pinned if path not in wanted]

    def replaced_by(self, loaded: Loaded) -> Loaded:
        """Return what runs now; `loaded` goes on with those of its maps that are not `fresh`."""
        kept = {id(map_) for map_ in loaded.maps.values()}
        fresh = [map_ for map_ in self.maps.values() if id(map_) not in kept]
        return Loaded(dict(self.programs), dict(self.maps), fresh)

    def close(self) -> None:
        """Take everything out of the kernel."""
        self._kernel.unpin(self._pins)
        _close(*self.programs.values(), *self.maps.values(), self.entry)
        self.programs, self.maps, self._pinned = {}, {}, {}

    def _provide_maps(self, compiled: ObjectSpec, loaded: Loaded) -> None:
        for name, spec in compiled.maps.items():
            if name in SHARED or name in loaded.maps:
                continue
            if name.startswith("pcn_") and name not in OWN:
                continue
            running = self.maps.get(name)
            if running is not None and running.spec.compatible(spec):
                loaded.maps[name] = running
                continue
            if running is not None:
                _log.warning("map %s has a new layout: its contents are not carried over", name)
            loaded.maps[name] = self._kernel.create_map(spec)
            loaded.fresh.append(loaded.maps[name])

    async def _verify(
        self, program: ProgramSpec, source: Source, compiled: ObjectSpec, loaded: Loaded
    ) -> Program:
        maps = {**loaded.maps, **self._system.shared(compiled)}
        try:
            return await self._kernel.load(program, maps, {"cube_id": self._cube_id})
        except VerifierError as error:
            raise await self._compiler.explain(source, error) from error
        except KeyError as error:
            message = f"the program uses map {error}, which no cube has"
            raise KernelRefused(message) from error


def _close(*things: Map | Program) -> None:
    for thing in things:
        thing.close()
