"""Ports and netdevs whose way leads, as kept, through a cube that could not be restored.

It may be a firewall, so nothing goes past it: what an earlier daemon wired stays *frozen* as it is,
and where there is nothing of that (the machine was started anew) the place is *closed*, and no
packet gets by. It stays so, in the journal too, until an operator changes that very place, or
deletes the cube. What is beyond a place is frozen with it; once that is wired otherwise, the place
is closed.
"""

from __future__ import annotations

import logging
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from polycube_runtime.core.durable.transaction import Touch
from polycube_runtime.core.network.paths import NetdevUse
from polycube_runtime.core.port import End
from polycube_runtime.support.errors import PolycubeError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from polycube_runtime.core.cube import Cube
    from polycube_runtime.core.durable.undo import Undo
    from polycube_runtime.core.network.wiring import Wiring

_log = logging.getLogger(__name__)


@dataclass(eq=False)
class Left:
    """Why a place is left, and what the journal says of it.

    `missing` are the cubes that could not be restored, `chain` the transparent cubes there as kept,
    innermost first. `frozen` are the place and what is beyond it, while they stay as they are.
    Where it is `released`, an operator has changed it; that counts once it is committed.
    """

    chain: tuple[str, ...]
    missing: set[str]
    frozen: frozenset[str] = frozenset()
    released: bool = False


class LeftPlaces(dict[str, Left]):
    """All of them, by place: `cube:port`, or the name of a netdev."""

    def __init__(self, wiring: Wiring) -> None:
        """Leave nothing yet of what `wiring` settles."""
        super().__init__()
        self._wiring = wiring

    def is_frozen(self, place: str) -> bool:
        """Whether the ways of a place stay as an earlier daemon left them."""
        return any(place in left.frozen for left in self.values())

    def is_closed(self, end: End) -> bool:
        """Whether a port lets no packet by, as it or what is beyond it is left."""
        if not self or self.is_frozen(end.text):
            return False
        return end.text in self or end.port.peer in self

    def names(self, place: str, chain: Iterable[Cube]) -> list[str]:
        """Name the transparent cubes of a place for the journal, where `chain` is attached."""
        there = [cube.name for cube in chain]
        left = self.get(place)
        if left is None or left.released:
            return there
        return [name for name in left.chain if name in left.missing or name in there]

    # Leaving

    async def leave(self, place: str, chain: Iterable[str], missing: set[str]) -> None:
        """Let nothing go past the cubes `missing` at a place that is kept as having `chain`."""
        self[place] = Left(tuple(chain), missing)
        if ":" not in place:
            await self._wiring.await_netdev(place)

    def freeze(self) -> None:
        """Have the ways of what is left stay as an earlier daemon made them, where one did."""
        is_adopted = self._wiring.is_adopted
        for place, left in self.items():
            known = [place, self._beyond(place)] if is_adopted(place) else []
            left.frozen = frozenset(one for one in known if is_adopted(one))
            state = "stays as it is" if left.frozen else "is closed and lets no packet by"
            missing = ", ".join(sorted(left.missing))
            _log.warning(
                "%s %s, as its way leads through what could not be restored (%s); mend that and"
                " restart the daemon, delete it, or change what %s is connected to",
                place,
                state,
                missing,
                place,
            )

    def _beyond(self, place: str) -> str:
        """Name what is beyond a port or a netdev, if each is beyond the other."""
        target, ways = self._target(place), self._wiring.ways
        if not isinstance(target, End):
            return target.end.text if target and target.end else ""
        far = ways.far(target)
        return far.text if far else target.port.peer if ways.netdev(target) else ""

    def _target(self, place: str) -> End | NetdevUse | None:
        name, _, port = place.partition(":")
        cube = self._wiring.cubes.get(name)
        if port:
            return End(cube, cube.ports[port]) if cube and port in cube.ports else None
        return self._wiring.netdevs.get(place)

    # No more

    def changing(self, place: str, undo: Undo, *, by_operator: bool = True) -> None:
        """Note, before it is done, that a place gets another peer or chain.

        That counts when it is committed. Until then nothing of what is frozen is written: how it
        was, nobody could write again.
        """
        if self._wiring.is_held:
            return
        concerned = [left for name, left in self.items() if name == place or place in left.frozen]
        if not concerned:
            return
        if by_operator and place in self:
            undo.push(partial(setattr, self[place], "released", self[place].released))
            self[place].released = True
        places = {place}.union(*(left.frozen for left in concerned))
        former = [target for target in map(self._target, places) if target is not None]
        undo.when_done(lambda: self._changed(place, concerned, former))

    async def _changed(
        self, place: str, concerned: Iterable[Left], former: Iterable[End | NetdevUse]
    ) -> None:
        for left in concerned:
            left.frozen = frozenset()
        for name in [name for name, left in self.items() if left.released]:
            _log.warning("%s is wired without what could not be restored there", name)
            del self[name]
        await self._settle(place, former)

    async def _settle(self, place: str, former: Iterable[End | NetdevUse]) -> None:
        """Wire a place that is left no more, and what was beyond it."""
        now = self._target(place)
        targets = [*former, *([now] if now else [])]
        # A port's number may be another's by now.
        ends = [
            End(one.cube, one.cube.ports.at(one.port.index) or one.port)
            for one in targets
            if isinstance(one, End)
        ]
        try:
            await self._wiring.settle(
                *ends, *(one for one in targets if isinstance(one, NetdevUse))
            )
        except PolycubeError as error:
            _log.error("%s is not wired: %s", place, error)
        for end in ends:
            self._wiring.cleanse(end.cube)

    def give_up(self, cube: str, undo: Undo) -> None:
        """Wait no more for a cube that could not be restored, as it is deleted."""
        for place, left in list(self.items()):
            if cube not in left.missing:
                continue
            chain = tuple(name for name in left.chain if name != cube)
            undo.push(partial(self.__setitem__, place, left))
            self[place] = Left(chain, left.missing - {cube}, left.frozen)
            if cube in left.chain:
                self._write_again(place, undo)
            if not self[place].missing:
                self.changing(place, undo)

    def _write_again(self, place: str, undo: Undo) -> None:
        target = self._target(place)
        if isinstance(target, End):
            undo.touch(Touch(target.cube, target.place.below, None, target.place))
        else:
            undo.netdevs[place] = None

    def rename(self, old: str, new: str) -> None:
        """Call a netdev otherwise."""
        for left in self.values():
            left.frozen = frozenset(new if one == old else one for one in left.frozen)
        if old in self:
            self[new] = self.pop(old)
