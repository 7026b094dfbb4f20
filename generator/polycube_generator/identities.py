"""Identities: what is derived from what, over all the modules that are loaded."""

from __future__ import annotations

from typing import Any, TypeAlias

Statement: TypeAlias = Any


def name_of(identity: Statement) -> str:
    """Return ``module:name``."""
    return f"{identity.i_module.i_modulename}:{identity.arg}"


def index(context: Any) -> None:
    """Note with every identity of all modules what has it as a base."""
    if hasattr(context, "i_polycube_indexed"):
        return
    context.i_polycube_indexed = True
    for module in sorted(context.modules.values(), key=lambda one: str(one.arg)):
        for identity in getattr(module, "i_identities", {}).values():
            for base in identity.search("base"):
                if base.i_identity is not None:
                    _based_on(base.i_identity).append(identity)


def derived(identity: Statement) -> set[str]:
    """Return the qualified names of what is derived from ``identity``, directly or further on."""
    if not hasattr(identity, "i_polycube_derived"):
        found: dict[str, Statement] = {}
        pending = list(_based_on(identity))
        while pending:
            one = pending.pop()
            if name_of(one) not in found:
                found[name_of(one)] = one
                pending += _based_on(one)
        identity.i_polycube_derived = {
            name for name, one in found.items() if not hasattr(one, "i_not_implemented")
        }
    return set(identity.i_polycube_derived)


def derived_by_name(statement: Statement, name: str) -> set[str]:
    """Return what is derived from the identity ``module:name``, seen from any statement."""
    module, _, local = name.partition(":")
    for known in statement.i_module.i_ctx.modules.values():
        if known.keyword == "module" and known.arg == module:
            identity = known.i_identities.get(local)
            return set() if identity is None else derived(identity)
    return set()


def everything(statement: Statement) -> list[Statement]:
    """Return all identities, seen from any statement, in the order of their modules and names."""
    modules = {one.arg: one for one in statement.i_module.i_ctx.modules.values()}
    return [
        identity
        for _, module in sorted(modules.items())
        if module.keyword == "module"
        for _, identity in sorted(module.i_identities.items())
    ]


def _based_on(identity: Statement) -> list[Statement]:
    """Return what has an identity as a base."""
    if not hasattr(identity, "i_polycube_based"):
        identity.i_polycube_based = []
    found: list[Statement] = identity.i_polycube_based
    return found
