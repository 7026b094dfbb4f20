"""Clang is waited for before the one lock is taken, never under it."""

import json

import pytest

BR1 = "/simplebridge/br1"
RC1 = "/restconf/data/simplebridge:simplebridge=br1"
DEBUG, SPAN = {"loglevel": "DEBUG"}, {"span": True}
BOTH = {**DEBUG, **SPAN}
TYPES = {"data": "application/yang-data+json", "patch": "application/yang-patch+json"}


@pytest.fixture
def compiled(api, monkeypatch):
    """Give, of a shadow that logs from `WARN` on, what is compiled: text, and under the lock?"""
    api.ok("POST", BR1, {"shadow": True, "loglevel": "WARN"})
    polycube = api.polycube
    cube = polycube.cubes["br1"]
    control = cube.control
    plain = polycube._compiler.compile
    seen: dict[str, bool] = {}

    async def compile(source):  # noqa: A001 (it is in its place)
        seen.setdefault(source.text, polycube._writer.locked())
        return await plain(source)

    monkeypatch.setattr(polycube._compiler, "compile", compile)
    yield seen
    assert cube.control is control
    assert seen
    assert not any(seen.values()), "compiled under the lock"


@pytest.mark.parametrize(
    ("verb", "path", "body"),
    [
        ("PATCH", BR1, DEBUG),
        ("PATCH", BR1, BOTH),
        ("PATCH", "/simplebridge", {"name": "br1", **SPAN}),
        ("PATCH", f"{BR1}/loglevel", "DEBUG"),
        ("PATCH", f"{BR1}/span", True),
        ("PUT", BR1, BOTH),
        ("PUT", BR1, {}),
    ],
)
def test_a_write_of_the_dialect_compiles_first(api, compiled, verb, path, body):
    api.ok(verb, path, body, 200)
    assert compiled


@pytest.mark.parametrize(
    ("verb", "body"),
    [("PATCH", DEBUG), ("PATCH", BOTH), ("PUT", {}), ("PUT", BOTH)],
)
def test_a_write_of_restconf_compiles_first(api, compiled, verb, body):
    content = json.dumps({"simplebridge:simplebridge": [{"name": "br1", **body}]})
    answer = api.client.request(
        verb,
        f"http://localhost:9000{RC1}",
        content=content,
        headers={"content-type": TYPES["data"]},
    )
    assert answer.status_code == 204, answer.text
    assert compiled


def test_a_leaf_that_is_taken_away_compiles_its_default_first(api, compiled):
    answer = api.client.delete(f"http://localhost:9000{RC1}/loglevel")
    assert answer.status_code == 204, answer.text
    assert api.polycube.cubes["br1"].loglevel == "INFO"
    assert compiled


@pytest.mark.parametrize("operation", ["merge", "replace", "delete"])
def test_an_edit_of_a_yang_patch_compiles_first(api, compiled, operation):
    edit = {"edit-id": "1", "operation": operation, "target": "/loglevel"}
    if operation != "delete":
        edit["value"] = {"simplebridge:loglevel": "DEBUG"}
    content = json.dumps({"ietf-yang-patch:yang-patch": {"patch-id": "p", "edit": [edit]}})
    answer = api.client.patch(
        f"http://localhost:9000{RC1}", content=content, headers={"content-type": TYPES["patch"]}
    )
    assert answer.status_code == 200, answer.text
    assert api.polycube.cubes["br1"].loglevel == ("INFO" if operation == "delete" else "DEBUG")
    assert compiled


def test_trying_to_reload_compiles_what_runs(api, compiled):
    """Shadow, span and the programs that the control plane put there included."""
    cube = api.polycube.cubes["br1"]
    api.ok("PATCH", BR1, SPAN, 200)
    cube.codes = {"ingress_1": "int own;"}
    compiled.clear()
    api.ok("POST", "/reload?dry-run", {"cube": "br1"}, 200)
    wanted = [source.text for source in cube.sources("WARN", cube.codes).values()]
    assert list(compiled) == wanted
    assert any("int own;" in text for text in compiled)
