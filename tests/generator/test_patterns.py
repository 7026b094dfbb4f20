"""XSD patterns as Python has them."""

import re

import pytest

from polycube_generator.patterns import to_python


@pytest.mark.parametrize(
    ("pattern", "accepted", "refused"),
    [
        ("a|b", ["a", "b"], ["ab", "c"]),
        ("^a$", ["^a$"], ["a"]),
        ("a.b", ["axb", "a b"], ["a\nb", "a\rb"]),
        (r"\d{2}", ["42"], ["4", "4x"]),
        (r"[^\s/]+", ["eth0"], ["a b", "a/b", "a\tb"]),
        (r"\S", ["x"], [" "]),
        (r"[\[\]]", ["[", "]"], ["x"]),
        ("[[a]", ["[", "a"], ["b"]),
        ("[$^.]", ["$", "^", "."], ["x"]),
        (r"a\.b", ["a.b"], ["axb"]),
    ],
)
def test_the_translation_accepts_the_same(pattern, accepted, refused):
    python = re.compile(to_python(pattern))
    assert all(python.fullmatch(text) for text in accepted)
    assert not any(python.fullmatch(text) for text in refused)


def test_a_trailing_newline_is_not_accepted():
    assert not re.fullmatch(to_python("[a-z]+"), "abc\n")


def test_nonsense_is_refused_with_the_pattern():
    with pytest.raises(ValueError, match=r"pattern 'a\(' has no Python equivalent"):
        to_python("a(")
