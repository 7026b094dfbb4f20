"""A transaction: how to take back what it did, and what that was."""

from __future__ import annotations

import contextlib
import inspect
import logging
from collections.abc import Awaitable, Callable
from typing import TYPE_CHECKING, Any, Self

from polycube_runtime.core.durable.transaction import Op, Record, Touch, through

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

    from polycube_runtime.core.model.defaults import Said
    from polycube_runtime.core.model.place import Place, Write

_log = logging.getLogger(__name__)

Step = Callable[[], Awaitable[object] | object]


class Undo:
    """The steps that undo a transaction, latest first, and the `records` of what it changed.

    `touched` is what the journal has to write of cubes, and `netdevs` are those whose chain of
    transparent cubes is another one; `forgotten` are the ids of cubes that were only kept. `said`
    is what clients named (`core.model.defaults`). `unsettled` are the writes to each cube, by name,
    of which what follows is done at the end of several edits; None: after each. `uncounted` are
    the lists, by path, of which the number of entries is to be looked at then.

    As a context manager it rolls back when the block raises, and forgets the steps when it does
    not. What is rolled back is rolled back to the end, even if the task is cancelled meanwhile.
    """

    def __init__(self) -> None:
        """Start with nothing to undo."""
        self._steps: list[Step] = []
        self._ends: list[Step] = []
        self.records: list[Record] = []
        self.touched: list[Touch] = []
        self.netdevs: dict[str, None] = {}
        self.forgotten: list[int] = []
        self.said: list[Said] = []
        self.unsettled: dict[str, list[Write]] | None = None
        self.uncounted: dict[str, Place] = {}
        self.rolling_back = False
        self._quiet = 0

    def push(self, step: Step) -> None:
        """Remember how to undo what was just done."""
        self._steps.append(step)

    def record(self, op: Op, cube: str, path: str, old: Any = None, new: Any = None) -> None:
        """Note what was changed, in order; see `Record`."""
        if not self._quiet:
            self.records.append(Record(op, cube, path, old, new))

    @contextlib.contextmanager
    def quiet(self) -> Iterator[None]:
        """Make no records: what happens here is part of one that tells it all."""
        self._quiet += 1
        try:
            yield
        finally:
            self._quiet -= 1

    def touch(self, touch: Touch) -> None:
        """Note what the journal has to write, in order."""
        self.touched.append(touch)

    def when_done(self, step: Step) -> None:
        """Run `step` once the transaction is committed: what cannot be undone."""
        self._ends.append(step)

    async def finish(self) -> None:
        """Run what waited for the end; a step that fails is logged and the rest goes on."""
        while self._ends:
            await _run(self._ends.pop(0), "what follows a commit")

    def settle(self) -> None:
        """Forget how to undo it: it is done for good."""
        self._steps.clear()

    async def roll_back(self) -> None:
        """Undo everything; a step that fails is logged and the rest goes on."""
        await through(self._roll_back())

    async def _roll_back(self) -> None:
        self.rolling_back = True
        self._ends.clear()
        while self._steps:
            await _run(self._steps.pop(), "a step of a roll-back")

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
        self.settle()


async def _run(step: Step, what: str) -> None:
    try:
        result = step()
        if inspect.isawaitable(result):
            await result
    except Exception:  # noqa: BLE001 (the remaining steps must run)
        _log.exception("%s failed", what)
