"""Ports that maps name: none may be taken away in silence from under what names it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from polycube_runtime.support.errors import InvalidValue
from polycube_runtime.support.schema import Leaf, List
from polycube_runtime.support.validate import entry_path

if TYPE_CHECKING:
    from polycube_runtime.core.cube import Cube

Object = dict[str, Any]


def check_ports(cube: Cube, document: Object) -> None:
    """Refuse entries of maps, in the whole document of a cube, that name a port which it lacks."""
    names = {port["name"] for port in document.get("ports", [])}
    for path, node in cube.service.walk():
        if not isinstance(node, List) or not node.binding:
            continue
        entries: Any = document
        for step in path.split("/"):
            entries = entries.get(step, {})
        leaves = cube.tables[node.binding].layout.port_leaves
        for entry in entries or []:
            for leaf in leaves:
                if leaf in entry and entry[leaf] not in names:
                    known = ", ".join(sorted(names)) or "none"
                    message = f"'{entry[leaf]}' is not a port of this cube; it has: {known}"
                    where = entry_path(f"{cube.path}/{path}", node, entry)
                    raise InvalidValue(message, f"{where}/{leaf}")


def check_portless(cube: Cube) -> None:
    """Refuse to leave a container without the port that a mandatory leaf of it names.

    Where the port of an entry goes, the entry goes with it; a container cannot.
    """
    for table in cube.tables.values():
        leaf = table.portless()
        if leaf:
            path = next(
                path
                for path, node in cube.service.walk()
                if isinstance(node, Leaf) and (node.binding, node.name) == (table.layout.name, leaf)
            )
            message = "the port that it names would be gone; set it to another one first"
            raise InvalidValue(message, f"{cube.path}/{path}")
