"""simplebridge, packet by packet."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING

import pytest

from polycube_runtime.testing import LoadedCube
from polycube_services.simplebridge import Simplebridge

if TYPE_CHECKING:
    from collections.abc import Iterator

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: loads eBPF programs")

A, B, C = "02:00:00:00:00:0a", "02:00:00:00:00:0b", "02:00:00:00:00:0c"
BROADCAST, GROUP = "ff:ff:ff:ff:ff:ff", "01:00:5e:00:00:01"
PORTS = [{"name": f"p{number}"} for number in range(3)]


def frame(source: str, destination: str) -> bytes:
    """Return a frame of the shortest length."""
    return bytes.fromhex((destination + source).replace(":", "")) + b"\x08\0" + bytes(46)


@pytest.fixture(params=["TC", "XDP_SKB"])
def bridge(request: pytest.FixtureRequest) -> Iterator[LoadedCube]:
    """Give a bridge with three ports."""
    with LoadedCube(Simplebridge, {"type": request.param, "ports": PORTS}) as cube:
        yield cube


def table(bridge: LoadedCube) -> dict[str, str]:
    """Return the filtering database as address: port."""
    return {entry["address"]: entry["port"] for entry in bridge.read()["fdb"]["entry"]}


def test_learns_and_forwards(bridge: LoadedCube) -> None:
    """An address is reached by the port that it was last seen at."""
    bridge.run(frame(A, B), port="p0")
    assert table(bridge) == {A: "p0"}
    assert bridge.run(frame(B, A), port="p1") == ("redirect", "p0")
    assert bridge.run(frame(A, B), port="p0") == ("redirect", "p1")
    bridge.run(frame(A, BROADCAST), port="p2")
    assert table(bridge) == {A: "p2", B: "p1"}
    assert bridge.run(frame(B, A), port="p1") == ("redirect", "p2")


@pytest.mark.parametrize(
    "destination", [BROADCAST, GROUP, C], ids=["broadcast", "group", "unknown"]
)
def test_floods_what_it_does_not_know(bridge: LoadedCube, destination: str) -> None:
    """Such a frame takes no single port; where the copies go, tests with real netdevs show."""
    outcome = bridge.run(frame(A, destination), port="p0")
    assert outcome.port == ""
    assert table(bridge) == {A: "p0"}


def test_does_not_send_back_where_it_came_from(bridge: LoadedCube) -> None:
    """Both ends on one port: the frame has reached its destination already."""
    bridge.run(frame(A, BROADCAST), port="p0")
    assert bridge.run(frame(B, A), port="p0") == ("drop", "")


def test_a_group_address_is_never_learnt(bridge: LoadedCube) -> None:
    """IEEE 802.3: a source address is that of one station."""
    bridge.run(frame(GROUP, A), port="p0")
    assert table(bridge) == {}


@pytest.mark.parametrize("length", [34, 41, 59])
def test_short_frames_are_handled(bridge: LoadedCube, length: int) -> None:
    """Whatever the length, the header is there or the frame is dropped."""
    bridge.run(frame(A, BROADCAST)[:length], port="p0")
    assert table(bridge) == {A: "p0"}


def test_a_static_entry_stays_where_the_operator_put_it(bridge: LoadedCube) -> None:
    """Learning does not move it, and it does not age."""
    bridge.tables["fwdtable"].put({"address": A, "port": "p1", "type": "static"})
    bridge.run(frame(A, BROADCAST), port="p0")
    assert bridge.run(frame(B, A), port="p2") == ("redirect", "p1")
    entry = next(e for e in bridge.read()["fdb"]["entry"] if e["address"] == A)
    assert entry == {"address": A, "port": "p1", "type": "static"}


def test_an_old_entry_is_not_used(bridge: LoadedCube) -> None:
    """The data plane itself compares an entry's age with aging-time."""
    fdb = bridge.tables["fwdtable"]
    fdb.put({"address": A, "port": "p1", "type": "dynamic", "age": 299})
    assert bridge.run(frame(B, A), port="p2") == ("redirect", "p1")
    fdb.put({"address": A, "port": "p1", "type": "dynamic", "age": 301})
    assert bridge.run(frame(B, A), port="p2").port == ""


def test_a_full_table_floods_and_goes_on(bridge: LoadedCube) -> None:
    """What cannot be learnt is not lost, and what was learnt still works."""
    fdb = bridge.tables["fwdtable"]
    many = [f"06:00:00:00:{number >> 8:02x}:{number & 255:02x}" for number in range(16383)]
    fdb.put_many({"address": one, "port": "p0", "type": "static"} for one in many)
    bridge.run(frame(A, BROADCAST), port="p1")
    bridge.run(frame(B, BROADCAST), port="p2")
    assert len(fdb.entries()) == 16384
    assert bridge.run(frame(C, A), port="p2") == ("redirect", "p1")
    assert bridge.run(frame(C, B), port="p1").port == ""
