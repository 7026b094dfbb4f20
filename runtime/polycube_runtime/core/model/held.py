"""What the value of one map entry holds: leaves of a node and of the containers in it.

The node that is bound is the *holder*; what is in its map has the map's name as its binding.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any

from polycube_runtime.core.model.parts import configured
from polycube_runtime.core.model.place import is_inside, key_of
from polycube_runtime.support.errors import MissingElement, OperationFailed
from polycube_runtime.support.schema import Container, Leaf, LeafList, List
from polycube_runtime.support.validate import Mode, validate

if TYPE_CHECKING:
    from collections.abc import Iterator

    from polycube_runtime.core.model.place import Place
    from polycube_runtime.support.schema import Node, Service

Object = dict[str, Any]


def held_of(node: Node | Service, value: Object) -> Object:
    """Return what of an object is configuration in the map of `node`, keys included."""
    if not isinstance(node, Container | List):
        return value
    result: Object = {}
    for child in node.children:
        if child.name in value and is_inside(node, child) and configured(child):
            inner = value[child.name]
            result[child.name] = held_of(child, inner) if isinstance(child, Container) else inner
    return result


def completed(node: Node | Service, old: Object, new: Object, where: str) -> Object:
    """Return what changes an object in a map, with presence containers that it makes made whole.

    Raises what `validate` raises of them: what must be in them is missing.
    """
    if not can_grow(node) or not isinstance(node, Container | List):
        return new
    result = dict(new)
    for child in node.children:
        if isinstance(child, Container) and child.name in new and is_inside(node, child):
            before, path = old.get(child.name), f"{where}/{child.name}"
            if child.presence and before is None:
                result[child.name] = validate(child, new[child.name], Mode.CREATE, path)
            else:
                result[child.name] = completed(child, before or {}, new[child.name], path)
    return result


@cache
def can_grow(node: Node | Service) -> bool:
    """Whether presence containers are in the map of a node."""
    return isinstance(node, Container | List) and any(
        isinstance(one, Container) and is_inside(node, one) and (one.presence or can_grow(one))
        for one in node.children
    )


def is_blank(node: Container, row: Object) -> bool:
    """Whether nothing is configured in a row of a container; empty leaf-lists are nothing."""
    for name, value in row.items():
        child = node.by_name[name]
        if isinstance(child, Container) and value is not None:
            if child.presence or not is_blank(child, value):
                return False
        elif value not in (None, []):
            return False
    return True


def shown(node: Node | Service, value: Object, *, config: bool) -> Object:
    """Return an object in the model's order, with `config` without state.

    Then a container in which nothing is configured is left out as well.
    """
    result: Object = {}
    for child in node.children if isinstance(node, Container | List) else ():
        if child.name not in value or (config and not configured(child)):
            continue
        inner = value[child.name]
        if isinstance(child, Container):
            inner = shown(child, inner, config=config)
            if config and not inner and not child.presence:
                continue
        result[child.name] = inner
    return result


def differences(place: Place, old: Any, new: Any) -> Iterator[tuple[Place, Any, Any]]:
    """Yield the leaves at or below `place` whose configuration in the map differs, old and new.

    A presence container that comes or goes is one difference.
    """
    node = place.node
    if old == new:
        return
    if not isinstance(node, Container) or _comes_or_goes(node, old, new):
        yield place, old, new
        return
    for child in node.children:
        if is_inside(node, child) and configured(child):
            before, after = ((one or {}).get(child.name) for one in (old, new))
            yield from differences(place.child(child), before, after)


def _comes_or_goes(node: Container, old: Any, new: Any) -> bool:
    return node.presence and (old is None or new is None)


def states(service: Service, binding: str) -> frozenset[str]:
    """Return what in a map is no configuration, by its path from the bound node."""
    holder = next(one for _, one in service.walk() if getattr(one, "binding", "") == binding)
    return frozenset(_states(holder))


def _states(node: Node, above: str = "") -> set[str]:
    found: set[str] = set()
    if not isinstance(node, Container | List):
        return found
    for child in node.children:
        if not is_inside(node, child):
            continue
        path = f"{above}{child.name}"
        if not configured(child):
            found.add(path)
        if isinstance(child, Container):
            found |= _states(child, f"{path}/")
    return found


def leaves(service: Service, binding: str) -> Iterator[tuple[str, str, Leaf | LeafList]]:
    """Yield what is in a map: its schema path, its path from the bound node, and itself."""
    holder: str | None = None
    for path, node in service.walk():
        if getattr(node, "binding", "") != binding:
            continue
        if holder is None:
            holder = path
        if isinstance(node, Leaf | LeafList):
            yield path, path[len(holder) + 1 :] or node.name, node


def require(place: Place, row: Object) -> None:
    """Refuse what is written to an index of an array, without what must be in an entry.

    There is an entry at each, of zeros until it is written, which the type of a leaf may not take.
    """
    node = place.node
    if not isinstance(node, List):
        return
    where = place.path if place.is_entry else place.entry(key_of(node, row)).path
    cases = {name for one in node.choices for two in one.cases for name in two.members}
    for child in node.children:
        if isinstance(child, Leaf) and child.mandatory and not (child.when or child.name in cases):
            path = f"{where}/{child.name}"
            if row.get(child.name) is None:
                message = f"is mandatory; expected {child.type.expected}"
                raise MissingElement(message, path)
            child.type.validate(row[child.name], path)


def refuse_needed(place: Place, node: Container) -> None:
    """Refuse to take a container away in which a leaf must be, as the leaf itself is refused."""
    for child in node.children:
        inner = place.child(child)
        if not configured(child) or inner.is_fleeting:
            continue
        if isinstance(child, Container) and not child.presence:
            refuse_needed(inner, child)
        elif isinstance(child, Leaf) and child.mandatory and not child.when:
            message = "cannot be taken away: it has no default to go back to"
            raise OperationFailed(message, inner.path)
