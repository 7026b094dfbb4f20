"""What merging and replacing mean for leaf-lists, and for what was settled at creation."""

import asyncio

import pytest

from polycube_runtime.rest.restconf.merging import settled, united, unsettled
from polycube_runtime.rest.restconf.target import Target, cubes_of
from polycube_runtime.support.errors import BadElement, MissingElement, NotFound, OperationFailed
from polycube_runtime.support.schema import Container, Leaf, LeafList, List, Service
from polycube_runtime.support.types import Integer, String
from tests.fakes import SERVICES

TEXT, LONG = String(), Integer(64, signed=False, ranges=((0, 2**64 - 1),))
TAGS = LeafList("tag", TEXT, max_elements=3)
FIXED = Leaf("size", LONG, init_only=True)
SERVICE = Service(
    "box",
    "transparent",
    version="1",
    description="",
    min_kernel="",
    children=(
        TAGS,
        Leaf("note", TEXT),
        Leaf("kind", TEXT, init_only=True),
        Container("inner", (LeafList("colour", TEXT), Leaf("depth", TEXT, init_only=True))),
        Container("plain", (Leaf("x", TEXT),)),
        List("item", ("id",), (Leaf("id", LONG, key=True), TAGS, FIXED, Leaf("note", TEXT))),
    ),
)
CUBES = cubes_of(SERVICE)
CUBE = Target()._replace(service=SERVICE).child(CUBES).entry(("b",))


class Stored:
    """A reader of what is there, by the paths of targets below the cube."""

    def __init__(self, **values: object) -> None:
        self.values = values
        self.asked: list[str] = []

    def _find(self, target: Target):
        value = self.values
        for step in target.steps[1:]:
            value = value.get(step.node.name) if isinstance(value, dict) else None
            if step.key is not None and value is not None:
                found = (one for one in value if (one["id"],) == step.key)
                value = next(found, None)
            if value is None:
                return None
        return value

    async def exists(self, target: Target) -> bool:
        self.asked.append(target.path)
        return self._find(target) is not None

    async def read(self, target: Target, content: str = "all"):
        assert content in {"all", "config"}
        found = self._find(target)
        if found is None:
            message = "nothing"
            raise NotFound(message, target.path)
        return found


def run(work):
    return asyncio.run(work)


def at(*names: str) -> Target:
    target = CUBE
    for name in names:
        node = target.node
        target = target.child(node.by_name[name])
    return target


# Leaf-lists


def test_values_are_added_behind_those_that_are_there():
    there = Stored(tag=["a", "b"])
    assert run(united(there, at("tag"), ["c", "a"])) == ["a", "b", "c"]
    assert run(united(there, CUBE, {"tag": ["c"], "note": "n"})) == {
        "tag": ["a", "b", "c"], "note": "n",
    }  # fmt: skip
    assert there.values == {"tag": ["a", "b"]}


def test_what_is_new_is_as_it_was_said():
    assert run(united(Stored(), at("tag"), ["a"])) == ["a"]
    value = {"inner": {"colour": ["red"]}, "item": [{"id": 1, "tag": ["x"]}]}
    assert run(united(Stored(), CUBE, value)) == value


def test_leaf_lists_are_merged_wherever_they_are():
    there = Stored(inner={"colour": ["red"]}, item=[{"id": 1, "tag": ["x"]}, {"id": 2}])
    value = {
        "inner": {"colour": ["blue"]},
        "item": [{"id": 2, "tag": ["y"]}, {"id": 1, "tag": ["z", "x"]}, {"id": 3, "tag": ["q"]}],
    }
    assert run(united(there, CUBE, value)) == {
        "inner": {"colour": ["red", "blue"]},
        "item": [{"id": 2, "tag": ["y"]}, {"id": 1, "tag": ["x", "z"]}, {"id": 3, "tag": ["q"]}],
    }
    entry = at("item").entry((1,))
    assert run(united(there, entry, {"id": 1, "tag": ["z"]})) == {"id": 1, "tag": ["x", "z"]}
    assert run(united(there, at("item"), [{"id": 1, "tag": ["z"]}])) == [
        {"id": 1, "tag": ["x", "z"]}
    ]


def test_too_many_values_in_all_are_refused():
    with pytest.raises(OperationFailed, match="at most 3") as caught:
        run(united(Stored(tag=["a", "b"]), CUBE, {"tag": ["c", "d"]}))
    assert caught.value.app_tag == "too-many-elements"
    assert caught.value.path == "/box/b/tag"


def test_what_has_no_leaf_lists_is_not_read():
    there = Stored(plain={"x": "1"})
    assert run(united(there, at("plain"), {"x": "2"})) == {"x": "2"}
    assert run(united(there, at("note"), "n")) == "n"
    assert there.asked == []


# What was settled


def test_what_was_settled_is_written_as_clients_write_it():
    there = Stored(kind="k", note="n", item=[{"id": 1, "size": 2**40, "note": "m"}])
    assert run(settled(there, CUBE)) == {"kind": "k"}
    assert run(settled(there, at("item").entry((1,)))) == {"size": str(2**40)}
    assert run(settled(there, at("item").entry((2,)))) == {}
    assert run(settled(Stored(note="n"), CUBE)) == {}
    assert run(settled(there, at("plain"))) == {}


def test_what_is_said_again_as_it_is_is_left_out():
    there = Stored(kind="k", inner={"depth": "d"}, item=[{"id": 1, "size": 5}])
    raw = {"kind": "k", "note": "x", "inner": {"depth": "d", "colour": []}}
    assert run(unsettled(there, CUBE, raw)) == {"note": "x", "inner": {"colour": []}}
    assert raw["kind"] == "k"
    items = [{"id": "1", "size": "5", "note": "y"}, {"id": "2", "size": "7"}]
    assert run(unsettled(there, at("item"), items)) == [
        {"id": "1", "note": "y"}, {"id": "2", "size": "7"},
    ]  # fmt: skip
    assert run(unsettled(there, CUBE, {"item": items[:1]})) == {"item": [{"id": "1", "note": "y"}]}


def test_what_differs_stays_to_be_refused():
    there = Stored(kind="k", item=[{"id": 1, "size": 5}])
    assert run(unsettled(there, CUBE, {"kind": "other"})) == {"kind": "other"}
    for size in (5, "6", None, "05"):
        raw = [{"id": "1", "size": size}]
        assert run(unsettled(there, at("item"), raw)) == raw


@pytest.mark.parametrize("raw", [7, None, "x", [], {"nothing": 1}])
def test_what_is_no_object_is_left_to_validation(raw):
    assert run(unsettled(Stored(kind="k"), CUBE, raw)) == raw
    assert run(unsettled(Stored(), at("plain"), raw)) == raw


def test_entries_without_a_key_are_refused():
    there = Stored(item=[{"id": 1, "size": 5}])
    with pytest.raises(BadElement, match="not an array"):
        run(unsettled(there, at("item"), {"id": "1"}))
    with pytest.raises(BadElement, match="not an object"):
        run(unsettled(there, at("item"), [3]))
    with pytest.raises(MissingElement) as caught:
        run(unsettled(there, at("item"), [{"size": "5"}]))
    assert caught.value.path == "/box:box[name='b']/item/id"


def test_services_are_asked_for_nothing_they_do_not_have():
    service = SERVICES["helloworld"].SERVICE
    target = Target()._replace(service=service).child(cubes_of(service)).entry(("h",))
    there = Stored()
    assert run(united(there, target, {"action": "DROP"})) == {"action": "DROP"}
