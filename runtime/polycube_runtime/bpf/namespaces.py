"""Network namespaces, through pyroute2 and setns(2): no process is started.

A thread belongs to a namespace, and so does a socket for good that it opens. So whatever is asked
in a namespace goes through a socket that a thread of its own opened in there.
"""

from __future__ import annotations

import asyncio
import contextlib
import ctypes
import errno
import fcntl
import ipaddress
import os
import socket
import struct
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import TYPE_CHECKING, TypeVar

from pyroute2 import netns
from pyroute2.netlink.exceptions import NetlinkError

from polycube_runtime.bpf import netwatch
from polycube_runtime.bpf.errors import KernelRefused, NetdevError
from polycube_runtime.bpf.kernel import Netdev, NetdevEvent
from polycube_runtime.bpf.routesocket import RouteSocket

if TYPE_CHECKING:
    from collections.abc import AsyncIterator, Callable, Sequence

FOLDER = Path("/var/run/netns")
CLONE_NEWNET = 0x40000000
SIOCETHTOOL = 0x8946
ETHTOOL_STXCSUM, ETHTOOL_SGRO = 0x17, 0x2C
LOOPBACK = 1
"""Index of the loopback interface in every namespace."""
_LINK_LOCAL = ipaddress.ip_network("fe80::/10")
_libc = ctypes.CDLL(None, use_errno=True)
_Result = TypeVar("_Result")


class LinuxNamespaces:
    """See `kernel.Namespaces`."""

    def names(self) -> list[str]:
        """See `kernel.Namespaces.names`."""
        return sorted(one.name for one in FOLDER.glob("*"))

    async def mark(self, name: str) -> str | None:
        """See `kernel.Namespaces.mark`."""
        if not _there(name):
            return None
        try:
            found = await self.netdevs(name)
        except KernelRefused:
            return ""  # who may not look into namespaces has not made any
        return next((one.alias for one in found.values() if one.index == LOOPBACK), "")

    async def add(self, name: str, mark: str) -> None:
        """See `kernel.Namespaces.add`."""
        if _there(name):
            message = f"cannot create the network namespace {name}: there is one of that name"
            raise NetdevError(message)
        try:
            await _aside(lambda: _create(name))
            async with _socket_in(name) as link:
                await link.link("set", index=LOOPBACK, ifalias=mark, state="up")
        except (OSError, NetlinkError) as error:
            with contextlib.suppress(OSError):
                netns.remove(name)
            raise _refused(("create", name), error) from error

    async def delete(self, name: str) -> None:
        """See `kernel.Namespaces.delete`."""
        if not _there(name):
            return
        try:
            netns.remove(name)
        except OSError as error:
            raise _refused(("delete", name), error) from error

    async def add_pair(
        self, name: str, inner: str, here: str, mark: str, *, xdp: bool
    ) -> tuple[Netdev, Netdev]:
        """See `kernel.Namespaces.add_pair`."""
        what = f"cannot create the veth pair {here}, and {inner} in namespace {name}"
        async with contextlib.AsyncExitStack() as opened:
            try:
                opened.callback(os.close, space := os.open(FOLDER / name, os.O_RDONLY))
                link = await opened.enter_async_context(RouteSocket())
                there = await opened.enter_async_context(_socket_in(name))
                peer = {"ifname": inner, "net_ns_fd": space}
                await link.link("add", ifname=here, kind="veth", peer=peer)
            except (OSError, NetlinkError) as error:
                raise _refused(what, error) from error
            try:
                _be_silent(here)
                index = socket.if_nametoindex(here)
                await link.link("set", index=index, ifalias=mark, state="up")
                (found,) = await there.link_lookup(ifname=inner)
                await there.link("set", index=found, state="up")
                (made,) = map(netwatch.link, await there.all_of(there.get_links(found)))
                if xdp:
                    await _aside(lambda: _fit_for_xdp(name, inner))
            except (OSError, NetlinkError, ValueError) as error:
                with contextlib.suppress(NetlinkError):
                    await link.link("del", ifname=here)
                raise _refused(what, error) from error
        return Netdev(here, index, up=True, alias=mark), made

    async def netdevs(self, name: str) -> dict[str, Netdev]:
        """See `kernel.Namespaces.netdevs`."""
        try:
            async with _socket_in(name) as link:
                return await netwatch.netdevs(link)
        except FileNotFoundError:
            return {}
        except OSError as error:
            raise _refused(("look into", name), error) from error

    async def configure(
        self, name: str, netdev: Netdev, mac: str, addresses: Sequence[str]
    ) -> None:
        """See `kernel.Namespaces.configure`."""
        wanted = {str(ipaddress.ip_interface(one)) for one in addresses}
        there = {one for one in netdev.addresses if not _made_by_the_kernel(one)}
        try:
            async with _socket_in(name) as link:
                if mac and mac != netdev.mac:
                    await link.link("set", index=netdev.index, address=mac)
                gone = there - wanted
                for one in sorted(gone):
                    await _address(link, "del", netdev.index, one)
                for one in sorted(wanted if gone else wanted - there):
                    await _address(link, "add", netdev.index, one)
        except (OSError, NetlinkError) as error:
            what = f"cannot configure {netdev.name} in the network namespace {name}"
            raise _refused(what, error) from error

    async def watch(self, name: str) -> AsyncIterator[NetdevEvent]:
        """See `kernel.Namespaces.watch`."""
        async with _socket_in(name) as link:
            async for event in netwatch.watch(link):
                yield event


@contextlib.asynccontextmanager
async def _socket_in(name: str) -> AsyncIterator[RouteSocket]:
    opened: list[socket.socket] = []
    try:
        await _aside(lambda: opened.append(_open_in(name, socket.AF_NETLINK, socket.NETLINK_ROUTE)))
        fd = opened.pop().detach()
    finally:
        for one in opened:  # cancelled while the thread opened it
            one.close()
    async with RouteSocket(fileno=fd) as link:
        yield link


async def _aside(work: Callable[[], _Result]) -> _Result:
    """Run `work` in a thread that ends with it: it may leave the thread in whatever namespace."""
    with ThreadPoolExecutor(1, "netns") as pool:
        return await asyncio.get_running_loop().run_in_executor(pool, work)


def _enter(name: str) -> None:
    with (FOLDER / name).open() as space:
        _must(_libc.setns(space.fileno(), CLONE_NEWNET))


def _open_in(name: str, family: int, protocol: int) -> socket.socket:
    _enter(name)
    return socket.socket(family, socket.SOCK_DGRAM, protocol)


def _create(name: str) -> None:
    _must(_libc.unshare(CLONE_NEWNET))
    netns.attach(name, "thread-self")


def _must(result: int) -> None:
    if result != 0:
        number = ctypes.get_errno()
        raise OSError(number, os.strerror(number))


def _there(name: str) -> bool:
    return (FOLDER / name).exists()


def _fit_for_xdp(name: str, netdev: str) -> None:
    """Have checksums written before a packet leaves, and packets taken that XDP redirects.

    A frame that XDP redirects loses the note that its checksum is still to be written. And a veth
    takes such frames only if its peer's GRO was turned on while that was up.
    """
    with _open_in(name, socket.AF_INET, 0) as opened:
        for command, value in ((ETHTOOL_STXCSUM, 0), (ETHTOOL_SGRO, 1)):
            data = ctypes.create_string_buffer(struct.pack("=II", command, value))
            request = struct.pack("=16sQ16x", netdev.encode(), ctypes.addressof(data))
            fcntl.ioctl(opened, SIOCETHTOOL, request)


def _be_silent(netdev: str) -> None:
    """Have the host say nothing by an interface: what it hears there is the namespace."""
    with contextlib.suppress(OSError):  # a host without IPv6, or with /proc/sys read-only
        Path(f"/proc/sys/net/ipv6/conf/{netdev}/disable_ipv6").write_text("1")


def _made_by_the_kernel(address: str) -> bool:
    return ipaddress.ip_interface(address).ip in _LINK_LOCAL


async def _address(link: RouteSocket, verb: str, index: int, text: str) -> None:
    address, _, length = text.partition("/")
    try:
        await link.addr(verb, index=index, address=address, prefixlen=int(length))
    except NetlinkError as error:
        # With an address go others of its network; and the operator may be faster.
        if error.code not in ({errno.EEXIST} if verb == "add" else {errno.EADDRNOTAVAIL}):
            raise


def _refused(what: str | tuple[str, str], error: Exception) -> KernelRefused | NetdevError:
    """Say what could not be done; in short, a verb and the namespace."""
    if isinstance(what, tuple):
        what = f"cannot {what[0]} the network namespace {what[1]}"
    code = getattr(error, "errno", None) or getattr(error, "code", 0)
    if code in {errno.EPERM, errno.EACCES}:
        return KernelRefused(f"{what}: that needs root or CAP_SYS_ADMIN")
    reason = os.strerror(code) if code else str(error)
    return NetdevError(f"{what}: {reason}")
