# Generated from yang/ddosmitigator.yang by polycube-gen; DO NOT EDIT.
"""Generated code of service ddosmitigator: DDoS Mitigator Service."""

from .base import DdosmitigatorBase
from .maps import MAPS
from .models import BlacklistDst, BlacklistSrc
from .nodes import SERVICE

__all__ = ["MAPS", "SERVICE", "BlacklistDst", "BlacklistSrc", "DdosmitigatorBase"]
