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
from polycube_runtime.bpf.spec import MapSpec, ObjectSpec, Scope
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
OWN = ("pcn_ports", "pcn_next", "pcn_cube", "pcn_netdevs")
"""Maps of pcn/maps.h that a cube has even where its program does not name them."""


class MapSet:
    """Gives programs their maps, from those that run or new ones, and notes it in `loaded`."""

    def __init__(
        self,
        kernel: Kernel,
        publics: Publics,
        layouts: Layouts,
        running: Loaded,
        loaded: Loaded,
        *,
        renew: bool,
    ) -> None:
        """Put together the maps of `loaded`; with `renew` it gets program arrays of its own."""
        self._kernel = kernel
        self._publics = publics
        self._layouts = layouts
        self._running = running
        self._loaded = loaded
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
        for named, spec in compiled.maps.items():
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
        twin = named in _TWINS and name.startswith(TWIN)
        key = f"{named}_tc" if twin else named
        there = self._loaded.maps.get(key)
        if there is not None and there.spec.compatible(spec):
            return there
        if there is not None:
            key = f"{key}@{name}"
        running = None if named in PROGRAM_ARRAYS and self._renew else self._running.maps.get(key)
        if running is not None and self._layouts.fits(named, running, spec):
            self._loaded.maps[key] = running
            return running
        made = self._loaded.maps[key] = self._kernel.create_map(spec)
        self._loaded.fresh.append(made)
        self._layouts.note(named, made)
        if running is not None and self._layouts.carry(named, running, made):
            self._loaded.carried.add(key)
        return made
