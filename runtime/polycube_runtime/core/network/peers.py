"""What ports are connected to: netdevs, ports of other cubes, or nothing yet."""

from __future__ import annotations

from functools import partial
from typing import TYPE_CHECKING

from polycube_runtime.bpf.errors import NetdevError
from polycube_runtime.core.durable.transaction import note_port
from polycube_runtime.core.network.paths import NetdevUse
from polycube_runtime.core.port import End
from polycube_runtime.support.errors import DataExists, DataMissing, InvalidValue

if TYPE_CHECKING:
    from collections.abc import Iterable, Mapping

    from polycube_runtime.core.cube import Cube
    from polycube_runtime.core.durable.undo import Undo
    from polycube_runtime.core.network.wiring import Wiring
    from polycube_runtime.core.port import Port


class Peers:
    """Connects and disconnects ports."""

    def __init__(self, cubes: Mapping[str, Cube], wiring: Wiring) -> None:
        """Connect the ports of `cubes`."""
        self._cubes = cubes
        self._wiring = wiring
        self._naming: dict[str, dict[Port, Cube]] = {}  # the ports whose peer is `cube:port`

    async def set(self, end: End, peer: str, undo: Undo) -> None:
        """Set what a port is connected to: a netdev, `cube:port`, or nothing.

        A link between two ports comes up when both name each other; until then it is half-open.

        Raises:
            NetdevError: the netdev is missing or taken, or the cubes' types do not fit.
            InvalidValue: the cube or port named does not exist.

        """
        before = end.port.peer
        if peer == before and (not peer or self._wiring.is_connected(end)):
            return
        use = None
        if ":" in peer:
            self._check_port(end, peer)
        elif peer:
            use = await self._free_netdev(end, peer)
        self._wiring.left.changing(end.text, undo)
        await self._change(end, peer, use, undo)

    async def lose(self, end: End, undo: Undo) -> None:
        """Disconnect a port from a netdev that is gone."""
        self._wiring.left.changing(end.text, undo, by_operator=False)
        await self._change(end, "", None, undo)

    async def _change(self, end: End, peer: str, use: NetdevUse | None, undo: Undo) -> None:
        before = end.port.peer
        old_far, old_use = self._wiring.ways.far(end), self._use_of(end)
        undo.push(lambda: self._put(end, before, old_use, [old_far, use]))
        await self._put(end, peer, use, [old_far, old_use])
        if peer != before:
            note_port(undo, end, "peer", before or None, peer or None)

    async def want(self, end: End, name: str) -> None:
        """Note the peer that a port is to have, which is not there: the port stays down."""
        use = None if ":" in name else self._wiring.netdevs.get(name) or NetdevUse(name)
        await self._put(end, name, use, [])

    async def _put(
        self, end: End, peer: str, use: NetdevUse | None, former: list[End | NetdevUse | None]
    ) -> None:
        """Note what is beyond a port now, `use` if it is a netdev, and settle all concerned."""
        now = self._use_of(end)
        if now is not None and now is not use:
            now.end = None
        self._name(end, peer)
        if use is not None:
            use.end = end
            self._wiring.netdevs[use.name] = use
        await self._wiring.settle(end, *(one for one in former if one is not None))

    def _use_of(self, end: End) -> NetdevUse | None:
        use = self._wiring.netdevs.get(end.port.peer)
        return use if use and use.end and use.end.port is end.port else None

    async def _free_netdev(self, end: End, name: str) -> NetdevUse:
        use = self._wiring.netdevs.get(name)
        if use is not None and use.end is not None and use.end.port is not end.port:
            message = f"Iface already in use: {name} is the peer of {use.end.text}"
            raise NetdevError(message, end.path)
        return await self._wiring.use(name, end.cube.type, end.path)

    def _name(self, end: End, peer: str) -> None:
        """Note the peer of a port, and who names it."""
        former = self._naming.get(end.port.peer, {})
        if former.pop(end.port, None) is not None and not former:
            del self._naming[end.port.peer]
        end.port.peer = peer
        if ":" in peer:
            self._naming.setdefault(peer, {})[end.port] = end.cube

    def naming(self, end: End) -> list[End]:
        """Return the ports that have `end` as their peer; to link, it has to name them, too."""
        found = self._naming.get(end.text, {}).items()
        return [End(cube, port) for port, cube in found if self._cubes.get(cube.name) is cube]

    def around(self, cubes: Iterable[Cube]) -> list[Cube]:
        """Return cubes, those beyond their ports, and those attached to either's ports."""
        found: dict[Cube, None] = {}
        for cube in cubes:
            ends = [End(cube, port) for port in cube.ports.values()]
            ends += [far for end in ends for far in self.naming(end)]
            found |= dict.fromkeys([cube, *(end.cube for end in ends)])
            found |= dict.fromkeys(attached for end in ends for attached in end.port.chain)
        return list(found)

    def forget(self, end: End, undo: Undo) -> None:
        """Clear what half-open ports say of a port that goes away."""
        text = end.text
        self._wiring.left.changing(text, undo)
        for other in self.naming(end):
            self._name(other, "")
            undo.push(partial(self._name, other, text))
            note_port(undo, other, "peer", text, None)

    def _check_port(self, end: End, peer: str) -> None:
        """Make sure that `end` may be connected to the port `peer`."""
        where = f"{end.path}/peer"
        far = self.find(peer, where)
        if far.port is end.port:
            message = f"'{peer}' cannot be a peer: it is this port itself"
            raise InvalidValue(message, where)
        if far.cube.hook is not end.cube.hook:
            ends = f"{end.text} ({end.cube.type}) and {far.text} ({far.cube.type})"
            message = f"{ends} have incompatible types"
            raise NetdevError(message, where)

    def find(self, text: str, where: str = "") -> End:
        """Find `cube:port`; `where` names in errors what asks for it."""
        name, _, port = text.partition(":")
        cube = self._cubes.get(name)
        if cube is None or port not in cube.ports:
            what = f"cube {name} has no port {port}" if cube else f"there is no cube {name}"
            message = f"'{text}' cannot be a peer: {what}"
            raise InvalidValue(message, where)
        return End(cube, cube.ports[port])

    async def connect(self, one: str, other: str, undo: Undo) -> None:
        """Connect two ends, of which at least one is a port; both must be free."""
        if ":" not in one and ":" not in other:
            message = (
                f"'{one}' and '{other}' are both network interfaces; one end must be cube:port"
            )
            raise InvalidValue(message)
        ends = [self.find(text) for text in (one, other) if ":" in text]
        for end in ends:
            if end.port.peer:
                message = f"port {end.text} already has a peer: {end.port.peer}"
                raise DataExists(message)
        if len(ends) == 1:
            await self.set(ends[0], other if ":" in one else one, undo)
            return
        await self.set(ends[0], ends[1].text, undo)
        await self.set(ends[1], ends[0].text, undo)

    async def disconnect(self, one: str, other: str, undo: Undo) -> None:
        """Disconnect two ends that are connected to each other."""
        ends = [self.find(text) for text in (one, other) if ":" in text]
        if not ends or not any(end.port.peer in (one, other) for end in ends):
            message = f"{one} and {other} are not connected to each other"
            raise DataMissing(message)
        for end in ends:
            await self.set(end, "", undo)
