"""Check a JSON document against the model, and make it canonical.

``validate`` takes any node, ``validate_entry`` one entry of a list. Both collect everything that
is wrong before they raise, and name each node by its path: ``where`` is that of the document
(``/simplebridge/br1``), steps below it are appended.
"""

from __future__ import annotations

from enum import Enum
from typing import TYPE_CHECKING, Any
from urllib.parse import quote

from polycube_runtime.support.errors import (
    BadElement,
    InvalidValue,
    MissingElement,
    PolycubeError,
    raise_all,
)
from polycube_runtime.support.schema import Action, Container, Leaf, LeafList, List, Service
from polycube_runtime.support.types.base import shown

if TYPE_CHECKING:
    from collections.abc import Mapping

    from polycube_runtime.support.schema import Inner, Node

Object = dict[str, Any]
"""A JSON object of the dialect: members are YANG names."""


class Mode(Enum):
    """What a document is for."""

    CREATE = "create"
    """A new (or wholly replaced) object: mandatory nodes must be there, defaults are filled in.

    Read-only members are left out of the result, so that what was read can be created again.
    """

    UPDATE = "update"
    """A change: members left out stay as they are; read-only and init-only ones are refused.

    That goes for entries of lists in the document too: validate those that turn out to be new
    with ``validate_entry`` for CREATE.
    """


def validate(node: Node | Service, value: object, mode: Mode, where: str) -> Any:
    """Return ``value`` in canonical form: enums spelled as in the model, members in its order.

    A ``Service`` takes the document of one cube, a ``List`` an array of entries, an ``Action``
    its input. Raises what is wrong: an ``InvalidValue``, ``BadElement`` or ``MissingElement``,
    or ``Errors`` if it is more than one.
    """
    check = _Check(mode)
    result = check.node(node, value, where)
    raise_all(check.errors)
    return result


def validate_entry(node: List, value: object, mode: Mode, where: str) -> Object:
    """Return one entry of a list in canonical form; ``where`` is the path of the entry."""
    check = _Check(mode)
    result = check.members(node, value, where)
    raise_all(check.errors)
    return result


def entry_path(where: str, node: List, entry: Mapping[str, object]) -> str:
    """Return the path of ``entry`` in its list at ``where``: keys are percent-encoded segments."""
    return "/".join([where, *(quote(key_text(entry.get(key)), safe=":") for key in node.keys)])


def key_text(value: object) -> str:
    """Return a key's canonical value as it is written in a URL, before percent-encoding."""
    return str(value).lower() if isinstance(value, bool) else str(value)


class _Check:
    """One pass over a document; errors are collected, and stand for the value they concern."""

    def __init__(self, mode: Mode) -> None:
        self.creating = mode is Mode.CREATE
        self.errors: list[PolycubeError] = []

    def node(self, node: Node | Service, value: object, where: str) -> object:
        match node:
            case Leaf():
                return self.leaf(node, value, where)
            case LeafList():
                return self.leaf_list(node, value, where)
            case List():
                return self.list(node, value, where)
            case Action():
                return self.action(node, value, where)
            case _:
                return self.members(node, value, where)

    def leaf(self, node: Leaf | LeafList, value: object, where: str) -> object:
        try:
            return node.type.validate(value, where)
        except InvalidValue as error:
            self.errors.append(error)
            return None

    def leaf_list(self, node: LeafList, value: object, where: str) -> list[object]:
        if not isinstance(value, list):
            self.shape(value, "an array", where)
            return []
        result = [self.leaf(node, item, f"{where}/{index}") for index, item in enumerate(value)]
        self.count(node, len(result), where)
        for index, item in enumerate(result):
            if node.config and item is not None and item in result[:index]:
                self.refuse(f"{shown(item)} is there twice", where)
        return result

    def list(self, node: List, value: object, where: str) -> list[Object]:
        if not isinstance(value, list):
            self.shape(value, "an array of objects", where)
            return []
        self.count(node, len(value), where)
        result: list[Object] = []
        seen: set[tuple[object, ...]] = set()
        for item in value:
            entry = self.entry(node, item, where)
            result.append(entry)
            key = tuple(entry.get(name) for name in node.keys)
            if key in seen and None not in key:
                self.refuse("is there twice", entry_path(where, node, entry))
            seen.add(key)
        return result

    def entry(self, node: List, value: object, where: str) -> Object:
        """Check an entry; its own path costs as much as all else, so only errors pay for it."""
        before = len(self.errors)
        result = self.members(node, value, where)
        if len(self.errors) > before and isinstance(value, dict):
            del self.errors[before:]
            result = self.members(node, value, entry_path(where, node, value))
        return result

    def action(self, node: Action, value: object, where: str) -> object:
        if node.input is not None:
            return self.members(node.input, {} if value is None else value, where)
        if value not in (None, {}):
            self.refuse("takes no input", where)
        return None

    def members(self, node: Inner, value: object, where: str) -> Object:
        """Check an object: a container, a list entry or a cube."""
        if not isinstance(value, dict):
            self.shape(value, "an object", where)
            return {}
        by_name = node.by_name
        for name in value:
            if name not in by_name:
                known = ", ".join(by_name) or "nothing"
                self.refuse(f"is not a member here; expected {known}", f"{where}/{name}")
        result: Object = {}
        for name, child in by_name.items():
            if name in value:
                self.member(child, value[name], f"{where}/{name}", result)
            elif isinstance(child, Leaf) and child.key and not isinstance(node, Service):
                self.missing("is a key and must be given", f"{where}/{name}")
            elif self.creating:
                self.absent(child, f"{where}/{name}", result)
        return result

    def member(self, child: Node, value: object, where: str, result: Object) -> None:
        if isinstance(child, Action):
            self.refuse("is an action: call it with POST", where)
        elif not child.config and not _is_key(child):
            if not self.creating:
                self.refuse("is read-only", where)
        elif child.init_only and not self.creating and not _is_key(child):
            self.refuse("can be set only when its parent is created", where)
        else:
            result[child.name] = self.node(child, value, where)

    def absent(self, child: Node, where: str, result: Object) -> None:
        """Fill in the default of a member that was left out, or say that it is mandatory."""
        match child:
            case Leaf(config=True, mandatory=True):
                self.missing(f"is mandatory; expected {child.type.expected}", where)
            case Leaf(config=True, default=default) if default is not None:
                result[child.name] = default
            case LeafList(config=True):
                self.count(child, len(child.default), where)
                if child.default:
                    result[child.name] = list(child.default)
            case List(config=True):
                self.count(child, 0, where)
            case Container(config=True, presence=False):
                if inner := self.members(child, {}, where):
                    result[child.name] = inner

    def count(self, node: List | LeafList, count: int, where: str) -> None:
        if count > node.max_elements:
            self.refuse(f"has {count} entries; at most {node.max_elements} are accepted", where)
        if self.creating and count < node.min_elements:
            self.refuse(f"has {count} entries; at least {node.min_elements} are needed", where)

    def shape(self, value: object, expected: str, where: str) -> None:
        self.errors.append(BadElement(f"{shown(value)} is not {expected}", where))

    def refuse(self, problem: str, where: str) -> None:
        self.errors.append(InvalidValue(problem, where))

    def missing(self, problem: str, where: str) -> None:
        self.errors.append(MissingElement(problem, where))


def _is_key(node: Node) -> bool:
    return isinstance(node, Leaf) and node.key
