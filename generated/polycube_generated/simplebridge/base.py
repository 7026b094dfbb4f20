# Generated from yang/simplebridge.yang by polycube-gen; DO NOT EDIT.
"""What a control plane of service simplebridge must do."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar

from polycube_runtime.support import ControlPlane
from polycube_runtime.support.schema import Service

from .nodes import SERVICE

if TYPE_CHECKING:
    from .models import FdbFlushOutput


class SimplebridgeBase(ControlPlane):
    """Simple L2 Bridge Service."""

    SERVICE: ClassVar[Service] = SERVICE

    @abstractmethod
    async def fdb_flush(self) -> FdbFlushOutput:
        """Do /fdb/flush: Forget all addresses, learnt or created."""
