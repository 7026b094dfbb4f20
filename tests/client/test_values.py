"""Types and nesting of ``key=value``."""

from typing import TYPE_CHECKING

import pytest

from polycube_client.errors import UsageError
from polycube_client.values import as_type, guess, guess_any, merge, nest

if TYPE_CHECKING:
    from polycube_client.jsontypes import JsonObject


@pytest.mark.parametrize(
    ("text", "value"),
    [
        ("10", 10),
        ("0", 0),
        ("-5", -5),
        ("18446744073709551615", 2**64 - 1),
        ("2.5", 2.5),
        ("-0.125", -0.125),
        ("true", True),
        ("True", True),
        ("FALSE", False),
    ],
)
def test_plain_decimals_and_booleans_are_converted(text: str, value: object) -> None:
    assert guess(text) == value
    assert type(guess(text)) is type(value)


@pytest.mark.parametrize(
    "text",
    ["", "t", "f", "yes", "tRUE", "1e5", "12e4", "0x10", "007", "+5", "1_000", "1.", ".5", "inf",
     "nan", "null", "10.0.0.1", "10:20:30:40:50:50", "da:55:44:5a:b1:b1", "10 ", "\u0661\u0660",
     "123456789012345678901", "0.12345678901234567", "veth1", "[1]"],
)  # fmt: skip
def test_everything_else_stays_text(text: str) -> None:
    assert guess(text) == text
    assert isinstance(guess(text), str)


@pytest.mark.parametrize(("text", "value"), [('"10"', "10"), ('"true"', "true"), ('"1.5"', "1.5")])
def test_quotes_keep_a_number_text(text: str, value: str) -> None:
    assert guess(text) == value


@pytest.mark.parametrize("text", ['"', '""', '"veth1"', '"10'])
def test_quotes_around_text_belong_to_it(text: str) -> None:
    assert guess(text) == text


@pytest.mark.parametrize(
    ("text", "simpletype", "value"),
    [
        ("10", "string", "10"),
        ("true", "string", "true"),
        ('"10"', "string", "10"),
        ("1.10", "string", "1.10"),
        ("007", "unsigned", 7),
        ("+5", "integer", 5),
        ("x", "integer", "x"),
        ("1e5", "decimal", 1e5),
        ("2", "decimal", 2.0),
        ("nan", "decimal", "nan"),
        ("t", "boolean", True),
        ("0", "boolean", False),
        ("yes", "boolean", "yes"),
        ("", "empty", [None]),
        ("10", "complex", 10),
    ],
)
def test_a_known_type_decides(text: str, simpletype: str, value: object) -> None:
    converted = as_type(text, simpletype)
    assert converted == value
    assert type(converted) is type(value)


def test_dots_nest() -> None:
    pairs = [("fdb.aging-time", "5"), ("fdb.size", "9"), ("name", "br1"), ("a.b.c", "true")]
    assert nest(pairs, guess_any) == {
        "fdb": {"aging-time": 5, "size": 9},
        "name": "br1",
        "a": {"b": {"c": True}},
    }


def test_the_conversion_is_told_the_path() -> None:
    body = nest([("fdb.aging-time", "5")], lambda path, text: f"{'/'.join(path)}={text}")
    assert body == {"fdb": {"aging-time": "fdb/aging-time=5"}}


@pytest.mark.parametrize(
    "keys", [("a", "a"), ("a", "a.b"), ("a.b", "a"), ("a.b", "a.b"), ("a..b",), (".a",), ("a.",)]
)
def test_keys_that_contradict_each_other_are_refused(keys: tuple[str, ...]) -> None:
    with pytest.raises(UsageError):
        nest([(key, "1") for key in keys], guess_any)


def test_merging_lays_members_on_members() -> None:
    base: JsonObject = {"a": 1, "b": {"c": 2, "d": 3}, "e": [1]}
    over: JsonObject = {"a": 9, "b": {"d": 4}, "e": {"f": 1}}
    assert merge(base, over) == {"a": 9, "b": {"c": 2, "d": 4}, "e": {"f": 1}}
    assert base == {"a": 1, "b": {"c": 2, "d": 3}, "e": [1]}
