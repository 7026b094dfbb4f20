"""Lists of which each entry around them has a map of its own, in a map of maps."""

import errno
import struct

import pytest

from polycube_runtime.bpf.errors import KernelRefused
from polycube_runtime.bpf.memory import MemoryMap
from polycube_runtime.core.loading import innermaps
from polycube_runtime.core.loading.innermaps import InnerMaps
from polycube_runtime.support.errors import DataMissing
from tests.core.inner import POLICY, TABLES, inner, name, service
from tests.fakes import fails_at_every_step

__all__ = ["inner", "service"]
pytestmark = pytest.mark.anyio


async def test_each_outer_entry_has_a_map_whose_keys_are_the_lists_own(inner):
    assert set(inner.outer("zone_members")) == {name("dmz"), name("lan")}
    maps = {one.id: one for one in inner.kernel.maps}
    held = maps[inner.numbers("zone_members")[name("dmz")]]
    network = struct.pack("=I", 16) + bytes([10, 1, 0, 0])
    assert dict(held._data)[network] == struct.pack("=B7xQ", 4, 0)
    assert len(held._data) == 2
    assert held.spec.name == "members"
    assert set(inner.outer("policies")) == {bytes(4)}


async def test_what_was_written_is_read_in_its_place(inner):
    zones = {one["name"]: one for one in await inner.read("zone")}
    assert sorted(one["mark"] for one in zones["dmz"]["member"]) == [3, 4]
    (member,) = zones["lan"]["member"]
    assert member == {
        "network": "10.1.0.0/16",
        "mark": 3,
        "hits": 0,
        "tag": [{"id": 1, "value": 0}, {"id": 2, "value": 0}],
    }
    assert await inner.read("zone/{n}/member/{m}/mark", "dmz", "10.1.0.0/16") == 4
    (group,) = await inner.read("group")
    assert [one["weight"] for one in group["slot"]] == [7, 9, 7, 7]
    assert await inner.read("policy") == POLICY


async def test_one_entry_is_made_changed_and_deleted_in_its_map(inner):
    before = inner.numbers("zone_members")
    at = ("zone/{n}/member/{m}", "dmz", "10.2.0.0/16")
    await inner.do("create", *at, value={"mark": 9})
    await inner.do("update", *at, value={"mark": 8})
    assert await inner.read(*at) == {"network": "10.2.0.0/16", "mark": 8, "hits": 0, "tag": []}
    await inner.do("delete", *at)
    assert len(await inner.read("zone/{n}/member", "dmz")) == 2
    assert inner.numbers("zone_members") == before
    with pytest.raises(DataMissing):
        await inner.do("create", "zone/{n}/member/{m}", "nowhere", "10.2.0.0/16", value={})


async def test_the_same_inner_key_is_another_entry_elsewhere(inner):
    await inner.do("update", "zone/{n}/member/{m}", "lan", "10.1.0.0/16", value={"mark": 200})
    assert await inner.read("zone/{n}/member/{m}/mark", "dmz", "10.1.0.0/16") == 4


async def test_several_entries_take_the_place_of_the_former_ones_in_one_write(inner, monkeypatch):
    writes, real = [], MemoryMap.update_many

    def update_many(self, items):
        if items:
            writes.append((self.spec.name, len(items), inner.used()))
        real(self, items)

    monkeypatch.setattr(MemoryMap, "update_many", update_many)
    before = inner.numbers("zone_members")
    value = [{"network": f"10.{n}.0.0/16"} for n in range(5)]
    await inner.do("replace", "zone/{n}/member", "dmz", value=value)
    wrote = [(named, count) for named, count, _ in writes]
    assert wrote == [("member_tags", 4), ("members", 5), ("zone_members", 1)]
    assert inner.numbers("zone_members")[name("lan")] == before[name("lan")]
    assert inner.numbers("zone_members")[name("dmz")] != before[name("dmz")]
    assert len(await inner.read("zone/{n}/member", "dmz")) == 5


async def test_all_of_a_list_without_a_list_around_it_changes_at_once(inner):
    before = inner.numbers("policies")
    value = [{"address": "10.0.0.9"}, {"address": "10.0.0.2", "out": "p2"}]
    await inner.do("replace", "policy", value=value)
    assert sorted(await inner.read("policy"), key=str) == sorted(value, key=str)
    assert inner.numbers("policies") != before
    again = inner.numbers("policies")
    await inner.do("replace", "policy", value=value)
    assert inner.numbers("policies") == again, "nothing changed, so nothing is written"
    await inner.do("delete", "policy")
    assert await inner.read("policy") == []


async def test_what_the_data_plane_counts_goes_over_to_the_new_map(inner):
    table, key = inner.cube.tables["members"], {"zone/name": "dmz", "network": "10.1.0.0/16"}
    (packed,) = table._keys([key])
    table.map.update(packed, struct.pack("=B7xQ", 4, 77))
    value = [{"network": "10.1.0.0/16", "mark": 1}, {"network": "10.9.0.0/16"}]
    await inner.do("replace", "zone/{n}/member", "dmz", value=value)
    found = {one["network"]: one for one in await inner.read("zone/{n}/member", "dmz")}
    assert (found["10.1.0.0/16"]["mark"], found["10.1.0.0/16"]["hits"]) == (1, 77)
    assert found["10.9.0.0/16"]["hits"] == 0


async def test_what_is_counted_while_the_new_map_is_made_is_added(inner, monkeypatch):
    table, key = inner.cube.tables["members"], {"zone/name": "dmz", "network": "10.1.0.0/16"}
    (packed,) = table._keys([key])
    real = InnerMaps.put

    def packets(mark, hits):
        maps = {one.id: one for one in inner.kernel.maps}
        used = maps[inner.numbers("zone_members")[name("dmz")]]
        used._data[packed[8:]] = struct.pack("=B7xQ", mark, hits)

    def put(self, wanted, instead_of):
        if self.spec.name == "members":
            packets(4, 107)
        real(self, wanted, instead_of)
        if self.spec.name == "members":
            packets(1, 102)

    packets(4, 100)

    monkeypatch.setattr(InnerMaps, "put", put)
    value = [{"network": "10.1.0.0/16", "mark": 1}, {"network": "10.9.0.0/16"}]
    await inner.do("replace", "zone/{n}/member", "dmz", value=value)
    found = {one["network"]: one for one in await inner.read("zone/{n}/member", "dmz")}
    assert (found["10.1.0.0/16"]["mark"], found["10.1.0.0/16"]["hits"]) == (1, 109)


async def test_what_is_counted_in_an_entry_that_goes_does_not_bring_it_back(inner, monkeypatch):
    """The lookup of a trie would find the longer network around it in the new map."""
    table, key = inner.cube.tables["members"], {"zone/name": "dmz", "network": "10.1.0.0/16"}
    (packed,) = table._keys([key])
    real = InnerMaps.made

    def made(self, contents):
        if self.spec.name == "members":
            maps = {one.id: one for one in inner.kernel.maps}
            used = maps[inner.numbers("zone_members")[name("dmz")]]
            used._data[packed[8:]] = struct.pack("=B7xQ", 4, 1)
        return real(self, contents)

    monkeypatch.setattr(InnerMaps, "made", made)
    value = [{"network": "10.0.0.0/8"}, {"network": "10.9.0.0/16"}]
    await inner.do("replace", "zone/{n}/member", "dmz", value=value)
    found = await inner.read("zone/{n}/member", "dmz")
    assert sorted(one["network"] for one in found) == ["10.0.0.0/8", "10.9.0.0/16"]
    assert [one["hits"] for one in found] == [0, 0]


async def test_what_is_counted_meanwhile_stays_if_the_change_is_taken_back(inner):
    table, key = inner.cube.tables["members"], {"zone/name": "dmz", "network": "10.1.0.0/16"}
    (packed,) = table._keys([key])
    place, before = inner.place("zone/{n}/member", "dmz"), inner.numbers("zone_members")
    value = [{"network": "10.1.0.0/16", "mark": 1}, {"network": "10.9.0.0/16", "mark": 3}]

    async def half() -> None:
        async with inner.polycube.change() as undo:
            await inner.polycube.tree(inner.cube).replace(place, value, undo)
            table.map.update(packed, struct.pack("=B7xQ", 1, 5))
            raise RuntimeError

    with pytest.raises(RuntimeError):
        await half()
    assert inner.numbers("zone_members") == before
    found = {one["network"]: one for one in await inner.read("zone/{n}/member", "dmz")}
    assert (found["10.1.0.0/16"]["mark"], found["10.1.0.0/16"]["hits"]) == (4, 5)
    assert found.keys() == {"10.0.0.0/8", "10.1.0.0/16"}


async def test_a_cache_is_changed_in_place(inner):
    before = inner.numbers("group_seen")
    value = [{"address": f"10.0.0.{n}"} for n in (2, 3)]
    await inner.do("update", "group/{i}/seen", "2", value=value)
    assert inner.numbers("group_seen") == before
    assert len(await inner.read("group/{i}/seen", "2")) == 3


async def test_an_outer_entry_that_goes_takes_its_maps_along(inner):
    await inner.do("delete", "zone/{n}", "lan")
    assert set(inner.outer("zone_members")) == {name("dmz")}
    assert {key[:8] for key in inner.outer("member_tags")} == {name("dmz")}
    await inner.do("create", "zone/{n}", "lan", value={})
    assert await inner.read("zone/{n}/member", "lan") == []
    assert set(inner.outer("zone_members")) == {name("dmz"), name("lan")}
    await inner.do("delete", "group/{i}", "2")
    assert inner.outer("group_slots") == {}
    await inner.do("create", "group/{i}", "1", value={})
    assert [one["weight"] for one in await inner.read("group/{i}/slot", "1")] == [7] * 4


async def test_an_index_that_is_deleted_has_its_defaults_again(inner):
    await inner.do("delete", "group/{i}/slot/{n}", "2", "1")
    assert await inner.read("group/{i}/slot/{n}/weight", "2", "1") == 7
    value = [{"index": n, "weight": n} for n in range(3)]
    await inner.do("replace", "group/{i}/slot", "2", value=value)
    assert [one["weight"] for one in await inner.read("group/{i}/slot", "2")] == [0, 1, 2, 7]


async def test_more_than_fit_are_refused_before_any_is_seen(inner):
    before = inner.numbers("zone_members")
    value = [{"network": f"10.{n}.0.0/16"} for n in range(9)]
    with pytest.raises(KernelRefused, match="map members is full: it holds 8 entries"):
        await inner.do("replace", "zone/{n}/member", "dmz", value=value)
    assert inner.numbers("zone_members") == before
    for n in range(3):
        await inner.do("create", "zone/{n}", f"z{n}", value={}) if n < 2 else None
    with pytest.raises(KernelRefused, match="map zone_members is full: it holds 4 entries"):
        await inner.do("create", "zone/{n}", "z9", value={})
    assert [one["name"] for one in await inner.read("zone")].count("z9") == 0


async def test_a_port_that_goes_takes_along_the_entries_that_name_it(inner):
    mapped = {"address": "10.0.0.3", "out": "p2"}
    await inner.do("create", "policy/{a}", "10.0.0.3", value={"out": "p2"})
    await inner.do("delete", "ports/{p}", "p1")
    assert await inner.read("policy") == [mapped]


async def test_a_port_has_its_maps_as_long_as_it_is_there(inner):
    await inner.do("create", "ports/{p}", "p3", value={"class": [{"id": 2, "rate": 5}]})
    assert set(inner.outer("port_classes")) == {struct.pack("=I", n) for n in range(3)}
    rates = [one["rate"] for one in await inner.read("ports/{p}/class", "p3")]
    assert rates == [1000, 1000, 5]
    await inner.do("delete", "ports/{p}", "p2")
    assert set(inner.outer("port_classes")) == {struct.pack("=I", n) for n in (0, 2)}
    assert len(await inner.read("ports/{p}/class", "p1")) == 3


async def test_every_step_that_fails_leaves_all_as_it_was(inner):
    before = {table: inner.raw(table) for table in TABLES}

    async def change():
        member = [{"network": "10.1.0.0/16", "mark": 1}, {"network": "10.3.0.0/16"}]
        zones = [{"name": "dmz", "member": member}, {"name": "new", "member": member}]
        await inner.do("replace", "zone", value=zones)

    asked = await fails_at_every_step(inner.polycube, change)
    assert {"map members", "write zone_members", "write members", "write zones"} <= set(asked)
    assert any("/inner/" in one for one in asked)
    assert before.keys() == set(TABLES)
    assert {one["name"] for one in await inner.read("zone")} == {"dmz", "new"}


@pytest.mark.parametrize("template", ["zone/{n}/member", "policy", "group/{i}/slot"])
async def test_every_step_of_a_new_inner_map_can_fail(inner, template):
    values = {
        "zone/{n}/member": [{"network": "10.7.0.0/16"}],
        "policy": [{"address": "10.7.7.7"}],
        "group/{i}/slot": [{"index": 0, "weight": 3}, {"index": 3, "weight": 3}],
    }
    keys = {"zone/{n}/member": ("dmz",), "group/{i}/slot": ("2",)}.get(template, ())
    asked = await fails_at_every_step(
        inner.polycube, lambda: inner.do("replace", template, *keys, value=values[template])
    )
    assert any(one.startswith("map ") for one in asked)


async def test_a_reload_keeps_the_inner_maps(inner):
    before = {table: inner.raw(table) for table in TABLES}
    numbers = inner.used()
    await inner.cube.reload()
    assert {table: inner.raw(table) for table in TABLES} == before
    assert inner.used() == numbers


async def test_a_control_plane_writes_rows_with_the_keys_around(inner):
    table = inner.cube.tables["members"]
    row = {"zone/name": "lan", "network": "10.8.0.0/16", "mark": 5}
    table.put(row)
    assert table.get(row) == {**row, "hits": 0}
    assert {one["zone/name"] for one in table.entries()} == {"dmz", "lan"}
    assert table.count() == 4
    assert table.remove(row)
    with pytest.raises(KernelRefused, match="zone_members has no map members for"):
        table.put({**row, "zone/name": "no"})
    assert table.clear() == 3


async def test_only_so_many_inner_maps_are_open_at_once(inner, monkeypatch):
    monkeypatch.setattr(innermaps, "_OPEN", 1)
    opened, real = [], InnerMaps.open
    monkeypatch.setattr(
        InnerMaps, "open", lambda self, around: opened.append(len(around)) or real(self, around)
    )
    members = inner.cube.tables["members"]._maps
    assert members.lacking([name("dmz"), name("no"), name("lan")]) == [name("no")]
    assert opened == [1, 1, 1]


async def test_inner_maps_that_cannot_all_be_opened_are_closed(inner, monkeypatch):
    members, opened = inner.cube.tables["members"]._maps, []
    real = InnerMaps._open

    def limited(self, around):
        if opened:
            message = "Too many open files"
            raise OSError(errno.EMFILE, message)
        opened.append(real(self, around))
        return opened[0]

    with monkeypatch.context() as patch:
        patch.setattr(InnerMaps, "_open", limited)
        with pytest.raises(OSError, match="Too many"):
            members.open([name("dmz"), name("lan")])
    assert opened[0].closed
