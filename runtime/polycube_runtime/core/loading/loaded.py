"""What a cube has in the kernel at one time: programs, and the maps they use."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from polycube_runtime.bpf.source import ENTRY

if TYPE_CHECKING:
    from polycube_runtime.bpf.kernel import Map, Program
    from polycube_runtime.core.loading.publics import Lease


@dataclass(eq=False)
class Loaded:
    """Programs, verified, and their maps; whether packets reach them, others decide."""

    units: dict[str, dict[str, Program]] = field(default_factory=dict)
    """By program name (`core.loading.programs`), what its source compiled to, by C function."""
    emit: Program | None = None
    """Lets packets from the control plane out of the cube."""
    maps: dict[str, Map] = field(default_factory=dict)
    """The cube's own."""
    views: dict[str, dict[str, Map]] = field(default_factory=dict)
    """By program name, the maps by the names that its C has for them."""
    leases: dict[str, Lease] = field(default_factory=dict)
    """Shares in public tables."""
    carried: set[str] = field(default_factory=set)
    """Names of new maps that took over what older ones of another layout held."""
    fresh: list[Map | Program | Lease] = field(default_factory=list)
    """What ends with this, because nothing else uses it."""

    @property
    def programs(self) -> dict[str, Program]:
        """All programs by name, `ingress`, `ingress_pcn_flood`, `emit` and so on."""
        named = {
            name if function == ENTRY else f"{name}_{function}": program
            for name, unit in self.units.items()
            for function, program in unit.items()
        }
        return {**named, "emit": self.emit} if self.emit is not None else named

    @property
    def things(self) -> list[Map | Program | Lease]:
        """All that is closed when this ends."""
        return [*self.programs.values(), *self.maps.values(), *self.leases.values()]

    def less(self, other: Loaded) -> Loaded:
        """Return the same, of which only what `other` does not use is `fresh`."""
        used = {id(thing) for thing in other.things}
        fresh = [thing for thing in self.things if id(thing) not in used]
        return Loaded(
            dict(self.units),
            self.emit,
            dict(self.maps),
            dict(self.views),
            dict(self.leases),
            fresh=fresh,
        )

    def discard(self) -> None:
        """Let go of what was made for this alone."""
        for thing in self.fresh:
            thing.close()
        self.fresh.clear()
