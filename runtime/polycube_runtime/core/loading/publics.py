"""Tables that all cubes of the daemon share: `BPF_TABLE_PUBLIC` in their C.

One is made for the first cube whose program declares it, and goes with the last.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from polycube_runtime.core.durable.conversion import CannotCarryError
from polycube_runtime.core.durable.migration import carry
from polycube_runtime.support.errors import OperationFailed

if TYPE_CHECKING:
    from polycube_runtime.bpf.kernel import Kernel, Map
    from polycube_runtime.bpf.spec import MapSpec

_log = logging.getLogger(__name__)


@dataclass(eq=False)
class Lease:
    """A cube's share in a public table."""

    name: str
    map: Map
    _publics: Publics

    def close(self) -> None:
        """Give it back; the last one out closes the table."""
        self._publics.give_back(self)


@dataclass(eq=False)
class Publics:
    """The public tables by name; `pins` is their folder in bpffs."""

    kernel: Kernel
    pins: str
    _leases: dict[str, list[Lease]] = field(default_factory=dict)

    def take(self, name: str, spec: MapSpec) -> Lease:
        """Return a share in a table, which is made if there is none of that name.

        Raises:
            OperationFailed: there is one, of another layout.

        """
        leases = self._leases.setdefault(name, [])
        if leases:
            map_ = leases[0].map
            if not map_.spec.compatible(spec):
                message = (
                    f"table {name} is public, and another cube has it as {describe(map_.spec)},"
                    f" not as {describe(spec)}"
                )
                raise OperationFailed(message)
        else:
            map_ = self._made(name, spec)
        leases.append(Lease(name, map_, self))
        return leases[-1]

    def _made(self, name: str, spec: MapSpec) -> Map:
        """Make a table, or go on with that of an earlier daemon, contents and all."""
        pin = f"{self.pins}/{name}"
        adopted = self.kernel.adopt_map(spec, pin)
        if adopted is not None:
            return adopted
        map_ = self.kernel.create_map(spec)
        try:
            self._carry(name, map_)
            self.kernel.pin(map_, pin)
        except BaseException:
            map_.close()
            raise
        return map_

    def _carry(self, name: str, new: Map) -> None:
        """Take over what an earlier daemon's table holds, if only its size is another one."""
        old = self.kernel.adopt_map(None, f"{self.pins}/{name}")
        if old is None:
            return
        try:
            kept, left = carry(None, old, None, new, {})
        except CannotCarryError as error:
            _log.warning("public table %s is not carried over: %s; it is empty", name, error)
        else:
            _log.info("public table %s: %d entries carried over, %d not", name, kept, left)
        finally:
            old.close()

    def cleanse(self) -> None:
        """Let go of an earlier daemon's tables that no cube uses any more."""
        for name in self.kernel.pinned(self.pins):
            if not self._leases.get(name):
                self.kernel.unpin(f"{self.pins}/{name}")

    def find(self, name: str) -> Map | None:
        """Return the table of that name, if some cube declares it."""
        leases = self._leases.get(name)
        return leases[0].map if leases else None

    def give_back(self, lease: Lease) -> None:
        """See `Lease.close`; a second time is no error."""
        leases = self._leases.get(lease.name, [])
        if lease not in leases:
            return
        leases.remove(lease)
        if not leases:
            self.kernel.unpin(f"{self.pins}/{lease.name}")
            lease.map.close()


def describe(spec: MapSpec) -> str:
    """Say a table's layout in words."""
    kind = spec.kind.name.lower()
    return f"{kind} of {spec.entries} entries, {spec.key_size} bytes to {spec.value_size}"
