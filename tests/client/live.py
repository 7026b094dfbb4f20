"""A whole daemon in memory behind a real socket: the client's other half as it is, without root."""

import asyncio
import contextlib
import socket
import threading
from collections.abc import Iterator
from typing import Any

import uvicorn
from fastapi import FastAPI

from polycube_runtime.rest.app import application
from polycube_services.transparenthelloworld import Transparenthelloworld
from tests import fakes


class _Server(uvicorn.Server):
    """Tells when it answers, and ends streams of events when it stops; signals are pytest's."""

    def __init__(self, app: FastAPI, ready: threading.Event, **more: Any) -> None:
        super().__init__(uvicorn.Config(app, log_level="warning", lifespan="off", **more))
        self._app = app
        self._ready = ready

    async def startup(self, sockets: list[socket.socket] | None = None) -> None:
        """Listen, and say so."""
        await super().startup(sockets)
        self._ready.set()

    async def shutdown(self, sockets: list[socket.socket] | None = None) -> None:
        """Stop, whoever still listens to events."""
        self._app.state.events.close()
        await super().shutdown(sockets)

    @contextlib.contextmanager
    def capture_signals(self) -> Iterator[None]:
        """Leave signals alone."""
        yield


class Live:
    """A daemon that runs in a thread of its own, at `url`."""

    def __init__(self, listening: socket.socket, **more: Any) -> None:
        self._listening = listening
        self._more = more
        self._ready = threading.Event()
        self._server: _Server | None = None
        self._failure: Exception | None = None
        self._thread = threading.Thread(target=self._run)
        scheme = "https" if "ssl_certfile" in more else "http"
        self.url = f"{scheme}://localhost:{listening.getsockname()[1]}"

    def start(self) -> None:
        """Return once it answers."""
        self._thread.start()
        assert self._ready.wait(20)
        if self._failure:
            raise self._failure

    def stop(self) -> None:
        """End it."""
        if self._server is not None:
            self._server.should_exit = True
        self._thread.join(20)
        assert not self._thread.is_alive()
        if self._failure:
            raise self._failure

    def _run(self) -> None:
        try:
            asyncio.run(self._serve())
        except Exception as failure:  # noqa: BLE001 - told to the test, which is another thread
            self._failure = failure
        self._ready.set()

    async def _serve(self) -> None:
        polycube = fakes.daemon()
        await polycube.start()
        self._server = _Server(application(polycube), self._ready, **self._more)
        await self._server.serve([self._listening])
        await polycube.close()


@contextlib.contextmanager
def living(**more: Any) -> Iterator[Live]:
    """Run a daemon with a service of each kind; ``more`` are options of uvicorn."""
    services = {**fakes.SERVICES, "transparenthelloworld": Transparenthelloworld}
    before = dict(fakes.SERVICES)
    fakes.SERVICES.update(services)
    live = Live(socket.create_server(("127.0.0.1", 0)), **more)
    try:
        live.start()
        yield live
    finally:
        live.stop()
        fakes.SERVICES.clear()
        fakes.SERVICES.update(before)
