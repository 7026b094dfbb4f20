# Generated from yang/values.yang by polycube-gen; DO NOT EDIT.
"""What a control plane of service values must do."""

from __future__ import annotations

from typing import ClassVar

from polycube_runtime.support import ControlPlane
from polycube_runtime.support.schema import Service

from .nodes import SERVICE


class ValuesBase(ControlPlane):
    """Everything that an entry of a map can hold."""

    SERVICE: ClassVar[Service] = SERVICE
