"""Sets over RESTCONF: each value of a leaf-list is a resource."""

import sys

import pytest

from tests import fakes
from tests.core.test_sets import service

__all__ = ["service"]
CUBE = "/data/sets:sets=s"


@pytest.fixture
def sets(service, monkeypatch, request):
    monkeypatch.setitem(fakes.SERVICES, "sets", service)
    restconf = request.getfixturevalue("rc")
    acl = [{"name": "a", "out": ["p1"]}]
    cube = {"name": "s", "ports": [{"name": "p1"}, {"name": "p2"}], "acl": acl}
    restconf("POST", "/data", {"sets:sets": [cube]}, 201)
    return restconf


def raw_of(sets, name):
    return dict(sets.polycube.cubes["s"].tables[name].map.items())


def test_one_value_is_added_and_deleted(sets):
    assert sets.get(f"{CUBE}/vlan") == {"sets:vlan": [5, 7]}
    sets("PUT", f"{CUBE}/vlan=9", {"sets:vlan": [9]}, 201)
    assert sets.get(f"{CUBE}/vlan=9") == {"sets:vlan": [9]}
    assert sets.error("POST", CUBE, {"sets:vlan": [9]}).tag == "data-exists"
    sets("DELETE", f"{CUBE}/vlan=5", status=204)
    assert sets.error("DELETE", f"{CUBE}/vlan=5").status == 404
    assert sets.get(f"{CUBE}/vlan") == {"sets:vlan": [7, 9]}
    assert len(raw_of(sets, "vlans")) == 2


def test_values_are_merged_and_replaced(sets):
    sets("PATCH", f"{CUBE}/vlan", {"sets:vlan": [8]}, 204)
    assert sets.get(f"{CUBE}/vlan") == {"sets:vlan": [5, 7, 8]}
    sets("PUT", f"{CUBE}/vlan", {"sets:vlan": [1]}, 204)
    assert sets.get(f"{CUBE}/vlan") == {"sets:vlan": [1]}
    sets("DELETE", f"{CUBE}/vlan=1", status=204)
    assert sets.get(f"{CUBE}/vlan") == {"sets:vlan": [5, 7]}, "without values it has its defaults"


def test_a_leaf_list_in_an_entry(sets):
    sets("PUT", f"{CUBE}/acl=a/out=p2", {"sets:out": ["p2"]}, 201)
    assert sets.get(f"{CUBE}/acl=a/out") == {"sets:out": ["p1", "p2"]}
    assert sets.error("PUT", f"{CUBE}/acl=a/out=p9", {"sets:out": ["p9"]}).status == 409
    sets("DELETE", f"{CUBE}/acl=a/out=p1", status=204)
    sets("DELETE", f"{CUBE}/acl=a/out=p2", status=204)
    assert sets("GET", f"{CUBE}/acl=a/out").status_code == 404
    assert raw_of(sets, "acl_outs") == {}


def test_a_leaf_list_that_the_user_orders(sets):
    put = f"{CUBE}/server=10.0.0.2"
    sets("PUT", f"{put}?insert=first", {"sets:server": ["10.0.0.2"]}, 201)
    assert sets.get(f"{CUBE}/server") == {"sets:server": ["10.0.0.2", "10.0.0.1"]}
    point = "?insert=after&point=%2Fsets%3Asets%3Ds%2Fserver%3D10.0.0.2"
    sets("POST", f"{CUBE}{point}", {"sets:server": ["10.0.0.3"]}, 201)
    assert sets.get(f"{CUBE}/server")["sets:server"] == ["10.0.0.2", "10.0.0.3", "10.0.0.1"]
    sets("DELETE", put, status=204)
    (raw,) = raw_of(sets, "servers").values()
    assert raw[:4] == (2).to_bytes(4, sys.byteorder)


def test_entries_of_a_list_of_keys(sets):
    sets("PUT", f"{CUBE}/net=10.1.0.0%2F16", {"sets:net": [{"prefix": "10.1.0.0/16"}]}, 201)
    sets("POST", CUBE, {"sets:blocked": [{"address": "10.0.0.1", "port": 80}]}, 201)
    assert sets.get(f"{CUBE}/blocked=10.0.0.1,80")
    edit = {"edit-id": "1", "operation": "delete", "target": "/blocked=10.0.0.1,80"}
    sets.patch(CUBE, edit)
    assert raw_of(sets, "blocked") == {}
    assert len(raw_of(sets, "nets")) == 1
