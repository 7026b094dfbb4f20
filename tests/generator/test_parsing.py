"""Models as editors save them, and problems at the column where their statements begin."""

from pathlib import Path

import pytest

from polycube_generator import schema
from polycube_generator.problems import GeneratorError

HEAD = 'module {name} {{\n  namespace "urn:{name}";\n  prefix p;\n{body}\n}}\n'


@pytest.fixture
def write(tmp_path):
    def write(body: str, name: str = "m", file: str = "") -> Path:
        path = tmp_path / (file or f"{name}.yang")
        path.write_text(HEAD.format(name=name, body=body), encoding="utf-8")
        return path

    return write


def told(folder: Path) -> list[tuple[str, int, int, str]]:
    with pytest.raises(GeneratorError) as failure:
        schema.load(folder)
    return [
        (Path(one.place.file).name, one.place.line, one.place.column, one.message)
        for one in failure.value.problems
    ]


def test_a_problem_is_at_its_own_statement_of_a_line(tmp_path, write):
    write("leaf a { type int8; } leaf b { type int7; } leaf c { type int6; }")
    assert told(tmp_path) == [
        ("m.yang", 4, 32, 'type "int7" not found in module "m"'),
        ("m.yang", 4, 54, 'type "int6" not found in module "m"'),
    ]


def test_a_statement_of_many_lines_is_where_it_begins(tmp_path, write):
    write('leaf a {\n  type int8;\n  default\n    // or not\n    "x"\n    + "y"\n    ;\n}')
    assert told(tmp_path) == [
        ("m.yang", 6, 3, 'the value "xy" does not match its base type - not an integer')
    ]


def test_a_syntax_error_is_where_the_parser_stopped(tmp_path, write):
    write("leaf a { type int8; } leaf b type int8; }")
    assert told(tmp_path) == [
        ("m.yang", 4, 30, 'unterminated statement definition for keyword "leaf", looking at t')
    ]


def test_every_file_is_told_of_also_beside_one_that_cannot_be_parsed(tmp_path, write):
    write("leaf a { type int7; }", name="a")
    (tmp_path / "b.yang").write_text("module b {")
    (tmp_path / "c.yang").write_text("b4 { module")
    (tmp_path / "d.yang").write_bytes(b"module d { // \xe9\n}")
    write("leaf e { type int7; }", name="e")
    assert [(file, line) for file, line, _, _ in told(tmp_path)] == [
        ("a.yang", 4),
        ("b.yang", 1),
        ("c.yang", 1),
        ("d.yang", 0),
        ("e.yang", 4),
    ]


@pytest.mark.parametrize("gap", ["\f", "\x0b", "\x1c", "\x85", "\u2028"])
def test_lines_are_those_of_editors(tmp_path, write, gap):
    write(f"// one line {gap} still the same\nleaf a {{ type int7; }}")
    assert told(tmp_path)[0][:3] == ("m.yang", 5, 10)


@pytest.mark.parametrize("end", ["\n", "\r\n"])
@pytest.mark.parametrize("mark", ["", "\ufeff"])
def test_what_editors_of_windows_write_is_read(tmp_path, write, mark, end):
    for name, body in (("m", "import n { prefix n; } leaf a { type n:t; }"),
                       ("n", "typedef t { type int8; }")):  # fmt: skip
        path = write(body, name=name)
        path.write_bytes(mark.encode() + path.read_bytes().replace(b"\n", end.encode()))
    assert [one.name for one in schema.load(tmp_path)] == ["m"]


def test_a_file_with_its_revision_in_its_name(tmp_path, write):
    write("revision 2020-01-01; leaf a { type int8; }", file="m@2020-01-01.yang")
    (found,) = schema.load(tmp_path)
    assert found.name == "m"


def test_of_two_revisions_the_newer_counts(tmp_path, write):
    for year, leaf in (("2021", "new"), ("2020", "old")):
        write(f"revision {year}-01-01; leaf {leaf} {{ type int8; }}", file=f"m@{year}-01-01.yang")
    (found,) = schema.load(tmp_path)
    assert [child.name for child in found.children] == ["new"]


def test_two_files_of_one_module_are_refused(tmp_path, write):
    for folder in ("a", "b"):
        (tmp_path / folder).mkdir()
        write("leaf x { type int8; }", file=f"{folder}/m.yang")
    ((file, _, _, message),) = told(tmp_path)
    assert file == "m.yang"
    assert "is another m.yang than" in message
    assert message.endswith("remove one of them")


def test_a_folder_of_any_name(tmp_path, write):
    folder = tmp_path / "a:b c"
    folder.mkdir()
    write("import n { prefix n; } leaf a { type n:t; }", file="a:b c/m.yang")
    write("typedef t { type int8; }", name="n", file="a:b c/n.yang")
    assert [one.name for one in schema.load(folder)] == ["m"]
