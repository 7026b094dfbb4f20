"""XPath of a model of one cube, in the model of a list of cubes: absolute paths become relative.

`/ports/name` means the cube's own ports. Where cubes are entries of a list, that is
`current()/../../ports/name`, as many steps up as the node that says it is deep.
"""

from __future__ import annotations

import re

_TOKEN = re.compile(
    r"""\s+|"[^"]*"|'[^']*'|//|/|::|\.\.|\.|[@()\[\],|+*=<>!-]|[0-9]+(?:\.[0-9]*)?"""
    r"""|[A-Za-z_][\w.-]*(?::(?!:)[A-Za-z_*][\w.-]*)?|."""
)
_OPERATORS = frozenset(
    ["", "(", "[", ",", "|", "+", "-", "=", "<", ">", "!", "*", "and", "or", "div", "mod"]
)


def relative(expression: str, depth: int) -> str | None:
    """Return `expression`, said at `depth` below the cube, for a list of cubes.

    None if it has names of other modules, which may have other prefixes there, or the whole tree
    (`/`, `//`).
    """
    parts = _TOKEN.findall(expression)
    result, before = [], ""
    for at, part in enumerate(parts):
        if ":" in part.replace("::", ""):  # in a literal too: it may name an identity
            return None
        if part in {"/", "//"} and before in _OPERATORS:
            after = next((one for one in parts[at + 1 :] if not one.isspace()), "")
            if part == "//" or not re.match(r"[A-Za-z_]", after):
                return None
            result.append("/".join(["current()", *[".."] * depth, ""]))
        else:
            result.append(part)
        if not part.isspace():
            before = part
    return "".join(result)


def path(absolute: str, depth: int) -> str:
    """Return the path of a leafref, likewise."""
    return "../" * depth + absolute.lstrip("/")
