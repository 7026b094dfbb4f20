"""Media types, conditions, discovery (RFC 8040, sections 3.1, 3.4.1, 5.2 and 7)."""

import json
import time
from xml.etree import ElementTree as ET

import pytest

from tests.rest.restconf.conftest import DATA


def test_restconf_is_found(rc):
    xrd = rc.client.get("/.well-known/host-meta")
    assert xrd.headers["content-type"].startswith("application/xrd+xml")
    (link,) = ET.fromstring(xrd.text)  # noqa: S314 (our own)
    assert link.attrib == {"rel": "restconf", "href": "/restconf"}
    assert rc.client.get("/.well-known/host-meta.json").json() == {
        "links": [{"rel": "restconf", "href": "/restconf"}]
    }
    assert rc.client.post("/.well-known/host-meta").status_code == 405
    root = rc.get("")["ietf-restconf:restconf"]
    assert root["data"] == {}
    assert root["yang-library-version"] == "2019-01-04"
    assert "polycubed:attach" in root["operations"]
    assert rc.get("/yang-library-version") == {"ietf-restconf:yang-library-version": "2019-01-04"}
    assert rc.error("GET", "/nothing").status == 404
    assert rc.client.get("/restconfx").status_code == 404


@pytest.mark.parametrize(
    ("accept", "status"),
    [
        (DATA, 200), ("application/json", 200), ("*/*", 200), ("application/*", 200),
        ("text/html, application/yang-data+json;q=0.5", 200),
        ("application/yang-data+xml", 406), ("text/*", 406), (f"{DATA};q=0", 406),
        (f"{DATA}; q=0.000, text/xml", 406), (f"{DATA};q=0, */*", 406), (f"*/*;q=0, {DATA}", 200),
        ("application/*;q=0.1, */*;q=0", 200), ("application/json;q=0, application/*", 406),
        (f"application/json;q=0, {DATA}", 200), ("APPLICATION/YANG-DATA+JSON;Q=0", 406),
        ("", 200), (",", 200), ("*/*;q=nonsense", 200), ("application", 406),
        (f"{DATA};charset=utf-8;q=0.2", 200), ("application/yang-data+xml, */*;q=0.01", 200),
    ],
)  # fmt: skip
def test_accept(rc, accept, status):
    path = rc.bridge()
    answer = rc("GET", path, accept=accept)
    assert answer.status_code == status
    assert answer.headers["content-type"] == DATA


def test_what_cannot_be_given_or_taken_says_what_can(rc):
    path = rc.bridge()
    error = rc.error("GET", path, accept="application/yang-data+xml")
    assert (error.status, error.tag, error.type) == (406, "invalid-value", "protocol")
    assert DATA in error.message
    for verb, media in (("PUT", "application/yang-data+xml"), ("PATCH", "text/xml"), ("POST", "")):
        error = rc.error(verb, path, "<x/>", **{"content-type": media})
        assert (error.status, error.tag, error.type) == (415, "invalid-value", "protocol")
        assert DATA in error.message
    error = rc.error("POST", f"{path}/fdb/flush", "<x/>", **{"content-type": "text/xml"})
    assert error.status == 415


def test_content_type(rc):
    path = rc.bridge()
    body = {"simplebridge:aging-time": 5}
    for media, status in (
        (DATA, 204), (f"{DATA}; charset=utf-8", 204), ("application/json", 204),
        ("application/yang-data+xml", 415), ("text/plain", 415), ("", 415),
    ):  # fmt: skip
        answer = rc("PUT", f"{path}/fdb/aging-time", body, **{"content-type": media})
        assert answer.status_code == status
    refused = rc("PATCH", path, "<x/>", 415, **{"content-type": "application/yang-patch+xml"})
    assert "application/yang-patch+json" in refused.headers["accept-patch"]


@pytest.mark.parametrize("body", ["", "{", "[]", "null", "{}", '{"a":1,"b":2}', '"x"', "\xff"])
def test_a_body_that_is_none(rc, body):
    path = rc.bridge()
    for verb, at in (("PUT", path), ("PATCH", path), ("POST", path), ("PUT", "/data")):
        error = rc.error(verb, at, body)
        assert (error.status, error.tag) == (400, "malformed-message")


@pytest.mark.parametrize("value", [None, 3, [], "x", [[]]])
def test_a_value_of_the_wrong_shape(rc, value):
    path, nodes = rc.bridge(), rc.nodes(chain=[{"name": "c"}])
    for at, member in (
        (path, "simplebridge:simplebridge"), (f"{path}/fdb", "simplebridge:fdb"),
        (f"{path}/fdb/entry", "simplebridge:entry"), (f"{nodes}/chain=c", "nodes:chain"),
        (f"{nodes}/server", "nodes:server"), ("/data", "ietf-restconf:data"),
        ("/data/nodes:nodes", "nodes:nodes"),
    ):  # fmt: skip
        for verb in ("PUT", "PATCH"):
            answer = rc(verb, at, {member: [value]})
            assert 400 <= answer.status_code < 500 or (value == "x" and "server" in at)


@pytest.mark.parametrize(
    ("value", "tag", "below"),
    [
        ({"loglevel": "warn"}, "invalid-value", "/loglevel"),
        ({"fdb": {"aging-time": "5"}}, "invalid-value", "/fdb/aging-time"),
        ({"fdb": []}, "bad-element", "/fdb"),
        ({"nothing": 1}, "unknown-element", ""),
        ({"other:fdb": {}}, "unknown-element", ""),
        ({"fdb": {"entry": [{"address": "02:00:00:00:00:01"}]}}, "missing-element",
         "/fdb/entry[address='02:00:00:00:00:01']/port"),
        ({"fdb": {"entry": [{"address": "02:00:00:00:00:01", "port": "p9"}]}}, "data-missing",
         "/fdb/entry[address='02:00:00:00:00:01']"),
    ],
)  # fmt: skip
def test_errors_name_the_node(rc, value, tag, below):
    path = rc.bridge()
    error = rc.error("PATCH", path, {"simplebridge:simplebridge": [{"name": "br1", **value}]})
    assert (error.status, error.tag) == (409 if tag == "data-missing" else 400, tag)
    assert error.path.startswith(f"/simplebridge:simplebridge[name='br1']{below}")


def test_all_errors_are_told_at_once(rc):
    path = rc.bridge()
    cube = {"name": "br1", "loglevel": 1, "fdb": {"aging-time": -1}}
    answer = rc("PATCH", path, {"simplebridge:simplebridge": [cube]}, 400)
    assert len(answer.json()["ietf-restconf:errors"]["error"]) == 2


def test_entity_tags(rc):
    path = rc.bridge()
    answer = rc("GET", f"{path}/loglevel", status=200)
    tag, when = answer.headers["etag"], answer.headers["last-modified"]
    body = {"simplebridge:loglevel": "WARN"}
    assert rc("GET", f"{path}/loglevel", if_none_match=tag).status_code == 304
    assert rc("GET", f"{path}/loglevel", if_modified_since=when).status_code == 304
    written = rc("PUT", f"{path}/loglevel", body, 204, if_match=tag)
    assert written.headers["etag"] != tag
    error = rc.error("PUT", f"{path}/loglevel", body, if_match=tag)
    assert (error.status, error.tag) == (412, "operation-failed")
    assert rc("GET", f"{path}/loglevel", if_none_match=tag).status_code == 200
    old = "Thu, 01 Jan 2015 00:00:00 GMT"
    for verb, content in (("PUT", body), ("DELETE", ...)):
        assert rc.error(verb, f"{path}/loglevel", content, if_unmodified_since=old).status == 412
    later = "Fri, 01 Jan 2100 00:00:00 GMT"
    rc("PUT", f"{path}/loglevel", body, 204, if_unmodified_since=later)
    rc("PUT", f"{path}/loglevel", body, 204, if_unmodified_since="nonsense")
    other = f"{path}/ports=new"
    port = {"simplebridge:ports": [{"name": "new"}]}
    rc("PUT", other, port, 201, if_none_match="*")
    assert rc.error("PUT", other, port, if_none_match="*").status == 412
    assert rc.error("PUT", f"{path}/ports=newer", port, if_match="*").status == 412


def test_the_datastore_has_a_tag_and_a_time(rc):
    before = rc("GET", "/data?content=config")
    assert before.headers["last-modified"]
    rc.bridge()
    after = rc("GET", "/data?content=config")
    assert after.headers["etag"] != before.headers["etag"]
    assert rc("GET", "/data?content=config", if_none_match=after.headers["etag"]).status_code == 304
    body = {"simplebridge:simplebridge": [{"name": "br2"}]}
    assert rc.error("POST", "/data", body, if_match=before.headers["etag"]).status == 412
    rc("POST", "/data", body, 201, if_match=after.headers["etag"])


def test_both_interfaces_have_the_same_transactions_and_tags(rc):
    path = rc.bridge()
    dialect = "http://localhost:9000/polycube/v1/simplebridge/br1/loglevel"
    tag = rc.client.get(dialect).headers["etag"]
    assert rc("GET", f"{path}/loglevel").headers["etag"] == tag
    written = rc("PUT", f"{path}/loglevel", {"simplebridge:loglevel": "ERR"}, 204, if_match=tag)
    assert written.headers["etag"] == rc.client.get(dialect).headers["etag"]
    refused = rc.client.patch(dialect, json="WARN", headers={"if-match": tag})
    assert refused.status_code == 412
    tag = written.headers["etag"]
    assert rc.client.patch(dialect, json="WARN", headers={"if-match": tag}).status_code == 200
    assert rc.error("DELETE", f"{path}/loglevel", if_match=tag).status == 412


def test_the_dialect_is_where_it_was(rc):
    rc.bridge()
    answer = rc.client.get("/polycube/v1/simplebridge/br1/fdb/aging-time")
    assert json.loads(answer.text) == 300


def test_a_member_that_is_there_twice_among_many_is_soon_found(rc):
    path, names = rc.bridge(), [f'"a{n}":1' for n in range(20_000)]
    begun = time.perf_counter()
    error = rc.error("PATCH", path, f"{{{','.join([*names, names[-1]])}}}")
    assert "'a19999' is there twice" in error.message
    assert time.perf_counter() - begun < 2
