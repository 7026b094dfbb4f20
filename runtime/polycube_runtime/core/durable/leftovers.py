"""What a daemon that was killed left in the kernel, where nobody goes on with it.

Its data plane goes on working without it. The pins say what there is: `netdevs/<ifindex>_<hook>`
for each dispatcher on a netdev.
"""

from __future__ import annotations

import logging
from typing import TYPE_CHECKING

from polycube_runtime.core.network.doors import remove_door
from polycube_runtime.core.shadow import shadownames as names

if TYPE_CHECKING:
    from polycube_runtime.bpf.kernel import Kernel

_log = logging.getLogger(__name__)


async def clear(kernel: Kernel, pins: str, prefix: str) -> None:
    """Remove what a predecessor of this name left: programs, inject device, namespaces, pins."""
    await _clear_namespaces(kernel, prefix)
    if not kernel.pinned(pins):
        return
    _log.warning("removing what an earlier polycubed left in the kernel (%s)", pins)
    for name in kernel.pinned(f"{pins}/netdevs"):
        await remove_door(kernel, f"{pins}/netdevs", name)
    await kernel.delete_netdev(f"{prefix}_tx")
    for name in kernel.pinned(pins):  # the folder itself says whose it is
        kernel.unpin(f"{pins}/{name}")


async def _clear_namespaces(kernel: Kernel, instance: str) -> None:
    for name in filter(names.is_namespace, kernel.namespaces.names()):
        if names.is_ours(await kernel.namespaces.mark(name) or "", instance):
            await kernel.namespaces.delete(name)
    for netdev in (await kernel.netdevs()).values():
        if names.is_ours(netdev.alias, instance):
            await kernel.delete_netdev(netdev.name)
