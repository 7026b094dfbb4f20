"""Timers of control planes."""

from __future__ import annotations

import asyncio
import inspect
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    import logging

    from polycube_runtime.support.control import Timer, Work


class Timers:
    """The timers of one cube; they end with it."""

    def __init__(self, name: str, log: logging.Logger) -> None:
        """Have none; `name` is the cube's, for the names of tasks."""
        self._name = name
        self._log = log
        self._tasks: set[asyncio.Task[None]] = set()

    def every(self, seconds: float, work: Work) -> Timer:
        """See `CubeContext.every`.

        Raises:
            ValueError: `seconds` is not positive.

        """
        if seconds <= 0:
            message = f"a timer's period is more than 0 seconds, not {seconds}"
            raise ValueError(message)
        task = asyncio.get_running_loop().create_task(
            self._run(seconds, work), name=f"timer {self._name}"
        )
        self._tasks.add(task)
        task.add_done_callback(self._tasks.discard)
        return task

    async def _run(self, seconds: float, work: Work) -> None:
        loop = asyncio.get_running_loop()
        due, failed = loop.time(), False
        while True:
            due = max(due + seconds, loop.time())  # what was missed is not made up for
            await asyncio.sleep(due - loop.time())
            try:
                result = work()
                if inspect.isawaitable(result):
                    await result
            except Exception:  # noqa: BLE001 (a control plane's mistake must not end its timer)
                if not failed:  # of a timer that goes on failing, the first time is enough
                    self._log.exception("a timer of %g s failed", seconds)
                failed = True
            else:
                failed = False

    def close(self) -> None:
        """End them all; one that is at work is interrupted.

        Nothing waits for it: it may be what deletes the cube, and waits for that itself.
        """
        for task in self._tasks:
            task.cancel()
