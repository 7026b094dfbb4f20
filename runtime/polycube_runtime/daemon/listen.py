"""The sockets of the REST interface: TCP on every address of a name, and a Unix socket beside it.

The Unix socket is for root and the group `polycube`: its mode says so, and each peer is looked at
once more when it connects.
"""

from __future__ import annotations

import contextlib
import errno
import grp
import ipaddress
import os
import socket
import stat
import struct
from typing import TYPE_CHECKING

from polycube_runtime.daemon.errors import StartError
from polycube_runtime.daemon.values import NONE

if TYPE_CHECKING:
    from pathlib import Path

LOOPBACK = ("127.0.0.1", "::1")
GROUP = "polycube"
MODE = 0o660
BACKLOG = 128
_SO_PEERGROUPS = 59  # Linux 4.13; Python does not name it
_ADVICE = {
    errno.EADDRINUSE: "choose another --port",
    errno.EADDRNOTAVAIL: "no device of this machine has that address; see `ip addr`, and --addr",
    errno.EACCES: "ports below 1024 need CAP_NET_BIND_SERVICE; choose another --port",
}


def tcp(address: str, port: int) -> list[socket.socket]:
    """Open a socket on every address that the name has; none for "none"."""
    if address == NONE:
        return []
    opened: list[socket.socket] = []
    failures: list[OSError] = []
    for family, where in _addresses(address, port):
        try:
            opened.append(_listening(family, where))
        except OSError as error:
            failures.append(error)
    if not opened or any(error.errno == errno.EADDRINUSE for error in failures):
        for one in opened:
            one.close()
        raise _refused(address, port, failures)
    return opened


def _addresses(address: str, port: int) -> list[tuple[socket.AddressFamily, tuple[object, ...]]]:
    # RFC 6761, 6.3: localhost is the loopback addresses, whether or not a resolver knows it.
    names = LOOPBACK if address == "localhost" else (address,)
    try:
        found = [
            (family, where)
            for name in names
            for family, _, _, _, where in socket.getaddrinfo(
                name, port, type=socket.SOCK_STREAM, flags=socket.AI_PASSIVE
            )
        ]
    except (socket.gaierror, UnicodeError) as error:  # UnicodeError: of a name like a..b
        reason = getattr(error, "strerror", None) or "it is not a host name"
        message = f"cannot listen on '{address}': {reason}; see --addr"
        raise StartError(message) from error
    return list(dict.fromkeys(found))


def _listening(family: socket.AddressFamily, where: tuple[object, ...]) -> socket.socket:
    # By name: only then does asyncio turn off Nagle's algorithm, which costs 40 ms an answer.
    one = socket.socket(family, socket.SOCK_STREAM, socket.IPPROTO_TCP)
    try:
        one.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
        if family == socket.AF_INET6:
            one.setsockopt(socket.IPPROTO_IPV6, socket.IPV6_V6ONLY, 1)
        one.bind(where)
        one.listen(BACKLOG)
    except OSError:
        one.close()
        raise
    return one


def _refused(address: str, port: int, failures: list[OSError]) -> StartError:
    in_use = (error for error in failures if error.errno == errno.EADDRINUSE)
    error = next(in_use, failures[0])
    advice = _ADVICE.get(error.errno or 0, "see --addr and --port")
    return StartError(f"cannot listen on {address}:{port}: {error.strerror}; {advice}")


def only_loopback(sockets: list[socket.socket]) -> bool:
    """Whether nobody outside this machine can reach these TCP sockets."""
    return all(ipaddress.ip_address(one.getsockname()[0]).is_loopback for one in sockets)


def unix(path: Path | None) -> socket.socket | None:
    """Open a Unix socket, in the place of one whose daemon was killed."""
    if path is None:
        return None
    one = socket.socket(socket.AF_UNIX, socket.SOCK_STREAM)
    try:
        path.parent.mkdir(mode=0o755, parents=True, exist_ok=True)
        _make_room(path)
        os.fchmod(one.fileno(), 0o600)  # of the file that bind makes: at no time wider than meant
        one.bind(str(path))
        _share(path)
        one.listen(BACKLOG)
    except OSError as error:
        one.close()
        reason = error.strerror or str(error)  # "AF_UNIX path too long" has no number
        message = f"cannot listen on {path}: {reason}; see --socket"
        raise StartError(message) from error
    except StartError:
        one.close()
        raise
    return one


def _make_room(path: Path) -> None:
    with contextlib.suppress(FileNotFoundError):
        if not stat.S_ISSOCK(path.stat(follow_symlinks=False).st_mode):
            message = f"cannot listen on {path}: it is a file, not a socket; see --socket"
            raise StartError(message)
        with socket.socket(socket.AF_UNIX, socket.SOCK_STREAM) as probe:
            if probe.connect_ex(str(path)) == 0:
                message = f"cannot listen on {path}: another process does; choose another --socket"
                raise StartError(message)
        path.unlink()


def _share(path: Path) -> None:
    group = group_id()
    if group is not None:
        with contextlib.suppress(PermissionError):  # not root, not in it: its own group then
            os.chown(path, -1, group, follow_symlinks=False)
    path.chmod(MODE)


def remove(path: Path | None) -> None:
    """Remove the Unix socket."""
    if path is not None:
        path.unlink(missing_ok=True)


def group_id() -> int | None:
    """Return the number of the group that may use the Unix socket, where the machine has it."""
    try:
        return grp.getgrnam(GROUP).gr_gid
    except KeyError:
        return None


def is_welcome(peer: socket.socket) -> bool:
    """Whether the process at the other end of a Unix socket is root's, ours, or the group's."""
    raw = peer.getsockopt(socket.SOL_SOCKET, socket.SO_PEERCRED, struct.calcsize("3i"))
    _, user, group = struct.unpack("3i", raw)
    if user in {0, os.geteuid()}:
        return True
    allowed = group_id()
    return allowed is not None and allowed in {group, *_more_groups(peer)}


def _more_groups(peer: socket.socket) -> tuple[int, ...]:
    try:
        raw = peer.getsockopt(socket.SOL_SOCKET, _SO_PEERGROUPS, 1024)  # 256 groups
    except OSError:  # more of them: who is in so many is asked to make it the first
        return ()
    return struct.unpack(f"{len(raw) // 4}i", raw)
