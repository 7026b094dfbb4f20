# Generated from yang/transparenthelloworld.yang by polycube-gen; DO NOT EDIT.
"""Generated code of service transparenthelloworld: Transparent Helloworld Service."""

from .base import TransparenthelloworldBase
from .maps import MAPS
from .models import Action
from .nodes import SERVICE

__all__ = ["MAPS", "SERVICE", "Action", "TransparenthelloworldBase"]
