"""What follows from a change by the model's conditions (RFC 7950, sections 7.9.3 and 8.3.2).

A node of one case takes those of the other cases away; nodes whose `when` does not hold any more go
with the change that made it so, and defaults that a condition brings into use are configured. What
a request itself names under a condition that does not hold stays, and is refused.
"""

from __future__ import annotations

from copy import deepcopy
from functools import lru_cache
from typing import TYPE_CHECKING, Any

from polycube_runtime.core.model.place import key_of
from polycube_runtime.core.slow.notifying import above
from polycube_runtime.support import constraints
from polycube_runtime.support.errors import raise_all
from polycube_runtime.support.schema import Action, Container, List, Service
from polycube_runtime.support.validate import Mode

if TYPE_CHECKING:
    from polycube_runtime.core.model.place import Place
    from polycube_runtime.support.schema import Choice

Object = dict[str, Any]


@lru_cache(maxsize=1000)
def is_needed(service: Service) -> bool:
    """Whether a model has conditions at all."""
    return _has_conditions(service)


def settled(place: Place, value: Any, document: Object) -> Object:
    """Return the configuration `document` of a cube as it is after `value` was written at `place`.

    A `value` of None was taken away, and names nothing.
    """
    result = deepcopy(document)
    named = _nested(place, value)
    _choose(place.service, result, named)
    constraints.prune(place.service, result, named)
    # What is missing now is said by the check of the whole cube.
    constraints.complete(place.service, result, "", Mode.CREATE)
    return result


def check_input(place: Place, arguments: Object, document: Object) -> None:
    """Refuse arguments of the action at `place` that break its model; `document` is the cube.

    Defaults under conditions are filled in.
    """
    node = place.node
    if isinstance(node, Action) and node.input is not None:
        inside = above(place, document)
        raise_all(constraints.check_side(node.input, arguments, inside, place.path))


def broken_output(place: Place, output: Object, document: Object) -> str:
    """Return what is wrong with the answer of an action; empty if nothing is."""
    node = place.node
    if not isinstance(node, Action) or node.output is None:
        return ""
    found = constraints.check_side(node.output, output, above(place, document), place.path)
    return "; ".join(map(str, found))


def _has_conditions(node: Service | Container | List) -> bool:
    return bool(node.choices) or any(
        bool(getattr(child, "when", ()))
        or (isinstance(child, Container | List) and _has_conditions(child))
        for child in node.children
    )


def _nested(place: Place, value: Any) -> Object:
    """Return what was written as a document of the cube: only what is named, and keys."""
    if value is None:
        return {}
    for node, key in reversed(place.steps):
        if key is not None and isinstance(node, List):
            value = {node.name: [{**value, **dict(zip(node.keys, key, strict=True))}]}
        else:
            value = {node.name: value}
    found: Object = value
    return found


def _choose(node: Service | Container | List, there: Object, named: Object) -> None:
    """Take away the nodes of cases that what is named has not chosen."""
    for name in _displaced(node.choices, named):
        there.pop(name, None)
    for name, inner in named.items():
        child = node.by_name.get(name)
        if isinstance(child, Container) and name in there:
            _choose(child, there[name], inner)
        elif isinstance(child, List) and name in there:
            entries = {key_of(child, entry): entry for entry in there[name]}
            for entry in inner:
                if key_of(child, entry) in entries:
                    _choose(child, entries[key_of(child, entry)], entry)


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
