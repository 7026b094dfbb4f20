"""The numbers of /metrics, from cubes over a kernel in memory."""

import asyncio
from dataclasses import replace

import pytest

from polycube_runtime.core.observed import measure, metrics
from polycube_runtime.core.observed.meters import BUCKETS, Histogram
from polycube_runtime.support.errors import OperationFailed
from polycube_runtime.support.schema import Metric, Where
from tests.fakes import create

pytestmark = pytest.mark.anyio


def gauge(node: str, **named) -> Metric:
    return Metric("x", "GAUGE", node, **named)


async def value(polycube, cube, metric: Metric):
    return await measure.value(polycube.tree(cube), cube, metric)


@pytest.fixture
async def bridge(polycube):
    entries = [{"address": f"02:00:00:00:00:0{n}", "port": "p1"} for n in range(3)]
    ports = [{"name": "p1", "peer": "veth1"}, {"name": "p2"}]
    return await create(polycube, "simplebridge", "br1", ports=ports, fdb={"entry": entries})


@pytest.fixture
async def nodes(polycube):
    chains = [
        {"name": "a", "rule": [{"id": 1}, {"id": 2}]},
        {"name": "bcd", "rule": [{"id": 1}]},
        {"name": "ef"},
    ]
    return await create(polycube, "nodes", "n1", ports=[{"name": "p1"}], server=["a"], chain=chains)


async def test_entries_of_a_bound_list_are_counted_without_being_read(
    polycube, bridge, monkeypatch
):
    def never(_self):
        pytest.fail("the entries were read")

    monkeypatch.setattr(type(bridge.tables["fwdtable"]), "entries", never)
    assert await value(polycube, bridge, gauge("fdb/entry", counted=True)) == 3


async def test_entries_that_have_expired_do_not_count(polycube, bridge):
    table = bridge.tables["fwdtable"]
    table.put({"address": "02:00:00:00:00:09", "port": "p1", "type": "dynamic", "age": 299})
    table.put({"address": "02:00:00:00:00:0a", "port": "p1", "type": "dynamic", "age": 302})
    counted = await value(polycube, bridge, gauge("fdb/entry", counted=True))
    assert counted == len(table.map.items()) - 1 == 4
    assert counted == len(table.entries())


@pytest.mark.parametrize(
    ("metric", "expected"),
    [
        (gauge("chain", counted=True), 3),
        (gauge("chain/rule", counted=True), 3),
        (gauge("chain/hits"), 1 + 3 + 2),
        (gauge("uptime/seconds"), 7),
        (gauge("neighbour", counted=True), 2),
        (gauge("chain", counted=True, where=(Where("chain", "name", "==", "a"),)), 1),
        (gauge("chain", counted=True, where=(Where("chain", "name", "!=", "a"),)), 2),
        (gauge("chain", counted=True, where=(Where("chain", "hits", ">=", 2),)), 2),
        (gauge("chain", counted=True, where=(Where("chain", "hits", "", None),)), 3),
        (gauge("chain/hits", where=(Where("chain", "hits", "<", 3),)), 1 + 2),
        (gauge("chain/rule", counted=True, where=(Where("chain", "name", ">", "a"),)), 1),
        (gauge("neighbour", counted=True, where=(Where("neighbour", "address", "!=", ""),)), 1),
        (gauge("neighbour", counted=True, where=(Where("neighbour", "address", "", None),)), 1),
        (gauge("neighbour", counted=True, where=(Where("neighbour", "address", "==", ""),)), 1),
    ],
)
async def test_a_metric_is_a_leaf_a_count_or_a_sum(polycube, nodes, metric, expected):
    assert await value(polycube, nodes, metric) == expected


async def test_ports_are_counted_and_filtered(polycube, bridge):
    connected = (Where("ports", "peer", "!=", ""),)
    assert await value(polycube, bridge, gauge("ports", counted=True)) == 2
    assert await value(polycube, bridge, gauge("ports", counted=True, where=connected)) == 1


async def found(polycube) -> dict[str, dict]:
    families = await metrics.collect(polycube)
    return {
        family.name: {sample.labels: sample.value for sample in family.samples}
        for family in families
    }


@pytest.mark.usefixtures("bridge")
async def test_the_models_metrics_come_first_with_the_name_of_the_cube(polycube):
    first, *_ = await metrics.collect(polycube)
    assert first.name == "simplebridge_entry_fdb_number_entries"
    assert first.modelled
    assert [(sample.labels, sample.value) for sample in first.samples] == [
        ((("cubeName", "br1"),), 3)
    ]


async def fails(polycube) -> None:
    async with polycube.change():
        message = "no"
        raise OperationFailed(message)


@pytest.mark.usefixtures("nodes")
async def test_the_daemon_counts_what_it_has(polycube, bridge):
    with pytest.raises(OperationFailed):
        await fails(polycube)
    numbers = await found(polycube)
    services = {labels[0][1]: value for labels, value in numbers["polycubed_cubes"].items()}
    assert services == dict.fromkeys(polycube.services, 0) | {"nodes": 1, "simplebridge": 1}
    named = (("cubeName", "br1"),)
    assert numbers["polycubed_cube_programs"][named] == len(bridge.dataplane.programs)
    assert numbers["polycubed_cube_maps"][named] == len(bridge.dataplane.maps)
    table = (*named, ("map", "fwdtable"))
    assert numbers["polycubed_map_entries"] == {table: 3}
    assert numbers["polycubed_map_capacity"] == {table: 16384}
    assert numbers["polycubed_netdevs"] == {(): 1}
    assert numbers["polycubed_transactions_total"] == {
        (("result", "committed"),): 2,
        (("result", "rolled back"),): 1,
    }
    assert numbers["process_resident_memory_bytes"][()] > 1 << 20
    assert numbers["process_open_fds"][()] >= 3
    assert numbers["process_cpu_seconds_total"][()] > 0


async def test_a_metric_that_fails_is_left_out_and_said_once(polycube, nodes, caplog):
    async def broken(_name):
        raise ZeroDivisionError

    nodes.control.get_chain_hits = broken
    nodes.service = replace_metrics(
        nodes.service, gauge("chain/hits"), gauge("chain", counted=True)
    )
    for _ in range(2):
        numbers = await found(polycube)
        assert numbers["x"] == {(("cubeName", "n1"),): 3}
    assert caplog.text.count("metric x of n1 cannot be had: ZeroDivisionError") == 1


def replace_metrics(service, *given):
    """Return a service whose nodes are the same objects, with other metrics."""
    return replace(service, metrics=given)


async def test_a_large_map_is_counted_in_a_thread(polycube, bridge, monkeypatch):
    asked = []
    real = asyncio.to_thread

    async def to_thread(work, *arguments):
        asked.append(work)
        return await real(work, *arguments)

    monkeypatch.setattr(asyncio, "to_thread", to_thread)
    monkeypatch.setattr(measure, "LARGE", 100)
    assert await value(polycube, bridge, gauge("fdb/entry", counted=True)) == 3
    assert await measure.entries(bridge.tables["fwdtable"].map) == 3
    assert len(asked) == 2


def test_a_histogram_counts_a_duration_in_every_bucket_above_it():
    histogram = Histogram()
    for seconds in (0.0005, BUCKETS[2], 99.0):
        histogram.observe(seconds)
    *buckets, count, total = histogram.samples(kind="a")
    assert [sample.value for sample in buckets] == [1, 1, *([2] * (len(BUCKETS) - 2)), 3]
    assert buckets[-1].labels == (("kind", "a"), ("le", "+Inf"))
    assert (count.suffix, count.value) == ("_count", 3)
    assert (total.suffix, total.value) == ("_sum", pytest.approx(99.0055))
