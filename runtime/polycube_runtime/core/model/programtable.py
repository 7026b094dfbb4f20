"""Maps that say which program of a cube a packet goes on in."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from polycube_runtime.core.model.table import BoundTable
from polycube_runtime.support.errors import InvalidValue, OperationFailed

if TYPE_CHECKING:
    from collections.abc import Callable, Mapping

    from polycube_runtime.core.cube import Cube
    from polycube_runtime.core.loading.programmap import ProgramMap
    from polycube_runtime.core.model.table import Pair
    from polycube_runtime.support.codec import MapLayout

PROGRAMS = "prog_array"


class ProgramTable(BoundTable):
    """A program array of the model.

    A program that is not there is refused; not so while cubes are restored (`is_restoring`): a
    control plane may add it again when it starts.
    """

    def __init__(
        self, layout: MapLayout, map_: ProgramMap, *rest: Any, is_restoring: Callable[[], bool]
    ) -> None:
        """As `BoundTable`."""
        super().__init__(layout, map_, *rest)
        self.programs = map_
        self._is_restoring = is_restoring

    def packer(self) -> Callable[[Mapping[str, Any]], Pair]:
        """As `BoundTable.packer`, of programs that there are."""
        pack, (field,) = super().packer(), self.layout.value.fields

        def checked(entry: Mapping[str, Any]) -> Pair:
            key, value = pack(entry)
            if not self._is_restoring() and not self.programs.has(value):
                message = f"there is no program '{entry[field.leaf]}' in this cube"
                raise InvalidValue(message, field.leaf, "instance-required")
            return key, value

        return checked


def check_unused(cube: Cube, program: str) -> None:
    """Refuse to take a program away that a map names."""
    for table in cube.tables.values():
        if isinstance(table, ProgramTable) and table.programs.naming(program):
            message = f"program {program} is in map {table.layout.name}: take it out of that first"
            raise OperationFailed(message, cube.path)
