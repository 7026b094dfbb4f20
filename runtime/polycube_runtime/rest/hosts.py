"""Who may be asked for: a guard against web pages that reach for a daemon on the same machine.

A page of any site can make a browser send requests to `localhost:9000`. Two things tell them from
the requests of a client: a name in `Host` that is not one of ours (DNS rebinding), and an `Origin`
that is not the daemon itself. No CORS header is ever sent, so that pages cannot read answers.
"""

from __future__ import annotations

import ipaddress
import socket
from typing import TYPE_CHECKING

from starlette.datastructures import Headers

from polycube_runtime.rest.bodies import refusal
from polycube_runtime.rest.restconf import refusals
from polycube_runtime.support.errors import AccessDenied, Misdirected, PolycubeError

if TYPE_CHECKING:
    from collections.abc import Iterable

    from starlette.responses import Response
    from starlette.types import ASGIApp, Receive, Scope, Send

_READS = frozenset(["GET", "HEAD", "OPTIONS"])


class KnownHosts:
    """ASGI middleware: answer 421 to requests for a host that is not this, 403 to foreign pages.

    Known are `localhost`, every IP address (no rebinding can forge one), the machine's own name,
    and those configured: `allowed`, of which `.example.org` means all below, and `*` any. What
    comes by a Unix socket can come from no web page.
    """

    def __init__(self, app: ASGIApp, *, allowed: Iterable[str] = ()) -> None:
        """Wrap `app`."""
        self.app = app
        own = {"localhost", "ip6-localhost", socket.gethostname().lower()}
        self._names = own | {name.lower() for name in allowed}

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Hand on what may be asked here, refuse the rest."""
        if scope["type"] == "http" and not _is_local(scope):
            problem = self._problem(scope)
            if problem is not None:
                await _refused(scope, problem)(scope, receive, send)
                return
        await self.app(scope, receive, send)

    def _problem(self, scope: Scope) -> PolycubeError | None:
        headers = Headers(scope=scope)
        host, origin = headers.get("host"), headers.get("origin")
        if host is not None and not self._knows(_name(host)):
            message = f"'{host}' is not a name of this daemon; --allowed-hosts adds names"
            return Misdirected(message)
        if origin is not None and scope["method"] not in _READS:
            _, _, page = origin.partition("://")
            if page != host:
                message = f"a web page of {origin} may not change anything here"
                return AccessDenied(message)
        return None

    def _knows(self, name: str) -> bool:
        if name in self._names or "*" in self._names or name.endswith(".localhost"):
            return True
        if any(one.startswith(".") and name.endswith(one) for one in self._names):
            return True
        try:
            ipaddress.ip_address(name)
        except ValueError:
            return False
        return True


def _refused(scope: Scope, problem: PolycubeError) -> Response:
    """Refuse in the words of the interface that is asked."""
    if scope["path"].startswith("/restconf"):
        return refusals.refusal(problem, lambda _: "")
    return refusal(problem)


def _is_local(scope: Scope) -> bool:
    """Whether a request came by a Unix socket, which has no port."""
    server = scope.get("server")
    return server is not None and server[1] is None


def _name(host: str) -> str:
    """Return the name in a `Host` header, without the port and an IPv6 address's brackets."""
    name = host.strip().lower()
    if name.startswith("["):
        return name[1:].partition("]")[0].partition("%")[0]
    return name.partition(":")[0].rstrip(".")
