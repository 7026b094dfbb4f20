"""What a daemon that was killed left in the kernel.

Its data plane goes on working without it. The pins say what there is: `netdevs/<ifindex>_<hook>` for each dispatcher on a netdev.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from polycube_runtime.bpf.kernel import AttachPoint

if TYPE_CHECKING:
    from polycube_runtime.bpf.kernel import Kernel

_log = logging.getLogger(__name__)


async def clear(kernel: Kernel, pins: str, prefix: str) -> None:
    """Remove everything that a predecessor of this name left: programs on netdevs, the inject device, pins."""
    folder = Path(pins)
    if not folder.is_dir():
        return
    _log.warning("removing what an earlier polycubed left in the kernel (%s)", pins)
    for pin in sorted((folder / "netdevs").glob("*")):
        index, _, point = pin.name.partition("_")
        if index.isdecimal() and point in set(AttachPoint):
            await kernel.detach(int(index), AttachPoint(point), str(pin))
    await kernel.delete_netdev(f"{prefix}_tx")
    kernel.unpin(pins)
