"""Data resources and their methods (RFC 8040, sections 3.4, 3.5 and 4)."""

import pytest

from tests.rest.restconf.conftest import ADDRESS, BASE, DATA, ENTRY

BR = "/data/simplebridge:simplebridge"


def test_a_cube_is_created_where_the_answer_says(rc):
    answer = rc("POST", "/data", {"simplebridge:simplebridge": [{"name": "br1"}]}, 201)
    assert answer.headers["location"] == f"{BASE}{BR}=br1"
    assert answer.content == b""
    (cube,) = rc.get(f"{BR}=br1")["simplebridge:simplebridge"]
    assert cube["fdb"] == {"aging-time": 300, "entry": []}
    assert cube["service-name"] == "simplebridge"


def test_what_exists_is_not_created_again(rc):
    path = rc.bridge()
    for parent, body, where in (
        ("/data", {"simplebridge:simplebridge": [{"name": "br1"}]}, ""),
        (path, {"simplebridge:ports": [{"name": "p1"}]}, "/ports[name='p1']"),
        (f"{path}/fdb", {"simplebridge:aging-time": 4}, "/fdb/aging-time"),
        (path, {"simplebridge:fdb": {}}, "/fdb"),
    ):
        error = rc.error("POST", parent, body)
        assert (error.status, error.tag, error.type) == (409, "data-exists", "application")
        assert error.path == f"/simplebridge:simplebridge[name='br1']{where}"


def test_post_creates_members_of_every_kind(rc):
    path = rc.nodes()
    for body, below in (
        ({"nodes:flag": [None]}, "/flag"),
        ({"nodes:server": ["z"]}, "/server=z"),
        ({"nodes:mirror": {"to": "a"}}, "/mirror"),
        ({"nodes:chain": [{"name": "in/out, 100%", "rule": [{"id": 7}]}]},
         "/chain=in%2Fout%2C%20100%25"),
    ):  # fmt: skip
        answer = rc("POST", path, body, 201)
        assert answer.headers["location"] == f"{BASE}{path}{below}"
        assert rc("GET", answer.headers["location"].removeprefix(BASE), status=200).json()
    assert rc.get(f"{path}/chain=in%2Fout%2C%20100%25/rule=7") == {
        "nodes:rule": [{"id": 7, "verdict": "PASS"}]
    }


def test_keys_may_be_empty(rc):
    path = rc.nodes(chain=[{"name": ""}])
    assert rc.get(f"{path}/chain=")["nodes:chain"] == [{"name": "", "hits": "0", "rule": []}]
    rc("POST", f"{path}/chain=", {"nodes:rule": [{"id": 1}]}, 201)
    rc("DELETE", f"{path}/chain=/rule=1", status=204)
    rc("DELETE", f"{path}/chain=", status=204)
    assert rc.error("GET", f"{path}/chain=").status == 404


@pytest.mark.parametrize(
    ("path", "status"),
    [
        ("/ports", 405),
        ("/ports=p1,p2", 400),
        ("/fdb=1", 400),
        ("/ports/name", 400),
        ("/ports=p1/nothing", 404),
        ("/nothing", 404),
        ("/nodes:fdb", 404),
        ("/fdb/entry=nonsense", 400),
        ("/ports=%ff", 400),
        ("/ports=p3", 404),
        ("/ports=p3/peer", 409),
    ],
)
def test_a_url_that_names_nothing_to_edit_is_refused(rc, path, status):
    at = rc.bridge()
    name = path.rpartition("/")[2].partition("=")[0]
    body = {f"simplebridge:{name}": ""}
    if status == 404:
        assert rc.error("GET", at + path).tag == "invalid-value"
    verb = "PUT" if status == 409 else "DELETE"
    assert rc.error(verb, at + path, *([body] if verb == "PUT" else [])).status == status


def test_put_creates_and_replaces(rc):
    cube = {"name": "br1", "ports": [{"name": "p1"}], "fdb": {"aging-time": 7}}
    assert rc("PUT", f"{BR}=br1", {"simplebridge:simplebridge": [cube]}, 201).content == b""
    rc("PUT", f"{BR}=br1/ports=p2", {"simplebridge:ports": [{"name": "p2"}]}, 201)
    rc("PUT", f"{BR}=br1/fdb/aging-time", {"simplebridge:aging-time": 8}, 204)
    cube = {"name": "br1", "ports": [{"name": "p2"}]}
    rc("PUT", f"{BR}=br1", {"simplebridge:simplebridge": [cube]}, 204)
    found = rc.get(f"{BR}=br1?content=config")["simplebridge:simplebridge"][0]
    assert [port["name"] for port in found["ports"]] == ["p2"]
    assert found["fdb"]["aging-time"] == 300


def test_put_wants_the_keys_of_the_url(rc):
    path = rc.bridge()
    error = rc.error("PUT", f"{path}/ports=p1", {"simplebridge:ports": [{"name": "p2"}]})
    assert (error.status, error.tag) == (400, "invalid-value")
    error = rc.error("PUT", f"{path}/ports=p1", {"simplebridge:ports": [{}]})
    assert (error.status, error.tag) == (400, "missing-element")
    error = rc.error("PUT", f"{path}/ports=p1", {"simplebridge:fdb": {}})
    assert (error.status, error.tag) == (400, "malformed-message")


def test_patch_changes_what_it_names_and_creates_nothing(rc):
    path = rc.bridge(fdb={"aging-time": 60})
    entry = {"address": ADDRESS, "port": "p1"}
    body = {"simplebridge:fdb": {"entry": [entry]}}
    assert rc("PATCH", f"{path}/fdb", body, 204).content == b""
    found = rc.get(f"{path}/fdb?content=config")["simplebridge:fdb"]
    assert found == {"aging-time": 60, "entry": [entry]}
    error = rc.error("PATCH", f"{path}/ports=p9", {"simplebridge:ports": [{"name": "p9"}]})
    assert (error.status, error.tag) == (404, "invalid-value")


def test_delete(rc):
    path = rc.bridge(fdb={"aging-time": 60, "entry": [{"address": ADDRESS, "port": "p1"}]})
    rc("DELETE", f"{path}/fdb/entry={ENTRY}", status=204)
    assert rc.error("DELETE", f"{path}/fdb/entry={ENTRY}").status == 404
    rc("DELETE", f"{path}/fdb/aging-time", status=204)
    assert rc.get(f"{path}/fdb/aging-time") == {"simplebridge:aging-time": 300}
    rc("DELETE", path, status=204)
    assert rc.error("GET", path).status == 404
    assert rc.error("DELETE", path).status == 404
    assert rc.error("DELETE", "/data").status == 405


def test_a_leaf_of_an_entry_can_go_if_the_entry_can_do_without_it(rc):
    path = rc.nodes(chain=[{"name": "c", "rule": [{"id": 1, "source-address": "10.0.0.1"}]}])
    rc("DELETE", f"{path}/chain=c/rule=1/source-address", status=204)
    assert rc.get(f"{path}/chain=c/rule=1") == {"nodes:rule": [{"id": 1, "verdict": "PASS"}]}
    assert rc.error("DELETE", f"{path}/chain=c/rule=1/id").status == 405
    bridge = rc.bridge(fdb={"entry": [{"address": ADDRESS, "port": "p1"}]})
    error = rc.error("DELETE", f"{bridge}/fdb/entry={ENTRY}/port")
    assert (error.status, error.tag) == (400, "missing-element")


def test_entries_of_leaf_lists_are_resources(rc):
    path = rc.nodes()
    assert rc.get(f"{path}/server=x") == {"nodes:server": ["x"]}
    rc("PUT", f"{path}/server=z", {"nodes:server": ["z"]}, 201)
    rc("PUT", f"{path}/server=z", {"nodes:server": ["z"]}, 204)
    error = rc.error("POST", path, {"nodes:server": ["one too many"]})
    wanted = (412, "operation-failed", "too-many-elements")
    assert (error.status, error.tag, error.app_tag) == wanted
    rc("DELETE", f"{path}/server=x", status=204)
    assert rc.get(f"{path}/server") == {"nodes:server": ["y", "z"]}
    assert rc.error("GET", f"{path}/server=x").status == 404


def test_the_datastore_is_read_merged_and_replaced(rc):
    rc.bridge("br1")
    bodies = [{"name": "br1", "loglevel": "WARN"}, {"name": "br2"}]
    rc("PATCH", "/data", {"ietf-restconf:data": {"simplebridge:simplebridge": bodies}}, 204)
    found = rc.get("/data?content=config")["ietf-restconf:data"]["simplebridge:simplebridge"]
    assert [(one["name"], one["loglevel"], len(one["ports"])) for one in found] == [
        ("br1", "WARN", 2),
        ("br2", "INFO", 0),
    ]
    rc("PUT", "/data", {"ietf-restconf:data": {"simplebridge:simplebridge": [bodies[1]]}}, 204)
    assert list(rc.polycube.cubes) == ["br2"]
    everything = rc.get("/data")["ietf-restconf:data"]
    assert "ietf-yang-library:yang-library" in everything
    error = rc.error(
        "PATCH", "/data", {"ietf-restconf:data": {"ietf-yang-library:yang-library": {}}}
    )
    assert error.status == 400


def test_a_request_is_done_as_a_whole_or_not_at_all(rc):
    path = rc.bridge()
    before = rc.get(path)
    entries = [{"address": ADDRESS, "port": "p1"}, {"address": "02:00:00:00:00:02", "port": "p9"}]
    answer = rc("PATCH", path, {"simplebridge:simplebridge": [
        {"name": "br1", "loglevel": "ERR", "fdb": {"entry": entries}}]})  # fmt: skip
    assert answer.status_code == 409
    assert rc.get(path) == before
    body = {"ietf-restconf:data": {"simplebridge:simplebridge": [{"name": "x"}, {"name": "a:b"}]}}
    assert rc("PATCH", "/data", body).status_code == 400
    assert list(rc.polycube.cubes) == ["br1"]


def test_state_is_not_written(rc):
    path = rc.bridge()
    error = rc.error("PUT", f"{path}/uuid", {"simplebridge:uuid": "x"})
    assert (error.status, error.tag) == (405, "operation-not-supported")
    for verb, status in (("PATCH", 400), ("PUT", 400)):
        error = rc.error(verb, path, {"simplebridge:simplebridge": [{"name": "br1", "uuid": "x"}]})
        assert (error.status, error.tag) == (status, "invalid-value")
        assert error.path == "/simplebridge:simplebridge[name='br1']/uuid"
    # What is settled when a cube is created: a GET's answer can be sent back, no more.
    error = rc.error("PUT", f"{path}/type", {"simplebridge:type": "XDP_SKB"})
    assert error.status == 405


def test_options_and_head(rc):
    path = rc.bridge()
    for below, allowed in (
        ("", "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"),
        ("/fdb/aging-time", "DELETE, GET, HEAD, OPTIONS, PATCH, PUT"),
        ("/uuid", "GET, HEAD, OPTIONS"),
        ("/ports", "GET, HEAD, OPTIONS, PATCH, PUT"),
        ("/ports=p1/tcubes", "GET, HEAD, OPTIONS"),
        ("/fdb/flush", "OPTIONS, POST"),
    ):
        answer = rc("OPTIONS", path + below, status=200)
        assert answer.headers["allow"] == allowed
        assert ("application/yang-patch+json" in answer.headers.get("accept-patch", "")) == (
            "PATCH" in allowed
        )
        for verb in {"GET", "HEAD", "POST", "PUT", "PATCH", "DELETE"} - set(allowed.split(", ")):
            refused = rc(verb, path + below, status=405)
            assert refused.headers["allow"] == allowed
    head, get = rc("HEAD", path, status=200), rc("GET", path, status=200)
    assert head.content == b""
    assert head.headers["content-length"] == str(len(get.content))
    assert head.headers["etag"] == get.headers["etag"]


def test_actions(rc):
    path = rc.bridge()
    assert rc("POST", f"{path}/fdb/flush", status=200).json() == {
        "simplebridge:output": {"flushed": True}
    }
    nodes = rc.nodes(chain=[{"name": "c"}])
    answer = rc("POST", f"{nodes}/chain=c/append", {"nodes:input": {"verdict": "DROP"}}, 200)
    assert answer.json() == {"nodes:output": {"id": 3}}
    assert answer.headers["content-type"] == DATA
    for body, status, tag in (
        ({"input": {}}, 400, "malformed-message"),
        ({"nodes:input": {"verdict": "drop"}}, 400, "invalid-value"),
        ({"nodes:input": {"nothing": 1}}, 400, "unknown-element"),
    ):
        error = rc.error("POST", f"{nodes}/chain=c/append", body)
        assert (error.status, error.tag) == (status, tag)
    assert rc.error("POST", f"{nodes}/chain=none/append").status == 409
    assert rc.error("GET", f"{path}/fdb/flush").status == 405


def test_operations_of_the_daemon(rc):
    listed = rc.get("/operations")["ietf-restconf:operations"]
    assert listed["polycubed:attach"] == [None]
    body = {"transparenthelloworld:transparenthelloworld": [{"name": "th1"}]}
    rc("POST", "/data", body, 201)
    call = {"polycubed:input": {"cube": "th1", "port": "veth1"}}
    rc("POST", "/operations/polycubed:attach", call, 204)
    path = "/data/transparenthelloworld:transparenthelloworld=th1/parent"
    assert rc.get(path) == {"transparenthelloworld:parent": "veth1"}
    assert rc.error("POST", "/operations/polycubed:attach", call).status == 409
    rc("POST", "/operations/polycubed:detach", call, 204)
    error = rc.error("POST", "/operations/polycubed:attach", {"polycubed:input": {"cube": "th1"}})
    assert (error.status, error.tag) == (400, "missing-element")
    assert error.path == "/polycubed:input/port"
    error = rc.error("POST", "/operations/polycubed:reload", {"polycubed:input": {"cube": "no"}})
    assert (error.status, error.tag) == (409, "data-missing")
    assert error.path == "/polycubed:input/cube"
    assert rc.error("POST", "/operations/polycubed:nothing").status == 404
    assert rc.error("GET", "/operations/polycubed:attach").status == 405


def test_a_dry_run_changes_nothing_and_says_what_it_would(rc):
    path = rc.bridge()
    answer = rc("PUT", f"{path}/fdb/aging-time?dry-run", {"simplebridge:aging-time": 1}, 200)
    assert answer.json()["changes"][0]["new"] == 1
    assert rc.get(f"{path}/fdb/aging-time") == {"simplebridge:aging-time": 300}
