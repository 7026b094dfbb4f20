"""Whole topologies: what is equal is left untouched."""

import pytest

from polycube_runtime.core import topology
from polycube_runtime.core.durable.journal import Journal
from polycube_runtime.core.durable.restore import restore
from tests.core.restarts import file, polycube
from tests.fakes import create, daemon

__all__ = ["file", "polycube"]
pytestmark = pytest.mark.anyio


async def test_an_exported_topology_applies_while_a_netdev_is_absent(polycube, file):
    await create(polycube, "simplebridge", "br1", ports=[{"name": "p1", "peer": "veth1"}])
    await create(polycube, "transparenthelloworld", "t1")
    async with polycube.change() as undo:
        await polycube.chains.attach(polycube.cube("t1"), "veth2", undo)
    await polycube.close()
    again = daemon("veth3")
    again.commits.journal = Journal(file)
    await restore(again, again.commits.journal.load())
    exported = await topology.topology(again)
    attachments = [(one["cube"], one["port"]) for one in exported["attachments"]]
    assert attachments == [("t1", "veth2")]
    cubes = [
        (one["service-name"], again.prepare(one["service-name"], one)) for one in exported["cubes"]
    ]
    async with again.change() as undo:
        await topology.apply(again, topology.Wanted(cubes, attachments, only=True), undo)
    assert undo.records == []
    assert await topology.topology(again) == exported
    await again.close()
