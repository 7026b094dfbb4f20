"""Calls of control planes' hooks that nobody waits for: in order, one at a time for each cube."""

from __future__ import annotations

import asyncio
import contextvars
import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Awaitable, Callable, Hashable

    from polycube_runtime.core.cube import Cube

_log = logging.getLogger(__name__)


class Teller:
    """Tells control planes what happened around their cubes, outside of any transaction.

    A hook that is slow delays those of its own cube. What it has not been told yet is told once, as
    it is by then: a flapping netdev does not pile up.
    """

    def __init__(self) -> None:
        """Have nothing to tell."""
        self._waiting: dict[Cube, dict[Hashable, Callable[[], Awaitable[None]]]] = {}
        self._tasks: dict[Cube, asyncio.Task[None]] = {}

    def tell(self, cube: Cube, what: Hashable, call: Callable[[], Awaitable[None]]) -> None:
        """Make `call` soon, in place of an earlier one about the same that is not made yet."""
        waiting = self._waiting.setdefault(cube, {})
        waiting.pop(what, None)
        waiting[what] = call
        if cube not in self._tasks:
            self._tasks[cube] = asyncio.get_running_loop().create_task(
                self._deliver(cube),
                name=f"teller {cube.name}",
                context=contextvars.Context(),  # of no transaction, whoever caused it
            )

    async def _deliver(self, cube: Cube) -> None:
        waiting = self._waiting[cube]
        while waiting:
            call = waiting.pop(next(iter(waiting)))
            try:
                await call()
            except Exception:  # noqa: BLE001 (a control plane's mistake must not end what follows)
                _log.exception("%s: a hook failed", cube.name)
        self._tasks.pop(cube, None)

    def forget(self, cube: Cube) -> None:
        """Tell a cube nothing more; nothing waits for a hook that is at work."""
        self._waiting.pop(cube, None)
        task = self._tasks.pop(cube, None)
        if task is not None and task is not asyncio.current_task():  # it may delete its own cube
            task.cancel()
