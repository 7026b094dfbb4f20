# Generated from yang/outers.yang by polycube-gen; DO NOT EDIT.
"""Generated code of service outers: Maps of maps."""

from .base import OutersBase
from .maps import MAPS
from .models import Policy, PortsSlot, Zone, ZoneMember, ZoneSide
from .nodes import SERVICE

__all__ = ["MAPS", "SERVICE", "OutersBase", "Policy", "PortsSlot", "Zone", "ZoneMember", "ZoneSide"]
