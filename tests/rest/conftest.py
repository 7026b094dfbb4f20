"""The REST interface over a daemon in memory."""

from types import SimpleNamespace

import pytest
from starlette.testclient import TestClient

from polycube_runtime.rest.app import application
from tests.fakes import daemon, left

PREFIX = "/polycube/v1"


class Api:
    """Asks as a client does; `polycube` is the daemon behind it."""

    def __init__(self, client: TestClient, polycube) -> None:
        self.client, self.polycube = client, polycube

    def __call__(self, verb: str, path: str, body: object = ..., **more):
        """Send a request; every answer must be one that a user may see."""
        more |= {} if body is ... else {"json": body}
        answer = self.client.request(
            verb, f"http://localhost:9000{PREFIX}{path}", follow_redirects=False, **more
        )
        assert answer.status_code < 500, answer.text
        assert "Traceback" not in answer.text
        assert 'File "' not in answer.text
        return answer

    def get(self, path: str):
        answer = self("GET", path)
        assert answer.status_code == 200, answer.text
        assert answer.headers["content-type"] == "application/yang.data+json"
        return answer.json()

    def ok(self, verb: str, path: str, body: object = ..., status: int = 201) -> None:
        answer = self(verb, path, body)
        assert answer.status_code == status, answer.text

    def error(self, verb: str, path: str, body: object = ..., **more) -> SimpleNamespace:
        """Send what must be refused; the answer's one error."""
        answer = self(verb, path, body, **more)
        assert answer.headers["content-type"] == "application/yang.data+json"
        (one,) = answer.json()["ietf-restconf:errors"]["error"]
        assert one["error-type"] == "application"
        return SimpleNamespace(
            status=answer.status_code,
            tag=one["error-tag"],
            info=one["error-info"],
            message=one["error-message"],
            path=one.get("error-path", ""),
        )


@pytest.fixture
def api():
    polycube = daemon()
    app = application(polycube)
    with TestClient(app, "http://localhost:9000", raise_server_exceptions=False) as client:
        client.portal.call(polycube.start)
        yield Api(client, polycube)
        client.portal.call(polycube.close)
    assert left(polycube.kernel) == []
