# Generated from yang/conditions.yang by polycube-gen; DO NOT EDIT.
"""What a control plane of service conditions must do."""

from __future__ import annotations

from abc import abstractmethod
from typing import TYPE_CHECKING, ClassVar

from polycube_runtime.support import ControlPlane
from polycube_runtime.support.schema import Service

from .nodes import SERVICE

if TYPE_CHECKING:
    from .models import Full, GreetInput, GreetOutput, Mode, User, UserFailed


class ConditionsBase(ControlPlane):
    """Nodes that come and go with others, and what is told."""

    SERVICE: ClassVar[Service] = SERVICE

    @abstractmethod
    async def set_mode(self, value: Mode) -> None:
        """Take a new value of /mode."""

    @abstractmethod
    async def set_reason(self, value: str | None) -> None:
        """Take a new value of /reason: Why it is closed."""

    @abstractmethod
    async def set_retry(self, value: int | None) -> None:
        """Take a new value of /retry."""

    @abstractmethod
    async def set_rate(self, value: int | None) -> None:
        """Take a new value of /rate."""

    @abstractmethod
    async def set_burst(self, value: int | None) -> None:
        """Take a new value of /burst."""

    @abstractmethod
    async def set_quota(self, value: int | None) -> None:
        """Take a new value of /quota."""

    @abstractmethod
    async def add_user(self, entry: User) -> None:
        """Create an entry of /user."""

    @abstractmethod
    async def update_user(self, old: User, new: User) -> None:
        """Change an entry of /user."""

    @abstractmethod
    async def remove_user(self, entry: User) -> None:
        """Delete an entry of /user."""

    @abstractmethod
    async def greet(self, input: GreetInput) -> GreetOutput:
        """Do /greet."""

    async def notify_user_failed(self, user_name: str, event: UserFailed) -> None:
        """Tell everybody of /user/failed: A user did not get in."""
        await self.cube.notify("user/failed", event, user_name)

    async def notify_full(self, event: Full) -> None:
        """Tell everybody of /full: Nobody else gets in."""
        await self.cube.notify("full", event)
