"""The FastAPI application of a service: URLs, verbs, keys."""

import json
from urllib.parse import quote

import pytest
from starlette.applications import Starlette
from starlette.responses import Response
from starlette.routing import Mount
from starlette.testclient import TestClient

from polycube_generated.simplebridge import routes


class Echo:
    """Answer every call with what it was called with."""

    def __getattr__(self, verb: str):
        async def answer(resource, keys, _request) -> Response:
            found = {"verb": verb, "path": resource.path, "keys": list(keys)}
            return Response(json.dumps(found), media_type="application/json")

        return answer


@pytest.fixture(scope="module")
def application():
    return routes.application(Echo())


@pytest.fixture(scope="module")
def client(application) -> TestClient:
    app = Starlette(routes=[Mount("/polycube/v1/simplebridge", application)])
    return TestClient(app, base_url="http://localhost/polycube/v1/simplebridge")


@pytest.mark.parametrize(
    ("method", "url", "verb", "path", "keys"),
    [
        ("GET", "/", "get", "/", []),
        ("POST", "/", "create", "/", []),
        ("GET", "/br1", "get", "/{name}", ["br1"]),
        ("PUT", "/br1/", "replace", "/{name}", ["br1"]),
        ("DELETE", "/br1", "delete", "/{name}", ["br1"]),
        ("PATCH", "/br1/fdb/aging-time", "update", "/{name}/fdb/aging-time", ["br1"]),
        ("GET", "//br1//fdb/entry/", "get", "/{name}/fdb/entry", ["br1"]),
        ("POST", "/br1/fdb/flush", "call", "/{name}/fdb/flush", ["br1"]),
        ("OPTIONS", "/br1/fdb?help=NONE", "help", "/{name}/fdb", ["br1"]),
    ],
)
def test_each_verb_of_each_shape_reaches_the_api(client, method, url, verb, path, keys):
    answer = client.request(method, f"http://localhost/polycube/v1/simplebridge{url}")
    assert answer.status_code == 200
    assert answer.json() == {"verb": verb, "path": path, "keys": keys}


@pytest.mark.parametrize("key", ["10.0.2.0/24", "a b", "100%", "%2F", "é", "aa:bb", "a,b"])
def test_a_key_arrives_as_it_was_meant(client, key):
    answer = client.get(f"/br1/fdb/entry/{quote(key, safe='')}")
    assert answer.json()["keys"] == ["br1", key]


@pytest.mark.parametrize(
    ("method", "url"),
    [
        ("PATCH", "/br1/uuid"),
        ("PATCH", "/br1/type"),
        ("GET", "/br1/fdb/flush"),
        ("POST", "/br1/fdb/aging-time"),
    ],
)
def test_a_verb_that_a_resource_does_not_have_is_405(client, method, url):
    assert client.request(method, url).status_code == 405


@pytest.mark.parametrize("url", ["/br1/nothing", "/br1/ports/p1/name", "/br1/fdb/entry/x/y"])
def test_what_is_not_in_the_model_is_404(client, url):
    assert client.get(url).status_code == 404


@pytest.mark.parametrize("name", ["docs", "redoc", "openapi.json"])
def test_no_name_is_taken_from_the_cubes(client, name):
    assert client.get(f"/{name}").json()["keys"] == [name]


def test_the_document_is_the_generated_one(application):
    document = application.openapi()
    assert document["x-generated-from"].startswith("Generated from yang/simplebridge.yang")
