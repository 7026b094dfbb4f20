# Generated from yang/helloworld.yang by polycube-gen; DO NOT EDIT.
"""Generated code of service helloworld: Helloworld Service."""

from .base import HelloworldBase
from .maps import MAPS
from .models import Action
from .nodes import SERVICE

__all__ = ["MAPS", "SERVICE", "Action", "HelloworldBase"]
