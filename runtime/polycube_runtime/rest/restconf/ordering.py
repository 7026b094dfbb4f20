"""The order of lists that users order: `insert` and `point` (RFC 8040, section 4.8.5)."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from polycube_runtime.core.model.place import key_of
from polycube_runtime.rest.restconf.refusals import BadPoint, BadRequest
from polycube_runtime.rest.restconf.target import ABSENT
from polycube_runtime.support.schema import LeafList

if TYPE_CHECKING:
    from polycube_runtime.core.durable.undo import Undo
    from polycube_runtime.core.model.place import Place
    from polycube_runtime.core.model.tree import Tree
    from polycube_runtime.rest.restconf.target import Target, Ways


class Where(NamedTuple):
    """Where in its list: `first`, `last`, or `before` or `after` the entry `point`."""

    insert: str
    point: Target | None = None


def where_of(ways: Ways, insert: str, point: str, entry: Target, base: Target) -> Where | None:
    """Return where `entry` is to be; `point` is a path below `base`. None if nothing says so.

    Raises:
        BadRequest: the point is not another entry of the same list.

    """
    if not insert:
        return None
    if not point:
        return Where(insert)
    found = ways.resolve(point.strip("/"), base)
    same = found.service is entry.service and found.steps[:-1] == entry.steps[:-1]
    if not same or found.is_list or found.node is not entry.node or found == entry:
        message = f"'{point}' is not another entry of the same list"
        raise BadRequest(message, entry.path)
    return Where(insert, found)


def placed(items: list[Any], item: Any, where: Where) -> list[Any]:
    """Return `items` with `item`, one of them, where it is to be."""
    rest = [one for one in items if one != item]
    if where.point is None:
        return [item, *rest] if where.insert == "first" else [*rest, item]
    point: Any = where.point.key
    if isinstance(where.point.node, LeafList) and where.point.item is not ABSENT:
        point = where.point.item
    if point not in rest:
        message = "the entry that says where is not there"
        raise BadPoint(message, where.point.path)
    at = rest.index(point) + (where.insert == "after")
    return [*rest[:at], item, *rest[at:]]


async def rearrange(
    tree: Tree, entry: Place, entries: list[dict[str, Any]], where: Where, undo: Undo
) -> None:
    """Put an entry elsewhere; those that then follow it are made anew, behind it."""
    by_key = {key_of(entry.list_node, one): one for one in entries}
    order = placed(list(by_key), entry.key, where)
    await tree.replace(entry.list_place, [by_key[key] for key in order], undo)
