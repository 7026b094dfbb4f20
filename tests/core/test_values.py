"""What an entry of a map can hold, in a cube: written, read, left out, taken away."""

import base64
import struct
from pathlib import Path

import pytest

from polycube_runtime.bpf.linux import LinuxKernel
from polycube_runtime.bpf.spec import MapKind, MapSpec
from polycube_runtime.core.durable.migration import as_json, from_json
from polycube_runtime.core.model.table import BoundTable
from polycube_runtime.core.port import Ports
from polycube_runtime.support.errors import DataExists, InvalidValue
from tests.core.test_tree import Session
from tests.fakes import create
from tests.golden.packages.values.maps import LIMIT, MAPS, RULE, SLOT, TUNING

pytestmark = pytest.mark.anyio
KEY = ("10.0.0.0/8", "syn urgent")
WHOLE = {
    "log": [None],
    "mark": 0,
    "set": "low high",
    "to": "2001:db8::1/64",
    "secret": base64.b64encode(b"abc").decode(),
    "id": base64.b64encode(bytes(range(8))).decode(),
    "note": "née",
}


@pytest.fixture
async def values(polycube) -> Session:
    return Session(polycube, await create(polycube, "values", "v1"))


async def test_a_leaf_that_is_not_given_is_not_there(values):
    assert "limit" not in await values.read("")
    await values.do("update", "limit", value=0)
    assert await values.read("limit") == 0
    await values.do("delete", "limit")
    assert "limit" not in await values.read("")
    assert values.raw()["limit"] == [(bytes(4), bytes(LIMIT.value.size))]


async def test_leaves_of_a_container_come_and_go_by_themselves(values):
    assert await values.read("tuning") == {"enabled": False}
    await values.do("update", "tuning", value={"rate": "-0.25", "gateway": "10.1.2.3/24"})
    assert await values.read("tuning") == {
        "enabled": False,
        "rate": "-0.25",
        "gateway": "10.1.2.3/24",
    }
    await values.do("delete", "tuning/rate")
    assert await values.read("tuning") == {"enabled": False, "gateway": "10.1.2.3/24"}
    await values.do("replace", "tuning", value={"enabled": False, "rate": "999.999"})
    assert await values.read("tuning") == {"enabled": False, "rate": "999.999"}


async def test_a_leaf_under_a_condition_is_there_while_that_holds(values):
    await values.do("update", "tuning", value={"enabled": True})
    assert await values.read("tuning") == {"enabled": True, "burst": 8}
    await values.do("update", "tuning/burst", value=3)
    await values.do("update", "tuning/enabled", value=False)
    assert await values.read("tuning") == {"enabled": False}
    await values.refused(InvalidValue, "burst", "update", "tuning/burst", value=3)


async def test_an_entry_holds_every_type_and_loses_what_is_taken_away(values):
    place = ("rule/{source}/{mask}", *KEY)
    await values.do("create", *place, value=WHOLE)
    keys = dict(zip(("source", "mask"), KEY, strict=True))
    assert await values.read(*place) == {**keys, **WHOLE}
    for number, leaf in enumerate(WHOLE, 1):
        await values.do("delete", f"{place[0]}/{leaf}", *KEY)
        left = dict([*WHOLE.items()][number:])
        assert await values.read(*place) == {**keys, **left}
    ((_, raw),) = values.raw()["rule"]
    assert raw == bytes(RULE.value.size)
    await values.do("update", *place, value={"mark": 7})
    assert await values.read("rule") == [{**keys, "mark": 7}]


async def test_a_change_leaves_what_the_data_plane_says_of_its_leaf(values):
    place = ("rule/{source}/{mask}", *KEY)
    await values.do("create", *place, value={"mark": 1})
    table = values.cube.tables["rule"]
    ((key, raw),) = table.map.items()
    word, seen = RULE.value.has, RULE.value.fields[-1]
    held = bytearray(raw)
    held[word.offset] |= seen.bit
    held[seen.offset : seen.offset + 2] = struct.pack("=H", 60)
    table.map.update(key, bytes(held))
    assert (await values.read(*place))["last-size"] == 60
    await values.do("update", *place, value={"note": "x"})
    assert (await values.read(*place))["last-size"] == 60
    await values.do("delete", f"{place[0]}/mark", *KEY)
    found = await values.read(*place)
    assert (found["note"], "mark" in found) == ("x", False)


async def test_an_index_of_an_array_may_lack_a_leaf(values):
    assert await values.read("slot/{index}", "1") == {"index": 1, "share": "0.5"}
    await values.do("update", "slot/{index}", "1", value={"weight": 0, "share": "-1.5"})
    assert await values.read("slot/{index}", "1") == {"index": 1, "weight": 0, "share": "-1.5"}
    await values.do("delete", "slot/{index}/weight", "1")
    assert await values.read("slot/{index}", "1") == {"index": 1, "share": "-1.5"}


def test_the_journal_knows_the_bits_again():
    for layout in MAPS:
        again = from_json(as_json(layout))
        assert as_json(again) == as_json(layout)
        assert again.value.has == layout.value.has


async def test_a_prefix_in_a_key_is_one_whatever_its_host_bits(values):
    await values.do("create", "rule/{source}/{mask}", "10.1.2.3/8", "syn", value={"mark": 1})
    assert await values.read("rule") == [{"source": "10.0.0.0/8", "mask": "syn", "mark": 1}]
    refusal = (DataExists, "exists already", "create", "rule/{source}/{mask}")
    await values.refused(*refusal, "10.9.9.9/8", "syn", value={"mark": 2})
    assert await values.read("rule/{source}/{mask}/mark", "10.0.0.1/8", "syn") == 1


@pytest.mark.skipif(not Path("/sys/fs/bpf").is_dir(), reason="needs a kernel with BPF")
def test_a_map_of_the_kernel_holds_them_all():
    """The bytes that the codec makes are those that the kernel keeps, padding and all."""
    kernel = LinuxKernel()
    for layout in (RULE, TUNING, SLOT):
        kind = MapKind[layout.kind.upper()]
        size = (layout.key.size, layout.value.size)
        map_ = kernel.create_map(MapSpec(layout.name, kind, *size, layout.entries))
        try:
            table = BoundTable(layout, map_, Ports(), lambda: None, {})
            entry = {
                RULE: {"source": KEY[0], "mask": KEY[1], **WHOLE},
                TUNING: {"enabled": True, "rate": "1.5", "gateway": "fd00::/8"},
                SLOT: {"index": 2, "share": "0.1", "weight": 3},
            }[layout]
            table.put(entry)
            assert table.get(entry) == entry
            assert entry in table.entries()
            del entry[[*entry][-1]]
            table.put(entry)
            assert table.get(entry) == entry
        finally:
            map_.close()
