"""REST of a real daemon: the stream of events, services that come and go, the time of reads."""

from __future__ import annotations

import http.client
import json
import re
import shutil
import socket
import time
from pathlib import Path
from typing import TYPE_CHECKING, Any

import pytest

import polycube_generated
import polycube_services
from tests.netns.daemon import PREFIX

if TYPE_CHECKING:
    from collections.abc import Iterator

    from tests.netns.daemon import Daemon
    from tests.netns.lab import Lab

pytestmark = pytest.mark.netns


class Stream:
    """A client of /events."""

    def __init__(self, daemon: Daemon, query: str = "") -> None:
        """Connect, and wait until the stream has begun."""
        self._connection = http.client.HTTPConnection("127.0.0.1", daemon.port, timeout=10)
        self._connection.request("GET", f"{PREFIX}/events{query}")
        self._answer = self._connection.getresponse()
        assert self._answer.headers["content-type"].startswith("text/event-stream")
        assert self._block() == [": polycubed"]

    def _block(self) -> list[str]:
        lines = []
        while line := self._answer.readline().decode().rstrip("\n"):
            lines.append(line)
        return lines

    def events(self) -> Iterator[tuple[str, Any]]:
        """Yield events until the stream ends."""
        while lines := self._block():
            fields = dict(line.split(": ", 1) for line in lines)
            yield fields["event"], json.loads(fields["data"])

    def close(self) -> None:
        """Hang up."""
        self._connection.close()


def test_changes_and_states_are_told_as_they_happen(daemon: Daemon, lab: Lab) -> None:
    """A change is told within a tenth of a second; a netdev that goes away too."""
    netdev = lab.host("h1", address="10.77.0.1/24").netdev
    stream = Stream(daemon, "?cube=br1")
    daemon.post("/simplebridge/br2")
    daemon.post("/simplebridge/br1", {"ports": [{"name": "p1"}]})
    events = stream.events()
    kind, data = next(events)
    assert (kind, data["op"], data["path"]) == ("change", "create", "/simplebridge/br1")
    assert time.time() - data["time"] < 1
    assert next(events)[1]["status"] == "UP"
    daemon.post("/connect", {"peer1": "br1:p1", "peer2": netdev})
    seen = [next(events), next(events)]
    assert [kind for kind, _ in seen] == ["change", "state"]
    assert seen[0][1]["new"] == netdev
    assert (seen[1][1]["what"], seen[1][1]["name"], seen[1][1]["status"]) == (
        "port",
        "br1:p1",
        "UP",
    )
    stream.close()


def test_streams_do_not_delay_the_end(daemon: Daemon) -> None:
    """Ten streams that wait end with the daemon, at once and in order."""
    streams = [Stream(daemon) for _ in range(10)]
    began = time.monotonic()
    assert daemon.stop() == 0
    assert time.monotonic() - began < 5
    for stream in streams:
        assert [kind for kind, _ in stream.events() if kind != "state"] == []
        stream.close()


def test_a_reader_that_does_not_read_costs_nothing(daemon: Daemon) -> None:
    """Whoever reads nothing is dropped; the daemon stays as quick and as small as it was."""
    daemon.post("/simplebridge/br1")
    deaf = socket.create_connection(("127.0.0.1", daemon.port))
    deaf.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
    deaf.sendall(f"GET {PREFIX}/events HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
    stream = Stream(daemon)
    events = (event for event in stream.events() if event[0] == "change")
    for number in range(30, 60):
        daemon.patch("/simplebridge/br1/fdb/aging-time", number)
        assert next(events)[1]["new"] == number
    deaf.close()
    stream.close()


def doorman(folder: Path) -> Path:
    """Make a third party's package: helloworld under another name."""
    package = folder / "doorman"
    generated = Path(polycube_generated.__file__).with_name("helloworld")
    shutil.copytree(generated, package / "_generated", ignore=shutil.ignore_patterns("__pycache__"))
    for file in (package / "_generated").iterdir():
        text = re.sub("helloworld", "doorman", file.read_text())
        file.write_text(text.replace("Helloworld", "Doorman"))
    source = Path(polycube_services.__file__).parent / "helloworld" / "datapath.c"
    (package / "datapath.c").write_text(source.read_text())
    (package / "__init__.py").write_text(
        "from doorman._generated import DoormanBase\n\n\nclass Doorman(DoormanBase):\n    pass\n"
    )
    return package


def test_a_service_comes_and_goes_while_the_daemon_runs(daemon: Daemon, tmp_path: Path) -> None:
    """Its cubes run; a changed package runs as changed after it was loaded again."""
    package = doorman(tmp_path)
    body = {"type": "lib", "uri": str(package), "name": "doorman"}
    daemon.post("/services", body)
    daemon.post("/doorman/d1", {"ports": [{"name": "a"}, {"name": "b"}], "action": "FORWARD"})
    assert daemon.get("/doorman/d1/action") == "FORWARD"
    assert daemon.request("DELETE", "/services/doorman").status == 409
    daemon.delete("/doorman/d1")
    daemon.delete("/services/doorman")
    assert daemon.request("GET", "/doorman").status == 404
    with (package / "datapath.c").open("a") as file:
        file.write("\nthis is no C\n")
    daemon.post("/services", body)
    reply = daemon.request("POST", "/doorman/d1", {})
    assert reply.status == 400
    assert "doorman/datapath.c" in json.dumps(reply.body)
