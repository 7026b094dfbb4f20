"""What a change tells: records for those who watch, touches for the journal."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from polycube_runtime.core.durable.transaction import Touch, op_of

if TYPE_CHECKING:
    from polycube_runtime.core.cube import Cube
    from polycube_runtime.core.durable.undo import Undo
    from polycube_runtime.core.model.place import Place

Object = dict[str, Any]


class Notes:
    """Notes in `undo` what a change does to `cube`."""

    def __init__(self, cube: Cube, undo: Undo) -> None:
        """Note nothing yet."""
        self._cube = cube
        self._undo = undo

    def value(self, place: Place, old: Any, new: Any) -> None:
        """Note that a leaf or a container is another one."""
        self.record(place, old, new)
        anchor = place.anchor
        self._undo.touch(Touch(self._cube, anchor.below, None, anchor))

    def entry(
        self, place: Place, old: Object | None, new: Object, own: Object | None = None
    ) -> None:
        """Note an entry that was made or replaced; `own`, if known, is it without its lists."""
        path = place.path
        self._undo.record(op_of(old, new), place.cube, path, old, new)
        self._undo.touch(Touch(self._cube, place.cut(path), own, place))

    def gone(self, place: Place, old: Object) -> None:
        """Note an entry that was removed."""
        path = place.path
        self._undo.record("delete", place.cube, path, old, None)
        self._undo.touch(Touch(self._cube, place.cut(path), gone=True))

    def record(self, place: Place, old: Any, new: Any) -> None:
        """Note a difference that a user sees."""
        self._undo.record(op_of(old, new), place.cube, place.path, old, new)
