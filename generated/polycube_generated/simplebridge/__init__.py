# Generated from yang/simplebridge.yang by polycube-gen; DO NOT EDIT.
"""Generated code of service simplebridge: Simple L2 Bridge Service."""

from .base import SimplebridgeBase
from .maps import MAPS
from .models import FdbEntry, FdbEntryType, FdbFlushOutput
from .nodes import SERVICE

__all__ = ["MAPS", "SERVICE", "FdbEntry", "FdbEntryType", "FdbFlushOutput", "SimplebridgeBase"]
