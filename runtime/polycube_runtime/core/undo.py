"""Taking back what a failed transaction had done."""

from __future__ import annotations

import inspect
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Self

if TYPE_CHECKING:
    from types import TracebackType

_log = logging.getLogger(__name__)

Step = Callable[[], Awaitable[object] | object]


class Undo:
    """The steps that undo a transaction, latest first.

    As a context manager it rolls back when the block raises, and forgets everything when it does
    not.
    """

    def __init__(self) -> None:
        """Start with nothing to undo."""
        self._steps: list[Step] = []

    def push(self, step: Step) -> None:
        """Remember how to undo what was just done."""
        self._steps.append(step)

    async def roll_back(self) -> None:
        """Undo everything; a step that fails is logged and the rest goes on."""
        while self._steps:
            step = self._steps.pop()
            try:
                result = step()
                if inspect.isawaitable(result):
                    await result
            except Exception:  # noqa: BLE001 (the remaining steps must run)
                _log.exception("a step of a roll-back failed")

    async def __aenter__(self) -> Self:
        """Begin a transaction."""
        return self

    async def __aexit__(
        self,
        kind: type[BaseException] | None,
        _error: BaseException | None,
        _trace: TracebackType | None,
    ) -> None:
        """Roll back if the block raised."""
        if kind is not None:
            await self.roll_back()
        self._steps.clear()
