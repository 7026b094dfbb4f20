"""The daemon as the client sees it: a `Request` goes in, a `Reply` comes out."""

from __future__ import annotations

from polycube_client.console import note
from polycube_client.endpoint import API, Endpoint
from polycube_client.errors import UnreachableError
from polycube_client.wire import exchange

TYPE_CHECKING = False
if TYPE_CHECKING:
    from polycube_client.config import Settings
    from polycube_client.events import Stream
    from polycube_client.request import Request
    from polycube_client.wire import Reply, Wait

_REDIRECTS = (307, 308)  # the two that keep method and body (RFC 9110, 15.4)
_MOST_REDIRECTS = 5


class Daemon:
    """Sends requests, follows redirects; shows both on standard error with ``settings.debug``.

    ``wait``, if set, is called with the connection while a reply is awaited, and returns when there
    is something to read: it may show that something is going on.
    """

    __slots__ = ("_debug", "_endpoint", "wait")

    def __init__(self, settings: Settings) -> None:
        """Raise `UsageError` for a URL that makes no sense; nothing is connected yet."""
        self._endpoint = Endpoint(settings)
        self._debug = settings.debug
        self.wait: Wait | None = None

    @property
    def shown(self) -> str:
        """The daemon's address, for people."""
        return self._endpoint.shown

    def listen(self, request: Request) -> Stream | Reply:
        """Open the stream of events that ``request`` asks for, or return the reply that is none.

        Raise `UnreachableError` when there is no answer.
        """
        from polycube_client.events import open_stream  # noqa: PLC0415 - for -watch and events only

        endpoint = self._endpoint
        target = endpoint.base + request.target
        self._trace(">", f"{request.method} {endpoint.shown}{target}", None)
        return open_stream(endpoint, target)

    def send(self, request: Request, *, timeout: float | None = None) -> Reply:
        """Return the reply, whatever its status; raise `UnreachableError` when there is none.

        A cube's name as first word is answered by 308 to the cube below its service; method and
        body are kept. ``timeout`` bounds every single wait, in seconds.
        """
        target = self._endpoint.base + request.target
        for _ in range(_MOST_REDIRECTS):
            reply = self._exchange(request.method, target, request.body, timeout)
            location = reply.headers.get("location")
            if reply.status not in _REDIRECTS or not location:
                return reply
            target = self._redirected(location, request.query)
        msg = f"polycubed at {self._endpoint.shown} redirects in a circle (last to {target})"
        raise UnreachableError(msg)

    def _exchange(
        self, method: str, target: str, body: bytes | None, timeout: float | None
    ) -> Reply:
        endpoint = self._endpoint
        self._trace(">", f"{method} {endpoint.shown}{target}", body)
        try:
            with endpoint.connect(timeout) as connection:
                wait = self.wait if timeout is None else None
                reply = exchange(connection, method, target, endpoint.authority, body, wait)
        except OSError as error:
            raise endpoint.unreachable(error) from None
        self._trace("<", f"{reply.status} {reply.reason}", reply.body)
        return reply

    def _redirected(self, location: str, query: str) -> str:
        """Return the target on this same connection that ``location`` means.

        Only the part below the API counts: the daemon does not know how it was reached, by which
        name, through a proxy or a unix socket. The query is kept when the location brings none.
        """
        _, found, below = location.partition(API)
        target = self._endpoint.base + below if found else location
        return f"{target}?{query}" if query and "?" not in target else target

    def _trace(self, arrow: str, line: str, body: bytes | None) -> None:
        if self._debug:
            text = f" {body.decode('utf-8', 'replace')}" if body else ""
            note(f"{line}{text}", f"{arrow} ")
