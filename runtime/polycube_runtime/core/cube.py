"""A cube: an instance of a service."""

from __future__ import annotations

import importlib
import logging
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, Any
from uuid import uuid4

from polycube_runtime.bpf.source import Part, Source, cube_source
from polycube_runtime.bpf.spec import Hook
from polycube_runtime.core.place import Place
from polycube_runtime.core.port import Port, Ports
from polycube_runtime.core.store import Stored
from polycube_runtime.core.table import BoundTable
from polycube_runtime.support.errors import NotFound, OperationFailed
from polycube_runtime.support.schema import Leaf

if TYPE_CHECKING:
    from polycube_runtime.core.dataplane import DataPlane
    from polycube_runtime.core.polycube import Polycube
    from polycube_runtime.support.control import ControlPlane
    from polycube_runtime.support.schema import Service

LEVELS = {
    "TRACE": 5,
    "DEBUG": logging.DEBUG,
    "INFO": logging.INFO,
    "WARN": logging.WARNING,
    "ERR": logging.ERROR,
    "CRITICAL": logging.CRITICAL,
    "OFF": logging.CRITICAL + 10,
}
for _name in ("TRACE", "OFF"):
    logging.addLevelName(LEVELS[_name], _name)


class Cube:
    """An instance of a service; what its control plane sees of it is `support.control.CubeContext`.

    `config` holds the configured values of nodes that no map and no other object holds; `id` (1 to
    1023) is what the data plane calls the cube.
    """

    def __init__(
        self,
        polycube: Polycube,
        service: type[ControlPlane],
        cube_id: int,
        name: str,
        document: dict[str, Any],
    ) -> None:
        """Take from the validated `document` what is settled at creation; the kernel waits."""
        self._polycube = polycube
        self.service: Service = service.SERVICE
        self.service_class = service
        self.id = cube_id
        self.name = name
        self.uuid = str(uuid4())
        self.type: str = document["type"]
        self.loglevel: str = document["loglevel"]
        self.hook = Hook.TC if self.type == "TC" else Hook.XDP
        self.parent = ""
        self.ports = Ports()
        self.config = Stored()
        self.tables: dict[str, BoundTable] = {}
        self.code: str | None = None
        self.log = logging.getLogger(f"polycube.cube.{service.__name__}.{name}")
        self.log.setLevel(LEVELS[self.loglevel])
        self.dataplane: DataPlane
        self.control: ControlPlane

    @property
    def path(self) -> str:
        """The cube's place in the data model, for error messages."""
        return f"/{self.service.name}/{self.name}"

    def port_path(self, port: Port) -> str:
        """Return a port's place in the data model."""
        return f"{self.path}/ports/{port.name}"

    def sources(self, loglevel: str, code: str | None) -> dict[str, Source]:
        """Return what to compile, by direction; `code` replaces the service's ingress file."""
        return service_sources(self.service_class, self.hook, loglevel, code)

    def bind_tables(self) -> None:
        """Give the model's maps, once they exist, their JSON faces."""
        maps = self.dataplane.maps
        self.tables = {
            layout.name: BoundTable(
                layout,
                maps[layout.name],
                self.ports,
                self._max_age(layout.expiry),
                _defaults(self.service, layout.name),
                maps.get(layout.occupied),
            )
            for layout in self.service.maps
            if layout.name in maps
        }

    def _max_age(self, expiry: str) -> Any:
        return (lambda: self.value(expiry.strip("/"))) if expiry else (lambda: None)

    def value(self, path: str) -> Any:
        """See `CubeContext.value`."""
        node = self.service[path]
        binding = getattr(node, "binding", "")
        if binding:
            return (self.tables[binding].get({}) or {}).get(node.name)
        steps = path.split("/")
        nodes = [self.service["/".join(steps[: n + 1])] for n in range(len(steps))]
        place = Place(self.service, self.name, tuple((one, None) for one in nodes))
        return self.config.get(place, getattr(node, "default", None))

    async def send(self, port: str, data: bytes, *, recirculate: bool = False) -> None:
        """See `CubeContext.send`."""
        if port not in self.ports:
            message = "there is no such port"
            raise NotFound(message, f"{self.path}/ports/{port}")
        await self._polycube.send(self, self.ports[port], data, recirculate=recirculate)

    async def reload(self, code: str | None = None) -> None:
        """See `CubeContext.reload`."""
        await self._polycube.reload_own(self, code)


def service_sources(
    service: type[ControlPlane], hook: Hook, loglevel: str, code: str | None = None
) -> dict[str, Source]:
    """Return a service's translation units by direction, without any cube."""
    maps = _generated_maps(service)
    sources = {}
    for direction, file in service.datapath().items():
        text = code if code is not None and direction == "ingress" else _read(file)
        part = Part(f"{service.SERVICE.name}/{file.name}", text)
        sources[direction] = cube_source(hook, loglevel, maps, part, direction)
    return sources


def _read(file: Path) -> str:
    try:
        return file.read_text()
    except (OSError, UnicodeDecodeError) as error:
        message = f"the service's data plane {file} cannot be read: {error}"
        raise OperationFailed(message) from error


def _defaults(service: Service, binding: str) -> dict[str, Any]:
    return {
        node.name: node.default
        for _, node in service.walk()
        if isinstance(node, Leaf) and node.binding == binding and node.default is not None
    }


@cache
def _generated_maps(service: type[ControlPlane]) -> Part:
    package = importlib.import_module(service.generated())
    file = Path(package.__file__ or "").with_name("maps.h")
    return Part(f"{service.SERVICE.name}/maps.h", file.read_text())
