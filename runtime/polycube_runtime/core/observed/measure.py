"""The model's metrics: one number of one cube, read as directly as it can be.

A leaf is read alone; the entries of a list are counted where they are kept, without being printed.
Only what lies inside of lists, or behind a condition, costs reading the list.
"""

from __future__ import annotations

import asyncio
import operator
from functools import cache
from typing import TYPE_CHECKING, Any

from polycube_runtime.core.model.place import Place
from polycube_runtime.core.model.sets import is_set
from polycube_runtime.support.errors import NotFound
from polycube_runtime.support.schema import LeafList, List

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator, Sequence

    from polycube_runtime.bpf.kernel import Map
    from polycube_runtime.core.cube import Cube
    from polycube_runtime.core.model.tree import Tree
    from polycube_runtime.support.schema import Metric, Node, Service, Where

LARGE = 1 << 14
"""Maps with room for more entries than this are counted in a thread: 2 ms and up."""
_COMPARE: dict[str, Callable[[Any, Any], bool]] = {
    "==": operator.eq,
    "!=": operator.ne,
    "<": operator.lt,
    "<=": operator.le,
    ">": operator.gt,
    ">=": operator.ge,
}
Number = int | float


async def value(tree: Tree, cube: Cube, metric: Metric) -> Number | None:
    """Return a metric's value; None where the cube has none, as of a leaf that is not set."""
    nodes = _nodes(cube.service, metric.node)
    whole = next((n for n, node in enumerate(nodes) if _is_read(node, n, nodes, metric)), None)
    if whole is None and metric.counted:
        return await _count(tree, cube, _place(cube, nodes))
    read = nodes if whole is None else nodes[: whole + 1]
    try:
        found = await tree.read(_place(cube, read))
    except NotFound:
        return None
    if whole is None:
        return _number(found)
    return sum(_numbers(found, nodes[whole:], metric, _schema_path(read)))


async def entries(map_: Map) -> int:
    """Count a map's entries; a large one in a thread, so that nothing waits for it."""
    if map_.spec.entries > LARGE:
        return await asyncio.to_thread(map_.count)
    return map_.count()


async def _count(tree: Tree, cube: Cube, place: Place) -> int:
    node = place.node
    table = cube.tables.get(getattr(node, "binding", ""))
    counted = table is not None and (isinstance(node, List) or is_set(node, table.layout))
    if table is not None and counted and table.map.spec.entries > LARGE:
        return await asyncio.to_thread(table.count)
    return await tree.count(place)


@cache
def _nodes(service: Service, path: str) -> tuple[Node, ...]:
    steps = path.split("/")
    return tuple(service["/".join(steps[: n + 1])] for n in range(len(steps)))


def _is_read(node: Node, number: int, nodes: Sequence[Node], metric: Metric) -> bool:
    """Whether this is the list that has to be read whole: more is asked than its length."""
    if isinstance(node, LeafList):
        return False
    last = number == len(nodes) - 1
    return isinstance(node, List) and not (last and metric.counted and not metric.where)


def _place(cube: Cube, nodes: Sequence[Node]) -> Place:
    return Place(cube.service, cube.name, tuple((node, None) for node in nodes))


def _schema_path(nodes: Sequence[Node]) -> str:
    return "/".join(node.name for node in nodes)


def _numbers(found: Any, nodes: Sequence[Node], metric: Metric, path: str) -> Iterator[Number]:
    """Yield what is to be added up below `found`, the JSON of the first of `nodes`."""
    node, *below = nodes
    if isinstance(node, List):
        wanted = [where for where in metric.where if where.node == path]
        entries = [one for one in found if all(_fulfils(one, where) for where in wanted)]
        if not below:
            yield len(entries)
    elif not below:
        number = len(found) if metric.counted else _number(found)
        if number is not None:
            yield number
        return
    else:
        entries = [found]
    for entry in entries:
        if below and below[0].name in entry:
            yield from _numbers(entry[below[0].name], below, metric, f"{path}/{below[0].name}")


def _fulfils(entry: dict[str, Any], where: Where) -> bool:
    if not where.operator:
        return where.leaf in entry
    missing = "" if isinstance(where.value, str) else None
    have, want = entry.get(where.leaf, missing), where.value
    if isinstance(want, int | float) and isinstance(have, str):
        have = _number(have)
    if have is None and where.operator not in {"==", "!="}:
        return False
    return _COMPARE[where.operator](have, want)


def _number(found: Any) -> Number | None:
    """Return a leaf's value as a number; decimal64 is text in JSON (RFC 7951, 6.1)."""
    if isinstance(found, int | float):
        return found
    try:
        return float(found)
    except (TypeError, ValueError):
        return None
