"""Leafrefs: whether the leaf that a value names is there (RFC 7950, section 9.9).

Types are checked node by node; this needs the whole cube, and runs on the document that a request
would leave behind.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from polycube_runtime.support.errors import InvalidValue, raise_all
from polycube_runtime.support.schema import Container, Leaf, LeafList, List
from polycube_runtime.support.types import Leafref
from polycube_runtime.support.types.base import shown
from polycube_runtime.support.validate import entry_path

if TYPE_CHECKING:
    from collections.abc import Iterator

    from polycube_runtime.support.schema import Inner, Service

Object = dict[str, Any]


def check_references(service: Service, document: Object, where: str) -> None:
    """Check every leafref in ``document``, a whole cube at ``where``.

    Raises ``InvalidValue`` for a value that no leaf has, ``Errors`` for several.
    """
    known: dict[str, set[object]] = {}
    errors = []
    for path, value, type_ in _references(service, document, where):
        if type_.path not in known:
            steps = type_.path.strip("/").split("/")
            known[type_.path] = set(_values(document, steps))
        if value not in known[type_.path]:
            errors.append(InvalidValue(f"{shown(value)} is not a value of {type_.path}", path))
    raise_all(errors)


def _references(node: Inner, value: Object, where: str) -> Iterator[tuple[str, object, Leafref]]:
    """Yield the path, value and type of every leafref in an object."""
    for name, child in node.by_name.items():
        if name not in value:
            continue
        path = f"{where}/{name}"
        match child:
            case Leaf(type=Leafref() as type_):
                yield path, value[name], type_
            case LeafList(type=Leafref() as type_):
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
