"""The instance's life in the kernel: what a start makes, what a stop leaves, what teardown removes.

- `Instance`: a `Polycube` with the kernel and compiler it runs on
- `stop`: end it; the data plane stays or goes
- `teardown`: clear away what a daemon that is gone has left
"""

from __future__ import annotations

import contextlib
import logging
from dataclasses import dataclass
from importlib import metadata
from typing import TYPE_CHECKING, Self

from polycube_runtime.bpf import bpffs
from polycube_runtime.bpf.compiler import Compiler
from polycube_runtime.bpf.linux import LinuxKernel
from polycube_runtime.core.durable.leftovers import clear
from polycube_runtime.core.polycube import Polycube
from polycube_runtime.daemon import durable
from polycube_runtime.daemon.durable import Memory

if TYPE_CHECKING:
    from polycube_runtime.daemon.settings import Settings
    from polycube_runtime.support.control import ControlPlane

_log = logging.getLogger("polycubed")


def services() -> dict[str, type[ControlPlane]]:
    """Load every installed service; one that cannot be loaded is named in the log and left out."""
    found: dict[str, type[ControlPlane]] = {}
    for entry in metadata.entry_points(group="polycube.services"):
        try:
            found[entry.name] = entry.load()
        except Exception:  # noqa: BLE001 (a third party's package may fail in any way)
            _log.exception("service %s cannot be loaded", entry.name)
    return found


def pins(name: str) -> str:
    """Return the folder in bpffs of the instance `name`."""
    return f"{bpffs.ROOT}/{name}"


@dataclass
class Instance:
    """A running `Polycube`, and what it stands on."""

    kernel: LinuxKernel
    compiler: Compiler
    polycube: Polycube
    memory: Memory

    @classmethod
    async def start(cls, settings: Settings) -> Self:
        """Make an instance, and go on with the data plane that an earlier one of it has left.

        When that fails half-way, a data plane that was there stays as it is, and one that was not
        is taken away.
        """
        async with contextlib.AsyncExitStack() as made:
            kernel = LinuxKernel()
            made.push_async_callback(kernel.close)
            if settings.volatile or settings.cubes_dump_clean_init:
                await clear(kernel, pins(settings.name), settings.name)
            found = kernel.pinned(pins(settings.name))
            if not found:
                made.callback(kernel.unpin, pins(settings.name))
            # clang runs in another working directory
            compiler = Compiler(settings.cache_dir.resolve())
            made.push_async_callback(compiler.close)
            polycube = Polycube(kernel, compiler, services(), pins(settings.name), settings.name)
            made.pop_all()  # from here on, Polycube.close() does all of that
            made.push_async_callback(polycube.release if found else polycube.close)
            await polycube.start()
            memory = await Memory.recall(polycube, settings)
            made.pop_all()
        return cls(kernel, compiler, polycube, memory)

    async def stop(self, *, keep: bool) -> None:
        """End the control plane. What is in the kernel goes on if `keep`, or is taken out.

        Kept, it is as if the daemon had been killed: only processes and descriptors are closed.
        """
        try:
            await self.memory.close()
        finally:
            await (self.polycube.release() if keep else self.polycube.close())


async def teardown(settings: Settings, *, everything: bool) -> list[str]:
    """Take all of an instance that does not run out of the kernel; return what was removed.

    `everything` is its stored configuration, too.
    """
    removed = []
    kernel = LinuxKernel()
    try:
        folder = pins(settings.name)
        if kernel.pinned(folder):
            removed.append(folder)
        await clear(kernel, folder, settings.name)
        await kernel.delete_netdev(f"{settings.name}_tx")  # pinned nowhere: its name must do
    finally:
        await kernel.close()
    if everything:
        removed += map(str, durable.remove(settings))
    return removed
