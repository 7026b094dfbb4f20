"""simpleforwarder, packet by packet, and what its table does when ports come and go."""

from __future__ import annotations

import os
from typing import TYPE_CHECKING, Any

import pytest

from polycube_runtime.support.errors import DataExists, DataMissing, InvalidValue
from polycube_runtime.testing import LoadedCube
from polycube_services.simpleforwarder import Simpleforwarder

if TYPE_CHECKING:
    from collections.abc import Iterator

    from polycube_runtime.core.model.place import Place

pytestmark = pytest.mark.skipif(os.geteuid() != 0, reason="needs root: loads eBPF programs")

ADDRESSES = bytes.fromhex("020000000002020000000001")
FRAMES = {
    "ipv4": ADDRESSES + b"\x08\x00\x45" + bytes(45),
    "ipv6": ADDRESSES + b"\x86\xdd\x60" + bytes(61),
    "vlan": ADDRESSES + b"\x81\x00\x00\x05\x08\x00\x45" + bytes(45),
    "arp": ADDRESSES + b"\x08\x06" + bytes(46),
    "short": ADDRESSES + b"\x08\x00" + bytes(20),
}
FRAME = FRAMES["ipv4"]
PORTS = [{"name": f"p{number}"} for number in range(5)]
ACTIONS = [
    {"inport": "p0", "action": "FORWARD", "outport": "p1"},
    {"inport": "p1", "action": "SLOWPATH"},
    {"inport": "p2", "action": "DROP", "outport": "p0"},
    {"inport": "p3", "action": "FORWARD"},
]


@pytest.fixture(params=["TC", "XDP_SKB"])
def forwarder(request: pytest.FixtureRequest) -> Iterator[LoadedCube]:
    """Give a forwarder with five ports, four of them with an action."""
    config = {"type": request.param, "ports": PORTS, "actions": ACTIONS}
    with LoadedCube(Simpleforwarder, config) as cube:
        yield cube


class Editor:
    """Changes a cube as REST requests do."""

    def __init__(self, cube: LoadedCube) -> None:
        self.cube = cube
        self.tree = cube.polycube.tree(cube.cube)
        self.actions = self.tree.root.child(cube.cube.service["actions"])
        self.ports = self.tree.root.child(cube.cube.service["ports"])

    def do(self, verb: str, place: Place, *value: Any) -> None:
        async def change() -> None:
            async with self.cube.polycube.change() as undo:
                await getattr(self.tree, verb)(place, *value, undo)

        self.cube._runner.run(change())

    def read(self, place: Place) -> Any:
        return self.cube._runner.run(self.tree.read(place))


def table(cube: LoadedCube) -> list[dict[str, Any]]:
    return cube.read()["actions"]


@pytest.mark.parametrize("frame", FRAMES.values(), ids=FRAMES)
def test_action(forwarder: LoadedCube, frame: bytes) -> None:
    """Each entry does what it says to every packet; a port without an entry drops."""
    assert forwarder.run(frame, port="p0") == ("redirect", "p1")
    assert forwarder.packet == frame
    for port in ("p1", "p2", "p3", "p4"):
        assert forwarder.run(frame, port=port) == ("drop", ""), port
    assert [(up.port, up.reason, up.data) for up in forwarder.packets_up] == [("p1", 1, frame)]


def test_the_table_reads_as_it_was_written(forwarder: LoadedCube) -> None:
    """Ports without an entry are not shown, nor is an outport that was not given."""
    assert table(forwarder) == ACTIONS
    edit = Editor(forwarder)
    assert edit.read(edit.actions.entry(("p3",))) == ACTIONS[3]
    assert not edit.tree.exists(edit.actions.entry(("p4",)))
    assert not edit.tree.exists(edit.actions.entry(("nowhere",)))


def test_entries_come_and_go(forwarder: LoadedCube) -> None:
    """Creating, changing and deleting follow the rules of every list, though this is an array."""
    edit = Editor(forwarder)
    entry = {"inport": "p4", "action": "FORWARD", "outport": "p2"}
    edit.do("create", edit.actions.entry(("p4",)), entry)
    assert forwarder.run(FRAME, port="p4") == ("redirect", "p2")
    with pytest.raises(DataExists):
        edit.do("create", edit.actions.entry(("p4",)), entry)
    edit.do("update", edit.actions.entry(("p4",)), {"outport": "p3"})
    assert forwarder.run(FRAME, port="p4") == ("redirect", "p3")
    edit.do("delete", edit.actions.entry(("p4",)))
    assert forwarder.run(FRAME, port="p4") == ("drop", "")
    for gone in ("p4", "nowhere"):
        with pytest.raises(DataMissing):
            edit.do("delete", edit.actions.entry((gone,)))
    edit.do("replace", edit.actions, ACTIONS[:1])
    assert table(forwarder) == ACTIONS[:1]
    edit.do("delete", edit.actions)
    assert table(forwarder) == []
    assert forwarder.run(FRAME, port="p0") == ("drop", "")


def test_an_outport_can_be_taken_away(forwarder: LoadedCube) -> None:
    """It is then not there, and forwarding drops."""
    edit = Editor(forwarder)
    edit.do("replace", edit.actions.entry(("p0",)), {"inport": "p0", "action": "FORWARD"})
    assert table(forwarder)[0] == {"inport": "p0", "action": "FORWARD"}
    assert forwarder.run(FRAME, port="p0") == ("drop", "")


def test_ports_that_are_not_there_are_refused(forwarder: LoadedCube) -> None:
    """Neither half of an entry may name one; nothing of the change stays."""
    edit = Editor(forwarder)
    for entry in (
        {"inport": "p9", "action": "DROP"},
        {"inport": "p4", "action": "FORWARD", "outport": "p9"},
    ):
        with pytest.raises(InvalidValue, match="p9"):
            edit.do("update", edit.actions, [{"inport": "p2", "action": "SLOWPATH"}, entry])
        assert table(forwarder) == ACTIONS


def test_a_port_that_goes_takes_its_entries_along(forwarder: LoadedCube) -> None:
    """Those keyed by it, and those that send to it; the next port with its index has none."""
    edit = Editor(forwarder)
    edit.do("delete", edit.ports.entry(("p0",)))
    assert table(forwarder) == [ACTIONS[1], ACTIONS[3]]
    edit.do("create", edit.ports.entry(("new",)), {"name": "new"})
    assert forwarder.cube.ports["new"].index == 0
    assert forwarder.run(FRAME, port="new") == ("drop", "")


def test_a_port_and_its_entries_go_in_one_change(forwarder: LoadedCube) -> None:
    """Replacing the whole cube: the entry's key cannot be packed any more, and need not be."""
    edit = Editor(forwarder)
    edit.do(
        "replace",
        edit.tree.root,
        {"type": forwarder.cube.type, "loglevel": "INFO", "shadow": False, "span": False}
        | {"ports": PORTS[1:], "actions": ACTIONS[1:2]},
    )
    assert table(forwarder) == ACTIONS[1:2]


def test_a_failed_change_brings_port_and_entries_back(forwarder: LoadedCube) -> None:
    """What a removed port took along is in the kernel again, under the same index."""
    edit = Editor(forwarder)

    async def fail() -> None:
        async with forwarder.polycube.change() as undo:
            await edit.tree.delete(edit.ports.entry(("p0",)), undo)
            assert len(forwarder.tables["actions"].entries()) == 2
            message = "and then something failed"
            raise InvalidValue(message)

    with pytest.raises(InvalidValue):
        forwarder._runner.run(fail())
    assert table(forwarder) == ACTIONS
    assert forwarder.run(FRAME, port="p0") == ("redirect", "p1")


def test_every_port_can_have_an_action() -> None:
    """The array is as long as a cube can have ports."""
    names = [f"p{number}" for number in range(128)]
    actions = [
        {"inport": name, "action": "FORWARD", "outport": names[-1 - number]}
        for number, name in enumerate(names)
    ]
    config = {"ports": [{"name": name} for name in names], "actions": actions}
    with LoadedCube(Simpleforwarder, config) as cube:
        assert table(cube) == actions
        assert cube.run(FRAME, port="p127") == ("redirect", "p0")
