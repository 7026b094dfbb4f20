"""Which leaves clients have set to their defaults: what `explicit` shows (RFC 6243, section 3.3).

A value that is not the default was set by somebody; of one that is, only this tells. So what is
kept of a cube is the paths, below it, of leaves that a client has named with their default.
"""

from __future__ import annotations

from functools import cache
from typing import TYPE_CHECKING, Any, NamedTuple
from urllib.parse import quote

from polycube_runtime.support.schema import (
    Action,
    AnyData,
    Container,
    Leaf,
    LeafList,
    List,
    Notification,
)
from polycube_runtime.support.validate import key_text, qualified

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

    from polycube_runtime.core.cube import Cube
    from polycube_runtime.core.durable.transaction import Record
    from polycube_runtime.core.durable.undo import Undo
    from polycube_runtime.core.model.place import Place
    from polycube_runtime.support.schema import Node, Service

Marks = frozenset[str]
"""Paths below a cube, as `Place.below`."""


class Said(NamedTuple):
    """What a client said of a cube, after the transaction had made `at` records.

    With `whole`, the path of a node, what is not named at it or below is not any more.
    """

    cube: Cube
    at: int
    whole: str | None
    defaults: Marks
    others: Marks


def say(undo: Undo, cube: Cube, place: Place, raw: Any, value: Any, *, whole: bool) -> None:
    """Note in the transaction `undo` what a client has named at `place`.

    `raw` is as it was sent (None: nothing was), `value` the same in canonical form. With `whole`
    what is not named is the server's from now on.
    """
    found = dict(_named(place.node, raw, value, place.below)) if raw is not None else {}
    defaults = frozenset(path for path, is_one in found.items() if is_one)
    others = frozenset(found) - defaults
    undo.said.append(
        Said(cube, len(undo.records), place.below if whole else None, defaults, others)
    )


def after(cube: Cube, records: list[Record], said: Iterable[Said]) -> Marks:
    """Return the marks of a cube after a transaction, of which all `records` are given.

    That takes as long as there are marks, records and paths said, not as their product.
    """
    marks, dropped = dict.fromkeys(cube.explicit, 0), dict[str, int]()
    turn = done = 0
    for turn, one in enumerate((one for one in said if one.cube is cube), 1):
        dropped |= dict.fromkeys(_made(cube, records[done : one.at]), turn)
        if one.whole is not None:
            dropped[one.whole] = turn
        done = one.at
        for path in one.others:
            marks.pop(path, None)
        marks |= dict.fromkeys(one.defaults, turn)
    dropped |= dict.fromkeys(_made(cube, records[done:]), turn + 1)
    if not dropped:
        return frozenset(marks)
    return frozenset(
        path
        for path, at in marks.items()
        if all(dropped.get(above, 0) <= at for above in _upwards(path))
    )


def _made(cube: Cube, records: list[Record]) -> set[str]:
    """Return the paths of what has gone, or was made anew; what is as before was only moved."""
    start = len(cube.path) + 1
    found: set[str] = set()
    gone: dict[str, Any] = {}
    for one in records:
        if one.cube != cube.name or one.op == "replace":
            continue
        path = one.path[start:]
        found.add(path)
        if one.op == "delete":
            gone[path] = one.old
        elif gone.get(path) == one.new:
            found.discard(path)
    return found


def _upwards(path: str) -> Iterator[str]:
    yield ""
    end = path.find("/")
    while end >= 0:
        yield path[:end]
        end = path.find("/", end + 1)
    yield path


def _named(node: Node | Service, raw: Any, value: Any, path: str) -> Iterator[tuple[str, bool]]:
    """Yield the path of each leaf with a default that is named, and whether with that."""
    if not _has_defaults(node):
        return
    if isinstance(node, Leaf | LeafList):
        yield path, is_default(node, value)
    elif isinstance(node, List) and isinstance(raw, list):
        for one, entry in zip(raw, value, strict=True):
            yield from _named(node, one, entry, entry_below(path, node, entry))
    elif isinstance(raw, dict):
        for child in _defaulted(node):
            name = child.name if child.name in raw else qualified(child)
            if name in raw and child.name in value:
                inner = f"{path}/{child.name}" if path else child.name
                yield from _named(child, raw[name], value[child.name], inner)


def entry_below(path: str, node: List, entry: Mapping[str, Any]) -> str:
    """Return the path of an entry of the list at `path`."""
    return "/".join([path, *(quote(key_text(entry[key]), safe=":") for key in node.keys)])


@cache
def _defaulted(node: Node | Service) -> tuple[Node, ...]:
    return tuple(filter(_has_defaults, getattr(node, "children", ())))


@cache
def _has_defaults(node: Node | Service) -> bool:
    match node:
        case Leaf():
            return node.config and node.default is not None
        case LeafList():
            return node.config and bool(node.default)
        case Action() | Notification() | AnyData():
            return False
        case _:
            return any(map(_has_defaults, node.children))


def is_default(node: Node, value: Any) -> bool:
    """Whether a value is the default of its leaf or leaf-list."""
    if isinstance(node, Leaf):
        return node.default is not None and bool(value == node.default)
    return isinstance(node, LeafList) and bool(node.default) and tuple(value) == node.default


def explicit(node: Node | Service, value: Any, marks: Marks, path: str) -> Any:
    """Return what is at `path` without the defaults that no client has set; state stays."""
    if not _has_defaults(node):
        return value
    if isinstance(node, List) and isinstance(value, list):
        return [explicit(node, one, marks, entry_below(path, node, one)) for one in value]
    if isinstance(node, Leaf | LeafList):
        return value
    result = dict(value)
    for child in _defaulted(node):
        if child.name not in value:
            continue
        inner = f"{path}/{child.name}" if path else child.name
        if isinstance(child, Container | List):
            result[child.name] = explicit(child, value[child.name], marks, inner)
        elif is_default(child, value[child.name]) and inner not in marks:
            del result[child.name]
    return result
