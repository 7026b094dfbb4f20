"""Where the daemon listens, and how to get a connection to it: TCP, TLS or a unix socket."""

from __future__ import annotations

import errno
import socket

from polycube_client.errors import UnreachableError, UsageError

TYPE_CHECKING = False
if TYPE_CHECKING:
    import ssl

    from polycube_client.config import Settings

API = "/polycube/v1/"
CONNECT_TIMEOUT = 10.0
"""Seconds to wait for a connection. A reply may take longer: programs are compiled and verified."""
_PORTS = {"http": 80, "https": 443}
_MENDED_BY_STARTING = (errno.ECONNREFUSED, errno.ENOENT)
_FORBIDDEN = (errno.EACCES, errno.EPERM)


class Endpoint:
    """The daemon's address, from a URL.

    ``http://host:port``, ``https://host:port`` and ``unix:///path/of/socket`` mean the API below
    `API`; a path in an HTTP URL takes its place (``http://gateway/node3/polycube/v1/``). Raise
    `UsageError` for any other form.
    """

    __slots__ = ("authority", "base", "host", "port", "scheme", "settings", "shown")

    def __init__(self, settings: Settings) -> None:
        self.settings = settings
        self.scheme, separator, rest = settings.url.partition("://")
        if separator and self.scheme == "unix" and rest.startswith("/"):
            self.authority, self.host, self.port, self.base = "localhost", rest, 0, API
            self.shown = settings.url
            return
        self.authority, _, path = rest.partition("/")
        self.host, port = _split_port(self.authority)
        usable = self.host and rest.isascii() and rest.isprintable() and " " not in rest
        if self.scheme not in _PORTS or not usable or not _is_port(port):
            raise self._not_understood()
        self.port = int(port or _PORTS[self.scheme])
        self.base = f"/{path.strip('/')}/" if path.strip("/") else API
        self.shown = f"{self.scheme}://{self.authority}"

    def connect(self, timeout: float | None = None) -> socket.socket:
        """Open a connection; ``timeout`` bounds every later wait too (seconds, default: no bound).

        Raise `UnreachableError` saying what is in the way.
        """
        try:
            connection = self._open(timeout or CONNECT_TIMEOUT)
        except OSError as error:
            raise self.unreachable(error) from None
        except UnicodeError:  # of a host like a..b, which no resolver is asked about
            raise self._not_understood() from None
        connection.settimeout(timeout)
        return connection

    def unreachable(self, error: OSError) -> UnreachableError:
        """Word an operating system's error for the user."""
        reason = (error.strerror or str(error) or type(error).__name__).lower()
        hint = ""
        if error.errno in _MENDED_BY_STARTING:
            hint = "; is it running? start it with `polycubed`"
        elif error.errno in _FORBIDDEN and self.scheme == "unix":
            hint = "; use sudo, or have its owner let your group in"
        verification = getattr(error, "verify_message", "")  # of ssl.SSLCertVerificationError
        if verification:
            reason = f"its certificate is not trusted: {verification.lower()}"
            hint = "; name its authority with cacert (POLYCUBECTL_CACERT)"
        return UnreachableError(f"cannot reach polycubed at {self.shown}: {reason}{hint}")

    def _not_understood(self) -> UsageError:
        url = self.settings.url
        forms = "http://HOST:PORT, https://HOST:PORT or unix:///PATH"
        return UsageError(f"url '{url}': expected {forms}")

    def _open(self, timeout: float) -> socket.socket:
        if self.scheme == "unix":
            connection = socket.socket(socket.AF_UNIX)
            connection.settimeout(timeout)
            try:
                connection.connect(self.host)
            except OSError:
                connection.close()
                raise
            return connection
        context = self._tls() if self.scheme == "https" else None
        connection = self._connect(timeout)
        if context is None:
            return connection
        try:
            return context.wrap_socket(connection, server_hostname=self.host)
        except OSError:
            connection.close()
            raise

    def _connect(self, timeout: float) -> socket.socket:
        if self.host != "localhost":
            return socket.create_connection((self.host, self.port), timeout)
        try:  # RFC 6761, 6.3: localhost is the loopback address, whether or not a resolver knows it
            return socket.create_connection(("127.0.0.1", self.port), timeout)
        except OSError as error:
            try:
                return socket.create_connection(("::1", self.port), timeout)
            except OSError:
                raise error from None

    def _tls(self) -> ssl.SSLContext:
        import ssl  # noqa: PLC0415 - 10 ms, for https only

        settings = self.settings
        try:
            context = ssl.create_default_context(cafile=settings.cacert or None)
            if settings.cert:
                context.load_cert_chain(settings.cert, settings.key or None, password=_no_password)
        except OSError as error:
            files = ", ".join(filter(None, (settings.cacert, settings.cert, settings.key)))
            msg = f"cannot use the TLS files ({files}): {error.strerror or error}"
            raise UsageError(msg) from None
        return context


def _no_password() -> str:
    """Refuse an encrypted key, for which OpenSSL would otherwise stop and ask on the terminal."""
    msg = "the key is encrypted; polycubectl needs one without a password"
    raise UsageError(msg)


def _is_port(text: str) -> bool:
    """Whether ``text`` is a TCP port, or empty for the scheme's own."""
    return not text or (text.isdecimal() and int(text[:6]) < 1 << 16)


def _split_port(authority: str) -> tuple[str, str]:
    """Cut ``host:port``, ``host`` or ``[v6]:port`` into host and port text."""
    if authority.startswith("["):
        host, _, rest = authority[1:].partition("]")
        return host, rest.removeprefix(":")
    host, _, port = authority.partition(":")
    return host, port
