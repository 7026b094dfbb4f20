"""TLS for the REST interface: the server's certificate, and which clients are let in.

- `cert`, `key`: HTTPS; clients show nothing.
- `cacert`: clients need a certificate that one of these authorities signed; `cert-blacklist`
  keeps single ones out nevertheless.
- `cert-whitelist`: clients need one of the certificates in a folder, whoever signed it.

The folders are those of `c_rehash`; all certificates in them count, under hashed names or not. A
change in one holds from the next connection on.
"""

from __future__ import annotations

import hashlib
import logging
import re
import ssl
from typing import TYPE_CHECKING

from polycube_runtime.daemon.errors import StartError

if TYPE_CHECKING:
    from pathlib import Path

    from polycube_runtime.daemon.settings import Settings

_log = logging.getLogger("polycubed")

_PEM = re.compile(r"-----BEGIN CERTIFICATE-----.+?-----END CERTIFICATE-----", re.DOTALL)


class Folder:
    """A folder of certificates; read again when something in it has come or gone."""

    def __init__(self, path: Path, option: str) -> None:
        """Read it now; `StartError` where that is impossible."""
        self._path, self._option = path, option
        self._changed = -1
        self._found: dict[str, bytes] = {}
        self.certificates()

    def certificates(self) -> dict[str, bytes]:
        """Return the certificates, DER by fingerprint."""
        try:
            changed = self._path.stat().st_mtime_ns
            if changed != self._changed:
                self._found = dict(self._read())
                self._changed = changed
        except (OSError, ValueError) as error:
            reason = getattr(error, "strerror", None) or error
            message = f"{self._option}: cannot read certificates in {self._path}: {reason}"
            raise StartError(message) from error
        return self._found

    def _read(self) -> list[tuple[str, bytes]]:
        found = []
        for file in sorted(self._path.iterdir()):
            if file.is_file():
                for pem in _PEM.findall(file.read_text(errors="replace")):
                    der = ssl.PEM_cert_to_DER_cert(pem)
                    found.append((fingerprint(der), der))
        return found


def fingerprint(der: bytes) -> str:
    """Return the SHA-256 fingerprint of a certificate."""
    return hashlib.sha256(der).hexdigest()


class Tls:
    """The server's side of TLS."""

    def __init__(self, settings: Settings) -> None:
        """Read certificates and lists; `StartError` says which file is wrong."""
        self._settings = settings
        self.context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
        self.context.minimum_version = ssl.TLSVersion.TLSv1_2
        self.context.set_alpn_protocols(["http/1.1"])
        self.load_certificate()
        self._allowed: Folder | None = None
        self._denied: Folder | None = None
        self._trusted: set[str] = set()
        if settings.cacert is not None:
            self._trust(settings.cacert)
        if settings.cert_blacklist is not None:
            self._denied = Folder(settings.cert_blacklist, "cert-blacklist")
        if settings.cert_whitelist is not None:
            self._allowed = self._trust_listed(settings.cert_whitelist)

    def load_certificate(self) -> None:
        """Read the server's certificate and key, also anew: connections from now on show it."""
        cert, key = self._settings.cert, self._settings.key
        try:
            self.context.load_cert_chain(str(cert), str(key), password=_no_password)
        except (OSError, ValueError) as error:
            message = f"cannot use cert {cert} with key {key}: {_reason(error)}"
            raise StartError(message) from error

    def _trust(self, authorities: Path) -> None:
        self.context.verify_mode = ssl.CERT_REQUIRED
        try:
            self.context.load_verify_locations(authorities)
        except (OSError, ValueError) as error:
            message = f"cannot use cacert {authorities}: {_reason(error)}"
            raise StartError(message) from error

    def _trust_listed(self, path: Path) -> Folder:
        allowed = Folder(path, "cert-whitelist")
        if not allowed.certificates():
            message = f"cert-whitelist: there is no certificate in {path}; nobody could connect"
            raise StartError(message)
        self.context.verify_mode = ssl.CERT_REQUIRED
        # A certificate of the list is trusted itself, with no authority above it.
        self.context.verify_flags |= ssl.VERIFY_X509_PARTIAL_CHAIN
        self._add(allowed)
        self._add(allowed)
        # Called at the start of each handshake, with or without a name: what is new is known by
        # the time that the client's certificate comes.
        self.context.sni_callback = lambda *_: self._follow(allowed)
        return allowed

    def _follow(self, allowed: Folder) -> int | None:
        try:
            self._add(allowed)
        except StartError as error:
            _log.error("%s", error)
            return ssl.ALERT_DESCRIPTION_INTERNAL_ERROR
        return None

    def _add(self, allowed: Folder) -> None:
        for mark, der in allowed.certificates().items():
            if mark not in self._trusted:
                self.context.load_verify_locations(cadata=der)
                self._trusted.add(mark)

    def objection(self, der: bytes | None) -> str:
        """Say why a client may not come in though its certificate is in order; empty if it may."""
        mark = fingerprint(der) if der else ""
        try:
            if self._allowed is not None and mark not in self._allowed.certificates():
                return f"client certificate {mark} is not in cert-whitelist"
            if self._denied is not None and mark in self._denied.certificates():
                return f"client certificate {mark} is in cert-blacklist"
        except StartError as error:  # a list that cannot be read any more lets nobody in
            return str(error)
        return ""


def _reason(error: Exception) -> str:
    if isinstance(error, ssl.SSLError):
        words = {
            "KEY_VALUES_MISMATCH": "the key is not that of the certificate",
            "NO_CERTIFICATE_OR_CRL_FOUND": "there is no certificate (PEM) in it",
            "NO_START_LINE": "it is not PEM",
        }
        reason = error.reason or "it is not PEM"
        return words.get(reason, reason.lower().replace("_", " "))
    return getattr(error, "strerror", None) or str(error)


def _no_password() -> str:
    """Refuse an encrypted key: OpenSSL would stop and ask on the terminal."""
    message = "the key is encrypted; polycubed needs one without a password"
    raise ValueError(message)
