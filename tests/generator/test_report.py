"""How problems are shown: for editors the first line, for people the caret."""

import pytest

from polycube_generator import report
from polycube_generator.problems import GeneratorError, Place, Problem


def shown(tmp_path, source: str | bytes, line: int, message: str, column: int = 0) -> list[str]:
    path = tmp_path / "m.yang"
    path.write_bytes(source if isinstance(source, bytes) else source.encode())
    text = report.text(GeneratorError([Problem(Place(str(path), line, column), message)]))
    return text.replace(f"{tmp_path}/", "").split("\n")


@pytest.mark.parametrize(
    ("source", "message", "column", "caret"),
    [
        ("  leaf x;", "something", 8, "       ^"),
        ("  leaf abc;", "must 'abc' be", 8, "       ^^^"),
        ("  leaf;", "there is no name", 3, "  ^^^^"),
        ("  leaf abc;", 'no "leaf" here', 3, "  ^^^^"),
        ("  leaf leaf;", 'no "leaf" here', 8, "       ^^^^"),
        ('  must "count(a) < 2";', "must 'count(a) < 2': count", 9, "        ^^^^^^^^^^^^"),
        ('  path "/x/abcd/abc";', "there is no abc", 17, "                ^^^"),
        ("  leaf /* why */ abc;", "something", 18, "                 ^^^"),
        ("  }", "a brace", 3, "  ^"),
    ],
)
def test_the_caret_is_under_the_argument_or_what_of_it_is_named(
    tmp_path, source, message, column, caret
):
    first, _, last = shown(tmp_path, source, 1, message, 3)
    assert first == f"m.yang:1:{column}: error: {message}"
    assert last == f"    | {caret}"


def test_a_tab_is_one_column_to_editors_and_four_to_the_eye(tmp_path):
    first, _, last = shown(tmp_path, "\tleaf abc;", 1, "no 'abc'", 2)
    assert first == "m.yang:1:7: error: no 'abc'"
    assert last == "    |          ^^^"


def test_an_argument_on_another_line_is_shown_there(tmp_path):
    source = 'must\n  // why\n  "a\n   = b";'
    assert shown(tmp_path, source, 1, "bad", 1) == [
        "m.yang:3:3: error: bad",
        '  3 |   "a',
        "    |   ^^",
    ]


def test_without_a_column_it_is_the_line(tmp_path):
    assert shown(tmp_path, "  leaf x;", 1, "bad")[2] == "    |   ^^^^^^^"
    assert shown(tmp_path, "", 1, "bad")[2] == "    | ^"


def test_columns_are_those_of_editors_after_a_byte_order_mark(tmp_path):
    assert shown(tmp_path, b"\xef\xbb\xbfleaf abc;", 1, "bad", 1)[0] == "m.yang:1:6: error: bad"


def test_a_line_keeps_its_number_beside_it(tmp_path):
    assert shown(tmp_path, "\n" * 11 + "leaf abc;", 12, "'abc' is wrong", 1) == [
        "m.yang:12:6: error: 'abc' is wrong",
        "  12 | leaf abc;",
        "     |      ^^^",
    ]


@pytest.mark.parametrize("line", [0, 99])
def test_without_such_a_line_there_is_no_source(tmp_path, line):
    place = f"m.yang:{line}" if line else "m.yang"
    assert shown(tmp_path, "x", line, "bad") == [f"{place}: error: bad"]


def test_a_file_that_is_gone_or_no_text_is_no_trouble(tmp_path):
    gone = Problem(Place(str(tmp_path / "gone"), 3), "bad")
    assert report.text(GeneratorError([gone])) == f"{tmp_path}/gone:3: error: bad"
    assert shown(tmp_path, b"\xff leaf abc", 1, "'abc'")[1].endswith("leaf abc")


def test_a_terminal_obeys_nothing_of_a_model(tmp_path):
    assert "\x1b" not in "\n".join(shown(tmp_path, "leaf \x1b[31mabc;", 1, "'abc'"))


def test_all_are_shown_and_counted():
    problems = [Problem(Place("a", 1), "one"), Problem(Place("b"), "two")]
    assert report.text(GeneratorError(problems)).split("\n") == [
        "a:1: error: one",
        "b: error: two",
        "2 errors",
    ]
