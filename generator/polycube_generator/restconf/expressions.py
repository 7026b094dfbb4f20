"""XPath of a model of one cube, in the model of a list of cubes.

`/ports/name` means the cube's own ports. Where cubes are entries of a list, that is
`current()/../../ports/name`, as many steps up as the node that says it is deep. Prefixes become
the names of their modules.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from typing import TYPE_CHECKING

from polycube_generator.xpath.scope import Scope

if TYPE_CHECKING:
    from polycube_generator.types import Statement

_NAME = r"[A-Za-z_][\w.-]*"
_TOKEN = re.compile(
    r"""\s+|"[^"]*"|'[^']*'|//|/|::|\.\.|\.|[@()\[\],|+*=<>!-]|[0-9]+(?:\.[0-9]*)?"""
    rf"""|{_NAME}(?::(?!:)[A-Za-z_*][\w.-]*)?|."""
)
_QUALIFIED = re.compile(rf"({_NAME}):({_NAME}|\*)").fullmatch
_OPERATORS = frozenset(
    ["", "(", "[", ",", "|", "+", "-", "=", "<", ">", "!", "*", "and", "or", "div", "mod"]
)


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
    parts = _TOKEN.findall(" ".join(statement.arg.split()))
    result, before = [], ""
    for at, part in enumerate(parts):
        if part[0] in "'\"":
            result.append(prefixes.literal(node, statement, part))
        elif part in {"/", "//"} and before in _OPERATORS:
            after = next((one for one in parts[at + 1 :] if not one.isspace()), "")
            slash = part if part == "//" or re.match(r"[\w.*@]", after) else ""
            result.append("/".join(["current()", *[".."] * depth]) + slash)
        else:
            result.append(prefixes.name(node, statement, part))
        if not part.isspace():
            before = part
    return "".join(result)


def path(prefixes: Prefixes, node: Statement, statement: Statement, depth: int) -> str:
    """Return the path of a leafref, likewise: it has no functions before its first step."""
    text = "".join(statement.arg.split()) if "[" not in statement.arg else statement.arg.strip()
    parts = [prefixes.name(node, statement, part) for part in _TOKEN.findall(text)]
    if parts[0] == "/":
        parts[0] = "../" * depth
    return "".join(parts)
