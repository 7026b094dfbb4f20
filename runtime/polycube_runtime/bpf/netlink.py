"""The netdev half of the kernel port: links, clsact filters and XDP, through pyroute2.

Nothing here shells out. The sockets belong to the event loop that uses them.
"""

from __future__ import annotations

import asyncio
import errno
import fcntl
import socket
import struct
import sys
from typing import TYPE_CHECKING, Any

import msgspec
from pyroute2.netlink.exceptions import NetlinkError

from polycube_runtime.bpf import netwatch
from polycube_runtime.bpf.errors import KernelRefused, NetdevError
from polycube_runtime.bpf.kernel import AttachPoint, Netdev, NetdevEvent, Program
from polycube_runtime.bpf.routesocket import RouteSocket

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Collection, Mapping

CLSACT_PARENT = {AttachPoint.TC_INGRESS: 0xFFFFFFF2, AttachPoint.TC_EGRESS: 0xFFFFFFF3}
XDP_FLAGS = {AttachPoint.XDP_SKB: 1 << 1, AttachPoint.XDP_DRV: 1 << 2}
XDP_UPDATE_IF_NOEXIST, XDP_REPLACE = 1 << 0, 1 << 4
ETH_P_ALL = 0x0003
FILTER_PRIORITY = 1  # before any filter of the host's: packets of this netdev are the cube's
FILTER_HANDLE = 1
TCA_BPF_ID = 11  # linux/pkt_cls.h
_ATTRIBUTE = struct.Struct("=HH")  # struct nlattr: length with this header, type
_GONE = {errno.ENODEV, errno.ENOENT, errno.EINVAL}
SIOCGIFFLAGS = 0x8913


class _TcAttachment:
    """A direct-action cls_bpf filter on the clsact qdisc."""

    def __init__(self, link: RouteSocket, index: int, parent: int, *, owns_qdisc: bool) -> None:
        self._link, self._index, self._parent = link, index, parent
        self._owns_qdisc = owns_qdisc

    async def detach(self) -> None:
        """Remove the filter, and the qdisc when it was made for it and nothing else hangs there."""
        try:
            # Deleting the qdisc deletes its filters: one request in the usual case.
            if self._owns_qdisc and await _filters(self._link, self._index) == 1:
                await self._link.tc("del", "clsact", self._index)
                return
            await self._link.tc(
                "del-filter", "bpf", self._index, FILTER_HANDLE,
                parent=self._parent, prio=FILTER_PRIORITY, protocol=ETH_P_ALL,
            )  # fmt: skip
        except NetlinkError as error:
            if error.code not in _GONE:
                raise


class _XdpAttachment:
    """A program in the netdev's XDP slot."""

    def __init__(self, link: RouteSocket, index: int, flags: int) -> None:
        self._link, self._index, self._flags = link, index, flags

    async def detach(self) -> None:
        """Empty the slot."""
        try:
            await _set_xdp(self._link, self._index, -1, self._flags)
        except NetlinkError as error:
            if error.code not in _GONE:
                raise


async def _set_xdp(
    link: RouteSocket, index: int, fd: int, flags: int, *, expected: int | None = None
) -> None:
    attributes = [("IFLA_XDP_FD", fd), ("IFLA_XDP_FLAGS", flags)]
    if expected is not None:
        attributes.append(("IFLA_XDP_EXPECTED_FD", expected))
    await link.link("set", index=index, xdp={"attrs": attributes})


async def _xdp_program(link: RouteSocket, index: int) -> int:
    """Return the id of the program in a netdev's XDP slot; 0 if that is empty."""
    for message in await link.all_of(link.get_links(index)):
        xdp = message.get_attr("IFLA_XDP")
        if xdp is not None:
            return xdp.get_attr("IFLA_XDP_PROG_ID") or 0
    return 0


async def _hangs(link: RouteSocket, index: int, parent: int, programs: Collection[int]) -> bool:
    """Whether one of `programs`, by id, is among the filters of a netdev's TC hook."""
    for message in await link.all_of(link.get_filters(index=index, parent=parent)):
        options = message.get_attr("TCA_OPTIONS")
        if options is not None and _filter_program(options) in programs:
            return True
    return False


def _filter_program(options: Any) -> int:
    """Return the id of a cls_bpf filter's program, an attribute that pyroute2 does not know."""
    at, end = options.offset + _ATTRIBUTE.size, options.offset + options.length
    while at < end:
        length, kind = _ATTRIBUTE.unpack_from(options.data, at)
        if kind == TCA_BPF_ID:
            return int.from_bytes(options.data[at + _ATTRIBUTE.size : at + length], sys.byteorder)
        at += max((length + 3) & ~3, _ATTRIBUTE.size)
    return 0


async def _filters(link: RouteSocket, index: int) -> int:
    """Count the filters on a netdev's clsact qdisc."""
    count = 0
    for parent in CLSACT_PARENT.values():
        for message in await link.all_of(link.get_filters(index=index, parent=parent)):
            count += message["handle"] != 0  # the kernel lists each chain once without a filter
    return count


class Netlink:
    """One route socket for requests, opened on first use, and one for each watcher."""

    def __init__(self) -> None:
        """Open nothing yet."""
        self._socket: RouteSocket | None = None
        self._opening = asyncio.Lock()

    async def _link(self) -> RouteSocket:
        async with self._opening:  # reads and a transaction may come at the same time
            if self._socket is None:
                self._socket = RouteSocket()
                await self._socket.setup_endpoint()
            return self._socket

    async def close(self) -> None:
        """Close the request socket."""
        if self._socket is not None:
            self._socket.close()
            self._socket = None

    async def netdevs(self) -> dict[str, Netdev]:
        """Return every interface with its addresses, by name."""
        return await netwatch.netdevs(await self._link())

    async def netdev(self, name: str) -> Netdev | None:
        """Return what two system calls tell of an interface, where netlink takes 1 ms."""
        index = _index(name)
        return None if index is None else Netdev(name, index, up=_is_up(name))

    async def add_veth(self, name: str, peer: str, *, mtu: int) -> tuple[Netdev, Netdev]:
        """Create a veth pair with `mtu` on both ends and set both up."""
        link = await self._link()
        try:
            await link.link(
                "add", ifname=name, kind="veth", peer={"ifname": peer, "mtu": mtu}, mtu=mtu
            )
        except NetlinkError as error:
            message = f"cannot create the veth pair {name}, {peer}: {error}"
            raise KernelRefused(message) from error
        ends = []
        for end in (name, peer):
            netdev = await self.netdev(end)
            if netdev is None:
                message = f"the veth pair {name}, {peer} disappeared while it was set up"
                raise KernelRefused(message)
            await link.link("set", index=netdev.index, state="up")
            ends.append(msgspec.structs.replace(netdev, up=True))
        return ends[0], ends[1]

    async def delete(self, name: str) -> None:
        """Delete an interface if it is there."""
        index = _index(name)
        if index is None:
            return
        link = await self._link()
        try:
            await link.link("del", index=index)
        except NetlinkError as error:
            if error.code not in _GONE:
                raise

    async def attach(
        self, netdev: Netdev, point: AttachPoint, program: Program, former: Mapping[int, int]
    ) -> _TcAttachment | _XdpAttachment:
        """Hang `program` on `netdev`; refuses to replace somebody else's program.

        Ours that may be there and are replaced are `former`: descriptors by id.
        """
        try:
            if point in CLSACT_PARENT:
                return await self._attach_tc(netdev, CLSACT_PARENT[point], program, former)
            return await self._attach_xdp(netdev, XDP_FLAGS[point], program, former)
        except NetlinkError as error:
            raise _attach_error(netdev, point, error) from error

    async def _attach_tc(
        self, netdev: Netdev, parent: int, program: Program, former: Mapping[int, int]
    ) -> _TcAttachment:
        link = await self._link()
        owns_qdisc = True
        try:
            await link.tc("add", "clsact", netdev.index)
        except NetlinkError as error:
            if error.code != errno.EEXIST:
                raise
            owns_qdisc = bool(former)
        replaces = bool(former) and await _hangs(link, netdev.index, parent, former)
        try:
            await link.tc(
                "replace-filter" if replaces else "add-filter", "bpf", netdev.index, FILTER_HANDLE,
                fd=program.fd, name=program.name, parent=parent, direct_action=True,
                prio=FILTER_PRIORITY, protocol=ETH_P_ALL,
            )  # fmt: skip
        except NetlinkError:
            if owns_qdisc and not former:
                await link.tc("del", "clsact", netdev.index)
            raise
        return _TcAttachment(link, netdev.index, parent, owns_qdisc=owns_qdisc)

    async def _attach_xdp(
        self, netdev: Netdev, flags: int, program: Program, former: Mapping[int, int]
    ) -> _XdpAttachment:
        link = await self._link()
        now = await _xdp_program(link, netdev.index) if former else 0
        if now in former:
            replacing = flags | XDP_REPLACE
            await _set_xdp(link, netdev.index, program.fd, replacing, expected=former[now])
        else:
            await _set_xdp(link, netdev.index, program.fd, flags | XDP_UPDATE_IF_NOEXIST)
        return _XdpAttachment(link, netdev.index, flags)

    async def detach(self, index: int, point: AttachPoint, program: int) -> None:
        """Take the program of that id off a netdev if it still hangs there."""
        link = await self._link()
        try:
            if point in XDP_FLAGS:
                if await _xdp_program(link, index) == program:
                    await _XdpAttachment(link, index, XDP_FLAGS[point]).detach()
            elif await _hangs(link, index, CLSACT_PARENT[point], {program}):
                await _TcAttachment(link, index, CLSACT_PARENT[point], owns_qdisc=True).detach()
        except NetlinkError as error:
            if error.code not in _GONE:
                raise

    async def watch(self) -> AsyncIterator[NetdevEvent]:
        """Yield interfaces as they are, and what becomes of them."""
        async with RouteSocket() as link:
            async for event in netwatch.watch(link):
                yield event


def _index(name: str) -> int | None:
    """Find an interface; a text that cannot be a name names none."""
    try:
        return socket.if_nametoindex(name)
    except (OSError, ValueError):
        return None


def _is_up(name: str) -> bool:
    request = struct.pack("=16sH22x", name.encode(), 0)
    try:
        with socket.socket(socket.AF_INET, socket.SOCK_DGRAM) as asking:
            (flags,) = struct.unpack_from("=16xH", fcntl.ioctl(asking, SIOCGIFFLAGS, request))
    except OSError:
        return False  # it has just gone
    return bool(flags & netwatch.IFF_UP)


def _attach_error(netdev: Netdev, point: AttachPoint, error: NetlinkError) -> NetdevError:
    if error.code in {errno.EBUSY, errno.EEXIST}:
        reason = f"another program is already attached at its {point.value} hook"
    elif error.code == errno.ENODEV:
        reason = "it disappeared meanwhile"
    elif error.code == errno.EOPNOTSUPP:
        reason = f"its driver does not support {point.value}; use XDP_SKB or TC"
    elif error.code == errno.ERANGE:
        reason = (
            f"its MTU or its peer's is too large for {point.value}; lower it, or use XDP_SKB or TC"
        )
    else:
        reason = str(error)
    return NetdevError(f"Interface {netdev.name} cannot be used: {reason}")
