"""Whether a whole cube fulfils its model: leafrefs (RFC 7950, section 9.9), and all constraints.

Types are checked node by node; this needs the whole cube, and runs on the document that a request
would leave behind.
"""

from __future__ import annotations

from copy import deepcopy
from typing import TYPE_CHECKING, Any

from polycube_runtime.support import constraints
from polycube_runtime.support.errors import InvalidValue, raise_all
from polycube_runtime.support.schema import Container, Leaf, LeafList, List, is_asked
from polycube_runtime.support.types import Leafref
from polycube_runtime.support.types.base import shown
from polycube_runtime.support.validate import Mode, entry_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from polycube_runtime.support.errors import PolycubeError
    from polycube_runtime.support.schema import Inner, Service

Object = dict[str, Any]


def is_needed(service: Service) -> bool:
    """Whether there is anything to check in cubes of a service.

    Ports in maps do not count: the codec sees to them.
    """
    return _is_constrained(service) or any(
        isinstance(node, Leaf | LeafList) and isinstance(node.type, Leafref) and not node.binding
        for _, node in service.walk()
    )


def _is_constrained(service: Service) -> bool:
    return bool(service.constrained) or is_asked(service)


def check_references(service: Service, document: Object, where: str) -> None:
    """Check every leafref and constraint in ``document``, a whole cube at ``where``.

    Raises what is not fulfilled: ``InvalidValue`` for a value that no leaf has, ``Errors`` for
    several.
    """
    known: dict[str, set[object]] = {}
    errors: list[PolycubeError] = []
    if _is_constrained(service):
        whole = deepcopy(document)
        errors += constraints.complete(service, whole, where, Mode.CREATE)
        errors += constraints.check(service, whole, where, Mode.CREATE)
    for path, value, type_ in _references(service, document, where):
        if type_.path not in known:
            steps = type_.path.strip("/").split("/")
            known[type_.path] = set(_values(document, steps))
        if value not in known[type_.path]:
            message = f"{shown(value)} is not a value of {type_.path}"
            errors.append(InvalidValue(message, path, "instance-required"))
    raise_all(errors)


def _references(node: Inner, value: Object, where: str) -> Iterator[tuple[str, object, Leafref]]:
    """Yield the path, value and type of every leafref in an object."""
    for name, child in node.by_name.items():
        if name not in value:
            continue
        path = f"{where}/{name}"
        match child:
            case Leaf(type=Leafref(required=True) as type_, exists=None):
                yield path, value[name], type_
            case LeafList(type=Leafref(required=True) as type_, exists=None):
                for item in value[name]:
                    yield path, item, type_
            case Container():
                yield from _references(child, value[name], path)
            case List():
                for entry in value[name]:
                    yield from _references(child, entry, entry_path(path, child, entry))


def _values(value: Any, steps: list[str]) -> Iterator[object]:
    """Yield all values at a schema path."""
    if isinstance(value, list):
        for item in value:
            yield from _values(item, steps)
    elif not steps:
        yield value
    elif steps[0] in value:
        yield from _values(value[steps[0]], steps[1:])
