"""anydata and anyxml of a service, and leaves that only a control plane holds, over HTTP."""

import pytest

from tests import fakes
from tests.core.sessions import made
from tests.core.test_told import BODY as TOLD
from tests.core.test_told import NEEDED

CUBE = "/data/any:any=a"
BODY = """
anyxml loose;
list thing { key id; leaf id { type uint8; } anydata inside; leaf about { type string; } }
"""


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    with made(tmp_path_factory.mktemp("any"), "any", TOLD + BODY) as found:
        yield found


@pytest.fixture
def restconf(service, monkeypatch, request):
    monkeypatch.setitem(fakes.SERVICES, "any", service)
    found = request.getfixturevalue("rc")
    found("POST", "/data", {"any:any": [{"name": "a", **NEEDED}]}, 201)
    return found


@pytest.fixture
def api(service, monkeypatch, request):
    monkeypatch.setitem(fakes.SERVICES, "any", service)
    found = request.getfixturevalue("api")
    found.ok("POST", "/any/a", NEEDED)
    return found


def test_anydata_is_a_resource_of_any_form(restconf):
    value = {"x": [1, {"y": None}], "z": "text"}
    restconf("PUT", f"{CUBE}/extra", {"any:extra": value}, 201)
    assert restconf.get(f"{CUBE}/extra") == {"any:extra": value}
    restconf("PUT", f"{CUBE}/extra", {"any:extra": {}}, 204)
    assert restconf.get(CUBE)["any:any"][0]["extra"] == {}
    restconf("DELETE", f"{CUBE}/extra", status=204)
    assert restconf.error("GET", f"{CUBE}/extra").status == 404
    refused = restconf.error("PUT", f"{CUBE}/extra", {"any:extra": [1]})
    assert (refused.status, refused.tag) == (400, "bad-element")


def test_anyxml_takes_any_value(restconf):
    for value in ([1, "a"], "text", 5, False, {"b": True}, {}):
        restconf("PUT", f"{CUBE}/loose", {"any:loose": value})
        assert restconf.get(f"{CUBE}/loose") == {"any:loose": value}
    refused = restconf.error("PUT", f"{CUBE}/loose", {"any:loose": None})
    assert (refused.status, refused.tag) == (400, "bad-element")
    assert "delete it" in refused.message


def test_an_optional_leaf_of_the_control_plane_is_deleted(restconf):
    restconf("PUT", f"{CUBE}/label", {"any:label": "a"}, 201)
    restconf("DELETE", f"{CUBE}/label", status=204)
    assert restconf.error("DELETE", f"{CUBE}/label").status == 404
    restconf("POST", CUBE, {"any:thing": [{"id": 1, "inside": {"a": 1}, "about": "b"}]}, 201)
    restconf("DELETE", f"{CUBE}/thing=1/about", status=204)
    restconf("DELETE", f"{CUBE}/thing=1/inside", status=204)
    assert restconf.get(f"{CUBE}/thing=1") == {"any:thing": [{"id": 1}]}


def test_the_dialect_has_it_as_a_leaf(api):
    api.ok("PATCH", "/any/a/extra", {"k": {"_links": []}}, 200)
    assert api.get("/any/a/extra") == {"k": {"_links": []}}
    assert api.error("PATCH", "/any/a/extra", "text").status == 400
    api.ok("POST", "/any/a/thing/3", {"inside": {"deep": [[1]]}})
    assert api.get("/any/a/thing/3")["inside"] == {"deep": [[1]]}
    for path in ("extra", "thing/3/inside"):
        for asked in ("?help=SHOW", "?help=SET", "?completion&help=SET"):
            assert api("OPTIONS", f"/any/a/{path}{asked}").status_code == 200


def test_the_model_says_what_it_takes(api):
    nodes = {one["name"]: one for one in api.get("/services/any")["datamodel"]}
    assert nodes["extra"]["accepts"] == "any JSON object"
    assert nodes["loose"]["accepts"] == "any JSON value"
