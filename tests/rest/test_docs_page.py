"""Documentation in the browser, and the OpenAPI documents behind it."""

import re

import pytest
from fastapi.routing import APIRoute

from tests.fakes import SERVICES

PREFIX = "/polycube/v1"


def paths(api) -> dict[str, dict]:
    return api.client.get("/openapi.json").json()["paths"]


@pytest.mark.parametrize("page", ["/docs", "/docs/", "/docs/simplebridge", "/docs/maps/"])
def test_pages_need_no_internet(api, page):
    answer = api.client.get(page)
    assert answer.status_code == 200
    assert answer.headers["content-type"].startswith("text/html")
    assert "://" not in answer.text
    for url in re.findall(r"(?:src|href|url)(?:=|: )[\"']([^\"']+)", answer.text):
        found = api.client.get(url)
        assert found.status_code == 200, url
        assert len(found.content) > 1000


@pytest.mark.parametrize("page", ["/docs/none", "/docs-assets/none", "/docs-assets/..%2Fcore.py"])
def test_there_is_nothing_else(api, page):
    assert api.client.get(page).status_code == 404


def test_a_cube_may_be_called_docs(api):
    for name in ("docs", "healthz", "openapi.json"):
        api.ok("POST", f"/simplebridge/{name}")
        assert api.get(f"/simplebridge/{name}")["name"] == name
        assert api("GET", f"/{name}").status_code == 308


def test_the_pages_of_all_services_are_named(api):
    about = api.client.get("/openapi.json").json()["info"]["description"]
    assert all(f"(/docs/{name})" in about for name in SERVICES)


def test_every_route_of_the_daemon_is_described(api):
    described = paths(api)
    routes = [route for route in api.client.app.routes if isinstance(route, APIRoute)]
    assert len(routes) > 40
    for route in routes:
        for method in route.methods:
            operation = described[route.path][method.lower()]
            assert operation["summary"]
            if route.path != f"{PREFIX}/metrics/":
                assert "default" in operation["responses"]
            assert "422" not in operation["responses"]


def test_writes_say_what_they_take_and_refuse(api):
    for path, item in paths(api).items():
        for method in item.keys() & {"post", "put", "patch"}:
            operation = item[method]
            assert operation["requestBody"]["content"]["application/json"]["schema"], path
            assert "400" in operation["responses"]
    connect = paths(api)[f"{PREFIX}/connect/"]["post"]
    assert {one["name"] for one in connect["parameters"]} == {
        "dry-run", "If-Match", "If-None-Match",
    }  # fmt: skip
    assert "412" in connect["responses"]


def test_health_is_told(api):
    found = api.client.get("/healthz").json()
    assert found.pop("uptime") >= 0
    assert found.pop("version")
    assert found == {"status": "ok", "services": len(SERVICES), "cubes": 0}
