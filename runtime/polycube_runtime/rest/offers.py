"""What can follow a place on the command line: commands, members, entries that exist.

Help and completion are two ways to put this.
"""

from __future__ import annotations

from enum import StrEnum
from typing import TYPE_CHECKING, Any

from polycube_runtime.support.errors import InvalidValue, NotFound
from polycube_runtime.support.routes import Shape
from polycube_runtime.support.schema import (
    CUBE_NAME,
    Action,
    AnyData,
    Container,
    Leaf,
    LeafList,
    List,
    Service,
)

if TYPE_CHECKING:
    from collections.abc import Iterable

    from polycube_runtime.core.model.place import Place
    from polycube_runtime.core.polycube import Polycube
    from polycube_runtime.support.schema import Node


class Command(StrEnum):
    """The word of the command line that help is asked for; ``NONE`` if there is none yet."""

    NONE = "NONE"
    SHOW = "SHOW"
    ADD = "ADD"
    SET = "SET"
    DEL = "DEL"
    NO_HELP = "NO_HELP"
    """Known to the dialect, but nothing has help for it."""


_LIST = (Command.ADD, Command.DEL, Command.SHOW)
_OBJECT = (Command.SET, Command.SHOW)
_COMMANDS = {
    Shape.SERVICE: _LIST,
    Shape.LIST: _LIST,
    Shape.CUBE: _OBJECT,
    Shape.ENTRY: _OBJECT,
    Shape.CONTAINER: _OBJECT,
    Shape.LEAF: _OBJECT,
    Shape.ACTION: (),
}


def parse_command(text: str) -> Command:
    """Return the command written ``text``, in any case; raise ``InvalidValue`` if there is none."""
    try:
        return Command(text.upper())
    except ValueError:
        problem = f"'{text}' is not a kind of help" if text else "the parameter 'help' is missing"
        message = f"{problem}; expected one of {', '.join(Command)}"
        raise InvalidValue(message) from None


def refuse_unless(asked: Command, known: Iterable[Command]) -> None:
    """Raise ``InvalidValue`` unless ``asked`` is NONE or one of ``known``."""
    known = (Command.NONE, *known)
    if asked not in known:
        message = f"there is no help for {asked} here; expected one of {', '.join(known)}"
        raise InvalidValue(message)


def commands(node: Node | Service, shape: Shape) -> tuple[Command, ...]:
    """Return the commands that do something at a node; an object's ADD is its list's."""
    found = _COMMANDS[shape]
    fixed = isinstance(node, Leaf | LeafList) and node.init_only
    if fixed or not getattr(node, "config", True):
        return tuple(command for command in found if command is Command.SHOW)
    return found


def _children(node: Node | Service) -> tuple[Node, ...]:
    found = node.children if isinstance(node, Service | Container | List) else ()
    return tuple(child for child in found if not getattr(child, "key", False))


def nested(node: Node | Service) -> list[Node]:
    """Return the members of an object that are no values: where its path can go on."""
    values = Leaf | LeafList | AnyData
    return [child for child in _children(node) if not isinstance(child, values)]


def readable(node: Node | Service) -> list[Node]:
    """Return the members of an object that GET answers, without its keys."""
    return [child for child in _children(node) if not isinstance(child, Action)]


def writable(node: Node | Service, command: Command) -> list[Leaf | LeafList]:
    """Return the leaves that ADD or SET can give a value: what is init-only, ADD alone."""
    return [
        child
        for child in _children(node)
        if isinstance(child, Leaf | LeafList)
        and child.config
        and not (child.init_only and command is Command.SET)
    ]


def open_keys(place: Place) -> tuple[Leaf, ...]:
    """Return the keys of a service or list that the URL does not have yet.

    The step of a list may have the first keys of an entry: those were typed.
    """
    if not isinstance(place.node, List):
        return (CUBE_NAME,)
    return place.node.key_leaves[len(_typed(place)) :]


def _typed(place: Place) -> tuple[Any, ...]:
    return place.steps[-1][1] or ()


async def elements(polycube: Polycube, place: Place) -> list[dict[str, Any]]:
    """Return the open keys of every entry of a service or list that has the typed ones."""
    if not isinstance(place.node, List):
        service = place.service.name
        cubes = polycube.cubes.values()
        return [{"name": cube.name} for cube in cubes if cube.service.name == service]
    left = [leaf.name for leaf in open_keys(place)]
    if not left:  # a list without keys: its entries have no names
        return []
    typed = dict(zip(place.node.keys, _typed(place), strict=False))
    return [
        {name: entry[name] for name in left}
        for entry in await read(polycube, place.list_place) or []
        if all(entry[name] == value for name, value in typed.items())
    ]


async def read(polycube: Polycube, place: Place) -> Any:
    """Return what is at ``place``; None if it or what it is in is missing."""
    try:
        cube = polycube.cube(place.cube, place.service.name)
        return await polycube.tree(cube).read(place)
    except NotFound:
        return None


def exists(polycube: Polycube, place: Place) -> bool:
    """Whether a cube, entry or container is there."""
    try:
        tree = polycube.tree(polycube.cube(place.cube, place.service.name))
        tree.require_parents(place)
    except NotFound:
        return False
    return not place.is_entry or tree.exists(place)


def ends(polycube: Polycube, netdevs: Iterable[str]) -> list[str]:
    """Return all that can be connected: ports as ``cube:port``, then network interfaces."""
    ports = [f"{cube.name}:{port}" for cube in polycube.cubes.values() for port in cube.ports]
    return [*ports, *netdevs]
