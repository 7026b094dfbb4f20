"""Program arrays of the model: slots follow programs, whoever replaces them."""

import importlib
import sys

import pytest

from polycube_generator import emit, publish, schema
from polycube_runtime.bpf.spec import MapKind, MapSpec
from polycube_runtime.core.durable.journal import Journal
from polycube_runtime.core.model.place import resolve
from polycube_runtime.support.errors import InvalidValue, OperationFailed
from polycube_runtime.support.validate import Mode, validate
from tests import fakes
from tests.core.test_adoption import successor
from tests.fakes import create, fails_at_every_step
from tests.generator.conftest import FRAME

pytestmark = pytest.mark.anyio
BODY = """
list step {
  key protocol;
  ebpf:map "steps" { ebpf:kind prog_array; ebpf:entries 256; }
  leaf protocol { type uint8; }
  leaf program { type string; mandatory true; ebpf:program; }
}
"""
PORTS = {"ports": [{"name": "p1", "peer": "veth1"}, {"name": "p2"}]}
CALLS = {
    "pcn_ingress": MapSpec("pcn_ingress", MapKind.PROG_ARRAY, 4, 4, 64),
    "pcn_egress": MapSpec("pcn_egress", MapKind.PROG_ARRAY, 4, 4, 64),
}


def make(folder, kind):
    """Make a service of that model, with ports or without."""
    filled = {"name": "steps", "service": "steps", "kind": kind, "uses": ";"}
    (folder / "steps.yang").write_text(FRAME.format(body=BODY, **filled))
    models = [one for one in schema.load(folder) if one.name == "steps"]
    publish.write(folder / f"made_{kind}", emit.render(models))
    sys.path.insert(0, str(folder))
    try:
        base = importlib.import_module(f"made_{kind}.steps").StepsBase
    finally:
        sys.path.remove(str(folder))

    def datapath(_service):
        return dict.fromkeys(("ingress", "ingress_1"), fakes.C_FILE)

    hooks = {"datapath": classmethod(datapath)}
    return type("Steps", (fakes.Told, type("_Steps", (base,), {})), hooks)


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    return make(tmp_path_factory.mktemp("steps"), "standard")


class Session:
    """One cube of two programs, and one that was added."""

    def __init__(self, polycube, cube):
        self.polycube, self.cube = polycube, cube

    async def update(self, **value):
        place = resolve(self.cube.service, "/{name}", (self.cube.name,))
        checked = validate(place.node, value, Mode.UPDATE, place.path)
        async with self.polycube.change() as undo:
            await self.polycube.tree(self.cube).update(place, checked, undo)

    async def delete(self, key):
        place = resolve(self.cube.service, "/{name}/step/{protocol}", (self.cube.name, key))
        async with self.polycube.change() as undo:
            await self.polycube.tree(self.cube).delete(place, undo)

    async def read(self):
        tree = self.polycube.tree(self.cube)
        steps = (await tree.read(tree.root, config=True))["step"]
        return {one["protocol"]: one["program"] for one in steps}

    @property
    def slots(self):
        """What the kernel's array holds, by the names of the programs that there are now."""
        names = {id(one): name for name, one in self.cube.dataplane.programs.items()}
        programs = self.cube.dataplane.maps["steps"].programs
        return {slot: names.get(id(one), "another") for slot, one in programs.items()}


@pytest.fixture
async def steps(service, monkeypatch, tmp_path):
    monkeypatch.setitem(fakes.SERVICES, "steps", service)
    polycube = fakes.daemon()
    polycube._compiler.maps = dict(CALLS)
    polycube.commits.journal = Journal(tmp_path / "pcn.db")
    await polycube.start()
    step = [{"protocol": 6, "program": "ingress_1"}, {"protocol": 17, "program": "ingress"}]
    cube = await create(polycube, "steps", "s", step=step, **PORTS)
    assert await cube.add_program("int two;") == 2
    session = Session(polycube, cube)
    yield session
    await session.polycube.close()
    assert not polycube.kernel.pins


async def test_slots_hold_the_programs_that_json_names(steps):
    await steps.update(step=[{"protocol": 1, "program": "ingress_2"}])
    assert await steps.read() == {6: "ingress_1", 17: "ingress", 1: "ingress_2"}
    assert steps.slots == {6: "ingress_1", 17: "ingress", 1: "ingress_2"}
    await steps.delete("6")
    assert await steps.read() == steps.slots == {17: "ingress", 1: "ingress_2"}


@pytest.mark.parametrize(
    ("name", "why"),
    [
        ("ingress_9", "there is no program 'ingress_9' in this cube"),
        ("egress", "there is no program 'egress' in this cube"),
        (
            "ingress_64",
            "'ingress_64' is no program's name; expected ingress, ingress_1 … egress_63",
        ),
        ("emit", "'emit' is no program's name"),
        ("", "'' is no program's name"),
    ],
)
async def test_a_program_that_is_not_there_is_refused(steps, name, why):
    with pytest.raises(InvalidValue, match=why) as refused:
        await steps.update(step=[{"protocol": 1, "program": name}])
    assert refused.value.path.startswith("/steps/s/step/1")
    assert steps.slots == {6: "ingress_1", 17: "ingress"}


@pytest.mark.parametrize(
    "change",
    [
        lambda one: one.cube.reload("int x;", 1),
        lambda one: one.polycube.reload(one.cube),
        lambda one: one.polycube.pipelines.set_loglevel(one.cube, "DEBUG"),
        lambda one: one.cube.add_program("int y;", 40),
        lambda one: one.cube.del_program(2),
    ],
    ids=["one", "all", "loglevel", "added", "removed"],
)
async def test_slots_follow_programs_and_a_failure_leaves_all_as_it_was(steps, change):
    before = steps.cube.dataplane.programs["ingress_1"]

    async def act():
        await change(steps)

    await fails_at_every_step(steps.polycube, act)
    assert await steps.read() == steps.slots == {6: "ingress_1", 17: "ingress"}
    assert steps.cube.dataplane.maps["steps"].programs[6].closed is False
    del before


async def test_all_programs_anew_have_an_array_of_their_own(steps):
    old = steps.cube.dataplane.maps["steps"]
    held = dict(old.programs)
    await steps.polycube.reload(steps.cube)
    assert steps.cube.dataplane.maps["steps"] is not old
    assert old.programs == held, "packets in the old programs go on in old ones"


async def test_a_program_that_a_map_names_is_not_taken_away(steps):
    with pytest.raises(OperationFailed, match="program ingress_1 is in map steps: take it out"):
        await steps.cube.del_program(1)
    await steps.delete("6")
    await steps.cube.del_program(1)


async def test_a_restart_waits_for_programs_that_control_planes_add(steps, tmp_path):
    await steps.update(step=[{"protocol": 1, "program": "ingress_2"}])
    compiler_maps = steps.polycube._compiler.maps
    expected = await steps.read()
    fakes.FakeCompiler.maps = property(lambda _self: compiler_maps, lambda _self, _new: None)
    try:
        steps.polycube = await successor(steps.polycube, tmp_path / "pcn.db")
    finally:
        del fakes.FakeCompiler.maps
    steps.cube = steps.polycube.cube("s")
    steps.polycube._compiler.maps = compiler_maps
    assert await steps.read() == expected
    assert steps.slots == {6: "ingress_1", 17: "ingress"}, "ingress_2 was added by somebody"
    assert await steps.cube.add_program("int two;") == 2
    assert steps.slots == expected
