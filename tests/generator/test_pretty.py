"""Generated Python is as ruff leaves it: its formatter, its order of imports and exports."""

import ast
import itertools
import subprocess
import sys
from pathlib import Path

import pytest

from polycube_generator import emit, pretty, python, schema

CONFIG = Path(__file__).parents[2] / "pyproject.toml"
LONG = 'number(at(up[0], "a-port-range", "lower-port"))'
LONGER = 'number(at(up[0], "another-longer-port-range", "upper-port"))'


def ruff(*arguments: str, source: str) -> str:
    command = [sys.executable, "-m", "ruff", *arguments, "--config", str(CONFIG), "-"]
    return subprocess.run(
        command, input=source, check=True, capture_output=True, encoding="utf-8"
    ).stdout


@pytest.mark.parametrize(
    "code",
    [
        f"number(this) < {LONG} or number(this) > {LONGER}",
        f"{LONG} < {LONGER} or number(this) > {LONGER}",
        f"{LONG} > 1 and {LONGER} > 2",
        f"{LONG} > 1 and ({LONGER} > 2 or number(this) == 5)",
        f"({LONGER} > 2 or number(this) == 5) and {LONG} > 1",
        f"({LONGER} > 2 or {LONG} == {LONG} or number(this)) and ({LONG} > 1 or texts(this))",
        f"{LONG} > 1 or {LONGER} > 2 or not {LONG}",
        f"not {LONG} and not {LONGER}",
        f"{LONG} == {LONGER}",
        f"{LONGER} == 1 or {LONG} == {LONGER} or number(this) > 3",
        "first(this) or second(this) or third(this) or fourth(this) or fifth(this, '1234567890')",
    ],
)
def test_conditions_are_laid_out(code):
    for indent in range(12):  # around each place where a line is full
        wide = code.replace("up[0]", f"up[{10**indent}]").replace("'", '"')
        source = f"def f() -> bool:\n    {pretty.returned(wide, 1)}\n"
        assert ruff("format", source=source) == source


@pytest.mark.parametrize("word", ["and", "or", "=="])
def test_what_is_laid_out_means_the_same(word):
    choice = f"({LONG} if texts(this) else {LONGER})"
    either = f"({LONG} or {LONGER})"
    parts = [choice, either, f"not {either}", f"{choice} == {LONG}", f"1 == ({LONG} < {LONGER})"]
    for first, last in itertools.product(parts, parts):
        code = f"({first}) {word} ({last})"
        found = ast.parse(f"def f():\n    {pretty.returned(code, 1)}").body[0].body[0].value
        assert ast.dump(found) == ast.dump(ast.parse(code, mode="eval").body)


def test_imports_and_exports_are_sorted():
    found = {"True_", "TrueAsm", "Trueasm", "UINT8", "UINT16", "UINT_8", "a1", "a_1", "A", "_b"}
    source = f"{python.imports('m', found).rstrip()}\n\n{python.all_names(found)}\n"
    assert ruff("check", "--select", "I,RUF022", "--preview", "--quiet", source=source) == ""


def test_a_constant_follows_the_imports(tmp_path):
    (tmp_path / "m.yang").write_text(
        'module m { yang-version 1.1; namespace "urn:m"; prefix m; identity i;\n'
        "  identity j { base i; } identity k { base i; }\n"
        "  leaf x { type identityref { base i; } must \"derived-from(., 'm:i')\"; } }\n"
    )
    source = emit.render(schema.load(tmp_path))["m/rules.py"]
    assert "import Node, Tree\n\nNAMES_X = {" in source
    assert ruff("check", "--select", "I", "--quiet", source=source) == ""
