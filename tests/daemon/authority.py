"""Certificates for tests, made by openssl."""

from __future__ import annotations

import subprocess
from typing import TYPE_CHECKING, NamedTuple

if TYPE_CHECKING:
    from pathlib import Path


class Identity(NamedTuple):
    """A certificate and its key, PEM files."""

    cert: Path
    key: Path


_CURVE = ("-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:prime256v1", "-nodes")


def _openssl(*arguments: object) -> str:
    command = ["openssl", *map(str, arguments)]
    ran = subprocess.run(command, capture_output=True, text=True, timeout=20, check=False)
    assert ran.returncode == 0, ran.stderr
    return ran.stdout


def self_signed(folder: Path, name: str) -> Identity:
    """Make a certificate that signs itself."""
    made = Identity(folder / f"{name}.pem", folder / f"{name}.key")
    _openssl(
        "req", "-x509", *_CURVE, "-days", 2, "-subj", f"/CN={name}",
        "-addext", "subjectAltName=DNS:localhost,IP:127.0.0.1",
        "-keyout", made.key, "-out", made.cert,
    )  # fmt: skip
    return made


def signed(folder: Path, name: str, by: Identity, *, days: int = 2) -> Identity:
    """Make a certificate that `by` signs; `days` below zero: it has expired."""
    made = Identity(folder / f"{name}.pem", folder / f"{name}.key")
    request, extensions = folder / f"{name}.csr", folder / f"{name}.ext"
    extensions.write_text("subjectAltName=DNS:localhost,IP:127.0.0.1\n")
    _openssl("req", *_CURVE, "-subj", f"/CN={name}", "-keyout", made.key, "-out", request)
    _openssl(
        "x509", "-req", "-in", request, "-CA", by.cert, "-CAkey", by.key, "-days", days,
        "-extfile", extensions, "-out", made.cert,
    )  # fmt: skip
    return made


def list_in(folder: Path, *listed: Identity) -> Path:
    """Make a folder as c_rehash does: links named by the hash of the subject."""
    folder.mkdir(exist_ok=True)
    for one in listed:
        mark = _openssl("x509", "-in", one.cert, "-noout", "-subject_hash").strip()
        number = len(list(folder.glob(f"{mark}.*")))
        (folder / f"{mark}.{number}").symlink_to(one.cert)
    return folder
