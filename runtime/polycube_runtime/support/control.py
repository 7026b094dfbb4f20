"""The class above every control plane, and what the runtime gives it to work with.

* ``ControlPlane``: the hand-written half of a service; one object for each cube
* ``CubeContext``: a control plane's view of its cube: tables, ports, packets out, programs
* ``Table``: a map bound to the model, in JSON values; ``Pool``: a queue; ``PortView``: a port
* ``PacketIn``: a packet that the data plane sent up; ``Neighbour``: what is beyond a port
"""

from __future__ import annotations

import sys
from abc import ABC
from pathlib import Path
from typing import TYPE_CHECKING, Any, ClassVar, NamedTuple, Protocol, TypeAlias

if TYPE_CHECKING:
    import logging
    from collections.abc import Awaitable, Callable, Iterable, Mapping, Sequence

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


class Pool(Protocol):
    """A queue or a stack bound to a leaf-list, out of which the data plane takes values."""

    def fill(self, values: Sequence[Any]) -> None:
        """Make it those values; what the data plane has taken of them stays taken.

        Raises ``PolycubeError`` for more than it holds.
        """


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


class Neighbour(NamedTuple):
    """What is beyond a port: a netdev, or what another cube publishes of its port."""

    mac: str = ""
    """Empty where nothing is published."""
    addresses: tuple[str, ...] = ()
    """With their prefix lengths: ``10.0.0.1/24``."""
    mtu: int = 0
    """Bytes; 0 of a cube, which has none."""
    up: bool = True


Work: TypeAlias = "Callable[[], Awaitable[object] | object]"
"""What a timer calls: a function, or a coroutine function."""


class Timer(Protocol):
    """A running timer."""

    def cancel(self) -> object:
        """End it."""


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

    @property
    def pools(self) -> Mapping[str, Pool]:
        """Queues and stacks of the model by name; generated code fills them."""

    def value(self, path: str) -> Any:
        """Return the value of a configured leaf by its schema path (``fdb/aging-time``)."""

    def set(self, path: str, value: Any, *keys: Any) -> None:
        """Configure a node that no map holds; no hook is called, as it is the control plane's wish.

        ``path`` is the schema path (``chain/rule``) and ``keys`` the keys of all entries on it, as
        hooks get them. An entry is given without the lists in it; None takes it away, with them.
        In an action or a hook it is part of the request: taken back if that fails, durable when it
        is answered. So is what is put into a table there. Elsewhere it is durable within a second.

        Raises ``PolycubeError`` for what is not in the model, and for nodes that are in a map.
        """

    @property
    def shadow(self) -> bool:
        """Whether the cube has a network namespace of its own."""

    async def send(
        self, port: str, data: bytes, *, recirculate: bool = False, to_namespace: bool = False
    ) -> None:
        """Send a packet out of ``port``; ``recirculate`` lets it come in by that port instead.

        ``to_namespace`` has the cube's namespace receive it by that port; no shadow drops it.
        """

    async def publish(
        self, port: str, *, mac: str | None = None, addresses: Sequence[str] | None = None
    ) -> None:
        """Say what MAC and addresses (``10.0.0.1/24``) a port has; None leaves it as it is.

        The port has exactly those in the cube's namespace, if there is one, and its neighbours are
        told. In an action or a hook it is taken back if the request fails. It is not stored: say it
        again in ``start``.

        Raises ``PolycubeError`` for what is not an address, or refused in the namespace.
        """

    async def send_on(self, direction: str, data: bytes, *, recirculate: bool = False) -> None:
        """Send a packet on from a transparent cube, ``ingress`` or ``egress``.

        It goes on where the cube's program would have let it pass; ``recirculate`` has it seen by
        that program once more.
        """

    async def notify(self, path: str, event: Any, *keys: Any) -> None:
        """Tell everybody who follows the daemon's events of a notification of the model.

        ``path`` is its schema path and ``keys`` those of all lists around it; ``event`` its Struct
        or JSON. The generated methods ``notify_…`` are typed. Raises ``PolycubeError`` for what
        the model does not have, or does not allow.
        """

    def every(self, seconds: float, work: Work) -> Timer:
        """Call ``work``, and await what it returns, every so many seconds from now on.

        The first time is after ``seconds``. Calls do not overlap: one that takes longer delays the
        next, and what was missed is not made up for. An exception is logged and ends nothing. The
        timer ends with the cube.
        """

    async def reload(
        self, code: str | None = None, index: int = 0, direction: str = "ingress"
    ) -> None:
        """Replace one running program by ``code``; by the service's own file if None.

        Its tables are carried over. The swap is atomic: no packet sees half of it. A program that
        does not compile or verify leaves the old one running, as does a request that fails later.
        """

    async def add_program(
        self, code: str, index: int | None = None, direction: str = "ingress"
    ) -> int:
        """Add a program; returns its index, the lowest free one (up to 63) if ``index`` is None.

        Others reach it by ``call_ingress_program(ctx, index)``. Index 0 of ``egress`` is where
        packets leave by. Atomic, as ``reload`` is.
        """

    async def del_program(self, index: int, direction: str = "ingress") -> None:
        """Take a program away; calls of it drop the packet from now on."""


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

    async def on_namespace(  # noqa: B027 (likewise)
        self, port: str, mac: str, addresses: tuple[str, ...]
    ) -> None:
        """Take note that somebody changed what a port is in the cube's namespace.

        ``addresses`` are all, with their prefix lengths, but those that the kernel gives itself
        (fe80::/10). Not called for what ``publish`` does; called once after a restart of the daemon
        for each port that is not published by then.
        """

    async def on_neighbour(  # noqa: B027 (likewise)
        self, port: str, neighbour: Neighbour | None
    ) -> None:
        """Take note of what is beyond a port, and of every change of it; None: nothing any more.

        For a transparent cube, ``port`` is ``parent`` and the neighbour what it is attached to.
        """

    @classmethod
    def datapath(cls) -> Mapping[str, Path]:
        """Return the C files by program, from the folder of the class's own module.

        ``datapath.c`` is the ingress program of a standard cube, ``ingress.c`` that of a
        transparent one; ``egress.c``, which sees what leaves, may be missing. ``ingress_1.c`` to
        ``ingress_63.c`` and ``egress_1.c`` … are the programs that those call by index.
        """
        folder = Path(sys.modules[cls.__module__].__file__ or "").parent
        first = "ingress.c" if cls.SERVICE.kind == "transparent" else "datapath.c"
        files = {"ingress": folder / first}
        if (folder / "egress.c").exists():
            files["egress"] = folder / "egress.c"
        inner = (*folder.glob("ingress_[1-9]*.c"), *folder.glob("egress_[1-9]*.c"))
        return files | {file.stem: file for file in sorted(inner)}

    @classmethod
    def generated(cls) -> str:
        """Return the name of the generated package, where ``maps.h`` and the routes are."""
        base = next(one for one in cls.__mro__ if "SERVICE" in vars(one))
        return base.__module__.rpartition(".")[0]
