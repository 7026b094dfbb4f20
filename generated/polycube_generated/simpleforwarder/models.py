# Generated from yang/simpleforwarder.yang by polycube-gen; DO NOT EDIT.
"""Values of service simpleforwarder as Python types."""

from __future__ import annotations

from enum import StrEnum

from msgspec import UNSET, Struct, UnsetType


class ActionsAction(StrEnum):
    """Action performed on the packet."""

    DROP = "DROP"
    """Drop the packet."""
    SLOWPATH = "SLOWPATH"
    """Send the packet to the control plane."""
    FORWARD = "FORWARD"
    """Send the packet out of outport."""


class Actions(Struct, kw_only=True, rename="kebab"):
    """What is done with the packets of a port; those of other ports are dropped."""

    inport: str
    """Port by which the packet comes in."""
    action: ActionsAction
    """Action performed on the packet."""
    outport: str | UnsetType = UNSET
    """Port by which the packet goes out; without it, FORWARD drops."""
