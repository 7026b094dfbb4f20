"""A cube that is stored but could not be restored, as clients meet it."""

import pytest

from polycube_runtime.core.durable.journal import Journal
from polycube_runtime.core.durable.rows import PutCube, PutNode
from polycube_runtime.core.durable.unrestored import Kept


@pytest.fixture
def kept(api, tmp_path):
    journal = Journal(tmp_path / "state.db")
    journal.write(1, [PutNode(7, "", {"old": 1}), PutCube(7, "br1", "simplebridge", "u", 3)])
    api.polycube.commits.journal, api.polycube.commits.number = journal, 1
    api.polycube.unrestored["br1"] = Kept(7, "br1", "simplebridge", "it has no node 'old'")
    return journal


def test_its_name_is_taken_and_why_is_said(api, kept):
    found = api.error("POST", "/simplebridge/br1", {})
    assert (found.status, found.tag) == (409, "data-exists")
    assert "could not be restored: it has no node 'old'. Mend that and restart" in found.message
    assert [cube.name for cube in kept.load().cubes] == ["br1"]


def test_it_can_be_deleted(api, kept):
    assert api.error("DELETE", "/helloworld/br1").status == 409
    api.ok("DELETE", "/simplebridge/br1", status=200)
    assert kept.load() == (2, (), {}, {})
    assert api.error("DELETE", "/simplebridge/br1").status == 409
    api.ok("POST", "/simplebridge/br1", {})
    assert [cube.name for cube in kept.load().cubes] == ["br1"]


def test_the_answer_waits_for_the_disk_and_its_refusal_is_told(api, kept):
    kept._db.execute("PRAGMA query_only = ON")
    with pytest.raises(AssertionError, match="attempt to write a readonly database"):
        api("POST", "/simplebridge/br2", {})  # a 503, which `api` takes for a bug
    assert "br2" not in api.polycube.cubes
    kept._db.execute("PRAGMA query_only = OFF")
    api.ok("POST", "/simplebridge/br2", {})
