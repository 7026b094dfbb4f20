"""Identities: what is derived from what, over all the modules that are loaded."""

from __future__ import annotations

from typing import Any, TypeAlias

Statement: TypeAlias = Any


def name_of(identity: Statement) -> str:
    """Return ``module:name``."""
    return f"{identity.i_module.i_modulename}:{identity.arg}"


def index(context: Any) -> None:
    """Note with every identity of all modules what is derived from it, directly or further on."""
    if hasattr(context, "i_polycube_indexed"):
        return
    context.i_polycube_indexed = True
    for module in sorted(context.modules.values(), key=lambda one: str(one.arg)):
        for identity in getattr(module, "i_identities", {}).values():
            if hasattr(identity, "i_not_implemented"):
                continue
            for ancestor in _ancestors(identity):
                if not hasattr(ancestor, "i_polycube_derived"):
                    ancestor.i_polycube_derived = set()
                ancestor.i_polycube_derived.add(name_of(identity))


def derived(identity: Statement) -> set[str]:
    """Return the qualified names of what is derived from ``identity``, which is not among them."""
    return getattr(identity, "i_polycube_derived", set())


def derived_by_name(statement: Statement, name: str) -> set[str]:
    """Return what is derived from the identity ``module:name``, seen from any statement."""
    module, _, local = name.partition(":")
    for known in statement.i_module.i_ctx.modules.values():
        if known.keyword == "module" and known.arg == module:
            identity = known.i_identities.get(local)
            return set() if identity is None else derived(identity)
    return set()


def _ancestors(identity: Statement) -> list[Statement]:
    found: list[Statement] = []
    pending = [identity]
    while pending:
        for base in pending.pop().search("base"):
            if base.i_identity is not None and base.i_identity not in found:
                found.append(base.i_identity)
                pending.append(base.i_identity)
    return found
