# Generated from yang/nodes.yang by polycube-gen; DO NOT EDIT.
"""What a control plane of service nodes must do."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar

from polycube_runtime.support import ControlPlane
from polycube_runtime.support.schema import Service

from .nodes import SERVICE

if TYPE_CHECKING:
    from decimal import Decimal

    from .models import Chain, ChainAppendInput, ChainAppendOutput, ChainRule, Limit, Neighbour


class NodesBase(ControlPlane):
    """Every kind of node that a control plane serves."""

    SERVICE: ClassVar[Service] = SERVICE

    @abstractmethod
    async def set_ports_mtu(self, ports_name: str, value: int) -> None:
        """Take a new value of /ports/mtu: Greatest packet, in bytes."""

    @abstractmethod
    async def set_class_(self, value: int | None) -> None:
        """Take a new value of /class: A name that Python has for itself."""

    @abstractmethod
    async def set_ratio(self, value: Decimal) -> None:
        """Take a new value of /ratio."""

    @abstractmethod
    async def set_limit(self, value: Limit | int) -> None:
        """Take a new value of /limit."""

    @abstractmethod
    async def set_flag(self, value: list[None] | None) -> None:
        """Take a new value of /flag: Hostile: "quotes", 'more', \\ backslash, \"\"\" docstring, */
        comment /*, {{ braces }} {% raw %} and a second line that makes the whole of it longer
        than a line of code may be.
        """

    @abstractmethod
    async def set_server(self, value: list[str]) -> None:
        """Take a new value of /server."""

    @abstractmethod
    async def set_mirror(self, present: bool) -> None:
        """Take a new value of /mirror."""

    @abstractmethod
    async def set_mirror_to(self, value: str) -> None:
        """Take a new value of /mirror/to."""

    @abstractmethod
    async def get_uptime_seconds(self) -> int:
        """Return /uptime/seconds."""

    @abstractmethod
    async def add_chain(self, entry: Chain) -> None:
        """Create an entry of /chain: Entries of which the control plane hears."""

    @abstractmethod
    async def update_chain(self, old: Chain, new: Chain) -> None:
        """Change an entry of /chain: Entries of which the control plane hears."""

    @abstractmethod
    async def remove_chain(self, entry: Chain) -> None:
        """Delete an entry of /chain: Entries of which the control plane hears."""

    @abstractmethod
    async def get_chain_hits(self, chain_name: str) -> int:
        """Return /chain/hits."""

    @abstractmethod
    async def add_chain_rule(self, chain_name: str, entry: ChainRule) -> None:
        """Create an entry of /chain/rule."""

    @abstractmethod
    async def update_chain_rule(self, chain_name: str, old: ChainRule, new: ChainRule) -> None:
        """Change an entry of /chain/rule."""

    @abstractmethod
    async def remove_chain_rule(self, chain_name: str, entry: ChainRule) -> None:
        """Delete an entry of /chain/rule."""

    @abstractmethod
    async def chain_append(self, chain_name: str, input: ChainAppendInput) -> ChainAppendOutput:
        """Do /chain/append."""

    @abstractmethod
    async def get_neighbour(self) -> list[Neighbour]:
        """Return /neighbour."""

    @abstractmethod
    async def stop_(self) -> None:
        """Do /stop: A name that the base class has for itself."""
