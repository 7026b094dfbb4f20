# Generated from yang/ddosmitigator.yang by polycube-gen; DO NOT EDIT.
"""What a control plane of service ddosmitigator must do."""

from __future__ import annotations

from abc import abstractmethod
from typing import ClassVar

from polycube_runtime.support import ControlPlane
from polycube_runtime.support.schema import Service

from .nodes import SERVICE


class DdosmitigatorBase(ControlPlane):
    """DDoS Mitigator Service."""

    SERVICE: ClassVar[Service] = SERVICE

    @abstractmethod
    async def get_stats_pps(self) -> int:
        """Return /stats/pps: Packets dropped in the last second."""
