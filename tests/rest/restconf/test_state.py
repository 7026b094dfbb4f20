"""The YANG library, the modules' text, capabilities, streams; held against yanglint and pyang."""

import json
import re
import shutil
import subprocess

import pytest
from pyang import context, repository

from polycube_runtime.rest.restconf import own
from polycube_runtime.rest.restconf.target import cubes_of
from polycube_runtime.support.schema import Action
from polycube_services.simplebridge import Simplebridge
from tests.rest.restconf.conftest import ADDRESS, BASE

needs_yanglint = pytest.mark.skipif(not shutil.which("yanglint"), reason="needs Debian's yanglint")


def library(rc):
    return rc.get("/data/ietf-yang-library:yang-library")["ietf-yang-library:yang-library"]


def texts(rc) -> dict[str, str]:
    """Return the text of every module that the library has a place for."""
    (all_of_them,) = library(rc)["module-set"]
    found = {}
    for one in all_of_them["module"] + all_of_them["import-only-module"]:
        (url,) = one["location"]
        answer = rc("GET", url.removeprefix(BASE), status=200)
        assert answer.headers["content-type"].startswith("application/yang")
        assert re.search(rf"^module {one['name']} ", answer.text, re.MULTILINE)
        assert one["namespace"] in answer.text
        found[one["name"]] = answer.text
    return found


def test_the_library_lists_what_the_datastore_has(rc):
    found = library(rc)
    names = {one["name"] for one in found["module-set"][0]["module"]}
    assert names >= {"simplebridge", "nodes", "polycubed", "ietf-yang-library"}
    assert found["datastore"] == [{"name": "ietf-datastores:running", "schema": "all"}]
    old = rc.get("/data/ietf-yang-library:modules-state")["ietf-yang-library:modules-state"]
    assert old["module-set-id"] == found["content-id"]
    listed = [one["name"] for one in old["module"] if one["conformance-type"] == "implement"]
    assert set(listed) == names
    one = rc.get("/data/ietf-yang-library:modules-state/module=ietf-restconf,2017-01-26/namespace")
    assert one == {
        "ietf-yang-library:namespace": "urn:ietf:params:xml:ns:yang:ietf-restconf",
    }


def test_the_library_follows_the_services(rc):
    before = library(rc)["content-id"]
    left = {name: one for name, one in rc.polycube.services.items() if name != "helloworld"}
    rc.polycube.services = left
    assert library(rc)["content-id"] != before
    assert rc.error("GET", "/data/helloworld:helloworld").status == 404
    assert rc.error("GET", "/yang/helloworld.yang").status == 404


def test_both_libraries_say_the_same(rc):
    found = library(rc)
    (modules,) = found["module-set"]
    implemented, imported = modules["module"], modules["import-only-module"]
    names = [one["name"] for one in implemented]
    assert len(names) == len(set(names))
    assert not set(names) & {one["name"] for one in imported}
    assert all("revision" in one for one in imported)  # it is a key
    old = rc.get("/data/ietf-yang-library:modules-state")["ietf-yang-library:modules-state"]
    assert old["module-set-id"] == found["content-id"]
    listed = {
        (one["name"], one["revision"], one["namespace"], one.get("schema"), one["conformance-type"])
        for one in old["module"]
    }
    assert listed == {
        (one["name"], one.get("revision", ""), one["namespace"], *one.get("location", [None]), kind)
        for kind, some in (("implement", implemented), ("import", imported))
        for one in some
    }


def test_the_content_id_is_another_one_only_when_the_modules_are(rc):
    before = library(rc)["content-id"]
    rc.bridge()
    assert library(rc)["content-id"] == before
    answer = rc.client.get(
        f"{BASE}/data/ietf-yang-library:yang-library", headers={"host": "127.0.0.1:9000"}
    ).json()["ietf-yang-library:yang-library"]
    assert answer["content-id"] == before
    assert "127.0.0.1:9000" in str(answer["module-set"])
    everything = rc.polycube.services
    for name in ("helloworld", "nodes"):
        rc.polycube.services = {one: what for one, what in everything.items() if one != name}
        assert library(rc)["content-id"] != before
    rc.polycube.services = dict(everything)
    assert library(rc)["content-id"] == before


def test_capabilities_and_streams(rc):
    state = rc.get("/data/ietf-restconf-monitoring:restconf-state")
    inner = state["ietf-restconf-monitoring:restconf-state"]
    wanted = {"depth", "fields", "filter", "replay", "with-defaults", "yang-patch"}
    text = " ".join(inner["capabilities"]["capability"])
    assert all(f"capability:{name}:1.0" in text for name in wanted)
    assert "capability:defaults:1.0?basic-mode=report-all" in text
    for one in inner["streams"]["stream"]:
        assert one["access"] == [{"encoding": "json", "location": f"{BASE}/streams/{one['name']}"}]


def lint(folder, *arguments: str) -> None:
    done = subprocess.run(
        ["yanglint", "-p", str(folder), *arguments], capture_output=True, text=True, check=False
    )
    assert (done.returncode, done.stderr) == (0, ""), done.stderr


@needs_yanglint
def test_the_data_is_valid_by_the_modules_that_are_served(rc, tmp_path):
    for name, text in texts(rc).items():
        (tmp_path / f"{name}.yang").write_text(text)
    rc.bridge(fdb={"entry": [{"address": ADDRESS, "port": "p1"}]})
    rc.nodes(mirror={"to": "a"}, chain=[{"name": "c", "rule": [{"id": 4}]}], flag=[None])
    rc("POST", "/data", {"maps:maps": [{"name": "m1"}]})
    (everything,) = rc.get("/data").values()
    data = tmp_path / "data.json"
    data.write_text(json.dumps(everything))
    names = {member.partition(":")[0] for member in everything}
    models = [str(tmp_path / f"{name}.yang") for name in sorted(names | {"ietf-datastores"})]
    lint(tmp_path, "-t", "data", *models, str(data))
    (config,) = rc.get("/data?content=config").values()
    data.write_text(json.dumps(config))
    services = [one for one in models if "ietf" not in one]
    lint(tmp_path, "-t", "config", *services, str(data))
    for defaults in ("trim", "explicit"):
        (shorter,) = rc.get(f"/data?with-defaults={defaults}&content=config").values()
        data.write_text(json.dumps(shorter))
        lint(tmp_path, "-t", "config", *services, str(data))


@needs_yanglint
def test_yanglint_and_the_daemon_refuse_the_same(rc, tmp_path):
    (tmp_path / "simplebridge.yang").write_text(texts(rc)["simplebridge"])
    rc.bridge()
    for member, value in (
        ("loglevel", "warn"), ("fdb", {"aging-time": "1"}), ("nothing", 1), ("shadow", None),
        ("fdb", {"entry": [{"address": ADDRESS}]}),
        ("fdb", {"entry": [{"address": ADDRESS, "port": "none"}]}),
    ):  # fmt: skip
        document = {"simplebridge:simplebridge": [{"name": "br2", member: value}]}
        (tmp_path / "data.json").write_text(json.dumps(document))
        command = ["yanglint", "-t", "config", "simplebridge.yang", "data.json"]
        assert subprocess.run(command, cwd=tmp_path, capture_output=True, check=False).returncode
        assert rc("POST", "/data", document).status_code in {400, 409}


def test_pyang_accepts_the_modules(rc):
    checker = context.Context(repository.FileRepository(""))
    for name, text in texts(rc).items():
        checker.add_module(name, text)
    checker.validate()
    own = [one for one in checker.errors if "ietf" not in one[0].ref]
    assert own == []


def test_the_daemons_own_module_is_its_metadata(rc):
    checker = context.Context(repository.FileRepository(""))
    module = checker.add_module("polycubed", texts(rc)["polycubed"])
    checker.validate()
    written = {one.arg: one for one in module.i_children}
    assert list(written) == [one.name for one in own.NODES]
    for node in own.NODES:
        keyword = "rpc" if isinstance(node, Action) else "notification"
        inner, known = written[node.name], node
        assert inner.keyword == keyword
        if isinstance(node, Action):
            inner = next(one for one in inner.i_children if one.keyword == "input")
            known = node.input
        assert [_told(one) for one in inner.i_children] == [_known(one) for one in known.children]


def _told(leaf) -> tuple:
    type_ = leaf.search_one("type")
    enums = [one.arg for one in type_.search("enum")]
    mandatory = leaf.search_one("mandatory") is not None
    length = type_.search_one("length")
    return leaf.arg, type_.arg, enums, length.arg if length else "", mandatory


def _known(leaf) -> tuple:
    enums = [name for name, _ in getattr(leaf.type, "values", ())]
    name = "enumeration" if enums else "string"
    lengths = getattr(leaf.type, "lengths", ())
    length = "..".join(map(str, lengths[0])) if lengths else ""
    return leaf.name, name, enums, length, getattr(leaf, "mandatory", False)


def test_a_services_module_is_one_list(rc):
    text = texts(rc)["simplebridge"]
    tops = re.findall(r"^  (\w+) (\S+) \{", text, re.MULTILINE)
    assert [one for one in tops if one[0] != "import"] == [("list", "simplebridge")]
    assert "type ietf-yang-types:mac-address;" in text
    assert "path '../../../ports/name';" in text
    assert cubes_of(Simplebridge.SERVICE).keys == ("name",)
