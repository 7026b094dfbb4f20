"""Ports and netdevs whose way leads, as kept, through a cube that could not be restored.

It may be a firewall, so nothing goes past it: what an earlier daemon wired stays *frozen* as it is,
and where there is nothing of that (the machine was started anew) the place is *closed*, and no
packet gets by. It stays so, in the journal too, until an operator changes that very place, or
deletes the cube. What is beyond a place is frozen with it; once that is wired otherwise, the place
is closed.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Iterable

    from polycube_runtime.core.cube import Cube


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

    def is_frozen(self, place: str) -> bool:
        """Whether the ways of a place stay as an earlier daemon left them."""
        return any(place in left.frozen for left in self.values())

    def names(self, place: str, chain: Iterable[Cube]) -> list[str]:
        """Name the transparent cubes of a place for the journal, where `chain` is attached."""
        there = [cube.name for cube in chain]
        left = self.get(place)
        if left is None or left.released:
            return there
        return [name for name in left.chain if name in left.missing or name in there]

    def concerned(self, place: str) -> dict[str, Left]:
        """Return those that a change of `place` concerns: itself, and what is frozen with it."""
        return {
            name: left for name, left in self.items() if name == place or place in left.frozen
        }

    def rename(self, old: str, new: str) -> None:
        """Call a netdev otherwise."""
        for left in self.values():
            left.frozen = frozenset(new if one == old else one for one in left.frozen)
        if old in self:
            self[new] = self.pop(old)
