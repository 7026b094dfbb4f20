"""The order of lists that users order: `insert`, `point`, and documents in another order.

No model of ours has an ordered list of objects.
"""

import asyncio
from dataclasses import replace

import pytest

from polycube_runtime.core.durable.journal import Journal
from polycube_runtime.core.durable.restore import restore
from polycube_runtime.support.schema import Service
from tests.fakes import SERVICES, Nodes, daemon


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


def entries(order: str) -> list:
    return [{"name": name, "rule": [{"id": 1}]} for name in order]


@pytest.mark.parametrize("order", ["cba", "bac", "acb", "cab", "dabc", "bda", "c", "adcb", ""])
def test_a_document_says_the_order(chains, order):
    rc, path, now = chains
    told = rc.polycube.cubes["n1"].control.told
    for number, (verb, where, body) in enumerate((
        ("PUT", f"{path}/chain", {"nodes:chain": entries(order)}),
        ("PUT", path, {"nodes:nodes": [{
            "name": "n1", "ports": [{"name": "a"}], "server": ["x", "y"], "class": 3,
            "chain": entries(order)}]}),
    )):  # fmt: skip
        if number:
            rc("PUT", f"{path}/chain", {"nodes:chain": entries("abc")}, 204)
        told.clear()
        rc(verb, where, body, 204)
        assert now() == order
        held = list("abc")
        for hook, *what in told:
            if hook == "remove_chain":
                held.remove(what[0].name)
            elif hook == "add_chain":
                held.append(what[0].name)
        assert "".join(held) == order
        (state,) = rc.get(f"{path}/chain").values()
        assert all([one["id"] for one in chain["rule"]] == [1] for chain in state)


def test_the_dialect_orders_as_well(chains):
    rc, _, order = chains
    url = "http://localhost:9000/polycube/v1/nodes/n1/chain"
    tried = rc.client.put(f"{url}?dry-run", json=entries("acb")).json()["changes"]
    assert [(one["op"], one["path"]) for one in tried] == [("replace", "/nodes/n1/chain/b")]
    assert order() == "abc"
    assert rc.client.put(url, json=entries("cab")).status_code == 201
    assert order() == "cab"
    assert rc.client.patch(url, json=entries("abc")).status_code == 201
    assert order() == "cab"


def test_an_order_that_is_refused_leaves_the_other(chains):
    rc, path, order = chains
    body = {"nodes:chain": [*entries("ca"), {"name": "b", "rule": [{"id": "x"}]}]}
    assert rc.error("PUT", f"{path}/chain", body).status == 400
    assert order() == "abc"
    rc.polycube.cubes["n1"].control.refused.add("add_chain")
    assert rc("PUT", f"{path}/chain", {"nodes:chain": entries("cba")}).status_code == 400
    rc.polycube.cubes["n1"].control.refused.clear()
    assert order() == "abc"


def test_a_leaf_that_was_set_stays_set_when_its_entry_moves(chains):
    rc, path, order = chains
    rc("PUT", f"{path}/chain=b/rule=1/verdict", {"nodes:verdict": "PASS"}, 204)
    rc("PUT", f"{path}/chain=a?insert=last", body("a"), 204)
    assert order() == "bca"
    query = "with-defaults=explicit&content=config"
    (found,) = rc.get(f"{path}/chain=b/rule?{query}").values()
    assert found == [{"id": 1, "verdict": "PASS"}]
    (found,) = rc.get(f"{path}/chain=c/rule?{query}").values()
    assert found == [{"id": 1}]


def test_a_list_that_users_do_not_order_stays_as_it_is(rc):
    path = rc.nodes(chain=entries("abc"))
    rc("PUT", f"{path}/chain", {"nodes:chain": entries("cab")}, 204)
    (found,) = rc.get(f"{path}/chain").values()
    assert [one["name"] for one in found] == ["a", "b", "c"]


def test_an_order_outlives_a_restart(tmp_path):
    asyncio.run(_restart(tmp_path / "journal"))


async def _restart(file) -> None:
    def started():
        polycube = daemon()
        polycube.services = {**SERVICES, "nodes": Ordered}
        return polycube

    first = started()
    first.commits.journal = Journal(file)
    document = {"name": "n1", "ports": [{"name": "a"}], "server": ["x"], "chain": entries("abc")}
    async with first.change() as undo:
        cube = await first.create("nodes", first.prepare("nodes", document), undo)
    wanted = first.prepare("nodes", {**document, "chain": entries("cadb")})
    async with first.change() as undo:
        tree = first.tree(cube)
        own = {name: one for name, one in wanted.items() if name != "name"}
        await tree.replace(tree.root, own, undo)
    await first.close()
    journal, second = Journal(file), started()
    await restore(second, journal.load())
    journal.close()
    tree = second.tree(second.cubes["n1"])
    found = (await tree.read(tree.root))["chain"]
    assert "".join(one["name"] for one in found) == "cadb"
    assert all(len(one["rule"]) == 1 for one in found)
    await second.close()
