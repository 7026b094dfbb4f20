# Generated from yang/values.yang by polycube-gen; DO NOT EDIT.
"""Generated code of service values: Everything that an entry of a map can hold."""

from .base import ValuesBase
from .maps import MAPS
from .models import (
    Policy,
    PolicyLevel,
    PolicySeen,
    Rule,
    Session,
    SessionLimit,
    SessionLimitColour,
    SessionLimitLog,
    SessionSeen,
    SessionTimeouts,
    Slot,
)
from .nodes import SERVICE

__all__ = [
    "MAPS",
    "SERVICE",
    "Policy",
    "PolicyLevel",
    "PolicySeen",
    "Rule",
    "Session",
    "SessionLimit",
    "SessionLimitColour",
    "SessionLimitLog",
    "SessionSeen",
    "SessionTimeouts",
    "Slot",
    "ValuesBase",
]
