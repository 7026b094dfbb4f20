"""What the interfaces of a network namespace are, and what becomes of them (rtnetlink)."""

from __future__ import annotations

import socket
from typing import TYPE_CHECKING, Any

import msgspec
from pyroute2.netlink.rtnl import RTMGRP_IPV4_IFADDR, RTMGRP_IPV6_IFADDR, RTMGRP_LINK

from polycube_runtime.bpf.kernel import Netdev, NetdevEvent, NetdevGone, NetdevSeen

if TYPE_CHECKING:
    from collections.abc import AsyncIterator

    from polycube_runtime.bpf.routesocket import RouteSocket

GROUPS = RTMGRP_LINK | RTMGRP_IPV4_IFADDR | RTMGRP_IPV6_IFADDR
IFF_UP = 1


class _Known:
    """The interfaces as the messages so far tell."""

    def __init__(self) -> None:
        self.links: dict[int, Netdev] = {}
        self._addresses: dict[int, dict[str, None]] = {}

    def take(self, message: Any) -> int | None:
        """Take a message in; returns the index of the interface that it is about."""
        index: int = message["index"]
        match message["event"]:
            case "RTM_NEWLINK" if message["family"] == socket.AF_UNSPEC:
                self.links[index] = link(message)
            case "RTM_NEWADDR":
                self._addresses.setdefault(index, {})[_address(message)] = None
            case "RTM_DELADDR":
                self._addresses.get(index, {}).pop(_address(message), None)
            case _:
                return None
        return index

    def forget(self, index: int) -> None:
        """Forget an interface that is gone."""
        self.links.pop(index, None)
        self._addresses.pop(index, None)

    def netdev(self, index: int) -> Netdev | None:
        """Return an interface with its addresses."""
        found = self.links.get(index)
        addresses = tuple(self._addresses.get(index, ()))
        return found and msgspec.structs.replace(found, addresses=addresses)


async def netdevs(asked: RouteSocket) -> dict[str, Netdev]:
    """Return every interface with its addresses, by name."""
    known = await _dump(asked)
    found = [known.netdev(index) for index in known.links]
    return {netdev.name: netdev for netdev in found if netdev}


async def watch(heard: RouteSocket) -> AsyncIterator[NetdevEvent]:
    """Yield every interface as it is, then all that happens to any; `heard` has no other use."""
    await heard.bind(groups=GROUPS)
    known = await _dump(heard)
    told = {index: known.netdev(index) for index in known.links}
    for netdev in list(told.values()):
        if netdev:
            yield NetdevSeen(netdev)
    while True:
        async for message in heard.get():
            if message["event"] == "RTM_DELLINK" and message["family"] == socket.AF_UNSPEC:
                known.forget(message["index"])
                told.pop(message["index"], None)
                yield NetdevGone(message.get_attr("IFLA_IFNAME"), message["index"])
                continue
            index = known.take(message)
            now = None if index is None else known.netdev(index)
            if now is not None and told.get(now.index) != now:  # it also tells what we do not ask
                told[now.index] = now
                yield NetdevSeen(now)


async def _dump(asked: RouteSocket) -> _Known:
    known = _Known()
    for message in await asked.all_of(asked.get_links()):
        known.take(message)
    for message in await asked.all_of(asked.get_addr()):
        known.take(message)
    return known


def link(message: Any) -> Netdev:
    """Return the interface that a message is about, without its addresses."""
    return Netdev(
        name=message.get_attr("IFLA_IFNAME"),
        index=message["index"],
        mac=message.get_attr("IFLA_ADDRESS") or "",
        mtu=message.get_attr("IFLA_MTU") or 0,
        up=bool(message["flags"] & IFF_UP),
        alias=message.get_attr("IFLA_IFALIAS") or "",
    )


def _address(message: Any) -> str:
    """Return our own address; IFA_ADDRESS is the other's on a point-to-point link."""
    address = message.get_attr("IFA_LOCAL") or message.get_attr("IFA_ADDRESS")
    return f"{address}/{message['prefixlen']}"
