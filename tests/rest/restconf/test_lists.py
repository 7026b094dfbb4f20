"""Whole lists and leaf-lists (RFC 8040, sections 4.5 to 4.7): what merging and replacing means."""

from tests.rest.restconf.conftest import ADDRESS

BR = "/data/simplebridge:simplebridge"
OTHER = "02:00:00:00:00:02"


def entry(address: str, port: str = "p1") -> dict:
    return {"address": address, "port": port}


def test_put_makes_the_entries_the_only_ones(rc):
    path = rc.bridge(fdb={"entry": [entry(ADDRESS)]})
    body = {"simplebridge:entry": [entry(OTHER)]}
    rc("PUT", f"{path}/fdb/entry", body, 204)
    assert rc.get(f"{path}/fdb/entry?content=config") == body
    rc("PUT", f"{path}/fdb/entry", {"simplebridge:entry": []}, 204)
    assert rc.get(f"{path}/fdb/entry") == {"simplebridge:entry": []}


def test_patch_adds_entries_and_changes_those_that_are_there(rc):
    path = rc.bridge(fdb={"entry": [entry(ADDRESS)]})
    body = {"simplebridge:entry": [entry(ADDRESS, "p2"), entry(OTHER)]}
    rc("PATCH", f"{path}/fdb/entry", body, 204)
    assert rc.get(f"{path}/fdb/entry?content=config") == body


def test_a_whole_list_is_not_deleted_and_takes_no_post(rc):
    path = rc.bridge(fdb={"entry": [entry(ADDRESS)]})
    for at in (f"{path}/fdb/entry", BR):
        assert rc.error("DELETE", at).status == 405
        assert rc.error("POST", at, {}).status == 405
    edit = {"edit-id": "1", "operation": "delete", "target": "/fdb/entry"}
    assert "edit-status" in rc.patch(path, edit, status=400)
    edit = {**edit, "operation": "replace", "value": {"simplebridge:entry": [entry(OTHER)]}}
    rc.patch(path, edit)
    assert rc.get(f"{path}/fdb/entry=02%3A00%3A00%3A00%3A00%3A02/port")


def test_what_was_settled_when_an_entry_was_created_stays(rc):
    body = {"transparenthelloworld:transparenthelloworld": [{"name": "th1"}]}
    rc("POST", "/data", body, 201)
    path = rc.bridge()
    call = {"polycubed:input": {"cube": "th1", "port": "br1:p1"}}
    rc("POST", "/operations/polycubed:attach", call, 204)
    rc("PUT", f"{path}/ports", {"simplebridge:ports": [{"name": "p1"}, {"name": "p3"}]}, 204)
    ports = rc.get(f"{path}/ports")["simplebridge:ports"]
    assert [(one["name"], one["tcubes"]) for one in ports] == [("p1", ["th1"]), ("p3", [])]


def test_what_is_settled_may_be_said_again_as_it_is(rc):
    path = rc.bridge()
    body = rc.get(f"{path}?content=config")
    rc("PATCH", path, body, 204)
    rc("PATCH", "/data", {"ietf-restconf:data": body}, 204)
    body["simplebridge:simplebridge"][0]["type"] = "XDP_SKB"
    error = rc.error("PATCH", path, body)
    assert (error.status, error.tag) == (400, "invalid-value")
    assert error.path == "/simplebridge:simplebridge[name='br1']/type"


def test_cubes_of_one_service_are_replaced_and_merged(rc):
    rc.bridge("br1")
    rc.bridge("br2")
    rc("POST", "/data", {"helloworld:helloworld": [{"name": "hw"}]}, 201)
    rc("PATCH", BR, {"simplebridge:simplebridge": [{"name": "br3"}]}, 204)
    assert list(rc.polycube.cubes) == ["br1", "br2", "hw", "br3"]
    rc("PUT", BR, {"simplebridge:simplebridge": [{"name": "br2", "loglevel": "ERR"}]}, 204)
    assert list(rc.polycube.cubes) == ["br2", "hw"]
    error = rc.error("PUT", BR, {"simplebridge:simplebridge": [{"name": "hw"}]})
    assert (error.status, error.tag) == (409, "data-exists")
    assert list(rc.polycube.cubes) == ["br2", "hw"]


def test_leaf_lists_are_replaced_as_a_whole(rc):
    path = rc.nodes()
    rc("PUT", f"{path}/server", {"nodes:server": ["y", "q"]}, 204)
    assert rc.get(f"{path}/server") == {"nodes:server": ["y", "q"]}
    error = rc.error("PUT", f"{path}/server", {"nodes:server": []})
    assert (error.status, error.tag) == (412, "operation-failed")
    assert error.app_tag == "too-few-elements"
    error = rc.error("PUT", f"{path}/server", {"nodes:server": ["y", "y"]})
    assert error.status == 400


def test_to_merge_a_leaf_list_is_to_add_to_it(rc):
    path = rc.nodes(server=["x"])
    rc("PATCH", f"{path}/server", {"nodes:server": ["y"]}, 204)
    rc("PATCH", path, {"nodes:nodes": [{"name": "n1", "server": ["x", "z"]}]}, 204)
    assert rc.get(f"{path}/server") == {"nodes:server": ["x", "y", "z"]}
    error = rc.error("PATCH", path, {"nodes:nodes": [{"name": "n1", "server": ["q"]}]})
    assert (error.status, error.app_tag) == (412, "too-many-elements")


def test_the_target_of_a_patch_may_be_the_datastore(rc):
    rc.bridge("br1")
    value = {"ietf-restconf:data": {"simplebridge:simplebridge": [{"name": "br2"}]}}
    edit = {"edit-id": "1", "operation": "merge", "target": "/", "value": value}
    rc.patch("/data", edit)
    assert list(rc.polycube.cubes) == ["br1", "br2"]
    rc.patch("/data", {**edit, "operation": "replace"})
    assert list(rc.polycube.cubes) == ["br2"]
    assert "edit-status" in rc.patch("/data", {**edit, "operation": "create"}, status=400)
