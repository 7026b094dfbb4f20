"""How much of the data is shown: `content`, `depth`, `fields`, `with-defaults` (RFC 8040, 4.8).

Keys are shown with every entry that is, so that what is answered is valid data of the model.
"""

from __future__ import annotations

import re
from typing import TYPE_CHECKING, Any

from polycube_runtime.core.model.defaults import is_default
from polycube_runtime.rest.restconf.negotiation import UNBOUNDED
from polycube_runtime.rest.restconf.refusals import BadRequest
from polycube_runtime.rest.restconf.target import Target, find
from polycube_runtime.support.instance import encode
from polycube_runtime.support.schema import (
    AnyData,
    Container,
    Leaf,
    LeafList,
    List,
)
from polycube_runtime.support.validate import qualified

if TYPE_CHECKING:
    from polycube_runtime.rest.restconf.negotiation import Query
    from polycube_runtime.support.schema import Node

Object = dict[str, Any]
Fields = dict[str, "Fields | None"]
"""Members wanted by their names in the dialect; None: with all that is in them."""

_TOKEN = re.compile(r"[();/]|[^();/]+")
_NAME = re.compile(r"(?:[A-Za-z_][A-Za-z0-9_.-]*:)?[A-Za-z_][A-Za-z0-9_.-]*").fullmatch
_NESTED = 50
"""Parentheses in parentheses, at most; no model is that deep."""


class View:
    """Encodes data, or as much of it as is asked for."""

    def __init__(self, query: Query, fields: Fields | None = None) -> None:
        """Show what `query` asks for; `fields` are those that it names, parsed."""
        self._content = query.content
        self._depth = query.depth
        self._defaults = query.defaults
        self._fields = fields

    @property
    def is_whole(self) -> bool:
        """Whether everything is shown, as it is."""
        unbounded = self._depth == UNBOUNDED
        return (
            unbounded
            and self._content != "nonconfig"
            and self._defaults in {"report-all", "explicit"}
            and not self._fields
        )

    def value(self, node: Node, value: Any) -> Any:
        """Encode the value of a node, of a list an array of entries."""
        return self._value(node, value, 1, self._fields)

    def message(self, target: Target, value: Any) -> Object:
        """Return the message that holds what was read at a target that is not the datastore."""
        node = target.node
        one = isinstance(node, List) and target.key is not None
        shown = [value] if one else value
        found = {target.member: self.value(node, shown)}
        if isinstance(node, Leaf | LeafList):
            self._tag(found, target.member, node, value)
        return found

    def members(self, nodes: tuple[Node, ...], value: Object) -> Object:
        """Encode what is in the datastore."""
        return self._members(nodes, value, 1, self._fields)

    def _value(self, node: Node, value: Any, depth: int, fields: Fields | None) -> Any:
        match node:
            case Leaf():
                return node.type.encode(value)
            case LeafList():
                return [node.type.encode(item) for item in value]
            case List():
                if self.is_whole:
                    return encode(node, value)
                shown = [self._entry(node, entry, depth, fields) for entry in value]
                return [entry for entry in shown if entry is not None]
            case Container():
                if self.is_whole:
                    return encode(node, value)
                return self._members(node.children, value, depth, fields)
            case _:
                return value

    def _entry(self, node: List, entry: Object, depth: int, fields: Fields | None) -> Object | None:
        shown = self._members(node.children, entry, depth, fields)
        empty = self._content == "nonconfig" and node.config and len(shown) <= len(node.keys)
        return None if empty else shown

    def _members(
        self, nodes: tuple[Node, ...], value: Object, depth: int, fields: Fields | None
    ) -> Object:
        result: Object = {}
        for child in nodes:
            if child.name not in value:
                continue
            key = isinstance(child, Leaf) and child.key
            if not key and (depth >= self._depth or (fields and child.name not in fields)):
                continue
            if key or self._is_shown(child, value[child.name]):
                inner = fields.get(child.name) if fields else None
                self._add(result, child, value[child.name], depth + 1, inner)
        return result

    def _is_shown(self, child: Node, value: Any) -> bool:
        single = isinstance(child, Leaf | LeafList | AnyData)
        if self._content == "nonconfig" and single and getattr(child, "config", True):
            return False
        return self._defaults != "trim" or not single or not is_default(child, value)

    def _add(
        self, result: Object, child: Node, value: Any, depth: int, fields: Fields | None
    ) -> None:
        shown = self._value(child, value, depth, fields)
        inner = isinstance(child, Container | List)
        configured = getattr(child, "config", True)
        if self._content == "nonconfig" and inner and configured and not shown:
            return
        name = qualified(child)
        result[name] = shown
        self._tag(result, name, child, value)

    def _tag(self, result: Object, name: str, node: Node, value: Any) -> None:
        """Mark a default as one (RFC 7952, section 5.2)."""
        if self._defaults == "report-all-tagged" and is_default(node, value):
            tag = {"ietf-netconf-with-defaults:default": True}
            result[f"@{name}"] = [tag] * len(value) if isinstance(node, LeafList) else tag


# The expression of `fields`


def parse_fields(text: str, target: Target, tops: tuple[Node, ...]) -> Fields | None:
    """Read the expression of `fields` (RFC 8040, section 4.8.3); None for none.

    Raises:
        BadRequest: it is not one, or names what is not in the model.

    """
    if not text:
        return None
    tokens = _TOKEN.findall(text)
    parser = _Parser(tokens, text, tops)
    found = parser.expression(target, 0)
    if parser.at < len(tokens):
        parser.fail()
    return found


class _Parser:
    def __init__(self, tokens: list[str], text: str, tops: tuple[Node, ...]) -> None:
        self.at = 0
        self._tokens = tokens
        self._text = text
        self._tops = tops

    def fail(self) -> None:
        message = f"'{self._text}' is not an expression for 'fields'; expected a;b/c(d;e)"
        raise BadRequest(message)

    def _next(self) -> str:
        return self._tokens[self.at] if self.at < len(self._tokens) else ""

    def expression(self, target: Target, depth: int) -> Fields:
        if depth > _NESTED:
            self.fail()
        found: Fields = {}
        while True:
            _merge(found, self._path(target, depth))
            if self._next() != ";":
                return found
            self.at += 1

    def _path(self, target: Target, depth: int) -> Fields:
        name = self._next()
        if not _NAME(name):
            self.fail()
        node = find(target, self._tops, name)
        if node is None:
            where = target.path or "the datastore"
            message = f"'{name}', which 'fields' names, is not in the data model of {where}"
            raise BadRequest(message)
        self.at += 1
        below = target.child(node)
        match self._next():
            case "/":
                self.at += 1
                return {node.name: self._path(below, depth + 1)}
            case "(":
                self.at += 1
                inner = self.expression(below, depth + 1)
                if self._next() != ")":
                    self.fail()
                self.at += 1
                return {node.name: inner}
            case _:
                return {node.name: None}


def _merge(found: Fields, more: Fields) -> None:
    for name, inner in more.items():
        before = found.get(name, {})
        if inner is None or before is None:
            found[name] = None
        else:
            both = dict(before)
            _merge(both, inner)
            found[name] = both
