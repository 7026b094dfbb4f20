"""The daemon's own routes."""

from importlib import metadata

import pytest

from tests.fakes import SERVICES

BULK = [
    {"name": "b1", "service-name": "simplebridge", "ports": [{"name": "x", "peer": "b2:x"}]},
    {"name": "b2", "service-name": "simplebridge", "ports": [{"name": "x", "peer": "b1:x"}]},
    {"name": "h1", "service-name": "helloworld", "action": "forward"},
]


def test_the_root_says_what_there_is(api):
    found = api.get("/")
    assert found[0] == {"rel": "self", "href": "//127.0.0.1:9000/polycube/v1/"}
    assert {"cubes", "connect", "simplebridge", "nodes"} <= {link["rel"] for link in found}
    assert api.get("") == found


def test_services(api):
    found = {one["name"]: one for one in api.get("/services")}
    assert set(found) == set(SERVICES)
    one = api.get("/services/maps/")
    assert {name: value for name, value in one.items() if name != "datamodel"} == found["maps"]
    assert found["maps"]["type"] == "transparent"
    error = api.error("GET", "/services/none")
    assert (error.status, error.tag) == (404, "data-missing")
    assert ", ".join(sorted(SERVICES)) in error.message


def test_cubes_in_bulk_and_back(api):
    api.ok("POST", "/cubes", BULK)
    found = api.get("/cubes")
    assert [cube["name"] for cube in found["simplebridge"]] == ["b1", "b2"]
    assert found["simplebridge"][0]["ports"] == [{"name": "x", "peer": "b2:x"}]
    assert set(found["helloworld"][0]) == {
        *("name", "uuid", "service-name", "type", "loglevel", "ports", "shadow", "span")
    }
    assert api.get("/cubes/h1")["action"] == "FORWARD"
    assert api.get("/simplebridge/b1/ports/x")["status"] == "UP"
    assert [cube["name"] for cube in api.get("/topology")] == ["b1", "b2", "h1"]
    for name in ("simplebridge/b1", "simplebridge/b2", "helloworld/h1"):
        api.ok("DELETE", f"/{name}", status=200)
    assert api.get("/cubes") == {}
    api.ok("POST", "/cubes", found)
    assert api.get("/simplebridge/b2/ports/x")["status"] == "UP"


@pytest.mark.parametrize(
    ("extra", "status", "tag", "words"),
    [
        ({"name": "c"}, 400, "missing-attribute", "which service?"),
        ({"name": "c", "service-name": "none"}, 404, "data-missing", "No service found"),
        ({"name": "b1", "service-name": "helloworld"}, 409, "data-exists", "two cubes named b1"),
        ({"name": "c", "service-name": "nodes"}, 400, "operation-failed", "at least 1"),
        (
            {"name": "c", "service-name": "helloworld", "ports": [{"name": "p", "peer": "b9:x"}]},
            400,
            "invalid-value",
            "there is no cube b9",
        ),
        (1, 400, "bad-element", "not an array of cubes"),
    ],
)
def test_a_bulk_is_all_or_nothing(api, extra, status, tag, words):
    answer = api("POST", "/cubes", [*BULK, extra])
    error = answer.json()["ietf-restconf:errors"]["error"][0]
    assert (answer.status_code, error["error-tag"]) == (status, tag)
    assert words in error["error-message"]
    assert api.get("/cubes") == {}


def test_netdevs(api):
    assert [one["name"] for one in api.get("/netdevs")] == ["veth1", "veth2", "veth3"]
    found = api.get("/netdevs/veth2")
    expected = {"name": "veth2", "index": 3, "mac": "", "mtu": 1500, "status": "UP"}
    assert found.items() >= expected.items()
    assert found["addresses"] == []
    assert api.error("GET", "/netdevs/none").status == 404


def test_version(api):
    assert api.get("/version/") == {"polycubed": {"version": metadata.version("polycube-py")}}


def test_connect_and_disconnect(api):
    api.ok("POST", "/simplebridge/a", {"ports": [{"name": "x"}, {"name": "y"}]})
    api.ok("POST", "/connect", {"peer1": "a:x", "peer2": "veth1"}, 200)
    assert api.get("/simplebridge/a/ports/x/peer") == "veth1"
    error = api.error("POST", "/connect", {"peer1": "a:x", "peer2": "veth2"})
    assert (error.status, error.tag) == (409, "data-exists")
    assert error.info == error.message
    api.ok("POST", "/disconnect", {"peer1": "veth1", "peer2": "a:x"}, 200)
    assert api.get("/simplebridge/a/ports/x/peer") == ""
    error = api.error("POST", "/connect", {"peer1": "a:x"})
    assert (error.status, error.tag, error.path) == (400, "missing-attribute", "/connect/peer2")
    assert api.error("POST", "/connect", {"peer1": "a:x", "peer2": 5}).tag == "invalid-value"


def test_reload(api):
    api.ok("POST", "/simplebridge/a")
    before = api.polycube.cube("a").dataplane.programs["ingress"]
    api.ok("POST", "/reload", {"cube": "a"}, 200)
    assert api.polycube.cube("a").dataplane.programs["ingress"] is not before


@pytest.mark.parametrize("verb", ["GET", "POST", "PUT", "PATCH", "DELETE", "OPTIONS"])
def test_a_cube_by_its_name_alone(api, verb):
    api.ok("POST", "/simplebridge/br1")
    for path in ("/br1", "/br1/ports/p%2F1?x=1&y", "//br1//fdb/"):
        answer = api(verb, path)
        assert answer.status_code == 308
        target = answer.headers["location"]
        assert target.startswith("/polycube/v1/simplebridge/br1")
        assert target.endswith("?x=1&y") == ("?" in path)
        assert ("ports/p%2F1/" in target) == ("%2F" in path)
        error = api.error(verb, path, headers={"Referer": "http://localhost/"})
        assert (error.status, error.message) == (404, "No cube found named br1")


@pytest.mark.parametrize(
    ("verb", "path", "status", "words"),
    [
        ("GET", "/nothing", 404, "No cube found named nothing"),
        ("GET", "/nothing/of/this", 404, "No cube found named nothing"),
        ("GET", "/cubes/a/b", 404, "there is nothing here"),
        ("GET", "/connect", 405, "GET is not supported here"),
        ("DELETE", "/cubes", 405, "DELETE is not supported here"),
        ("PATCH", "/version", 405, "PATCH is not supported here"),
        ("POST", "/cubes/a", 405, "POST is not supported here"),
        ("GET", "/cubes/a", 404, "No cube found named a"),
        ("BREW", "/cubes", 405, "BREW is not supported here"),
    ],
)
def test_what_is_not_there(api, verb, path, status, words):
    error = api.error(verb, path)
    assert error.status == status
    assert words in error.message


@pytest.mark.parametrize("path", ["/", "/favicon.ico", "/polycube", "/polycube/v2/cubes"])
def test_outside_of_the_interface(api, path):
    answer = api.client.get(path)
    assert answer.status_code == 404
    error = answer.json()["ietf-restconf:errors"]["error"][0]
    assert error["error-tag"] == "data-missing"
    assert "there is nothing here; see /polycube/v1/" in error["error-message"]


def test_openapi_documents_are_served(api):
    def get(path: str):
        return api.client.get(f"http://localhost:9000{path}")

    own = get("/openapi.json").json()
    assert own["info"]["title"] == "polycubed"
    assert "/polycube/v1/connect/" in own["paths"]
    document = get("/openapi/simplebridge.json").json()
    assert document["info"]["title"] == "simplebridge"
    assert "/polycube/v1/simplebridge/{name}" in document["paths"]
    for path in ("/openapi/none.json", "/openapi/simplebridge", "/openapi/..%2Fmaps.json"):
        assert get(path).status_code == 404


@pytest.mark.parametrize(
    ("method", "path", "body", "says"),
    [
        ("PUT", "/topology", {}, "/topology/cubes: is missing"),
        ("PUT", "/cubes", {"nosuch": []}, "No service found named nosuch"),
        (
            "PUT",
            "/cubes",
            {"simplebridge": [{"name": "x", "service-name": "helloworld"}]},
            "'helloworld' is not the service that it stands under, simplebridge",
        ),
        ("POST", "/connect", {"peer1": "a", "peer2": "b", "bogus": 1}, "expected peer1, peer2"),
        ("POST", "/attach", {"cube": "a", "port": "b", "bogus": 1}, "position, after, before"),
        ("POST", "/simplebridge/a%FFb", {}, "is not UTF-8"),
        ("POST", "/simplebridge/add", {}, "'add' is a word of the interface"),
    ],
)
def test_a_slip_is_refused_and_deletes_nothing(api, method, path, body, says):
    api.ok("POST", "/simplebridge/there", {})
    error = api.error(method, path, body)
    assert error.status in {400, 404}
    assert says in error.message
    assert "there" in api.polycube.cubes
