"""The module ``polycube-ebpf``: its grammar, and what its statements on a node say.

Registered with pyang, so that a misspelt statement or one in the wrong place is an error of the
model, with file and line. Here is only what can be said of a statement by itself; whether a
binding is possible is for ``ebpf``.
"""

from __future__ import annotations

from typing import Any

MODULE = "polycube-ebpf"

KINDS = (
    "hash",
    "lru_hash",
    "array",
    "percpu_hash",
    "percpu_array",
    "lru_percpu_hash",
    "lpm_trie",
    "devmap",
    "devmap_hash",
    "cpumap",
    "prog_array",
)

ARRAYS = frozenset({"array", "percpu_array"})
"""Kinds of which every index always has a value."""

ON_LEAF = (
    "type",
    "byte-order",
    "member",
    "port",
    "netdev",
    "program",
    "age",
    "time",
    "created",
    "sum",
    "atomic",
    "optional",
    "none",
)
"""What describes a leaf in a map."""

_BOUND = ["leaf", "leaf-list", "list", "container", "notification", "refine"]
_LEAVES = ["leaf", "leaf-list", "refine"]

_GRAMMAR: tuple[tuple[str, str | None, list[str], list[str]], ...] = (
    ("map", "string", ["kind", "entries", "presence", "occupied", "outer"], _BOUND),
    ("kind", "string", [], []),
    ("entries", "string", [], []),
    ("presence", "string", [], []),
    ("occupied", "string", [], []),
    ("outer", "string", ["kind", "entries"], []),
    ("type", "string", [], _LEAVES),
    ("byte-order", "string", [], _LEAVES),
    ("member", "string", [], _LEAVES),
    ("port", None, [], _LEAVES),
    ("netdev", None, [], _LEAVES),
    ("program", None, [], _LEAVES),
    ("age", None, ["expiry"], _LEAVES),
    ("expiry", "string", [], []),
    ("time", "string", [], _LEAVES),
    ("created", "string", [], _LEAVES),
    ("sum", None, [], _LEAVES),
    ("atomic", None, [], _LEAVES),
    ("optional", None, [], _LEAVES),
    ("none", None, [], _LEAVES),
    ("define", "string", [], _LEAVES),
)


def register() -> None:
    """Teach pyang the grammar of the extension."""
    from pyang import grammar  # noqa: PLC0415  (pyang is loaded when a model is)

    grammar.register_extension_module(MODULE)
    for keyword, argument, inner, outer in _GRAMMAR:
        rules = [((MODULE, name), "?") for name in inner]
        grammar.add_stmt((MODULE, keyword), (argument, rules))
        grammar.add_to_stmts_rules(outer, [((MODULE, keyword), "?")])


def find(statement: Any, keyword: str) -> Any:
    """Return the ebpf substatement of a pyang statement, or None."""
    return statement.search_one((MODULE, keyword))


def argument(statement: Any, keyword: str) -> str | None:
    """Return the argument of the ebpf substatement, or None if it is not there."""
    found = find(statement, keyword)
    return None if found is None else str(found.arg)
