"""What follows from a change by the model's conditions (RFC 7950, sections 7.9.3 and 8.3.2).

A node of one case takes those of the other cases away; nodes whose `when` does not hold any more go
with the change that made it so, and defaults that a condition brings into use are configured. What
a request itself names under a condition that does not hold stays, and is refused.
"""

from __future__ import annotations

from copy import deepcopy
from functools import lru_cache
from itertools import zip_longest
from typing import TYPE_CHECKING, Any

from polycube_runtime.core.model import cases
from polycube_runtime.core.model.place import key_of
from polycube_runtime.core.slow.notifying import above
from polycube_runtime.support import constraints
from polycube_runtime.support.errors import raise_all
from polycube_runtime.support.schema import Action, Container, List, Service
from polycube_runtime.support.validate import Mode

if TYPE_CHECKING:
    from collections.abc import Sequence

    from polycube_runtime.core.model.place import Place, Step, Write

Object = dict[str, Any]


@lru_cache(maxsize=1000)
def is_needed(service: Service) -> bool:
    """Whether a model has conditions at all."""
    return _has_conditions(service)


def chosen(place: Place, value: Any, document: Object) -> Object:
    """Return the configuration `document` of a cube with the cases that a write has chosen.

    `value` was written at `place`; None was taken away, and names nothing.
    """
    result = deepcopy(document)
    cases.choose(place.service, result, _nested(place, value))
    cases.fill(place.service, result)
    return result


def settled(service: Service, writes: Sequence[Write], document: Object) -> Object:
    """Return the configuration `document` of a cube as it is after `writes`.

    Of several, each has `chosen` its cases already: a later one's take an earlier one's away.
    """
    result = deepcopy(document)
    named = _of_all(service, [_nested(place, value) for place, value in writes])
    if len(writes) == 1:
        cases.choose(service, result, named)
    cases.fill(service, result)
    constraints.prune(service, result, named)
    cases.fill(service, result)  # what is left may have chosen another case
    # What is missing now is said by the check of the whole cube.
    constraints.complete(service, result, "", Mode.CREATE)
    return result


def check_cases(place: Place, writes: Sequence[Write], document: Object) -> None:
    """Refuse cases, chosen or changed by `writes`, that lack what must be in them.

    `document` is the configuration of the cube, at `place`, after them.
    """
    if not cases.have_choices(place.service):
        return
    found = [
        _named(one.steps[:-1], {}) if value is None else _named(one.steps, value)
        for one, value in writes
    ]
    raise_all(cases.incomplete(place, document, _of_all(place.service, found)))


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
    return cases.have_choices(node) or any(
        bool(getattr(child, "when", ()))
        or (isinstance(child, Container | List) and _has_conditions(child))
        for child in node.children
    )


def _nested(place: Place, value: Any) -> Object:
    """Return what was written as a document of the cube: only what is named, and keys."""
    return {} if value is None else _named(place.steps, value)


def _named(steps: Sequence[Step], value: Any) -> Object:
    for node, key in reversed(steps):
        if key is not None and isinstance(node, List):
            value = {node.name: [{**value, **dict(zip(node.keys, key, strict=True))}]}
        else:
            value = {node.name: value}
    found: Object = value
    return found


def _of_all(service: Service, documents: list[Object]) -> Object:
    """Return what any of several documents names; by halves, as each union walks through both."""
    while len(documents) > 1:
        pairs = zip_longest(documents[::2], documents[1::2], fillvalue=Object())
        documents = [_united(service, one, other) for one, other in pairs]
    return documents[0] if documents else {}


def _united(node: Service | Container | List, one: Object, other: Object) -> Object:
    """Return what either of two documents names."""
    result = {**one, **other}
    for name in one.keys() & other.keys():
        child = node.by_name.get(name)
        if isinstance(child, Container):
            result[name] = _united(child, one[name], other[name])
        elif isinstance(child, List):
            entries = {key_of(child, entry): entry for entry in one[name]}
            for entry in other[name]:
                key = key_of(child, entry)
                entries[key] = _united(child, entries.get(key, {}), entry)
            result[name] = list(entries.values())
    return result
