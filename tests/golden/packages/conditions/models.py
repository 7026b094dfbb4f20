# Generated from yang/conditions.yang by polycube-gen; DO NOT EDIT.
"""Values of service conditions as Python types."""

from __future__ import annotations

from enum import StrEnum

from msgspec import UNSET, Struct, UnsetType


class Mode(StrEnum):
    """One of OPEN, CLOSED."""

    OPEN = "OPEN"
    CLOSED = "CLOSED"


class UserFailed(Struct, kw_only=True, rename="kebab"):
    """A user did not get in."""

    attempts: int


class User(Struct, kw_only=True, rename="kebab"):
    """/user."""

    name: str
    password: str | UnsetType = UNSET
    token: str | UnsetType = UNSET


class GreetInput(Struct, kw_only=True, rename="kebab"):
    """What greet takes."""

    user: str
    times: int = 1


class GreetOutput(Struct, kw_only=True, rename="kebab"):
    """What greet returns."""

    text: str | UnsetType = UNSET


class Full(Struct, kw_only=True, rename="kebab"):
    """Nobody else gets in."""

    user: str | UnsetType = UNSET
    count: int | UnsetType = UNSET
