"""What has to wait until no packet can be under way that still needs it."""

from __future__ import annotations

import asyncio
import logging
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from collections.abc import Callable

    from polycube_runtime.bpf.kernel import Kernel

_log = logging.getLogger(__name__)


class Grace:
    """Runs steps after a grace period of the kernel: 5 to 30 ms, in the background.

    A packet that is in one cube when it is taken out of a chain goes on by that cube's slots. The
    kernel frees a program only after such packets; but what we write to a slot, or a prog array of
    which we drop the last reference, is gone at once.
    """

    def __init__(self, kernel: Kernel) -> None:
        """Have nothing to do."""
        self._kernel = kernel
        self._waiting: list[Callable[[], None]] = []
        self._task: asyncio.Task[None] | None = None

    def after(self, step: Callable[[], None]) -> None:
        """Run `step` when every packet that is under way now has been dealt with."""
        self._waiting.append(step)
        if self._task is None or self._task.done():
            self._task = asyncio.get_running_loop().create_task(self._work(), name="grace")

    async def _work(self) -> None:
        while self._waiting:
            steps, self._waiting = self._waiting, []
            try:
                await self._kernel.quiesce()
            finally:
                for step in steps:
                    try:
                        step()
                    except Exception:  # noqa: BLE001 (the others must run)
                        _log.exception("something could not be cleared away")

    async def close(self) -> None:
        """Wait until everything is done."""
        while self._task is not None and not self._task.done():
            await self._task
