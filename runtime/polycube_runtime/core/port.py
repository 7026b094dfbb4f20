"""Ports of a cube."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, NamedTuple
from uuid import uuid4

from polycube_runtime.core.model.place import Place
from polycube_runtime.support.codec import NO_NETDEVS
from polycube_runtime.support.errors import DataExists, InvalidValue

if TYPE_CHECKING:
    from polycube_runtime.bpf.kernel import Netdev
    from polycube_runtime.core.cube import Cube
    from polycube_runtime.support.codec import Netdevs

MAX_PORTS = 128
"""As PCN_MAX_PORTS in headers/pcn/base.h: each port has a constant slot in the cube's programs."""


@dataclass(eq=False)
class Port:
    """A port: `index` is its number in the data plane, `peer` what the operator wants beyond it.

    `up` says whether that is really there and usable: a netdev attached that is up, or a peer port
    that points back. `chain` are the transparent cubes on the port, innermost first. `twin` is our
    end of the pair that joins the port to its cube's namespace, if it has one. `mac` and
    `addresses` are what the control plane says of the port.
    """

    name: str
    index: int
    peer: str = ""
    up: bool = False
    uuid: str = field(default_factory=lambda: str(uuid4()))
    chain: list[Cube] = field(default_factory=list)
    twin: Netdev | None = None
    mac: str = ""
    addresses: tuple[str, ...] = ()


class End(NamedTuple):
    """One end of a link: a port of a cube."""

    cube: Cube
    port: Port

    @property
    def text(self) -> str:
        """As peers are written: `cube:port`."""
        return f"{self.cube.name}:{self.port.name}"

    @property
    def path(self) -> str:
        """The port's place in the data model, as in URLs."""
        return self.place.path

    @property
    def place(self) -> Place:
        """The port's place in the data model."""
        service = self.cube.service
        ports = Place(service, self.cube.name).child(service.by_name["ports"])
        return ports.entry((self.port.name,))


class Ports(Mapping[str, Port]):
    """The ports of one cube by name; also translates names to indices for the map codec.

    `kept` are index and uuid that ports of those names had before a restart, and get again.
    """

    def __init__(self, netdevs: Netdevs = NO_NETDEVS) -> None:
        """Start without ports; `netdevs` are the interfaces that maps may name beside them."""
        self._by_name: dict[str, Port] = {}
        self._by_index: dict[int, Port] = {}
        self.kept: dict[str, tuple[int, str]] = {}
        self.netdevs = netdevs

    def __getitem__(self, name: str) -> Port:
        """Return the port of that name."""
        return self._by_name[name]

    def __iter__(self) -> Iterator[str]:
        """Iterate over names in the order of creation."""
        return iter(self._by_name)

    def __len__(self) -> int:
        """Count the ports."""
        return len(self._by_name)

    @property
    def bound(self) -> int:
        """One more than the highest index in use; 0 without ports."""
        return max(self._by_index, default=-1) + 1

    def add(self, name: str, path: str) -> Port:
        """Make a port with the lowest free index; `path` names it in errors."""
        if name in self._by_name:
            message = "the port exists already"
            raise DataExists(message, path)
        index, uuid = self.kept.pop(name, (None, str(uuid4())))
        if index is None or index in self._by_index:
            index = next((n for n in range(MAX_PORTS) if n not in self._by_index), None)
        if index is None:
            message = f"the cube has {MAX_PORTS} ports, which is as many as a cube can have"
            raise InvalidValue(message, path)
        port = Port(name, index, uuid=uuid)
        self._by_name[name] = self._by_index[index] = port
        return port

    def restore(self, ports: list[Port]) -> None:
        """Make it these ports again, in their order."""
        self._by_name = {port.name: port for port in ports}
        self._by_index = {port.index: port for port in ports}

    def remove(self, name: str) -> Port:
        """Take a port away."""
        port = self._by_name.pop(name)
        del self._by_index[port.index]
        return port

    def at(self, index: int) -> Port | None:
        """Return the port with that index."""
        return self._by_index.get(index)

    def index(self, name: str) -> int:
        """Return a port's index, for the codec."""
        try:
            return self._by_name[name].index
        except KeyError:
            known = ", ".join(self._by_name) or "none yet"
            message = f"'{name}' is not a port of this cube; it has: {known}"
            raise InvalidValue(message, app_tag="instance-required") from None

    def name(self, index: int) -> str | None:
        """Return the name of the port with that index, for the codec; None where it is gone."""
        port = self._by_index.get(index)
        return port.name if port else None
