"""The topology as a graph: cubes with ports, what they are connected to, and what lies between.

A chain of transparent cubes is listed from its port or network device outwards: the first is the
nearest.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Mapping

    from polycube_client.jsontypes import Json, JsonObject

    Chains = Mapping[str, list[str]]
    """Names of transparent cubes by place: ``br1:p1``, or a network device."""


STACK = "stack"
"""What the original calls the end of a chain whose device is nobody's peer: the host's own."""


class Port:
    """A port: its place (``br1:p1``), peer (may be empty) and what is not right about it.

    ``chain`` is what the daemon told of it: an older one tells none.
    ``flaws`` holds ``no peer``, ``half-open`` (the other side does not point back) and ``DOWN``.
    """

    __slots__ = ("chain", "flaws", "name", "peer", "place", "status")

    def __init__(self, cube: str, port: JsonObject) -> None:
        self.name = str(port.get("name", ""))
        self.place = f"{cube}:{self.name}"
        self.peer = str(port.get("peer") or "")
        self.status = str(port.get("status") or "")
        tcubes = port.get("tcubes")
        self.chain = [str(one) for one in tcubes] if isinstance(tcubes, list) else []
        self.flaws: list[str] = []


class Cube:
    """A cube: ``kind`` is its service and hook, ``parent`` the place of a transparent one."""

    __slots__ = ("kind", "name", "parent", "ports", "transparent")

    def __init__(self, cube: JsonObject) -> None:
        self.name = str(cube.get("name", ""))
        self.kind = f"{cube.get('service-name', '')} {cube.get('type', '')}".strip()
        self.transparent = "parent" in cube
        self.parent = str(cube.get("parent") or "")
        ports = cube.get("ports")
        listed = ports if isinstance(ports, list) else []
        self.ports = [Port(self.name, port) for port in listed if isinstance(port, dict)]


class Graph:
    """Everything that is drawn.

    ``cubes`` are the standard ones, ``loose`` the transparent ones that are attached to nothing,
    ``netdevs`` the network devices that take part, sorted, ``down`` those of them that are not up.
    """

    __slots__ = ("chains", "cubes", "down", "loose", "netdevs", "ports")

    def __init__(self, cubes: list[Cube], netdevs: Json, chains: Chains) -> None:
        self.chains = chains
        self.cubes = [cube for cube in cubes if not cube.transparent]
        self.loose = [cube for cube in cubes if cube.transparent and not cube.parent]
        self.ports = {port.place: port for cube in self.cubes for port in cube.ports}
        peers = {port.peer for port in self.ports.values() if is_netdev(port.peer)}
        self.netdevs = sorted(peers | {place for place in chains if is_netdev(place)})
        up = _names_up(netdevs)
        self.down = {name for name in self.netdevs if up is not None and name not in up}
        for port in self.ports.values():
            port.flaws = self._flaws(port)

    def peer_of(self, netdev: str) -> str:
        """Return the port that a network device is the peer of, or an empty text."""
        return next((place for place, port in self.ports.items() if port.peer == netdev), "")

    def _flaws(self, port: Port) -> list[str]:
        found = []
        if not port.peer:
            found.append("no peer")
        elif not is_netdev(port.peer):
            other = self.ports.get(port.peer)
            if other is None or other.peer != port.place:
                found.append("half-open")
        # An older daemon's topology has no status; then what it follows from is looked at.
        if port.status == "DOWN" or (not port.status and (found or port.peer in self.down)):
            found.append("DOWN")
        return found


def is_netdev(place: str) -> bool:
    """Whether a place is a network device, and not a port of a cube."""
    return bool(place) and ":" not in place


def told_chains(cubes: list[Cube]) -> dict[str, list[str]]:
    """Return the chains that came with the ports, by place."""
    return {port.place: port.chain for cube in cubes for port in cube.ports if port.chain}


def places_of(cubes: list[Cube]) -> dict[str, list[str]]:
    """Return the transparent cubes by the place they are attached to, in no certain order."""
    found: dict[str, list[str]] = {}
    for cube in cubes:
        if cube.parent:
            found.setdefault(cube.parent, []).append(cube.name)
    return found


def in_order(place: str, names: list[str], shown: Json) -> list[str]:
    """Order the ``names`` at a place by what ``topology show PLACE`` says, nearest first.

    The ingress chain of a port is told from its peer inwards, that of a device from the device on.
    """
    text = str(shown.get("ingress service chain", "")) if isinstance(shown, dict) else ""
    told = [word.strip() for word in text.split("--->")]
    if not is_netdev(place):
        told.reverse()
    known = [name for name in told if name in names]
    return known + [name for name in names if name not in known]


def _names_up(netdevs: Json) -> set[str] | None:
    """Return the names of the devices that are up; None when the daemon did not tell."""
    if not isinstance(netdevs, list):
        return None
    known = [one for one in netdevs if isinstance(one, dict)]
    return {str(one.get("name")) for one in known if one.get("status", "UP") == "UP"}
