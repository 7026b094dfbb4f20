"""Certificates of every kind, made once."""

from __future__ import annotations

from typing import TYPE_CHECKING, NamedTuple

import pytest

from tests.daemon.authority import Identity, self_signed, signed

if TYPE_CHECKING:
    from pathlib import Path


class Certificates(NamedTuple):
    """An authority, whom it signed, and some it did not."""

    authority: Identity
    server: Identity
    client: Identity
    other: Identity
    expired: Identity
    stranger: Identity
    foreign: Identity
    """Signed by another authority."""


@pytest.fixture(scope="session")
def certificates(tmp_path_factory: pytest.TempPathFactory) -> Certificates:
    folder: Path = tmp_path_factory.mktemp("certificates")
    authority, another = self_signed(folder, "authority"), self_signed(folder, "another")
    return Certificates(
        authority,
        signed(folder, "server", authority),
        signed(folder, "client", authority),
        signed(folder, "other", authority),
        signed(folder, "expired", authority, days=-1),
        self_signed(folder, "stranger"),
        signed(folder, "foreign", another),
    )
