"""Query parameters (RFC 8040, section 4.8)."""

import pytest

from tests.rest.restconf.conftest import ADDRESS, ENTRY

FDB = {"aging-time": 60, "entry": [{"address": ADDRESS, "port": "p1"}]}


def test_content_tells_configuration_from_state(rc):
    path = rc.bridge(fdb=FDB)
    assert rc.get(f"{path}/fdb?content=config") == {"simplebridge:fdb": FDB}
    assert rc.get(f"{path}/fdb?content=nonconfig") == {
        "simplebridge:fdb": {"entry": [{"address": ADDRESS, "type": "static"}]}
    }
    both = rc.get(f"{path}/fdb?content=all")["simplebridge:fdb"]
    assert both == rc.get(f"{path}/fdb")["simplebridge:fdb"]
    assert rc.get("/data?content=config")["ietf-restconf:data"].keys() == {
        "simplebridge:simplebridge"
    }
    nodes = rc.nodes(chain=[{"name": "c"}])
    found = rc.get(f"{nodes}?content=nonconfig")["nodes:nodes"][0]
    assert found["uptime"] == {"seconds": "7"}
    assert found["chain"] == [{"name": "c", "hits": "1"}]
    assert "class" not in found


def test_depth_counts_from_the_target(rc):
    path = rc.bridge(fdb=FDB)
    assert rc.get(f"{path}/fdb?depth=1") == {"simplebridge:fdb": {}}
    assert rc.get(f"{path}/fdb?depth=2") == {
        "simplebridge:fdb": {"aging-time": 60, "entry": [{"address": ADDRESS}]}
    }
    whole = rc.get(f"{path}/fdb")
    assert rc.get(f"{path}/fdb?depth=3") == rc.get(f"{path}/fdb?depth=unbounded") == whole
    assert rc.get("/data?depth=1") == {"ietf-restconf:data": {}}
    assert rc.get(f"{path}/fdb/aging-time?depth=1") == {"simplebridge:aging-time": 60}


@pytest.mark.parametrize(
    ("fields", "expected"),
    [
        ("loglevel", {"name": "br1", "loglevel": "INFO"}),
        ("loglevel;fdb/aging-time", {"name": "br1", "loglevel": "INFO", "fdb": {"aging-time": 60}}),
        ("fdb/entry(port)", {"name": "br1", "fdb": {"entry": FDB["entry"]}}),
        ("fdb(aging-time;entry/port)", {"name": "br1", "fdb": FDB}),
        ("simplebridge:fdb/simplebridge:aging-time;fdb/aging-time",
         {"name": "br1", "fdb": {"aging-time": 60}}),
    ],
)  # fmt: skip
def test_fields_select(rc, fields, expected):
    path = rc.bridge(fdb=FDB)
    assert rc.get(f"{path}?fields={fields}") == {"simplebridge:simplebridge": [expected]}


def test_fields_of_the_datastore(rc):
    rc.bridge()
    found = rc.get("/data?fields=ietf-yang-library:modules-state/module(name;revision)")
    (state,) = found["ietf-restconf:data"].values()
    assert {"name": "ietf-yang-library", "revision": "2019-01-04"} in state["module"]


@pytest.mark.parametrize(
    "query",
    [
        "fields=",
        "fields=(", "fields=fdb(", "fields=fdb)", "fields=fdb//entry", "fields=;", "fields=nothing",
        "fields=" + "fdb(" * 300,
        "depth=0", "depth=65536", "depth=x", "depth=%C2%B2", "depth=1&depth=2", "content=some",
        "with-defaults=some", "filter=/x", "insert=first", "nonsense=1",
        "start-time=2026-01-01T00:00:00Z",
    ],
)  # fmt: skip
def test_what_is_not_understood_is_refused(rc, query):
    path = rc.bridge()
    if query == "fields=":
        assert rc.get(f"{path}?fields=") == rc.get(path)
        return
    error = rc.error("GET", f"{path}?{query}")
    assert (error.status, error.tag, error.type) == (400, "invalid-value", "protocol")


def test_with_defaults(rc):
    path = rc.bridge(fdb={"entry": FDB["entry"]})
    assert rc.get(f"{path}?with-defaults=trim&content=config")["simplebridge:simplebridge"] == [
        {
            "name": "br1",
            "service-name": "simplebridge",
            "ports": [{"name": one, "peer": "", "tcubes": []} for one in ("p1", "p2")],
            "fdb": {"entry": FDB["entry"]},
        }
    ]  # fmt: skip
    tagged = rc.get(f"{path}/fdb?with-defaults=report-all-tagged&depth=2")["simplebridge:fdb"]
    assert tagged["aging-time"] == 300
    assert tagged["@aging-time"] == {"ietf-netconf-with-defaults:default": True}
    assert "@entry" not in tagged
    assert rc.get(f"{path}?with-defaults=report-all") == rc.get(path)


def test_a_value_that_is_the_target_is_tagged_too(rc):
    path = rc.bridge()
    tag = {"ietf-netconf-with-defaults:default": True}
    assert rc.get(f"{path}/loglevel?with-defaults=report-all-tagged") == {
        "simplebridge:loglevel": "INFO",
        "@simplebridge:loglevel": tag,
    }


def test_a_value_is_not_shown_as_what_it_is_not(rc):
    path = rc.bridge()
    for below in ("/uuid?content=config", "/loglevel?content=nonconfig"):
        assert rc.error("GET", path + below).status == 404


def test_parameters_are_for_the_resources_that_have_them(rc):
    path = rc.bridge()
    for at in ("?content=config", "?with-defaults=trim", "/operations?depth=1", "?fields=x",
               "/yang/simplebridge.yang?depth=1", "/yang-library-version?depth=1"):  # fmt: skip
        error = rc.error("GET", at)
        assert (error.status, error.tag) == (400, "invalid-value")
    for at in (f"{path}/fdb/flush?insert=first", "/operations/polycubed:reload?insert=first"):
        assert rc.error("POST", at).status == 400
    assert rc.get("?depth=2")["ietf-restconf:restconf"]["operations"] == {}
    assert rc.get("?fields=yang-library-version;data") == {
        "ietf-restconf:restconf": {"data": {}, "yang-library-version": "2019-01-04"}
    }


def test_metadata_that_was_read_can_be_written(rc):
    path = rc.bridge()
    body = rc.get(f"{path}?with-defaults=report-all-tagged&content=config")
    rc("PUT", path, body, 204)


def test_insert_and_point_order_what_users_order(rc):
    path = rc.nodes()
    rc("POST", f"{path}?insert=first", {"nodes:server": ["a"]}, 201)
    assert rc.get(f"{path}/server") == {"nodes:server": ["a", "x", "y"]}
    body = {"nodes:server": ["a"]}
    rc("PUT", f"{path}/server=a?insert=after&point=/nodes:nodes=n1/server=x", body, 204)
    assert rc.get(f"{path}/server") == {"nodes:server": ["x", "a", "y"]}
    rc("PUT", f"{path}/server=a?insert=last", body, 204)
    assert rc.get(f"{path}/server") == {"nodes:server": ["x", "y", "a"]}
    for query, status in (
        ("insert=before", 400),
        ("point=/nodes:nodes=n1/server=x", 400),
        ("insert=before&point=/nodes:nodes=n1/class", 400),
        ("insert=sideways", 400),
    ):
        assert rc.error("PUT", f"{path}/server=a?{query}", body).status == status
    query = "insert=before&point=/nodes:nodes=n1/server=none"
    error = rc.error("PUT", f"{path}/server=a?{query}", body)
    assert (error.status, error.tag, error.app_tag) == (400, "bad-attribute", "missing-instance")
    chain = {"nodes:chain": [{"name": "c"}]}
    error = rc.error("POST", f"{path}?insert=first", chain)
    assert (error.status, error.tag) == (400, "invalid-value")
    assert rc.error("GET", f"{path}/chain=c").status == 404
    bridge = rc.bridge()
    assert rc.error("DELETE", f"{bridge}/fdb/entry={ENTRY}?insert=first").status == 400
