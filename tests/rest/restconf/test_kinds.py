"""Maps of the kernel's own kinds over RESTCONF and over the dialect."""

from tests import fakes
from tests.core import test_devices, test_pools, test_programtables

devices = test_devices.service
pools = test_pools.service
steps = test_programtables.service


def made(monkeypatch, request, service, name, **cube):
    monkeypatch.setitem(fakes.SERVICES, name, service)
    restconf = request.getfixturevalue("rc")
    body = {"name": "c", "ports": [{"name": "p1"}], **cube}
    restconf("POST", "/data", {f"{name}:{name}": [body]}, 201)
    return restconf


def test_entries_of_a_devmap(devices, monkeypatch, request):
    rc = made(monkeypatch, request, devices, "devices")
    cube = "/data/devices:devices=c"
    entry = {"id": 3, "interface": "veth1"}
    rc("PUT", f"{cube}/out=3", {"devices:out": [entry]}, 201)
    assert rc.get(f"{cube}/out=3") == {"devices:out": [entry]}
    rc("PATCH", f"{cube}/out=3/interface", {"devices:interface": "veth2"}, 204)
    assert rc.get(f"{cube}/out=3/interface") == {"devices:interface": "veth2"}
    refused = rc.error("PUT", f"{cube}/out=4", {"devices:out": [{"id": 4, "interface": "eth9"}]})
    assert (refused.status, refused.path) == (409, "/devices:devices[name='c']/out[id='4']")
    assert "there are: veth1, veth2, veth3" in refused.message
    assert rc.error("PUT", f"{cube}/cpu=9", {"devices:cpu": [{"id": 9}]}).status == 400
    rc("DELETE", f"{cube}/out=3", status=204)
    assert rc.polycube.cubes["c"].dataplane.maps["outs"].items() == []


def test_values_of_a_pool(pools, monkeypatch, request):
    rc = made(monkeypatch, request, pools, "pools", **{"free-port": [5, 4]})
    cube = "/data/pools:pools=c"
    rc("POST", f"{cube}?insert=first", {"pools:free-port": [9]}, 201)
    assert rc.get(f"{cube}/free-port") == {"pools:free-port": [9, 5, 4]}
    rc("DELETE", f"{cube}/free-port=5", status=204)
    assert rc.get(f"{cube}/free-port") == {"pools:free-port": [9, 4]}
    queue = rc.polycube.cubes["c"].dataplane.maps["free_ports"]
    assert sorted(value for _, value in queue.items()) == [b"\0\x04", b"\0\x09"]
    many = {"pools:free-port": [1, 2, 3, 4, 5, 6]}
    refused = rc.error("PUT", f"{cube}/free-port", many)
    assert "map free_ports holds 5 values, not 6" in refused.message
    assert rc.get(f"{cube}/free-port") == {"pools:free-port": [9, 4]}


def test_entries_of_a_prog_array(steps, monkeypatch, request):
    rc = made(monkeypatch, request, steps, "steps")
    cube = "/data/steps:steps=c"
    rc("PUT", f"{cube}/step=6", {"steps:step": [{"protocol": 6, "program": "ingress_1"}]}, 201)
    body = {"steps:program": "ingress_7"}
    refused = rc.error("PATCH", f"{cube}/step=6/program", body)
    assert "there is no program 'ingress_7' in this cube" in refused.message
    assert refused.status == 409
    assert rc.get(f"{cube}/step=6/program") == {"steps:program": "ingress_1"}
