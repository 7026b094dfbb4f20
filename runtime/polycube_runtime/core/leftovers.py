"""What a daemon that was killed left in the kernel.

Its data plane goes on working without it. The pins say what there is: `netdevs/<ifindex>_<hook>`
for each dispatcher on a netdev.
"""

from __future__ import annotations

import logging
from pathlib import Path
from typing import TYPE_CHECKING

from polycube_runtime.bpf.kernel import AttachPoint

if TYPE_CHECKING:
    from collections.abc import Iterator

    from polycube_runtime.bpf.kernel import Kernel

_log = logging.getLogger(__name__)


async def clear(kernel: Kernel, pins: str, prefix: str) -> None:
    """Remove what a predecessor of this name left: programs on netdevs, inject device, pins."""
    if not Path(pins).is_dir():  # noqa: ASYNC240 (bpffs is memory; nothing else runs yet)
        return
    _log.warning("removing what an earlier polycubed left in the kernel (%s)", pins)
    for index, point, pin in _dispatchers(Path(pins)):
        await kernel.detach(index, point, pin)
    await kernel.delete_netdev(f"{prefix}_tx")
    kernel.unpin(pins)


def _dispatchers(folder: Path) -> Iterator[tuple[int, AttachPoint, str]]:
    for pin in sorted(folder.glob("netdevs/*")):
        index, _, point = pin.name.partition("_")
        if index.isdecimal() and point in set(AttachPoint):
            yield int(index), AttachPoint(point), str(pin)
