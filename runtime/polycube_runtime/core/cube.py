"""A cube: an instance of a service."""

from __future__ import annotations

import importlib
import logging
from functools import cache, partial
from pathlib import Path
from typing import TYPE_CHECKING, Any, cast
from uuid import uuid4

from polycube_runtime.bpf.source import Part, Source, cube_source
from polycube_runtime.bpf.spec import Hook
from polycube_runtime.core.durable.migration import Layouts
from polycube_runtime.core.loading.programmap import ProgramMap
from polycube_runtime.core.loading.programs import DIRECTIONS, parse
from polycube_runtime.core.loading.programs import Place as ProgramPlace
from polycube_runtime.core.model.devicetable import CPUS, CpuTable, DeviceTable, netdev_leaves
from polycube_runtime.core.model.held import leaves, states
from polycube_runtime.core.model.innertables import InnerTable, furnish
from polycube_runtime.core.model.place import Place, cube_path
from polycube_runtime.core.model.pool import POOLS, Pool
from polycube_runtime.core.model.programtable import PROGRAMS, ProgramTable
from polycube_runtime.core.model.sets import is_set, values
from polycube_runtime.core.model.store import Stored
from polycube_runtime.core.model.table import BoundTable
from polycube_runtime.core.port import End, Ports
from polycube_runtime.core.slow.emitted import RING
from polycube_runtime.core.slow.loglimit import LineLimit
from polycube_runtime.core.slow.timers import Timers
from polycube_runtime.support.errors import NotFound, OperationFailed
from polycube_runtime.support.nesting import at
from polycube_runtime.support.schema import LeafList

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping, Sequence

    from polycube_runtime.bpf.kernel import Map, Queue
    from polycube_runtime.core.loading.dataplane import DataPlane
    from polycube_runtime.core.model.defaults import Marks
    from polycube_runtime.core.polycube import Polycube
    from polycube_runtime.support.codec import MapLayout
    from polycube_runtime.support.control import ControlPlane, Timer, Work
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


_NO_TABLES = {RING, *POOLS}
"""Kinds of maps in which nothing can be read."""

Codes = dict[str, str | None]
"""C text of programs by name, in place of the service's files or beside them; None: no program."""


class Cube:
    """An instance of a service; what its control plane sees of it is `support.control.CubeContext`.

    `config` holds the configured values of nodes that no map and no other object holds; `id` (1 to
    1023) is what the data plane calls the cube; `version` counts the transactions that changed it;
    `explicit` are the leaves that clients have set to their defaults (`core.model.defaults`).
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
        self.version = 0
        self.type: str = document["type"]
        self.loglevel: str = document["loglevel"]
        self.shadow: bool = document.get("shadow", False)
        self.span: bool = document.get("span", False)
        self.hook = Hook.TC if self.type == "TC" else Hook.XDP
        self.parent = ""
        self.ports = Ports(polycube.devices)
        self.config = Stored()
        self.explicit: Marks = frozenset()
        self.tables: dict[str, BoundTable] = {}
        self.pools: dict[str, Pool] = {}
        self.codes: Codes = {}
        self.log = logging.getLogger(f"polycube.cube.{service.__name__}.{name}")
        self.log.setLevel(LEVELS[self.loglevel])
        self.lines = LineLimit(self.log)
        self.timers = Timers(name, self.log)
        self.dataplane: DataPlane
        self.control: ControlPlane

    @property
    def path(self) -> str:
        """The cube's place in the data model, for error messages."""
        return cube_path(self.service.name, self.name)

    @property
    def is_gone(self) -> bool:
        """Whether it was deleted; its maps are closed then, or soon."""
        return self._polycube.cubes.get(self.name) is not self

    def sources(
        self, loglevel: str, codes: Codes, *, span: bool | None = None
    ) -> dict[str, Source]:
        """Return what to compile, by program name; `codes` go before the service's files.

        `span` is as it is, if None.
        """
        span = self.span if span is None else span
        return service_sources(
            self.service_class, self.hook, loglevel, codes, shadow=self.shadow, span=span
        )

    def layouts(self, known: Mapping[int, str]) -> Layouts:
        """Return how its maps are laid out, where those in the kernel are as `known`."""
        return Layouts(self.name, self.service.maps, partial(_defaults, self.service), known)

    def bind_tables(self) -> None:
        """Give the model's maps, once they exist, their JSON faces."""
        self.tables = {
            layout.name: self._table(layout)
            for layout in self.service.maps
            if layout.name in self.dataplane.maps and layout.kind not in _NO_TABLES
        }
        self._bind_pools()
        for table in self.tables.values():
            table.watch = partial(self._polycube.own.written, self)
            table.state = states(self.service, table.layout.name)
        furnish(self)

    def begin(self, carried: Collection[str], adopted: Collection[Map]) -> None:
        """Begin with new maps as the model has them.

        Those that are `carried` over from maps of another layout, or `adopted` from an earlier
        daemon, hold something already.
        """
        for name, table in self.tables.items():
            if table.is_array and name not in carried and table.map not in adopted:
                table.reset()
        for pool in self.pools.values():
            if pool.map in adopted:
                pool.given = None

    def _bind_pools(self) -> None:
        former, maps = self.pools, self.dataplane.maps
        self.pools = {}
        for layout in self.service.maps:
            if layout.kind in POOLS and layout.name in maps:
                map_, before = cast("Queue", maps[layout.name]), former.get(layout.name)
                is_same = before is not None and before.map is map_
                made = before if is_same and before else Pool(layout, map_, self.ports, [])
                self.pools[layout.name] = made

    def _table(self, layout: MapLayout) -> BoundTable:
        maps, outer = self.dataplane.maps, layout.outer
        age, defaults = self._max_age(layout.expiry), _defaults(self.service, layout.name)
        if outer is not None:
            inner = self.dataplane.inner_maps(outer.name, layout.name)
            return InnerTable(layout, inner, self.ports, age, defaults)
        own = (layout, maps[layout.name], self.ports, age, defaults, maps.get(layout.occupied))
        if netdev_leaves(layout):
            table = DeviceTable(*own)
            table.remember(self.tables.get(layout.name))
            return table
        if layout.kind == PROGRAMS:
            return self._program_table(layout, age, defaults)
        if layout.kind == CPUS:
            return CpuTable(*own, cpus=self._polycube.kernel.cpus)
        return BoundTable(*own)

    def _program_table(self, layout: MapLayout, *rest: Any) -> ProgramTable:
        maps, commits = self.dataplane.maps, self._polycube.commits
        twin = maps.get(f"{layout.name}_tc")
        made = ProgramMap(maps[layout.name], twin, self.dataplane.programs)
        before = self.tables.get(layout.name)
        if isinstance(before, ProgramTable):
            made.take_over(before.programs)
        is_restoring = partial(getattr, commits, "restoring")
        return ProgramTable(layout, made, self.ports, *rest, is_restoring=is_restoring)

    def _max_age(self, expiry: str) -> Any:
        return (lambda: self.value(expiry.strip("/"))) if expiry else (lambda: None)

    def value(self, path: str) -> Any:
        """See `CubeContext.value`."""
        node = self.service[path]
        binding = getattr(node, "binding", "")
        if binding and is_set(node, self.tables[binding].layout):
            return values(node, self.tables[binding].entries())
        if binding:
            held = next(one for full, one, _ in leaves(self.service, binding) if full == path)
            return at(self.tables[binding].get({}) or {}, held)
        place = _place(self.service, path, self.name)
        return self.config.get(place, getattr(node, "default", None))

    def set(self, path: str, value: Any, *keys: Any) -> None:
        """See `CubeContext.set`."""
        self._polycube.own.set(self, path, value, keys)

    async def send(
        self, port: str, data: bytes, *, recirculate: bool = False, to_namespace: bool = False
    ) -> None:
        """See `CubeContext.send`."""
        found = self._end(port).port
        if to_namespace:
            self._polycube.post.send_to_namespace(found, data)
        else:
            await self._polycube.post.send(self, found, data, recirculate=recirculate)

    async def publish(
        self, port: str, *, mac: str | None = None, addresses: Sequence[str] | None = None
    ) -> None:
        """See `CubeContext.publish`."""
        await self._polycube.shadows.published.publish(self._end(port), mac, addresses)

    def _end(self, port: str) -> End:
        if port not in self.ports:
            message = "there is no such port"
            raise NotFound(message, f"{self.path}/ports/{port}")
        return End(self, self.ports[port])

    async def send_on(self, direction: str, data: bytes, *, recirculate: bool = False) -> None:
        """See `CubeContext.send_on`."""
        await self._polycube.post.send_on(self, direction, data, recirculate=recirculate)

    async def notify(self, path: str, event: Any, *keys: Any) -> None:
        """See `CubeContext.notify`."""
        await self._polycube.notifying.notify(self, path, event, keys)

    def every(self, seconds: float, work: Work) -> Timer:
        """See `CubeContext.every`."""
        return self.timers.every(seconds, work)

    async def reload(
        self, code: str | None = None, index: int = 0, direction: str = "ingress"
    ) -> None:
        """See `CubeContext.reload`."""
        await self._polycube.pipelines.put(self, code, index, direction)

    async def add_program(
        self, code: str, index: int | None = None, direction: str = "ingress"
    ) -> int:
        """See `CubeContext.add_program`."""
        return await self._polycube.pipelines.add(self, code, index, direction)

    async def del_program(self, index: int, direction: str = "ingress") -> None:
        """See `CubeContext.del_program`."""
        await self._polycube.pipelines.remove(self, index, direction)


def declared(service: type[ControlPlane]) -> dict[str, Path]:
    """Return the C files of a service by program name, checked."""
    files = dict(service.datapath())
    for name in files:
        if parse(name).direction not in DIRECTIONS:
            message = f"{service.__name__}.datapath() names a program '{name}'; expected ingress_…"
            raise OperationFailed(message)
    return files


def service_sources(
    service: type[ControlPlane],
    hook: Hook,
    loglevel: str,
    codes: Codes | None = None,
    *,
    shadow: bool = False,
    span: bool = False,
) -> dict[str, Source]:
    """Return a service's translation units by program name, without any cube."""
    maps, transparent = _generated_maps(service), service.SERVICE.kind == "transparent"
    files, codes = declared(service), codes or {}
    sources = {}
    for place in sorted(map(parse, files.keys() | codes.keys()), key=_order):
        text, name = codes.get(place.name), service.SERVICE.name
        if text is None and place.name in codes:
            continue  # taken away
        file = files.get(place.name)
        part = Part(
            f"{name}/{file.name if file else place.name + '.c'}",
            _read(file) if text is None and file else text or "",
        )
        hooks = {place: hook}
        if transparent and hook is Hook.XDP and place.direction == "egress":
            hooks[place.at_tc] = Hook.TC  # the host's own packets pass no XDP hook as they leave
        for one, where in hooks.items():
            sources[one.name] = cube_source(
                where,
                loglevel,
                maps,
                part,
                one.direction,
                transparent=transparent,
                inner=one.index > 0,
                shadow=shadow,
                span=span,
            )
    return sources


def _order(place: ProgramPlace) -> tuple[int, int]:
    return DIRECTIONS.index(place.direction), place.index


def _read(file: Path) -> str:
    try:
        return file.read_text()
    except (OSError, UnicodeDecodeError) as error:
        message = f"the service's data plane {file} cannot be read: {error}"
        raise OperationFailed(message) from error


def _defaults(service: Service, binding: str) -> dict[str, Any]:
    return {
        path: node.default
        for where, path, node in leaves(service, binding)
        if (node.default if isinstance(node, LeafList) else node.default is not None)
        and not _place(service, where).may_be_absent
    }


def _place(service: Service, path: str, cube: str = "") -> Place:
    """Return the place of a node in no entry."""
    steps = path.split("/")
    nodes = [service["/".join(steps[: n + 1])] for n in range(len(steps))]
    return Place(service, cube, tuple((one, None) for one in nodes))


@cache
def _generated_maps(service: type[ControlPlane]) -> Part:
    package = importlib.import_module(service.generated())
    file = Path(package.__file__ or "").with_name("maps.h")
    return Part(f"{service.SERVICE.name}/maps.h", file.read_text())
