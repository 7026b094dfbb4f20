"""Deviations as RFC 7950 has them: pyang knows those of YANG 1.0."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from polycube_generator.types import Statement


def register() -> None:
    """Teach pyang that a deviation may name several defaults of a leaf-list (7.20.3.2)."""
    from pyang import grammar, statements  # noqa: PLC0415  (pyang is loaded when a model is)

    _, rules = grammar.stmt_map["deviate"]
    rules[rules.index(("default", "?"))] = ("default", "*")
    statements.add_validation_fun("reference_3", ["deviation"], _add_defaults)


def _add_defaults(_context: Any, deviation: Statement) -> None:
    """Add the defaults of a leaf-list before pyang would refuse all but the first."""
    target = deviation.i_target_node
    if target is None or target.keyword != "leaf-list":
        return
    for deviate in deviation.search("deviate"):
        for default in deviate.search("default") if deviate.arg == "add" else ():
            deviate.substmts.remove(default)
            target.substmts.append(default)
