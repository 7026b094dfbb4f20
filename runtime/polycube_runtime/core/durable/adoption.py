"""Going on with the data plane of a daemon that ended, without a packet that notices.

What was pinned is there: maps, programs, dispatchers on netdevs. A restart makes every cube again
under its id; it takes over its maps, and its programs are loaded anew (they may be newer). Until
all cubes are there nothing is wired: packets go by the old slots, through old programs, over the
same maps. Then every slot is pointed at what runs now, the far end of each way first, each with one
atomic write, and last goes what nothing leads to any more.
"""

from __future__ import annotations

import contextlib
import logging
from typing import TYPE_CHECKING

from polycube_runtime.core.network.paths import NetdevUse
from polycube_runtime.core.port import End
from polycube_runtime.support.errors import PolycubeError

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from polycube_runtime.core.polycube import Polycube

_log = logging.getLogger(__name__)


@contextlib.asynccontextmanager
async def adopting(polycube: Polycube) -> AsyncIterator[None]:
    """Enter the time in which cubes are made again; at its end they are wired.

    If the block raises, everything stays as the earlier daemon left it.
    """
    with polycube.wiring.held():
        yield
        polycube.wiring.left.freeze()
    try:
        await polycube.system.adopt_inject_device()
    except PolycubeError as error:  # it is asked for again by the first port that needs it
        _log.error("floods between cubes are interrupted: %s", error)
    ends = [End(cube, port) for cube in polycube.cubes.values() for port in cube.ports.values()]
    waiting: list[End | NetdevUse] = [*ends, *polycube.wiring.netdevs.values()]
    failed: set[int] = set()
    for one in waiting:
        if not await _settle(polycube, one):
            failed |= _netdevs(polycube, one)
    for cube in polycube.cubes.values():
        polycube.wiring.cleanse(cube)
    await polycube.earlier.forget(failed)
    polycube.look_around()


async def _settle(polycube: Polycube, one: End | NetdevUse) -> bool:
    try:
        async with polycube.change():
            await polycube.wiring.settle(one)
    except PolycubeError as error:
        name = one.text if isinstance(one, End) else one.name
        _log.error("%s is not wired as it was: %s", name, error)
        return False
    return True


def _netdevs(polycube: Polycube, one: End | NetdevUse) -> set[int]:
    """Return the indices of the netdevs by which packets come to a place."""
    there = [polycube.wiring.ways.netdev(one), one.port.twin] if isinstance(one, End) else []
    there += [one.netdev] if isinstance(one, NetdevUse) else []
    return {netdev.index for netdev in there if netdev}
