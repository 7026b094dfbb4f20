"""From the validated statements of a module to ``ir.Service``.

Runs as the last phase of pyang's validation (see ``plugin``), so that what it refuses is an error
of the model, with its place. What follows from the nodes is made by ``derive``, where names clash.
"""

from __future__ import annotations

import re
from pathlib import PurePath
from typing import TYPE_CHECKING

from polycube_generator import derive, identities, ir, names, types
from polycube_generator.restconf import modules as restconf_modules
from polycube_generator.scoping import Scope
from polycube_generator.walk import BASE_MODULES, Walk, extension

if TYPE_CHECKING:
    from polycube_generator.problems import Problem
    from polycube_generator.types import Statement

_KEY = "name"
"""The leaf that tells the cubes of a service apart."""
_REFINEMENTS = ("min-elements", "max-elements")
_KINDS = {
    "standard": "polycube-standard-base",
    "transparent": "polycube-transparent-base",
}


def is_service(module: Statement) -> bool:
    """Tell whether a module says ``polycube-base:service-name``."""
    return extension(module, "service-name") is not None


def service(module: Statement) -> tuple[ir.Service | None, list[Problem]]:
    """Return the service that ``module`` models, or everything that is wrong with it."""
    identities.index(module.i_ctx)
    walk = Walk(module)
    _check_refinements(module, walk)
    for node in module.i_children:
        if node.arg == _KEY:
            walk.refuse(
                node, f"every cube has a {_KEY} already, its own; rename this {node.keyword}"
            )
    children = walk.children(module, Scope())
    header = _header(module, walk)
    found = walk.all_metrics(children)
    maps = walk.all_maps(children)
    choices = walk.choices(module)
    if walk.problems:
        return None, walk.problems
    constraints = derive.Constraints(choices, tuple(walk.rules.functions.values()))
    return derive.service(header, children, maps, found, constraints)


def _header(module: Statement, walk: Walk) -> derive.Header:
    """Return what the module says of the service as a whole."""
    name = extension(module, "service-name") or ""
    at = next(s for s in module.substmts if s.keyword == ("polycube-base", "service-name"))
    if name != module.arg:
        walk.refuse(at, f"service-name {name!r} must be the module's name, {module.arg!r}")
    elif name in names.INTERFACE_WORDS:
        walk.refuse(
            at, f"{name!r} is a word of the REST interface and of polycubectl; take another"
        )
    elif not names.is_service(name):
        walk.refuse(at, f"{name!r} cannot name a service; take lower-case letters, digits and -")
    kernel = extension(module, "service-min-kernel-version") or ""
    if kernel and not re.fullmatch(r"\d+\.\d+(\.\d+)?", kernel):
        at = module.search_one(("polycube-base", "service-min-kernel-version"))
        walk.refuse(at, f"service-min-kernel-version {kernel!r} is not x.y.z")
    used = {uses.i_grouping.i_module.arg for uses in module.search("uses") if uses.i_grouping}
    kinds = [kind for kind, base in _KINDS.items() if base in used]
    if len(kinds) != 1:
        message = (
            "a service uses either polycube-standard-base:standard-base-yang-module "
            "or polycube-transparent-base:transparent-base-yang-module at its top"
        )
        walk.refuse(module, message)
    return derive.Header(
        name=name,
        kind=kinds[0] if kinds else "standard",
        source=f"yang/{PurePath(module.pos.ref).name}",
        version=extension(module, "service-version") or "1.0",
        description=extension(module, "service-description") or types.description(module),
        min_kernel=kernel,
        defined=tuple(walk.defined),
        restconf=restconf_modules.texts(module) if not walk.problems else {},
    )


def _check_refinements(module: Statement, walk: Walk) -> None:
    """Refuse refinements of the daemon's nodes, which it describes once for all services."""
    for uses in module.search("uses"):
        if uses.i_grouping is None or uses.i_grouping.i_module.arg not in BASE_MODULES:
            continue
        for refine in uses.search("refine"):
            allowed = _REFINEMENTS if refine.arg == "ports" else ()
            for statement in refine.substmts:
                if statement.keyword not in allowed:
                    message = (
                        f"{refine.arg} is the daemon's: of the base nodes, only min-elements and "
                        "max-elements of ports can be refined"
                    )
                    walk.refuse(statement, message)
