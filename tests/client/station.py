"""A small daemon of prepared answers, for tests of the whole client."""

import json
import socketserver
import sys
import threading
import time
from collections.abc import Callable, Iterable, Iterator
from contextlib import contextmanager
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer

API = "/polycube/v1/"
Answer = tuple[int, dict[str, str], bytes | Iterable[bytes]]


def reply(status: int, value: object = None, **headers: str) -> Answer:
    """Return an answer with ``value`` as JSON, or with no body."""
    return status, headers, b"" if value is None else json.dumps(value).encode()


def events(*pieces: bytes | float) -> Answer:
    """Return a stream of server-sent events: texts, and seconds of silence between them."""

    def stream() -> Iterator[bytes]:
        for piece in pieces:
            if isinstance(piece, bytes):
                yield piece
            else:
                time.sleep(piece)

    return 200, {"Content-Type": "text/event-stream; charset=utf-8"}, stream()


def invalid(path: str, message: str) -> Answer:
    """Return a refusal as the daemon words it."""
    error = {"error-tag": "invalid-value", "error-path": path, "error-message": message}
    return reply(400, {"ietf-restconf:errors": {"error": [error]}})


class Station(ThreadingHTTPServer):
    """A daemon of answers: by method and target, or 404; ``heard`` keeps what was asked."""

    daemon_threads = False

    def __init__(self, server_address: tuple[str, int] | str) -> None:
        self.answers: dict[str, Answer | Callable[[object], Answer]] = {}
        self.heard: list[tuple[str, object]] = []
        self.address_family = 1 if isinstance(server_address, str) else 2
        super().__init__(server_address, Handler)  # type: ignore[arg-type]

    def server_bind(self) -> None:
        """Bind without the look-up of the host's name, which a unix socket has not."""
        socketserver.TCPServer.server_bind(self)

    def handle_error(self, *_: object) -> None:
        """Keep quiet when a client refuses our certificate or goes away."""

    @property
    def requests(self) -> list[str]:
        """Method and target of every request so far."""
        return [asked for asked, _ in self.heard]


class Handler(BaseHTTPRequestHandler):
    """Answers every method from the station's table."""

    server: Station

    def answer(self) -> None:
        """Look the request up, note it, answer it."""
        body = self.rfile.read(int(self.headers.get("Content-Length", 0)))
        value: object = json.loads(body) if body else None
        asked = f"{self.command} {self.path.removeprefix(API)}"
        self.server.heard.append((asked, value))
        found = self.server.answers.get(asked, reply(404, {"detail": "No cube found"}))
        status, headers, content = found(value) if callable(found) else found
        self.send_response(status)
        for name, text in headers.items():
            self.send_header(name, text)
        if isinstance(content, bytes):
            self.send_header("Content-Length", str(len(content)))
            content = [content]
        self.end_headers()
        for piece in content:
            self.wfile.write(piece)

    do_GET = do_POST = do_PUT = do_PATCH = do_DELETE = do_OPTIONS = answer  # noqa: N815

    def log_message(self, *_: object) -> None:
        """Keep quiet."""


@contextmanager
def serving(station: Station) -> Iterator[Station]:
    """Serve in a thread."""
    thread = threading.Thread(target=station.serve_forever, kwargs={"poll_interval": 0.01})
    thread.start()
    try:
        yield station
    finally:
        station.shutdown()
        thread.join()
        station.server_close()


Ctl = Callable[..., tuple[int, str, str]]
CTL = [sys.executable, "-m", "polycube_client"]
"""polycubectl as a process of its own."""
