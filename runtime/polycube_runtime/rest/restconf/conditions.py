"""Entity tags and times of change (RFC 8040, sections 3.4.1 and 3.5.1; RFC 9110, section 13)."""

from __future__ import annotations

import time
from email.utils import formatdate, parsedate_to_datetime
from typing import TYPE_CHECKING

from polycube_runtime.rest import changes
from polycube_runtime.support.errors import PreconditionFailed

if TYPE_CHECKING:
    from starlette.requests import Request

    from polycube_runtime.core.durable.transaction import Committed
    from polycube_runtime.core.polycube import Polycube
    from polycube_runtime.rest.restconf.target import Target


class Clock:
    """When each cube was last changed; what is older than the daemon, when that began."""

    def __init__(self, polycube: Polycube) -> None:
        """Watch `polycube`."""
        self.began = time.time()
        self._changed: dict[str, float] = {}
        self._last = self.began
        polycube.observers.append(self._committed)

    def _committed(self, committed: Committed) -> None:
        self._last = committed.time
        for record in committed.records:
            if record.op == "delete" and record.path.count("/") == 2:  # noqa: PLR2004 (a cube)
                self._changed.pop(record.cube, None)
            else:
                self._changed[record.cube] = committed.time

    def of(self, cube: str | None) -> float:
        """Return when a cube was changed, in seconds since 1970; without one, anything."""
        return self._last if cube is None else self._changed.get(cube, self.began)


class Conditions:
    """Tags and times of what requests are about."""

    def __init__(self, polycube: Polycube, clock: Clock) -> None:
        """Know the cubes of `polycube`."""
        self._polycube = polycube
        self._clock = clock

    def tag(self, target: Target) -> str:
        """Return the entity tag of the configuration that a target belongs to."""
        cube = self._polycube.cubes.get(self._cube(target) or "")
        if cube is not None:
            return changes.cube_tag(cube)
        return changes.cubes_tag(self._polycube.cubes.values())

    def modified(self, target: Target) -> float:
        """Return when that was last changed."""
        return self._clock.of(self._cube(target))

    def headers(self, target: Target) -> dict[str, str]:
        """Return the headers of an answer to a write."""
        return {
            "ETag": f'"{self.tag(target)}"',
            "Last-Modified": formatdate(self.modified(target), usegmt=True),
        }

    def _cube(self, target: Target) -> str | None:
        return target.steps[0].key[0] if target.service and target.steps[0].key else None

    def is_known(self, request: Request, target: Target) -> bool:
        """Whether a client that asks `If-Modified-Since` has what there is."""
        since = _seconds(request.headers.get("if-modified-since"))
        if since is None or "if-none-match" in request.headers:
            return False
        return int(self.modified(target)) <= since

    def check(self, request: Request, target: Target, *, exists: bool) -> None:
        """Refuse a write whose conditions do not hold.

        Raises:
            PreconditionFailed: they do not.

        """
        changes.check(request, self.tag(target) if exists else None, target.path)
        if exists:
            self._check_unmodified(request, target)

    def check_read(self, request: Request, target: Target) -> None:
        """Refuse a read whose conditions do not hold; those that spare an answer are not meant.

        Raises:
            PreconditionFailed: they do not.

        """
        changes.check_match(request, self.tag(target), target.path)
        self._check_unmodified(request, target)

    def _check_unmodified(self, request: Request, target: Target) -> None:
        limit = _seconds(request.headers.get("if-unmodified-since"))
        if limit is None or "if-match" in request.headers:
            return
        if int(self.modified(target)) > limit:
            when = formatdate(self.modified(target), usegmt=True)
            message = f"If-Unmodified-Since does not hold: it was changed at {when}"
            raise PreconditionFailed(message, target.path)


def _seconds(header: str | None) -> float | None:
    """Return a date of HTTP; None for none, and for what is none (RFC 9110 has it ignored)."""
    if header is None:
        return None
    try:
        return parsedate_to_datetime(header).timestamp()
    except (ValueError, OverflowError):
        return None
