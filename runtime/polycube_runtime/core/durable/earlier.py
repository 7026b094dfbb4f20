"""What earlier daemons left in the kernel: it goes once no packet meets it any more."""

from __future__ import annotations

from typing import TYPE_CHECKING

from polycube_runtime.core.network.wiring import pin_name

if TYPE_CHECKING:
    from collections.abc import Collection, Mapping

    from polycube_runtime.core.cube import Cube
    from polycube_runtime.core.loading.loaded import Loaded
    from polycube_runtime.core.polycube import Polycube


class Earlier:
    """What the cubes of `polycube` do not go on with of what earlier daemons left."""

    def __init__(self, polycube: Polycube, pins: str, cubes: Mapping[int, Cube]) -> None:
        """Know nothing yet; `pins` is the daemon's folder in bpffs, `cubes` are those by id."""
        self._polycube = polycube
        self._pins = f"{pins}/cubes"
        self._cubes = cubes
        self._left: list[Loaded] = []

    def pins(self, name: str, number: int) -> str:
        """Return the folder of the pins of a cube of that name and id."""
        return f"{self._pins}/{_folder(name, number)}"

    def leave(self, former: Loaded) -> None:
        """Let go of this with the rest."""
        self._left.append(former)

    async def forget(self, spared: Collection[int] = ()) -> None:
        """Let go of all of it (`adoption`); what hangs on netdevs of the indices `spared` stays."""
        polycube = self._polycube
        await polycube.kernel.quiesce()
        for former in self._left:
            former.discard()
        self._left.clear()
        for cube in polycube.cubes.values():
            cube.dataplane.forget_former()
        polycube.system.forget_former()
        await polycube.commits.forget_layouts()
        await polycube.system.cleanse(self._cubes, polycube.unrestored.ids)
        await polycube.wiring.close_strangers(spared)
        await polycube.shadows.cleanse()
        if not polycube.unrestored:  # which tables those share, nobody knows
            polycube.system.publics.cleanse()
        known = {_folder(cube.name, cube.id) for cube in polycube.cubes.values()}
        known |= {_folder(kept.name, kept.id) for kept in polycube.unrestored.values()}
        for name in polycube.kernel.pinned(self._pins):
            if name not in known:
                polycube.kernel.unpin(f"{self._pins}/{name}")


def _folder(name: str, number: int) -> str:
    """Name a cube's pins: by its name for people, by its id because names come again."""
    return f"{pin_name(name)}@{number}"
