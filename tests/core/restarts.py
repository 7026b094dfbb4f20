"""A daemon in memory that is stopped, or killed, and started again from its journal."""

import contextlib
from urllib.parse import unquote

import pytest

from polycube_runtime.core.durable.journal import Journal
from polycube_runtime.core.durable.restore import restore
from polycube_runtime.core.model.place import resolve
from polycube_runtime.core.topology import topology
from polycube_runtime.support.validate import Mode, validate, validate_entry
from tests.fakes import create, daemon

RULES = [{"id": 9, "verdict": "DROP"}, {"id": 1, "verdict": "PASS"}, {"id": 5, "verdict": "DROP"}]


@pytest.fixture
def file(tmp_path):
    return tmp_path / "state.db"


@contextlib.asynccontextmanager
async def running(file, *netdevs):
    """A daemon in memory, whose cubes are those of `file`."""
    polycube = daemon(*netdevs)
    polycube.commits.journal = Journal(file)
    await restore(polycube, polycube.commits.journal.load())
    try:
        yield polycube
    finally:
        await polycube.close()


@pytest.fixture
async def polycube(file):
    async with running(file) as polycube:
        yield polycube


async def known(polycube) -> dict:
    """Everything that must be the same after a restart."""
    cubes = polycube.cubes.values()
    return {
        "config": await topology(polycube),
        "cubes": [(cube.name, cube.id, cube.uuid, cube.version) for cube in cubes],
        "ports": [
            (cube.name, port.name, port.index, port.uuid, port.peer, port.up)
            for cube in cubes
            for port in cube.ports.values()
        ],
        "number": polycube.commits.number,
    }


async def survives(polycube, file) -> dict:
    """Restart from what is on the disk now, as after kill -9; the same must be there."""
    before = await known(polycube)
    copy = file.with_name("copy.db")
    for end in ("", "-wal"):
        part = file.with_name(file.name + end)
        copy.with_name(copy.name + end).write_bytes(part.read_bytes() if part.exists() else b"")
    copy.with_name("copy.db-shm").unlink(missing_ok=True)
    async with running(copy) as again:
        assert await known(again) == before
        assert again.unrestored == {}
    return before


def place(polycube, path: str):
    """Find `/service/cube/…` and the tree it is in."""
    _, service, name, *steps = path.split("/")
    cube = polycube.cube(name, service)
    template, keys, node = "/{name}", [name], cube.service
    while steps:
        node = node.by_name[steps.pop(0)]
        template += f"/{node.name}"
        for key in getattr(node, "keys", ())[: len(steps)]:
            template += f"/{{{key}}}"
            keys.append(unquote(steps.pop(0)))
    return polycube.tree(cube), resolve(cube.service, template, tuple(keys))


async def ask(polycube, verb: str, path: str, value=None, *, dry_run=False) -> list:
    """Do what REST does for a verb; returns the records."""
    tree, where = place(polycube, path)
    if value is not None:
        mode = Mode.UPDATE if verb == "update" else Mode.CREATE
        if where.is_entry:
            keys = dict(zip(where.node.keys, where.key, strict=True))
            value = validate_entry(where.node, {**value, **keys}, mode, where.path)
        elif where.steps:
            value = validate(where.node, value, mode, where.path)
        else:
            value = validate(where.node, {**value, "name": where.cube}, mode, where.path)
            del value["name"]
    async with polycube.change(dry_run=dry_run) as undo:
        if verb == "call":
            await tree.call(where, value)
        else:
            await getattr(tree, verb)(where, *([] if value is None else [value]), undo)
    return [(one.op, one.path, one.old, one.new) for one in undo.records]


async def fill(polycube) -> None:
    await create(
        polycube,
        "simplebridge",
        "br1",
        loglevel="DEBUG",
        ports=[{"name": "p1", "peer": "veth1"}, {"name": "p2"}, {"name": "p3"}],
        fdb={"aging-time": 60, "entry": [{"address": "02:00:00:00:00:01", "port": "p2"}]},
    )
    await create(
        polycube,
        "nodes",
        "n1",
        server=["b", "a"],
        ports=[{"name": "b", "mtu": 900}, {"name": "a", "peer": "br1:p2"}],
        mirror={"to": "a"},
        chain=[{"name": "OUT", "rule": RULES}, {"name": "IN"}],
    )
    await ask(polycube, "update", "/simplebridge/br1/ports/p2", {"peer": "n1:a"})
    for name in ("m1", "m2", "m3"):
        await create(polycube, "maps", name, label=name)
    async with polycube.change() as undo:
        await polycube.chains.attach(polycube.cubes["m1"], "br1:p1", undo)
        await polycube.chains.attach(polycube.cubes["m2"], "veth2", undo)
        await polycube.chains.attach(polycube.cubes["m3"], "veth2", undo, position="first")


STEPS = [
    ("update", "/simplebridge/br1/fdb", {"aging-time": 7}),
    ("update", "/simplebridge/br1", {"loglevel": "TRACE"}),
    ("create", "/simplebridge/br1/fdb/entry/02:00:00:00:00:02", {"port": "p1"}),
    ("update", "/simplebridge/br1/fdb/entry/02:00:00:00:00:01", {"port": "p1"}),
    ("delete", "/simplebridge/br1/fdb/entry/02:00:00:00:00:01", None),
    ("replace", "/simplebridge/br1/fdb/entry", [{"address": "02:00:00:00:00:03", "port": "p3"}]),
    ("delete", "/simplebridge/br1/fdb/entry", None),
    ("delete", "/simplebridge/br1/fdb", None),
    ("create", "/simplebridge/br1/ports/p9", {"peer": "veth3"}),
    ("update", "/simplebridge/br1/ports/p2", {"peer": ""}),
    ("delete", "/simplebridge/br1/ports/p2", None),
    ("update", "/nodes/n1", {"class": 3, "limit": 7, "server": ["x", "y", "z"]}),
    ("update", "/nodes/n1/ports/b", {"mtu": 1400}),
    ("create", "/nodes/n1/chain/NEW", {"rule": RULES}),
    ("create", "/nodes/n1/chain/IN/rule", RULES),
    ("update", "/nodes/n1/chain/OUT/rule/1", {"source-address": "10.0.0.0/8"}),
    ("replace", "/nodes/n1/chain/OUT/rule/5", {}),
    ("delete", "/nodes/n1/chain/OUT/rule/9", None),
    ("delete", "/nodes/n1/chain/OUT", None),
    ("delete", "/nodes/n1/mirror", None),
    ("replace", "/nodes/n1/chain", [{"name": "X"}, {"name": "OUT", "rule": RULES[1:]}]),
    (
        "update",
        "/maps/m1",
        {"port-number": 8080, "settings": {"rate": 5}, "slot": [{"index": 3, "weight": 7}]},
    ),
    ("create", "/maps/m2/route", [{"network": "10.0.0.0/8", "next-hop": "10.0.0.1"}]),
    ("create", "/maps/m2/host/fd00::1", {"allowed": True}),
]
"""Changes of what `fill` makes: a verb, a path, a value."""


def journal_of(file):
    journal = Journal(file)
    cubes = journal.load().cubes
    journal.close()
    return cubes
