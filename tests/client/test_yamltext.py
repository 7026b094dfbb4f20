"""YAML documents mean what the same text means on the command line."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from polycube_client import yamltext
from polycube_client.errors import UsageError
from polycube_client.values import guess


@pytest.mark.parametrize(
    "text",
    ["10", "-5", "2.5", "true", "False", "0x10", "010", "1e5", "yes", "no", "on", "1_000",
     "12:30:45", "10:20:30:40:50:50", "2026-01-02", "veth1", "10.0.0.0/24", "=", "<<", ".inf"],
)  # fmt: skip
def test_plain_scalars_are_typed_like_parameters(text: str) -> None:
    document = yamltext.load(f"- {text}")
    assert document == [guess(text)]
    assert isinstance(document, list)
    assert type(document[0]) is type(guess(text))


def test_structures_null_and_quotes_are_yaml() -> None:
    text = "a: {b: [1, '2', \"3\"], c: ~}\nd:\n- e: null\n  f:\ng: |\n  two\n  lines\n"
    assert yamltext.load(text) == {
        "a": {"b": [1, "2", "3"], "c": None},
        "d": [{"e": None, "f": None}],
        "g": "two\nlines\n",
    }


@pytest.mark.parametrize(
    ("text", "words"),
    [
        ("a: [1,", "neither JSON nor YAML: line [12]"),
        ("a: 1\n b: 2", "line 2, column 3"),
        ("a: !!python/name:os.system", "neither JSON nor YAML"),
        ("a: !!timestamp 2026-01-02", "something that JSON cannot"),
        ("&a [*a]", "something that JSON cannot"),
        ("\x01", "something that JSON cannot|neither JSON nor YAML"),
        ("a: 1\n---\nb: 2", "neither JSON nor YAML"),
    ],
)
def test_what_is_no_document_is_refused_in_words(text: str, words: str) -> None:
    with pytest.raises(UsageError, match=words):
        yamltext.load(text)


TEXT = st.text(st.characters(exclude_categories=["Cs"]))
SCALARS = (
    st.none()
    | st.booleans()
    | st.integers(-(2**63), 2**64 - 1)
    | st.floats(allow_nan=False, allow_infinity=False)
    | TEXT
    # What looks like something else: numbers, dates, sets of YAML's other words.
    | st.from_regex(r"[-+]?[0-9._:eExXoO]{1,8}|[0-9-]{8,10}|[~!&*?|>%@`\"'#-]", fullmatch=True)
    | st.sampled_from(["yes", "No", "on", "null", "NULL", "True", "=", "<<", "---", "...", ".inf"])
)


@settings(deadline=None)
@given(st.recursive(SCALARS, lambda inner: st.lists(inner) | st.dictionaries(TEXT, inner)))
def test_what_was_shown_is_read_back_the_same(value: object) -> None:
    assert repr(yamltext.load(yamltext.dump(value))) == repr(value)
