"""The network interfaces that maps name, by name and by index, in the daemon's namespace.

An interface that goes takes along the entries that name it; one that is renamed is called by its
new name. The kernel empties a devmap as the interface goes; here that is told and made durable.
"""

from __future__ import annotations

from contextlib import contextmanager
from typing import TYPE_CHECKING

from polycube_runtime.core.model.devicetable import DeviceTable
from polycube_runtime.core.model.mapwrites import empty_inner
from polycube_runtime.support.errors import InvalidValue

if TYPE_CHECKING:
    from collections.abc import Iterator

    from polycube_runtime.bpf.kernel import Kernel, NetdevGone
    from polycube_runtime.core.cube import Cube
    from polycube_runtime.core.polycube import Polycube

_SHOWN = 8
"""Names of interfaces in an error; there may be hundreds."""


class Devices:
    """Translates names to indices for the map codec; see `support.codec.Netdevs`."""

    def __init__(self, kernel: Kernel) -> None:
        """Know those that the kernel knows."""
        self._kernel = kernel
        self._late: dict[int, str] = {}

    def index(self, name: str) -> int:
        """Return the index of an interface.

        Raises:
            InvalidValue: there is none of that name.

        """
        index = self._kernel.netdev_index(name)
        called = self._kernel.netdev_name(index) if index else ""
        if called == name:
            return index
        if called:
            message = f"'{name}' is another name of {called}; give that one"
            raise InvalidValue(message)
        names = sorted(self._kernel.netdev_names())
        more = ", …" if len(names) > _SHOWN else ""
        known = ", ".join(names[:_SHOWN]) + more
        message = f"there is no network interface '{name}' where polycubed runs; there are: {known}"
        raise InvalidValue(message, app_tag="instance-required")

    def name(self, index: int) -> str | None:
        """Return the name of the interface with that index; None where it is gone."""
        if not index:
            return None
        return self._kernel.netdev_name(index) or self._late.get(index)

    @contextmanager
    def remembering(self, gone: NetdevGone) -> Iterator[None]:
        """Know the name of one that is gone, to say of what it was."""
        self._late[gone.index] = gone.name
        try:
            yield
        finally:
            del self._late[gone.index]


class DeviceMaps:
    """Keeps the maps of all cubes that name interfaces in step with those that there are."""

    def __init__(self, polycube: Polycube) -> None:
        """Watch over the maps of `polycube`."""
        self._polycube = polycube

    def named(self) -> set[int]:
        """Return the indices that any map names."""
        return {index for _, table in self._tables() for index in table.devices()}

    async def lost(self, gone: NetdevGone) -> None:
        """Take out what names an interface that is gone."""
        if not any(table.naming(gone.index) for _, table in self._tables()):
            return
        async with self._polycube.change() as undo:
            with self._polycube.devices.remembering(gone):
                for cube, table in self._tables():
                    found = table.lose(gone.index)
                    if entries := table.missing(found):
                        empty_inner(cube, table, entries, undo)
                    if found:
                        message = "network interface %s is gone, and what named it in map %s: %d"
                        cube.log.warning(message, gone.name, table.layout.name, len(found))

    async def renamed(self, index: int, old: str, new: str) -> None:
        """Have everybody know that an interface is called otherwise."""
        if not any(table.naming(index) for _, table in self._tables()):
            return
        async with self._polycube.change():
            for cube, table in self._tables():
                self._polycube.own.renamed(cube, table, index, (old, new))

    def _tables(self) -> Iterator[tuple[Cube, DeviceTable]]:
        for cube in list(self._polycube.cubes.values()):
            for table in cube.tables.values():
                if isinstance(table, DeviceTable):
                    yield cube, table
