"""Services that come and go while the daemon runs."""

import asyncio
import re
import shutil
import sys
from pathlib import Path

import pytest

import polycube_generated
import polycube_services
from polycube_runtime.core.durable.journal import Journal
from polycube_runtime.core.durable.restore import restore
from tests.fakes import daemon

CONTROL = """\
from doorman._generated import DoormanBase
from doorman.greeting import GREETING


class Doorman(DoormanBase):
    greeting = GREETING
"""


@pytest.fixture(autouse=True)
def _modules():
    """Bring back what a test unloads: others have imported its classes, and run after it."""
    before = dict(sys.modules)
    yield
    for name in [one for one in sys.modules if "helloworld" in one and one not in before]:
        del sys.modules[name]
    sys.modules.update(before)


@pytest.fixture
def folder(tmp_path):
    """A third party's package: helloworld under another name."""
    package = tmp_path / "doorman"
    generated = Path(polycube_generated.__file__).with_name("helloworld")
    shutil.copytree(generated, package / "_generated", ignore=shutil.ignore_patterns("__pycache__"))
    for file in (package / "_generated").iterdir():
        text = re.sub("helloworld", "doorman", file.read_text())
        file.write_text(text.replace("Helloworld", "Doorman"))
    source = Path(polycube_services.__file__).parent / "helloworld" / "datapath.c"
    shutil.copy(source, package / "datapath.c")
    (package / "__init__.py").write_text(CONTROL)
    (package / "greeting.py").write_text("GREETING = 'hello'\n")
    yield package
    assert not [name for name in sys.modules if name.split(".")[0] == "doorman"]
    assert str(tmp_path) not in sys.path


def new(uri: object, name: object = "doorman", kind: object = "lib") -> dict[str, object]:
    return {"type": kind, "uri": str(uri), "name": name}


def test_the_life_of_a_service(api, folder):
    api.ok("POST", "/services", new(folder))
    assert "doorman" in {one["name"] for one in api.get("/services")}
    assert "doorman" in {link["rel"] for link in api.get("/")}
    assert api.get("/doorman") == [["_links", [api.get("/doorman")[0][1][0]]]]
    assert api.client.get("/openapi/doorman.json").json()["info"]["title"] == "doorman"
    assert api.client.get("/docs/doorman").status_code == 200
    error = api.error("POST", "/services", new(folder))
    assert (error.status, error.tag, error.path) == (409, "data-exists", "/services/doorman")
    api.ok("DELETE", "/services/doorman", status=204)
    assert api.error("DELETE", "/services/doorman").status == 404
    assert api.error("GET", "/doorman").status == 404
    assert api.error("GET", "/services/doorman").status == 404


def test_what_was_loaded_and_unloaded_is_so_after_a_restart(api, folder, tmp_path):
    journal = Journal(tmp_path / "state.db")
    api.polycube.commits.journal = journal
    api.ok("POST", "/services", new(folder))
    api.ok("DELETE", "/services/helloworld", status=204)
    stored = journal.load()
    assert stored.services == {"doorman": str(folder), "helloworld": ""}
    api.ok("DELETE", "/services/doorman", status=204)
    assert journal.load().services["doorman"] == ""
    polycube = daemon()
    asyncio.run(restore(polycube, stored))
    assert "helloworld" not in polycube.services
    assert polycube.service("doorman").greeting == "hello"
    asyncio.run(polycube.services.unload("doorman"))


def test_the_data_model_is_shown(api):
    model = {one["name"]: one for one in api.get("/services/simplebridge")["datamodel"]}
    assert list(model)[:4] == ["uuid", "type", "service-name", "loglevel"]
    assert model["type"]["init-only"] is True
    assert model["fdb"]["kind"] == "container"
    children = {one["name"]: one for one in model["fdb"]["children"]}
    assert children["aging-time"]["default"] == 300
    assert children["entry"]["keys"] == ["address"]
    assert children["flush"]["kind"] == "action"


def test_a_changed_package_is_read_again(api, folder):
    for greeting in ("one", "two", "six"):  # of one size and within a second, as bytecode sees it
        (folder / "greeting.py").write_text(f"GREETING = '{greeting}'\n")
        api.ok("POST", "/services", new(folder))
        assert api.polycube.services["doorman"].greeting == greeting
        api.ok("DELETE", "/services/doorman", status=204)


def test_an_installed_package(api, folder, monkeypatch):
    monkeypatch.syspath_prepend(folder.parent)
    api.ok("POST", "/services", new("doorman"))
    api.ok("DELETE", "/services/doorman", status=204)
    info = folder.parent / "doorman_py-1.dist-info"
    info.mkdir()
    (info / "METADATA").write_text("Metadata-Version: 2.1\nName: doorman-py\nVersion: 1\n")
    (info / "entry_points.txt").write_text("[polycube.services]\ndoorman = doorman:Doorman\n")
    for uri in ("doorman-py", "doorman"):
        api.ok("POST", "/services", new(uri))
        api.ok("DELETE", "/services/doorman", status=204)


def test_a_service_with_cubes_stays(api):
    api.ok("POST", "/simplebridge/br1")
    error = api.error("DELETE", "/services/simplebridge")
    assert (error.status, error.tag) == (409, "data-exists")
    assert error.message.endswith("must be deleted first: br1")
    assert api.get("/simplebridge/br1")["name"] == "br1"


def test_ours_can_be_unloaded_and_loaded_again(api):
    before = api.polycube.services["helloworld"]
    api.ok("DELETE", "/services/helloworld", status=204)
    assert "polycube_services.simplebridge" in sys.modules
    api.ok("POST", "/services", new("polycube_services.helloworld", "helloworld"))
    after = api.polycube.services["helloworld"]
    assert after is not before
    assert api.get("/helloworld")


@pytest.mark.parametrize(
    ("body", "status", "tag", "where", "words"),
    [
        ({}, 400, "missing-attribute", "type", "type, uri and name"),
        ({"type": "lib"}, 400, "missing-attribute", "uri", "type, uri and name"),
        ({"type": "lib", "uri": "x"}, 400, "missing-attribute", "name", "type, uri and name"),
        (new("x", 5), 400, "invalid-value", "name", "expected a text"),
        (new("x", ""), 400, "invalid-value", "name", "expected a text"),
        ([], 400, "missing-attribute", "type", "type, uri and name"),
        (new("x", kind="grpc"), 400, "operation-failed", "type", "has not been compiled"),
        (new("x", kind="dll"), 400, "invalid-value", "type", "expected lib"),
        (new("no.such.module"), 400, "invalid-value", "uri", "'no.such.module' is installed"),
        (new("./x"), 400, "invalid-value", "uri", "not an absolute path"),
        (new("/nowhere/x"), 400, "invalid-value", "uri", "has no __init__.py"),
        (new("json"), 400, "invalid-value", "name", "json has no service named doorman"),
        (new("x", "cubes"), 400, "invalid-value", "name", "a word of the interface"),
        (new("."), 400, "operation-failed", "uri", ""),
    ],
)
def test_what_cannot_be_loaded(api, body, status, tag, where, words):
    before = dict(api.polycube.services)
    error = api.error("POST", "/services", body)
    assert (error.status, error.tag, error.path) == (status, tag, f"/services/{where}")
    assert words in error.message
    assert dict(api.polycube.services) == before


@pytest.mark.parametrize(
    ("file", "text", "words"),
    [
        ("__init__.py", "x = 1\nclass D(:\n", "__init__.py, line 2: SyntaxError"),
        ("__init__.py", "\n\nimport nothing_of_this\n", "line 3: ModuleNotFoundError"),
        ("__init__.py", f"{CONTROL}\n1/0\n", "line 8: ZeroDivisionError: division by zero"),
        ("greeting.py", "raise SystemExit(3)\n", "greeting.py, line 1: SystemExit: 3"),
        ("greeting.py", "GREETING = open('/no/such/file')\n", "greeting.py, line 1: FileNot"),
        ("_generated/routes.py", "\nnonsense\n", "routes.py, line 2: NameError"),
        ("__init__.py", "", "doorman has no service named doorman; it has: none"),
        (
            "__init__.py",
            CONTROL.replace("greeting = GREETING", "from abc import abstractmethod\n"
            "    @abstractmethod\n    async def set_it(self): ..."),
            "__init__.py, line 5: Doorman does not define set_it",
        ),
    ],
)  # fmt: skip
def test_a_broken_package_says_where(api, folder, file, text, words):
    (folder / file).write_text(text)
    error = api.error("POST", "/services", new(folder))
    assert error.status == 400
    assert words in error.message
    assert "doorman" not in api.polycube.services
    assert not [name for name in sys.modules if name.split(".")[0] == "doorman"]


def test_a_package_without_its_c(api, folder):
    (folder / "datapath.c").unlink()
    assert "datapath.c is missing" in api.error("POST", "/services", new(folder)).message


def test_a_service_may_not_hide_a_cube(api, folder):
    api.ok("POST", "/simplebridge/doorman")
    error = api.error("POST", "/services", new(folder))
    assert (error.status, error.path) == (409, "/services/name")


def test_services_have_no_dry_run(api, folder):
    assert api.error("POST", "/services?dry-run", new(folder)).status == 405
    assert api.error("DELETE", "/services/simplebridge?dry-run").status == 405
    assert "doorman" not in api.polycube.services
