"""Containers of entries: each entry has a row of its own in another map than its list.

So what CPUs count is apart from what is configured, or what few packets need from what all do.
"""

from __future__ import annotations

from polycube_generator import bindings, ir
from polycube_generator.ebpf import several
from polycube_generator.types import Statement, Unsupported


def as_list(statement: Statement, node: ir.Container) -> ir.List:
    """Return a container of entries as a list that has no keys but those around it.

    Raises ``Unsupported`` if a map of maps is asked for.
    """
    if outer := bindings.find(bindings.find(statement, "map"), "outer"):
        raise Unsupported(outer, f"each entry has one {node.name}, which makes no map of its own")
    return ir.List(
        **several.shared(node),
        description=node.description,
        conditional=node.conditional or node.presence,
        keys=(),
        children=node.children,
    )
