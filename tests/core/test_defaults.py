"""Which leaves clients have set to their defaults, over transactions and restarts."""

import asyncio
from types import SimpleNamespace

import pytest

from polycube_runtime.core.durable import journal as module
from polycube_runtime.core.durable.journal import Journal
from polycube_runtime.core.durable.rows import DropCube, DropExplicit, PutCube, PutExplicit
from polycube_runtime.core.durable.transaction import Record
from polycube_runtime.core.model import defaults
from polycube_runtime.core.model.defaults import Said, after, explicit, say
from tests.fakes import SERVICES, create, daemon

BR1 = PutCube(1, "br1", "simplebridge", "u", 1)


def cube(*marks: str) -> SimpleNamespace:
    return SimpleNamespace(name="c", path="/s/c", explicit=frozenset(marks))


def record(op: str, path: str, old: object = None, new: object = None) -> Record:
    return Record(op, "c", f"/s/c/{path}".rstrip("/"), old, new)


@pytest.mark.parametrize(
    ("records", "left"),
    [
        ([record("delete", "l/1", {"k": 1})], {"a", "l/10/x", "m"}),
        ([record("create", "l/1", None, {"k": 1})], {"a", "l/10/x", "m"}),
        ([record("replace", "l/1", {}, {"k": 1})], {"a", "l/1/x", "l/1/y/z", "l/10/x", "m"}),
        ([record("delete", "l/1/y", {})], {"a", "l/1/x", "l/10/x", "m"}),
        ([record("delete", "m", 3)], {"a", "l/1/x", "l/1/y/z", "l/10/x"}),
        ([record("delete", "")], set()),
        # It only moved:
        ([record("delete", "l/1", {"k": 1}), record("create", "l/1", None, {"k": 1})],
         {"a", "l/1/x", "l/1/y/z", "l/10/x", "m"}),
        ([record("delete", "l/1", {"k": 1}), record("create", "l/1", None, {"k": 2})],
         {"a", "l/10/x", "m"}),
        ([Record("delete", "other", "/s/other/l/1")], {"a", "l/1/x", "l/1/y/z", "l/10/x", "m"}),
    ],
)  # fmt: skip
def test_what_goes_or_is_made_anew_was_set_by_nobody(records, left):
    one = cube("a", "l/1/x", "l/1/y/z", "l/10/x", "m")
    assert after(one, records, []) == left


def test_what_was_said_counts_from_when_it_was_said():
    one = cube("a/x", "b")
    records = [record("delete", "a", {}), record("create", "a", None, {"x": 1})]
    said = [
        Said(one, 0, None, frozenset(["a/y"]), frozenset()),
        Said(one, 2, None, frozenset(["a/z"]), frozenset(["b"])),
        Said(cube(), 2, "", frozenset(["other"]), frozenset()),
    ]
    assert after(one, records, said) == {"a/z"}
    assert after(one, [], [Said(one, 0, "a", frozenset(), frozenset())]) == {"b"}
    assert after(one, [], [Said(one, 0, "", frozenset(["c"]), frozenset())]) == {"c"}


def test_a_service_that_sets_a_default_is_no_client():
    async def run() -> None:
        polycube = daemon()
        one = await create(polycube, "nodes", "n1", server=["x"], ports=[{"name": "a"}])
        tree = polycube.tree(one)
        place = tree.root.child(one.service["limit"])
        async with polycube.change() as undo:
            await tree.replace(place, 5, undo)
            say(undo, one, place, 5, 5, whole=True)
        async with polycube.change() as undo:
            await tree.replace(place, "unlimited", undo)
        assert one.explicit == set()
        document = await tree.read(tree.root, config=True)
        assert document["limit"] == "unlimited"
        assert "limit" not in explicit(one.service, document, one.explicit, "")
        assert "limit" in explicit(one.service, document, frozenset(["limit"]), "")
        assert document["limit"] == "unlimited"
        await polycube.close()

    asyncio.run(run())
    assert "limit" in SERVICES["nodes"].SERVICE.by_name


def test_marks_are_kept(tmp_path):
    file = tmp_path / "polycube.db"
    journal = Journal(file)
    journal.write(1, [BR1, PutExplicit(1, "fdb/aging-time"), PutExplicit(1, "loglevel")])
    journal.write(1, [PutExplicit(1, "loglevel"), DropExplicit(1, "fdb/aging-time")])
    journal.close()
    journal = Journal(file)
    (one,) = journal.load().cubes
    assert one.explicit == {"loglevel"}
    journal.write(2, [DropCube(1), BR1])
    (one,) = journal.load().cubes
    assert one.explicit == frozenset()
    journal.close()


def test_a_store_without_marks_gets_a_place_for_them(tmp_path, monkeypatch):
    file = tmp_path / "polycube.db"
    with monkeypatch.context() as patch:
        patch.setattr(module, "VERSION", 2)
        patch.setattr(module, "_EXPLICIT", "")
        journal = Journal(file)
        journal.write(1, [BR1])
        journal.close()
    journal = Journal(file)
    journal.write(2, [PutExplicit(1, "loglevel")])
    assert journal.load().cubes[0].explicit == {"loglevel"}
    journal.close()


def test_many_edits_of_a_cube_with_many_marks_do_not_look_at_each_for_each(monkeypatch):
    looks, upwards = [], defaults._upwards
    monkeypatch.setattr(defaults, "_upwards", lambda path: looks.append(path) or upwards(path))
    there = cube(*(f"l/{n}/x" for n in range(500)))
    records = [record("create", f"l/{n}", None, {}) for n in range(500, 700)]
    said = [
        Said(there, at, None, frozenset([f"l/{499 + at}/x"]), frozenset()) for at in range(1, 201)
    ]
    assert after(there, records, said) == {f"l/{n}/x" for n in range(700)}
    assert len(looks) == 700
