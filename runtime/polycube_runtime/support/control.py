"""The class above every control plane, and what the runtime gives it to work with.

* ``ControlPlane``: the hand-written half of a service; one object for each cube
* ``CubeContext``: a control plane's view of its cube: tables, ports, packets out, reload
* ``Table``: a map bound to the model, in JSON values; ``PortView``: a port
* ``PacketIn``: a packet that the data plane sent up
"""

from __future__ import annotations

import sys
from abc import ABC
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Protocol

if TYPE_CHECKING:
    import logging
    from collections.abc import Iterable, Mapping

    from polycube_runtime.support.schema import Service


class PortView(Protocol):
    """A port: ``name`` as the operator gave it, ``index`` as the data plane knows it."""

    @property
    def name(self) -> str:
        """Name, unique in the cube."""

    @property
    def index(self) -> int:
        """0 to 127; the lowest free number when the port was made."""

    @property
    def peer(self) -> str:
        """A netdev, ``cube:port``, or empty."""


class Table(Protocol):
    """An eBPF map bound to the model, read and written in JSON values keyed by YANG names.

    Each call is one system call of a microsecond, or one batch; the data plane sees it at once.
    """

    def entries(self) -> list[dict[str, Any]]:
        """Return all entries that have not expired, in no particular order."""

    def get(self, key: Mapping[str, Any]) -> dict[str, Any] | None:
        """Return one entry; ``key`` has at least the key leaves."""

    def put(self, entry: Mapping[str, Any]) -> None:
        """Create or overwrite one entry."""

    def put_many(self, entries: Iterable[Mapping[str, Any]]) -> None:
        """Create or overwrite many entries in one system call."""

    def remove(self, key: Mapping[str, Any]) -> bool:
        """Remove one entry; False if there was none."""

    def clear(self) -> int:
        """Remove every entry of a hash (zero every one of an array); the result counts them."""


class PacketIn(NamedTuple):
    """A packet that ``pcn_pkt_controller`` sent up."""

    port: str
    """Name of the port it came in by (``ingress`` or ``egress`` for a transparent cube)."""
    reason: int
    metadata: tuple[int, int, int]
    traffic_class: int
    length: int
    """Bytes on the wire; ``data`` is shorter if the packet had more than 16,384."""
    data: bytes


class CubeContext(Protocol):
    """A control plane's view of its cube."""

    @property
    def name(self) -> str:
        """Name of the cube."""

    @property
    def log(self) -> logging.Logger:
        """Logger of the cube, at the level of its ``loglevel``."""

    @property
    def ports(self) -> Mapping[str, PortView]:
        """Ports by name."""

    @property
    def tables(self) -> Mapping[str, Table]:
        """Maps of the model by name."""

    def value(self, path: str) -> Any:
        """Return the value of a configured leaf by its schema path (``fdb/aging-time``)."""

    async def send(self, port: str, data: bytes, *, recirculate: bool = False) -> None:
        """Send a packet out of ``port``; ``recirculate`` lets it come in by that port instead."""

    async def reload(self, code: str | None = None) -> None:
        """Replace the running data plane by ``code``; by the service's own file if None."""


class ControlPlane(ABC):
    """The hand-written half of a service; generated bases add what a model leaves unbound.

    Hooks may raise ``PolycubeError`` to refuse; the request is then rolled back.
    """

    SERVICE: ClassVar[Service]

    def __init__(self, cube: CubeContext) -> None:
        """Keep the view of the cube; its maps are there, nothing is configured or connected yet."""
        self.cube = cube
        self.log = cube.log

    async def start(self) -> None:  # noqa: B027 (a hook; most services need none)
        """Run once, when the cube is configured and its data plane is about to get packets."""

    async def stop(self) -> None:  # noqa: B027 (likewise)
        """Run once, before the cube is deleted: cancel timers and tasks."""

    async def on_packet(self, packet: PacketIn) -> None:
        """Take a packet that the data plane sent up; this default notes and drops it."""
        self.log.debug(
            "packet from port %s, reason %d: %d bytes", packet.port, packet.reason, packet.length
        )

    @classmethod
    def datapath(cls) -> Mapping[str, Path]:
        """Return the C files by direction, from the folder of the class's own module.

        ``datapath.c`` is the ingress program of a standard cube; ``ingress.c`` and ``egress.c`` are
        a transparent one's.
        """
        folder = Path(sys.modules[cls.__module__].__file__ or "").parent
        names = {"ingress": "datapath.c"}
        if cls.SERVICE.kind == "transparent":
            names = {"ingress": "ingress.c", "egress": "egress.c"}
        return {direction: folder / name for direction, name in names.items()}

    @classmethod
    def generated(cls) -> str:
        """Return the name of the generated package, where ``maps.h`` and the routes are."""
        base = next(one for one in cls.__mro__ if "SERVICE" in vars(one))
        return base.__module__.rpartition(".")[0]
