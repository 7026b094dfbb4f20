"""Pools: what the data plane takes out of a queue or a stack is still configured.

The configuration is the cube's; the map holds those values that nobody has taken. So a value that
is added is put in, and one that is removed is taken out if it is there. For that all are taken out
and the others put back in their order: for that instant the data plane may find the pool empty.
"""

from __future__ import annotations

import time
from typing import TYPE_CHECKING, Any

from polycube_runtime.support.errors import OperationFailed

if TYPE_CHECKING:
    from collections.abc import Sequence

    from polycube_runtime.bpf.kernel import Queue
    from polycube_runtime.support.codec import MapLayout, Ports

POOLS = frozenset({"queue", "stack"})


class Pool:
    """See `support.control.Pool`. `given` is what was configured when `map_` was filled.

    None is a map of an earlier daemon's: what is configured and not in it, the data plane has.
    """

    def __init__(
        self, layout: MapLayout, map_: Queue, ports: Ports, given: list[bytes] | None
    ) -> None:
        """Fill nothing yet."""
        self.layout = layout
        self.map = map_
        self.given = given
        self._ports = ports
        self._lent: set[bytes] = set()

    def fill(self, values: Sequence[Any]) -> None:
        """See `support.control.Pool.fill`."""
        if len(values) > self.layout.entries:
            message = (
                f"map {self.layout.name} holds {self.layout.entries} values, not {len(values)}"
            )
            raise OperationFailed(message)
        wanted = [self._packed(value) for value in values]
        if self.given is None:
            there, now = self._drained(), set(wanted)
            self._put([one for one in there if one in now])
        else:
            self._change(self.given, wanted)
        self.given = wanted

    def _change(self, before: list[bytes], wanted: list[bytes]) -> None:
        had, now = set(before), set(wanted)
        gone, known = had - now, had | self._lent
        there = self._drained() if gone else []
        try:
            self._put([one for one in there if one in now])
            self._put([one for one in self._popped(wanted) if one not in known])
        except BaseException:
            rest = self._drained()
            self._put(there if gone else [one for one in rest if one in had])
            raise
        # What is taken out while the data plane has it does not come in twice if it is added again.
        self._lent = (self._lent | gone.difference(there)) - now

    def _drained(self) -> list[bytes]:
        """Take all out; not more than fit, as the data plane may give some back meanwhile."""
        there: list[bytes] = []
        while len(there) <= self.layout.entries and (value := self.map.pop()) is not None:
            there.append(value)
        return there

    def _popped(self, values: list[bytes]) -> list[bytes]:
        """Return values in the order in which they would be popped, put in one after the other."""
        return values[::-1] if self.layout.kind == "stack" else values

    def _put(self, popped: list[bytes]) -> None:
        """Put values in, so that they are popped in that order."""
        for value in self._popped(popped):
            self.map.push(value)

    def _packed(self, value: Any) -> bytes:
        (field,) = self.layout.value.fields
        return self.layout.pack_value({field.leaf: value}, self._ports, time.monotonic_ns())
