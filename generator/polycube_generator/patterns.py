r"""XSD regular expressions (YANG's) in the syntax of Rust's regex, which matches in linear time.

The two differ in anchors (XSD has none: ``^`` and ``$`` are plain characters), in ``.`` (which
XSD keeps from ``\r`` too), in what ``\s``, ``\w``, ``\i`` and ``\c`` are, in blocks
(``\p{IsGreek}``) and in the subtraction of classes. What both write alike stays as it is, so that
messages and OpenAPI show the pattern that is in the model.
"""

from __future__ import annotations

import re
from functools import cache
from typing import TYPE_CHECKING, NoReturn

from polycube_generator.charsets import BLOCKS, CATEGORIES, NAME_CHARS, NAME_START, Intervals

if TYPE_CHECKING:
    from collections.abc import Callable

_SPACE = r" \t\n\r"
_WORD = r"\p{P}\p{Z}\p{C}"
_NOTHING = r"[^\u{0}-\u{10FFFF}]"
_PLAIN = frozenset(r"nrt\|.-^?*+{}()[]")
_QUANTIFIER = re.compile(r"[?*+]|\{(\d+)(?:(,)(\d*))?\}")
_META = frozenset("^$#&~")
_CONTROL = {"n": "\n", "r": "\r", "t": "\t"}
_GREATEST = 1000
"""How often a piece may repeat by number: more would take megabytes to compile."""


@cache
def translate(pattern: str) -> str:
    """Return ``pattern`` for Rust, without anchors; ``ValueError`` says what is wrong with it."""
    parser = _Parser(pattern)
    result = parser.expression()
    if parser.at < len(pattern):
        parser.fail(f"{parser.peek()!r} closes nothing")
    _compile(pattern, result)
    return result


def matcher(text: str) -> Callable[[str], bool]:
    """Return a function that tells whether a translated pattern matches the whole of ``text``."""
    from pydantic_core import SchemaValidator, core_schema  # noqa: PLC0415  (20 ms)

    return lambda pattern: SchemaValidator(
        core_schema.str_schema(pattern=f"^(?:{pattern})$")
    ).isinstance_python(text)


def _compile(pattern: str, translated: str) -> None:
    from pydantic_core import SchemaError, SchemaValidator, core_schema  # noqa: PLC0415

    try:
        SchemaValidator(core_schema.str_schema(pattern=f"^(?:{translated})$"))
    except SchemaError as error:
        reason = " ".join(str(error).split())
        message = f"pattern {pattern!r} cannot be compiled: {reason}"
        raise ValueError(message) from None


class _Parser:
    """Recursive descent over the grammar of XML Schema part 2, appendix F."""

    def __init__(self, text: str) -> None:
        self.text = text
        self.at = 0

    def peek(self) -> str:
        return self.text[self.at : self.at + 1]

    def take(self, what: str) -> bool:
        found = self.text.startswith(what, self.at)
        if found:
            self.at += len(what)
        return found

    def fail(self, problem: str) -> NoReturn:
        message = f"pattern {self.text!r}: {problem} (character {self.at + 1})"
        raise ValueError(message)

    def expression(self) -> str:
        branches = [self.branch()]
        while self.take("|"):
            branches.append(self.branch())
        return "|".join(branches)

    def branch(self) -> str:
        pieces = []
        while self.peek() and self.peek() not in "|)":
            pieces.append(self.atom() + self.quantifier())
        return "".join(pieces)

    def quantifier(self) -> str:
        found = _QUANTIFIER.match(self.text, self.at)
        if found is None:
            return ""
        low, high = found[1], found[3]
        if low and high and int(low) > int(high):
            self.fail(f"{found[0]} counts backwards")
        if max(int(low or 0), int(high or 0)) > _GREATEST:
            self.fail(f"{found[0]} is more than the {_GREATEST} that a pattern may count to")
        self.at = found.end()
        return found[0]

    def atom(self) -> str:
        start = self.at
        char = self.peek()
        if self.take("("):
            inner = self.expression()
            if not self.take(")"):
                self.fail("( is never closed")
            return f"({inner})"
        if self.take("["):
            return self.klass()
        if char in {"?", "*", "+"} or _QUANTIFIER.match(self.text, start):
            self.fail(f"{char} has nothing to repeat")
        self.at += 1
        match char:
            case "\\":
                return self.escape(inside=False)
            case ".":
                return r"[^\n\r]"
            case "{" | "}" | "]":
                return f"\\{char}"
            case _:
                return f"\\{char}" if char in _META else char

    def escape(self, *, inside: bool) -> str:
        """Return what a backslash stands for, ``inside`` of a class or by itself."""
        char = self.peek()
        self.at += 1
        match char:
            case "s" if inside:
                return _SPACE
            case "s" | "S":
                return f"[{'^' if char == 'S' else ''}{_SPACE}]"
            case "w" | "W":
                return f"[{'^' if char == 'w' else ''}{_WORD}]"
            case "i" | "I" | "c" | "C":
                ranges = _ranges(NAME_START if char in "iI" else NAME_CHARS)
                return f"[{'^' if char.isupper() else ''}{ranges}]"
            case "d" | "D":
                return f"\\{char}"
            case "p" | "P":
                return self.property(negative=char == "P")
            case _:
                return self.plain(char)

    def plain(self, char: str) -> str:
        """Return an escaped character that stands for itself, or for a control character."""
        if not char or not char.isascii() or not char.isprintable() or char == " ":
            self.fail("a backslash escapes nothing")
        if char.isalnum() and char not in _CONTROL:
            self.fail(f"there is no escape \\{char}")
        return f"\\{char}" if char in _PLAIN or char in _META else char

    def property(self, *, negative: bool) -> str:
        found = re.compile(r"\{([A-Za-z0-9-]+)\}").match(self.text, self.at)
        if found is None:
            self.fail(r"\p is followed by {NAME}")
        name = found[1]
        self.at = found.end()
        if name.startswith("Is"):
            if (block := BLOCKS.get(name[2:])) is None:
                self.fail(f"{name} is no block of Unicode")
            return f"[{'^' if negative else ''}{_ranges(block)}]"
        if name not in CATEGORIES:
            self.fail(f"{name} is no category of Unicode")
        if name == "Cs":  # no text has surrogates
            return r"[\u{0}-\u{10FFFF}]" if negative else _NOTHING
        return rf"\{'P' if negative else 'p'}{{{name}}}"

    def klass(self) -> str:
        """Return a class, whose ``[`` is behind us."""
        negative = self.take("^")
        items: list[str] = []
        plain: Intervals | None = ()
        while True:
            if self.peek() == "":
                self.fail("[ is never closed")
            if self.take("-["):
                return self.subtracted(items, plain, self.klass_of(), negative=negative)
            if self.peek() == "]" and items:
                self.at += 1
                return f"[{'^' if negative else ''}{''.join(items)}]"
            item, interval = self.item(first=not items)
            items.append(item)
            plain = None if plain is None or interval is None else (*plain, interval)

    def klass_of(self) -> tuple[str, Intervals | None]:
        """Return a subtracted class, and its intervals if it is made of characters only."""
        start = self.at
        text = self.klass()
        body = self.text[start : self.at - 1]
        return text, _explicit(body)

    def subtracted(
        self,
        items: list[str],
        plain: Intervals | None,
        other: tuple[str, Intervals | None],
        *,
        negative: bool,
    ) -> str:
        if not self.take("]"):
            self.fail("a subtracted class ends its class")
        text, removed = other
        if plain and removed is not None and not negative:
            rest = _minus(plain, removed)
            return f"[{_ranges(rest)}]" if rest else _NOTHING
        body = "".join(items)
        return f"[{f'[^{body}]' if negative else body}--{text}]"

    def item(self, *, first: bool) -> tuple[str, tuple[int, int] | None]:
        """Return one character, range or escape; with its interval unless it is a set."""
        text, code = self.one(first=first)
        following = self.text[self.at + 1 : self.at + 2]
        if code is None or self.peek() != "-" or following in {"]", "["}:
            return text, None if code is None else (code, code)
        self.at += 1
        upper, high = self.one(first=False)
        if high is None:
            self.fail("a range ends in a character")
        if high < code:
            self.fail(f"{text}-{upper} goes backwards")
        return f"{text}-{upper}", (code, high)

    def one(self, *, first: bool) -> tuple[str, int | None]:
        char = self.peek()
        if char == "":
            self.fail("[ is never closed")
        self.at += 1
        if char == "\\":
            text = self.escape(inside=True)
            if len(text) > 2 or text in {r"\d", r"\D"} or text == _SPACE:  # noqa: PLR2004
                return text, None
            char = _CONTROL.get(text[-1], text[-1]) if text.startswith("\\") else text
            return text, ord(char)
        if char == "-":
            last = self.peek() == "]"
            return "-" if first or last else r"\-", ord(char)
        if char == "^" and not first:
            return r"\^", ord(char)
        return f"\\{char}" if char in "[]&~^" else char, ord(char)


def _explicit(body: str) -> Intervals | None:
    """Return the intervals of a positive class of plain characters and ranges, else None."""
    if re.search(r"[\\\[^]", body):
        return None
    parser = _Parser(f"{body}]")
    found: list[tuple[int, int]] = []
    while parser.peek() != "]":
        _, interval = parser.item(first=not found)
        if interval is None:
            return None
        found.append(interval)
    return tuple(found)


def _minus(plain: Intervals, removed: Intervals) -> Intervals:
    """Return the characters of ``plain`` that are not in ``removed``."""
    result = list(plain)
    for low, high in removed:
        kept = []
        for start, end in result:
            if end < low or start > high:
                kept.append((start, end))
                continue
            if start < low:
                kept.append((start, low - 1))
            if end > high:
                kept.append((high + 1, end))
        result = kept
    return tuple(sorted(set(result)))


def _ranges(intervals: Intervals) -> str:
    return "".join(
        _char(low) if low == high else f"{_char(low)}-{_char(high)}" for low, high in intervals
    )


def _char(code: int) -> str:
    char = chr(code)
    if char.isascii() and char.isprintable():
        return char if char.isalnum() or char in " _:/" else f"\\{char}"
    return rf"\u{{{code:X}}}"
