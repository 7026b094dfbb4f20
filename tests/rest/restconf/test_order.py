"""`insert` and `point` in a list of objects; no model of ours has an ordered one."""

from dataclasses import replace

import pytest

from polycube_runtime.support.schema import Service
from tests.fakes import SERVICES, Nodes


def _ordered(service: Service) -> Service:
    children = [
        replace(one, ordered_by_user=True) if one.name == "chain" else one
        for one in service.children
    ]
    return replace(service, children=tuple(children))


class Ordered(Nodes):
    """Its chains are in the order that users give them."""

    SERVICE = _ordered(Nodes.SERVICE)

    @classmethod
    def generated(cls) -> str:
        return Nodes.generated()


@pytest.fixture
def chains(rc):
    rc.polycube.services = {**SERVICES, "nodes": Ordered}
    path = rc.nodes(chain=[{"name": name, "rule": [{"id": 1}]} for name in "abc"])

    def order() -> str:
        return "".join(one["name"] for one in rc.get(f"{path}/chain")["nodes:chain"])

    assert order() == "abc"
    return rc, path, order


def body(name: str) -> dict:
    return {"nodes:chain": [{"name": name, "rule": [{"id": 1}]}]}


@pytest.mark.parametrize(
    ("query", "expected"),
    [
        ("insert=first", "dabc"),
        ("insert=last", "abcd"),
        ("insert=before&point=/nodes:nodes=n1/chain=b", "adbc"),
        ("insert=after&point=/nodes:nodes=n1/chain=b", "abdc"),
        ("insert=after&point=/nodes:nodes=n1/chain=c", "abcd"),
        ("", "abcd"),
    ],
)
def test_a_new_entry_goes_where_it_is_to(chains, query, expected):
    rc, path, order = chains
    rc("POST", f"{path}?{query}", body("d"), 201)
    assert order() == expected
    assert rc.get(f"{path}/chain=c/rule=1")["nodes:rule"][0]["verdict"] == "PASS"


def test_an_entry_moves(chains):
    rc, path, order = chains
    rc("PUT", f"{path}/chain=c?insert=first", body("c"), 204)
    assert order() == "cab"
    move = {"edit-id": "1", "operation": "move", "target": "/chain=c", "where": "after"}
    rc.patch(path, {**move, "point": "/chain=a"})
    assert order() == "acb"
    rc.patch(path, {**move, "where": "last"})
    assert order() == "abc"
    rc.patch(path, {**move, "point": "/chain=x"}, status=400)
    rc.patch(path, {**move, "point": "/server=x"}, status=400)
    assert order() == "abc"
