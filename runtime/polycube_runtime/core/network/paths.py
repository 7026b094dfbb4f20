"""The ways that packets take, computed from what is connected and attached; no kernel in here.

A way is a row of stages, each a program that leaves by one of its cube's slots, and a last hop. A
port of a standard cube has two:

    out   the cube's egress program, if it has one; the port's chain outwards; then what the peer
          has in front of it: a port's chain inwards, or (XDP) a netdev's chain outwards
    in    from the peer: the end of its way out. A port without a peer has its chain inwards still,
          for packets that the control plane sends

and so has a netdev that has a chain, or a port beyond it: from the wire through the chain, to the
port or the host's stack; from the stack through the chain, to the wire.
"""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple

from polycube_runtime.bpf.spec import Hook
from polycube_runtime.core.port import MAX_PORTS, End

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from polycube_runtime.bpf.kernel import Netdev, Program
    from polycube_runtime.core.cube import Cube

INGRESS, EGRESS, TWIN = 0, MAX_PORTS, MAX_PORTS + 1
"""First slots of a cube's programs, as PCN_FIRST in pcn/entry.h.

The twin is the TC variant of an XDP cube's egress program, for what the host itself sends.
"""
NAMESPACE = 2 * MAX_PORTS
"""First of the slots that lead into a shadow's namespace, as PCN_NAMESPACE in pcn/base.h."""


class Hop(NamedTuple):
    """Where a slot leads: to a netdev at once, or to a program; nowhere if to neither.

    `port` is the index by which the packet will enter the standard cube at the end of the way.
    """

    program: Program | None = None
    ifindex: int = 0
    port: int = 0


NOWHERE = Hop()


class Stage(NamedTuple):
    """A program on the way, and the slot of its cube that it leaves by.

    `port` is the in-port that it sees, where it is not that of the end of the way.
    """

    cube: Cube
    slot: int
    program: Program
    port: int | None = None


class Write(NamedTuple):
    """What a slot is to hold."""

    cube: Cube
    slot: int
    hop: Hop


@dataclass(eq=False)
class NetdevUse:
    """What a netdev is to the cubes: the port whose peer it is, the chain on it, nearest first.

    `netdev` is None while there is none of that name.
    """

    name: str
    netdev: Netdev | None = None
    end: End | None = None
    chain: list[Cube] = field(default_factory=list)

    @property
    def path(self) -> str:
        """Who uses it, for error messages."""
        return self.end.path if self.end else self.chain[-1].path if self.chain else ""

    @property
    def type(self) -> str:
        """The type of the cubes that use it: `TC`, `XDP_SKB` or `XDP_DRV`; never mixed."""
        users = [*([self.end.cube] if self.end else []), *self.chain]
        return users[0].type if users else ""

    @property
    def hook(self) -> Hook:
        """The hook where its packets come in."""
        return Hook.TC if self.type == "TC" else Hook.XDP


def lay(stages: Iterable[Stage], last: Hop) -> tuple[Hop, list[Write]]:
    """Lead each stage to the next; returns the hop to the first, and the writes, far end first."""
    hop, writes = last, []
    for stage in reversed(list(stages)):
        writes.append(Write(stage.cube, stage.slot, hop))
        port = hop.port if stage.port is None else stage.port
        hop = Hop(stage.program, port=port)
    return hop, writes


def _passing(chain: Iterable[Cube], direction: str, slot: int) -> Iterator[Stage]:
    """Yield the stages of transparent cubes; one without a program for a direction has none."""
    for cube in chain:
        program = cube.dataplane.programs.get(direction)
        if program is not None:
            yield Stage(cube, slot, program)


class Ways:
    """Computes ways; `passes` are, by hook, programs that let every packet pass."""

    def __init__(
        self,
        cubes: Mapping[str, Cube],
        netdevs: Mapping[str, NetdevUse],
        passes: Mapping[Hook, Program],
    ) -> None:
        """Look at the cubes and netdevs as they are when asked."""
        self._cubes = cubes
        self._netdevs = netdevs
        self._passes = passes

    def far(self, end: End) -> End | None:
        """Return the port that a port is linked to: each names the other."""
        name, _, port = end.port.peer.partition(":")
        cube = self._cubes.get(name)
        if cube is None or port not in cube.ports or cube.hook is not end.cube.hook:
            return None
        far = End(cube, cube.ports[port])
        return far if far.port.peer == end.text else None

    def netdev(self, end: End) -> Netdev | None:
        """Return the netdev beyond a port, if it is there."""
        use = self._netdevs.get(end.port.peer)
        return use.netdev if use and use.end and use.end.port is end.port else None

    def into(self, end: End) -> tuple[list[Stage], Hop]:
        """Return the way through a port's chain into its cube."""
        stages = _passing(reversed(end.port.chain), "ingress", INGRESS)
        return list(stages), Hop(end.cube.dataplane.programs["ingress"], port=end.port.index)

    def out_of(self, end: End) -> tuple[Hop, list[Write]]:
        """Lay the way out of a port: what its slot is to hold, and what is beyond."""
        stages, index = [], end.port.index
        own = end.cube.dataplane.programs.get("egress")
        if own is not None:
            stages.append(Stage(end.cube, EGRESS + index, own, index))
        stages += _passing(end.port.chain, "egress", EGRESS)
        far, netdev, last = self.far(end), self.netdev(end), NOWHERE
        if far is not None:
            inwards, last = self.into(far)
            stages += inwards
        elif netdev is not None:
            last = Hop(ifindex=netdev.index)
            if end.cube.hook is Hook.XDP:  # at TC the netdev's own hook sees it
                chain = self._netdevs[end.port.peer].chain
                stages += _passing(reversed(chain), "egress", EGRESS)
        return lay(stages, last)

    def from_wire(self, use: NetdevUse) -> tuple[Hop, list[Write]]:
        """Lay the way of what a netdev receives."""
        stages = list(_passing(use.chain, "ingress", INGRESS))
        last = Hop(self._passes[use.hook])
        if use.end is not None:
            inwards, last = self.into(use.end)
            stages += inwards
        return lay(stages, last)

    def from_stack(self, use: NetdevUse) -> tuple[Hop, list[Write]]:
        """Lay the way of what a netdev is to send: of everything at TC, of the host's own at XDP.

        The first hop is nowhere if the chain has nothing to say to it.
        """
        name, slot = ("egress", EGRESS) if use.hook is Hook.TC else ("egress_tc", TWIN)
        stages = list(_passing(reversed(use.chain), name, slot))
        if not stages:
            return NOWHERE, []
        first, writes = lay(stages, Hop(self._passes[Hook.TC]))
        if use.hook is Hook.XDP and use.netdev is not None:  # for what the control plane sends
            outwards = _passing(reversed(use.chain), "egress", EGRESS)
            writes += lay(outwards, Hop(ifindex=use.netdev.index))[1]
        return first, writes
