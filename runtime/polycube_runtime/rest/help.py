"""Help: what OPTIONS answers to the ``?`` of the command line; with ``completion``, to TAB.

An answer has at most four members::

    commands          words that can follow: ["add", "del", "show"]
    params            items by name: keys, members, or what must be given
    optional-params   items by name: what may be given
    elements          keys of the entries that exist: [{"name": "p1"}]

An item says of a node its ``name``, ``type`` (leaf, key, list, complex, action), ``description``,
``example`` and, if it has a value, ``simpletype`` (integer, unsigned, decimal, string, boolean,
empty).
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from polycube_runtime.core.words import ROOT
from polycube_runtime.rest import offers
from polycube_runtime.rest.completion import words
from polycube_runtime.rest.offers import Command, parse_command, refuse_unless
from polycube_runtime.support.routes import Shape
from polycube_runtime.support.schema import (
    CUBE_NAME,
    Action,
    AnyData,
    Container,
    Leaf,
    LeafList,
    List,
)
from polycube_runtime.support.types import Boolean, Decimal64, Empty, Integer, Leafref, Union

if TYPE_CHECKING:
    from collections.abc import Iterable

    from polycube_runtime.core.model.place import Place
    from polycube_runtime.core.polycube import Polycube
    from polycube_runtime.support.schema import Node, Service
    from polycube_runtime.support.types import Type

Object = dict[str, Any]


async def resource_help(
    polycube: Polycube, place: Place, shape: Shape, command: str, *, completion: bool
) -> object:
    """Answer OPTIONS on a resource of a service, whose cube and entries need not exist.

    ``place`` may have the first keys of an entry where ``shape`` is a list: those typed so far.
    Raises ``InvalidValue`` for a ``command`` that is unknown, missing, or not one of this shape.
    """
    asked = parse_command(command)
    if completion:
        return await words(polycube, place, shape, asked)
    node = place.node
    known = offers.commands(node, shape)
    created = shape in {Shape.CUBE, Shape.ENTRY} and Command.SET in known
    refuse_unless(asked, (*known, Command.ADD) if created else known)
    found: Object = {"commands": [one.lower() for one in known]} if asked is Command.NONE else {}
    if isinstance(node, Action):
        inputs = node.input.children if node.input else ()
        return {"params": _items(inputs, kind="key")}
    if isinstance(node, Leaf | LeafList):
        return {**found, "params": _items([node])}
    if isinstance(node, AnyData):
        return {**found, "params": {}}
    if shape in {Shape.SERVICE, Shape.LIST}:
        return {**found, **await _list_help(polycube, place, asked)}
    return {**found, **_object_help(node, asked)}


async def _list_help(polycube: Polycube, place: Place, asked: Command) -> Object:
    params = _items(offers.open_keys(place), kind="key")
    if asked is Command.ADD:
        given = _given(place.node)
        return {**given, "params": {**params, **given["params"]}}
    return {"params": params, "elements": await offers.elements(polycube, place)}


def _object_help(node: Node | Service, asked: Command) -> Object:
    match asked:
        case Command.ADD:
            return _given(node)
        case Command.SET:
            return {"params": _items(offers.writable(node, asked))}
        case Command.SHOW:
            return {"params": _items(offers.readable(node))}
        case _:
            return {"params": _items(offers.nested(node))}


def _given(node: Node | Service) -> Object:
    """Return what a new entry takes beside its keys; the original called all of it optional."""
    leaves = offers.writable(node, Command.ADD)
    return {
        "params": _items(leaf for leaf in leaves if getattr(leaf, "mandatory", False)),
        "optional-params": _items(leaf for leaf in leaves if not getattr(leaf, "mandatory", False)),
    }


# Items


def _items(nodes: Iterable[Node], kind: str = "") -> dict[str, Object]:
    """Return the items of ``nodes`` by name; ``kind`` stands in for the type of leaves."""
    return {node.name: _item(node, kind) for node in nodes}


def _item(node: Node, kind: str) -> Object:
    match node:
        case Leaf() | LeafList():
            value = {"type": kind or "leaf", "simpletype": simpletype(node.type)}
        case Container():
            value = {"type": "complex"}
        case List():
            value = {"type": "list"}
        case Action():
            value = {"type": "action"}
    return {"name": node.name, **value, "description": node.description, "example": node.example}


def simpletype(kind: Type) -> str:
    """Return the dialect's word for a type: how a client must write its values in JSON."""
    match kind:
        case Integer():
            return "integer" if kind.signed else "unsigned"
        case Decimal64():
            return "decimal"
        case Boolean():
            return "boolean"
        case Empty():
            return "empty"
        case Leafref():
            return simpletype(kind.target)
        case Union():
            members = {simpletype(member) for member in kind.members}
            return members.pop() if len(members) == 1 else "string"
    return "string"


# The daemon's own words


def root_help(polycube: Polycube, command: str, *, completion: bool) -> object:
    """Answer OPTIONS on the root: what the first word can be, whatever the command.

    Raises ``InvalidValue`` for a ``command`` that is unknown or missing.
    """
    refuse_unless(parse_command(command), (Command.ADD, Command.DEL, Command.SET, Command.SHOW))
    services = [polycube.services[name].SERVICE for name in sorted(polycube.services)]
    if completion:
        return [*ROOT, *(service.name for service in services), *polycube.cubes]
    return {"params": {service.name: _service(service) for service in services}}


def _service(service: Service) -> Object:
    return {
        "name": service.name,
        "type": "leaf",
        "simpletype": "service",
        "description": service.description,
        "version": service.version,
        "pyang_repo_id": "",
        "swagger_codegen_repo_id": "",
    }


def _key(name: str, description: str, example: str) -> Object:
    return {
        "name": name,
        "type": "key",
        "simpletype": "string",
        "description": description,
        "example": example,
    }


_PEERS = (
    _key("peer1", "One end: the port of a cube (cube:port) or a network interface", "br1:p1"),
    _key("peer2", "The other end: likewise; at least one is a port", "veth1"),
)
_CHAINED = (
    _key("cube", "A transparent cube", "nat1"),
    _key("port", "Where: the port of a cube (cube:port) or a network interface", "br1:p1"),
)
_ARGUMENTS = {
    "connect": _PEERS,
    "disconnect": _PEERS,
    "attach": _CHAINED,
    "detach": _CHAINED,
    "reload": (_key("cube", "The cube whose data plane is compiled again", "br1"),),
}
_PLACES = (
    _key("position", "Place in the chain: auto, first or last", "first"),
    _key("after", "The cube to come after", "th1"),
    _key("before", "The cube to come before", "th1"),
)
_NEW_SERVICE = (
    _key("type", "Kind of package: lib", "lib"),
    _key("uri", "An installed Python package, or the absolute path of one", "/opt/doorman/doorman"),
    _key("name", "Name of the service in its model", "doorman"),
)
_LISTED = {
    "services": _key("name", "Name of a service", "simplebridge"),
    "cubes": _key("name", CUBE_NAME.description, "br1"),
    "netdevs": _key("name", "Name of a network interface", "veth1"),
    "topology": _key("name", "Name of a network interface", "veth1"),
}


_WORD_COMMANDS = {
    "cubes": (Command.ADD, Command.SHOW),
    "services": (Command.ADD, Command.DEL, Command.SHOW),
}


def daemon_help(
    polycube: Polycube, word: str, command: str, *, completion: bool, netdevs: Iterable[str] = ()
) -> object:
    """Answer OPTIONS on a word of the daemon's: one of ``_ARGUMENTS``, ``_LISTED``, or version.

    Raises ``InvalidValue`` for a ``command`` that is unknown, missing, or not one of this word.
    """
    asked = parse_command(command)
    if word in _ARGUMENTS:
        refuse_unless(asked, ())
        if completion:
            return _argument_words(polycube, word, netdevs)
        found = {"params": {item["name"]: item for item in _ARGUMENTS[word]}}
        if word == "attach":
            found["optional-params"] = {item["name"]: item for item in _PLACES}
        return found
    known = _WORD_COMMANDS.get(word, (Command.SHOW,))
    refuse_unless(asked, known)
    lower = [one.lower() for one in known]
    if asked is Command.ADD and word == "services":
        if completion:
            return [f"{item['name']}=" for item in _NEW_SERVICE]
        return {"params": {item["name"]: item for item in _NEW_SERVICE}}
    names = [] if asked is Command.ADD else _names(polycube, word, netdevs)
    if completion:
        return [*names, *lower] if asked is Command.NONE else names
    listing: Object = {"commands": lower} if asked is Command.NONE else {}
    if asked is Command.ADD or word not in _LISTED:  # cubes to add come as a document
        return {**listing, "params": {}}
    listed = [{"name": name} for name in names]
    return {**listing, "params": {"name": _LISTED[word]}, "elements": listed}


def one_help(word: str, command: str, *, completion: bool) -> object:
    """Answer OPTIONS on one of what a word lists: a service, a cube, a netdev."""
    asked = parse_command(command)
    known = (Command.SHOW, Command.DEL) if word == "services" else (Command.SHOW,)
    refuse_unless(asked, known)
    lower = [one.lower() for one in known] if asked is Command.NONE else []
    if completion:
        return lower
    return {**({"commands": lower} if lower else {}), "params": {}}


def _argument_words(polycube: Polycube, word: str, netdevs: Iterable[str]) -> list[str]:
    if word == "reload":
        return ["cube="]
    found = offers.ends(polycube, netdevs)
    if word not in {"attach", "detach"}:
        return found
    attached = word == "detach"
    cubes = [
        cube.name
        for cube in polycube.cubes.values()
        if cube.service.kind == "transparent" and bool(cube.parent) is attached
    ]
    return [*cubes, *found, *(() if attached else ("position=", "after=", "before="))]


def _names(polycube: Polycube, word: str, netdevs: Iterable[str]) -> list[str]:
    match word:
        case "services":
            return sorted(polycube.services)
        case "cubes":
            return list(polycube.cubes)
        case "netdevs" | "topology":
            return list(netdevs)
    return []
