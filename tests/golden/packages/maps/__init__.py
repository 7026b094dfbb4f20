# Generated from yang/maps.yang by polycube-gen; DO NOT EDIT.
"""Generated code of service maps: Every way to bind a node to a map."""

from .base import MapsBase
from .maps import MAPS
from .models import (
    Blacklist,
    Host,
    Relay,
    Route,
    Route6,
    Session,
    SessionOrigin,
    SessionProtocol,
    Share,
    Slot,
)
from .nodes import SERVICE

__all__ = [
    "MAPS",
    "SERVICE",
    "Blacklist",
    "Host",
    "MapsBase",
    "Relay",
    "Route",
    "Route6",
    "Session",
    "SessionOrigin",
    "SessionProtocol",
    "Share",
    "Slot",
]
