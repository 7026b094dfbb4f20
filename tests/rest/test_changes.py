"""What every write can be given: conditions on what is there, and a dry run."""

import pytest

ADDRESS = "02:00:00:00:00:01"
BR1, BR9 = "/simplebridge/br1", "/simplebridge/br9"
ENTRY = f"{BR1}/fdb/entry/{ADDRESS}"


@pytest.fixture
def bridge(api):
    ports = [{"name": "p1", "peer": "veth1"}, {"name": "p2"}]
    api.ok("POST", "/simplebridge/br1", {"ports": ports})
    api.ok("POST", "/nodes/n1", {"ports": [{"name": "p1"}], "server": ["a"]})
    return api


def tag(api, path: str) -> str:
    return api("GET", path).headers["etag"]


# Entity tags


def test_a_tag_is_of_the_cube_and_its_version(bridge):
    uuid = bridge.get("/nodes/n1/uuid")
    version = bridge.polycube.cubes["n1"].version
    for path in ("/nodes/n1/class", "/nodes/n1/loglevel", "/nodes/n1/uuid", "/nodes/n1/server"):
        if bridge("GET", path).status_code == 200:
            assert tag(bridge, path) == f'"{uuid[:8]}-{version}"'
    bridge.ok("PATCH", "/nodes/n1/loglevel", "WARN", 200)
    assert tag(bridge, "/nodes/n1/loglevel") == f'"{uuid[:8]}-{version + 1}"'
    other = tag(bridge, "/simplebridge/br1/loglevel")
    bridge.ok("PATCH", "/nodes/n1/loglevel", "ERR", 200)
    assert tag(bridge, "/simplebridge/br1/loglevel") == other


def test_state_has_a_tag_that_changes_with_it(bridge, monkeypatch):
    bridge.ok("POST", "/nodes/n1/chain/abc", {})
    before = tag(bridge, "/nodes/n1/uptime")
    assert tag(bridge, "/nodes/n1/uptime") == before
    cls = type(bridge.polycube.cubes["n1"].control)

    async def later(_self) -> int:
        return 8

    monkeypatch.setattr(cls, "get_uptime_seconds", later)
    after = tag(bridge, "/nodes/n1/uptime")
    assert after != before
    assert after.rpartition("-")[0] == before.rpartition("-")[0]


PATHS = ["/simplebridge", "/simplebridge/br1", "/simplebridge/br1/fdb", "/simplebridge/br1/ports",
         "/simplebridge/br1/loglevel", "/cubes", "/cubes/br1", "/topology", "/topology?config",
         "/cubes?config", "/simplebridge/br1?config", "/simplebridge?config"]  # fmt: skip


@pytest.mark.parametrize("path", PATHS)
def test_what_the_client_has_is_not_sent_again(bridge, path):
    first = bridge("GET", path)
    for known in (first.headers["etag"], f'"x", W/{first.headers["etag"]}', "*"):
        again = bridge("GET", path, headers={"If-None-Match": known})
        assert (again.status_code, again.content) == (304, b"")
        assert again.headers["etag"] == first.headers["etag"]
    bridge.ok("PATCH", "/simplebridge/br1/loglevel", "WARN", 200)
    changed = bridge("GET", path, headers={"If-None-Match": first.headers["etag"]})
    assert changed.status_code == 200


WRITES = [
    ("PATCH", "/simplebridge/br1/loglevel", "WARN", 200),
    ("PATCH", "/simplebridge/br1", {"loglevel": "WARN"}, 200),
    ("PATCH", "/simplebridge", {"name": "br1", "loglevel": "WARN"}, 200),
    ("PUT", "/simplebridge/br1", {"loglevel": "WARN"}, 200),
    ("POST", ENTRY, {"port": "p1"}, 201),
    ("PUT", ENTRY, {"port": "p1"}, 201),
    ("PUT", "/simplebridge/br1/fdb/entry", [{"address": ADDRESS, "port": "p1"}], 201),
    ("DELETE", "/simplebridge/br1/ports/p2", ..., 204),
    ("DELETE", "/simplebridge/br1", ..., 200),
    ("POST", "/simplebridge/br1/fdb/flush", ..., 201),
    ("POST", "/connect", {"peer1": "br1:p2", "peer2": "veth2"}, 200),
    ("POST", "/disconnect", {"peer1": "br1:p1", "peer2": "veth1"}, 200),
]


@pytest.mark.parametrize(("verb", "path", "body", "status"), WRITES)
def test_a_write_only_of_what_was_read(bridge, verb, path, body, status):
    now = tag(bridge, "/simplebridge/br1")
    stale = {"If-Match": '"00000000-1", W/"x"'}
    error = bridge.error(verb, path, body, headers=stale)
    assert (error.status, error.tag) == (412, "operation-failed")
    assert "If-Match asks for" in error.message
    if path == ENTRY:
        assert bridge.error(verb, path, body, headers={"If-Match": now}).status == 412
        good = {"If-None-Match": "*"}
    else:
        assert bridge.error(verb, path, body, headers={"If-None-Match": "*"}).status == 412
        good = {"If-Match": f'"other", {now}'}
    assert bridge(verb, path, body, headers=good).status_code == status


def test_a_write_answers_the_new_tag(bridge):
    answer = bridge("PATCH", "/simplebridge/br1/loglevel", "WARN")
    assert answer.headers["etag"] == tag(bridge, "/simplebridge/br1/loglevel")


def test_create_only_if_nothing_is_there(api):
    none = {"If-None-Match": "*"}
    for verb in ("POST", "PUT"):
        assert api(verb, f"/simplebridge/{verb}", {}, headers=none).status_code == 201
        assert api.error(verb, f"/simplebridge/{verb}", {}, headers=none).status == 412
    assert api.error("PUT", "/simplebridge/none", {}, headers={"If-Match": "*"}).status == 412
    assert api.error("POST", "/simplebridge/POST", {}).status == 409


def test_all_cubes_have_one_tag(bridge):
    now = tag(bridge, "/cubes")
    bridge.ok("PATCH", "/simplebridge/br1/loglevel", "WARN", 200)
    body = [{"name": "br2", "service-name": "simplebridge"}]
    for verb in ("POST", "PATCH", "PUT"):
        assert bridge.error(verb, "/cubes", body, headers={"If-Match": now}).status == 412
    now = tag(bridge, "/topology?config")
    assert bridge("PATCH", "/cubes", body, headers={"If-Match": now}).status_code == 200


# Dry runs


def dry(api, verb: str, path: str, body: object = ...) -> list[tuple[str, str]]:
    """Try a write, which must leave everything as it is."""
    before = everything(api)
    answer = api(verb, f"{path}?dry-run", body)
    assert answer.status_code == 200, answer.text
    assert everything(api) == before
    changes = answer.json()["changes"]
    assert all(("old" in one) == (one["op"] != "create") for one in changes)
    assert all(("new" in one) == (one["op"] != "delete") for one in changes)
    return [(one["op"], one["path"]) for one in changes]


def everything(api) -> object:
    cubes = {cube.name: (cube.uuid, cube.version) for cube in api.polycube.cubes.values()}
    return (
        api.get("/topology?config"),
        api.get("/cubes"),
        cubes,
        sorted(api.polycube.kernel.attached),
    )


@pytest.mark.parametrize(
    ("verb", "path", "body", "changes"),
    [
        ("PATCH", f"{BR1}/loglevel", "WARN", [("replace", f"{BR1}/loglevel")]),
        ("PATCH", f"{BR1}/loglevel", "INFO", []),
        ("PATCH", f"{BR1}/fdb/aging-time", 9, [("replace", f"{BR1}/fdb/aging-time")]),
        ("POST", ENTRY, {"port": "p1"}, [("create", ENTRY)]),
        ("POST", f"{BR1}/ports/p3", {}, [("create", f"{BR1}/ports/p3")]),
        ("PUT", f"{BR1}/ports/p1", {}, [("delete", f"{BR1}/ports/p1/peer")]),
        ("DELETE", f"{BR1}/ports/p2", ..., [("delete", f"{BR1}/ports/p2")]),
        ("DELETE", BR1, ..., [("delete", BR1)]),
        ("POST", BR9, {"ports": [{"name": "x", "peer": "veth2"}]}, [("create", BR9)]),
        ("PUT", BR9, {}, [("create", BR9)]),
        ("POST", "/simplebridge", {"name": "br9"}, [("create", BR9)]),
        ("POST", "/connect", {"peer1": "br1:p2", "peer2": "veth2"},
         [("create", f"{BR1}/ports/p2/peer")]),
        ("POST", "/disconnect", {"peer1": "br1:p1", "peer2": "veth1"},
         [("delete", f"{BR1}/ports/p1/peer")]),
        ("PUT", "/cubes", [], [("delete", BR1), ("delete", "/nodes/n1")]),
        ("PATCH", "/cubes", [], []),
        ("POST", "/cubes", [{"name": "br9", "service-name": "simplebridge"}], [("create", BR9)]),
        ("POST", "/reload", {"cube": "br1"}, []),
    ],
)  # fmt: skip
def test_a_dry_run_says_what_would_change(bridge, verb, path, body, changes):
    assert dry(bridge, verb, path, body) == changes
    if path != "/reload":
        answer = bridge(verb, path, body)
        assert answer.status_code < 300, answer.text


def test_a_dry_run_tells_old_and_new(bridge):
    answer = bridge("PATCH", "/simplebridge/br1/fdb/aging-time?dry-run", 100).json()
    path = "/simplebridge/br1/fdb/aging-time"
    assert answer == {"changes": [{"op": "replace", "path": path, "old": 300, "new": 100}]}


@pytest.mark.parametrize(
    ("verb", "path", "body", "status"),
    [
        ("PATCH", "/simplebridge/br1/fdb/aging-time", -1, 400),
        ("POST", "/simplebridge/br1", {}, 409),
        ("POST", "/simplebridge/br2", {"ports": [{"name": "x", "peer": "none"}]}, 400),
        ("DELETE", "/simplebridge/none", ..., 409),
        ("POST", "/connect", {"peer1": "br1:p1", "peer2": "veth2"}, 409),
    ],
)
def test_a_dry_run_refuses_as_the_write_does(bridge, verb, path, body, status):
    assert bridge.error(verb, f"{path}?dry-run", body).status == status
    assert bridge.error(verb, path, body).status == status


def test_actions_have_no_dry_run(bridge):
    error = bridge.error("POST", "/simplebridge/br1/fdb/flush?dry-run")
    assert (error.status, error.tag) == (405, "operation-not-supported")
    assert "what an action does cannot be taken back" in error.message
    assert bridge.error("POST", "/simplebridge/br1/fdb/flush?dry-run", {"x": 1}).status == 400


def test_conditions_hold_in_a_dry_run(bridge):
    path = "/simplebridge/br1/loglevel?dry-run"
    assert bridge.error("PATCH", path, "WARN", headers={"If-Match": '"x"'}).status == 412
