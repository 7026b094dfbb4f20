# Generated from yang/maps.yang by polycube-gen; DO NOT EDIT.
"""What a control plane of service maps must do."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from polycube_runtime.support import ControlPlane
from polycube_runtime.support.schema import Service

from .nodes import SERVICE


class MapsBase(ControlPlane):
    """Every way to bind a node to a map."""

    SERVICE: ClassVar[Service] = SERVICE

    @abstractmethod
    async def set_settings_comment(self, value: str | None) -> None:
        """Take a new value of /settings/comment: Is for people, not for the data plane."""

    @abstractmethod
    async def set_timeout(self, value: int) -> None:
        """Take a new value of /timeout."""
