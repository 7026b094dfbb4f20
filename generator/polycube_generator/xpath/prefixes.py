"""Expressions with modules in place of prefixes, by which two of them can be compared."""

from __future__ import annotations

import re
from typing import TYPE_CHECKING

from polycube_generator import datatree
from polycube_generator.types import Unsupported

if TYPE_CHECKING:
    from polycube_generator.xpath.scope import Scope

_NAME = r"[A-Za-z_][A-Za-z0-9_.\-]*"
_PREFIXED = re.compile(
    rf"""(?P<quote>["'])(?P<value>{_NAME}:{_NAME})(?P=quote)
    | (?:"[^"]*"|'[^']*')
    | (?P<prefix>{_NAME}):(?!:)
    | {_NAME}::
    """,
    re.VERBOSE,
)
"""A literal that may be an identity, any other, a prefix; an axis, which is none."""


def unprefixed(scope: Scope, text: str) -> str:
    """Return an expression that is the same whatever its prefixes are called.

    Names of the context's own module have none; in literals, where prefixes may be of identities,
    those that nothing is known of stay.
    """
    own = datatree.module_of(scope.node)

    def resolved(found: re.Match[str]) -> str:
        if prefix := found["prefix"]:
            module = scope.module(prefix)
            return "" if module == own else f"{module}:"
        if not found["value"]:
            return found[0]
        try:
            value = scope.qualified(found["value"])
        except Unsupported:
            return found[0]
        return f"{found['quote']}{value}{found['quote']}"

    return _PREFIXED.sub(resolved, text)
