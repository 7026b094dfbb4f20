"""The cases of choices in a document (RFC 7950, section 7.9), and what is there with its defaults.

A node of one case takes those of the other cases away. Defaults of a case are in use while
something of it is there, those of the default case while nothing of any other is. Those of a
container under a condition are in use while it is there.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from polycube_runtime.core.model.place import key_of
from polycube_runtime.support.errors import MissingElement
from polycube_runtime.support.schema import Container, Leaf, LeafList, List, Service

if TYPE_CHECKING:
    from collections.abc import Iterator

    from polycube_runtime.core.model.place import Place
    from polycube_runtime.support.schema import Choice, Node

Object = dict[str, Any]
Inner = Service | Container | List


@cache
def have_choices(node: Inner) -> bool:
    """Whether there are choices in a node or below it."""
    below = (child for child in node.children if isinstance(child, Container | List))
    return bool(node.choices) or any(map(have_choices, below))


def can_choose(place: Place) -> bool:
    """Whether a write at a place, or in what is there, can choose a case."""
    around: Inner = place.service
    for node, _ in place.steps:
        if any(node.name in case.members for choice in around.choices for case in choice.cases):
            return True
        if not isinstance(node, Container | List):
            return False
        around = node
    return have_choices(around)


def choose(node: Inner, there: Object, named: Object) -> None:
    """Take away the nodes of cases that what is named has not chosen."""
    for name in _displaced(node.choices, named):
        there.pop(name, None)
    for name, inner in named.items():
        child = node.by_name.get(name)
        if isinstance(child, Container) and name in there:
            choose(child, there[name], inner)
        elif isinstance(child, List) and name in there:
            entries = {key_of(child, entry): entry for entry in there[name]}
            for entry in inner:
                if key_of(child, entry) in entries:
                    choose(child, entries[key_of(child, entry)], entry)


def _displaced(choices: tuple[Choice, ...], named: Object) -> set[str]:
    found: set[str] = set()
    for choice in choices:
        chosen = [case for case in choice.cases if any(name in named for name in case.members)]
        for case in chosen:
            found |= _displaced(case.choices, named)
            for other in choice.cases:
                if other not in chosen:
                    found |= set(other.members)
    return found


@cache
def _is_filled(node: Inner) -> bool:
    """Whether there are defaults that come with a case or a container, in a node or below it."""
    below = [child for child in node.children if isinstance(child, Container | List)]
    containers = any(isinstance(child, Container) and child.when for child in below)
    return bool(node.choices) or containers or any(map(_is_filled, below))


def fill(node: Inner, there: Object) -> None:
    """Fill in the defaults of what is there and was not always, in a node and below it."""
    for name in _chosen(node.choices, there):
        _default(node.by_name[name], there)
    for name, inner in there.items():
        child = node.by_name.get(name)
        if isinstance(child, Container) and child.when:
            _defaults(child, inner)
        elif isinstance(child, Container) and _is_filled(child):
            fill(child, inner)
        elif isinstance(child, List) and _is_filled(child):
            for entry in inner:
                fill(child, entry)


def incomplete(place: Place, there: Object, named: Object) -> Iterator[MissingElement]:
    """Yield what must be in the cases that are chosen and is not, where something is named."""
    node = place.node
    assert isinstance(node, Inner)  # noqa: S101 (has members)
    for name in _chosen(node.choices, there):
        yield from _missing(place.child(node.by_name[name]), there)
    for name, inner in named.items():
        child = node.by_name.get(name)
        if isinstance(child, Container) and name in there:
            yield from incomplete(place.child(child), there[name], inner)
        elif isinstance(child, List) and name in there and have_choices(child):
            entries = {key_of(child, entry): entry for entry in there[name]}
            for entry in inner:
                key = key_of(child, entry)
                if key in entries:
                    yield from incomplete(place.child(child).entry(key), entries[key], entry)


def _missing(place: Place, there: Object) -> Iterator[MissingElement]:
    """Yield what must be at a member of an object, or in it, and is not."""
    match place.node:
        case Leaf(config=True, mandatory=True, when=()) as leaf if leaf.name not in there:
            yield MissingElement(f"is mandatory; expected {leaf.type.expected}", place.path)
        case Container(config=True, when=()) as node if node.name in there or not node.presence:
            cases = {name for one in node.choices for two in one.cases for name in two.members}
            for child in node.children:
                if child.name not in cases:
                    yield from _missing(place.child(child), there.get(node.name, {}))


def _chosen(choices: tuple[Choice, ...], there: Object) -> Iterator[str]:
    """Yield the members of the cases that are chosen, and of no choice in them that are not."""
    for choice in choices:
        found = [case for case in choice.cases if any(name in there for name in case.members)]
        for case in found or [case for case in choice.cases if case.name == choice.default]:
            inner = {name for one in case.choices for two in one.cases for name in two.members}
            yield from (name for name in case.members if name not in inner)
            yield from _chosen(case.choices, there)


def _default(node: Node, there: Object) -> None:
    """Fill in the default of a member, and of what is in it, if there is no condition on it."""
    match node:
        case Leaf(config=True, when=(), default=default) if default is not None:
            there.setdefault(node.name, default)
        case LeafList(config=True, when=()) if node.default and not there.get(node.name):
            there[node.name] = list(node.default)
        case Container(config=True) if node.name in there or not (node.presence or node.when):
            inner = there.get(node.name, {})
            _defaults(node, inner)
            if inner:
                there[node.name] = inner


def _defaults(node: Container, there: Object) -> None:
    cases = {name for one in node.choices for two in one.cases for name in two.members}
    for child in node.children:
        if child.name not in cases:
            _default(child, there)
    fill(node, there)
