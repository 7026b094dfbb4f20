"""What statements say to people: their status, their features, the names of their types."""

from __future__ import annotations

from typing import TYPE_CHECKING

from polycube_generator import ir, types

if TYPE_CHECKING:
    from polycube_generator.types import Statement

_NOTHING = ir.Said()


def of(statement: Statement) -> ir.Said:
    """Return what a node's statement says; if-features of its ``uses`` or ``augment`` are its."""
    features = tuple(dict.fromkeys(one.arg for one in _conditional(statement)))
    found = ir.Said(
        status=types.status_of(statement),
        features=features,
        type=_type(statement),
    )
    return _NOTHING if found == _NOTHING else found


def units(statement: Statement) -> str:
    """Return the units of a node, its own or those of its type (RFC 7950, 7.3.3)."""
    at: Statement | None = statement
    while at is not None:
        if found := at.search_one("units"):
            return str(found.arg)
        type_ = at.search_one("type")
        at = None if type_ is None else type_.i_typedef
    return ""


def _conditional(statement: Statement) -> list[Statement]:
    augment = getattr(statement, "i_augment", None)
    around = augment.search("if-feature") if augment is not None else []
    return [*statement.search("if-feature"), *around]


def _type(statement: Statement) -> str:
    """Return the name of a node's type, prefixes made names of modules."""
    type_ = statement.search_one("type")
    if type_ is None:
        return ""
    path = type_.search_one("path")
    if path is not None:
        return f"-> {_path(str(path.arg), statement)}"
    prefix, colon, name = str(type_.arg).rpartition(":")
    return f"{_module(prefix, statement)}:{name}" if colon else name


def _path(path: str, statement: Statement) -> str:
    """Return a path in which a module is named where it changes, as RFC 7951 names members."""
    steps, current = [], str(statement.i_module.i_prefix)
    for step in path.split("/"):
        prefix, colon, name = step.partition(":")
        if not colon or prefix == current:
            steps.append(name if colon else step)
        else:
            steps.append(f"{_module(prefix, statement)}:{name}")
            current = prefix
    return "/".join(steps)


def _module(prefix: str, statement: Statement) -> str:
    """Return the module of a prefix; where a grouping has been used, that may be unknown."""
    for module in (statement.i_orig_module, statement.i_module):
        if prefix in module.i_prefixes:
            return str(module.i_prefixes[prefix][0])
    return prefix
