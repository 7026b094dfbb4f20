"""XSD patterns, translated and matched as the runtime matches them."""

import time

import pytest

from polycube_generator.patterns import translate
from polycube_runtime.support.errors import InvalidValue
from polycube_runtime.support.types import String


def matches(pattern: str, text: str) -> bool:
    try:
        String(patterns=(translate(pattern),)).validate(text, "/x")
    except InvalidValue:
        return False
    return True


@pytest.mark.parametrize(
    ("pattern", "accepted", "refused"),
    [
        ("a|b", ["a", "b"], ["ab", "c"]),
        ("^a$", ["^a$"], ["a"]),
        ("a.b", ["axb", "a b"], ["a\nb", "a\rb"]),
        (r"\d{2}", ["42", "٤٢"], ["4", "4x"]),
        (r"[^\s/]+", ["eth0", "a\u00a0b"], ["a b", "a/b", "a\tb"]),
        (r"\S", ["x"], [" "]),
        (r"[\[\]]", ["[", "]"], ["x"]),
        (r"[\S/]", ["x"], [" ", "\n"]),
        ("[[a]", ["[", "a"], ["b"]),
        ("[$^.]", ["$", "^", "."], ["x"]),
        (r"a\.b", ["a.b"], ["axb"]),
        ("[a-z]+", ["abc"], ["abc\n", "\nabc", "ABC"]),
        ("[a-z-[aeiou]]+", ["xyz"], ["xay", "-"]),
        ("[^a-z-[0-9]]", ["A"], ["5", "b"]),
        (r"[\w-[\d]]+", ["ab"], ["a1", "a-b", "_"]),
        (r"\w", ["a", "é", "+"], ["_", "-", " "]),
        (r"\W", ["_", " "], ["a"]),
        (r"\i\c*", ["_a-1.b", ":x", "é"], ["1a", "-a", "a b"]),
        (r"\I\C", ["1 "], ["a ", "1a"]),
        (r"\p{Lu}\P{Lu}", ["Éa"], ["aÉ"]),
        (r"\p{IsGreek}+", ["αβγ"], ["abc"]),
        (r"\P{IsBasicLatin}", ["é"], ["e"]),
        (r"[&&~~\-]+", ["&~-"], ["a"]),
        ("(a|)b", ["ab", "b"], ["a"]),
        ("a{2,}", ["aa", "aaa"], ["a"]),
        ("", [""], ["a"]),
        (r"[0-9a-fA-F]{0,4}:\\", ["12:\\"], ["12:"]),
    ],
)
def test_the_translation_accepts_the_same(pattern, accepted, refused):
    assert [text for text in accepted if not matches(pattern, text)] == []
    assert [text for text in refused if matches(pattern, text)] == []


@pytest.mark.parametrize(
    ("pattern", "problem"),
    [
        ("a(", "( is never closed (character 3)"),
        ("a)", "')' closes nothing"),
        ("[a", "[ is never closed"),
        ("*a", "* has nothing to repeat"),
        ("a**", "* has nothing to repeat"),
        ("[z-a]", "z-a goes backwards"),
        ("a{3,2}", "{3,2} counts backwards"),
        (r"\q", r"there is no escape \q"),
        (r"\p{Foo}", "Foo is no category of Unicode"),
        (r"\p{IsFoo}", "IsFoo is no block of Unicode"),
        ("(a{1,900}){1,900}", "cannot be compiled"),
        ("a{1,100000}", "more than the 1000"),
    ],
)
def test_nonsense_is_refused_with_the_pattern(pattern, problem):
    with pytest.raises(ValueError, match="pattern") as failure:
        translate(pattern)
    assert problem in str(failure.value)


def test_what_is_plain_stays_as_it_is():
    pattern = r"(([0-9a-fA-F]{2}:){5}[0-9a-fA-F]{2})|[a-z\-_.]+"
    assert translate(pattern) == pattern


@pytest.mark.parametrize(
    "pattern", ["(a+)+b", "(a|a)*b", r"([a-zA-Z0-9_]*\d+/){3}x", "(.*)*(.*)*c"]
)
def test_no_text_takes_long(pattern):
    start = time.perf_counter()
    assert not matches(pattern, "a1" * 50_000)
    assert time.perf_counter() - start < 2
