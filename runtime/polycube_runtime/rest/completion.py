"""Completion: the words that can follow a place, for TAB.

A shell has nowhere to show an error, so unlike help this refuses no known command. The command may
stand anywhere in the path: ``show br1 ports`` is typed from left to right. So wherever a command
does nothing itself, its words are those that lead to where it does, or none.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from polycube_runtime.rest import offers
from polycube_runtime.rest.offers import Command
from polycube_runtime.support.routes import Shape
from polycube_runtime.support.schema import Action, AnyData, Container, Leaf, LeafList, List
from polycube_runtime.support.types import Boolean, Enumeration, Leafref, Union
from polycube_runtime.support.validate import key_text

if TYPE_CHECKING:
    from polycube_runtime.core.model.place import Place
    from polycube_runtime.core.polycube import Polycube
    from polycube_runtime.support.schema import Node, Service
    from polycube_runtime.support.types import Type


async def words(polycube: Polycube, place: Place, shape: Shape, asked: Command) -> list[str]:
    """Return what can follow ``place`` when ``asked`` is the command on the line."""
    node = place.node
    if asked is Command.NO_HELP:
        return []
    if isinstance(node, Leaf | LeafList):
        return await _values(polycube, place, node, asked)
    if isinstance(node, AnyData):
        return []
    if isinstance(node, Action):
        inputs = node.input.children if node.input and asked is Command.NONE else ()
        return [f"{child.name}=" for child in inputs]
    if shape in {Shape.SERVICE, Shape.LIST}:
        return await _keys(polycube, place, shape, asked)
    return _members(polycube, place, shape, asked)


async def _keys(polycube: Polycube, place: Place, shape: Shape, asked: Command) -> list[str]:
    left, known = offers.open_keys(place), offers.commands(place.node, shape)
    if not left:
        return _lower(known) if asked is Command.NONE else []
    first = left[0].name
    if asked is Command.ADD:
        return [first] if Command.ADD in known else []
    found = [key_text(entry[first]) for entry in await offers.elements(polycube, place)]
    return [*dict.fromkeys(found), *(_lower(known) if asked is Command.NONE else ())]


def _members(polycube: Polycube, place: Place, shape: Shape, asked: Command) -> list[str]:
    node = place.node
    nested = offers.nested(node)
    onward = [one.name for one in nested if isinstance(one, Container | List) and one.config]
    match asked:
        case Command.NONE:
            return [*(one.name for one in nested), *_lower(offers.commands(node, shape))]
        case Command.SHOW:
            return [child.name for child in offers.readable(node)]
        case Command.SET:
            return [*_assignments(node, asked), *onward]
        case Command.ADD if not offers.exists(polycube, place):
            return _assignments(node, asked)
        case _:
            return onward


def _assignments(node: Node | Service, asked: Command) -> list[str]:
    return [f"{leaf.name}=" for leaf in offers.writable(node, asked)]


def _lower(commands: tuple[Command, ...]) -> list[str]:
    return [command.lower() for command in commands]


async def _values(
    polycube: Polycube, place: Place, leaf: Leaf | LeafList, asked: Command
) -> list[str]:
    """Return values that the leaf can be given."""
    fixed = leaf.init_only and asked is Command.SET
    if not leaf.config or fixed or asked in {Command.SHOW, Command.DEL}:
        return []
    if place.schema_path == "ports/peer":
        own = f"{place.cube}:{key_text(place.keys[0])}"
        found = offers.ends(polycube, await polycube.kernel.netdevs())
        return [end for end in found if end != own]
    found = await _values_of(polycube, place, leaf.type)
    if not found and isinstance(leaf, Leaf) and leaf.default not in (None, ""):
        found = [key_text(leaf.default)]
    return list(dict.fromkeys(found))


async def _values_of(polycube: Polycube, place: Place, kind: Type) -> list[str]:
    match kind:
        case Enumeration():
            return _spellings([name for name, _ in kind.values])
        case Boolean():
            return ["true", "false"]
        case Leafref():
            first, *rest = kind.path.strip("/").split("/")
            cube = place._replace(steps=())
            target = cube.child(place.service.by_name[first])
            return [key_text(one) for one in _pluck(await offers.read(polycube, target), rest)]
        case Union():
            found = [await _values_of(polycube, place, member) for member in kind.members]
            return [value for values in found for value in values]
    return []


def _spellings(names: list[str]) -> list[str]:
    """Put names in lower case, unless that would make two of them one."""
    lower = [name.lower() for name in names]
    return lower if len(set(lower)) == len(lower) else names


def _pluck(data: Any, path: list[str]) -> list[Any]:
    """Return every value at a schema path below ``data``."""
    if isinstance(data, list):
        return [value for entry in data for value in _pluck(entry, path)]
    if not path or data is None:
        return [] if data is None else [data]
    return _pluck(data.get(path[0]), path[1:])
