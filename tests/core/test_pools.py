"""Pools: leaf-lists whose values the data plane takes out of a queue or a stack."""

import importlib
import struct
import sys

import pytest

from polycube_generator import emit, publish, schema
from polycube_runtime.core.durable.journal import Journal
from polycube_runtime.core.model.place import resolve
from polycube_runtime.support.errors import OperationFailed
from polycube_runtime.support.validate import Mode, validate
from tests import fakes
from tests.core.test_adoption import successor
from tests.fakes import create, fails_at_every_step
from tests.generator.conftest import FRAME

pytestmark = pytest.mark.anyio
BODY = """
leaf-list free-port {
  type inet:port-number;
  ordered-by user;
  ebpf:byte-order network;
  ebpf:map "free_ports" { ebpf:kind queue; ebpf:entries 5; }
}
container nat {
  leaf-list address {
    type inet:ipv6-address;
    ebpf:map "addresses" { ebpf:kind stack; ebpf:entries 4; }
  }
}
"""


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    folder = tmp_path_factory.mktemp("pools")
    filled = {"name": "pools", "service": "pools", "kind": "standard", "uses": ";"}
    (folder / "pools.yang").write_text(FRAME.format(body=BODY, **filled))
    models = [one for one in schema.load(folder) if one.name == "pools"]
    publish.write(folder / "made_pools", emit.render(models))
    sys.path.insert(0, str(folder))
    base = importlib.import_module("made_pools.pools").PoolsBase
    assert not base.__abstractmethods__, "no service needs any Python for it"
    yield type("Pools", (fakes.Told, type("_Pools", (base,), {})), {})
    sys.path.remove(str(folder))


class Session:
    """One cube with five ports to give away."""

    def __init__(self, polycube, cube):
        self.polycube, self.cube = polycube, cube

    @property
    def tree(self):
        return self.polycube.tree(self.cube)

    async def read(self):
        return await self.tree.read(self.place("free-port"))

    def place(self, path):
        return resolve(self.cube.service, f"/{{name}}/{path}", (self.cube.name,))

    async def replace(self, value, path="free-port"):
        place = self.place(path)
        checked = validate(place.node, value, Mode.CREATE, place.path)
        async with self.polycube.change() as undo:
            await self.tree.replace(place, checked, undo)

    @property
    def map(self):
        return self.cube.dataplane.maps["free_ports"]

    @property
    def free(self):
        """What nobody has, in the order in which it is handed out."""
        return [struct.unpack(">H", value)[0] for _, value in sorted(self.map.items())]

    def take(self):
        return struct.unpack(">H", self.map.pop())[0]


@pytest.fixture
async def pools(service, monkeypatch, tmp_path):
    monkeypatch.setitem(fakes.SERVICES, "pools", service)
    polycube = fakes.daemon()
    polycube.commits.journal = Journal(tmp_path / "pcn.db")
    await polycube.start()
    whole = {"free-port": [50, 40, 30, 20], "nat": {"address": ["fd00::1", "fd00::2"]}}
    session = Session(polycube, await create(polycube, "pools", "p", **whole))
    yield session
    await session.polycube.close()
    assert not polycube.kernel.pins


async def test_values_are_handed_out_in_their_order_and_stay_configured(pools):
    assert pools.free == [50, 40, 30, 20]
    assert [pools.take(), pools.take()] == [50, 40]
    assert await pools.read() == [50, 40, 30, 20]
    addresses = pools.cube.dataplane.maps["addresses"]
    assert addresses.pop()[-1] == 2, "of a stack, the last"


async def test_what_is_added_comes_last_and_what_is_removed_goes(pools):
    pools.take()
    await pools.replace([50, 30, 20, 10])
    assert pools.free == [30, 20, 10]
    await pools.replace([])
    assert pools.free == []


async def test_what_is_removed_while_taken_does_not_come_in_twice(pools):
    assert pools.take() == 50
    await pools.replace([40, 30, 20])
    await pools.replace([50, 40, 30, 20])
    assert pools.free == [40, 30, 20], "whoever has 50 gives it back"
    pools.map.push(struct.pack(">H", 50))
    await pools.replace([40, 30, 20])
    assert pools.free == [40, 30, 20]
    await pools.replace([40, 30, 20, 50])
    assert pools.free == [40, 30, 20, 50]


async def test_more_than_fit_are_refused(pools):
    with pytest.raises(OperationFailed, match="map free_ports holds 5 values, not 6"):
        await pools.replace([1, 2, 3, 4, 5, 6])
    assert await pools.read() == [50, 40, 30, 20]
    assert pools.free == [50, 40, 30, 20]


async def test_every_step_that_fails_leaves_all_as_it_was(pools):
    async def replace():
        await pools.replace([40, 30, 11, 12])

    before = pools.free

    asked = await fails_at_every_step(pools.polycube, replace)
    assert "write free_ports" in asked
    assert sorted(pools.free) == [11, 12, 30, 40]
    assert before == [50, 40, 30, 20]


async def test_a_restart_hands_out_nothing_twice(pools, tmp_path):
    assert pools.take() == 50
    pools.map.push(struct.pack(">H", 999))  # of a change that was never committed
    pools.polycube = await successor(pools.polycube, tmp_path / "pcn.db")
    pools.cube = pools.polycube.cube("p")
    assert await pools.read() == [50, 40, 30, 20]
    assert pools.free == [40, 30, 20]
    await pools.replace([50, 40, 30, 20, 10])
    assert pools.free == [40, 30, 20, 10]


async def test_a_reload_leaves_pools_alone(pools):
    pools.take()
    await pools.polycube.reload(pools.cube)
    assert pools.free == [40, 30, 20]
    await pools.replace([50, 40, 30, 20, 10])
    assert pools.free == [40, 30, 20, 10]
