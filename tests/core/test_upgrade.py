"""A daemon whose own maps are laid out otherwise than its predecessor's."""

import msgspec
import pytest

from polycube_runtime.bpf.memory import MemoryMap
from polycube_runtime.bpf.spec import MapKind
from polycube_runtime.core.loading import system
from polycube_runtime.core.polycube import Polycube
from polycube_runtime.support.errors import OperationFailed
from tests import fakes
from tests.core.test_adoption import killed, outline, successor
from tests.fakes import SERVICES

pytestmark = pytest.mark.anyio

__all__ = ["killed"]


def ways(polycube: Polycube) -> dict:
    """What leads where, whatever maps tell it."""
    return {
        place: (sorted(programs.items()), ports)
        for place, (_, ports, programs) in (
            (place, one) for place, one in outline(polycube).items() if isinstance(place, tuple)
        )
        if place[1] in {"pcn_next", "pcn_ports"}
    }


async def test_maps_of_the_runtime_itself_that_are_laid_out_anew(killed, monkeypatch, caplog):
    """What old programs jump by keeps a pin to the end: without one the kernel empties it."""
    old, file = killed
    kernel, before = old.kernel, ways(old)
    larger = [
        msgspec.structs.replace(one, entries=one.entries + 128)
        if one.name in {"pcn_ports", "pcn_next", "pcn_packets"}
        else one
        for one in fakes.OWN_MAPS
    ]
    monkeypatch.setattr(fakes, "OWN_MAPS", tuple(larger))
    cubes = {
        hook: msgspec.structs.replace(one, entries=one.entries + 1024)
        for hook, one in system.CUBES_MAPS.items()
    }
    monkeypatch.setattr(system, "CUBES_MAPS", cubes)
    arrays = {id(one) for path, one in kernel.pins.items() if is_program_array(one)}
    steps = 0

    def look(_what: str) -> None:
        nonlocal steps
        steps += 1
        assert arrays <= {id(one) for one in kernel.pins.values()}

    kernel.refuse, quiet = look, kernel.refuse
    new = await successor(old, file)
    kernel.refuse = quiet
    assert steps > 50
    assert {place: programs for place, (programs, _) in ways(new).items()} == {
        place: programs for place, (programs, _) in before.items()
    }
    assert not any("former" in pin for pin in kernel.pins)
    for name in ("pcn_cubes_tc", "pcn_cubes_xdp", "pcn_packets"):
        assert f"{name} was laid out otherwise by the polycubed before" in caplog.text
    assert new.cube("a").dataplane.maps["pcn_ports"].spec.entries == larger[0].entries
    after = outline(new)
    newest = await successor(new, file)
    assert outline(newest) == after
    await newest.close()
    assert not kernel.pins


def is_program_array(thing: object) -> bool:
    return isinstance(thing, MemoryMap) and thing.spec.kind is MapKind.PROG_ARRAY


async def test_a_cube_that_cannot_be_restored_keeps_what_its_programs_jump_by(killed, monkeypatch):
    old, file = killed
    array = old.cube("a").dataplane.maps["pcn_next"]
    larger = [
        msgspec.structs.replace(one, entries=one.entries + 128) if one.name == "pcn_next" else one
        for one in fakes.OWN_MAPS
    ]
    monkeypatch.setattr(fakes, "OWN_MAPS", tuple(larger))

    async def fails(_control) -> None:
        message = "not today"
        raise OperationFailed(message)

    with monkeypatch.context() as patch:
        patch.setattr(SERVICES["simplebridge"], "start", fails)
        new = await successor(old, file)
    assert set(new.unrestored) == {"a", "b"}
    assert array in new.kernel.pins.values()
    newest = await successor(new, file)
    assert set(newest.cubes) == {"a", "b", "t1", "t2"}
    assert array not in newest.kernel.pins.values()
    await newest.close()
