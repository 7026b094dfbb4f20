"""RESTCONF over a daemon in memory."""

import json
from types import SimpleNamespace

import pytest
from starlette.testclient import TestClient

from polycube_runtime.rest.app import application
from tests.fakes import daemon, left

BASE = "http://localhost:9000/restconf"
DATA = "application/yang-data+json"
PATCH = "application/yang-patch+json"
ENTRY = "02%3A00%3A00%3A00%3A00%3A01"
ADDRESS = "02:00:00:00:00:01"


class Restconf:
    """Asks as a client does; paths are below `/restconf`."""

    def __init__(self, client: TestClient, polycube) -> None:
        self.client, self.polycube = client, polycube

    def __call__(self, verb: str, path: str, body: object = ..., status: int = 0, **headers: str):
        """Send a request; every answer must be one that a user may see."""
        sent = {name.replace("_", "-"): value for name, value in headers.items()}
        content = None
        if body is not ...:
            content = body if isinstance(body, str) else json.dumps(body)
            sent = {"content-type": DATA, **sent}
        answer = self.client.request(verb, f"{BASE}{path}", content=content, headers=sent)
        assert answer.status_code < 500, answer.text
        assert "Traceback" not in answer.text
        assert not status or answer.status_code == status, (answer.status_code, answer.text)
        if answer.status_code == 200 and verb == "GET":
            assert answer.headers["content-type"].startswith("application/")
        return answer

    def get(self, path: str):
        """Return what is there."""
        answer = self("GET", path, status=200)
        assert answer.headers["content-type"] == DATA
        return answer.json()

    def error(self, verb: str, path: str, body: object = ..., **headers: str) -> SimpleNamespace:
        """Send what must be refused; the answer's one error."""
        answer = self(verb, path, body, **headers)
        assert answer.headers["content-type"] == DATA, answer.text
        (one,) = answer.json()["ietf-restconf:errors"]["error"]
        assert one["error-message"]
        return SimpleNamespace(
            status=answer.status_code,
            type=one["error-type"],
            tag=one["error-tag"],
            app_tag=one.get("error-app-tag", ""),
            path=one.get("error-path", ""),
            message=one["error-message"],
        )

    def patch(self, path: str, *edits: dict, status: int = 200, **headers: str):
        """Send a YANG patch; its status."""
        body = {"ietf-yang-patch:yang-patch": {"patch-id": "p1", "edit": list(edits)}}
        answer = self("PATCH", path, body, status, **{"content-type": PATCH, **headers})
        return answer.json()["ietf-yang-patch:yang-patch-status"]

    def bridge(self, name: str = "br1", **members: object) -> str:
        """Create a bridge with two ports; its path."""
        cube = {"name": name, "ports": [{"name": "p1"}, {"name": "p2"}], **members}
        self("POST", "/data", {"simplebridge:simplebridge": [cube]}, 201)
        return f"/data/simplebridge:simplebridge={name}"

    def nodes(self, **members: object) -> str:
        """Create a cube of the service of every kind of node; its path."""
        cube = {"name": "n1", "ports": [{"name": "a"}], "server": ["x", "y"], "class": 3, **members}
        self("POST", "/data", {"nodes:nodes": [cube]}, 201)
        return "/data/nodes:nodes=n1"


@pytest.fixture
def rc():
    polycube = daemon()
    app = application(polycube)
    with TestClient(app, "http://localhost:9000", raise_server_exceptions=False) as client:
        client.portal.call(polycube.start)
        yield Restconf(client, polycube)
        client.portal.call(polycube.close)
    assert left(polycube.kernel) == []
