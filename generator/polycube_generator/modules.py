"""From the validated statements of a module that is no service to ``ir.Module``.

Its document has the module's own top-level nodes, those of modules that it augments, and those
that its constraints refer to: without them, no document of it could be checked.
"""

from __future__ import annotations

from pathlib import PurePath
from typing import TYPE_CHECKING

from polycube_generator import datatree, identities, ir, names, types
from polycube_generator.scoping import Scope
from polycube_generator.walk import Walk

if TYPE_CHECKING:
    from polycube_generator.problems import Problem
    from polycube_generator.types import Statement

_DEFINED = frozenset({"extension", "feature", "grouping", "identity", "typedef"})


def module(statement: Statement) -> tuple[ir.Module | None, list[Problem]]:
    """Return the model of a module, or everything that is wrong with it."""
    context = statement.i_ctx
    identities.index(context)
    known = {one.arg: one for one in context.modules.values() if one.keyword == "module"}
    datatree.name_tops([statement, *(known[name] for name in _imported(statement, known))])
    walk = Walk(statement, service=False)
    own = datatree.module_of(statement)
    pending = [own, *sorted(_augmented(statement) - {own})]
    children: list[ir.Node] = []
    found: list[ir.Choice] = []
    for name in pending:
        children += walk.children(known[name], Scope())
        found += walk.choices(known[name])
        pending += sorted((walk.rules.modules & known.keys()) - set(pending))
    if walk.problems:
        return None, walk.problems
    revision = statement.i_latest_revision
    return (
        ir.Module(
            name=own,
            package=names.package(own),
            source=PurePath(statement.pos.ref).name,
            namespace=types.text_of(statement, "namespace"),
            revision="" if revision in {None, "unknown"} else str(revision),
            description=types.description(statement),
            children=tuple(children),
            choices=tuple(found),
            functions=tuple(walk.rules.functions.values()),
            definitions=_definitions(statement),
        ),
        [],
    )


def _definitions(statement: Statement) -> tuple[str, ...]:
    """Return what others may use of a module: ``typedef port``."""
    parts = (part for one in (statement, *_submodules(statement)) for part in one.substmts)
    return tuple(f"{one.keyword} {one.arg}" for one in parts if one.keyword in _DEFINED)


def _imported(statement: Statement, known: dict[str, Statement]) -> list[str]:
    """Return the names of all modules that a module needs, directly or not, sorted."""
    found = {statement.arg}
    pending = [statement]
    while pending:
        one = pending.pop()
        prefixes = [part.i_prefixes.values() for part in (one, *_submodules(one))]
        wanted = {name for found_ in prefixes for name, _ in found_} & known.keys()
        pending += [known[name] for name in sorted(wanted - found)]
        found |= wanted
    return sorted(found - {statement.arg})


def has_nodes(statement: Statement) -> bool:
    """Tell whether a module has nodes of its own, or is there for others to use."""
    own = any(not hasattr(child, "i_not_implemented") for child in statement.i_children)
    return own or bool(_augmented(statement))


def _augmented(statement: Statement) -> set[str]:
    """Return the modules whose top-level nodes are augmented."""
    found = set()
    for augment in _with_submodules(statement):
        target = getattr(augment, "i_target_node", None)
        while target is not None and target.keyword != "module":
            top, target = target, target.parent
        if target is not None:
            found.add(datatree.module_of(top))
    return found


def _with_submodules(statement: Statement) -> list[Statement]:
    augments = list(statement.search("augment"))
    for submodule in _submodules(statement):
        augments += submodule.search("augment")
    return augments


def _submodules(statement: Statement) -> list[Statement]:
    included = (statement.i_ctx.get_module(one.arg) for one in statement.search("include"))
    return list(filter(None, included))
