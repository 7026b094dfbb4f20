"""Chains of transparent cubes, on ports of standard cubes and on netdevs.

The cube at index 0 of a chain is the innermost: on a port the one next to the port's own cube, on a
netdev the one next to the wire. Attaching and detaching are lossless, see `core.network.wiring`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from polycube_runtime.bpf import asm
from polycube_runtime.bpf.errors import NetdevError
from polycube_runtime.core.durable.transaction import note_cube, note_port
from polycube_runtime.core.network.paths import NetdevUse
from polycube_runtime.core.port import End
from polycube_runtime.support.errors import DataExists, DataMissing, InvalidValue

if TYPE_CHECKING:
    from collections.abc import Mapping, Sequence

    from polycube_runtime.core.cube import Cube
    from polycube_runtime.core.durable.undo import Undo
    from polycube_runtime.core.loading.system import System
    from polycube_runtime.core.network.peers import Peers
    from polycube_runtime.core.network.wiring import Wiring

AUTO_ORDER = ("nat", "ddosmitigator")
"""Services whose place in a chain is known, innermost first (the original's)."""
POSITIONS = ("auto", "first", "last")
STACK = "stack"
"""What a netdev's chain leads to when no port is beyond it: the host's network stack."""


class Chains:
    """Attaches transparent cubes and detaches them."""

    def __init__(
        self, cubes: Mapping[str, Cube], peers: Peers, wiring: Wiring, system: System
    ) -> None:
        """Attach any of `cubes`."""
        self._cubes = cubes
        self._peers = peers
        self._wiring = wiring
        self._system = system

    async def attach(
        self,
        cube: Cube,
        where: str,
        undo: Undo,
        *,
        position: str = "auto",
        after: str = "",
        before: str = "",
    ) -> None:
        """Put a transparent cube into the chain at `where`: `cube:port`, or a netdev.

        `position` is one of `POSITIONS`; `after` and `before` name a cube that is there, or are
        empty.

        Raises:
            InvalidValue: there is no such port, the cube is not transparent, its place cannot be
                determined.
            DataExists: it is attached already.
            NetdevError: the types do not fit, or the netdev cannot be used.

        """
        _require_transparent(cube)
        if cube.parent:
            message = f"Cube {cube.name} is already attached to {cube.parent}; detach it first"
            raise DataExists(message, cube.path)
        target = await self._target(where, cube)
        chain = _chain(target)
        index = _index(chain, cube, position, after, before)
        await self._arrange(target, [*chain[:index], cube, *chain[index:]], undo)

    async def detach(self, cube: Cube, where: str, undo: Undo) -> None:
        """Take a transparent cube out of the chain at `where`; empty for wherever it is.

        Raises:
            InvalidValue: the cube is not transparent.
            DataMissing: it is not attached there.

        """
        _require_transparent(cube)
        if not cube.parent or where not in ("", cube.parent):
            state = f"it is attached to {cube.parent}" if cube.parent else "it is not attached"
            message = f"Cube {cube.name} cannot be detached from {where or 'anything'}: {state}"
            raise DataMissing(message, cube.path)
        target = self._find(cube.parent)
        await self._arrange(target, [one for one in _chain(target) if one is not cube], undo)

    async def want(self, name: str, names: Sequence[str]) -> None:
        """Note the chain that a netdev is to have, which is not there."""
        target = self._wiring.netdevs.get(name) or NetdevUse(name)
        await self._put(target, [self._named(one) for one in names])

    def on_netdevs(self) -> dict[str, list[Cube]]:
        """Return the chains on netdevs, nearest to the wire first."""
        return {name: list(use.chain) for name, use in self._wiring.netdevs.items() if use.chain}

    async def arrange(self, where: str, names: Sequence[str], undo: Undo) -> None:
        """Make the chain at `where` exactly these cubes, innermost first.

        Raises: as `attach`.

        """
        if [cube.name for cube in _chain(self._find(where))] == list(names):
            return  # its netdev may not be there
        cubes = [self._named(name) for name in names]
        target = self._find(where) if not cubes else await self._target(where, cubes[0])
        for cube in cubes:
            self._check_type(target, cube)
            if cube.parent and cube.parent != where:
                message = f"Cube {cube.name} is already attached to {cube.parent}; detach it first"
                raise DataExists(message, cube.path)
        if len(set(names)) < len(names):
            message = "names a cube twice; a cube can be in one place only"
            raise InvalidValue(message, where)
        await self._arrange(target, cubes, undo)

    async def _arrange(self, target: End | NetdevUse, cubes: Sequence[Cube], undo: Undo) -> None:
        former = list(_chain(target))
        self._wiring.left.changing(_text(target), undo)
        undo.push(lambda: self._put(target, former))
        await self._put(target, cubes)
        self._note(target, former, cubes, undo)

    def _note(
        self, target: End | NetdevUse, former: Sequence[Cube], cubes: Sequence[Cube], undo: Undo
    ) -> None:
        here = _text(target)
        for cube in former:
            if cube not in cubes:
                note_cube(undo, cube, "parent", here, None)
        for cube in cubes:
            if cube not in former:
                note_cube(undo, cube, "parent", None, here)
        if isinstance(target, NetdevUse):
            undo.netdevs[target.name] = None
        else:
            old, new = ([cube.name for cube in one] for one in (former, cubes))
            note_port(undo, target, "tcubes", old or None, new or None)

    async def _put(self, target: End | NetdevUse, cubes: Sequence[Cube]) -> None:
        gone = [cube for cube in _chain(target) if cube not in cubes]
        _chain(target)[:] = cubes
        for cube in gone:
            cube.parent = ""
            self._system.set_home(cube.id, 0)
            self._wiring.retire(cube)
        for cube in cubes:
            cube.parent = _text(target)
            if isinstance(target, NetdevUse) and target.netdev:
                self._system.set_home(cube.id, target.netdev.index)
        if isinstance(target, NetdevUse) and (cubes or target.end):
            self._wiring.netdevs[target.name] = target
        await self._wiring.settle(target)

    def come_home(self, use: NetdevUse) -> None:
        """Note that the netdev of a chain is there now."""
        for cube in use.chain:
            self._system.set_home(cube.id, use.netdev.index if use.netdev else 0)

    def forget(self, use: NetdevUse, undo: Undo) -> None:
        """Detach what was attached to a netdev that is gone."""
        former = list(use.chain)
        undo.push(lambda: self._put(use, former))
        self._note(use, former, (), undo)
        for cube in former:
            cube.parent = ""
            self._system.set_home(cube.id, 0)
            self._wiring.retire(cube)
        use.chain.clear()

    # Finding

    def _named(self, name: str) -> Cube:
        cube = self._cubes.get(name)
        if cube is None:
            message = f"No cube found named {name}"
            raise InvalidValue(message, f"/{name}")
        _require_transparent(cube)
        return cube

    async def _target(self, where: str, cube: Cube) -> End | NetdevUse:
        if ":" not in where:
            return await self._wiring.use(where, cube.type, cube.path)
        end = self._peers.find(where)
        self._check_type(end, cube)
        return end

    def _check_type(self, target: End | NetdevUse, cube: Cube) -> None:
        fits = (
            target.type in ("", cube.type)
            if isinstance(target, NetdevUse)
            else (target.cube.hook is cube.hook)
        )
        if not fits:
            kind = target.type if isinstance(target, NetdevUse) else target.cube.type
            message = (
                f"{_text(target)} ({kind}) and {cube.name} ({cube.type}) have incompatible types"
            )
            raise NetdevError(message, cube.path)

    def _find(self, where: str) -> End | NetdevUse:
        if ":" in where:
            return self._peers.find(where)
        return self._wiring.netdevs.get(where) or NetdevUse(where)

    # Showing

    def show(self, where: str) -> dict[str, Any]:
        """Describe the chain at `where` as the original does."""
        target = self._find(where)
        chain = [cube.name for cube in _chain(target)]
        if isinstance(target, End):
            inner, outer = where, target.port.peer or "nothing"
            ingress, egress = [*reversed(chain), inner], [*chain, outer]
        else:
            beyond = target.end.text if target.end else STACK
            ingress, egress = [*chain, beyond], [*reversed(chain), STACK]
        programs = [_programs(cube) for cube in _chain(target)]
        return {
            "name": where,
            "cubes, ingress_index, egress_index": programs,
            "ingress service chain": " ---> ".join(ingress),
            "egress service chain": " ---> ".join(egress),
        }


def _programs(cube: Cube) -> str:
    """Name a cube and the places of its two programs in the table of all cubes."""
    return f"{cube.name}, {cube.id}, {asm.EGRESS + cube.id}"


def _require_transparent(cube: Cube) -> None:
    if cube.service.kind != "transparent":
        message = f"Cube {cube.name} is not transparent"
        raise InvalidValue(message, cube.path)


def _chain(target: End | NetdevUse) -> list[Cube]:
    return target.port.chain if isinstance(target, End) else target.chain


def _text(target: End | NetdevUse) -> str:
    return target.text if isinstance(target, End) else target.name


def _index(chain: Sequence[Cube], cube: Cube, position: str, after: str, before: str) -> int:
    """Find the place of a new cube in a chain."""
    if bool(after) + bool(before) + (position != "auto") > 1:
        message = "only one of position, after and before can be given"
        raise InvalidValue(message, cube.path)
    names = [one.name for one in chain]
    if after or before:
        if (after or before) not in names:
            there = ", ".join(names) or "none yet"
            message = f"'{after or before}' is not attached there; there are: {there}"
            raise InvalidValue(message, cube.path)
        return names.index(after) + 1 if after else names.index(before)
    if position == "first":
        return 0
    if position == "last":
        return len(chain)
    if position != "auto":
        message = f"'{position}' is not a position; expected one of {', '.join(POSITIONS)}"
        raise InvalidValue(message, cube.path)
    return _auto(chain, cube)


def _auto(chain: Sequence[Cube], cube: Cube) -> int:
    if not chain:
        return 0
    services = [one.service.name for one in chain]
    if not set(AUTO_ORDER).issuperset([*services, cube.service.name]):
        message = (
            "Impossible to determine auto position; give position=first, position=last,"
            " after=<cube> or before=<cube>"
        )
        raise InvalidValue(message, cube.path)
    own = AUTO_ORDER.index(cube.service.name)
    return sum(AUTO_ORDER.index(one) <= own for one in services)
