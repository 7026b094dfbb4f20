"""A daemon in memory: no root, no clang. What clang would make of a service is told by its maps."""

import contextlib
from collections.abc import Iterator
from pathlib import Path

import pytest

import polycube_services.simplebridge
from polycube_runtime.bpf.compiler import Counts
from polycube_runtime.bpf.errors import KernelRefused
from polycube_runtime.bpf.kernel import Program
from polycube_runtime.bpf.memory import MemoryKernel, MemoryMap
from polycube_runtime.bpf.source import FLOOD
from polycube_runtime.bpf.spec import Hook, MapKind, MapRef, MapSpec, ObjectSpec, ProgramSpec
from polycube_runtime.core.polycube import Polycube
from polycube_runtime.support.codec import MapLayout
from polycube_runtime.support.errors import InvalidValue
from polycube_services.helloworld import Helloworld
from polycube_services.simplebridge import Simplebridge
from polycube_services.transparenthelloworld import Transparenthelloworld
from tests.golden.packages.conditions import ConditionsBase, GreetOutput
from tests.golden.packages.maps import MapsBase
from tests.golden.packages.nodes import NodesBase
from tests.golden.packages.nodes.models import ChainAppendOutput, Neighbour
from tests.golden.packages.values import ValuesBase

C_FILE = Path(polycube_services.simplebridge.__file__).with_name("datapath.c")
OWN_MAPS = (
    MapSpec("pcn_ports", MapKind.ARRAY, 4, 8, 384),
    MapSpec("pcn_next", MapKind.PROG_ARRAY, 4, 4, 385),
    MapSpec("pcn_cube", MapKind.ARRAY, 4, 12, 1),
    MapSpec("pcn_scratch", MapKind.PERCPU_ARRAY, 4, 64, 1),
    MapSpec("pcn_packets", MapKind.RINGBUF, 0, 0, 4096),
    MapSpec("pcn_logs", MapKind.RINGBUF, 0, 0, 4096),
    MapSpec("pcn_lost", MapKind.PERCPU_ARRAY, 4, 8, 2),
)
XDP_MAPS = (
    MapSpec("pcn_netdevs", MapKind.DEVMAP, 4, 4, 128),
    MapSpec("pcn_xdp_port", MapKind.PERCPU_ARRAY, 4, 4, 1),
)
NOTHING = "pcn_verdict"  # the program in slots that lead nowhere any more
DOOR = "pcn_door"  # the maps of what hangs on a netdev: made anew with it
NETDEVS = ("veth1", "veth2", "veth3")


class Told:
    """A control plane that remembers what its hooks were told, and refuses what it is asked to."""

    def __init__(self, cube) -> None:
        super().__init__(cube)
        self.told: list[tuple] = []
        self.refused: set[str] = set()

    def tell(self, hook: str, *what: object) -> None:
        if hook in self.refused:
            message = f"{hook} says no"
            raise InvalidValue(message)
        self.told.append((hook, *what))

    @classmethod
    def datapath(cls) -> dict[str, Path]:
        directions = ("ingress", "egress") if cls.SERVICE.kind == "transparent" else ("ingress",)
        return dict.fromkeys(directions, C_FILE)


def _teller(name: str):
    async def hook(self, *what: object, **named: object) -> None:
        self.tell(name, *what, *named.values())

    return hook


def _told(base: type) -> dict[str, object]:
    hooks = ("set_", "add_", "update_", "remove_", "stop_")
    names = [name for name in base.__abstractmethods__ if name.startswith(hooks)]
    return {name: _teller(name) for name in names}


class Nodes(Told, type("_Nodes", (NodesBase,), _told(NodesBase))):
    """The service of every kind of node that a control plane serves."""

    neighbours = (Neighbour(address="10.0.0.1"), Neighbour())

    async def get_uptime_seconds(self) -> int:
        return 7

    async def get_chain_hits(self, chain_name: str) -> int:
        return len(chain_name)

    async def get_neighbour(self) -> list[Neighbour]:
        return list(self.neighbours)

    async def chain_append(self, chain_name: str, given) -> ChainAppendOutput:
        self.tell("chain_append", chain_name, given)
        return ChainAppendOutput(id=3)


class Maps(Told, type("_Maps", (MapsBase,), _told(MapsBase))):
    """The service of every way to bind a node to a map."""


class Values(Told, type("_Values", (ValuesBase,), _told(ValuesBase))):
    """The service of everything that an entry of a map can hold."""


class Conditions(Told, type("_Conditions", (ConditionsBase,), _told(ConditionsBase))):
    """The service of nodes that come and go with others."""

    async def greet(self, given) -> GreetOutput:
        self.tell("greet", given)
        return GreetOutput(text=given.user)


SERVICES = {
    "helloworld": Helloworld,
    "simplebridge": Simplebridge,
    "transparenthelloworld": Transparenthelloworld,
    "nodes": Nodes,
    "maps": Maps,
    "values": Values,
    "conditions": Conditions,
}


def map_specs(layout: MapLayout) -> list[MapSpec]:
    """Return what a table is in C: a map, and that which holds such maps if there are many."""
    outer, size = layout.outer, layout.key.size - (layout.outer.size if layout.outer else 0)
    kind, entries = MapKind[layout.kind.upper()], layout.entries
    specs = [MapSpec(layout.name, kind, size, layout.value.size, entries, layout.flags)]
    if outer:
        kind = MapKind[outer.kind.upper()]
        specs += [MapSpec(outer.name, kind, outer.size, 4, outer.entries, inner=layout.name)]
    return specs


class FakeCompiler:
    """Knows what each service compiles to; `maps` are its additional ones, `fail` makes it fail."""

    def __init__(self) -> None:
        self.counts = Counts()
        self.compiled: list[str] = []
        self.maps: dict[str, MapSpec] = {}
        self.fail: Exception | None = None

    async def compile(self, source) -> ObjectSpec:
        self.compiled.append(source.text)
        if self.fail:
            raise self.fail
        names = {part.name.split("/")[0] for part in source.parts}
        layouts = SERVICES[(names - {"pcn"}).pop()].SERVICE.maps
        specs = [spec for layout in layouts for spec in map_specs(layout)]
        specs += [*OWN_MAPS, *(XDP_MAPS if source.hook is Hook.XDP else ()), *self.maps.values()]
        maps = {spec.name: spec for spec in specs}
        refs = tuple(MapRef(n, name) for n, name in enumerate(maps))
        programs = {name: ProgramSpec(name, source.hook, b"", refs) for name in source.functions}
        return ObjectSpec(programs, maps)

    async def explain(self, _source, error):
        return error

    async def close(self) -> None:
        """Nothing to end."""


def daemon(*netdevs: str) -> Polycube:
    """Return a daemon in memory; to be made and used in a running loop."""
    kernel = MemoryKernel(*(netdevs or NETDEVS))
    return Polycube(kernel, FakeCompiler(), SERVICES, "/pins", "pcn")


async def create(polycube: Polycube, service: str, name: str, **document):
    """Create a cube as REST does."""
    ready = polycube.prepare(service, {"name": name, **document})
    async with polycube.change() as undo:
        return await polycube.create(service, ready, undo)


def left(kernel: MemoryKernel) -> list[str]:
    """Name everything that is open, pinned or attached."""
    return [
        *(f"map {one.spec.name}" for one in kernel.maps if not one.closed),
        *(f"program {one.name}" for one in kernel.loaded if not one.closed),
        *(f"pin {path}" for path in kernel.pins),
        *(f"attached {where}" for where in kernel.attached),
        *(f"namespace {name}" for name in kernel.namespaces.by_name),
    ]


def slots(map_: MemoryMap) -> dict[int, Program]:
    """Return the programs in a prog array that lead to other cubes."""
    hidden = {NOTHING, FLOOD}
    return {slot: one for slot, one in map_.programs.items() if one.name not in hidden}


async def state(polycube: Polycube) -> dict:
    """Take down all that a failed change must leave as it was."""
    kernel = polycube.kernel
    trees = [polycube.tree(cube) for cube in polycube.cubes.values()]
    return {
        "maps": {
            (id(one), one.spec.name): (dict(one.items()), slots(one))
            for one in kernel.maps
            if not one.closed and not one.spec.name.startswith(DOOR)
        },
        "doors": sorted(
            (one.spec.name, sorted(one.items()), sorted(map(id, slots(one).values())))
            for one in kernel.maps
            if not one.closed and one.spec.name.startswith(DOOR)
        ),
        "programs": {
            id(one)
            for one in kernel.loaded
            if not one.closed and one.name not in {"pcn_dispatch", NOTHING}
        },
        "dispatchers": sorted(
            one.spec.insns for one in kernel.loaded if not one.closed and "disp" in one.name
        ),
        "pins": {path: "netdevs" in path or id(one) for path, one in kernel.pins.items()},
        "attached": sorted(kernel.attached),
        "netdevs": sorted(kernel.netdevs_by_name),
        "namespaces": {
            name: (one.mark, {netdev.name: netdev.addresses for netdev in one.netdevs.values()})
            for name, one in kernel.namespaces.by_name.items()
        },
        "trees": [await tree.read(tree.root) for tree in trees],
        "up": [port.up for cube in polycube.cubes.values() for port in cube.ports.values()],
        "log levels": [cube.log.level for cube in polycube.cubes.values()],
        "bound": [
            table.map is cube.dataplane.maps[name]
            for cube in polycube.cubes.values()
            for name, table in cube.tables.items()
        ],
    }


@contextlib.contextmanager
def refusing(kernel: MemoryKernel, number: int) -> Iterator[list[str]]:
    """Let the `number`th thing asked of the kernel fail; yields what was asked."""
    asked: list[str] = []

    def refuse(what: str) -> Exception | None:
        asked.append(what)
        return KernelRefused(f"no {what}") if len(asked) == number else None

    before, kernel.refuse = kernel.refuse, refuse
    try:
        yield asked
    finally:
        kernel.refuse = before


def _differing(before: object, after: object) -> object:
    """Return of two dicts the members that differ, of all else both."""
    if isinstance(before, dict) and isinstance(after, dict):
        keys = before.keys() | after.keys()
        return {
            key: _differing(before.get(key), after.get(key))
            for key in keys
            if before.get(key) != after.get(key)
        }
    return (before, after)


async def fails_at_every_step(polycube: Polycube, action) -> list[str]:
    """Run `action` with each step it asks of the kernel refused in turn; each time nothing changes.

    Returns the steps; the last run succeeds.
    """
    for number in range(1, 200):
        await polycube.grace.close()
        before = await state(polycube)
        with refusing(polycube.kernel, number) as asked:
            try:
                await action()
            except KernelRefused:
                await polycube.grace.close()
                after = await state(polycube)
            else:
                if len(asked) < number:
                    return asked
                pytest.fail(f"{asked[number - 1]} was refused, and nobody noticed")
        for what, value in before.items():
            assert after[what] == value, (asked[number - 1], what, _differing(value, after[what]))
    pytest.fail("it never ended")
