"""Maps of maps outlive the daemon, and go over to those of another version of the model."""

import struct
import sys
import zlib

import pytest

from polycube_runtime.core.durable.journal import Journal
from tests import fakes
from tests.core.inner import BODY, DMZ, GROUP, LAN, POLICY, TABLES, Cube, made, ordered, service
from tests.core.test_adoption import successor
from tests.fakes import create

__all__ = ["service"]
pytestmark = pytest.mark.anyio


@pytest.fixture
def restarted(monkeypatch, tmp_path):
    """Return what kills a daemon and starts the next, with another version of the service."""

    async def restart(cube, body):
        called = f"made_{zlib.crc32(str((tmp_path, body)).encode())}"
        newer = made(tmp_path / called, called, body)
        monkeypatch.setitem(fakes.SERVICES, "inner", newer)
        new = await successor(cube.polycube, tmp_path / "pcn.db", fakes.SERVICES)
        return Cube(new, new.cube("n"))

    return restart


@pytest.fixture
async def kept(service, monkeypatch, tmp_path):
    """A cube of a daemon with a journal, which will be killed."""
    monkeypatch.setitem(fakes.SERVICES, "inner", service)
    polycube = fakes.daemon()
    polycube.commits.journal = Journal(tmp_path / "pcn.db")
    whole = {"zone": [DMZ, LAN], "group": [GROUP], "policy": POLICY}
    return Cube(polycube, await create(polycube, "inner", "n", ports=[{"name": "p1"}], **whole))


async def test_what_a_killed_daemon_had_just_made_is_gone(kept, tmp_path):
    """It has a map for an entry that was never acknowledged."""
    ghost = {"group/id": 1}
    kept.cube.tables["slots"].furnish([ghost])
    kept.cube.tables["slots"].put({**ghost, "index": 1, "weight": 2})
    new = await successor(kept.polycube, tmp_path / "pcn.db", fakes.SERVICES)
    again = Cube(new, new.cube("n"))
    assert set(again.outer("group_slots")) == {struct.pack("=I", 2)}
    assert again.used() == again.pinned()
    await new.close()


async def test_a_restart_goes_on_with_the_inner_maps(kept, tmp_path):
    learnt = {"group/id": 2, "address": "10.0.0.7", "mark": 1}
    (pair,) = [kept.cube.tables["seen"].pack(learnt)]
    kept.cube.tables["seen"].map.update(*pair)
    before, numbers = {one: kept.raw(one) for one in TABLES}, kept.used()
    stray = kept.kernel.create_map(kept.cube.dataplane.maps["policy"].spec)
    kept.kernel.pin(stray, f"{kept.cube.dataplane._pins}/inner/{stray.id}")
    stray.close()
    new = await successor(kept.polycube, tmp_path / "pcn.db", fakes.SERVICES)
    again = Cube(new, new.cube("n"))
    assert {one: again.raw(one) for one in TABLES} == before
    assert again.used() == numbers == again.pinned()
    await new.close()
    assert left(new.kernel) == []


def left(kernel):
    """Name the maps and pins that are left; the killed daemon's programs stay in memory."""
    return [one for one in fakes.left(kernel) if not one.startswith("program ")]


WIDER = BODY.replace('type string { length "1..7"; }', 'type string { length "1..15"; }').replace(
    "leaf mark { type uint8; default 3; }", "leaf mark { type uint16; default 3; }"
)
FLAT = BODY.replace('ebpf:outer "policies";', "").replace(
    'ebpf:outer "group_seen" { ebpf:entries 4; }', ""
)
SMALL = BODY.replace("ebpf:kind lru_hash; ebpf:entries 4;", "ebpf:kind lru_hash; ebpf:entries 2;")


@pytest.mark.parametrize("body", [WIDER, FLAT], ids=["wider", "flat"])
async def test_inner_maps_that_are_laid_out_anew_are_carried_over(kept, restarted, body):
    table = kept.cube.tables["members"]
    (packed,) = table._keys([{"zone/name": "dmz", "network": "10.1.0.0/16"}])
    table.map.update(packed, struct.pack("=B7xQ", 4, 77))
    seen = kept.cube.tables["seen"]
    seen.map.update(*seen.pack({"group/id": 2, "address": "10.0.0.7", "mark": 1}))
    before = ordered(await kept.whole())
    for version in (body, BODY) if body is FLAT else (body,):
        kept = await restarted(kept, version)
        assert ordered(await kept.whole()) == before
        assert await kept.read("zone/{n}/member/{m}/hits", "dmz", "10.1.0.0/16") == 77
        assert kept.pinned() == {
            int.from_bytes(number, sys.byteorder)
            for map_ in kept.cube.dataplane.maps.values()
            if map_.spec.kind.holds_maps
            for _, number in map_.items()
        }
    await kept.polycube.close()
    assert left(kept.kernel) == []


async def test_what_finds_no_room_in_its_new_map_is_told(kept, restarted, caplog):
    seen = kept.cube.tables["seen"]
    rows = [{"group/id": 2, "address": f"10.0.0.{n}", "mark": 1} for n in (7, 8)]
    seen.map.update_many([seen.pack(row) for row in rows])
    with caplog.at_level("WARNING"):
        kept = await restarted(kept, SMALL)
    message = "n: table seen: 1 entries are gone: they do not fit (it takes 2)"
    assert message in [one.getMessage() for one in caplog.records]
    await kept.polycube.close()
