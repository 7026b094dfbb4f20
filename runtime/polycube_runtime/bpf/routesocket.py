"""A route socket for several at a time."""

from __future__ import annotations

import asyncio
from typing import TYPE_CHECKING, Any

from pyroute2 import AsyncIPRoute

if TYPE_CHECKING:
    from collections.abc import AsyncIterable, Awaitable


class RouteSocket(AsyncIPRoute):  # type: ignore[misc]  # pyroute2 brings no types
    """As pyroute2's, but one dump waits for another.

    The kernel answers a dump piece by piece, and a second one on the same socket with EBUSY until
    the last piece of the first is fetched. So who asks for one also reads it to its end.
    """

    def __init__(self, **options: Any) -> None:
        """Take the options of `AsyncIPRoute`."""
        super().__init__(**options)
        self._dumping = asyncio.Lock()

    async def all_of(self, dump: Awaitable[AsyncIterable[Any]]) -> list[Any]:
        """Return every message of what `get_links`, `get_addr` or `get_filters` will answer."""
        async with self._dumping:
            return [message async for message in await dump]
