"""Generated clients at work: keys of any letters, what is refused, events, certificates."""

import importlib
import socket
import ssl
import sys
import threading
import time
from collections.abc import Iterator

import pytest

from polycube_generator import cli
from tests import fakes
from tests.client.live import Live, living
from tests.daemon.authority import self_signed, signed
from tests.generator.test_clients import GOLDEN, mypy
from tests.golden.packages.conditions import GreetOutput, UserFailed

KEYS = ("a/b", "50%", "a b", "ä€", "..", ".", "?x=1", "#", "a,b", "a=b", "it's", "+", "&", "a:b")


@pytest.fixture(scope="module")
def folder(tmp_path_factory):
    made = tmp_path_factory.mktemp("clients")
    assert cli.main(["client", "--yang", str(GOLDEN), "--out", str(made / "live_clients")]) == 0
    return made


@pytest.fixture(scope="module")
def made(folder):
    sys.path.insert(0, str(folder))
    yield importlib.import_module("live_clients")
    sys.path.remove(str(folder))
    for name in [name for name in sys.modules if name.partition(".")[0] == "live_clients"]:
        del sys.modules[name]


@pytest.fixture
def live() -> Iterator[Live]:
    with living() as daemon:
        yield daemon


@pytest.fixture
def cube(made, live):
    conditions = importlib.import_module("live_clients.conditions")
    cube = conditions.ConditionsCube(made.Daemon(live.url, 10), "c1")
    cube.create()
    return cube


def test_keys_of_any_letters(cube):
    for key in KEYS:
        cube.user.at(key).create({"password": key})
    assert [entry["name"] for entry in cube.user.get()] == list(KEYS)
    for key in KEYS:
        user = cube.user.at(key)
        assert user.get() == {"name": key, "password": key}
        user.token.set(f"token of {key}")
        assert user.get() == {"name": key, "token": f"token of {key}"}
        user.put({"password": "new"})
        assert user.password.get() == "new"
        user.delete()
    assert cube.user.get() == []


def test_every_verb_of_a_list(cube):
    users = cube.user
    users.add([{"name": "ann"}, {"name": "bob"}])
    users.patch([{"name": "bob", "token": "t"}, {"name": "cid"}])
    assert [(one["name"], one.get("token")) for one in users.get()] == [
        ("ann", None),
        ("bob", "t"),
        ("cid", None),
    ]
    users.put([{"name": "dan"}])
    assert users.get() == [{"name": "dan"}]
    users.delete()
    assert users.get() == []


def test_what_is_refused_is_told_by_its_class(made, cube):
    with pytest.raises(made.Missing) as missing:
        cube.user.at("nobody").get()
    assert (missing.value.status, missing.value.tag) == (404, "data-missing")
    with pytest.raises(made.Exists) as exists:
        cube.create()
    assert exists.value.status == 409
    cube.mode.set("CLOSED")
    with pytest.raises(made.Invalid, match="a reason has 1 to 20 characters") as invalid:
        cube.reason.set("x" * 21)
    assert invalid.value.path == "/conditions/c1/reason"
    assert invalid.value.app_tag == "bad-reason"
    cube.user.at("ann").create()
    with pytest.raises(made.Invalid, match="closed: be brief") as invalid:
        cube.greet({"user": "ann", "times": 9})
    assert invalid.value.app_tag == "be-brief"
    for one in (made.Missing, made.Exists, made.Invalid, made.Denied, made.Unavailable):
        assert issubclass(one, made.Refused)


def test_a_daemon_that_is_asked_by_another_name_denies(made, live):
    port = live.url.rpartition(":")[2]
    daemon = made.Daemon(live.url)
    connection = daemon._connection()
    connection.request("GET", "/polycube/v1/cubes", headers={"Host": "evil.example"})
    answer = connection.getresponse()
    rest = importlib.import_module("live_clients.rest")
    refused = rest._refusal(answer.status, answer.reason, answer.read())
    connection.close()
    assert isinstance(refused, made.Denied), port


async def greet_and_tell(self, given) -> GreetOutput:
    await self.notify_user_failed(given.user, UserFailed(attempts=given.times))
    return GreetOutput(text=given.user)


def test_notifications_are_typed_and_events_come_in_order(made, cube, monkeypatch):
    monkeypatch.setattr(fakes.Conditions, "greet", greet_and_tell)
    user = cube.user.at("a/b")
    user.create()
    failed, others = user.failed(), cube.user.at("other").failed()
    daemon = cube._daemon
    with daemon.events("c1") as events:
        assert cube.greet({"user": "a/b", "times": 2}) == {"text": "a/b"}
        cube.mode.set("CLOSED")
        told = next(events)
        change = next(events)
    assert next(failed) == {"attempts": 2}
    assert (told.kind, told.data["content"]) == ("notification", {"attempts": 2})
    assert (change.kind, change.data["new"]) == ("change", "CLOSED")
    with daemon.events(after=told.id) as events:
        assert next(events).id == change.id
    failed.close()
    others.close()
    assert made.Lost


def test_events_that_are_lost_are_not_kept_back(made):
    rest = importlib.import_module("live_clients.rest")
    told = rest.Told(iter([made.Event("overrun", "1", {})]), "/x")
    with pytest.raises(made.Lost):
        next(told)


def test_silence_is_not_endured_for_ever(made):
    with socket.create_server(("127.0.0.1", 0)) as silent:
        daemon = made.Daemon(f"http://127.0.0.1:{silent.getsockname()[1]}", 0.3)
        start = time.monotonic()
        with pytest.raises(TimeoutError):
            daemon.request("GET", ("cubes",))
        with pytest.raises(TimeoutError):
            daemon.events()
        assert time.monotonic() - start < 5


@pytest.mark.parametrize("answer", [b"", b"nonsense", b"HTTP/1.1 200 OK\r\n\r\n<html>"])
def test_what_is_no_daemon_is_a_connection_error(made, answer):
    def speak(server: socket.socket) -> None:
        near, _ = server.accept()
        with near:
            near.recv(65536)
            near.sendall(answer)

    with socket.create_server(("127.0.0.1", 0)) as server:
        thread = threading.Thread(target=speak, args=(server,))
        thread.start()
        with pytest.raises(ConnectionError):
            made.Daemon(f"http://127.0.0.1:{server.getsockname()[1]}").request("GET", ("cubes",))
        thread.join()


@pytest.mark.parametrize("url", ["http://", "unix://x/y", "ftp://x", "http:///p", "http://x:99999"])
def test_what_is_no_url(made, url):
    with pytest.raises(ValueError, match=r"expected http://|out of range"):
        made.Daemon(url)
    with pytest.raises(ValueError, match="certificates are for https"):
        made.Daemon("http://x", cacert="ca.pem")


def test_certificates_of_both_sides(made, tmp_path):
    authority = self_signed(tmp_path, "authority")
    server, client = signed(tmp_path, "server", authority), signed(tmp_path, "client", authority)
    stranger = self_signed(tmp_path, "stranger")
    ours = {"cert": str(client.cert), "key": str(client.key)}
    others = {"cert": str(stranger.cert), "key": str(stranger.key)}
    trust = {"cacert": str(authority.cert)}
    with living(
        ssl_certfile=str(server.cert),
        ssl_keyfile=str(server.key),
        ssl_ca_certs=str(authority.cert),
        ssl_cert_reqs=ssl.CERT_REQUIRED,
    ) as live:
        assert made.Daemon(live.url, 10, **trust, **ours).request("GET", ("cubes",)) == {}
        with made.Daemon(live.url, 10, **trust, **ours).events() as events:
            assert events
        for wrong in ({**trust}, {**trust, **others}, {**ours}):
            with pytest.raises(OSError, match=r"(?i)certificate|closed|reset|alert|EOF"):
                made.Daemon(live.url, 10, **wrong).request("GET", ("cubes",))


USER = """
from live_clients import Daemon, Event, Exists, Invalid, Lost, Missing, Refused, Unavailable
from live_clients.conditions import ConditionsCube

daemon = Daemon("https://router:9000", cacert="ca.pem", cert="me.pem", key="me.key")
cube = ConditionsCube(daemon, "c1")
try:
    cube.create({"mode": "OPEN", "user": [{"name": "ann"}]})
except Exists as refused:
    status: int = refused.status
    tag: str = refused.app_tag
with daemon.events("c1") as events:
    for event in events:
        kind: str = event.kind
        break
for failed in cube.user.at("ann").failed():
    attempts: int = failed["attempts"]
    break
text: str = cube.greet({"user": "ann"})["text"]
"""
WRONG = """
cube.user.at("ann").failed().__next__()["tries"]
cube.greet({"who": "ann"})
cube.mode.set("AJAR")
Daemon(cacert=3)
"""


def test_a_users_code_is_checked_by_mypy(folder):
    (folder / "user.py").write_text(USER)
    assert mypy(folder, "user.py").startswith("Success")
    (folder / "wrong.py").write_text(USER + WRONG)
    told = mypy(folder, "wrong.py")
    first = USER.count("\n") + 2
    for line in range(first, first + 4):
        assert f"wrong.py:{line}: error" in told, told
