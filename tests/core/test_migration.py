"""Tables whose layout is another one in a service's new version."""

import dataclasses
import logging
import struct

import pytest

from polycube_generated.simplebridge.maps import AGING_TIME, FWDTABLE
from polycube_runtime.bpf.memory import CPUS, MemoryMap
from polycube_runtime.bpf.spec import MapKind, MapSpec
from polycube_runtime.core.durable.conversion import CannotCarryError
from polycube_runtime.core.durable.journal import Journal
from polycube_runtime.core.durable.migration import as_json, carry, from_json
from polycube_runtime.core.durable.rows import KeepLayouts, PutCube, PutLayout
from polycube_runtime.support.codec import Field, Kind, MapLayout, StructLayout
from polycube_services.simplebridge import Simplebridge
from tests.core.test_adoption import ADDRESS, LEARNT, killed, successor
from tests.fakes import SERVICES, state

pytestmark = pytest.mark.anyio

__all__ = ["killed"]

KEY = StructLayout("key", 4, "=4s", (Field("ip", "ip", Kind.IPV4, 0, 4),))
IP = bytes([10, 0, 0, 1])


def layout(format_: str, *fields: Field, kind="hash", entries=8, key=KEY, **more) -> MapLayout:
    return MapLayout(
        "t",
        kind,
        entries,
        key,
        StructLayout("v", struct.calcsize(format_), format_, fields),
        **more,
    )


def made(of: MapLayout, *pairs: tuple[bytes, bytes]) -> MemoryMap:
    kind = MapKind[of.kind.upper()]
    spec = MapSpec(of.name, kind, of.key.size, of.value.size, of.entries, of.flags)
    map_ = MemoryMap(spec, lambda _what: None)
    map_.update_many(pairs)
    return map_


def carried(before: MapLayout, now: MapLayout, *pairs, defaults=None):
    new = made(now)
    return carry(before, made(before, *pairs), now, new, defaults or {}), dict(new.items())


HITS = Field("hits", "hits", Kind.UINT, 0, 4)
STATE = Field("state", "state", Kind.ENUM, 4, 1, values=(("new", 0), ("old", 1), ("odd", 2)))
BEFORE = layout("=IB3x", HITS, STATE)


def test_leaves_go_by_their_names():
    """Moved, wider, renumbered, new with and without default, and one that is no more."""
    now = layout(
        "=BxHIQ",
        Field("state", "state", Kind.ENUM, 0, 1, values=(("old", 0), ("new", 7))),
        Field("age", "limit", Kind.UINT, 2, 2),
        Field("more", "more", Kind.UINT, 4, 4),
        Field("hits", "hits", Kind.UINT, 8, 8),
    )
    before = layout("=IB3xI", HITS, STATE, Field("gone", "gone", Kind.UINT, 8, 4))
    old = struct.pack("=IB3xI", 2**32 - 1, 0, 5)
    count, there = carried(before, now, (IP, old), defaults={"limit": 300, "more": None})
    assert count == (1, 0)
    assert there == {IP: struct.pack("=BxHIQ", 7, 300, 0, 2**32 - 1)}


WORD = Field("has", "", Kind.UINT, 0, 1)
SOMETIMES = MapLayout(
    "t",
    "hash",
    8,
    KEY,
    StructLayout("v", 8, "=B3xI", (Field("hits", "hits", Kind.UINT, 4, 4, bit=1),), has=WORD),
)
ALWAYS = layout("=I", HITS)


def test_a_leaf_that_may_be_left_out_from_now_on_is_there():
    count, there = carried(ALWAYS, SOMETIMES, (IP, struct.pack("=I", 5)))
    assert count == (1, 0)
    assert there == {IP: struct.pack("=B3xI", 1, 5)}


def test_an_entry_that_lacks_what_must_be_there_now_is_dropped_unless_there_is_a_default():
    pairs = (IP, struct.pack("=B3xI", 1, 5)), (b"\x0a\0\0\2", bytes(8))
    assert carried(SOMETIMES, ALWAYS, *pairs) == ((1, 1), {IP: struct.pack("=I", 5)})
    _, there = carried(SOMETIMES, ALWAYS, *pairs, defaults={"hits": 9})
    assert there == {IP: struct.pack("=I", 5), pairs[1][0]: struct.pack("=I", 9)}


def test_what_was_left_out_still_is():
    more = dataclasses.replace(
        SOMETIMES.value.fields[0], member="more", leaf="more", bit=2, offset=8
    )
    value = StructLayout("v", 12, "=B3xII", (*SOMETIMES.value.fields, more), has=WORD)
    _, there = carried(SOMETIMES, dataclasses.replace(SOMETIMES, value=value), (IP, bytes(8)))
    assert there == {IP: bytes(12)}


def test_an_entry_whose_value_is_no_more_is_dropped():
    now = layout("=IB3x", HITS, dataclasses.replace(STATE, values=(("new", 0), ("old", 1))))
    odd = (b"\x0a\0\0\2", struct.pack("=IB3x", 1, 2))
    count, there = carried(BEFORE, now, (IP, struct.pack("=IB3x", 1, 1)), odd)
    assert count == (1, 1)
    assert set(there) == {IP}


@pytest.mark.parametrize(
    ("old", "new", "raw", "becomes"),
    [
        (("I", Kind.UINT), ("8s", Kind.NETWORK), 5, (5).to_bytes(8, "big")),
        (("2s", Kind.NETWORK), ("4s", Kind.NETWORK), b"\1\2", b"\0\0\1\2"),
        (("2s", Kind.NETWORK), ("I", Kind.UINT), b"\1\2", 0x102),
        (("h", Kind.INT), ("q", Kind.INT), -5, -5),
        (("H", Kind.UINT), ("i", Kind.INT), 65535, 65535),
        (("4s", Kind.IPV4), ("16s", Kind.IP), IP, bytes(10) + b"\xff\xff" + IP),
        (("I", Kind.PORT), ("I", Kind.OPTIONAL_PORT), 7, 7),
        (("I", Kind.OPTIONAL_PORT), ("I", Kind.PORT), 7, 7),
        (("8s", Kind.STRING), ("16s", Kind.STRING), b"abc\0\0\0\0\0", b"abc".ljust(16, b"\0")),
    ],
)
def test_types_that_hold_the_old_values(old, new, raw, becomes):
    sides = [
        layout(f"={code}", Field("x", "x", kind, 0, struct.calcsize(f"={code}")))
        for code, kind in (old, new)
    ]
    count, there = carried(*sides, (IP, struct.pack(f"={old[0]}", raw)))
    assert count == (1, 0)
    assert struct.unpack(f"={new[0]}", there[IP]) == (becomes,)


@pytest.mark.parametrize(
    ("now", "why"),
    [
        (layout("=HB", dataclasses.replace(HITS, size=2), dataclasses.replace(STATE, offset=2)),
         "its leaf hits was uint of 4 bytes and is uint of 2"),
        (layout("=IB3x", dataclasses.replace(HITS, kind=Kind.INT), STATE), "4 bytes and is int"),
        (layout("=I", HITS, kind="lpm_trie", flags=1), "it was of kind hash and is"),
        (layout("=I", HITS, key=StructLayout("k", 4, "=I", (Field("n", "id", Kind.UINT, 0, 4),))),
         "its key was ip and is id"),
        (layout("=4s", Field("h", "hits", Kind.IPV4, 0, 4)), "hits was uint of 4 bytes"),
    ],
)  # fmt: skip
def test_what_cannot_be_carried_is_said(now, why):
    with pytest.raises(CannotCarryError, match=why):
        carried(BEFORE, now, (IP, struct.pack("=IB3x", 1, 1)))


def test_each_cpu_keeps_its_count():
    before = layout("=I", dataclasses.replace(HITS, summed=True), kind="percpu_hash")
    now = layout("=Q", dataclasses.replace(HITS, size=8, summed=True), kind="percpu_hash")
    raw = b"".join(struct.pack("=I4x", n + 1) for n in range(CPUS))
    _, there = carried(before, now, (IP, raw))
    assert struct.unpack(f"={CPUS}Q", there[IP]) == (1, 2)
    _, there = carried(before, dataclasses.replace(now, kind="hash"), (IP, raw))
    assert struct.unpack("=Q", there[IP]) == (3,)


def test_an_array_that_grows_has_defaults_in_what_is_new():
    index = StructLayout("index", 4, "=4x", ())
    before = layout("=I", HITS, kind="array", entries=2, key=index)
    now = layout("=Q", dataclasses.replace(HITS, size=8), kind="array", entries=3, key=index)
    pairs = [(n.to_bytes(4, "little"), struct.pack("=I", n + 5)) for n in range(2)]
    count, there = carried(before, now, *pairs, defaults={"hits": 9})
    assert count == (2, 0)
    assert [struct.unpack("=Q", one)[0] for one in there.values()] == [5, 6, 9]
    count, there = carried(before, dataclasses.replace(before, entries=1), *pairs)
    assert (count, list(there.values())) == ((1, 1), [struct.pack("=I", 5)])


def test_what_was_configured_goes_first_into_a_smaller_table():
    kind = dataclasses.replace(STATE, leaf="type", created="old")
    before = layout("=IB3x", HITS, kind, entries=8)
    now = dataclasses.replace(before, entries=2)
    pairs = [(bytes([10, 0, 0, n]), struct.pack("=IB3x", n, n >= 6)) for n in range(8)]
    count, there = carried(before, now, *pairs)
    assert count == (2, 6)
    assert {key[3] for key in there} == {6, 7}


def test_without_leaves_bytes_are_copied_or_nothing_is():
    old = made(BEFORE, (IP, bytes(8)))
    larger = made(dataclasses.replace(BEFORE, entries=16, kind="lru_hash"))
    assert carry(None, old, None, larger, {}) == (1, 0)
    with pytest.raises(CannotCarryError, match=r"4 bytes to 8 \(hash\) and has 4 to 4 \(hash\)"):
        carry(None, old, None, made(layout("=I", HITS)), {})


def test_a_layout_comes_back_from_the_journal(tmp_path):
    for one in (AGING_TIME, FWDTABLE, BEFORE):
        assert as_json(from_json(as_json(one))) == as_json(one)
    journal = Journal(tmp_path / "pcn.db")
    journal.write(1, [PutCube(3, "a", "s", "u", 1), PutLayout(3, 70, as_json(FWDTABLE)),
                      PutLayout(3, 71, as_json(BEFORE))])  # fmt: skip
    assert set(journal.load().cubes[0].layouts) == {70, 71}
    journal.write(1, [KeepLayouts(3, (71,))])
    (cube,) = journal.load().cubes
    assert cube.layouts == {71: as_json(BEFORE)}
    journal.close()


# A daemon that starts with a service's new version


def newer(monkeypatch, **changes: MapLayout) -> None:
    """Have a simplebridge whose tables are laid out otherwise."""
    service = Simplebridge.SERVICE
    maps = tuple(changes.get(one.name, one) for one in service.maps)
    monkeypatch.setattr(Simplebridge, "SERVICE", dataclasses.replace(service, maps=maps))


WIDER = dataclasses.replace(
    FWDTABLE,
    entries=64,
    value=StructLayout(
        "fwdtable_value", 24, "=QBxxxIQ",
        tuple(dataclasses.replace(one, offset=at) for one, at in zip(
            (FWDTABLE.value.fields[2], FWDTABLE.value.fields[1], FWDTABLE.value.fields[0],
             Field("hits", "hits", Kind.UINT, 0, 8)), (0, 8, 12, 16), strict=True)),
    ),
)  # fmt: skip


async def test_a_new_version_goes_on_with_what_was_learnt(killed, monkeypatch, caplog):
    caplog.set_level(logging.INFO)
    old, file = killed
    old.cube("a").tables["fwdtable"].put(LEARNT)
    trees = (await state(old))["trees"]
    newer(monkeypatch, fwdtable=WIDER)
    new = await successor(old, file, SERVICES)
    assert "a: 2 entries of table fwdtable carried over" in caplog.text
    table = new.cube("a").tables["fwdtable"]
    assert table.map.spec.value_size == 24
    found = {one["address"]: one for one in table.entries()}
    assert found[LEARNT["address"]]["port"] == "up"
    assert found[ADDRESS]["type"] == "static"
    assert (await state(new))["trees"] == trees
    caplog.clear()
    again = await successor(new, file, SERVICES)
    assert "carried over" not in caplog.text
    assert again.cube("a").tables["fwdtable"].map is table.map
    await again.close()


async def test_what_cannot_be_carried_comes_from_the_journal(killed, monkeypatch, caplog):
    old, file = killed
    old.cube("a").tables["fwdtable"].put(LEARNT)
    narrow = StructLayout(
        "v", 12, "=IB3xI",
        (*FWDTABLE.value.fields[:2], Field("last", "age", Kind.UINT, 8, 4)),
    )  # fmt: skip
    newer(monkeypatch, fwdtable=dataclasses.replace(FWDTABLE, value=narrow))
    new = await successor(old, file, SERVICES)
    why = "its leaf age was age of 8 bytes and is uint of 4"
    assert f"a: table fwdtable is not carried over: {why}" in caplog.text
    assert [one["address"] for one in new.cube("a").tables["fwdtable"].entries()] == [ADDRESS]
    await new.close()


async def test_a_default_stays_what_was_set_where_an_array_is_laid_out_anew(killed, monkeypatch):
    old, file = killed
    tree = old.tree(old.cube("a"))
    async with old.change() as undo:
        await tree.update(tree.root, {"fdb": {"aging-time": 77}}, undo)
    value = StructLayout("value", 8, "=Q", (Field("t", "aging-time", Kind.UINT, 0, 8),))
    newer(monkeypatch, aging_time=dataclasses.replace(AGING_TIME, value=value))
    new = await successor(old, file, SERVICES)
    assert new.cube("a").tables["aging_time"].entries() == [{"aging-time": 77}]
    assert new.cube("b").tables["aging_time"].entries() == [{"aging-time": 300}]
    await new.close()
