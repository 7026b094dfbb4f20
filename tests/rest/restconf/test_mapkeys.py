"""Tries and arrays of lists in lists over RESTCONF and over the dialect."""

import pytest

from tests import fakes
from tests.core.test_mapkeys import DEFAULT, service

__all__ = ["service"]
CUBE = "/data/shared:shared=s"


@pytest.fixture
def shared(service, monkeypatch, request):
    monkeypatch.setitem(fakes.SERVICES, "shared", service)
    rc = request.getfixturevalue("rc")
    vrf = [{"name": "a", "id": 7, "route": [{"network": "0.0.0.0/0", "out": "p1"}]}]
    cube = {"name": "s", "ports": [{"name": "p1"}, {"name": "p2"}], "vrf": vrf}
    rc("POST", "/data", {"shared:shared": [{**cube, "queue": [{"port": "p1"}]}]}, 201)
    return rc


def test_a_route_of_a_table(shared):
    path = f"{CUBE}/vrf=a,7/route=10.1.2.0%2F24"
    shared("PUT", path, {"shared:route": [{"network": "10.1.2.0/24", "out": "p2"}]}, 201)
    assert shared.get(f"{path}/out") == {"shared:out": "p2"}
    shared("PATCH", f"{CUBE}/vrf=a,7", {"shared:vrf": [{"name": "a", "id": 7, "limit": 3}]}, 204)
    assert len(shared.get(f"{CUBE}/vrf=a,7")["shared:vrf"][0]["route"]) == 2
    edit = {"edit-id": "1", "operation": "delete", "target": "/vrf=a,7/route=10.1.2.0%2F24"}
    shared.patch(CUBE, edit)
    assert shared("GET", path).status_code == 404
    assert shared.error("PUT", f"{CUBE}/vrf=z,7/route=10.0.0.0%2F8", {}).status in {400, 404, 409}


def test_an_index_of_a_row(shared):
    path = f"{CUBE}/queue=p1/class"
    shown = [{**one, "packets": "0"} for one in DEFAULT]
    assert shared.get(f"{path}=2") == {"shared:class": [shown[2]]}
    shared("PATCH", f"{path}=2", {"shared:class": [{"id": 2, "weight": 1}]}, 204)
    assert shared.get(f"{path}=2/weight") == {"shared:weight": 1}
    shared("DELETE", f"{path}=2/weight", status=204)
    shared("PUT", f"{path}=3", {"shared:class": [{"id": 3, "weight": 5}]}, 204)
    shared("DELETE", f"{path}=3", status=204)
    assert shared.get(f"{CUBE}/queue=p1")["shared:queue"][0]["class"] == shown
    assert shared("GET", f"{path}=4").status_code == 400
    shared("PUT", f"{CUBE}/queue=p1/slot=7", {"shared:slot": [{"id": 7}]}, 201)
    assert shared.get(f"{CUBE}/queue=p1/slot=7") == {"shared:slot": [{"id": 7, "mark": 0}]}
