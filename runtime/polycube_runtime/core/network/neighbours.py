"""What cubes know of what is beyond their ports: parameter alignment.

A port learns the parameters of the netdev that it is connected to, or what the control plane beyond
it publishes of the port there. A transparent cube learns those of what it is attached to, under the
name `PARENT`.
"""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING
from weakref import WeakKeyDictionary

from polycube_runtime.core.port import End
from polycube_runtime.support.control import ControlPlane, Neighbour

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from polycube_runtime.bpf.kernel import Netdev
    from polycube_runtime.core.cube import Cube
    from polycube_runtime.core.network.teller import Teller
    from polycube_runtime.core.network.wiring import Wiring

PARENT = "parent"


class Neighbours:
    """Tells cubes of their neighbours; `netdevs` are those of the host as last heard, by index."""

    def __init__(
        self,
        cubes: Mapping[str, Cube],
        wiring: Wiring,
        netdevs: Mapping[int, Netdev],
        teller: Teller,
    ) -> None:
        """Tell `cubes`."""
        self._cubes = cubes
        self._wiring = wiring
        self._netdevs = netdevs
        self._teller = teller
        self._told: WeakKeyDictionary[Cube, dict[str, Neighbour | None]] = WeakKeyDictionary()

    def look(self, cubes: Iterable[Cube] | None = None) -> None:
        """Tell `cubes` (None: all) what of their neighbours is different from what they were told.

        What a cube's control plane would not listen to is not even looked up.
        """
        for cube in self._cubes.values() if cubes is None else cubes:
            if not _listens(cube) or self._cubes.get(cube.name) is not cube:
                continue
            before, now = self._told.get(cube, {}), self._around(cube)
            self._told[cube] = now
            for name, neighbour in now.items():
                if before.get(name) != neighbour:
                    call = partial(self._tell, cube, name, neighbour)
                    self._teller.tell(cube, ("neighbour", name), call)

    async def _tell(self, cube: Cube, name: str, neighbour: Neighbour | None) -> None:
        if self._cubes.get(cube.name) is cube and (name in cube.ports or name == PARENT):
            await cube.control.on_neighbour(name, neighbour)

    def _around(self, cube: Cube) -> dict[str, Neighbour | None]:
        if cube.service.kind == "transparent":
            return {PARENT: self._parent(cube)}
        return {name: self._beyond(End(cube, port)) for name, port in cube.ports.items()}

    def _beyond(self, end: End) -> Neighbour | None:
        far = self._wiring.ways.far(end)
        return _port(far) if far else self._netdev(self._wiring.ways.netdev(end))

    def _parent(self, cube: Cube) -> Neighbour | None:
        name, _, port = cube.parent.partition(":")
        if port:
            above = self._cubes.get(name)
            return _port(End(above, above.ports[port])) if above and port in above.ports else None
        use = self._wiring.netdevs.get(name)
        return self._netdev(use.netdev if use else None)

    def _netdev(self, netdev: Netdev | None) -> Neighbour | None:
        """Return a netdev as a neighbour; None, too, until the kernel has told of it."""
        known = self._netdevs.get(netdev.index) if netdev else None
        return Neighbour(known.mac, known.addresses, known.mtu, known.up) if known else None


def _listens(cube: Cube) -> bool:
    return type(cube.control).on_neighbour is not ControlPlane.on_neighbour


def _port(end: End) -> Neighbour:
    return Neighbour(end.port.mac, end.port.addresses, 0, end.port.up)
