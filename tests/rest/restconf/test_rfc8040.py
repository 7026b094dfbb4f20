"""What RFC 8040 demands, section by section: each row a request and the answer that is due.

There are a bridge `br1` with the ports p1 and p2, and a cube `n1` of the service of every kind of
node with the chain `c`. `{br}` and `{n}` are their paths.
"""

import asyncio
import json
from typing import NamedTuple

import pytest

from polycube_runtime.rest import bodies
from polycube_runtime.support.routes import RawPath
from tests.rest.restconf.conftest import BASE, DATA, PATCH

BR, N = "/data/simplebridge:simplebridge=br1", "/data/nodes:nodes=n1"
LEVEL = {"simplebridge:loglevel": "WARN"}
PORT = {"simplebridge:ports": [{"name": "p3"}]}
OLD, LATER = "Thu, 01 Jan 2015 00:00:00 GMT", "Fri, 01 Jan 2100 00:00:00 GMT"


class Row(NamedTuple):
    """`told` are headers of the answer, by name: a text in it, or None for none of that name."""

    section: str
    verb: str
    path: str
    status: int
    body: object = ...
    tag: str = ""
    sent: dict = {}  # noqa: RUF012 (never changed)
    told: dict = {}  # noqa: RUF012 (never changed)


ALLOW_ALL = "DELETE, GET, HEAD, OPTIONS, PATCH, POST, PUT"
ROWS = [
    # 3.1 root, 3.3 the API resource
    Row("3.3", "GET", "", 200, told={"content-type": DATA}),
    Row("3.3", "GET", "/", 200),
    Row("3.3", "PUT", "", 405, {}, "operation-not-supported", told={"allow": "GET, HEAD, OPTIONS"}),
    Row("3.3.3", "GET", "/yang-library-version", 200),
    Row("3.3.3", "GET", "/yang-library-version/x", 404, tag="invalid-value"),
    Row("3.3", "GET", "/nothing", 404, tag="invalid-value"),
    # 3.4 the datastore
    Row("3.4", "GET", "/data", 200, told={"etag": '"', "last-modified": "GMT"}),
    Row("3.4.1.1", "HEAD", "/data", 200, told={"last-modified": "GMT"}),
    Row("3.4", "DELETE", "/data", 405, tag="operation-not-supported"),
    # 3.5 data resources
    Row("3.5.3", "GET", f"{BR}/fdb/aging-time", 200),
    Row("3.5.3", "GET", f"{BR}/simplebridge:fdb", 200),
    Row("3.5.3", "GET", "/data/simplebridge=br1", 404, tag="invalid-value"),
    Row("3.5.3", "GET", "/data/nodes:simplebridge=br1", 404, tag="invalid-value"),
    Row("3.5.3", "GET", f"{BR}/nodes:fdb", 404, tag="invalid-value"),
    Row("3.5.3", "GET", f"{BR}/ports=p1,p2", 400, tag="invalid-value"),
    Row("3.5.3", "GET", f"{BR}/fdb=x", 400, tag="invalid-value"),
    Row("3.5.3", "GET", f"{BR}/ports/name", 400, tag="invalid-value"),
    Row("3.5.3", "GET", f"{BR}/ports=%zz", 400, tag="invalid-value"),
    Row("3.5.3", "GET", f"{BR}/ports=%", 400, tag="invalid-value"),
    Row("3.5.3", "GET", f"{BR}/ports=%ff", 400, tag="invalid-value"),
    Row("3.5.3", "GET", f"{BR}/fd%62", 200),
    Row("3.5.3", "GET", "/data/simplebridge%3asimplebridge=br1", 200),
    Row("3.5.3", "GET", f"{N}/chain=", 404, tag="invalid-value"),
    Row("3.5.4", "GET", f"{BR}/loglevel?with-defaults=trim", 200),
    Row("3.5.4", "GET", f"{BR}/loglevel?with-defaults=explicit", 200),
    # 3.6 operations
    Row("3.6", "GET", "/operations", 200),
    Row("3.6", "GET", "/operations/polycubed:attach", 405, tag="operation-not-supported",
        told={"allow": "OPTIONS, POST"}),
    Row("3.6", "POST", "/operations/polycubed:none", 404, tag="invalid-value"),
    Row("3.6", "POST", "/operations/attach", 404, tag="invalid-value"),
    Row("3.6", "POST", "/operations/polycubed:reload", 400, {"polycubed:input": {}},
        "missing-element"),
    Row("3.6", "POST", "/operations/polycubed:reload", 400, {"polycubed:inputs": {}},
        "malformed-message"),
    Row("3.6.3", "POST", f"{N}/chain=c/append", 200, {"nodes:input": {}}),
    Row("3.6", "POST", f"{BR}/fdb/flush", 200),
    Row("3.6", "PUT", f"{BR}/fdb/flush", 405, {}, "operation-not-supported"),
    # 3.7 schemas, 3.8 event streams
    Row("3.7", "GET", "/yang/simplebridge.yang", 200, told={"content-type": "application/yang"}),
    Row("3.7", "GET", "/yang/none.yang", 404, tag="invalid-value"),
    Row("3.8", "HEAD", "/streams/NETCONF", 200, told={"content-type": "text/event-stream"}),
    Row("6.3", "GET", "/streams/none", 404, tag="invalid-value"),
    Row("6.3", "GET", "/streams/NETCONF", 406, sent={"accept": DATA}, tag="invalid-value"),
    # 4.1 OPTIONS, 4.2 HEAD
    Row("4.1", "OPTIONS", "", 200, told={"allow": "GET, HEAD, OPTIONS"}),
    Row("4.1", "OPTIONS", "/data", 200, told={"accept-patch": PATCH}),
    Row("4.1", "OPTIONS", BR, 200, told={"allow": ALLOW_ALL, "accept-patch": PATCH}),
    Row("4.1", "OPTIONS", f"{BR}/uuid", 200, told={"allow": "GET, HEAD", "accept-patch": None}),
    Row("4.1", "OPTIONS", f"{BR}/nothing", 404),
    Row("4.1", "OPTIONS", "/operations/polycubed:attach", 200, told={"allow": "OPTIONS, POST"}),
    Row("4.1", "OPTIONS", "/operations/polycubed:none", 404),
    Row("4.1", "OPTIONS", "/yang/simplebridge.yang", 200, told={"allow": "GET, HEAD, OPTIONS"}),
    Row("4.1", "OPTIONS", "/streams/NETCONF", 200, told={"allow": "GET, HEAD, OPTIONS"}),
    Row("4.2", "HEAD", BR, 200, told={"content-type": DATA, "etag": '"'}),
    Row("4.2", "HEAD", f"{BR}/nothing", 404),
    Row("4.2", "HEAD", f"{BR}/fdb/flush", 405),
    # 4.3 GET
    Row("4.3", "GET", f"{BR}/ports=p9", 404, tag="invalid-value"),
    Row("4.3", "GET", f"{BR}/ports", 200),
    Row("4.3", "GET", "/data/simplebridge:simplebridge", 200),
    # 4.4 POST
    Row("4.4.1", "POST", BR, 201, PORT, told={"location": f"{BASE}{BR}/ports=p3"}),
    Row("4.4.1", "POST", "/data", 201, {"simplebridge:simplebridge": [{"name": "x"}]},
        told={"location": f"{BASE}/data/simplebridge:simplebridge=x", "etag": '"'}),
    Row("4.4.1", "POST", N, 201, {"nodes:server": ["a/b,c"]},
        told={"location": f"{BASE}{N}/server=a%2Fb%2Cc"}),
    Row("4.4.1", "POST", BR, 409, {"simplebridge:ports": [{"name": "p1"}]}, "data-exists"),
    Row("4.4.1", "POST", BR, 400, {"simplebridge:ports": [{"name": "a"}, {"name": "b"}]},
        "malformed-message"),
    Row("4.4.1", "POST", BR, 400, {"simplebridge:ports": {"name": "a"}}, "malformed-message"),
    Row("4.4.1", "POST", BR, 400, {"ports": [{"name": "a"}]}, "unknown-element"),
    Row("4.4.1", "POST", BR, 400, {"nodes:ports": [{"name": "a"}]}, "unknown-element"),
    Row("4.4.1", "POST", BR, 400, {"simplebridge:uuid": "x"}, "invalid-value"),
    Row("4.4.1", "POST", BR, 400, {**PORT, **LEVEL}, "malformed-message"),
    Row("4.4.1", "POST", f"{BR}/loglevel", 405, LEVEL, "operation-not-supported"),
    Row("4.4.1", "POST", "/data/simplebridge:simplebridge=none", 404, PORT, "invalid-value"),
    # 4.5 PUT
    Row("4.5", "PUT", f"{BR}/ports=p3", 201, PORT, told={"location": None, "etag": '"'}),
    Row("4.5", "PUT", f"{BR}/loglevel", 204, LEVEL, told={"etag": '"', "last-modified": "GMT"}),
    Row("4.5", "PUT", f"{BR}/ports=p4", 400, PORT, "invalid-value"),
    Row("4.5", "PUT", f"{BR}/loglevel", 400, {"loglevel": "WARN"}, "malformed-message"),
    Row("4.5", "PUT", f"{BR}/ports=p9/peer", 409, {"simplebridge:peer": ""}, "data-missing"),
    Row("4.5", "PUT", f"{BR}/uuid", 405, {"simplebridge:uuid": "x"}, "operation-not-supported"),
    Row("4.5", "PUT", f"{BR}/ports=p1/name", 405, {"simplebridge:name": "p1"},
        "operation-not-supported"),
    Row("4.5", "PUT", f"{N}/flag", 201, {"nodes:flag": [None]}),
    Row("4.5", "PUT", f"{N}/flag", 400, {"nodes:flag": None}, "invalid-value"),
    # 4.6 PATCH
    Row("4.6.1", "PATCH", BR, 204, {"simplebridge:simplebridge": [{"name": "br1"}]}),
    Row("4.6.1", "PATCH", f"{BR}/ports=p9", 404, {"simplebridge:ports": [{"name": "p9"}]},
        "invalid-value"),
    Row("4.6.1", "PATCH", BR, 415, "<x/>", "invalid-value", {"content-type": "text/xml"},
        {"accept-patch": PATCH}),
    # 4.7 DELETE
    Row("4.7", "DELETE", f"{BR}/ports=p1", 204),
    Row("4.7", "DELETE", f"{BR}/ports=p9", 404, tag="invalid-value"),
    Row("4.7", "DELETE", f"{BR}/ports", 405, tag="operation-not-supported"),
    Row("4.7", "DELETE", f"{N}/server=x", 204),
    Row("4.7", "DELETE", f"{N}/server=none", 404, tag="invalid-value"),
    # 4.8 query parameters
    *(Row("4.8", "GET", f"{BR}?{query}", 400, tag="invalid-value") for query in (
        "content=all&content=all", "content=most", "depth=0", "fields=(", "unknown=1",
        "insert=last",
        "point=/x", "start-time=2026-01-01T00:00:00Z", "stop-time=2026-01-01T00:00:00Z",
        "with-defaults=none", "Depth=1")),
    *(Row("4.8", verb, f"{BR}/loglevel?{query}", 400, body, "invalid-value")
      for verb, body in (("PUT", LEVEL), ("PATCH", LEVEL), ("DELETE", ...))
      for query in ("content=all", "depth=1", "fields=x", "with-defaults=trim")),
    Row("4.8.5", "PATCH", f"{N}?insert=first", 400, {"nodes:nodes": [{"name": "n1"}]},
        "invalid-value"),
    Row("4.8.5", "POST", f"{N}?insert=first", 201, {"nodes:server": ["z"]}),
    Row("4.8.5", "POST", f"{BR}?insert=first", 400, PORT, "invalid-value"),
    Row("4.8.6", "POST", f"{N}?insert=before", 400, {"nodes:server": ["z"]}, "invalid-value"),
    Row("4.8.6", "POST", f"{N}?insert=before&point=%2Fnodes%3Anodes%3Dn1%2Fserver%3Dx", 201,
        {"nodes:server": ["z"]}),
    Row("4.8.6", "POST", f"{N}?insert=after&point=/nodes:nodes=n1/server=none", 400,
        {"nodes:server": ["z"]}, "bad-attribute"),
    Row("4.8.7", "GET", "/streams/NETCONF?start-time=2100-01-01T00:00:00Z", 400,
        tag="invalid-value"),
    Row("4.8.8", "GET", "/streams/NETCONF?stop-time=2100-01-01T00:00:00Z", 400,
        tag="invalid-value"),
    # 5.2 messages
    Row("5.2", "GET", BR, 406, sent={"accept": "application/yang-data+xml"}, tag="invalid-value",
        told={"content-type": DATA}),
    Row("5.2", "PUT", f"{BR}/loglevel", 415, LEVEL, "invalid-value",
        {"content-type": "application/yang-data+xml"}),
    Row("5.2", "PUT", f"{BR}/loglevel", 415, LEVEL, "invalid-value", {"content-encoding": "gzip"}),
    Row("5.2", "PUT", f"{BR}/loglevel", 204, LEVEL, sent={"content-encoding": "identity"}),
    # 5.5 caching
    Row("5.5", "GET", BR, 200, told={"cache-control": "no-cache"}),
    Row("5.5", "GET", f"{BR}/nothing", 404, told={"cache-control": "no-cache"}),
    Row("5.5", "PUT", f"{BR}/loglevel", 204, LEVEL, told={"cache-control": "no-cache"}),
    # 7 errors
    *(Row("7", "PUT", f"{BR}/loglevel", 400, text, "malformed-message") for text in (
        "", " ", "{", "[]", "null", "1", "{}", '{"simplebridge:loglevel":"WARN"} x',
        '{"simplebridge:loglevel":"WARN","simplebridge:loglevel":"WARN"}',
        '\ufeff{"simplebridge:loglevel":"WARN"}', '{"simplebridge:loglevel":NaN}',
        "[" * 100_000, '{"a":' * 5_000 + "1" + "}" * 5_000)),
    Row("7", "PATCH", BR, 400,
        '{"simplebridge:simplebridge":[{"name":"br1","loglevel":"ERR","loglevel":"WARN"}]}',
        "malformed-message"),
    Row("7", "PUT", f"{BR}/fdb/aging-time", 400, {"simplebridge:aging-time": True},
        "invalid-value"),
    Row("7", "PUT", f"{BR}/fdb/aging-time", 400, {"simplebridge:aging-time": 10**30},
        "invalid-value"),
    Row("7", "TRACE", BR, 405, tag="operation-not-supported", told={"allow": ALLOW_ALL}),
    Row("7", "BREW", BR, 405, tag="operation-not-supported"),
]  # fmt: skip


@pytest.fixture
def there(rc):
    rc.bridge()
    rc.nodes(server=["x", "y"], chain=[{"name": "c", "rule": [{"id": 1}]}])
    return rc


def ident(row: Row) -> str:
    return f"{row.section} {row.verb} {row.path[:60]} {row.status}"


@pytest.mark.parametrize("row", ROWS, ids=ident)
def test_the_answer_is_as_the_rfc_has_it(there, row):
    answer = there(row.verb, row.path, row.body, **row.sent)
    assert answer.status_code == row.status, answer.text
    for name, part in row.told.items():
        value = answer.headers.get(name)
        assert value is None if part is None else part in (value or ""), (name, value)
    if row.verb == "HEAD" or row.status in {201, 204}:
        assert answer.content == b""
    elif row.status >= 400:
        assert answer.headers["content-type"] == DATA
        (error,) = answer.json()["ietf-restconf:errors"]["error"]
        assert error.keys() <= {
            "error-type", "error-tag", "error-app-tag", "error-path", "error-message",
        }  # fmt: skip
        assert error["error-tag"] == row.tag or not row.tag


LEAF = f"{BR}/loglevel"
CONDITIONS = [
    ("GET", "if-match", "{tag}", 200), ("GET", "if-match", '"x"', 412),
    ("GET", "if-match", "*", 200), ("GET", "if-none-match", "W/{tag}", 304),
    ("GET", "if-none-match", '"x", {tag}', 304), ("GET", "if-none-match", '"x"', 200),
    ("GET", "if-none-match", "*", 304), ("HEAD", "if-none-match", "{tag}", 304),
    ("GET", "if-modified-since", LATER, 304), ("GET", "if-modified-since", OLD, 200),
    ("GET", "if-modified-since", "soon", 200), ("GET", "if-unmodified-since", OLD, 412),
    ("GET", "if-unmodified-since", LATER, 200),
    ("PUT", "if-match", "{tag}", 204), ("PUT", "if-match", '"x", {tag}', 204),
    ("PUT", "if-match", '"x"', 412), ("PUT", "if-match", "W/{tag}", 412),
    ("PUT", "if-match", 'W/"x", {tag}', 204), ("PUT", "if-match", "", 412),
    ("PUT", "if-match", "*", 204), ("PUT", "if-none-match", "*", 412),
    ("PUT", "if-none-match", "{tag}", 412), ("PUT", "if-none-match", "W/{tag}", 412),
    ("PUT", "if-none-match", '"x"', 204), ("PUT", "if-unmodified-since", OLD, 412),
    ("PUT", "if-unmodified-since", "Thursday, 01-Jan-15 00:00:00 GMT", 412),
    ("PUT", "if-unmodified-since", "Thu Jan  1 00:00:00 2015", 412),
    ("PUT", "if-unmodified-since", LATER, 204), ("PUT", "if-unmodified-since", "soon", 204),
    ("DELETE", "if-match", '"x"', 412), ("PATCH", "if-match", '"x"', 412),
    ("POST", "if-match", '"x"', 412), ("FLUSH", "if-match", '"x"', 412),
    ("FLUSH", "if-match", "{tag}", 200),
]  # fmt: skip


@pytest.mark.parametrize(("verb", "name", "value", "status"), CONDITIONS)
def test_edits_do_not_collide(there, verb, name, value, status):
    """Sections 3.4.1 and 5.3 of the RFC, and RFC 9110, section 13."""
    tag = there("GET", LEAF).headers["etag"]
    path, body = LEAF, LEVEL if verb in {"PUT", "PATCH"} else ...
    if verb == "POST":
        path, body = BR, PORT
    if verb == "FLUSH":
        verb, path = "POST", f"{BR}/fdb/flush"
    answer = there(verb, path, body, **{name: value.format(tag=tag)})
    assert answer.status_code == status, answer.text
    if status == 412:
        assert '"operation-failed"' in answer.text
        assert there("GET", LEAF).headers["etag"] == tag
    if status == 304:
        assert answer.content == b""
        assert answer.headers["etag"] == tag
        assert answer.headers["last-modified"]


def chunks(size: int):
    """A body that does not say how long it is."""
    yield b'{"simplebridge:loglevel": "WARN"'
    for _ in range(size):
        yield b" " * 1000
    yield b"}"


def test_bodies_may_come_in_chunks_but_not_for_ever(there, monkeypatch):
    monkeypatch.setattr(bodies, "MAX_BODY", 50_000)
    sent = {"headers": {"content-type": DATA}}
    assert there.client.put(f"{BASE}{LEAF}", content=chunks(10), **sent).status_code == 204
    refused = there.client.put(f"{BASE}{LEAF}", content=chunks(100), **sent)
    assert refused.status_code == 413
    (error,) = refused.json()["ietf-restconf:errors"]["error"]
    assert (error["error-type"], error["error-tag"]) == ("protocol", "too-big")
    said = there("PUT", LEAF, json.dumps(LEVEL) + " " * 60_000, 413)
    assert '"too-big"' in said.text
    dialect = "http://localhost:9000/polycube/v1/simplebridge/br1/loglevel"
    assert there.client.patch(dialect, content='"WARN"' + " " * 60_000).status_code == 413


def test_who_is_not_asked_says_so_in_the_words_of_the_rfc(there):
    for sent, status in (({"host": "evil.example"}, 421), ({"origin": "http://evil.example"}, 403)):
        error = there.error("PUT", LEAF, LEVEL, **sent)
        assert error.status == status


KEYS = ["a,b", "a/b", "a'b", 'a"b', "", "é", "a b", "a%b", "%2F", "a+b", "a=b", "a;b", "a?b", "a#b",
        "..", ".", "a\\b", "[x]", "\u2028", "x" * 500]  # fmt: skip


@pytest.mark.parametrize("key", KEYS)
def test_any_text_can_be_a_key(there, key):
    """Section 3.5.3: what the server says is where it is."""
    where = there("POST", N, {"nodes:chain": [{"name": key}]}, 201).headers["location"]
    path = where.removeprefix(BASE)
    assert there.get(path)["nodes:chain"][0]["name"] == key
    where = there("POST", path, {"nodes:rule": [{"id": 7}]}, 201).headers["location"]
    assert there.get(where.removeprefix(BASE))["nodes:rule"][0]["id"] == 7
    there("PUT", path, {"nodes:chain": [{"name": key}]}, 204)
    there.patch(N, {"edit-id": "1", "operation": "delete", "target": path.removeprefix(N)})
    there("DELETE", path, status=404)


def test_a_patch_of_what_is_not_there_creates_nothing(there):
    """RFC 8040, section 4.6, is of YANG patches too (RFC 8072, section 2.1)."""
    value = {"simplebridge:simplebridge": [{"name": "none"}]}
    edit = {"edit-id": "1", "operation": "merge", "target": "/", "value": value}
    body = {"ietf-yang-patch:yang-patch": {"patch-id": "p", "edit": [edit]}}
    path = "/data/simplebridge:simplebridge=none"
    error = there.error("PATCH", path, body, **{"content-type": PATCH})
    assert (error.status, error.tag) == (404, "invalid-value")


@pytest.mark.parametrize(
    ("edit", "tag"),
    [
        ({"operation": "delete", "target": "/ports=p1"}, "missing-element"),
        ({"edit-id": 1, "operation": "delete", "target": "/ports=p1"}, "invalid-value"),
        ({"edit-id": "1", "target": "/ports=p1"}, "missing-element"),
        ({"edit-id": "1", "operation": "delete"}, "missing-element"),
        ({"edit-id": "1", "operation": 7, "target": "/ports=p1"}, "invalid-value"),
        ({"edit-id": "1", "operation": "delete", "target": 7}, "invalid-value"),
        ({"edit-id": "1", "operation": "delete", "target": "/ports=%zz"}, "invalid-value"),
        ({"edit-id": "1", "operation": "delete", "target": "/ports=p1", "value": {}},
         "invalid-value"),
    ],
)  # fmt: skip
def test_an_edit_that_is_none(there, edit, tag):
    body = {"ietf-yang-patch:yang-patch": {"patch-id": "p", "edit": [edit]}}
    answer = there("PATCH", BR, body, 400, **{"content-type": PATCH})
    assert f'"error-tag":"{tag}"' in answer.text
    assert there("GET", f"{BR}/ports=p1").status_code == 200


@pytest.mark.parametrize(
    ("raw", "expected"),
    [
        (b"http://localhost:9000/restconf/data/a%2Fb", "/restconf/data/a%2Fb"),
        (b"HTTPS://[::1]:9000//restconf/", "/restconf"),
        (b"/http://x/restconf", "/http:/x/restconf"),
        (b"*", "*"),
    ],
)
def test_a_request_may_name_the_whole_url(raw, expected):
    """RFC 9112, section 3.2.2: what proxies are sent, servers take."""
    seen = []

    async def app(scope, _receive, _send) -> None:
        seen.append(scope["path"])

    scope = {"type": "http", "path": raw.decode(), "raw_path": raw}
    asyncio.run(RawPath(app)(scope, None, None))
    assert seen == [expected]
