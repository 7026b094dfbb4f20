"""What the documents show holds: models compile, JSON fits them, commands parse."""

from __future__ import annotations

import importlib
import json
import os
import re
import shlex
import subprocess
import sys
import tomllib
from pathlib import Path
from typing import NamedTuple

import pytest

from polycube_client import errors as client_errors
from polycube_client import grammar
from polycube_generator import cli as generator
from polycube_generator import emit, publish, schema
from polycube_generator.problems import GeneratorError
from polycube_runtime import daemon
from polycube_runtime.daemon.configfile import shown
from polycube_runtime.support import errors
from polycube_runtime.support.validate import Mode, validate

ROOT = Path(__file__).resolve().parents[2]
DOCS = ROOT / "docs"
HEADERS = ROOT / "runtime" / "polycube_runtime" / "headers" / "pcn"
BINDINGS = [DOCS / "bindings.md", *sorted((DOCS / "bindings").glob("*.md"))]
DOCUMENTS = sorted([*ROOT.glob("*.md"), *DOCS.glob("*.md"), *BINDINGS[1:]])
FRAME = """\
module demo {{
  yang-version 1.1;
  namespace "http://polycube.network/demo";
  prefix "demo";
  import polycube-base {{ prefix "polycube-base"; }}
  import polycube-standard-base {{ prefix "polycube-standard-base"; }}
  import polycube-ebpf {{ prefix "ebpf"; }}
  import ietf-inet-types {{ prefix "inet"; }}
  import ietf-yang-types {{ prefix "yang"; }}
  polycube-base:service-name "demo";
  polycube-base:service-description "A service for a document";
  uses polycube-standard-base:standard-base-yang-module;
{body}
}}
"""


class Block(NamedTuple):
    """A fenced block: language, text, what the comment before it says, the line it is at."""

    language: str
    text: str
    note: str
    line: int


def blocks(document: Path, *languages: str) -> list[Block]:
    text = document.read_text()
    found = re.finditer(
        r"(?:<!-- (?P<note>.*?) -->\n)?^```(?P<language>\w*)\n(?P<text>.*?)^```$",
        text,
        re.MULTILINE | re.DOTALL,
    )
    return [
        Block(
            match["language"],
            match["text"],
            match["note"] or "",
            text.count("\n", 0, match.start("language")) + 1,
        )
        for match in found
        if not languages or match["language"] in languages
    ]


def cases(*languages: str) -> list[object]:
    """Every block of these languages, named by document and line."""
    return [
        pytest.param(block, id=f"{document.name}:{block.line}")
        for document in DOCUMENTS
        for block in blocks(document, *languages)
    ]


def squeezed(text: str) -> str:
    return " ".join(text.split())


def model(folder: Path, body: str) -> Path:
    (folder / "demo.yang").write_text(FRAME.format(body=body))
    return folder


@pytest.mark.parametrize("block", cases("json"))
def test_json_is_json(block: Block) -> None:
    json.loads(block.text)


@pytest.mark.parametrize("block", cases("toml"))
def test_toml_is_toml(block: Block) -> None:
    tomllib.loads(block.text)


@pytest.mark.parametrize("block", cases("python"))
def test_python_is_python(block: Block) -> None:
    if block.note.startswith("file: "):
        compile(block.text, block.note, "exec")


def shown_bindings(page: Path) -> list[object]:
    """Each model of a page, the C and the JSON beside it, and a name for the package of it."""
    found = blocks(page, "yang", "c", "json")
    return [
        pytest.param(
            *found[at : at + 3], f"docs_{page.stem}_{block.line}", id=f"{page.name}:{block.line}"
        )
        for at, block in enumerate(found)
        if block.language == "yang" and "// refused: " not in block.text
    ]


SHOWN = [shown for page in BINDINGS for shown in shown_bindings(page)]
REFUSED = [
    pytest.param(block, id=f"{page.name}:{block.line}")
    for page in BINDINGS
    for block in blocks(page, "yang")
    if "// refused: " in block.text
]


@pytest.mark.parametrize(("yang", "c", "shown", "package"), SHOWN)
def test_a_binding_gives_the_c_and_takes_the_json_beside_it(
    yang: Block,
    c: Block,
    shown: Block,
    package: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    assert (c.language, shown.language) == ("c", "json")
    files = emit.render(schema.load(model(tmp_path, yang.text)))
    publish.write(tmp_path / package, files)
    header = squeezed((tmp_path / package / "demo" / "maps.h").read_text())
    for line in c.text.splitlines():
        assert squeezed(line) in header
    monkeypatch.syspath_prepend(tmp_path)
    service = importlib.import_module(f"{package}.demo").SERVICE
    document = json.loads(shown.text)
    checked = validate(service, {"name": "cube", **document}, Mode.CREATE, "/demo/cube")
    assert within(checked, document) == document


def within(checked: object, shown: object) -> object:
    """What the document shows and is read-only is not in the checked one: put it back."""
    if isinstance(shown, dict):
        assert isinstance(checked, dict)
        return {name: within(checked.get(name, value), value) for name, value in shown.items()}
    if isinstance(shown, list):
        assert isinstance(checked, list)
        return [within(one, other) for one, other in zip(checked, shown, strict=True)]
    return checked


@pytest.mark.parametrize("block", REFUSED)
def test_a_refused_binding_is_refused_at_the_marked_line_in_these_words(
    block: Block, tmp_path: Path
) -> None:
    with pytest.raises(GeneratorError) as failure:
        schema.load(model(tmp_path, block.text))
    (problem,) = failure.value.problems
    line = (tmp_path / "demo.yang").read_text().splitlines()[problem.place.line - 1]
    assert "// refused: " in line, problem
    assert line.partition("// refused: ")[2] in problem.message


def test_every_statement_of_polycube_ebpf_has_a_section() -> None:
    statements = re.findall(
        r"^  extension (\S+)", (ROOT / "yang/polycube-ebpf.yang").read_text(), re.MULTILINE
    )
    text = "".join(page.read_text() for page in BINDINGS)
    sections = re.findall(r"^## ebpf:(\S+)", text, re.MULTILINE)
    assert sorted(sections) == sorted(statements)
    overview = BINDINGS[0].read_text().partition("## Which statement for what")[2]
    assert [
        name for name in statements if f"`ebpf:{name}" not in overview.partition("\n## ")[0]
    ] == []


def anchors(document: Path) -> set[str]:
    """What a link may name behind `#`, as web pages make it of headings."""
    headings = re.findall(r"^#+ (.*)$", document.read_text(), re.MULTILINE)
    return {re.sub(r"[^\w\- ]", "", heading.lower()).replace(" ", "-") for heading in headings}


@pytest.mark.parametrize("document", DOCUMENTS, ids=lambda path: path.relative_to(ROOT).as_posix())
def test_a_link_to_a_section_leads_to_one(document: Path) -> None:
    links = re.findall(r"\]\((?!https?:)([^)#\s]*)#([^)\s]+)\)", document.read_text())
    lost = [
        f"{page}#{section}"
        for page, section in links
        if section not in anchors(document.parent / page if page else document)
    ]
    assert lost == []


def test_every_page_of_bindings_is_in_the_overview_and_in_the_index() -> None:
    for index in (BINDINGS[0], DOCS / "README.md"):
        text = index.read_text()
        assert [page.name for page in BINDINGS[1:] if f"](bindings/{page.name}" not in text] == []


C_SAMPLES = [
    pytest.param(block, id=f"{document.name}:{block.line}")
    for document in (ROOT / "README.md", BINDINGS[0], DOCS / "data-plane.md", DOCS / "tutorial.md")
    for block in blocks(document, "c")
]


@pytest.mark.parametrize("block", C_SAMPLES)
def test_c_uses_only_what_the_headers_offer(block: Block) -> None:
    offered = "".join(header.read_text() for header in HEADERS.glob("*.h"))
    for name in re.findall(r"\b(?:pcn_\w+|RX_\w+|LOG_\w+)", block.text):
        assert re.search(rf"\b{name}\b", offered), name
    for member in re.findall(r"\bmd->(\w+)", block.text):
        assert re.search(rf"\b{member}\b", offered), member


def test_every_call_of_the_c_interface_is_described() -> None:
    calls = set(re.findall(r"\b(pcn_pkt_\w+)\(struct CTXTYPE", (HEADERS / "api.h").read_text()))
    text = (DOCS / "data-plane.md").read_text()
    assert calls
    assert [call for call in calls if f"`{call}(" not in text] == []


@pytest.fixture
def tutorial(tmp_path: Path) -> Path:
    """The tutorial's folder as it is at its end."""
    shown = blocks(DOCS / "tutorial.md")
    for block in shown:
        kind, _, name = block.note.partition(": ")
        if kind == "file":
            path = tmp_path / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(block.text)
    publish.write(
        tmp_path / "doorman" / "_generated", emit.render(schema.load(tmp_path / "yang", []))
    )
    return tmp_path


def test_the_tutorials_model_gives_what_it_shows(tutorial: Path) -> None:
    quoted = [block for block in blocks(DOCS / "tutorial.md") if block.note.startswith("in: ")]
    assert quoted
    for block in quoted:
        text = squeezed((tutorial / block.note.removeprefix("in: ")).read_text())
        for line in block.text.splitlines():
            assert squeezed(line) in text


@pytest.mark.skipif(os.geteuid() != 0, reason="needs root: loads eBPF programs")
def test_the_tutorials_own_tests_pass(tutorial: Path) -> None:
    ended = subprocess.run(
        [sys.executable, "-m", "pytest", "-q", "-p", "no:randomly", "tests"],
        cwd=tutorial,
        env={**os.environ, "PYTHONPATH": str(tutorial)},
        capture_output=True,
        text=True,
        timeout=100,
        check=False,
    )
    assert ended.returncode == 0, ended.stdout + ended.stderr
    assert "4 passed" in ended.stdout


COMMANDS = [
    pytest.param(line.removeprefix("$ "), id=f"{document.name}: {line}")
    for document in DOCUMENTS
    for block in blocks(document, "console")
    for line in block.text.splitlines()
    if line.startswith("$ ")
]


@pytest.mark.parametrize("line", COMMANDS)
def test_a_command_of_ours_is_one_that_its_program_understands(line: str) -> None:
    for part in re.split(r" \|\|? | && ", line):
        words = shlex.split(part.partition(" <")[0].partition(" >")[0], comments=True)
        while words and (words[0] == "sudo" or "=" in words[0]):
            words.pop(0)
        match Path(words[0]).name:
            case "polycubed":
                daemon.options(words[1:])
            case "polycubectl":
                grammar.parse(words[1:])
            case "polycube-gen":
                generator._parser().parse_args(words[1:])


def help_of(program: str, capsys: pytest.CaptureFixture[str]) -> str:
    assert program == "polycubed"
    with pytest.raises(SystemExit):
        daemon.options(["--help"])
    return capsys.readouterr().out


def rows(document: str, heading: str) -> list[list[str]]:
    """The rows of the first table whose header starts with `heading`."""
    text = (DOCS / document).read_text()
    table = text[text.index(f"| {heading} |") :].partition("\n\n")[0]
    return [
        [cell.strip() for cell in line.strip("|").split("|")] for line in table.splitlines()[2:]
    ]


def test_the_documented_options_of_polycubed_are_those_it_has(
    capsys: pytest.CaptureFixture[str],
) -> None:
    table = rows("operations.md", "option")
    documented = {name for row in table for name in re.findall(r"`(-[^`]+)`", row[0])}
    text = help_of("polycubed", capsys)
    assert documented == set(
        re.findall(r"(?<![\w-])--?[a-z][a-z-]*", text.partition("options:")[2])
    )
    defaults = daemon.options([])
    for row in table:
        (long,) = re.findall(r"`--([^`]+)`", row[0])
        value = shown(getattr(defaults, long.replace("-", "_"), None))
        if value:
            assert row[1] == f"`{value}`"


def test_the_documented_log_levels_are_those_there_are() -> None:
    (row,) = [row for row in rows("operations.md", "option") if "--loglevel" in row[0]]
    assert re.findall(r"`(\w+)`", row[2]) == list(daemon.LEVELS)


def test_the_documented_flags_and_exit_codes_are_those_of_polycubectl() -> None:
    flags = [row[0].strip("`") for row in rows("cli.md", "flag")]
    assert [flag.partition("=")[0] for flag in flags] == [
        flag.partition("=")[0] for flag in grammar.FLAGS
    ]
    codes = {int(row[0]) for row in rows("cli.md", "exit code")}
    assert codes == {
        0,
        client_errors.ClientError.exit_code,
        client_errors.UnreachableError.exit_code,
        client_errors.UsageError.exit_code,
        130,
    }


def test_the_documented_messages_are_in_the_sources() -> None:
    sources = "".join(
        path.read_text() for room in ("runtime", "client") for path in (ROOT / room).rglob("*.py")
    )
    for row in rows("operations.md", "message"):
        for message in re.findall(r"`([^`]+)`", row[0]):
            parts = [part.strip(" :;()'") for part in re.split(r"…|PATCH|'\w+'|; |: ", message)]
            known = [part for part in parts if len(part) > 6 and part in sources]
            assert known, message


def test_the_documented_errors_are_those_of_the_tree() -> None:
    documented = {(int(row[0]), row[1].strip("`")) for row in rows("operations.md", "status")}
    tree = errors.PolycubeError.__subclasses__()
    assert documented == {
        (one.status, one.tag) for one in (errors.PolycubeError, *tree) if one is not errors.Errors
    }


def test_only_operations_lists_what_does_not_exist_yet() -> None:
    for document in DOCUMENTS:
        text = document.read_text().lower()
        assert text.count("## not yet") == (document.name == "operations.md"), document.name
