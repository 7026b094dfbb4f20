"""YANG Patch (RFC 8072)."""

import pytest

from tests.rest.restconf.conftest import ADDRESS, ENTRY

PORT = {"simplebridge:ports": [{"name": "p3"}]}


def edit(number: int, operation: str, target: str, value: object = ..., **more: str):
    given = {"edit-id": str(number), "operation": operation, "target": target, **more}
    return given if value is ... else {**given, "value": value}


def test_all_operations_in_one_patch(rc):
    path = rc.bridge(fdb={"aging-time": 9})
    entry = {"address": ADDRESS, "port": "p3"}
    status = rc.patch(
        path,
        edit(1, "create", "/ports=p3", PORT),
        edit(2, "merge", "/fdb", {"simplebridge:fdb": {"entry": [entry]}}),
        edit(3, "replace", "/loglevel", {"simplebridge:loglevel": "WARN"}),
        edit(4, "delete", "/ports=p1"),
        edit(5, "remove", "/ports=p1"),
        edit(6, "remove", "/ports=p1/peer"),
    )
    assert status == {"patch-id": "p1", "ok": [None]}
    cube = rc.get(f"{path}?content=config")["simplebridge:simplebridge"][0]
    assert [port["name"] for port in cube["ports"]] == ["p2", "p3"]
    assert cube["fdb"] == {"aging-time": 9, "entry": [entry]}
    assert cube["loglevel"] == "WARN"


def test_cubes_are_created_and_deleted_from_the_datastore(rc):
    rc.bridge("br1")
    value = {"simplebridge:simplebridge": [{"name": "br2"}]}
    rc.patch(
        "/data",
        edit(1, "create", "/simplebridge:simplebridge=br2", value),
        edit(2, "delete", "/simplebridge:simplebridge=br1"),
    )
    assert list(rc.polycube.cubes) == ["br2"]


def test_a_patch_of_the_target_itself(rc):
    path = rc.bridge()
    rc.patch(f"{path}/fdb", edit(1, "merge", "/", {"simplebridge:fdb": {"aging-time": 4}}))
    assert rc.get(f"{path}/fdb/aging-time") == {"simplebridge:aging-time": 4}


@pytest.mark.parametrize(
    ("failing", "status", "tag"),
    [
        (edit(2, "create", "/ports=p3", PORT), 409, "data-exists"),
        (edit(2, "delete", "/ports=none"), 409, "data-missing"),
        (edit(2, "merge", "/loglevel", {"simplebridge:loglevel": "loud"}), 400, "invalid-value"),
        (edit(2, "delete", "/nothing"), 404, "invalid-value"),
        (edit(2, "delete", "/uuid"), 405, "operation-not-supported"),
        (edit(2, "explode", "/ports=p1"), 400, "invalid-value"),
        (edit(2, "create", "/ports=p4"), 400, "invalid-value"),
        (edit(2, "delete", "/ports=p1", PORT), 400, "invalid-value"),
        (edit(2, "insert", f"/fdb/entry={ENTRY}",
              {"simplebridge:entry": [{"address": ADDRESS, "port": "p1"}]}), 400, "invalid-value"),
        (edit(1, "remove", "/ports=p1"), 400, "invalid-value"),
    ],
)  # fmt: skip
def test_a_patch_that_fails_changes_nothing_and_says_which_edit(rc, failing, status, tag):
    path = rc.bridge()
    before = rc.get(path)
    found = rc.patch(path, edit(1, "create", "/ports=p3", PORT), failing, status=status)
    (one,) = found["edit-status"]["edit"]
    assert one["edit-id"] == failing["edit-id"]
    (error,) = one["errors"]["error"]
    assert error["error-tag"] == tag
    assert rc.get(path) == before


def test_insert_and_move(rc):
    path = rc.nodes()
    z = {"nodes:server": ["z"]}
    rc.patch(path, edit(1, "insert", "/server=z", z, where="before", point="/server=y"))
    assert rc.get(f"{path}/server")["nodes:server"] == ["x", "z", "y"]
    rc.patch(path, edit(1, "move", "/server=z", where="first"))
    assert rc.get(f"{path}/server")["nodes:server"] == ["z", "x", "y"]
    rc.patch(path, edit(1, "move", "/server=z"))
    assert rc.get(f"{path}/server")["nodes:server"] == ["x", "y", "z"]
    rc.patch(path, edit(1, "move", "/server=z", where="after"), status=400)
    rc.patch(path, edit(1, "move", "/server=q", where="first"), status=409)


@pytest.mark.parametrize(
    "patch",
    [
        {}, {"patch-id": 1}, {"patch-id": "p", "edit": 1}, {"patch-id": "p", "edit": [1]},
        {"patch-id": "p", "edit": [{}]}, {"patch-id": "p", "more": 1}, 7,
    ],
)  # fmt: skip
def test_what_is_no_patch(rc, patch):
    path = rc.bridge()
    body = {"ietf-yang-patch:yang-patch": patch}
    error = rc.error("PATCH", path, body, **{"content-type": "application/yang-patch+json"})
    assert error.status == 400
    assert error.tag in {"malformed-message", "missing-element", "invalid-value"}


def test_conditions_and_dry_runs_hold_for_patches(rc):
    path = rc.bridge()
    body = {
        "ietf-yang-patch:yang-patch": {
            "patch-id": "p",
            "edit": [edit(1, "create", "/ports=p3", PORT)],
        }
    }
    media = {"content-type": "application/yang-patch+json"}
    assert rc.error("PATCH", path, body, **media, if_match='"0-0"').status == 412
    answer = rc("PATCH", f"{path}?dry-run", body, 200, **media)
    assert [one["op"] for one in answer.json()["changes"]] == ["create"]
    assert rc.error("GET", f"{path}/ports=p3").status == 404


def test_the_whole_patch_must_be_valid_and_not_each_edit(rc):
    path = rc.nodes(mirror={"to": "a"})
    port = {"nodes:ports": [{"name": "b"}]}
    rc.patch(
        path,
        edit(1, "replace", "/mirror", {"nodes:mirror": {"to": "b"}}),
        edit(2, "create", "/ports=b", port),
    )
    assert rc.get(f"{path}/mirror") == {"nodes:mirror": {"to": "b"}}
    rc.patch(
        path,
        edit(1, "delete", "/ports=b"),
        edit(2, "merge", "/mirror", {"nodes:mirror": {"to": "a"}}),
    )
    before = rc.get(path)
    status = rc.patch(
        path,
        edit("x", "merge", "/loglevel", {"nodes:loglevel": "WARN"}),
        edit("y", "delete", "/ports=a"),
        status=412,
    )
    assert "ok" not in status
    assert rc.get(path) == before


def test_what_is_wrong_with_the_whole_is_said_of_the_edit_that_it_is_about(rc):
    path = rc.nodes()
    status = rc.patch(
        path,
        edit("level", "merge", "/loglevel", {"nodes:loglevel": "WARN"}),
        edit("mirror", "create", "/mirror", {"nodes:mirror": {"to": "none"}}),
        edit("class", "replace", "/class", {"nodes:class": 4}),
        status=409,
    )
    (one,) = status["edit-status"]["edit"]
    assert one["edit-id"] == "mirror"
    (error,) = one["errors"]["error"]
    assert (error["error-tag"], error["error-app-tag"]) == ("data-missing", "instance-required")
    assert error["error-path"] == "/nodes:nodes[name='n1']/mirror/to"
    rc("PUT", f"{path}/mirror", {"nodes:mirror": {"to": "a"}}, 201)
    status = rc.patch(
        path,
        edit("b", "create", "/ports=b", {"nodes:ports": [{"name": "b"}]}),
        edit("a", "delete", "/ports=a"),
        status=409,
    )
    (error,) = status["errors"]["error"]  # of none of them: it is what was there before
    assert error["error-path"] == "/nodes:nodes[name='n1']/mirror/to"
    assert rc("GET", f"{path}/ports=b").status_code == 404


def test_conditions_are_those_of_the_whole_patch(rc):
    rc("POST", "/data", {"conditions:conditions": [{"name": "c1"}]}, 201)
    path = "/data/conditions:conditions=c1"
    reason = edit(1, "create", "/reason", {"conditions:reason": "x"})
    closed = edit(2, "merge", "/mode", {"conditions:mode": "CLOSED"})
    level = edit(3, "merge", "/loglevel", {"conditions:loglevel": "WARN"})
    rc.patch(path, reason, level, closed)
    (found,) = rc.get(f"{path}?content=config").values()
    assert (found[0]["mode"], found[0]["reason"], found[0]["retry"]) == ("CLOSED", "x", 30)
    rc.patch(path, edit(1, "merge", "/mode", {"conditions:mode": "OPEN"}), level)
    (found,) = rc.get(f"{path}?content=config").values()
    assert not found[0].keys() & {"reason", "retry"}
    refused = rc.patch(path, reason, level, status=400)
    (one,) = refused["edit-status"]["edit"]
    assert one["edit-id"] == "1"
    assert rc("GET", f"{path}/reason").status_code == 404


def test_of_two_cases_the_later_one_stays(rc):
    rc("POST", "/data", {"conditions:conditions": [{"name": "c1"}]}, 201)
    path = "/data/conditions:conditions=c1"
    rate = edit("r", "merge", "/rate", {"conditions:rate": 5})
    quota = edit("q", "merge", "/quota", {"conditions:quota": 7})
    for order, there, gone in (((rate, quota), "quota", "rate"), ((quota, rate), "rate", "quota")):
        rc.patch(path, *order)
        (found,) = rc.get(f"{path}?content=config").values()
        assert there in found[0]
        assert gone not in found[0]


def test_entries_are_counted_when_all_edits_are_done(rc):
    path = rc.nodes()
    swap = (
        edit("gone", "delete", "/ports=a"),
        edit("new", "create", "/ports=b", {"nodes:ports": [{"name": "b"}]}),
    )
    rc.patch(path, *swap)
    (found,) = rc.get(f"{path}/ports?fields=name").values()
    assert found == [{"name": "b"}]
    many = [
        edit(n, "create", f"/ports=p{n}", {"nodes:ports": [{"name": f"p{n}"}]}) for n in range(8)
    ]
    rc.patch(path, *many, edit("b", "delete", "/ports=b"))
    (found,) = rc.get(f"{path}/ports").values()
    assert len(found) == 8
    one_more = edit("one-more", "create", "/ports=x", {"nodes:ports": [{"name": "x"}]})
    status = rc.patch(path, one_more, status=412)
    assert "too-many-elements" in str(status)
    every = [edit(f"d{n}", "delete", f"/ports=p{n}") for n in range(8)]
    status = rc.patch(path, *every, status=412)
    assert "too-few-elements" in str(status)
    (found,) = rc.get(f"{path}/ports").values()
    assert len(found) == 8
