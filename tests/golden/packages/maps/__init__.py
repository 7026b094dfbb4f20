# Generated from yang/maps.yang by polycube-gen; DO NOT EDIT.
"""Generated code of service maps: Every way to bind a node to a map."""

from .base import MapsBase
from .maps import MAPS
from .models import Blacklist, Route, Route6, Session, SessionOrigin, SessionProtocol, Slot
from .nodes import SERVICE

__all__ = [
    "MAPS",
    "SERVICE",
    "Blacklist",
    "MapsBase",
    "Route",
    "Route6",
    "Session",
    "SessionOrigin",
    "SessionProtocol",
    "Slot",
]
