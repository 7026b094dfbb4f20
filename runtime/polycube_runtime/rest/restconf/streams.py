"""Notifications as server-sent events (RFC 8040, section 6): the daemon's events in YANG's words.

A change of the configuration is a `netconf-config-change` (RFC 6470), one for each transaction; a
cube, a port or an interface that comes up or goes down is a `polycubed:state`. What a service's
model calls a notification is written in the cube that it is of (RFC 7950, section 7.16.2).
"""

from __future__ import annotations

import re
from datetime import UTC, datetime
from typing import TYPE_CHECKING, Any

import msgspec

from polycube_runtime.rest.events import Reader
from polycube_runtime.rest.restconf import own
from polycube_runtime.rest.restconf.filtering import Filter
from polycube_runtime.rest.restconf.refusals import BadRequest
from polycube_runtime.rest.restconf.target import cubes_of
from polycube_runtime.support.instance import dump
from polycube_runtime.support.schema import CUBE_NAME, List
from polycube_runtime.support.validate import qualified

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from polycube_runtime.core.slow.notifying import Notified
    from polycube_runtime.rest.events import Batch, Events, Stream
    from polycube_runtime.rest.restconf.negotiation import Query

Object = dict[str, Any]
_TIME_OF_EVENT = "eventTime"

_TIME = re.compile(
    r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,18})?(?:Z|[+-]\d\d:\d\d)", re.ASCII
).fullmatch


def moment(seconds: float) -> str:
    """Return a time as yang:date-and-time."""
    text = datetime.fromtimestamp(seconds, UTC).isoformat(timespec="milliseconds")
    return text.replace("+00:00", "Z")


def parse_moment(text: str, name: str) -> float:
    """Return a yang:date-and-time as seconds since 1970.

    Raises:
        BadRequest: it is none.

    """
    try:
        if _TIME(text):
            return datetime.fromisoformat(re.sub(r"(\.\d{6})\d+", r"\1", text)).timestamp()
    except ValueError:
        """A month that does not exist, and the like."""
    message = f"'{text}' is not a time for '{name}'; expected as 2026-11-23T12:00:00Z"
    raise BadRequest(message)


class Notifications(Reader):
    """Writes events as notifications; of the stream `NETCONF` only what RFC 6470 has."""

    def __init__(
        self,
        stream: str,
        path_of: Callable[[str], str],
        since: float,
        until: float,
        wanted: Filter | None = None,
    ) -> None:
        """Write those from `since` to `until`, of these those `wanted` if that says which.

        `path_of` makes instance identifiers.
        """
        super().__init__(frozenset())
        self._all = stream != "NETCONF"
        self._path_of = path_of
        self._wanted = wanted
        self._since = since
        self.until = until

    def text(self, batch: Batch, after: int = 0) -> bytes:
        """Return the notifications of what happened at one moment."""
        last = batch.first + len(batch) - 1
        if last <= after or not self._since <= batch.events[0]["time"] <= self.until:
            return b""
        every = self._notifications(batch)
        return b"".join(_event(last, one) for one in every if self._takes(one))

    def _takes(self, notification: Object) -> bool:
        content = {name: one for name, one in notification.items() if name != _TIME_OF_EVENT}
        return self._wanted is None or self._wanted.takes(content)

    def lost(self, last: int) -> bytes:
        """Return the notification that some were lost."""
        reason = {"reason": ["too slow, or away for too long"]}
        return _event(last, _envelope(datetime.now(UTC).timestamp(), "overrun", reason))

    def _notifications(self, batch: Batch) -> Iterator[Object]:
        if batch.kind == "change":
            yield self._change(batch.events)
        elif batch.notified is not None:
            if self._all:
                yield _of_model(batch.notified)
        elif batch.events[0].get("what") == "service":
            yield from _library(batch.events[0])
        elif self._all:
            for event in batch.events:
                about = {name: value for name, value in event.items() if name != "time"}
                yield _envelope(event["time"], "state", about)

    def _change(self, records: list[Object]) -> Object:
        edits = [{"target": self._path_of(one["path"]), "operation": one["op"]} for one in records]
        content = {"changed-by": {"server": [None]}, "datastore": "running", "edit": edits}
        name = "ietf-netconf-notifications:netconf-config-change"
        return {_TIME_OF_EVENT: moment(records[0]["time"]), name: content}


def _of_model(notified: Notified) -> Object:
    """Write a notification of a service: in its cube, and the entries that it is about."""
    content: Object = notified.content
    for node, key in reversed(notified.place.steps):
        if key is not None and isinstance(node, List):
            content = {node.name: [{**dict(zip(node.keys, key, strict=True)), **content}]}
        else:
            content = {node.name: content}
    cubes = cubes_of(notified.place.service)
    entry = dump(cubes, {CUBE_NAME.name: notified.cube, **content})
    return {_TIME_OF_EVENT: moment(notified.time), qualified(cubes): [entry]}


def _library(event: Object) -> Iterator[Object]:
    """Tell that the YANG library is another one: as RFC 8525 has it, and as RFC 7895 had."""
    content_id, when = event.get("content-id", ""), moment(event["time"])
    for name, leaf in (("update", "content-id"), ("change", "module-set-id")):
        yield {_TIME_OF_EVENT: when, f"ietf-yang-library:yang-library-{name}": {leaf: content_id}}


def _envelope(seconds: float, name: str, content: Object) -> Object:
    return {_TIME_OF_EVENT: moment(seconds), f"{own.NAME}:{name}": content}


def _event(number: int, notification: Object) -> bytes:
    data = msgspec.json.encode({"ietf-restconf:notification": notification})
    return b"id: %d\ndata: %s\n\n" % (number, data)


def stream(
    events: Events, name: str, query: Query, last: str | None, path_of: Callable[[str], str]
) -> Stream:
    """Return the stream `name` for one client, replayed from `start-time` on if asked for."""
    since = parse_moment(query.start, "start-time") if query.start else 0.0
    until = parse_moment(query.stop, "stop-time") if query.stop else float("inf")
    now = datetime.now(UTC).timestamp()
    if since > now:
        message = "'start-time' is later than now"
        raise BadRequest(message)
    if until < since:
        message = "'stop-time' is earlier than 'start-time'"
        raise BadRequest(message)
    wanted = None if query.filter is None else Filter(query.filter)
    reader = Notifications(name, path_of, since, until, wanted)
    return events.follow(reader, events.oldest if query.start else last)
