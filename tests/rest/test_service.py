"""Every verb on every kind of node, with the statuses of the original's dialect."""

import pytest

from tests.fakes import SERVICES

ADDRESS = "02:00:00:00:00:01"
ENTRY = f"/simplebridge/br1/fdb/entry/{ADDRESS}"
NODES = {"ports": [{"name": "p1"}], "server": ["a"]}


@pytest.fixture
def bridge(api):
    api.ok("POST", "/simplebridge/br1", {"ports": [{"name": "p1", "peer": "veth1"}]})
    return api


@pytest.fixture
def nodes(api):
    api.ok("POST", "/nodes/n1", NODES)
    return api


def links(answer) -> dict[str, str]:
    return {link["rel"]: link["href"] for link in answer}


def test_the_life_of_a_cube(api):
    for name in ("br1", "br2"):
        api.ok("POST", f"/simplebridge/{name}/", {"name": name})
    cube = api.get("/simplebridge/br1/")
    assert {name: cube[name] for name in ("name", "service-name", "type", "loglevel")} == {
        "name": "br1",
        "service-name": "simplebridge",
        "type": "TC",
        "loglevel": "INFO",
    }
    assert cube["fdb"] == {"aging-time": 300, "entry": []}
    api.ok("PATCH", "/simplebridge/br1", {"loglevel": "debug"}, 200)
    assert api.get("/simplebridge/br1/loglevel") == "DEBUG"
    api.ok("PATCH", "/simplebridge", {"name": "br1", "loglevel": "trace"}, 200)
    assert api.get("/simplebridge/br1")["loglevel"] == "TRACE"
    api.ok("DELETE", "/simplebridge/br1", status=200)
    assert [one["name"] for one in api.get("/simplebridge")[:-1]] == ["br2"]


def test_a_cube_is_created_by_its_service_or_by_its_name(api):
    api.ok("POST", "/simplebridge", {"name": "a"})
    api.ok("POST", "/simplebridge/b")
    api.ok("POST", "/simplebridge/c", {})
    api.ok("PUT", "/simplebridge/d", {"name": "d"})
    assert [one["name"] for one in api.get("/simplebridge/")[:-1]] == ["a", "b", "c", "d"]


def test_what_was_read_can_be_created_again(bridge):
    bridge.ok("POST", ENTRY, {"port": "p1"})
    cube = bridge.get("/simplebridge/br1")
    bridge.ok("DELETE", "/simplebridge/br1", status=200)
    bridge.ok("POST", "/simplebridge/br1", cube)
    again = bridge.get("/simplebridge/br1")
    for one in (cube, again):
        one["uuid"] = one["ports"][0]["uuid"] = ""
    assert again == cube


def test_a_cube_is_replaced_where_it_differs(bridge):
    bridge.ok("POST", ENTRY, {"port": "p1"})
    before = bridge.get("/simplebridge/br1")
    wanted = {"ports": [{"name": "p1", "peer": "veth1"}, {"name": "p2"}], "loglevel": "WARN"}
    bridge.ok("PUT", "/simplebridge/br1", wanted, 200)
    after = bridge.get("/simplebridge/br1")
    assert after["uuid"] == before["uuid"]
    assert after["ports"][0] == before["ports"][0]
    assert [port["name"] for port in after["ports"]] == ["p1", "p2"]
    assert after["loglevel"] == "WARN"
    assert after["fdb"]["entry"] == []


def test_a_replaced_xdp_cube_stays_one(api):
    api.ok("POST", "/simplebridge/x1", {"type": "xdp_skb"})
    api.ok("PUT", "/simplebridge/x1", {"loglevel": "DEBUG"}, 200)
    assert api.get("/simplebridge/x1")["type"] == "XDP_SKB"
    error = api.error("PUT", "/simplebridge/x1", {"type": "TC"})
    assert (error.status, error.tag, error.path) == (400, "invalid-value", "/simplebridge/x1/type")


def test_a_container(bridge):
    path = "/simplebridge/br1/fdb"
    assert bridge.get(f"{path}/")["aging-time"] == 300
    bridge.ok("PATCH", path, {"aging-time": 10})
    bridge.ok("POST", path, {"entry": [{"address": ADDRESS, "port": "p1"}]})
    assert bridge.get(path)["aging-time"] == 300
    bridge.ok("PUT", path, {"aging-time": 20})
    fdb = bridge.get(path)
    assert (fdb["aging-time"], fdb["entry"]) == (20, [])
    bridge.ok("DELETE", path, status=204)
    assert bridge.get(f"{path}/aging-time") == 300


def test_a_list(bridge):
    path = "/simplebridge/br1/fdb/entry"
    entries = [{"address": f"02:00:00:00:00:0{n}", "port": "p1"} for n in range(3)]
    bridge.ok("POST", path, entries[:2])
    bridge.ok("PATCH", path, entries[1:])
    found = bridge.get(f"{path}/")
    assert [one["address"] for one in found[:-1]] == [one["address"] for one in entries]
    assert found[-1][0] == "_links"
    assert links(found[-1][1]) == {
        "self": "//127.0.0.1:9000/polycube/v1/simplebridge/br1/fdb/entry/",
        **{
            one["address"]: f"//127.0.0.1:9000/polycube/v1{path}/{one['address']}/"
            for one in entries
        },
    }
    assert bridge.error("POST", path, entries[:1]).status == 409
    bridge.ok("PUT", path, entries[2:])
    assert len(bridge.get(path)) == 2
    bridge.ok("DELETE", path, status=204)
    assert len(bridge.get(path)) == 1


def test_an_entry(bridge):
    bridge.ok("POST", ENTRY, {"port": "p1"})
    error = bridge.error("POST", ENTRY, {"port": "p1"})
    assert (error.status, error.tag, error.path) == (409, "data-exists", ENTRY)
    bridge.ok("POST", "/simplebridge/br1/ports/p2", {})
    bridge.ok("PATCH", ENTRY, {"port": "p2"})
    assert bridge.get(f"{ENTRY}/port") == "p2"
    bridge.ok("PUT", ENTRY, {"port": "p1"})
    bridge.ok("PATCH", f"{ENTRY}/port", "p2", 200)
    entry = bridge.get(ENTRY)
    assert {name: entry[name] for name in ("address", "port", "type")} == {
        "address": ADDRESS,
        "port": "p2",
        "type": "static",
    }
    bridge.ok("DELETE", ENTRY, status=204)
    for verb, body in (("DELETE", ...), ("PATCH", {"port": "p1"})):
        error = bridge.error(verb, ENTRY, body)
        assert (error.status, error.tag, error.path) == (409, "data-missing", ENTRY)
    error = bridge.error("GET", ENTRY)
    assert (error.status, error.tag, error.path) == (404, "data-missing", ENTRY)


def test_an_action(bridge):
    bridge.ok("POST", ENTRY, {"port": "p1"})
    answer = bridge("POST", "/simplebridge/br1/fdb/flush")
    assert (answer.status_code, answer.json()) == (201, {"flushed": True})
    assert len(bridge.get("/simplebridge/br1/fdb/entry")) == 1
    error = bridge.error("POST", "/simplebridge/br1/fdb/flush", {"x": 1})
    assert (error.status, error.tag) == (400, "invalid-value")
    assert bridge.error("GET", "/simplebridge/br1/fdb/flush").status == 405


def test_actions_with_input_and_without_output(nodes):
    nodes.ok("POST", "/nodes/n1/chain/INGRESS", {})
    path = "/nodes/n1/chain/INGRESS/append"
    answer = nodes("POST", path, {"verdict": "drop", "option": [{"name": "x"}]})
    assert (answer.status_code, answer.json()) == (201, {"id": 3})
    error = nodes.error("POST", path, {"verdict": "maybe"})
    assert (error.status, error.path) == (400, f"{path}/verdict")
    assert "PASS, DROP, 802.1q" in error.message
    error = nodes.error("POST", "/nodes/n1/chain/NONE/append", {})
    assert (error.status, error.path) == (409, "/nodes/n1/chain/NONE")
    answer = nodes("POST", "/nodes/n1/stop")
    assert (answer.status_code, answer.content) == (204, b"")


def test_links_are_in_the_order_of_the_model(api):
    api.ok("POST", "/helloworld/hw1")
    base = "//127.0.0.1:9000/polycube/v1/helloworld/hw1/"
    found = api.get("/helloworld/hw1/")["_links"]
    names = ["uuid", "type", "service-name", "loglevel", "ports", "shadow", "span", "action"]
    assert found == [
        {"rel": "self", "href": base},
        *({"rel": name, "href": f"{base}{name}/"} for name in names),
    ]
    assert list(links(api.get("/helloworld")[-1][1])) == ["self", "hw1"]


@pytest.mark.parametrize("value", ["DROP", "drop", "Forward", "slowpath"])
def test_an_enumeration_in_any_case(api, value):
    api.ok("POST", "/helloworld/hw1")
    api.ok("PATCH", "/helloworld/hw1/action", value, 200)
    assert api.get("/helloworld/hw1/action") == value.upper()


@pytest.mark.parametrize(
    ("verb", "path", "body", "status", "tag", "where", "words"),
    [
        ("PATCH", "/fdb/aging-time", "x", 400, "invalid-value", "/fdb/aging-time", "'x'"),
        ("PATCH", "/fdb/aging-time", -1, 400, "invalid-value", "/fdb/aging-time", "-1"),
        ("PATCH", "/fdb/aging-time", 2**32, 400, "invalid-value", "/fdb/aging-time", "4294967295"),
        ("PATCH", "/fdb/aging-time", 1.5, 400, "invalid-value", "/fdb/aging-time", "1.5"),
        ("PATCH", "/fdb/aging-time", True, 400, "invalid-value", "/fdb/aging-time", "true"),
        ("PATCH", "/fdb/aging-time", None, 400, "invalid-value", "/fdb/aging-time", "missing"),
        ("PATCH", "/fdb/aging-time", ..., 400, "invalid-value", "/fdb/aging-time", "missing"),
        ("PATCH", "/fdb/aging-time", [1], 400, "invalid-value", "/fdb/aging-time", ""),
        ("PATCH", "/loglevel", "LOUD", 400, "invalid-value", "/loglevel", "one of TRACE"),
        ("PATCH", "", {"nope": 1}, 400, "invalid-value", "/nope", "is not a member here"),
        ("PATCH", "", {"uuid": "x"}, 400, "invalid-value", "/uuid", "is read-only"),
        ("PATCH", "", {"type": "TC"}, 400, "invalid-value", "/type", "only when its parent"),
        ("PATCH", "", [], 400, "bad-element", "", "expected an object"),
        ("PATCH", "", {"ports": {}}, 400, "bad-element", "/ports", "is not an array"),
        ("PATCH", "", {"ports": [1]}, 400, "bad-element", "/ports", "is not an object"),
        ("PATCH", "", {"fdb": 1}, 400, "bad-element", "/fdb", "is not an object"),
        ("PATCH", "", {"name": "br2"}, 400, "invalid-value", "/name", "is not the key in the URL"),
        ("POST", "/ports", {}, 400, "bad-element", "/ports", "is not an array"),
        ("POST", "/ports", [{}], 400, "missing-element", "/ports/None/name", "must be given"),
        ("POST", "/ports/p:1", {}, 400, "invalid-value", "/ports/p:1/name", ""),
        ("POST", "/ports/p2", {"peer": "gone"}, 400, "operation-failed", "/ports/p2", "Interface"),
        ("POST", "/ports/p2", {"peer": "x:y"}, 400, "invalid-value", "/ports/p2/peer", "no cube x"),
        ("POST", "/ports/p2", {"name": "p3"}, 400, "invalid-value", "/ports/p2/name", "the URL"),
        ("POST", "/ports/p1", {}, 409, "data-exists", "/ports/p1", "exists already"),
        ("PATCH", "/ports/p9", {}, 409, "data-missing", "/ports/p9", "no such entry"),
        ("DELETE", "/ports/p9", ..., 409, "data-missing", "/ports/p9", "no such entry"),
        ("GET", "/ports/p9", ..., 404, "data-missing", "/ports/p9", "there is nothing here"),
        ("GET", "/ports/p9/peer", ..., 404, "data-missing", "/ports/p9", "no such entry"),
        ("PATCH", "/ports/p9/peer", "", 409, "data-missing", "/ports/p9", "no such entry"),
        ("POST", "/fdb/entry/zz", {}, 400, "invalid-value", "/fdb/entry/zz/address", "MAC address"),
        ("GET", "/fdb/nope", ..., 404, "data-missing", "/fdb/nope", "data model"),
        ("PATCH", "/uuid", "x", 405, "operation-not-supported", "/uuid", "GET, HEAD, OPTIONS"),
        ("POST", "/loglevel", 1, 405, "operation-not-supported", "/loglevel", "OPTIONS, PATCH"),
        ("PATCH", "/shadow", True, 405, "operation-not-supported", "/shadow", "GET, HEAD, OP"),
        ("PATCH", "/span", True, 400, "invalid-value", "/span", "it needs shadow=true"),
        ("HEAD", "/fdb/nope", ..., 404, None, None, None),
    ],
)
def test_what_is_refused_and_how(bridge, verb, path, body, status, tag, where, words):  # noqa: PLR0917
    before = bridge.get("/simplebridge/br1")
    if tag is None:
        assert bridge(verb, f"/simplebridge/br1{path}").status_code == status
        return
    error = bridge.error(verb, f"/simplebridge/br1{path}", body)
    assert (error.status, error.tag, error.path) == (status, tag, f"/simplebridge/br1{where}")
    assert words in error.message
    assert error.info == error.path.rpartition("/")[2]
    assert bridge.get("/simplebridge/br1") == before


@pytest.mark.parametrize(
    ("verb", "path", "body", "status", "tag", "words"),
    [
        ("POST", "/simplebridge", {}, 400, "missing-element", "is mandatory"),
        ("POST", "/simplebridge", [], 400, "bad-element", "is not an object"),
        ("POST", "/simplebridge/br2", [], 400, "bad-element", "expected an object"),
        ("POST", "/simplebridge/br1", {}, 409, "data-exists", "a cube named br1 exists already"),
        ("POST", "/helloworld/br1", {}, 409, "data-exists", "a cube named br1 exists already"),
        ("PUT", "/helloworld/br1", {}, 409, "data-missing", "No cube found named br1"),
        ("POST", "/simplebridge/connect", {}, 400, "invalid-value", "a word of the interface"),
        ("POST", "/simplebridge/nodes", {}, 400, "invalid-value", "a word of the interface"),
        ("POST", "/simplebridge/.x", {}, 400, "invalid-value", ".x"),
        ("POST", "/simplebridge/a%3Ab", {}, 400, "invalid-value", "a:b"),
        ("POST", "/simplebridge/b", {"service-name": "nodes"}, 400, "invalid-value", "addressed"),
        ("POST", "/simplebridge/b", {"span": True}, 400, "invalid-value", "it needs shadow=true"),
        ("PATCH", "/simplebridge", {}, 400, "missing-element", "must say which cube"),
        ("PATCH", "/simplebridge", {"name": "no"}, 409, "data-missing", "No cube found named no"),
        ("PATCH", "/simplebridge/no", {}, 409, "data-missing", "No cube found named no"),
        ("DELETE", "/simplebridge/no", ..., 409, "data-missing", "No cube found named no"),
        ("POST", "/simplebridge/no/ports/p", {}, 409, "data-missing", "No cube found named no"),
        ("GET", "/simplebridge/no", ..., 404, "data-missing", "No cube found named no"),
        ("GET", "/simplebridge/no/fdb", ..., 404, "data-missing", "No cube found named no"),
        ("DELETE", "/simplebridge", ..., 405, "operation-not-supported", "DELETE"),
        ("PUT", "/simplebridge", {}, 405, "operation-not-supported", "PUT"),
        ("BREW", "/simplebridge/br1", ..., 405, "operation-not-supported", "BREW"),
    ],
)
def test_what_is_refused_of_cubes(bridge, verb, path, body, status, tag, words):
    error = bridge.error(verb, path, body)
    assert (error.status, error.tag) == (status, tag)
    assert words in error.message
    assert list(bridge.polycube.cubes) == ["br1"]


@pytest.mark.parametrize("path", ["/simplebridge/br1", "/simplebridge/br1/fdb/entry"])
def test_head_is_get_without_the_body(bridge, path):
    answer = bridge("HEAD", path)
    assert answer.status_code == 200
    assert answer.headers["etag"] == bridge("GET", path).headers["etag"]


@pytest.mark.parametrize(
    "body",
    [
        b"{",
        b"{]",
        b'{"a": NaN}',
        b"\xff\xfe",
        b'{"name": "\xff"}',
        b'"\\ud800"',
        b"[" * 100_000,
        b"nul",
        b"1 2",
        b"'x'",
    ],
)
@pytest.mark.parametrize(
    ("verb", "path"),
    [
        ("POST", "/simplebridge/br2"),
        ("PATCH", "/simplebridge/br1/fdb/aging-time"),
        ("PUT", "/simplebridge/br1/fdb/entry"),
        ("POST", "/simplebridge/br1/fdb/flush"),
        ("POST", "/cubes"),
        ("POST", "/connect"),
    ],
)
def test_a_body_that_is_not_json(bridge, verb, path, body):
    error = bridge.error(verb, path, content=body)
    assert (error.status, error.tag) == (400, "malformed-message")
    assert "is not JSON" in error.message


@pytest.mark.parametrize(
    "value",
    [None, 0, -1, 10**400, 1e300, True, "", "\0", "\n", "é" * 70_000, [], [[]], {}, {"": 1}],
    ids=lambda value: repr(value)[:12],
)
def test_whatever_is_sent_anywhere_is_answered(nodes, value):
    nodes.ok("POST", "/maps/m1")
    nodes.ok("POST", "/nodes/n1/chain/c", {})
    for service, cube in (("nodes", "n1"), ("maps", "m1")):
        for path, _ in SERVICES[service].SERVICE.walk():
            where = path.replace("chain/", "chain/c/", 1) if "chain/" in path else path
            for verb in ("POST", "PUT", "PATCH"):
                nodes(verb, f"/{service}/{cube}/{where}", value)
            nodes("PATCH", f"/{service}/{cube}", {path.split("/")[0]: value})
    nodes("POST", "/simplebridge", value)
    nodes("POST", "/cubes", value)
    nodes("POST", "/cubes", {"simplebridge": value})
    nodes("POST", "/cubes", [{"service-name": "simplebridge", "name": value}])
    nodes("POST", "/connect", {"peer1": value, "peer2": "veth1"})
    nodes("POST", "/connect", value)
    nodes("POST", "/reload", value)
    nodes("POST", "/reload", {"cube": value})


def test_deep_json_where_a_value_belongs(nodes):
    for depth in (100, 900, 5000):
        raw = b"[" * depth + b"]" * depth
        error = nodes.error("PATCH", "/nodes/n1/class", content=raw)
        assert error.status == 400


def test_several_errors_are_all_told(bridge):
    body = {"loglevel": "LOUD", "fdb": {"aging-time": -1}, "nope": 1}
    answer = bridge("PATCH", "/simplebridge/br1", body)
    errors = answer.json()["ietf-restconf:errors"]["error"]
    assert answer.status_code == 400
    assert [one["error-path"].removeprefix("/simplebridge/br1") for one in errors] == [
        "/nope",
        "/loglevel",
        "/fdb/aging-time",
    ]


def test_keys_with_anything_in_them(api):
    api.ok("POST", "/maps/m1")
    path = "/maps/m1/route/10.0.0.0%2F8"
    api.ok("POST", path, {"next-hop": "1.1.1.1"})
    assert api.get(f"{path}/next-hop") == "1.1.1.1"
    found = api.get("/maps/m1/route")
    assert links(found[-1][1])["10.0.0.0%2F8"] == f"//127.0.0.1:9000/polycube/v1{path}/"
    api.ok("POST", "/maps/m1/session/10.0.0.1/80/tcp", {"out": "p"}, 400)
    api.ok("DELETE", path, status=204)
    api.ok("POST", "/simplebridge/a%20%C3%A9%25b", status=400)
    api.ok("POST", "/simplebridge/%C3%A9%25b")
    assert api.get("/simplebridge/%C3%A9%25b/")["name"] == "é%b"
    assert api.get("/cubes/%C3%A9%25b/")["name"] == "é%b"
    port = "/simplebridge/%C3%A9%25b/ports/%25%C3%A9"
    assert api.error("GET", port).path == port
    made = api("POST", f"{port}?dry-run").json()["changes"]
    assert [one["path"] for one in made] == [port]
    api.ok("POST", port)
    assert api.error("PATCH", port, {"peer": "nobody:p"}).path == f"{port}/peer"
    api.ok("POST", "/nodes/n1", NODES)
    api.ok("POST", "/nodes/n1/chain/a%2Fb", {"rule": [{"id": 1}]})
    assert api.get("/nodes/n1/chain/a%2Fb/rule/1/verdict") == "PASS"
    assert api.error("GET", "/nodes/n1/chain/a%2Fc").path == "/nodes/n1/chain/a%2Fc"


@pytest.mark.parametrize(
    "path",
    ["//simplebridge//br1///fdb/aging-time//", "/simplebridge/br1/fdb/aging-time", "/%62r1/"],
)
def test_slashes_do_not_matter(bridge, path):
    answer = bridge("GET", path)
    assert answer.status_code == (308 if "%62" in path else 200)


def test_what_a_control_plane_knows(nodes):
    assert nodes.get("/nodes/n1/uptime")["seconds"] == 7
    assert nodes.get("/nodes/n1/uptime/seconds") == 7
    assert nodes.get("/nodes/n1/neighbour")[:2] == [{"address": "10.0.0.1"}, {}]
    nodes.ok("POST", "/nodes/n1/chain/abc", {})
    assert nodes.get("/nodes/n1/chain/abc/hits") == 3
    assert nodes.error("PATCH", "/nodes/n1/uptime/seconds", 1).status == 405
    assert nodes.error("GET", "/nodes/n1/class").status == 404
    assert nodes.error("GET", "/nodes/n1/mirror").status == 404
    nodes.ok("PUT", "/nodes/n1/mirror", {"to": "p1"})
    assert nodes.get("/nodes/n1/mirror")["to"] == "p1"
    nodes.ok("DELETE", "/nodes/n1/mirror", status=204)
    assert nodes.error("DELETE", "/nodes/n1/mirror").status == 409


def test_a_mistake_of_a_service_is_not_shown(nodes, monkeypatch, caplog):
    async def fail(_self, _value) -> None:
        message = "inner workings"
        raise ZeroDivisionError(message)

    monkeypatch.setattr(SERVICES["nodes"], "set_class_", fail)
    answer = nodes.client.patch("/polycube/v1/nodes/n1/class", json=3)
    assert answer.status_code == 500
    assert "inner workings" not in answer.text
    (error,) = answer.json()["ietf-restconf:errors"]["error"]
    assert error["error-message"].endswith("its log says which")
    assert "inner workings" in caplog.text
    assert nodes.error("GET", "/nodes/n1/class").status == 404
