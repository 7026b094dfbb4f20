"""XPath of a model of one cube, in the model of a list of cubes.

`/ports/name` means the cube's own ports. Where cubes are entries of a list, that is
`current()/../../ports/name`, as many steps up as the node that says it is deep. Prefixes become
the names of their modules.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from polycube_generator.xpath import parser
from polycube_generator.xpath.scope import Scope

if TYPE_CHECKING:
    from polycube_generator.types import Statement

_NAME = r"[A-Za-z_][\w.-]*"
_QUALIFIED = re.compile(rf"({_NAME}):({_NAME}|\*)").fullmatch
_BEFORE_OPERANDS = frozenset(["(", "[", ",", "|", "+", "-", "=", "!=", "<", "<=", ">", ">=", "::"])
_WORDS = frozenset(["*", "and", "or", "div", "mod"])
"""Operators after an operand, and names where one is due (XPath 1.0, section 3.7)."""


@dataclass(slots=True)
class Prefixes:
    """The prefixes of a module: each is the name of a module, `used` are those to import."""

    module: str
    used: set[str] = field(default_factory=set)

    def of(self, module: str) -> str:
        """Return what stands before a name of a module: nothing for this module's own."""
        if module == self.module:
            return ""
        self.used.add(module)
        return f"{module}:"

    def name(self, node: Statement, statement: Statement, text: str) -> str:
        """Return a name, as written in a statement of a node, with the prefix that it has here."""
        found = _QUALIFIED(text)
        return self.of(Scope(node, statement).module(found[1])) + found[2] if found else text

    def literal(self, node: Statement, statement: Statement, text: str) -> str:
        """Return a literal, likewise if it may be the name of an identity."""
        found = _QUALIFIED(text[1:-1])
        known = {node.i_module.i_prefix, *node.i_module.i_prefixes}
        known |= {statement.i_orig_module.i_prefix, *statement.i_orig_module.i_prefixes}
        if found is None or found[1] not in known:
            return text
        return f"{text[0]}{self.name(node, statement, text[1:-1])}{text[0]}"


def relative(prefixes: Prefixes, node: Statement, statement: Statement, depth: int) -> str:
    """Return the expression of a statement of `node`, whose context is `depth` below the cube."""
    root = "/".join(["current()", *[".."] * depth])
    parts = [_spaced(one) for one in parser.tokens(statement)]
    result, is_due = [], True
    for (space, part), (_, after) in zip(parts, [*parts[1:], ("", "")], strict=True):
        if part[0] in "'\"":
            written = prefixes.literal(node, statement, part)
        elif part in {"/", "//"} and is_due:
            leads_on = part == "//" or re.match(r"[\w.*@]", after)
            written = f"{root}{part if leads_on else ''}"
        else:
            written = prefixes.name(node, statement, part)
        result.append(space + written)
        is_due = part in {"/", "//"} or part in _BEFORE_OPERANDS or (not is_due and part in _WORDS)
    return "".join(result)


def path(prefixes: Prefixes, node: Statement, statement: Statement, depth: int) -> str:
    """Return the path of a leafref, likewise: it has no functions before its first step."""
    parts = [prefixes.name(node, statement, _spaced(one)[1]) for one in parser.tokens(statement)]
    if parts[0] == "/":
        parts[0] = "../" * depth
    return "".join(parts)


def _spaced(found: re.Match[str]) -> tuple[str, str]:
    """Return the white space before a token, lines made one, and the token."""
    part = found[str(found.lastgroup)]
    space = found[0][: len(found[0]) - len(part)]
    return (" " if space and found.start() else ""), part
