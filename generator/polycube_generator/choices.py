"""Choices: which of an object's members exclude each other."""

from __future__ import annotations

from typing import TYPE_CHECKING

from polycube_generator import datatree, ir, said

if TYPE_CHECKING:
    from collections.abc import Callable

    from polycube_generator.types import Statement

    Conditions = Callable[[Statement], tuple[ir.Rule, ...]]


def below(parent: Statement, conditions: Conditions) -> tuple[ir.Choice, ...]:
    """Return the choices directly below a node or case.

    ``conditions`` returns under which a choice may be made; who need not choose is not asked.
    """
    return tuple(
        _choice(one, conditions)
        for one in parent.i_children
        if one.keyword == "choice" and _is_there(one)
    )


def _choice(choice: Statement, conditions: Conditions) -> ir.Choice:
    mandatory, default = choice.search_one("mandatory"), choice.search_one("default")
    is_mandatory = mandatory is not None and mandatory.arg == "true"
    return ir.Choice(
        choice.arg,
        tuple(_case(case, conditions) for case in choice.i_children if _is_there(case)),
        is_mandatory,
        "" if default is None else str(default.arg),
        conditions(choice) if is_mandatory else (),
        said.of(choice),
    )


def _case(case: Statement, conditions: Conditions) -> ir.Case:
    members = tuple(datatree.member(child) for child in datatree.children(case))
    return ir.Case(case.arg, members, below(case, conditions), said.of(case))


def _is_there(statement: Statement) -> bool:
    return not hasattr(statement, "i_not_implemented")
