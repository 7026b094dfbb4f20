"""The leaves of structs, and what their bytes alone do not say.

* ``Field``: one member of a C struct and the leaf that it holds
* ``Ports``, ``Netdevs``: what the codec asks about the ports of a cube, and the interfaces around
"""

from __future__ import annotations

from dataclasses import KW_ONLY, dataclass
from typing import TYPE_CHECKING, Protocol

from polycube_runtime.support.errors import InvalidValue

if TYPE_CHECKING:
    from polycube_runtime.support.kinds import Kind
    from polycube_runtime.support.types import Type


class Ports(Protocol):
    """The ports of a cube, as the codec needs to know them."""

    def index(self, name: str) -> int:
        """Return the index of the port ``name``; raise ``InvalidValue`` if there is none."""

    def name(self, index: int) -> str | None:
        """Return the name of the port with ``index``, or None if there is none any more."""

    @property
    def netdevs(self) -> Netdevs:
        """The network interfaces that leaves may name."""


class Netdevs(Protocol):
    """The network interfaces where the daemon is, as the codec needs to know them."""

    def index(self, name: str) -> int:
        """Return the index of an interface; raise ``InvalidValue`` if there is none."""

    def name(self, index: int) -> str | None:
        """Return the name of the interface with ``index``, or None if there is none any more."""


class _NoNetdevs:
    """Stands in where no layout has an interface."""

    def index(self, name: str) -> int:
        problem = f"'{name}' is not a network interface here"
        raise InvalidValue(problem)

    def name(self, index: int) -> str | None:  # noqa: ARG002
        return None


NO_NETDEVS: Netdevs = _NoNetdevs()


class _NoPorts:
    """Stands in where no layout has a port: any use of it refuses the value."""

    def index(self, name: str) -> int:
        problem = f"'{name}' is not a port of this cube"
        raise InvalidValue(problem)

    def name(self, index: int) -> str | None:  # noqa: ARG002
        return None

    @property
    def netdevs(self) -> Netdevs:
        return NO_NETDEVS


NO_PORTS: Ports = _NoPorts()


@dataclass(frozen=True, slots=True)
class Field:
    """One leaf in a struct.

    ``member`` is its C name, ``leaf`` its path from the bound node. ``created`` is the value that
    stands for a leaf which the operator cannot give (``type`` of an FDB entry is "static" when it
    came by REST). ``expiry`` is the schema path of the leaf with the greatest age in seconds. A
    ``summed`` leaf is the total over all CPUs. ``bit`` are those of the presence word which
    together say that the leaf is there: its own, and those of the presence containers around it; 0
    if it always is. ``digits`` are the decimals of a decimal64. ``parts``, whose offsets are from
    here, are the first value of a leaf-list, or a union's, each with its ``type``. ``unit`` are the
    nanoseconds of one of a time's units, 0 if it is text; after ``bits`` the number begins anew.
    """

    member: str
    leaf: str
    kind: Kind
    offset: int
    size: int
    _: KW_ONLY
    values: tuple[tuple[str, int], ...] = ()
    created: object = None
    expiry: str = ""
    summed: bool = False
    bit: int = 0
    digits: int = 0
    parts: tuple[Field, ...] = ()
    type: Type | None = None
    unit: int = 0
    bits: int = 64
