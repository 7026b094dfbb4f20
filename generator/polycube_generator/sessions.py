"""Commands for the examples of a service's reference page, which work from top to bottom.

They are for one cube of the page's service. What no value is known for has no example.
"""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING
from urllib.parse import quote

from polycube_generator import bindings, ir, samples

if TYPE_CHECKING:
    from collections.abc import Mapping

CUBE = "cube1"
"""The cube of every example."""

Session = tuple[str, ...]

_VERBS = {"add", "set", "show", "del"}


@dataclass(frozen=True, slots=True)
class At:
    """Where a node is: ``words`` after the cube, keys included; None where a key is not known."""

    service: str
    words: tuple[str, ...] | None = ()
    ports: samples.Ports = samples.NO_PORTS

    @classmethod
    def top(cls, service: ir.Service) -> At:
        """Return the place of a cube."""
        return cls(service.name, (), samples.Ports.of(service))

    @property
    def nowhere(self) -> At:
        """A place that nothing is known of."""
        return replace(self, words=None)

    def child(self, *words: object) -> At:
        """Return the place below; a key without a value leads to where nothing is known."""
        if self.words is None or any(word is samples.ABSENT for word in words):
            return self.nowhere
        return replace(self, words=(*self.words, *(_text(word) for word in words)))

    def curl(self, method: str = "GET", body: object = samples.ABSENT) -> str:
        """Return a command with a request to this place."""
        steps = (self.service, CUBE, *(self.words or ()))
        url = "/".join(["$P", *(quote(step, safe=":") for step in steps)])
        verb = "" if method == "GET" else f"-X {method} "
        data = "" if body is samples.ABSENT else f" -d {shlex.quote(_json(body))}"
        return f"curl {verb}{url}{data}"

    def client(self, verb: str, *more: str) -> Session:
        """Return a command of ``polycubectl``, without a verb an action.

        None, where the name of a node is one of its verbs: only REST reaches that.
        """
        if _VERBS & {*(self.words or ()), *more}:
            return ()
        words = [CUBE, *(self.words or ()), *([verb] if verb else []), *more]
        return (shlex.join(["polycubectl", *words]),)


def of_cube(service: ir.Service) -> Session:
    """Return how a cube is created, for the commands that follow."""
    at = At.top(service)
    needed = samples.of_members(
        (one for one in service.children if not one.base), at.ports, service.choices
    )
    ports = {"ports": [{"name": samples.PORT}]} if service.kind == "standard" else {}
    body = (needed if isinstance(needed, dict) else {}) | ports
    return (at.curl("POST", body), f"polycubectl {CUBE} show")


def of_node(node: ir.Node, at: At, maps: Mapping[str, ir.Map]) -> Session:
    """Return the commands for a node; ``at`` is the place of its parent."""
    if at.words is None or node.when:
        return ()
    here = at.child(node.name)
    match node:
        case ir.Leaf(key=True):
            return ()
        case ir.Leaf() | ir.LeafList():
            return _value(node, at, here)
        case ir.AnyData() if node.config:
            return (here.curl("PATCH", {}), here.curl())
        case ir.Container():
            return _presence(node, here) if node.presence else _shown(node, at, here)
        case ir.List():
            return _list(node, at, here, maps)
        case ir.Action():
            return _action(node, here)
        case _:
            return ()


def _value(node: ir.Leaf | ir.LeafList, at: At, here: At) -> Session:
    value = samples.of_leaf(node, at.ports)
    read = _shown(node, at, here)
    if not node.config or node.init_only or value is samples.ABSENT or node.must:
        return read if not node.config or _has_default(node) else ()
    if isinstance(node, ir.LeafList):
        return (here.curl("PATCH", [value]), *read)
    set_ = at.client("set", f"{node.name}={_text(value)}")
    writes = set_ if isinstance(value, str | int) else ()
    return (*writes, here.curl("PATCH", value), *read)


def _has_default(node: ir.Leaf | ir.LeafList) -> bool:
    return isinstance(node, ir.Leaf) and (node.default is not None or node.mandatory)


def _shown(node: ir.Node, at: At, here: At) -> Session:
    return (*at.client("show", node.name), here.curl())


def _presence(node: ir.Container, here: At) -> Session:
    body = samples.of_members(node.children, here.ports, node.choices)
    if body is samples.ABSENT or not node.config:
        return ()
    return (here.curl("PUT", body), here.curl())


def _list(node: ir.List, at: At, here: At, maps: Mapping[str, ir.Map]) -> Session:
    entry = samples.of_members(node.children, at.ports, node.choices)
    if not node.config or not node.keys:
        return _shown(node, at, here)
    if not isinstance(entry, dict):
        return ()
    keys = [_text(entry[key]) for key in node.keys]
    values = {name: value for name, value in entry.items() if name not in node.keys}
    one = here.child(*keys)
    if _always_there(node, maps):
        return (one.curl("PATCH", values), one.curl(), *_shown(node, at, here))
    parameters = _parameters(values)
    if parameters is None:
        return (one.curl("POST", values), one.curl(), here.curl())
    return (
        *here.client("add", *keys, *parameters),
        *here.client("show", *keys),
        *here.client("del", *keys),
        one.curl("POST", values),
        here.curl(),
    )


def _parameters(values: Mapping[str, object]) -> list[str] | None:
    """Return values as polycubectl takes them; None if some are lists, which it does not."""
    found: list[str] = []
    for name, value in values.items():
        if isinstance(value, list):
            return None
        if isinstance(value, dict):
            inner = _parameters(value)
            if inner is None:
                return None
            found += [f"{name}.{one}" for one in inner]
        else:
            found.append(f"{name}={_text(value)}")
    return found


def inside(node: ir.Container | ir.List | ir.Notification, at: At) -> At:
    """Return the place in a node; in a list that of the entry that its examples have created."""
    if at.words is None or node.when or isinstance(node, ir.Notification):
        return at.nowhere
    if isinstance(node, ir.Container):
        return at.child(node.name)
    found = samples.of_members(node.children, at.ports, node.choices)
    if not isinstance(found, dict) or not node.config or not node.keys:
        return at.nowhere
    return at.child(node.name, *(found[key] for key in node.keys))


def _always_there(node: ir.List, maps: Mapping[str, ir.Map]) -> bool:
    """Tell whether a list has all its entries always: an array without the mark of those made."""
    bound = maps.get(node.binding)
    return bound is not None and bound.kind in bindings.ARRAYS and bound.present is None


def _action(node: ir.Action, here: At) -> Session:
    if node.input is None:
        return (*here.client(""), here.curl("POST"))
    given = samples.of_members(node.input.children, here.ports, node.input.choices)
    if not isinstance(given, dict):
        return ()
    parameters = _parameters(given)
    return (*(() if parameters is None else here.client("", *parameters)), here.curl("POST", given))


def content(node: ir.Notification, ports: samples.Ports) -> str:
    """Return what a notification may tell, as JSON."""
    found = {child.name: samples.of_node(child, ports) for child in node.children}
    return _json({name: value for name, value in found.items() if value is not samples.ABSENT})


def _text(value: object) -> str:
    return value if isinstance(value, str) else _json(value)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
