"""Ports that maps name: none may be taken away in silence from under what names it."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from polycube_runtime.support.errors import InvalidValue
from polycube_runtime.support.schema import Container, Leaf, List
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
            if leaf in entry and entry[leaf] not in names:
                known = ", ".join(sorted(names)) or "none"
                message = f"'{entry[leaf]}' is not a port of this cube; it has: {known}"
                raise InvalidValue(message, f"{where}/{leaf}", "instance-required")


def _bound_entries(
    around: Service | Container | List, value: Object, where: str
) -> Iterator[tuple[List, Object, str]]:
    """Yield the entries of bound lists in an object, those in other entries too."""
    for node in around.children:
        path = f"{where}/{node.name}"
        if isinstance(node, Container):
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
            path = next(
                path
                for path, node in cube.service.walk()
                if isinstance(node, Leaf) and (node.binding, node.name) == (table.layout.name, leaf)
            )
            message = "the port that it names would be gone; set it to another one first"
            raise InvalidValue(message, f"{cube.path}/{path}")
