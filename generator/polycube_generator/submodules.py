"""Submodules of YANG 1.1, which see each other's definitions without including each other.

RFC 7950, section 5.1, lets them; pyang finds only what is included, as YANG 1.0 has it. So each is
made to include those that it uses. What the module itself defines, pyang does not show them.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Iterator

    from polycube_generator.types import Statement

_DEFINES = frozenset({"typedef", "grouping", "identity", "feature", "extension"})
_DATA = frozenset({"container", "list", "leaf", "leaf-list", "choice", "anydata", "anyxml", "rpc"})
_USES = {"type": "typedef", "uses": "grouping", "base": "identity", "if-feature": "feature"}
_NAME = re.compile(r"(?:([\w.-]+):)?([\w.-]+)")


def connect(context: Any) -> None:
    """Add the includes that are missing between submodules; none that would make a circle."""
    modules = list(filter(None, context.modules.values()))
    for module in modules:
        if module.keyword == "module" and _version(module) == "1.1":
            names = [one.arg for one in module.search("include")]
            parts = {one.arg: one for one in modules if one.arg in names}
            _connect([parts[name] for name in names if name in parts])


def _connect(parts: list[Statement]) -> None:
    homes = {defined: part for part in parts for defined in _defined(part)}
    includes = {part.arg: {one.arg for one in part.search("include")} for part in parts}
    for part in parts:
        for used in sorted(set(_used(part)) & homes.keys()):
            other = homes[used].arg
            if other != part.arg and other not in includes[part.arg]:
                if part.arg in _reached(includes, other):
                    continue
                includes[part.arg].add(other)
                _include(part, other)


def _include(part: Statement, other: str) -> None:
    from pyang.statements import new_statement  # noqa: PLC0415  (pyang is loaded with a model)

    belongs = part.search_one("belongs-to")
    made = new_statement(part, part, belongs.pos, "include", other)
    part.substmts.insert(part.substmts.index(belongs) + 1, made)


def _reached(includes: dict[str, set[str]], start: str) -> set[str]:
    """Return all submodules that one includes, and those that these do."""
    found: set[str] = set()
    pending = [start]
    while pending:
        for one in includes.get(pending.pop(), set()) - found:
            found.add(one)
            pending.append(one)
    return found


def _defined(part: Statement) -> Iterator[tuple[str, str]]:
    for one in part.substmts:
        if one.keyword in _DEFINES:
            yield one.keyword, one.arg
        elif one.keyword in _DATA:
            yield "data", one.arg


def _used(part: Statement) -> Iterator[tuple[str, str]]:
    """Yield what is named in a submodule, and may be defined in another one."""
    belongs = part.search_one("belongs-to")
    prefix = belongs and belongs.search_one("prefix")
    own = {None, prefix.arg if prefix else None}
    pending = list(part.substmts)
    while pending:
        one = pending.pop()
        pending += one.substmts
        kind = _USES.get(one.keyword, "data" if one.keyword in {"augment", "path"} else "")
        for found in _NAME.finditer(str(one.arg)) if kind else ():
            if found[1] in own:
                yield kind, found[2]


def _version(module: Statement) -> str:
    found = module.search_one("yang-version")
    return "1" if found is None else str(found.arg)
