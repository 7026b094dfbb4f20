"""Cubes that are kept in the journal, but could not be made again when the daemon started."""

from __future__ import annotations

from typing import NamedTuple

from polycube_runtime.core.model.place import cube_path
from polycube_runtime.support.errors import DataExists


class Kept(NamedTuple):
    """One of them, and why; `id` is what the data plane calls it."""

    id: int
    name: str
    service: str
    reason: str


class Unrestored(dict[str, Kept]):
    """All of them, by name. Their names and ids are taken until they are deleted or restored."""

    @property
    def ids(self) -> set[int]:
        """The ids that no other cube may have."""
        return {kept.id for kept in self.values()}

    def refuse(self, name: str) -> None:
        """Refuse a new cube of the name of one that is kept."""
        kept = self.get(name)
        if kept is not None:
            message = (
                f"a cube named {name} (service {kept.service}) is kept, but could not be restored: "
                f"{kept.reason}. Mend that and restart the daemon, or delete the cube first"
            )
            raise DataExists(message, cube_path(kept.service, name))
