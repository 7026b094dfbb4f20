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
    DataMissing,
    InvalidValue,
    MissingElement,
    OperationFailed,
    PolycubeError,
    UnknownElement,
    raise_all,
)
from polycube_runtime.support.schema import (
    CUBE_NAME,
    Action,
    AnyData,
    Choice,
    Container,
    Leaf,
    LeafList,
    List,
    Model,
    Notification,
    Service,
)
from polycube_runtime.support.types.base import shown

if TYPE_CHECKING:
    from collections.abc import Collection, Iterable, Iterator, Mapping

    from polycube_runtime.support.schema import Inner, Node, Rule

Object = dict[str, Any]
"""A JSON object of the dialect: members are YANG names."""

Plan = list[tuple[str, "Node", bool]]
"""The members of an object, and whether there is something to do if one is left out."""


class Mode(Enum):
    """What a document is for."""

    CREATE = "create"
    """A new (or wholly replaced) object: mandatory nodes must be there, defaults are filled in.

    Read-only members are left out of the result, so that what was read can be created again; in
    RFC 7951's encoding they are refused.
    """

    UPDATE = "update"
    """A change: members left out stay as they are; read-only and init-only ones are refused.

    That goes for entries of lists in the document too: validate those that turn out to be new
    with ``validate_entry`` for CREATE.
    """

    INSTANCE = "instance"
    """Everything there is, with state: mandatory nodes must be there, defaults are filled in."""


class Encoding(Enum):
    """How a document is written."""

    DIALECT = "dialect"
    """Polycube's: members are plain names, numbers are numbers, enumerations in any case."""

    RFC7951 = "rfc7951"
    """RFC 7951's: members have their module where it changes, long numbers are text."""


def validate(node: Node | Service, value: object, mode: Mode, where: str) -> Any:
    """Return ``value`` in canonical form: enums spelled as in the model, members in its order.

    A ``Service`` takes the document of one cube, a ``List`` an array of entries, an ``Action``
    its input. Raises what is wrong: an ``InvalidValue``, ``BadElement`` or ``MissingElement``,
    or ``Errors`` if it is more than one.
    """
    check = Check(mode)
    result = check.node(node, value, where)
    raise_all(check.errors)
    return result


def validate_entry(node: List, value: object, mode: Mode, where: str) -> Object:
    """Return one entry of a list in canonical form; ``where`` is the path of the entry."""
    check = Check(mode)
    result = check.members(node, value, where)
    raise_all(check.errors)
    return result


def entry_path(where: str, node: List, entry: Mapping[str, object]) -> str:
    """Return the path of ``entry`` in its list at ``where``: keys are percent-encoded segments."""
    return "/".join([where, *(quote(key_text(entry.get(key)), safe=":") for key in node.keys)])


def key_text(value: object) -> str:
    """Return a key's canonical value as it is written in a URL, before percent-encoding."""
    return str(value).lower() if isinstance(value, bool) else str(value)


class Check:
    """One pass over a document; errors are collected, and stand for the value they concern."""

    def __init__(self, mode: Mode, encoding: Encoding = Encoding.DIALECT) -> None:
        """Begin without errors."""
        self.mode = mode
        self.creating = mode is not Mode.UPDATE
        self.is_new = mode is Mode.CREATE
        self.strict = encoding is Encoding.RFC7951
        self.stored = True
        self.errors: list[PolycubeError] = []
        self._names: dict[int, dict[str, str]] = {}
        self._blanks: dict[int, Object] = {}
        self._plans: dict[int, Plan] = {}

    def node(self, node: Node | Service | Model, value: object, where: str) -> object:
        """Return a value of any node in canonical form."""
        match node:
            case Leaf():
                return self.leaf(node, value, where)
            case LeafList():
                return self.leaf_list(node, value, where)
            case List():
                return self.list(node, value, where)
            case Action():
                return self.action(node, value, where)
            case AnyData():
                return self.any_data(node, value, where)
            case Notification():
                return self.side(node, value, where)
            case _:
                return self.members(node, value, where)

    def leaf(self, node: Leaf | LeafList, value: object, where: str) -> object:
        """Return a value of a leaf, or one of a leaf-list."""
        try:
            if self.strict:
                return node.type.decode(value, where)
            return node.type.validate(value, where)
        except InvalidValue as error:
            self.errors.append(error)
            return None

    def leaf_list(self, node: LeafList, value: object, where: str) -> list[object]:
        """Return the values of a leaf-list."""
        if not isinstance(value, list):
            self.shape(value, "an array", where)
            return []
        result = [self.leaf(node, item, f"{where}/{index}") for index, item in enumerate(value)]
        self.count(node, len(result), where)
        if node.config and self.stored:
            for item in _twice(result):
                self.refuse(f"{shown(item)} is there twice", where)
        return result

    def any_data(self, node: AnyData, value: object, where: str) -> object:
        """Return what is not modelled."""
        if not node.any_value and not isinstance(value, dict):
            self.shape(value, "an object", where)
        elif value is None and node.attr:  # of a cube, whose configuration has None for nothing
            self.shape(value, "a value that a cube can keep; leave it out, or delete it", where)
        return value

    def list(self, node: List, value: object, where: str) -> list[Object]:
        """Return the entries of a list."""
        if not isinstance(value, list):
            self.shape(value, "an array of objects", where)
            return []
        self.count(node, len(value), where)
        result: list[Object] = []
        seen: set[tuple[str | None, ...]] = set()
        for item in value:
            entry = self.entry(node, item, where)
            result.append(entry)
            key = tuple(repr(entry[name]) if name in entry else None for name in node.keys)
            if node.keys and key in seen and None not in key:
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
        """Return the input of an action."""
        if node.input is not None:
            return self.side(node.input, {} if value is None else value, where)
        if value not in (None, {}):
            self.refuse("takes no input", where)
        return None

    def side(self, node: Container | Notification, value: object, where: str) -> Object:
        """Check what is in an operation or notification.

        It is no configuration, so the values of leaf-lists may be there twice (RFC 7950, 7.7).
        """
        self.stored = False
        result = self.members(node, value, where)
        self.stored = True
        return result

    def members(self, node: Inner, value: object, where: str) -> Object:
        """Check an object: a container, a list entry or a cube."""
        if not isinstance(value, dict):
            self.shape(value, "an object", where)
            return {}
        by_name = node.by_name
        if self.strict:
            value = self.plain_names(node, value, where)
        for name in value:
            if name not in by_name:
                known = ", ".join(by_name) or "nothing"
                self.refuse(f"is not a member here; expected {known}", f"{where}/{name}")
        idle: Collection[str] = ()
        if node.choices:
            value = {
                name: item for name, item in value.items() if not _is_void(by_name, name, item)
            }
            idle = self.idle(node.choices, value, where)
        result: Object = {}
        for name, child, needed in self._plans.get(id(node)) or self.plan(node):
            if name in value:
                self.member(child, value[name], f"{where}/{name}", result)
            elif needed and name not in idle:
                self.absent(child, f"{where}/{name}", result)
        return result

    def plan(self, node: Inner) -> Plan:
        """Return the members of an object, and for which there is something to do if left out."""
        is_cube = isinstance(node, Service)
        found = self._plans[id(node)] = [
            (name, child, self.is_new if is_cube and _is_key(child) else self.is_needed(child))
            for name, child in node.by_name.items()
        ]
        return found

    def is_needed(self, node: Node) -> bool:
        """Tell whether a member that is left out is filled in, or missed."""
        if _is_key(node):
            return True
        conditions: tuple[Rule, ...] = getattr(node, "when", ())
        if conditions or not self.creating:
            return False
        match node:
            case Action() | Notification():
                return False
            case Leaf() | LeafList() | AnyData() | List() | Container() if (
                not node.config and self.mode is not Mode.INSTANCE
            ):
                return False
            case Leaf():
                return node.mandatory or node.default is not None
            case LeafList():
                return bool(node.default) or node.min_elements > 0
            case AnyData():
                return node.mandatory
            case List():
                return node.min_elements > 0
            case _:
                inner = not node.presence
                return inner and (bool(node.choices) or any(map(self.is_needed, node.children)))

    def plain_names(self, node: Inner, value: Object, where: str) -> Object:
        """Return an object of RFC 7951 with the names of its members as the dialect has them."""
        known = self._names.get(id(node))
        if known is None:
            known = self._names[id(node)] = {
                qualified(child): child.name for child in node.children
            }
        result: Object = {}
        for name, item in value.items():
            if name in known:
                result[known[name]] = item
            elif not name.startswith("@"):  # metadata (RFC 7952) is not of the model
                expected = ", ".join(known) or "nothing"
                problem = f"is not a member here; expected {expected}"
                self.errors.append(UnknownElement(problem, f"{where}/{name}"))
        return result

    def idle(self, choices: tuple[Choice, ...], value: Object, where: str) -> set[str]:
        """Return the members of cases that are not chosen; refuse two cases of a choice."""
        result: set[str] = set()
        for choice in choices:
            given = [case for case in choice.cases if any(name in value for name in case.members)]
            if len(given) > 1:
                names = " and ".join(case.name for case in given)
                self.refuse(f"has members of {names}, of which {choice.name} allows one", where)
            if not given and choice.mandatory and not choice.when and self.creating:
                self.unmade(choice, where)
            chosen = [case.name for case in given] or [choice.default]
            for case in choice.cases:
                if case.name in chosen:
                    result |= self.idle(case.choices, value, where)
                else:
                    result |= set(case.members)
        return result

    def unmade(self, choice: Choice, where: str) -> None:
        """Note a choice that must be made (RFC 7950, section 15.6)."""
        names = ", ".join(case.name for case in choice.cases)
        message = f"has nothing for the choice {choice.name}; expected one of {names}"
        self.errors.append(DataMissing(message, where, "missing-choice"))

    def member(self, child: Node, value: object, where: str, result: Object) -> None:
        """Put the value of a member in ``result``, if it may be given."""
        if isinstance(child, Action):
            self.refuse("is an action: call it with POST", where)
        elif isinstance(child, Notification):
            self.refuse("is an event, no data", where)
        elif self.mode is Mode.INSTANCE:
            result[child.name] = self.node(child, value, where)
        elif not child.config and not _is_key(child):
            if self.strict or not self.creating:
                self.refuse("is read-only", where)
        elif child.init_only and not self.creating and not _is_key(child):
            self.refuse("can be set only when its parent is created", where)
        else:
            result[child.name] = self.node(child, value, where)

    def absent(self, child: Node, where: str, result: Object) -> None:
        """Fill in the default of a member that was left out, or say that it must be there."""
        match child:
            case Leaf(key=True) if child is not CUBE_NAME:
                self.missing("is a key and must be given", where)
            case Leaf(mandatory=True):
                self.missing(f"is mandatory; expected {child.type.expected}", where)
            case Leaf(default=default) if default is not None:
                result[child.name] = default
            case LeafList():
                self.count(child, len(child.default), where)
                if child.default:
                    result[child.name] = list(child.default)
            case AnyData(mandatory=True):
                self.missing("is mandatory", where)
            case List():
                self.count(child, 0, where)
            case Container(presence=False):
                if inner := self.blank(child, where):
                    result[child.name] = inner

    def blank(self, node: Container, where: str) -> Object:
        """Return what is in a container that was left out; but for errors, the same everywhere."""
        known = self._blanks.get(id(node))
        if known is None:
            before = len(self.errors)
            known = self.members(node, {}, where)
            if len(self.errors) > before:
                return known
            self._blanks[id(node)] = known
        return _copied(known) if known else {}

    def knows(self, node: Node) -> bool:
        """Tell whether it is known what is in a container that is left out."""
        return id(node) in self._blanks

    def count(self, node: List | LeafList, count: int, where: str) -> None:
        """Refuse too many entries, or too few (RFC 7950, sections 15.2 and 15.3)."""
        if count > node.max_elements:
            message = f"has {count} entries; at most {node.max_elements} are accepted"
            self.errors.append(OperationFailed(message, where, "too-many-elements"))
        if self.creating and count < node.min_elements:
            message = f"has {count} entries; at least {node.min_elements} are needed"
            self.errors.append(OperationFailed(message, where, "too-few-elements"))

    def shape(self, value: object, expected: str, where: str) -> None:
        """Note a value of the wrong JSON type."""
        self.errors.append(BadElement(f"{shown(value)} is not {expected}", where))

    def refuse(self, problem: str, where: str) -> None:
        """Note what is wrong at a node."""
        self.errors.append(InvalidValue(problem, where))

    def missing(self, problem: str, where: str) -> None:
        """Note a node that must be there."""
        self.errors.append(MissingElement(problem, where))


def qualified(node: Node) -> str:
    """Return the member of a JSON object of RFC 7951 that holds a node (section 4)."""
    return f"{node.module}:{node.name}" if node.module and ":" not in node.name else node.name


def _twice(values: Iterable[object]) -> Iterator[object]:
    """Yield the values that were there before."""
    seen: set[str] = set()
    for value in values:
        # 1 and true are equal in Python; as JSON they are not.
        written = repr(value)
        if value is not None and written in seen:
            yield value
        seen.add(written)


def _is_void(by_name: Mapping[str, Node], name: str, value: object) -> bool:
    """Tell whether a member is a container that is as good as absent (RFC 7950, section 7.5.1).

    Nothing is in it but such containers and lists without entries: it chooses no case, then.
    """
    node = by_name.get(name)
    if not isinstance(node, Container) or node.presence or not isinstance(value, dict):
        return False
    inner = {child.name: child for child in node.children}
    return all(
        _is_void(inner, one, item) or (item == [] and isinstance(inner.get(one), List))
        for one, item in value.items()
    )


def _copied(value: Object) -> Object:
    """Return a copy of what defaults are made of, as deep as it can be changed."""
    return {
        name: _copied(item)
        if isinstance(item, dict)
        else (list(item) if isinstance(item, list) else item)
        for name, item in value.items()
    }


def _is_key(node: Node) -> bool:
    return isinstance(node, Leaf) and node.key
