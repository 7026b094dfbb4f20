# Generated from yang/outers.yang by polycube-gen; DO NOT EDIT.
"""What a control plane of service outers must do."""

from __future__ import annotations

from typing import ClassVar

from polycube_runtime.support import ControlPlane
from polycube_runtime.support.schema import Service

from .nodes import SERVICE


class OutersBase(ControlPlane):
    """Maps of maps."""

    SERVICE: ClassVar[Service] = SERVICE
