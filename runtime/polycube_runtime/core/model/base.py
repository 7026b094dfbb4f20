"""The nodes of the polycube base modules, which every cube has and the daemon itself serves."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING, Any

from polycube_runtime.core.durable.transaction import note_cube
from polycube_runtime.core.model.mapwrites import empty_inner
from polycube_runtime.core.port import End
from polycube_runtime.support.errors import InvalidValue

if TYPE_CHECKING:
    from polycube_runtime.core.cube import Cube
    from polycube_runtime.core.durable.undo import Undo
    from polycube_runtime.core.model.place import Place
    from polycube_runtime.core.polycube import Polycube
    from polycube_runtime.core.port import Port


class BaseNodes:
    """Reads and writes uuid, type, loglevel, ports and their peers, and so on."""

    def __init__(self, polycube: Polycube) -> None:
        """Act on the cubes of `polycube`."""
        self._polycube = polycube

    def read(self, cube: Cube, place: Place, absent: object) -> Any:
        """Return the value of a base leaf, `absent` where it has none."""
        name = place.schema_path
        if name.startswith("ports/"):
            port = cube.ports.get(place.keys[0])
            return absent if port is None else self._read_port(port, name, absent)
        values = {
            "uuid": cube.uuid,
            "type": cube.type,
            "service-name": cube.service.name,
            "loglevel": cube.loglevel,
            "shadow": cube.shadow,
            "span": cube.span,
            "parent": cube.parent,
        }
        return values.get(name, absent)

    def _read_port(self, port: Port, name: str, absent: object) -> Any:
        values: dict[str, Any] = {
            "ports/name": port.name,
            "ports/uuid": port.uuid,
            "ports/status": "UP" if port.up else "DOWN",
            "ports/peer": port.peer,
            "ports/tcubes": [cube.name for cube in port.chain],
        }
        return values.get(name, absent)

    async def write(self, cube: Cube, place: Place, value: Any, undo: Undo) -> None:
        """Set a base leaf."""
        match place.schema_path:
            case "loglevel":
                before = cube.loglevel
                await self._polycube.pipelines.set_loglevel(cube, value)
                undo.push(lambda: self._polycube.pipelines.set_loglevel(cube, before))
                note_cube(undo, cube, "loglevel", before, value)
            case "ports/peer":
                port = cube.ports[place.keys[0]]
                await self._polycube.peers.set(End(cube, port), value or "", undo)
            case "ports/tcubes":
                end = End(cube, cube.ports[place.keys[0]])
                await self._polycube.chains.arrange(end.text, value or [], undo)
            case "span":
                await self._polycube.pipelines.set_span(cube, bool(value), undo)
            case "shadow" if bool(value) != cube.shadow:
                message = "cannot be set: a cube has a namespace or not from its creation on"
                raise InvalidValue(message, place.path)
            case "type" | "service-name" if value not in (None, cube.type, cube.service.name):
                message = f"'{value}' cannot be set: it is fixed when the cube is created"
                raise InvalidValue(message, place.path)

    async def add_port(self, cube: Cube, place: Place, undo: Undo) -> None:
        """Make a port."""
        port = cube.ports.add(place.keys[0], place.path)
        undo.push(lambda: self._polycube.wiring.count_ports(cube))
        undo.push(lambda: cube.ports.remove(port.name))
        self._polycube.wiring.count_ports(cube)
        await self._polycube.shadows.add_port(End(cube, port), undo)

    async def remove_port(self, cube: Cube, place: Place, undo: Undo) -> None:
        """Disconnect a port and take it away, with every table entry that names it."""
        port = cube.ports[place.keys[0]]
        await self._polycube.chains.arrange(f"{cube.name}:{port.name}", [], undo)
        await self._polycube.peers.set(End(cube, port), "", undo)
        self._polycube.peers.forget(End(cube, port), undo)
        await self._polycube.shadows.remove_port(End(cube, port), undo)
        for table in cube.tables.values():  # its index will be used again
            purged = table.purge(port.index)
            undo.push(partial(table.change, purged))
            if gone := table.missing(purged):
                empty_inner(cube, table, gone, undo)
        undo.push(lambda: self._polycube.wiring.count_ports(cube))
        undo.push(partial(cube.ports.restore, list(cube.ports.values())))
        cube.ports.remove(port.name)
        self._polycube.wiring.count_ports(cube)
