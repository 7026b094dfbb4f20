# Generated from yang/helloworld.yang by polycube-gen; DO NOT EDIT.
"""Values of service helloworld as Python types."""

from __future__ import annotations

from enum import StrEnum


class Action(StrEnum):
    """Action performed on the received packet."""

    DROP = "DROP"
    """Drop the packet."""
    SLOWPATH = "SLOWPATH"
    """Send the packet to the control plane."""
    FORWARD = "FORWARD"
    """Send the packet out of the other port."""
