"""Commands for the examples of a service's reference page, which work from top to bottom.

They are for one cube of the page's service. What no value is known for has no example.
"""

from __future__ import annotations

import json
import shlex
from dataclasses import dataclass
from typing import TYPE_CHECKING
from urllib.parse import quote

from polycube_generator import ir, samples

if TYPE_CHECKING:
    from collections.abc import Mapping

CUBE = "cube1"
"""The cube of every example."""

Session = tuple[str, ...]


@dataclass(frozen=True, slots=True)
class At:
    """Where a node is: ``words`` after the cube, keys included; None where a key is not known."""

    service: str
    words: tuple[str, ...] | None = ()

    def child(self, *words: object) -> At:
        """Return the place below; a key without a value leads to where nothing is known."""
        if self.words is None or any(word is samples.ABSENT for word in words):
            return At(self.service, None)
        return At(self.service, (*self.words, *(_text(word) for word in words)))

    def curl(self, method: str = "GET", body: object = samples.ABSENT) -> str:
        """Return a command with a request to this place."""
        steps = (self.service, CUBE, *(self.words or ()))
        url = "/".join(["$P", *(quote(step, safe=":") for step in steps)])
        verb = "" if method == "GET" else f"-X {method} "
        data = "" if body is samples.ABSENT else f" -d {shlex.quote(_json(body))}"
        return f"curl {verb}{url}{data}"

    def client(self, verb: str, *more: str) -> str:
        """Return a command of ``polycubectl``; without a verb it is an action."""
        words = [CUBE, *(self.words or ()), *([verb] if verb else []), *more]
        return shlex.join(["polycubectl", *words])


def of_cube(service: ir.Service) -> Session:
    """Return how a cube is created, for the commands that follow."""
    needed = samples.of_members(child for child in service.children if not child.base)
    ports = {"ports": [{"name": samples.PORT}]} if service.kind == "standard" else {}
    body = (needed if isinstance(needed, dict) else {}) | ports
    return (At(service.name).curl("POST", body), f"polycubectl {CUBE} show")


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
        case ir.Container():
            return _presence(node, here) if node.presence else _shown(node, at, here)
        case ir.List():
            return _list(node, at, here, maps)
        case ir.Action():
            return _action(node, here)
        case _:
            return ()


def _value(node: ir.Leaf | ir.LeafList, at: At, here: At) -> Session:
    value = samples.of_leaf(node)
    read = _shown(node, at, here)
    if not node.config or node.init_only or value is samples.ABSENT:
        return read if not node.config or _has_default(node) else ()
    if isinstance(node, ir.LeafList):
        return (here.curl("PATCH", [value]), *read)
    set_ = at.client("set", f"{node.name}={_text(value)}")
    writes = (set_,) if isinstance(value, str | int) else ()
    return (*writes, here.curl("PATCH", value), *read)


def _has_default(node: ir.Leaf | ir.LeafList) -> bool:
    return isinstance(node, ir.Leaf) and (node.default is not None or node.mandatory)


def _shown(node: ir.Node, at: At, here: At) -> Session:
    return (at.client("show", node.name), here.curl())


def _presence(node: ir.Container, here: At) -> Session:
    body = samples.of_members(node.children)
    if body is samples.ABSENT or not node.config:
        return ()
    return (here.curl("PUT", body), here.curl())


def _list(node: ir.List, at: At, here: At, maps: Mapping[str, ir.Map]) -> Session:
    entry = samples.of_members(node.children)
    if not node.config or not node.keys:
        return _shown(node, at, here)
    if not isinstance(entry, dict) or any(isinstance(v, dict | list) for v in entry.values()):
        return ()
    keys = [_text(entry[key]) for key in node.keys]
    values = {name: value for name, value in entry.items() if name not in node.keys}
    one = here.child(*keys)
    if _always_there(node, maps):
        return (one.curl("PATCH", values), one.curl(), *_shown(node, at, here))
    parameters = [f"{name}={_text(value)}" for name, value in values.items()]
    return (
        here.client("add", *keys, *parameters),
        here.client("show", *keys),
        here.client("del", *keys),
        one.curl("POST", values),
        here.curl(),
    )


def entry(node: ir.List, at: At) -> At:
    """Return where the entry is that the examples of a list have created."""
    found = samples.of_members(node.children)
    if not isinstance(found, dict) or not node.config or not node.keys:
        return At(at.service, None)
    return at.child(node.name, *(found[key] for key in node.keys))


def _always_there(node: ir.List, maps: Mapping[str, ir.Map]) -> bool:
    """Tell whether a list has all its entries always: an array without the mark of those made."""
    bound = maps.get(node.binding)
    return bound is not None and bound.kind.endswith("array") and bound.present is None


def _action(node: ir.Action, here: At) -> Session:
    if node.input is None:
        return (here.client(""), here.curl("POST"))
    given = samples.of_members(node.input.children)
    if not isinstance(given, dict):
        return ()
    flat = not any(isinstance(value, dict | list) for value in given.values())
    parameters = [f"{name}={_text(value)}" for name, value in given.items()]
    return (*([here.client("", *parameters)] if flat else []), here.curl("POST", given))


def _text(value: object) -> str:
    return value if isinstance(value, str) else _json(value)


def _json(value: object) -> str:
    return json.dumps(value, ensure_ascii=False)
