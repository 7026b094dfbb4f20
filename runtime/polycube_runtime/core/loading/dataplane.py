"""A cube's half in the kernel: its maps and its programs.

A change is compiled and verified beside what runs, of which it takes over the maps (`mapset`). One
program more, less or another is one atomic write to a slot of the array that the others call it by.
When several change at once they get a new array, and packets enter the new pipeline or the old one,
whole.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, TypeGuard
from weakref import WeakKeyDictionary

from polycube_runtime.bpf import asm
from polycube_runtime.bpf.errors import KernelRefused, VerifierError
from polycube_runtime.bpf.source import FLOOD, Source
from polycube_runtime.bpf.spec import Hook, MapKind, MapSpec, ObjectSpec
from polycube_runtime.core.loading import innermaps
from polycube_runtime.core.loading.innermaps import InnerMaps
from polycube_runtime.core.loading.loaded import Loaded
from polycube_runtime.core.loading.mapset import MapSet
from polycube_runtime.core.loading.programs import MAX_PROGRAMS, TWIN, Place
from polycube_runtime.core.port import MAX_PORTS

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Mapping

    from polycube_runtime.bpf.compiler import Compiler
    from polycube_runtime.bpf.kernel import Kernel, Map, Program
    from polycube_runtime.core.durable.migration import Layouts
    from polycube_runtime.core.loading.publics import Lease
    from polycube_runtime.core.loading.system import System

FLOOD_SLOT = 3 * MAX_PORTS
"""PCN_FLOOD_SLOT of pcn/base.h."""
ARRAYS = {
    "pcn_ingress": "ingress",
    "pcn_egress": "egress",
    "pcn_ingress_tc": "",
    "pcn_egress_tc": TWIN,
}
"""The direction of the programs in each program array."""


class DataPlane:
    """What a cube has in the kernel.

    Among the programs is `emit`, which lets packets from the control plane out of the cube.
    """

    def __init__(
        self,
        kernel: Kernel,
        system: System,
        compiler: Compiler,
        cube_id: int,
        hook: Hook,
        pins: str,
        layouts: Layouts,
    ) -> None:
        """Load nothing yet. `pins` is the cube's folder in bpffs."""
        self.layouts = layouts
        self._kernel = kernel
        self._system = system
        self._compiler = compiler
        self._cube_id = cube_id
        self._hook = hook
        self._pins = pins
        self._running = Loaded()
        self._aside: set[int] = set()
        self._pinned: dict[str, Map | Program] = {}
        self._slots: WeakKeyDictionary[Map, dict[int, Program]] = WeakKeyDictionary()
        self._nothing: dict[Hook, Program] = {}

    @property
    def maps(self) -> dict[str, Map]:
        """The cube's own maps by name; `NAME@PROGRAM` where a program's layout is its own."""
        return self._running.maps

    @property
    def programs(self) -> dict[str, Program]:
        """The programs that run, by name (`core.loading.programs`)."""
        return self._running.programs

    async def load(
        self, sources: Mapping[str, Source], changed: Collection[str] | None = None
    ) -> Loaded:
        """Compile and verify programs beside the running ones, whose maps they take over.

        `sources` are all programs that the cube is to have. Those that are not in `changed` run
        already, and stay; without `changed` all are made anew.

        Raises:
            CompileError, VerifierError, KernelRefused: nothing has changed.

        """
        new = [name for name in sources if changed is None or name in changed]
        gone = self._running.units.keys() - sources.keys()
        loaded = Loaded()
        maps = MapSet(
            self._kernel,
            self._system.publics,
            self.layouts,
            self._running,
            loaded,
            f"{self._pins}/inner",
            renew=changed is None or len(new) + len(gone) > 1,
        )
        try:
            compiled = {name: await self._compiler.compile(sources[name]) for name in new}
            for name in sources:
                if name not in compiled:
                    maps.keep(name)
                    loaded.units[name] = self._running.units[name]
            for name, unit in compiled.items():
                maps.declare(name, unit)
            for name, unit in compiled.items():
                maps.resolve(name, unit)
            for name, unit in compiled.items():
                loaded.units[name] = await self._verify(name, sources[name], unit, loaded)
            await self._complete(loaded, renew=changed is None)
        except BaseException:
            try:
                self._forget_inner(loaded)
            finally:
                loaded.discard()
            raise
        return loaded

    async def _complete(self, loaded: Loaded, *, renew: bool) -> None:
        loaded.emit = self._running.emit
        if loaded.emit is None or renew:
            maps = {**loaded.maps, **self._system.maps(self._hook)}
            loaded.emit = await self._kernel.load(asm.emitter(self._hook), maps)
            loaded.fresh.append(loaded.emit)
        if not ARRAYS.keys().isdisjoint(loaded.maps):
            for hook in Hook:
                self._nothing[hook] = await self._system.verdict(hook, asm.DROP[hook])
            for name in ARRAYS.keys() & loaded.maps.keys():
                if loaded.maps[name] not in self._slots:  # new, so nobody can call by it yet
                    self._fill(name, loaded)

    def _fill(self, array: str, loaded: Loaded) -> None:
        """Point a program array at the programs; what stands where none is drops the packet."""
        direction, map_ = ARRAYS[array], loaded.maps[array]
        nothing = self._nothing[Hook.TC if array.endswith("_tc") else self._hook]
        known = self._slots.setdefault(map_, {})
        programs = loaded.programs
        for index in range(MAX_PROGRAMS):
            program = programs.get(Place(direction, index).name, nothing)
            if known.get(index) is not program:
                map_.set_program(index, program)
                known[index] = program

    def commit(self, loaded: Loaded) -> None:
        """Make `loaded` the cube's data plane.

        The caller points whoever leads to the cube at it (`Wiring.settle`), then discards what this
        replaced; or commits that again, if anything failed.
        """
        self._running = loaded
        stale = self._pin()
        floods = [unit[FLOOD] for unit in loaded.units.values() if FLOOD in unit]
        if floods:  # they are all the same
            self.maps["pcn_next"].set_program(FLOOD_SLOT, floods[0])
        for array in ARRAYS.keys() & loaded.maps.keys():
            self._fill(array, loaded)
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
            **{f"{self._pins}/maps/{name}": map_ for name, map_ in self.maps.items()},
            **{f"{self._pins}/programs/{name}": one for name, one in self.programs.items()},
        }
        stale = [path for path in self._pinned if path not in wanted]
        replaced = [path for path in wanted if self._pinned.get(path) is not wanted[path]]
        for path in (*stale, *replaced):
            former = self._pinned.get(path)
            if _is_program_array(former):  # packets are in programs that call by it
                self._kernel.pin(former, f"{self._pins}/former/{former.id}")
                self._aside.add(former.id)
        for path in replaced:
            self._kernel.pin(wanted[path], path)
            self._pinned[path] = wanted[path]
        self._take_down(wanted.values())
        return stale

    def _take_down(self, things: Iterable[Map | Program | Lease]) -> None:
        """Remove the second pins of those that have one."""
        for one in things:
            if _is_program_array(one) and one.id in self._aside:
                self._kernel.unpin(f"{self._pins}/former/{one.id}")
                self._aside.discard(one.id)

    def inherit(self) -> Loaded | None:
        """Begin with what an earlier daemon pinned: its maps, contents and all; None if nothing.

        Programs that are loaded from now on take them over. What is returned is to be discarded
        once no packet uses the earlier daemon's programs any more.
        """
        maps = self._kernel.adopt_maps(f"{self._pins}/maps")
        if not maps:
            return None
        self._running = Loaded(maps=maps)
        self._pinned = {f"{self._pins}/maps/{name}": map_ for name, map_ in maps.items()}
        return self._running

    def replaced_by(self, loaded: Loaded) -> Loaded:
        """Return what runs now, of which `loaded` goes on with some."""
        return self._running.less(loaded)

    def discard(self, replaced: Loaded) -> None:
        """Let go of what was replaced and no packet meets any more."""
        self._take_down(replaced.fresh)
        self._forget_inner(replaced)
        replaced.discard()

    def inner_maps(self, outer: str, like: str) -> InnerMaps:
        """Return the maps in one of the cube's maps of maps, as one map."""
        return InnerMaps(self._kernel, self.maps[outer], self.maps[like], f"{self._pins}/inner")

    def _forget_inner(self, loaded: Loaded) -> None:
        """Have inner maps end with those maps of maps that nothing else uses."""
        for one in loaded.fresh:
            if _is_map(one) and one.spec.kind.holds_maps:
                innermaps.unpin(self._kernel, one, f"{self._pins}/inner")

    def forget_former(self) -> None:
        """Let go of what earlier daemons' programs called each other by; they run no more."""
        self._kernel.unpin(f"{self._pins}/former")
        self._aside.clear()
        outers = [one for one in self.maps.values() if one.spec.kind.holds_maps]
        innermaps.tidy(self._kernel, outers, f"{self._pins}/inner")

    def unpin(self) -> None:
        """Have it end with this process, or with `close`."""
        self._kernel.unpin(self._pins)
        self._pinned = {}

    def release(self) -> None:
        """Let go of it; it goes on in the kernel."""
        self._pinned = {}
        self.close()

    def close(self) -> None:
        """Take everything out of the kernel."""
        if self._pinned:
            self.unpin()
        for thing in self._running.things:
            thing.close()
        self._running = Loaded()

    async def _verify(
        self, name: str, source: Source, compiled: ObjectSpec, loaded: Loaded
    ) -> dict[str, Program]:
        maps = {**loaded.views[name], **self._system.shared(compiled)}
        # Where the clock stands to the monotonic one, for pcn_get_time_epoch.
        epoch = time.time_ns() - time.monotonic_ns()
        constants = {"cube_id": self._cube_id, "epoch_base": epoch}
        unit: dict[str, Program] = {}
        try:
            for function in source.functions:
                program = await self._kernel.load(compiled.programs[function], maps, constants)
                unit[function] = program
                loaded.fresh.append(program)
        except VerifierError as error:
            raise await self._compiler.explain(source, error) from error
        except KeyError as error:
            message = f"the program uses map {error}, which no cube has"
            raise KernelRefused(message) from error
        return unit


def _is_map(thing: object) -> TypeGuard[Map]:
    return isinstance(getattr(thing, "spec", None), MapSpec)


def _is_program_array(thing: object) -> TypeGuard[Map]:
    return _is_map(thing) and thing.spec.kind is MapKind.PROG_ARRAY
