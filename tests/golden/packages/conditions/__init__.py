# Generated from yang/conditions.yang by polycube-gen; DO NOT EDIT.
"""Generated code of service conditions: Nodes that come and go with others, and what is told."""

from .base import ConditionsBase
from .maps import MAPS
from .models import Full, GreetInput, GreetOutput, Mode, User, UserFailed
from .nodes import SERVICE

__all__ = [
    "MAPS",
    "SERVICE",
    "ConditionsBase",
    "Full",
    "GreetInput",
    "GreetOutput",
    "Mode",
    "User",
    "UserFailed",
]
