"""The house: what is packaged, what is declared, what the documents promise."""

from __future__ import annotations

import ast
import configparser
import importlib
import importlib.metadata
import pkgutil
import re
import subprocess
import sys
import tomllib
import zipfile
from pathlib import Path

import pytest
from hatchling.builders.wheel import WheelBuilder

ROOT = Path(__file__).resolve().parents[1]
PROJECT = tomllib.loads((ROOT / "pyproject.toml").read_text())
ROOMS = {
    "polycube_generator": ROOT / "generator",
    "polycube_generated": ROOT / "generated",
    "polycube_services": ROOT / "services",
    "polycube_runtime": ROOT / "runtime",
    "polycube_client": ROOT / "client",
}
HAND_WRITTEN = sorted(
    source
    for package, root in ROOMS.items()
    if package != "polycube_generated"
    for source in (root / package).rglob("*.py")
)
DOCUMENTS = sorted([*ROOT.glob("*.md"), *(ROOT / "docs").rglob("*.md")])


def relative(path: Path) -> str:
    return path.relative_to(ROOT).as_posix()


def packaged() -> dict[str, Path]:
    """What the wheel must hold, by its name there: the five packages, the models, the templates."""
    roots = {package: root / package for package, root in ROOMS.items()}
    roots["polycube_generator/_data/templates"] = ROOT / "templates"
    roots["polycube_generator/_data/yang"] = ROOT / "yang"
    return {
        f"{name}/{path.relative_to(root).as_posix()}": path
        for name, root in roots.items()
        for path in root.rglob("*")
        if path.is_file()
        and not any(
            part == "__pycache__" or part.startswith(".") for part in path.relative_to(root).parts
        )
    }


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    folder = tmp_path_factory.mktemp("wheel")
    (built,) = WheelBuilder(str(ROOT)).build(directory=str(folder), versions=["standard"])
    return Path(built)


@pytest.mark.parametrize("package", ROOMS)
def test_every_module_imports_without_root_and_without_a_warning(package: str) -> None:
    root = importlib.import_module(package)
    names = [module.name for module in pkgutil.walk_packages(root.__path__, f"{package}.")]
    assert names
    for name in names:
        if not name.endswith(".__main__"):
            importlib.import_module(name)


@pytest.mark.parametrize("package", ROOMS)
def test_every_package_says_that_it_is_typed(package: str) -> None:
    assert (ROOMS[package] / package / "py.typed").is_file()


def test_the_installed_version_is_the_one_of_the_tree() -> None:
    assert importlib.metadata.version(PROJECT["project"]["name"]) == PROJECT["project"]["version"]


def test_every_command_and_every_entry_point_loads() -> None:
    installed = importlib.metadata.distribution(PROJECT["project"]["name"]).entry_points
    declared = dict(PROJECT["project"]["scripts"])
    for group in PROJECT["project"]["entry-points"].values():
        declared |= group
    assert {point.name: point.value for point in installed} == declared
    assert all(callable(point.load()) for point in installed)


def test_every_service_is_registered_under_the_name_in_its_model() -> None:
    registered = importlib.metadata.entry_points(group="polycube.services")
    ours = {point.name: point for point in registered if point.module.startswith("polycube_")}
    folders = {path.parent.name for path in (ROOT / "generated").glob("*/*/nodes.py")}
    assert set(ours) == folders
    for name, point in ours.items():
        assert point.load().SERVICE.name == name


def test_the_wheel_holds_every_file_of_the_rooms_as_it_is_in_the_tree(wheel: Path) -> None:
    expected = packaged()
    with zipfile.ZipFile(wheel) as archive:
        names = {name for name in archive.namelist() if ".dist-info/" not in name}
        assert names == set(expected)
        for name, source in expected.items():
            assert archive.read(name) == source.read_bytes(), name


@pytest.mark.parametrize(
    "kind",
    [
        r"polycube_generator/_data/templates/.*\.j2",
        r"polycube_generator/_data/yang/.*\.yang",
        r"polycube_generated/\w+/maps\.h",
        r"polycube_generated/\w+/openapi\.json",
        r"polycube_services/\w+/datapath\.c",
        r"polycube_runtime/headers/pcn/.*\.h",
        r"polycube_runtime/headers/kernel/.*\.h",
        r"polycube_client/shell/.*",
    ],
)
def test_the_wheel_holds_what_is_not_python(wheel: Path, kind: str) -> None:
    with zipfile.ZipFile(wheel) as archive:
        assert [name for name in archive.namelist() if re.fullmatch(kind, name)]


def test_a_wheel_elsewhere_generates_the_same_from_its_own_models_and_templates(
    wheel: Path, tmp_path: Path
) -> None:
    with zipfile.ZipFile(wheel) as archive:
        archive.extractall(tmp_path)
    committed = str(ROOT / "generated" / "polycube_generated")
    program = (
        f"import sys; sys.path.insert(0, {str(tmp_path)!r})\n"
        "from polycube_generator import cli, resources\n"
        "print(resources.templates(), resources.models(), sep='\\n')\n"
        f"sys.exit(cli.main(['check', '--out', {committed!r}]))\n"
    )
    ended = subprocess.run(
        [sys.executable, "-I", "-c", program],
        cwd=tmp_path,
        capture_output=True,
        text=True,
        check=False,
        timeout=60,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    data = tmp_path / "polycube_generator" / "_data"
    assert ended.stdout.splitlines()[:2] == [str(data / "templates"), str(data / "yang")]


def third_party(source: Path) -> set[str]:
    """Top-level names of others' packages that a file imports, wherever in it."""
    names = set()
    for node in ast.walk(ast.parse(source.read_text())):
        if isinstance(node, ast.Import):
            names |= {alias.name.split(".")[0] for alias in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module and not node.level:
            names.add(node.module.split(".")[0])
    return names - sys.stdlib_module_names - set(ROOMS)


def resources_of(path: Path) -> set[str]:
    """Return the packages whose files a module reads."""
    own = (
        set()
        if path.suffix != ".py"
        else set(re.findall(r"resources\.files\(\"(\w+)\"\)", path.read_text()))
    )
    return {name for name in own if not name.startswith("polycube_")}


def test_every_import_is_declared_and_every_declaration_is_imported() -> None:
    imported = set().union(
        *(third_party(path) for name, path in packaged().items() if name.endswith(".py"))
    )
    imported |= set().union(*(resources_of(path) for path in packaged().values()))
    declared = {re.split(r"[<>=!~\[ ]", entry)[0] for entry in PROJECT["project"]["dependencies"]}
    # bcc comes from Debian: what PyPI calls bcc is something else.
    spelt = {
        "yaml": "pyyaml",
        "pydantic_core": "pydantic-core",
        "fastapi_offline": "fastapi-offline",
    }
    assert {spelt.get(name, name) for name in imported} == declared | {"bcc"}


def test_generated_code_is_kept_from_every_layer_of_the_runtime_but_support() -> None:
    contracts = PROJECT["tool"]["importlinter"]["contracts"]
    (drawn,) = [contract["layers"] for contract in contracts if "layers" in contract]
    layers = [name for row in drawn for name in row.split(" | ")]
    (generated,) = [
        contract["forbidden_modules"]
        for contract in contracts
        if contract.get("source_modules") == ["polycube_generated"]
    ]
    forbidden = {name for name in generated if name.startswith("polycube_runtime.")}
    assert forbidden == {f"polycube_runtime.{layer}" for layer in layers if layer != "support"}


@pytest.mark.parametrize("source", HAND_WRITTEN, ids=relative)
def test_a_file_has_at_most_500_lines_and_a_function_at_most_80(source: Path) -> None:
    text = source.read_text()
    assert text.count("\n") <= 500
    for node in ast.walk(ast.parse(text)):
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef):
            assert (node.end_lineno or 0) - node.lineno < 80, node.name


@pytest.mark.parametrize("document", DOCUMENTS, ids=relative)
def test_a_document_links_to_what_exists(document: Path) -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#\s]+)", document.read_text())
    assert [link for link in links if not (document.parent / link).exists()] == []


@pytest.mark.parametrize("document", DOCUMENTS, ids=relative)
def test_a_document_names_only_targets_and_environments_that_exist(document: Path) -> None:
    targets = set(re.findall(r"^([a-z-]+):", (ROOT / "Makefile").read_text(), re.MULTILINE))
    tox = configparser.ConfigParser()
    tox.read(ROOT / "tox.ini")
    environments = {name.removeprefix("testenv:") for name in tox.sections()}
    text = document.read_text()
    assert set(re.findall(r"(?:^|[`(])make ([a-z-]+)", text, re.MULTILINE)) <= targets
    assert set(re.findall(r"tox -e ([a-z-]+)", text)) <= environments
