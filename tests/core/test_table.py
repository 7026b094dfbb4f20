"""Bound tables beyond what the tree's tests show."""

import struct

import pytest

from polycube_runtime.bpf.memory import MemoryMap
from polycube_runtime.bpf.spec import MapKind, MapSpec
from polycube_runtime.core.durable.undo import Undo
from polycube_runtime.core.model.change import Change
from polycube_runtime.core.model.place import Place
from polycube_runtime.core.model.table import BoundTable
from polycube_runtime.core.port import Ports
from polycube_runtime.support.codec import Field, Kind, MapLayout, StructLayout
from polycube_runtime.support.kinds import NO_PORT
from polycube_runtime.support.schema import Leaf, List, Service
from polycube_runtime.support.types import Integer

KEY = StructLayout("k", 4, "=I", (Field("id", "id", Kind.UINT, 0, 4),))
VALUE = StructLayout(
    "v",
    12,
    "=I4xI",
    (Field("limit", "limit", Kind.UINT, 0, 4), Field("seen", "seen", Kind.UINT, 8, 4)),
)
U32 = Integer(32, signed=False, ranges=((0, 2**32 - 1),))
RULE = List(
    "rule",
    ("id",),
    (
        Leaf("id", U32, attr="rule_id", key=True, binding="rules"),
        Leaf("limit", U32, attr="rule_limit", binding="rules"),
        Leaf("seen", U32, attr="rule_seen", config=False, binding="rules"),
    ),
    attr="rule",
    binding="rules",
)
SERVICE = Service(
    "counting", "standard", version="1", description="", min_kernel="5.0.0", children=(RULE,)
)


class OneTable:
    """As much of a cube as a change of a table needs."""

    def __init__(self, table: BoundTable) -> None:
        self.tables = {"rules": table}


@pytest.mark.anyio
@pytest.mark.parametrize("kind", ["hash", "percpu_hash"])
async def test_changing_an_entry_leaves_its_counters_alone(kind: str) -> None:
    """What the data plane counted on each CPU is there after the operator changed a leaf."""
    spec = MapSpec("rules", MapKind[kind.upper()], 4, 12, 8)
    layout = MapLayout("rules", kind, 8, KEY, VALUE)
    raw = MemoryMap(spec, lambda _what: None)
    table = BoundTable(layout, raw, None, lambda: None, {})  # type: ignore[arg-type]
    table.state = frozenset({"seen"})
    stride, size = 16 if layout.per_cpu else 12, raw.value_size
    counted = b"".join(
        struct.pack("=IIII", 5, 0, cpu + 1, 0)[:stride] for cpu in range(size // stride)
    )
    raw.update(struct.pack("=I", 7), counted)
    before = table.get({"id": 7})
    assert before is not None
    place = Place(SERVICE, "c").child(RULE).entry((7,))
    change = Change(OneTable(table), None, Undo(), merge=True)  # type: ignore[arg-type]
    await change.apply(place, {"id": 7, "limit": 5}, {"id": 7, "limit": 9})
    after = table.get({"id": 7})
    assert after is not None
    assert after["seen"] == before["seen"] > 0
    assert struct.unpack_from("=I", raw.lookup(struct.pack("=I", 7)) or b"")[0] == 9


@pytest.mark.anyio
async def test_counters_of_many_entries_are_left_alone_and_new_ones_begin_at_nothing() -> None:
    """More than are read one by one, as the data plane goes on counting between the writes."""
    raw = MemoryMap(MapSpec("rules", MapKind.HASH, 4, 12, 99), lambda _what: None)
    table = BoundTable(MapLayout("rules", "hash", 99, KEY, VALUE), raw, None, lambda: None, {})  # type: ignore[arg-type]
    table.state = frozenset({"seen"})
    old = [{"id": number, "limit": 1} for number in range(40)]
    table.put_many({**one, "seen": one["id"]} for one in old)
    place = Place(SERVICE, "c").child(RULE)
    wanted = [{"id": number, "limit": 2} for number in range(50)]
    update_many, writes = raw.update_many, []

    def counting(pairs: list[tuple[bytes, bytes]]) -> None:
        update_many(pairs)
        writes.append(len(pairs))
        late = struct.pack("=I", 39)  # it is written last
        key = dict(raw.items())[late]
        update_many([(late, key[:8] + struct.pack("=I", int.from_bytes(key[8:], "little") + 1))])

    raw.update_many = counting  # type: ignore[method-assign]
    undo = Undo()
    await Change(OneTable(table), None, undo, merge=True).apply(place, old, wanted)  # type: ignore[arg-type]
    seen = {one["id"]: one["seen"] for one in table.entries()}
    assert {one: number for one, number in seen.items() if one != 39} == {
        number: number if number < 40 else 0 for number in range(50) if number != 39
    }
    assert seen[39] == 39 + len(writes), "no write has taken back what was counted before it"
    await undo.roll_back()
    assert {one["limit"] for one in table.entries()} == {1}
    assert table.get({"id": 39})["seen"] == 39 + len(writes)  # type: ignore[index]


# Ports in arrays, whose entries cannot go with the port

U16_AND_PORT = StructLayout(
    "v", 8, "=H2xI", (Field("rate", "rate", Kind.UINT, 0, 2), Field("out", "out", Kind.PORT, 4, 4))
)
INDEX = StructLayout("k", 4, "=I", (Field("id", "id", Kind.UINT, 0, 4),))
NO_KEY = StructLayout("k", 4, "=4x", ())


def array(key: StructLayout, entries: int) -> tuple[BoundTable, Ports]:
    ports = Ports()
    for name in ("p0", "p1"):
        ports.add(name, "")
    layout = MapLayout("routes", "array", entries, key, U16_AND_PORT)
    raw = MemoryMap(MapSpec("routes", MapKind.ARRAY, 4, 8, entries), lambda _what: None)
    table = BoundTable(layout, raw, ports, lambda: None, {"rate": 9})
    table.reset()
    return table, ports


def test_an_index_that_was_not_written_names_no_port() -> None:
    table, _ = array(INDEX, 3)
    assert table.entries() == []
    table.put({"id": 1, "rate": 2, "out": "p0"})
    assert table.entries() == [{"id": 1, "rate": 2, "out": "p0"}]
    table.remove({"id": 1})
    assert table.entries() == []


def test_an_index_loses_the_port_that_goes_and_keeps_the_rest() -> None:
    table, ports = array(INDEX, 3)
    table.put_many([{"id": n, "rate": n, "out": f"p{n}"} for n in (0, 1)])
    purged = table.purge(ports["p1"].index)
    assert table.entries() == [{"id": 0, "rate": 0, "out": "p0"}]
    assert table.map.lookup(struct.pack("=I", 1)) == struct.pack("=H2xI", 1, NO_PORT)
    table.change(purged)
    assert len(table.entries()) == 2


def test_a_container_tells_that_its_port_is_gone() -> None:
    table, ports = array(NO_KEY, 1)
    assert table.portless() == "out"
    table.put({"rate": 7, "out": "p1"})
    assert table.portless() == ""
    table.purge(ports["p0"].index)
    assert table.portless() == ""
    table.purge(ports["p1"].index)
    assert table.portless() == "out"
