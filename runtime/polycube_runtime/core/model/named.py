"""Ports that maps name: none may be taken away in silence from under what names it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from polycube_runtime.core.model.held import leaves
from polycube_runtime.core.model.parts import has_own_map
from polycube_runtime.core.model.sets import rows
from polycube_runtime.support.errors import InvalidValue
from polycube_runtime.support.nesting import at
from polycube_runtime.support.schema import Container, LeafList, List
from polycube_runtime.support.validate import entry_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from polycube_runtime.core.cube import Cube
    from polycube_runtime.support.schema import Service

Object = dict[str, Any]


def check_ports(cube: Cube, document: Object) -> None:
    """Refuse entries of maps, in the whole document of a cube, that name a port which it lacks."""
    names = {port["name"] for port in document.get("ports", [])}
    for node, entry, where in _bound_entries(cube.service, document, cube.path):
        for leaf in cube.tables[node.binding].layout.port_leaves:
            given = at(entry, leaf) or []
            gone = [
                one for one in ([given] if isinstance(given, str) else given) if one not in names
            ]
            for port in gone:
                known = ", ".join(sorted(names)) or "none"
                message = f"'{port}' is not a port of this cube; it has: {known}"
                path = where if isinstance(node, LeafList) else f"{where}/{leaf}"
                raise InvalidValue(message, path, "instance-required")


def _bound_entries(
    around: Service | Container | List, value: Object, where: str
) -> Iterator[tuple[List | LeafList, Object, str]]:
    """Yield the entries of bound lists and sets in an object, those in other entries too."""
    for node in around.children:
        path = f"{where}/{node.name}"
        if isinstance(node, LeafList) and has_own_map(node, getattr(around, "binding", "")):
            for row in rows(node, value.get(node.name, ())):
                yield node, row, path
        elif isinstance(node, Container):
            yield from _bound_entries(node, value.get(node.name, {}), path)
        elif isinstance(node, List):
            for entry in value.get(node.name, ()):
                place = entry_path(path, node, entry)
                if node.binding:
                    yield node, entry, place
                yield from _bound_entries(node, entry, place)


def check_portless(cube: Cube) -> None:
    """Refuse to leave a container without the port that a mandatory leaf of it names.

    Where the port of an entry goes, the entry goes with it; a container cannot.
    """
    for table in cube.tables.values():
        leaf = table.portless()
        if leaf:
            found = leaves(cube.service, table.layout.name)
            path = next(path for path, held, _ in found if held == leaf)
            message = "the port that it names would be gone; set it to another one first"
            raise InvalidValue(message, f"{cube.path}/{path}")
