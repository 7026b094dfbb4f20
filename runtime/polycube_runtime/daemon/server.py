"""uvicorn with what it lacks: TLS on some sockets only, a look at who connects, a word when up."""

from __future__ import annotations

import logging
import signal
from typing import TYPE_CHECKING, Any

import uvicorn
from uvicorn.protocols.http.h11_impl import H11Protocol

from polycube_runtime.daemon import listen, notify

if TYPE_CHECKING:
    import asyncio
    import socket
    import ssl
    from collections.abc import Callable

    from polycube_runtime.daemon.tls import Tls

_log = logging.getLogger("polycubed")


def _protocol(tls: Tls | None) -> type[H11Protocol]:
    """Return the protocol of connections, which turns away who is not welcome."""

    class Connection(H11Protocol):
        _refused = ""

        def connection_made(self, transport: asyncio.Transport) -> None:  # type: ignore[override]
            self._refused = _objection(transport, tls)
            super().connection_made(transport)
            if self._refused:
                _log.warning("connection refused: %s", self._refused)
                transport.abort()

        def data_received(self, data: bytes) -> None:
            if not self._refused:  # what was under way already is not even read
                super().data_received(data)

    return Connection


def _objection(transport: asyncio.Transport, tls: Tls | None) -> str:
    inside: ssl.SSLObject | None = transport.get_extra_info("ssl_object")
    if inside is not None and tls is not None:
        return tls.objection(inside.getpeercert(binary_form=True))
    peer: socket.socket = transport.get_extra_info("socket")
    if peer.family.name == "AF_UNIX" and not listen.is_welcome(peer):
        return "its user is neither root nor in the group polycube"
    return ""


class Server(uvicorn.Server):
    """Serves Unix sockets in the clear and the others with TLS, if there is TLS."""

    def __init__(
        self, app: Any, tls: Tls | None, up: Callable[[], None], down: Callable[[], None]
    ) -> None:
        """Serve nothing yet; `up` is called once connections are accepted, `down` at the end.

        `down` has streams of events end, for which the end would wait else.
        """
        self._tls, self._up, self._down = tls, up, down
        seconds = notify.watchdog_seconds()
        super().__init__(
            uvicorn.Config(
                app,
                http=_protocol(tls),
                ws="none",
                log_config=None,
                access_log=False,
                lifespan="off",
                timeout_graceful_shutdown=2,
                callback_notify=_alive if seconds else None,
                timeout_notify=seconds or 0,  # type: ignore[arg-type] # compared to a float
            )
        )

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Accept connections on these sockets."""
        servers = []
        for one in sockets or []:
            plain = self._tls is None or one.family.name == "AF_UNIX"
            self.config.ssl = None if plain or self._tls is None else self._tls.context
            await super().startup(sockets=[one])
            servers += self.servers
        self.servers = servers
        self._up()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Finish what is being answered."""
        self._down()
        await super().shutdown(sockets)

    async def run_until_signal(self, sockets: list[socket.socket]) -> None:
        """Serve until SIGTERM or SIGINT."""
        # uvicorn stops at a signal and then raises it again for whoever handled it before: here,
        # nobody may die of it, there is work to do after.
        for number in (signal.SIGINT, signal.SIGTERM):
            signal.signal(number, lambda *_: None)
        await self.serve(sockets=sockets)


async def _alive() -> None:
    notify.tell("WATCHDOG=1")
