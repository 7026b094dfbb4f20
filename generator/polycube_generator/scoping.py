"""What the place of a node in the tree of statements says about it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from polycube_generator import bindings
from polycube_generator.xpath.flows import conditions

if TYPE_CHECKING:
    from collections.abc import Iterator

    from polycube_generator.types import Statement

_TRANSPARENT = frozenset({"choice", "case"})
LISTS = frozenset({"list", "leaf-list"})
"""What can have a map inside of a list or of a bound node."""


@dataclass(frozen=True, slots=True)
class Scope:
    """What the ancestors of a node say about it.

    ``fleeting`` says that one of them may have to go, ``optional`` that one may not be there.
    ``entry`` is the map of the entry that the node is in, empty if none holds it; None in none.
    """

    path: tuple[str, ...] = ()
    binding: str = ""
    bindable: bool = True
    fleeting: bool = False
    optional: bool = False
    action: bool = False
    reported: str = ""
    entry: str | None = None

    def below(self, statement: Statement, binding: str) -> Scope:
        """Return the scope of what is in a container or list, which a map may hold."""
        return Scope(
            path=(*self.path, statement.arg),
            binding=binding,
            bindable=self.bindable and not binding and statement.keyword != "list",
            fleeting=_is_fleeting(statement, self),
            optional=statement.keyword != "list"
            and (self.optional or statement.search_one("presence") is not None),
            action=self.action,
            reported=self.reported or ("" if _is_kept(statement, binding) else statement.arg),
            entry=binding if statement.keyword == "list" else self.entry,
        )

    def binds(self, statement: Statement) -> bool:
        """Tell whether a node here may have a map of its own: in entries lists and containers."""
        if self.bindable or statement.keyword in LISTS:
            return True
        return statement.keyword == "container" and self.entry == self.binding


def _is_there(statement: Statement) -> bool:
    return not hasattr(statement, "i_not_implemented")


def inner(parent: Statement) -> Iterator[Statement]:
    """Yield the nodes below a statement; those of choices take the place of these."""
    for child in filter(_is_there, parent.i_children):
        if child.keyword in _TRANSPARENT:
            yield from inner(child)
        elif child.keyword not in {"input", "output"} or parent.keyword not in {"rpc", "action"}:
            yield child


def is_conditional(statement: Statement) -> bool:
    """Tell whether a node is under a condition, or in a case."""
    return bool(conditions(statement)) or statement.parent.keyword == "case"


def _is_fleeting(statement: Statement, scope: Scope) -> bool:
    """Tell whether what is in a node goes with a condition, or with a case, around it."""
    if statement.keyword == "list" or statement.search_one("presence") is not None:
        return False
    return scope.fleeting or is_conditional(statement)


def _is_kept(statement: Statement, binding: str) -> bool:
    """Tell whether the daemon knows the entries of a list."""
    return statement.keyword != "list" or bool(statement.i_config or binding)


def binds_inside(statement: Statement) -> bool:
    """Tell whether a list in a node has a map."""
    return any(
        (child.keyword in LISTS and bindings.find(child, "map") is not None)
        or (child.keyword in {"list", "container"} and binds_inside(child))
        for child in inner(statement)
    )


def holds_lists_only(statement: Statement) -> bool:
    """Tell whether a container is only there to hold lists with maps."""
    return all(
        bindings.find(child, "map") is not None
        if child.keyword in LISTS
        else child.keyword == "container"
        and child.search_one("presence") is None
        and holds_lists_only(child)
        for child in inner(statement)
    )
