"""Changing what is in maps and in no list: leaves, leaf-lists and containers."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from polycube_runtime.core.model.held import completed, differences, held_of, is_blank
from polycube_runtime.core.model.parts import merged
from polycube_runtime.core.model.place import row_key
from polycube_runtime.core.model.sets import is_set, rows
from polycube_runtime.support.errors import OperationFailed
from polycube_runtime.support.nesting import at, put
from polycube_runtime.support.schema import Container
from polycube_runtime.support.validate import Mode, validate

if TYPE_CHECKING:
    from polycube_runtime.core.model.mapwrites import MapWrites
    from polycube_runtime.core.model.notes import Notes
    from polycube_runtime.core.model.place import Place
    from polycube_runtime.support.schema import AnyData, Leaf, LeafList

Object = dict[str, Any]


class MapValues:
    """What one change does to such values; see `Change` for what kinds of changes there are."""

    def __init__(
        self, maps: MapWrites, notes: Notes, *, merge: bool, complete: bool, ending: bool
    ) -> None:
        """Write `maps`, and tell `notes` what is another one."""
        self._maps = maps
        self._notes = notes
        self._merge = merge
        self._complete = complete
        self._ending = ending

    def leaf(self, place: Place, node: Leaf | LeafList | AnyData, old: Any, new: Any) -> None:
        """Go from the value `old` to `new`; None is nothing: it goes back to its default."""
        if is_set(node, self._maps.table(place).layout):
            self._set(place, node, old or [], new or [])
            return
        if new is None or new == []:
            new = self._left(place, node)
        if new != old:
            self._put(place, new)
            self._notes.value(place, old, new)

    def container(
        self, place: Place, node: Container, old: Object | None, new: Object | None
    ) -> None:
        """Write a container at once: the data plane never sees half of a change."""
        found, names = self._found(place), place.beneath
        row = held_of(place.holder.node, found or {})
        now = at(row, "/".join(names)) if names else row
        if node.presence and not names and found is None:
            now = None
        if new is not None and old is None and node.presence and not self._complete:
            new = validate(node, new, Mode.CREATE, place.path)
        elif new is not None and self._merge and not self._complete:
            new = completed(node, now or {}, new, place.path)
        wanted = None if new is None and node.presence else held_of(node, new or {})
        after = merged(now or {}, wanted) if self._merge and wanted is not None else wanted
        nothing = after is None or is_blank(node, after)
        if after == now or (nothing and not (now or node.presence)):
            return
        if names:
            self._write(place, put(row, names, after))
        elif after is None:
            self._maps.write(place, [], [{}])
        else:
            self._write(place, after)
        for one, before, then in differences(place, now, after):
            self._notes.value(one, before, then)

    def _left(self, place: Place, node: Leaf | LeafList | AnyData) -> Any:
        """Return what is left of a leaf that is taken away: its default."""
        if self._ending and place.may_be_absent:
            return None
        default = getattr(node, "default", None)
        if default is None and getattr(node, "mandatory", False):
            message = "cannot be taken away: it has no default to go back to"
            raise OperationFailed(message, place.path)
        return list(default) or None if isinstance(default, tuple) else default

    def _put(self, place: Place, value: Any) -> None:
        """Write the map's entry with another value at `place`."""
        names = place.beneath or (place.steps[-1][0].name,)
        self._write(place, put(self._row(place), names, value))

    def _write(self, place: Place, row: Object) -> None:
        """Write the row that holds what is at `place`; one of nothing goes, but not with state."""
        holder, table = place.holder, self._maps.table(place)
        node = holder.node
        if isinstance(node, Container) and table.layout.above and not table.is_array:
            stays = table.state and not (self._ending and holder.is_fleeting)
            if not (stays or node.presence) and is_blank(node, row):
                self._maps.write(holder, [], [{}])
                return
        self._maps.write(holder, [row])

    def _row(self, place: Place) -> Object:
        """Return the configuration in the map entry that holds what is at `place`."""
        return held_of(place.holder.node, self._found(place) or {})

    def _found(self, place: Place) -> Object | None:
        """Return the map entry that holds what is at `place`."""
        holder, table = place.holder, self._maps.table(place)
        if holder.is_entry:
            return table.get(row_key(holder, table.layout))
        return table.get(dict(zip(table.layout.above, holder.keys, strict=False)))

    def _set(self, place: Place, node: LeafList, old: list[Any], new: list[Any]) -> None:
        """Write what a set has more or less; without values it has its defaults."""
        is_ending = self._ending and place.may_be_absent
        wanted = new or ([] if is_ending else list(node.default))
        before, after = set(old), set(wanted)
        if before != after:
            more = [one for one in wanted if one not in before]
            less = [one for one in old if one not in after]
            self._maps.write(place, rows(node, more), rows(node, less))
            self._notes.value(place, old or None, wanted or None)
