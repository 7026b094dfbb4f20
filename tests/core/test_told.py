"""What only a control plane holds: values come, go back to their default, or are not there."""

import pytest

from polycube_runtime.support.errors import InvalidValue, OperationFailed
from tests import fakes
from tests.core.sessions import Session, made
from tests.fakes import create

pytestmark = pytest.mark.anyio
BODY = """
leaf label { type string; }
leaf depth { type uint8; default 5; }
leaf needed { type uint8; mandatory true; }
anydata extra;
container box {
  leaf inner { type uint8; }
  anydata more { mandatory true; }
}
list row {
  key id;
  leaf id { type uint8; }
  container counts {
    ebpf:map "counts" { ebpf:entries 8; }
    leaf weight { type uint8; default 1; }
    leaf note { type string; ebpf:none; }
  }
}
"""
NEEDED = {"needed": 1, "box": {"more": {"a": [1]}}}


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    with made(tmp_path_factory.mktemp("held"), "held", BODY) as found:
        yield found


@pytest.fixture
async def held(service, monkeypatch):
    monkeypatch.setitem(fakes.SERVICES, "held", service)
    polycube = fakes.daemon()
    await polycube.start()
    yield Session(polycube, await create(polycube, "held", "h", **NEEDED))
    await polycube.close()


async def told(held, *what, **more):
    before = len(held.cube.control.told)
    await held.do(*what, **more)
    return held.cube.control.told[before:]


async def test_a_leaf_that_goes_is_told_as_none_or_its_default(held):
    await held.do("update", value={"label": "a", "depth": 9, "box": {"inner": 3}})
    assert await told(held, "delete", "label") == [("set_label", None)]
    assert await told(held, "delete", "depth") == [("set_depth", 5)]
    assert await told(held, "delete", "box/inner") == [("set_box_inner", None)]
    left = await held.read(config=True)
    assert left.items() >= {"depth": 5, **NEEDED}.items()
    assert "label" not in left


async def test_what_is_mandatory_cannot_go(held):
    for template in ("needed", "box/more"):
        with pytest.raises(OperationFailed, match="cannot be taken away"):
            await held.do("delete", template)
    assert (await held.read(config=True)).items() >= NEEDED.items()


async def test_a_replacement_takes_away_what_it_does_not_name(held):
    await held.do("update", value={"label": "a", "extra": {"b": None}})
    assert await told(held, "replace", value=NEEDED) == [("set_label", None), ("set_extra", None)]
    assert (await held.read(config=True)).keys().isdisjoint({"label", "extra"})


async def test_data_of_any_form_is_told_as_it_is(held):
    value = {"x": [1, {"y": None}], "z": "text"}
    assert await told(held, "update", "extra", value=value) == [("set_extra", value)]
    assert await held.read("extra") == value
    assert await told(held, "delete", "extra") == [("set_extra", None)]


async def test_a_refused_change_is_taken_back_from_what_was_not_there(held):
    held.cube.control.refused = {"set_extra"}
    before = len(held.cube.control.told)
    with pytest.raises(InvalidValue, match="set_extra says no"):
        await held.do("update", value={"label": "a", "extra": {}})
    assert held.cube.control.told[before:] == [("set_label", "a"), ("set_label", None)]
    assert "label" not in await held.read(config=True)


async def test_what_is_beside_the_map_of_an_entry_is_told_by_itself(held):
    entry = {"id": 1, "counts": {"weight": 3, "note": "a"}}
    seen = await told(held, "update", value={"row": [entry]})
    assert ("set_row_counts_note", 1, "a") in seen
    assert await held.read("row/{id}", "1") == entry
    assert await told(held, "delete", "row/{id}/counts/note", "1") == [
        ("set_row_counts_note", 1, None)
    ]
    assert await held.read("row/{id}/counts", "1") == {"weight": 3}
