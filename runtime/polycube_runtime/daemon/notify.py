"""What systemd wants to hear of a service of `Type=notify` (sd_notify(3)); nothing elsewhere."""

from __future__ import annotations

import logging
import os
import socket

_log = logging.getLogger("polycubed")


def tell(state: str) -> None:
    """Send a line such as READY=1 to whoever started the daemon and asked for it."""
    address = os.environ.get("NOTIFY_SOCKET", "")
    if not address:
        return
    if address.startswith("@"):  # an abstract socket
        address = "\0" + address[1:]
    try:
        with socket.socket(socket.AF_UNIX, socket.SOCK_DGRAM | socket.SOCK_CLOEXEC) as sender:
            sender.sendto(state.encode(), address)
    except OSError as error:
        _log.warning("cannot tell the service manager '%s': %s", state, error.strerror)


def watchdog_seconds() -> float | None:
    """Return how often the service manager wants to hear WATCHDOG=1, halved to be in time."""
    micros, pid = os.environ.get("WATCHDOG_USEC", ""), os.environ.get("WATCHDOG_PID", "")
    if not micros.isdecimal() or pid not in {"", str(os.getpid())}:
        return None
    return int(micros) / 2e6
