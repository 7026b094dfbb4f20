"""Web pages cannot use the daemon: neither by a name of their own, nor by a form."""

import socket
from types import SimpleNamespace

import pytest
from starlette.testclient import TestClient

from polycube_runtime.rest.app import application

URL = "http://localhost:9000/polycube/v1/version"


def ask(client: TestClient, host: str, verb: str = "GET", **headers: str):
    return client.request(verb, URL, headers={"Host": host, **headers})


@pytest.mark.parametrize(
    "host",
    [
        *("localhost", "localhost:9000", "LOCALHOST:9000", "127.0.0.1:9000", "127.3.2.1"),
        *("[::1]:9000", "[fe80::1%25eth0]", "192.168.1.7:9000", "a.localhost"),
        socket.gethostname(),
    ],
)
def test_names_of_this_machine_are_known(api, host):
    assert ask(api.client, host).status_code == 200


@pytest.mark.parametrize(
    "host", ["example.org", "127.0.0.1.example.org:9000", "localhost.example.org", "", ":9000"]
)
@pytest.mark.parametrize("verb", ["GET", "POST", "OPTIONS"])
def test_other_names_are_misdirected(api, host, verb):
    answer = ask(api.client, host, verb)
    assert answer.status_code == 421
    (error,) = answer.json()["ietf-restconf:errors"]["error"]
    assert error["error-tag"] == "invalid-value"
    assert "--allowed-hosts adds names" in error["error-message"]


@pytest.mark.parametrize(
    ("allowed", "host", "status"),
    [
        (["polycube.lan"], "polycube.lan:9000", 200),
        (["Polycube.LAN"], "polycube.lan", 200),
        ([".lan"], "a.b.lan", 200),
        ([".lan"], "lan", 421),
        (["polycube.lan"], "x.polycube.lan", 421),
        (["*"], "anything.example", 200),
        ([], "configured.example", 200),
    ],
)
def test_names_can_be_configured(api, allowed, host, status):
    settings = SimpleNamespace(addr="configured.example", allowed_hosts=tuple(allowed))
    with TestClient(application(api.polycube, settings)) as client:
        assert ask(client, host).status_code == status


def test_pages_may_not_write(api):
    headers = {"Origin": "http://evil.example", "Content-Type": "text/plain"}
    error = api.error("POST", "/simplebridge/br1", headers=headers)
    assert (error.status, error.tag) == (403, "access-denied")
    assert "http://evil.example" in error.message
    assert api.error("DELETE", "/simplebridge/br1", headers={"Origin": "null"}).status == 403
    assert "br1" not in api.polycube.cubes
    api.ok("POST", "/simplebridge/br1")
    own = {"Origin": "http://localhost:9000"}
    assert api("PATCH", "/simplebridge/br1/loglevel", "WARN", headers=own).status_code == 200


def test_pages_may_not_read_answers(api):
    answer = ask(api.client, "localhost:9000", Origin="http://evil.example")
    assert not [name for name in answer.headers if name.startswith("access-control")]


async def _by_socket(app, host: bytes) -> int:
    scope = {
        "type": "http", "method": "GET", "path": "/polycube/v1/version", "query_string": b"",
        "headers": [(b"host", host)], "server": ("/run/polycube.sock", None), "scheme": "http",
    }  # fmt: skip
    sent = []

    async def receive():
        return {"type": "http.request", "body": b""}

    async def send(message):
        sent.append(message)

    await app(scope, receive, send)
    return sent[0]["status"]


def test_what_comes_by_a_unix_socket_comes_from_no_page(api):
    app = application(api.polycube)
    assert api.client.portal.call(_by_socket, app, b"any.example") == 200
