"""`with-defaults=explicit`: defaults are shown if a client has set them (RFC 6243, section 3.3)."""

import asyncio

import pytest

from polycube_runtime.core.durable.journal import Journal
from polycube_runtime.core.durable.restore import restore
from tests.fakes import daemon
from tests.rest.restconf.conftest import ADDRESS, ENTRY

DIALECT = "/polycube/v1"


@pytest.fixture
def shown(rc):
    """Return what of a bridge is shown, without what is always there."""

    def of(path: str, query: str = "") -> dict:
        found = rc.get(f"{path}?content=config&with-defaults=explicit{query}")
        (one,) = found["simplebridge:simplebridge"]
        usual = {"name", "service-name", "ports"}
        fdb = {name: value for name, value in one.pop("fdb", {}).items() if value != []}
        one |= {"fdb": fdb} if fdb else {}
        return {name: value for name, value in one.items() if name not in usual}

    return of


def test_what_the_server_filled_in_is_not_shown(rc, shown):
    path = rc.bridge(fdb={"entry": [{"address": ADDRESS, "port": "p1"}]})
    assert shown(path) == {"fdb": {"entry": [{"address": ADDRESS, "port": "p1"}]}}


def test_what_a_client_set_to_its_default_is_shown(rc, shown):
    path = rc.bridge(loglevel="INFO", fdb={"aging-time": 300})
    assert shown(path) == {"loglevel": "INFO", "fdb": {"aging-time": 300}}
    rc("DELETE", f"{path}/loglevel", status=204)
    assert shown(path) == {"fdb": {"aging-time": 300}}
    rc("PUT", f"{path}/loglevel", {"simplebridge:loglevel": "INFO"}, 204)
    assert shown(path) == {"loglevel": "INFO", "fdb": {"aging-time": 300}}
    rc("PUT", f"{path}/fdb", {"simplebridge:fdb": {}}, 204)
    assert shown(path) == {"loglevel": "INFO"}
    rc("PATCH", f"{path}/fdb", {"simplebridge:fdb": {"aging-time": 300}}, 204)
    assert shown(path) == {"loglevel": "INFO", "fdb": {"aging-time": 300}}
    rc("PUT", path, {"simplebridge:simplebridge": [{"name": "br1"}]}, 204)
    assert shown(path) == {}


def test_another_value_is_always_shown(rc, shown):
    path = rc.bridge(fdb={"aging-time": 300})
    rc("PATCH", f"{path}/fdb", {"simplebridge:fdb": {"aging-time": 7}}, 204)
    assert shown(path) == {"fdb": {"aging-time": 7}}
    rc("DELETE", f"{path}/fdb/aging-time", status=204)
    assert shown(path) == {}


def test_the_configuration_is_the_same_but_not_what_is_shown(rc):
    path = rc.bridge()
    query, body = f"{path}?content=config&with-defaults=explicit", {"simplebridge:loglevel": "INFO"}
    tag, shown = (rc("GET", where).headers["etag"] for where in (f"{path}/loglevel", query))
    assert rc("PUT", f"{path}/loglevel", body, 204).headers["etag"] == tag
    assert rc("GET", query, if_none_match=shown).status_code == 200
    again = rc("GET", query).headers["etag"]
    rc("DELETE", f"{path}/loglevel?dry-run", status=200)
    rc("PUT", f"{path}/loglevel", body, 204, if_match=again)
    assert rc("GET", query, if_none_match=again).status_code == 304


def test_a_leaf_that_is_asked_for_itself_is_shown(rc):
    """RFC 8040, section 3.5.4: the default in use is the answer."""
    path = rc.bridge()
    found = rc.get(f"{path}/fdb/aging-time?with-defaults=explicit")
    assert found == {"simplebridge:aging-time": 300}


def test_state_is_shown(rc):
    path = rc.bridge()
    (one,) = rc.get(f"{path}?with-defaults=explicit")["simplebridge:simplebridge"]
    assert "uuid" in one
    assert "loglevel" not in one
    everything = rc.get("/data?with-defaults=explicit")["ietf-restconf:data"]
    assert "loglevel" not in everything["simplebridge:simplebridge"][0]
    assert "ietf-yang-library:yang-library" in everything
    (listed,) = rc.get("/data/simplebridge:simplebridge?with-defaults=explicit").values()
    assert "loglevel" not in listed[0]


def test_entries_that_are_made_anew_start_from_nothing(rc):
    rule = {"id": 1, "verdict": "PASS"}
    path = rc.nodes(chain=[{"name": "a/b c", "rule": [rule, {"id": 2}]}])

    def rules() -> list:
        found = rc.get(f"{path}/chain=a%2Fb%20c?with-defaults=explicit&content=config")
        return found["nodes:chain"][0].get("rule", [])

    assert rules() == [rule, {"id": 2}]
    rc("DELETE", f"{path}/chain=a%2Fb%20c/rule=1", status=204)
    rc("PATCH", f"{path}/chain=a%2Fb%20c", {
        "nodes:chain": [{"name": "a/b c", "rule": [{"id": 1}]}]}, 204)  # fmt: skip
    assert rules() == [{"id": 2}, {"id": 1}]
    rc("POST", f"{path}/chain=a%2Fb%20c", {"nodes:rule": [{"id": 3, "verdict": "PASS"}]}, 201)
    assert rules() == [{"id": 2}, {"id": 1}, {"id": 3, "verdict": "PASS"}]
    rc("PUT", f"{path}/chain=a%2Fb%20c", {"nodes:chain": [{"name": "a/b c", "rule": [rule]}]}, 204)
    assert rules() == [rule]


def test_what_is_refused_or_taken_back_sets_nothing(rc, shown):
    path = rc.bridge()
    port = {"edit-id": "b", "operation": "delete", "target": "/ports=none"}
    level = {"simplebridge:loglevel": "INFO"}
    edit = {"edit-id": "a", "operation": "replace", "target": "/loglevel", "value": level}
    rc.patch(path, edit, port, status=409)
    assert shown(path) == {}
    rc.patch(path, edit)
    assert shown(path) == {"loglevel": "INFO"}
    remove = {"edit-id": "c", "operation": "remove", "target": "/loglevel"}
    rc.patch(path, remove, edit)
    assert shown(path) == {"loglevel": "INFO"}
    rc.patch(path, edit, remove)
    assert shown(path) == {}


@pytest.mark.parametrize(
    ("verb", "path", "body", "expected"),
    [
        ("PATCH", "/simplebridge/br1", {"loglevel": "info"}, {"loglevel": "INFO"}),
        ("PATCH", "/simplebridge/br1/loglevel", "INFO", {"loglevel": "INFO"}),
        ("PUT", "/simplebridge/br1", {"fdb": {"aging-time": 300}}, {"fdb": {"aging-time": 300}}),
        ("PUT", "/simplebridge/br1/fdb", {"aging-time": 300}, {"fdb": {"aging-time": 300}}),
        ("POST", "/simplebridge/br1/fdb", {"aging-time": 300}, {"fdb": {"aging-time": 300}}),
        ("POST", "/simplebridge/br2", {"loglevel": "INFO"}, {"loglevel": "INFO"}),
        ("PUT", "/simplebridge/br2", {"loglevel": "INFO"}, {"loglevel": "INFO"}),
        ("PUT", "/cubes", [{"name": "br2", "service-name": "simplebridge", "loglevel": "INFO"}],
         {"loglevel": "INFO"}),
        ("PATCH", "/topology", {"cubes": [
            {"name": "br2", "service-name": "simplebridge", "fdb": {"aging-time": 300}}]},
         {"fdb": {"aging-time": 300}}),
    ],
)  # fmt: skip
def test_the_dialect_sets_them_as_well(rc, shown, verb, path, body, expected):
    rc.bridge("br1")
    answer = rc.client.request(verb, f"{DIALECT}{path}", json=body)
    assert answer.status_code < 300, answer.text
    name = "br2" if "br2" in path or "br2" in str(body) else "br1"
    assert shown(f"/data/simplebridge:simplebridge={name}") == expected
    if name == "br1":
        rc.client.delete(f"{DIALECT}/simplebridge/br1/fdb")
        assert "aging-time" not in shown("/data/simplebridge:simplebridge=br1").get("fdb", {})


def test_leaf_lists_and_unset_entries(rc):
    path = rc.bridge(fdb={"aging-time": 300})
    rc("POST", f"{path}/fdb", {"simplebridge:entry": [{"address": ADDRESS, "port": "p1"}]}, 201)
    rc("DELETE", f"{path}/fdb/entry={ENTRY}", status=204)
    found = rc.get(f"{path}/fdb?with-defaults=explicit&content=config")
    assert found["simplebridge:fdb"]["aging-time"] == 300


def test_it_outlives_a_restart(tmp_path):
    asyncio.run(_restart(tmp_path))


async def _restart(tmp_path) -> None:
    file = tmp_path / "journal"
    first = daemon()
    first.commits.journal = Journal(file)
    await _make(first)
    assert first.cubes["br1"].explicit == {"fdb/aging-time"}
    await first.close()
    journal = Journal(file)
    second = daemon()
    await restore(second, journal.load())
    journal.close()
    assert second.cubes["br1"].explicit == {"fdb/aging-time"}
    await second.close()


async def _make(polycube) -> None:
    from polycube_runtime.core.model.defaults import say  # noqa: PLC0415 (what a request does)

    for raw in ({"loglevel": "INFO"}, {"fdb": {"aging-time": 300}}):
        document = {"name": "br1", **raw}
        wanted = polycube.prepare("simplebridge", document)
        async with polycube.change() as undo:
            if "br1" not in polycube.cubes:
                await polycube.create("simplebridge", wanted, undo)
            cube = polycube.cubes["br1"]
            say(undo, cube, polycube.tree(cube).root, document, wanted, whole=True)
