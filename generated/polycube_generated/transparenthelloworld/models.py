# Generated from yang/transparenthelloworld.yang by polycube-gen; DO NOT EDIT.
"""Values of service transparenthelloworld as Python types."""

from __future__ import annotations

from enum import StrEnum


class Action(StrEnum):
    """What is done with a packet."""

    DROP = "DROP"
    """Drop the packet."""
    PASS = "PASS"
    """Let the packet go on its way."""
    SLOWPATH = "SLOWPATH"
    """Send the packet to the control plane."""
