"""Maps that name network interfaces, and how they keep in step with those that there are."""

import asyncio
import importlib
import logging
import struct
import sys

import pytest

from polycube_generator import emit, publish, schema
from polycube_runtime.bpf.kernel import Netdev
from polycube_runtime.core.durable.journal import Journal
from polycube_runtime.core.model.place import resolve
from polycube_runtime.support.errors import InvalidValue
from polycube_runtime.support.validate import Mode, validate
from tests import fakes
from tests.core.test_adoption import successor
from tests.fakes import create, fails_at_every_step
from tests.generator.conftest import FRAME

pytestmark = pytest.mark.anyio
BODY = """
list out {
  key id;
  ebpf:map "outs" { ebpf:kind devmap; ebpf:entries 16; }
  leaf id { type uint8 { range "0..15"; } }
  leaf interface { type string; mandatory true; ebpf:netdev; }
}
list wire {
  key from;
  ebpf:map "wires" { ebpf:kind devmap_hash; ebpf:entries 16; }
  leaf from { type string; ebpf:netdev; }
  leaf to { type string; mandatory true; ebpf:netdev; }
}
list cpu {
  key id;
  ebpf:map "cpus" { ebpf:kind cpumap; ebpf:entries 64; }
  leaf id { type uint8 { range "0..63"; } }
  leaf queue-size { type uint32 { range "1..16384"; } default 192; }
}
leaf-list trunk {
  type string;
  ebpf:netdev;
  ebpf:map "trunks" { ebpf:entries 8; }
}
list zone {
  key name;
  ebpf:map "zones" { ebpf:entries 8; }
  leaf name { type uint8; }
  leaf via { type string; mandatory true; ebpf:netdev; }
  list member {
    key id;
    ebpf:map "members" { ebpf:entries 8; }
    leaf id { type uint8; }
    leaf weight { type uint8; default 0; }
  }
}
notification seen {
  ebpf:map "seen";
  leaf interface { type string; mandatory true; ebpf:netdev; }
}
container settings {
  ebpf:map "settings";
  leaf uplink { type string; ebpf:netdev; }
  leaf rate { type uint8; default 1; }
}
list neighbour {
  key address;
  ebpf:map "neighbours" { ebpf:entries 8; }
  leaf address { type inet:ipv4-address; }
  leaf via { type string; mandatory true; ebpf:netdev; }
  leaf backup { type string; ebpf:netdev; }
}
"""
WHOLE = {
    "out": [{"id": 3, "interface": "veth1"}, {"id": 4, "interface": "veth2"}],
    "wire": [{"from": "veth1", "to": "veth2"}, {"from": "veth3", "to": "veth2"}],
    "cpu": [{"id": 1, "queue-size": 192}],
    "trunk": ["veth1", "veth3"],
    "zone": [
        {"name": 1, "via": "veth1", "member": [{"id": 1, "weight": 0}]},
        {"name": 2, "via": "veth2", "member": [{"id": 1, "weight": 0}]},
    ],
    "settings": {"uplink": "veth1", "rate": 1},
    "neighbour": [
        {"address": "10.0.0.1", "via": "veth1"},
        {"address": "10.0.0.2", "via": "veth2", "backup": "veth1"},
        {"address": "10.0.0.3", "via": "veth2"},
    ],
}
WITHOUT_VETH1 = {
    "out": [{"id": 4, "interface": "veth2"}],
    "wire": [{"from": "veth3", "to": "veth2"}],
    "cpu": [{"id": 1, "queue-size": 192}],
    "trunk": ["veth3"],
    "zone": [{"name": 2, "via": "veth2", "member": [{"id": 1, "weight": 0}]}],
    "settings": {"rate": 1},
    "neighbour": [{"address": "10.0.0.3", "via": "veth2"}],
}


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    folder = tmp_path_factory.mktemp("devices")
    filled = {"name": "devices", "service": "devices", "kind": "standard", "uses": ";"}
    (folder / "devices.yang").write_text(FRAME.format(body=BODY, **filled))
    models = [one for one in schema.load(folder) if one.name == "devices"]
    publish.write(folder / "made_devices", emit.render(models))
    sys.path.insert(0, str(folder))
    base = importlib.import_module("made_devices.devices").DevicesBase
    yield type("Devices", (fakes.Told, type("_Devices", (base,), {})), {})
    sys.path.remove(str(folder))


class Session:
    """One cube, and what its daemon has committed."""

    def __init__(self, polycube, cube):
        self.polycube, self.cube, self.records = polycube, cube, []
        polycube.observers.append(lambda one: self.records.extend(one.records))

    async def read(self):
        tree = self.polycube.tree(self.cube)
        found = await tree.read(tree.root, config=True)
        for name, key in (
            ("out", "id"),
            ("wire", "from"),
            ("neighbour", "address"),
            ("zone", "name"),
        ):
            found[name].sort(key=lambda one, by=key: one[by])
        return {name: found[name] for name in WHOLE}

    async def update(self, **value):
        place, tree = resolve(self.cube.service, "/{name}", (self.cube.name,)), self.tree
        checked = validate(place.node, value, Mode.UPDATE, place.path)
        async with self.polycube.change() as undo:
            await tree.update(place, checked, undo)

    async def restart(self, tmp_path):
        self.polycube = await successor(self.polycube, tmp_path / "pcn.db")
        self.cube = self.polycube.cube("d")
        return await self.read()

    @property
    def tree(self):
        return self.polycube.tree(self.cube)

    def index(self, name):
        return self.polycube.kernel.netdevs_by_name[name].index

    async def settled(self):
        for _ in range(10):
            await asyncio.sleep(0.001)
        async with self.polycube.change():  # after what follows is on the disk
            pass


@pytest.fixture
async def devices(service, monkeypatch, tmp_path):
    monkeypatch.setitem(fakes.SERVICES, "devices", service)
    polycube = fakes.daemon()
    polycube.commits.journal = Journal(tmp_path / "pcn.db")
    await polycube.start()
    await asyncio.sleep(0.001)  # what is there is told
    session = Session(polycube, await create(polycube, "devices", "d", **WHOLE))
    yield session
    await session.polycube.close()
    if session.polycube is polycube:
        assert fakes.left(polycube.kernel) == []
    assert not polycube.kernel.pins


async def test_maps_hold_indices_and_json_names(devices):
    assert await devices.read() == WHOLE
    outs = dict(devices.cube.tables["outs"].map.items())
    assert outs == {
        struct.pack("=I", 3): struct.pack("=I", devices.index("veth1")),
        struct.pack("=I", 4): struct.pack("=I", devices.index("veth2")),
    }
    (settings,) = [value for _, value in devices.cube.tables["settings"].map.items()]
    assert settings == struct.pack("=IB3x", devices.index("veth1"), 1)


@pytest.mark.parametrize(
    ("value", "where"),
    [
        ({"out": [{"id": 5, "interface": "eth9"}]}, "/devices/d/out/5"),
        ({"settings": {"uplink": "eth9"}}, "/devices/d/settings"),
        ({"trunk": ["eth9"]}, "/devices/d/trunk"),
        ({"wire": [{"from": "eth9", "to": "veth1"}]}, "/devices/d/wire/eth9"),
    ],
)
async def test_an_interface_that_is_not_there_is_refused_with_those_that_are(devices, value, where):
    with pytest.raises(InvalidValue, match="there is no network interface 'eth9'") as refused:
        await devices.update(**value)
    assert "there are: veth1, veth2, veth3" in str(refused.value)
    assert refused.value.path.startswith(where)
    assert await devices.read() == WHOLE


async def test_a_cpu_that_is_not_there_is_refused(devices):
    with pytest.raises(InvalidValue, match="there is no CPU 2 in this machine; it has 0 to 1"):
        await devices.update(cpu=[{"id": 2}])


async def test_an_interface_that_goes_takes_along_what_names_it(devices, caplog):
    index = devices.index("veth1")
    kernels = devices.cube.tables["outs"].map
    kernels.delete(struct.pack("=I", 3))  # as the kernel does, before anybody is told
    await devices.polycube.kernel.delete_netdev("veth1")
    await devices.settled()
    assert await devices.read() == WITHOUT_VETH1
    assert index not in devices.polycube.device_maps.named()
    assert {(one.op, one.path) for one in devices.records} == {
        ("delete", "/devices/d/out/3"),
        ("delete", "/devices/d/wire/veth1"),
        ("delete", "/devices/d/settings/uplink"),
        ("delete", "/devices/d/neighbour/10.0.0.1"),
        ("delete", "/devices/d/neighbour/10.0.0.2"),
        ("delete", "/devices/d/zone/1"),
        ("replace", "/devices/d/trunk"),
    }
    assert devices.cube.tables["members"].count() == 1, "what was in it is gone with it"
    assert devices.records[0].old == {"id": 3, "interface": "veth1"}
    said = [one.getMessage() for one in caplog.records if one.levelno == logging.WARNING]
    assert "network interface veth1 is gone, and what named it in map outs: 1" in said


async def test_one_that_is_renamed_is_called_by_its_new_name(devices):
    netdev = devices.polycube.kernel.netdevs_by_name["veth1"]
    devices.polycube.kernel.put_netdev(Netdev("up", netdev.index, up=True))
    await devices.settled()
    found = await devices.read()
    assert found["out"][0] == {"id": 3, "interface": "up"}
    assert found["wire"][0] == {"from": "up", "to": "veth2"}
    assert found["settings"]["uplink"] == "up"
    told = {(one.op, one.path, str(one.old), str(one.new)) for one in devices.records}
    assert ("replace", "/devices/d/settings/uplink", "veth1", "up") in told
    assert ("create", "/devices/d/wire/up", "None", "{'from': 'up', 'to': 'veth2'}") in told
    assert {one.path for one in devices.records if one.op == "delete"} == {"/devices/d/wire/veth1"}


async def test_what_was_there_is_there_after_a_restart(devices, tmp_path):
    assert await devices.restart(tmp_path) == WHOLE


async def test_a_rename_and_a_loss_are_in_the_journal(devices, tmp_path):
    kernel = devices.polycube.kernel
    await kernel.delete_netdev("veth1")
    netdev = kernel.netdevs_by_name["veth2"]
    kernel.put_netdev(Netdev("up", netdev.index, up=True))
    await devices.settled()
    await asyncio.sleep(0.05)
    expected = await devices.read()
    assert expected["out"] == [{"id": 4, "interface": "up"}]
    assert await devices.restart(tmp_path) == expected


async def test_what_goes_while_no_daemon_runs_is_not_restored_and_never_again(
    devices, tmp_path, caplog
):
    await devices.polycube._stop_watching()
    kernel = devices.polycube.kernel
    lost = kernel.netdevs_by_name.pop("veth1")
    assert await devices.restart(tmp_path) == WITHOUT_VETH1
    assert "/devices/d/out/3 is not restored: its interface or CPU is not there" in caplog.text
    await devices.polycube.commits.flush()
    kernel.netdevs_by_name["veth1"] = lost
    assert await devices.restart(tmp_path) == WITHOUT_VETH1


async def test_every_step_that_fails_leaves_all_as_it_was(devices):
    async def update():
        await devices.update(
            out=[{"id": 3, "interface": "veth3"}, {"id": 7, "interface": "veth1"}],
            settings={"uplink": "veth3"},
            neighbour=[{"address": "10.0.0.1", "via": "veth3"}],
        )

    asked = await fails_at_every_step(devices.polycube, update)
    assert {"write outs", "write settings", "write neighbours"} <= set(asked)
    assert (await devices.read())["out"][-1] == {"id": 7, "interface": "veth1"}


async def test_a_data_plane_tells_of_interfaces_by_their_names(devices):
    heard = []
    devices.polycube.notifying.observe(heard.append)
    for index in (devices.index("veth2"), 99999):
        raw = struct.pack("=QI4x", 1, index)
        devices.polycube.kernel.rings["seen"].deliver(raw)
    await devices.settled()
    assert [one.content for one in heard] == [{"interface": "veth2"}]
    assert devices.polycube.emitted.counts(devices.cube) == (1, 0, 1)


async def test_a_cpu_that_is_no_longer_there_is_not_restored(devices, tmp_path, monkeypatch):
    monkeypatch.setattr("polycube_runtime.bpf.memory.CPUS", 1)
    assert (await devices.restart(tmp_path))["cpu"] == []
