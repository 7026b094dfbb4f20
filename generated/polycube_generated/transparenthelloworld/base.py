# Generated from yang/transparenthelloworld.yang by polycube-gen; DO NOT EDIT.
"""What a control plane of service transparenthelloworld must do."""

from __future__ import annotations

from typing import ClassVar

from polycube_runtime.support import ControlPlane
from polycube_runtime.support.schema import Service

from .nodes import SERVICE


class TransparenthelloworldBase(ControlPlane):
    """Transparent Helloworld Service."""

    SERVICE: ClassVar[Service] = SERVICE
