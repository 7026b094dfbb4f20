# Generated from yang/simpleforwarder.yang by polycube-gen; DO NOT EDIT.
"""What a control plane of service simpleforwarder must do."""

from __future__ import annotations

from typing import ClassVar

from polycube_runtime.support import ControlPlane
from polycube_runtime.support.schema import Service

from .nodes import SERVICE


class SimpleforwarderBase(ControlPlane):
    """Simple Forwarder Service."""

    SERVICE: ClassVar[Service] = SERVICE
