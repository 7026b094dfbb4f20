"""Which map a program means by a name.

- the runtime's own of `SHARED`: the daemon's, one for all cubes
- `BPF_TABLE_PUBLIC`: one of that name for all cubes (`publics`)
- all others, `BPF_TABLE_SHARED` or not: one of that name for the programs of a cube, as long as
  they agree on its layout; one that does not has its own
- `BPF_TABLE("extern", …)`: what another program of the cube, or else another cube, declares

A new program takes over the maps of the one it replaces, contents and all.
"""

from __future__ import annotations

from typing import TYPE_CHECKING

from polycube_runtime.bpf.errors import CompileError
from polycube_runtime.bpf.spec import MapKind, MapSpec, ObjectSpec, Scope
from polycube_runtime.core.loading.innermaps import InnerMaps
from polycube_runtime.core.loading.programs import TWIN
from polycube_runtime.core.loading.publics import describe
from polycube_runtime.core.loading.system import SHARED

if TYPE_CHECKING:
    from polycube_runtime.bpf.kernel import Kernel, Map
    from polycube_runtime.core.durable.migration import Layouts
    from polycube_runtime.core.loading.loaded import Loaded
    from polycube_runtime.core.loading.publics import Publics

PROGRAM_ARRAYS = ("pcn_ingress", "pcn_egress")
"""What programs of a cube call each other by."""
_TWINS = ("pcn_next", *PROGRAM_ARRAYS)
"""What the TC variant of an XDP cube's egress program has of its own: a prog array holds programs
of one sort."""
TWIN_MAP = "pcn_next_tc"
OWN = ("pcn_ports", "pcn_next", "pcn_cube", "pcn_netdevs", "pcn_missed")
"""Maps of pcn/maps.h, or of maps.h, that a cube has even where its program does not name them."""


class MapSet:
    """Gives programs their maps, from those that run or new ones, and notes it in `loaded`."""

    def __init__(
        self,
        kernel: Kernel,
        publics: Publics,
        layouts: Layouts,
        running: Loaded,
        loaded: Loaded,
        folder: str,
        *,
        renew: bool,
    ) -> None:
        """Put together the maps of `loaded`; with `renew` it gets program arrays of its own.

        In `folder` are the pins of inner maps.
        """
        self._kernel = kernel
        self._publics = publics
        self._layouts = layouts
        self._running = running
        self._loaded = loaded
        self._folder = folder
        self._renew = renew

    def keep(self, name: str) -> None:
        """Have program `name` of those that run keep its maps."""
        view = self._loaded.views[name] = self._running.views[name]
        used = {id(map_) for map_ in view.values()}
        for key, map_ in self._running.maps.items():
            if id(map_) in used:
                self._loaded.maps[key] = map_
        for public, lease in self._running.leases.items():
            if id(lease.map) in used:
                self._loaded.leases[public] = lease

    def declare(self, name: str, compiled: ObjectSpec) -> None:
        """Give a new program the maps that it declares."""
        view = self._loaded.views[name] = {}
        used = {ref.map for one in compiled.programs.values() for ref in one.maps}
        for named, spec in sorted(compiled.maps.items(), key=lambda one: bool(one[1].inner)):
            internal = named.startswith("pcn_") and named not in OWN
            if spec.scope is Scope.EXTERN or named in SHARED:
                continue
            if internal and not (named in PROGRAM_ARRAYS and named in used):
                continue
            if spec.scope is Scope.PUBLIC:
                view[named] = self._public(named, spec)
            else:
                view[named] = self._own(name, named, spec)

    def resolve(self, name: str, compiled: ObjectSpec) -> None:
        """Give a new program what it declares extern, once all others have theirs."""
        for named, spec in compiled.maps.items():
            if spec.scope is not Scope.EXTERN:
                continue
            found = self._loaded.maps.get(named)
            if found is None:
                found = self._public_of_others(named)
            if found is None:
                message = (
                    f"table {named} is extern in program {name}, but no other program of the cube"
                    " declares it, and no cube has a BPF_TABLE_PUBLIC of that name"
                )
                raise CompileError(message)
            there, here = found.spec, spec
            if (there.key_size, there.value_size) != (here.key_size, here.value_size):
                message = (
                    f"table {named} is extern in program {name} with {here.key_size} bytes to"
                    f" {here.value_size}; it is declared as {describe(there)}"
                )
                raise CompileError(message)
            self._loaded.views[name][named] = found

    def _public_of_others(self, named: str) -> Map | None:
        """Share in a table of another cube, so that it stays while this one uses it."""
        found = self._publics.find(named)
        return None if found is None else self._public(named, found.spec)

    def _public(self, named: str, spec: MapSpec) -> Map:
        lease = self._loaded.leases.get(named) or self._running.leases.get(named)
        if lease is None or not lease.map.spec.compatible(spec):
            lease = self._publics.take(named, spec)
            self._loaded.fresh.append(lease)
        self._loaded.leases[named] = lease
        return lease.map

    def _own(self, name: str, named: str, spec: MapSpec) -> Map:
        of_programs = named in _TWINS or spec.kind is MapKind.PROG_ARRAY
        twin = of_programs and name.startswith(TWIN)
        key = f"{named}_tc" if twin else named
        there = self._loaded.maps.get(key)
        if there is not None and there.spec.compatible(spec):
            return there
        if there is not None:
            key = f"{key}@{name}"
        calls = named in PROGRAM_ARRAYS or self._layouts.has_programs(named)
        running = None if calls and self._renew else self._running.maps.get(key)
        inner = self._inner(name, spec)
        fits = running is not None and self._layouts.fits(named, running, spec)
        if running is not None and fits and inner is self._running.maps.get(spec.inner):
            self._loaded.maps[key] = running
            return running
        made = self._loaded.maps[key] = self._kernel.create_map(spec, inner)
        self._loaded.fresh.append(made)
        self._layouts.note(named, made)
        if inner is not None:
            self._carry(spec.inner, InnerMaps(self._kernel, made, inner, self._folder))
        elif not self._layouts.is_inner(named):
            self._carry(key, made)
        return made

    def _carry(self, key: str, made: Map) -> None:
        """Fill a new map, or new inner maps, with what runs under the name of the table."""
        running = self._running.maps.get(key)
        calls = key in PROGRAM_ARRAYS or made.spec.kind is MapKind.PROG_ARRAY
        if running is None or (calls and self._renew):
            return
        outer = self._running.maps.get(self._layouts.outer_of(running))
        if outer is not None:
            running = InnerMaps(self._kernel, outer, running, self._folder)
        if self._layouts.carry(key.partition("@")[0], running, made):
            self._loaded.carried.add(key)

    def _inner(self, name: str, spec: MapSpec) -> Map | None:
        """Return the map that those in a map of maps are like, if `spec` is of one."""
        inner = self._loaded.views[name].get(spec.inner) if spec.inner else None
        if inner is None and spec.kind.holds_maps:
            message = (
                f"table {spec.name} in program {name} holds maps: declare it with"
                " PCN_HASH_OF_MAPS or PCN_ARRAY_OF_MAPS, behind the table that they are like"
            )
            raise CompileError(message)
        return inner
