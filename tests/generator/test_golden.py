"""The golden services: their output is compared whole, formatted, type-checked and imported."""

import json
import re
import subprocess
import sys
from pathlib import Path

import pytest

from polycube_generator import emit, publish, resources, schema

ROOT = Path(__file__).resolve().parents[2]
GOLDEN = ROOT / "tests" / "golden"
PACKAGES = GOLDEN / "packages"
SERVICES = ["maps", "nodes"]


def test_the_output_is_the_golden_one():
    files = emit.render(schema.load(GOLDEN / "yang"))
    difference = "".join(publish.compare(PACKAGES, files).values())
    command = "polycube-gen build --yang tests/golden/yang --out tests/golden/packages"
    assert not difference, f"{difference}\nif this is right: {command}"


def test_it_is_formatted_as_ruff_would():
    folders = [PACKAGES, ROOT / "generated"]
    command = [sys.executable, "-m", "ruff", "format", "--check", "--no-cache", *map(str, folders)]
    done = subprocess.run(command, cwd=ROOT, check=False, capture_output=True, text=True)
    assert done.returncode == 0, done.stdout + done.stderr


def test_it_passes_mypy_strictly(tmp_path):
    command = [sys.executable, "-m", "mypy", "--strict", "--no-error-summary", "-p", "packages"]
    environment = {"MYPYPATH": f"{GOLDEN}:{ROOT / 'runtime'}", "PATH": "/usr/bin:/bin"}
    done = subprocess.run(
        [*command, "--config-file=", f"--cache-dir={ROOT / '.mypy_cache' / 'golden'}"],
        cwd=tmp_path,
        env=environment,
        check=False,
        capture_output=True,
        text=True,
    )
    assert (done.returncode, done.stdout) == (0, "")


@pytest.fixture(params=SERVICES)
def package(request, monkeypatch):
    monkeypatch.syspath_prepend(GOLDEN)
    monkeypatch.setattr(sys, "dont_write_bytecode", True)
    return __import__(f"packages.{request.param}.routes", fromlist=["RESOURCES", "SERVICE"])


def test_the_document_has_every_operation_of_the_routes(package):
    document = json.loads(Path(package.__file__).with_name("openapi.json").read_text("utf-8"))
    expected = {
        f"{package.SERVICE.name}_{verb.lower()}_{resource.operation}".removesuffix("_")
        for resource in package.RESOURCES
        for verb in resource.verbs
    }
    items = document["paths"].values()
    operations = [item[verb] for item in items for verb in item if verb != "parameters"]
    identifiers = [operation["operationId"] for operation in operations]
    assert set(identifiers) == expected
    assert len(identifiers) == len(set(identifiers))


def test_the_document_refers_to_what_it_has(package):
    text = Path(package.__file__).with_name("openapi.json").read_text("utf-8")
    document = json.loads(text)
    for reference in re.findall(r'"\$ref": "#/([^"]+)"', text):
        found = document
        for step in reference.split("/"):
            found = found[step]
        assert found


def test_the_parameters_of_a_path_are_those_it_names(package):
    document = json.loads(Path(package.__file__).with_name("openapi.json").read_text("utf-8"))
    for path, item in document["paths"].items():
        named = [entry["$ref"].rpartition("/")[2] for entry in item.get("parameters", [])]
        assert named == re.findall(r"{(\w+)}", path)


def test_every_node_has_a_resource_unless_it_is_a_key(package):
    served = {resource.node for resource in package.RESOURCES}
    missing = {path for path, node in package.SERVICE.walk() if node not in served}
    keys = {path for path in missing if getattr(package.SERVICE[path], "key", False)}
    # What is in a list without keys has no URL.
    assert missing - keys <= {"neighbour/address"}


def test_no_template_is_longer_than_a_page():
    lengths = {
        str(path): len(path.read_text("utf-8").splitlines())
        for path in resources.templates().rglob("*.j2")
        if not path.name.endswith(".yang.j2")
        # What is text but for its first line, the header, is read as the program that it is.
        and re.search(r"\{[{%]", path.read_text("utf-8").partition("\n")[2])
    }
    assert {path for path, lines in lengths.items() if lines > 60} == set()
