"""Containers of entries that are in maps of their own, over RESTCONF."""

import pytest

from tests import fakes
from tests.core.test_rows import service

__all__ = ["service"]
RULE = "/data/rows:rows=r/rule=a,1"


@pytest.fixture
def rows(service, monkeypatch, request):
    monkeypatch.setitem(fakes.SERVICES, "rows", service)
    rc = request.getfixturevalue("rc")
    cube = {"name": "r", "ports": [{"name": "p1"}], "rule": [{"name": "a", "id": 1}]}
    rc("POST", "/data", {"rows:rows": [cube]}, 201)
    return rc


def test_a_row_is_read_written_and_cleared(rows):
    assert rows.get(f"{RULE}/stats") == {"rows:stats": {"packets": "0", "bytes": "0"}}
    rows("PATCH", f"{RULE}/rare", {"rows:rare": {"high": 7}}, 204)
    assert rows.get(f"{RULE}/rare?content=config") == {"rows:rare": {"low": 4, "high": 7}}
    rows("PUT", f"{RULE}/rare/high", {"rows:high": 8}, 204)
    rows("DELETE", f"{RULE}/rare/high", status=204)
    assert rows("GET", f"{RULE}/rare/high").status_code == 404
    assert rows.error("PUT", "/data/rows:rows=r/rule=z,1/rare", {"rows:rare": {}}).status == 409


def test_a_presence_container_of_an_entry_is_made_and_deleted(rows):
    assert rows("GET", f"{RULE}/log").status_code == 404
    rows("PUT", f"{RULE}/log", {"rows:log": {}}, 201)
    assert rows.get(f"{RULE}/log") == {"rows:log": {"level": 2}}
    rows("DELETE", f"{RULE}/log", status=204)
    assert rows("DELETE", f"{RULE}/log").status_code == 404


def test_an_entry_is_one_document_with_its_rows(rows):
    body = {"name": "a", "id": 1, "rare": {"low": 2}, "log": {"level": 9}}
    rows("PUT", RULE, {"rows:rule": [body]}, 204)
    found = rows.get(f"{RULE}?content=config")["rows:rule"]
    assert found == [{**body, "act": 1}]
    rows("DELETE", RULE, status=204)
    tables = rows.polycube.cubes["r"].tables
    assert [dict(tables[name].map.items()) for name in ("rules", "stats", "rare", "logs")] == [
        {}
    ] * 4
