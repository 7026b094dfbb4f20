"""What control planes change by themselves: in actions, in hooks, and of their own accord.

A change made inside a transaction (an action, a hook that a request calls) is part of it: taken
back if it fails, durable when it is answered. One made outside (a timer, a packet) is durable at
the latest `DELAY` seconds later; until then it is lost with the daemon. State is neither: entries
that the data plane learns, counters, whatever is `config false`.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from polycube_runtime.core.durable.transaction import Record, Touch, op_of
from polycube_runtime.core.model.devicetable import netdev_leaves
from polycube_runtime.core.model.held import shown
from polycube_runtime.core.model.place import Place, key_of
from polycube_runtime.core.model.sets import is_set, rows, values
from polycube_runtime.support.errors import OperationFailed
from polycube_runtime.support.nesting import at, put
from polycube_runtime.support.schema import Action, AnyData, Container, Leaf, LeafList, List
from polycube_runtime.support.validate import Mode, validate, validate_entry

if TYPE_CHECKING:
    from polycube_runtime.core.cube import Cube
    from polycube_runtime.core.durable.undo import Step
    from polycube_runtime.core.model.devicetable import DeviceTable
    from polycube_runtime.core.model.store import Stored
    from polycube_runtime.core.model.table import BoundTable, Snapshot
    from polycube_runtime.core.polycube import Polycube
    from polycube_runtime.support.schema import Node, Service

Object = dict[str, Any]


class OwnChanges:
    """Takes note of what the control planes of `polycube` change."""

    def __init__(self, polycube: Polycube) -> None:
        """Note nothing yet."""
        self._polycube = polycube

    def written(self, cube: Cube, table: BoundTable, before: Snapshot) -> None:
        """Note that a control plane has written a table, where `before` was."""
        place = _bound_place(cube, table.layout.name)
        node = place.node
        if self._polycube.cubes.get(cube.name) is not cube or not _is_config(node):
            return
        if is_set(node, table.layout):
            self._set_written(cube, place, node, table, before)
            return
        records, touched = [], []
        for (key, was), (_, now) in zip(before, table.again(before), strict=True):
            old = _visible(node, table.configured(key, was))
            new = _visible(node, table.configured(key, now))
            if old == new:
                continue
            row: Object = table.configured(key, now) or table.configured(key, was) or {}
            if isinstance(node, List):
                here = _entered(place, table.layout.above, row).entry(key_of(node, row))
                records.append(_record(here, old, new))
                touched.append(Touch(cube, here.below, None, here, gone=new is None))
            else:
                here = _entered(place, table.layout.above, row)
                touched.append(Touch(cube, here.anchor.below, None, here.anchor))
                records += _leaves(here, old or {}, new or {})
        self._note(records, touched, lambda: table.restore(before))

    def renamed(self, cube: Cube, table: DeviceTable, device: int, names: tuple[str, str]) -> None:
        """Note that an interface which entries name is called by the second of `names` now."""
        place = _bound_place(cube, table.layout.name)
        node = place.node
        if not _is_config(node):
            return
        records, touched = [], []
        for key, value in table.naming(device):
            row: Object = table.configured(key, value) or {}
            former = row
            for leaf in netdev_leaves(table.layout):
                if at(row, leaf) == names[1]:
                    former = put(former, tuple(leaf.split("/")), names[0])
            old, new = _visible(node, former), _visible(node, row)
            if isinstance(node, List):
                around = _entered(place, table.layout.above, row)
                was, here = around.entry(key_of(node, former)), around.entry(key_of(node, row))
                if was != here:
                    records.append(_record(was, old, None))
                    touched.append(Touch(cube, was.below, gone=True))
                records.append(_record(here, old if was == here else None, new))
                touched.append(Touch(cube, here.below, None, here))
            elif isinstance(node, LeafList):
                anchor = _entered(place, table.layout.above, row).anchor
                touched.append(Touch(cube, anchor.below, None, anchor))
            else:
                here = _entered(place, table.layout.above, row)
                touched.append(Touch(cube, here.anchor.below, None, here.anchor))
                records += _leaves(here, old or {}, new or {})
        self._note(records, touched, lambda: None)

    def _set_written(
        self, cube: Cube, place: Place, node: LeafList, table: BoundTable, before: Snapshot
    ) -> None:
        """Note what became of sets, of which a map holds one for each entry around it."""
        above = table.layout.above
        changed: dict[Place, tuple[set[Any], set[Any]]] = {}
        for (key, was), (_, now) in zip(before, table.again(before), strict=True):
            old, new = table.configured(key, was), table.configured(key, now)
            if (row := old or new) and old != new:
                less, more = changed.setdefault(_entered(place, above, row), (set(), set()))
                (more if new else less).add(row[node.name])
        records, touched = [], []
        for here, (less, more) in changed.items():
            around = dict(zip(above, here.keys, strict=True))
            there = values(node, table.entries(around))
            former = values(node, rows(node, {*there, *less} - more))
            records.append(_record(here, former or None, there or None))
            touched.append(Touch(cube, here.anchor.below, None, here.anchor))
        self._note(records, touched, lambda: table.restore(before))

    def set(self, cube: Cube, path: str, value: Any, keys: tuple[Any, ...]) -> None:
        """See `support.control.CubeContext.set`."""
        place = _place(cube, path, keys)
        node = place.node
        if isinstance(node, List):
            self._set_entry(cube, place, node, value)
            return
        if value is not None:
            value = validate(node, value, Mode.CREATE, place.path)
        old, config = cube.config.get(place), cube.config
        if old == value:
            return
        config.set(place, value)
        anchor = place.anchor
        touch = Touch(cube, anchor.below, None, anchor)
        self._note([_record(place, old, value)], [touch], lambda: config.set(place, old))

    def _set_entry(self, cube: Cube, place: Place, node: List, value: Any) -> None:
        config, kept = cube.config, cube.config.at(place)
        old = None if kept is None else _entry(place, kept)
        if value is None:
            if kept is None:
                return
            order = config.keys(place.list_place)
            config.pop(place)
            touch = Touch(cube, place.below, gone=True)
            record = _record(place, {**(old or {}), **_lists(place, kept)}, None)

            def back() -> None:
                config.put(place, kept)
                config.reorder(place.list_place, order)

            self._note([record], [touch], back)
            return
        keys = dict(zip(node.keys, place.key, strict=True))
        value = validate_entry(node, {**value, **keys}, Mode.CREATE, place.path)
        if old == value:
            return
        here = config.make(place)
        values = here.values
        here.values = {name: one for name, one in value.items() if name not in keys}

        def undone() -> None:
            here.values = values
            if kept is None:
                config.pop(place)

        self._note([_record(place, old, value)], [Touch(cube, place.below, value, place)], undone)

    def _note(self, records: list[Record], touched: list[Touch], back: Step) -> None:
        undo = self._polycube.inside()
        if undo is None:
            self._polycube.commits.later(records, touched)
        elif not undo.rolling_back:
            undo.push(back)
            for one in records:
                undo.record(one.op, one.cube, one.path, one.old, one.new)
            for touch in touched:
                undo.touch(touch)


def _is_config(node: Node | Service) -> bool:
    return isinstance(node, Leaf | LeafList | AnyData | Container | List) and node.config


def _entered(place: Place, above: tuple[str, ...], row: Object) -> Place:
    """Return the list at `place` in the entries around it whose keys are in `row`."""
    keys, steps = [row[name] for name in above], []
    for node, _ in place.steps[:-1]:
        size = len(node.keys) if isinstance(node, List) else 0
        steps.append((node, tuple(keys[:size]) if size else None))
        keys = keys[size:]
    return place._replace(steps=(*steps, place.steps[-1]))


def _bound_place(cube: Cube, binding: str) -> Place:
    """Find the node that a map is bound to as a whole, in no entry."""
    path = next(path for path, one in cube.service.walk() if getattr(one, "binding", "") == binding)
    return _place(cube, path, (), bound=True)


def _place(cube: Cube, path: str, keys: tuple[Any, ...], *, bound: bool = False) -> Place:
    place, waiting, children = Place(cube.service, cube.name), keys, cube.service.by_name
    for name in path.split("/"):
        node = children[name]
        place = place.child(node)
        if isinstance(node, List) and waiting:
            place = place.entry(waiting[: len(node.keys)])
            waiting = waiting[len(node.keys) :]
        children = node.by_name if isinstance(node, Container | List) else {}
    if not bound:
        _settable(place, waiting)
    return place


def _settable(place: Place, waiting: tuple[Any, ...]) -> None:
    """Refuse what a control plane cannot set, each with what it is to do instead."""
    node = place.node
    lists = [key for one, key in place.steps if isinstance(one, List)]
    problem = ""
    if isinstance(node, Action) or not _is_config(node):
        problem = "is no configuration"
    elif getattr(node, "base", False):
        problem = "is the daemon's own"
    elif binding := getattr(node, "binding", ""):
        problem = f"is in a map; write cube.tables['{binding}']"
    elif waiting or None in lists:
        problem = f"needs the keys of {len(lists)} list(s), those of the entry included"
    elif isinstance(node, Container) and not node.presence:
        problem = "is a container: set what is in it"
    if problem:
        message = f"a control plane cannot set this: it {problem}"
        raise OperationFailed(message, place.path)


def _visible(node: Node | Service, entry: Object | None) -> Object | None:
    """Return what is configured of an entry, in the model's order."""
    if entry is None:
        return None
    if isinstance(node, Container | List):
        return shown(node, entry, config=True)
    return entry


def _leaves(place: Place, old: Object, new: Object) -> list[Record]:
    node = place.node
    if isinstance(node, Container):
        changed = [name for name in {**old, **new} if old.get(name) != new.get(name)]
        places = [(place.child(node.by_name[name]), name) for name in changed]
    else:
        places = [(place, place.steps[-1][0].name)]
    return [_record(one, old.get(name), new.get(name)) for one, name in places]


def _record(place: Place, old: Any, new: Any) -> Record:
    return Record(op_of(old, new), place.cube, place.path, old, new)


def _entry(place: Place, kept: Stored) -> Object:
    keys = dict(zip(place.list_node.keys, place.key, strict=True))
    order = [child.name for child in place.list_node.children]
    both = {**keys, **kept.values}
    return {name: both[name] for name in order if name in both}


def _lists(place: Place, kept: Stored) -> Object:
    """Return the lists directly in an entry, as far as they are kept."""
    result: Object = {}
    for path, entries in kept.lists.items():
        here = place
        for name in path.split("/"):
            inner: Any = here.node
            here = here.child(inner.by_name[name])
        target = result
        *above, name = path.split("/")
        for step in above:
            target = target.setdefault(step, {})
        target[name] = [
            {**_entry(here.entry(key), one), **_lists(here.entry(key), one)}
            for key, one in entries.items()
        ]
    return result
