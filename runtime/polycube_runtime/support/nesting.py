"""Entries of maps as objects in objects: what a container holds has its path in a layout.

In C the leaves of a map's value are one behind the other; in JSON those of containers are in
objects. A path is that from the bound node: ``timeouts/tcp``.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from collections.abc import Callable, Iterable, Mapping

Object = dict[str, Any]


def flat(entry: Mapping[str, Any]) -> Object:
    """Return the leaves of an entry by their paths, and True for each container."""
    found: Object = {}
    for name, value in entry.items():
        if isinstance(value, dict):
            found[name] = True
            for inner, one in flat(value).items():
                found[f"{name}/{inner}"] = one
        else:
            found[name] = value
    return found


def nester(paths: Iterable[str], containers: Iterable[str]) -> Callable[[Object], Object]:
    """Return a function that puts what an entry has at ``paths`` into objects, in place.

    Those of ``containers`` may be there with nothing in them.
    """
    marks = set(containers)
    plan = [(path, path.split("/"), path in marks) for path in paths]

    def nested(entry: Object) -> Object:
        for path, (*above, name), is_mark in plan:
            if path not in entry:
                continue
            value, here = entry.pop(path), entry
            for step in above:
                here = here.setdefault(step, {})
            here[name] = {} if is_mark else value
        return entry

    return nested


def at(entry: Mapping[str, Any], path: str) -> Any:
    """Return what an entry has at a path, None if nothing."""
    value: Any = entry
    for name in path.split("/"):
        value = value.get(name) if isinstance(value, dict) else None
    return value


def put(entry: Mapping[str, Any], names: tuple[str, ...], value: Any) -> Object:
    """Return an entry with another value at a path; None takes it out."""
    name, *below = names
    if below:
        value = put(entry.get(name) or {}, tuple(below), value)
    result = {**entry, name: value}
    return result if value is not None else {one: has for one, has in entry.items() if one != name}
