"""Request bodies: exactly one instance, named with its module, in the JSON of RFC 7951."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from polycube_runtime.rest.bodies import json_body
from polycube_runtime.rest.restconf.target import ABSENT, Target, find
from polycube_runtime.support.errors import (
    BadElement,
    InvalidValue,
    MalformedMessage,
    MissingElement,
    UnknownElement,
    raise_all,
)
from polycube_runtime.support.schema import Action, LeafList, List, Notification
from polycube_runtime.support.validate import Check, Encoding, Mode

if TYPE_CHECKING:
    from starlette.requests import Request

    from polycube_runtime.rest.restconf.target import Ways
    from polycube_runtime.support.schema import Node

Object = dict[str, Any]


class Instance(NamedTuple):
    """A node's instance as a client wrote it: an entry of a list is no array any more."""

    target: Target
    raw: Any


async def read_body(request: Request) -> Any:
    """Read the body; None for an empty one.

    Raises:
        TooBig: it is.
        MalformedMessage: it is not JSON, or has a member twice.

    """
    return await json_body(request, once=True)


def only_member(body: Any, where: str) -> tuple[str, Any]:
    """Return the one member of a message.

    Raises:
        MalformedMessage: it is not an object of exactly one member.

    """
    if not isinstance(body, dict) or len(body) != 1:
        message = "the body is not an object with exactly one member, named module:node"
        raise MalformedMessage(message, where)
    return next(iter(body.items()))


def instance_at(target: Target, body: Any) -> Any:
    """Return what a body says of exactly this target, as PUT and PATCH have it.

    Raises:
        MalformedMessage: it is about something else.

    """
    name, raw = only_member(body, target.path)
    if name != target.member:
        message = f"the body is about '{name}'; expected '{target.member}'"
        raise MalformedMessage(message, target.path)
    if target.steps and isinstance(target.node, List | LeafList) and not target.is_list:
        raw = _single(raw, target)
    return raw


def instance_in(ways: Ways, parent: Target, body: Any) -> Instance:
    """Return what a body says is to be created in a target, as POST has it."""
    name, raw = only_member(body, parent.path)
    node = find(parent, ways.tops, name) if ":" in name else None
    if node is None or isinstance(node, Action | Notification):
        message = f"'{name}' is no data node here; expected a member, named module:node"
        raise UnknownElement(message, parent.path)
    found = ways.below(parent, node)
    if isinstance(node, LeafList):
        raw = _single(raw, found)
        return Instance(found._replace(item=_decoded(node, [raw], found)[0]), raw)
    if not isinstance(node, List):
        return Instance(found, raw)
    raw = _single(raw, found)
    return Instance(found.entry(key_in(node, raw, found)), raw)


def _single(raw: Any, target: Target) -> Any:
    if not isinstance(raw, list) or len(raw) != 1:
        message = f"'{target.member}' is not an array of exactly one instance"
        raise MalformedMessage(message, target.path)
    return raw[0]


def array(raw: Any, target: Target) -> list[Any]:
    """Return the entries of a list as a client wrote them.

    Raises:
        BadElement: it is no array.

    """
    if not isinstance(raw, list):
        message = "is not an array"
        raise BadElement(message, target.path)
    return raw


def key_in(node: List, raw: Any, target: Target) -> tuple[Any, ...]:
    """Return the key of an entry as a client wrote it.

    Raises:
        BadElement, MissingElement, InvalidValue: it has none.

    """
    if not isinstance(raw, dict):
        message = "an entry is not an object"
        raise BadElement(message, target.path)
    for leaf in node.key_leaves:
        if leaf.name not in raw:
            message = "is a key and must be given"
            raise MissingElement(message, f"{target.path}/{leaf.name}")
    return tuple(
        leaf.type.decode(raw[leaf.name], f"{target.path}/{leaf.name}") for leaf in node.key_leaves
    )


def _decoded(node: Node, raw: Any, target: Target) -> Any:
    check = Check(Mode.UPDATE, Encoding.RFC7951)
    found = check.node(node, raw, target.path)
    raise_all(check.errors)
    return found


def decode(target: Target, raw: Any, mode: Mode) -> Any:
    """Return an instance in canonical form.

    Raises what is wrong with it.
    """
    node, check = target.node, Check(mode, Encoding.RFC7951)
    where = target.place.path if target.service else target.path
    if target.is_list:
        value: Any = check.node(node, raw, where)
    elif isinstance(node, LeafList):
        value = check.leaf(node, raw, where)
        _require_same(value, target.item, target)
    elif isinstance(node, List):
        value = check.members(node, raw, where)
        if not check.errors:
            _require_key(node, value, target)
    else:
        value = check.node(node, raw, where)
    raise_all(check.errors)
    return value


def _require_key(node: List, value: Object, target: Target) -> None:
    for name, wanted in zip(node.keys, target.key or (), strict=True):
        if value[name] != wanted:
            message = f"'{value[name]}' is not the key in the URL, '{wanted}'"
            raise InvalidValue(message, f"{target.path}/{name}")


def _require_same(value: Any, wanted: Any, target: Target) -> None:
    if wanted is not ABSENT and value is not None and value != wanted:
        message = f"'{value}' is not the value in the URL, '{wanted}'"
        raise InvalidValue(message, target.path)
