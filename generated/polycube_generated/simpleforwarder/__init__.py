# Generated from yang/simpleforwarder.yang by polycube-gen; DO NOT EDIT.
"""Generated code of service simpleforwarder: Simple Forwarder Service."""

from .base import SimpleforwarderBase
from .maps import MAPS
from .models import Actions, ActionsAction
from .nodes import SERVICE

__all__ = ["MAPS", "SERVICE", "Actions", "ActionsAction", "SimpleforwarderBase"]
