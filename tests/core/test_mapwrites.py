"""Writing maps: what is packed, when it is written, and how it is taken back."""

import pytest

from polycube_runtime.bpf.memory import MemoryMap
from polycube_runtime.core.durable.undo import Undo
from polycube_runtime.core.model.mapwrites import MapWrites, empty_inner, inner_maps, unlearn
from polycube_runtime.support.errors import InvalidValue
from tests import fakes
from tests.core.sessions import Session, made
from tests.fakes import create

pytestmark = pytest.mark.anyio
BODY = """
list outer {
  key name;
  ebpf:map "outers" { ebpf:entries 16; }
  leaf name { type string { length "1..7"; } }
  leaf note { type string { length "1..9"; } }
  leaf hits { type uint32; config false; }
  container in {
    list inner {
      key id;
      ebpf:map "inners" { ebpf:entries 64; }
      leaf id { type uint8; }
      leaf out { type leafref { path "/ports/name"; } }
      leaf-list tag { type uint8; ebpf:map "tags" { ebpf:entries 64; } }
    }
  }
}
list learnt {
  key id;
  ebpf:map "learnts" { ebpf:entries 16; }
  leaf id { type uint8; }
  leaf by { type enumeration { enum plane; enum user; } config false; ebpf:created "user"; }
}
"""


@pytest.fixture(scope="module")
def service(tmp_path_factory):
    with made(tmp_path_factory.mktemp("writes"), "writes", BODY) as found:
        yield found


class Writing(Session):
    """A cube, and what one change writes to its maps; `batches` are the writes of the kernel's."""

    def __init__(self, polycube, cube, batches) -> None:
        super().__init__(polycube, cube)
        self.undo, self.batches = Undo(), batches
        self.maps = MapWrites(cube, self.undo)

    def rows(self, name):
        return sorted(self.cube.tables[name].entries(), key=str)


@pytest.fixture
async def writing(service, monkeypatch):
    monkeypatch.setitem(fakes.SERVICES, "writes", service)
    polycube = fakes.daemon()
    await polycube.start()
    inner = [{"id": 1, "tag": [3, 4]}, {"id": 2}]
    outer = [{"name": "a", "in": {"inner": inner}}, {"name": "b"}]
    cube = await create(polycube, "writes", "w", ports=[{"name": "p1"}], outer=outer)
    batches, real = [], MemoryMap.update_many

    def update_many(self, items):
        batches.append((self.spec.name, len(items)))
        real(self, items)

    monkeypatch.setattr(MemoryMap, "update_many", update_many)
    yield Writing(polycube, cube, batches)
    await polycube.close()


async def test_the_keys_around_are_put_before_an_entry(writing):
    writing.maps.write(writing.place("outer/{n}/in/inner", "b"), [{"id": 9, "out": "p1"}])
    added = {"outer/name": "b", "id": 9, "out": "p1"}
    assert added in writing.rows("inners")
    assert writing.batches == [("inners", 1)]


async def test_what_was_written_is_taken_back(writing):
    before = writing.rows("inners")
    gone = [{"id": 1}]
    writing.maps.write(writing.place("outer/{n}/in/inner", "a"), [{"id": 2, "out": "p1"}], gone)
    assert writing.rows("inners") == [{"outer/name": "a", "id": 2, "out": "p1"}]
    await writing.undo.roll_back()
    assert writing.rows("inners") == before


@pytest.mark.parametrize(
    ("template", "keys", "entry", "path"),
    [
        ("outer", (), {"name": "c", "note": "ä" * 9}, "/writes/w/outer/c/note"),
        ("outer/{n}", ("a",), {"name": "a", "note": "ä" * 9}, "/writes/w/outer/a/note"),
        (
            "outer/{n}/in/inner",
            ("a",),
            {"id": 7, "out": "p9"},
            "/writes/w/outer/a/in/inner/7",
        ),
    ],
)
async def test_nothing_is_written_unless_all_can_be_packed(writing, template, keys, entry, path):
    place = writing.place(template, *keys)
    good = {"name": "z"} if template == "outer" else {"id": 200, "name": "a"}
    with pytest.raises(InvalidValue) as refused:
        writing.maps.write(place, [good, entry])
    assert refused.value.path == path
    assert writing.batches == []


async def test_maps_of_inner_lists_wait_for_the_end_and_are_written_once(writing):
    with writing.maps.together():
        for name in ("a", "b"):
            for number in (5, 6):
                place = writing.place("outer/{n}/in/inner", name)
                writing.maps.write(place, [{"id": number}], [{"id": 1}])
        writing.maps.write(writing.place("outer"), [{"name": "c"}])
        assert writing.batches == [("outers", 1)], "a map of no inner list does not wait"
    assert writing.batches == [("outers", 1), ("inners", 4)]
    assert [one["id"] for one in writing.rows("inners")] == [2, 5, 6, 5, 6]


async def test_what_waits_is_not_written_after_a_failure(writing):
    def fail():
        with writing.maps.together():
            writing.maps.write(writing.place("outer/{n}/in/inner", "b"), [{"id": 5}])
            writing.maps.write(writing.place("outer"), [{"name": "c", "note": "ä" * 9}])

    with pytest.raises(InvalidValue):
        fail()
    assert writing.batches == []


async def test_what_the_data_plane_counts_is_left_alone(writing):
    table = writing.cube.tables["outers"]
    table.put({"name": "a", "note": "x", "hits": 7})
    writing.maps.write(writing.place("outer"), [{"name": "a", "note": "y"}])
    assert table.get({"name": "a"}) == {"name": "a", "note": "y", "hits": 7}


async def test_entries_that_go_take_along_what_is_in_their_lists_and_sets(writing):
    before = writing.rows("inners"), writing.rows("tags")
    place = writing.place("outer")
    writing.maps.empty(place, place.list_node, [])
    assert (writing.rows("inners"), writing.rows("tags")) == before
    writing.maps.empty(place, place.list_node, [("a",)])
    assert writing.rows("inners") == writing.rows("tags") == []
    await writing.undo.roll_back()
    assert (writing.rows("inners"), writing.rows("tags")) == before


async def test_maps_inside_of_a_list_are_those_of_lists_and_sets(writing):
    outer = writing.place("outer").list_node
    assert [one.binding for one in inner_maps(outer)] == ["inners", "tags"]


async def test_entries_that_the_kernel_lost_take_along_what_is_in_their_sets(writing):
    table, tags = writing.cube.tables["inners"], writing.rows("tags")
    gone = table.empty([{"outer/name": "a"}])
    empty_inner(writing.cube, table, gone, writing.undo)
    assert (len(gone), writing.rows("tags")) == (2, [])
    await writing.undo.roll_back()
    assert writing.rows("tags") == tags


async def test_only_what_the_data_plane_has_made_is_unlearnt(writing):
    table = writing.cube.tables["learnts"]
    rows = [{"id": 1, "by": "user"}, {"id": 2, "by": "plane"}]
    table.put_many(rows)
    unlearn(writing.cube, writing.place("learnt"), writing.undo)
    assert table.entries() == rows[:1]
    await writing.undo.roll_back()
    assert writing.rows("learnts") == rows
    unlearn(writing.cube, writing.place("outer"), writing.undo)
    assert len(writing.rows("outers")) == 2
