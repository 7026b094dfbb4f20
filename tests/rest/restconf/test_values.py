"""Containers, leaf-lists and unions in the value of a map's entry, over RESTCONF."""

import pytest

from tests import fakes
from tests.core import test_mixed
from tests.core.sessions import made
from tests.core.test_several import BODY as SEVERAL

CUBE = "/data/both:both=b"
PEER = f"{CUBE}/peer=10.0.0.1"
POLICY = f"{CUBE}/policy"


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    body = test_mixed.BODY + SEVERAL
    with made(tmp_path_factory.mktemp("both"), "both", body) as found:
        yield found


@pytest.fixture
def both(service, monkeypatch, request):
    monkeypatch.setitem(fakes.SERVICES, "both", service)
    restconf = request.getfixturevalue("rc")
    cube = {"name": "b", "ports": [{"name": "p1"}, {"name": "p2"}], "peer": [test_mixed.PEER]}
    restconf("POST", "/data", {"both:both": [cube]}, 201)
    return restconf


def test_a_container_in_an_entry_is_a_resource(both):
    out = f"{PEER}/rules/rule=1/out"
    assert both.get(f"{out}/via") == {"both:via": {"port": "p1"}}
    both("PUT", f"{out}/via", {"both:via": {"port": "p2"}}, 204)
    both("PATCH", out, {"both:out": {"mark": 9}}, 204)
    assert both.get(f"{out}/mark") == {"both:mark": 9}
    both("DELETE", f"{out}/mark", status=204)
    both("DELETE", f"{out}/via", status=204)
    assert both.error("DELETE", f"{out}/via").status == 404
    assert both.get(out) == {"both:out": {"copy": [{"n": 1, "weight": 1}]}}
    both("PUT", f"{out}/via", {"both:via": {"port": "p1"}}, 201)
    refused = both.error("PUT", f"{out}/via", {"both:via": {}})
    assert (refused.status, refused.tag) == (400, "missing-element")


def test_a_default_is_gone_back_to(both):
    action = f"{PEER}/rules/default-action"
    assert both.get(action) == {"both:default-action": 0}
    both("DELETE", action, status=204)
    assert both.get(action) == {"both:default-action": 1}


def test_values_of_a_leaf_list_are_resources_in_their_order(both):
    both("POST", CUBE, {"both:policy": [{"name": "a", "vlan": [5, 1]}]}, 201)
    vlan = f"{POLICY}=a/vlan"
    both("PUT", f"{vlan}=9?insert=first", {"both:vlan": [9]}, 201)
    assert both.get(vlan) == {"both:vlan": [9, 5, 1]}
    both("DELETE", f"{vlan}=5", status=204)
    assert both.get(vlan) == {"both:vlan": [9, 1]}
    assert both.error("DELETE", f"{vlan}=5").status == 404
    both("PUT", vlan, {"both:vlan": [1, 2, 3, 4]}, 204)
    refused = both.error("POST", f"{POLICY}=a", {"both:vlan": [5]})
    assert refused.tag == "operation-failed"


@pytest.mark.parametrize("target", ["p1", "10.0.0.1", 7, "text", [None]])
def test_a_union_is_read_as_it_was_written(both, target):
    both("POST", CUBE, {"both:policy": [{"name": "a", "target": target}]}, 201)
    assert both.get(f"{POLICY}=a/target") == {"both:target": target}


def test_a_number_and_a_text_are_two_keys(both):
    """In JSON they are told apart, by RFC 7951, 6.10; in URLs the first type that fits is meant."""
    both("POST", CUBE, {"both:policy": [{"name": 5, "rate": [1]}]}, 201)
    both("POST", CUBE, {"both:policy": [{"name": "5", "rate": [2]}]}, 201)
    names = [one["name"] for one in both.get(POLICY)["both:policy"]]
    assert sorted(map(repr, names)) == ["'5'", "5"]
    assert both.get(f"{POLICY}=5/rate") == {"both:rate": [1]}
