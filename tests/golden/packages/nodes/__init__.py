# Generated from yang/nodes.yang by polycube-gen; DO NOT EDIT.
"""Generated code of service nodes: Every kind of node that a control plane serves."""

from .base import NodesBase
from .maps import MAPS
from .models import (
    Chain,
    ChainAppendInput,
    ChainAppendInputOption,
    ChainAppendOutput,
    ChainRule,
    Limit,
    Neighbour,
    Verdict,
)
from .nodes import SERVICE

__all__ = [
    "MAPS",
    "SERVICE",
    "Chain",
    "ChainAppendInput",
    "ChainAppendInputOption",
    "ChainAppendOutput",
    "ChainRule",
    "Limit",
    "Neighbour",
    "NodesBase",
    "Verdict",
]
