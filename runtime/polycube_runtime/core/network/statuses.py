"""Whether ports are up, and who wants to know when that changes."""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from polycube_runtime.core.port import End

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

    from polycube_runtime.core.cube import Cube
    from polycube_runtime.core.port import Port

_log = logging.getLogger(__name__)

UP, DOWN = "UP", "DOWN"


class Statuses:
    """Compares the status of ports with what it was.

    Each of `observers` is called with a port, its former status and its status. A port begins, and
    ends, as `DOWN`.
    """

    def __init__(self, cubes: Mapping[str, Cube]) -> None:
        """Look at the ports of `cubes`."""
        self.observers: list[Callable[[End, str, str], None]] = []
        self._cubes = cubes
        self._up: dict[Cube, set[Port]] = {}

    def look(self, cubes: Iterable[Cube] | None = None) -> None:
        """Tell of the ports of `cubes` (None: of all) that came up or went down since last time."""
        changed: dict[End, bool] = {}
        for cube in {*self._up, *self._cubes.values()} if cubes is None else cubes:
            ports = cube.ports.values() if self._cubes.get(cube.name) is cube else ()
            before, now = self._up.pop(cube, set()), {port for port in ports if port.up}
            if now:
                self._up[cube] = now
            changed |= {End(cube, port): port in now for port in before ^ now}
        for end in sorted(changed, key=lambda one: one.path):
            self._tell(end, *((DOWN, UP) if changed[end] else (UP, DOWN)))

    def _tell(self, end: End, old: str, new: str) -> None:
        for observer in list(self.observers):
            try:
                observer(end, old, new)
            except Exception:  # noqa: BLE001 (who watches cannot hinder what happens)
                _log.exception("an observer of states failed")
