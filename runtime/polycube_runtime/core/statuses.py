"""Whether ports are up, and who wants to know when that changes."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from polycube_runtime.core.port import End

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from polycube_runtime.core.cube import Cube

_log = logging.getLogger(__name__)

UP, DOWN = "UP", "DOWN"


class Statuses:
    """Compares the status of all ports with what it was.

    Each of `observers` is called with the path of a leaf (`/simplebridge/br1/ports/p1/status`), its
    former value and its value. A port begins, and ends, as `DOWN`.
    """

    def __init__(self, cubes: Mapping[str, Cube]) -> None:
        """Look at the ports of `cubes`."""
        self.observers: list[Callable[[str, str, str], None]] = []
        self._cubes = cubes
        self._up: set[str] = set()

    def look(self) -> None:
        """Tell of the ports that came up or went down since the last look."""
        before, self._up = (
            self._up,
            {
                f"{End(cube, port).path}/status"
                for cube in self._cubes.values()
                for port in cube.ports.values()
                if port.up
            },
        )
        for path in sorted(before ^ self._up):
            old, new = (UP, DOWN) if path in before else (DOWN, UP)
            for observer in list(self.observers):
                try:
                    observer(path, old, new)
                except Exception:  # noqa: BLE001 (who watches cannot hinder what happens)
                    _log.exception("an observer of states failed")
