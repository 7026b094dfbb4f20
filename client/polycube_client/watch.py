"""``-watch``: show again whenever something changed; and ``events``: what did.

The daemon says that something changed (``GET /events``); what is shown is read anew, so that it is
always a whole and true picture. Some things change without an event (counters, learnt addresses, a
device's link): ``-watch=2`` reads every 2 seconds too, ``-watch`` alone every `REFRESH`. A daemon
without events is asked every `POLL` seconds.
"""

from __future__ import annotations

import json
import sys
import time

from polycube_client.call import checked
from polycube_client.changes import sentence
from polycube_client.console import note, result
from polycube_client.errors import UsageError
from polycube_client.events import SILENCE, Stream
from polycube_client.render import scalar
from polycube_client.request import Request, url_path

TYPE_CHECKING = False
if TYPE_CHECKING:
    from collections.abc import Callable
    from typing import Self

    from polycube_client.daemon import Daemon
    from polycube_client.events import Event
    from polycube_client.grammar import Invocation
    from polycube_client.jsontypes import Json

REFRESH = 10.0
"""Seconds after which it is read anew without an event."""
POLL = 2.0
"""Seconds between two looks at a daemon that has no events."""
_CALM, _STORM = 0.05, 0.5
"""Changes come in bursts: wait for so many seconds of silence, at most so many in all."""
_CLEAR = "\x1b[H\x1b[2J\x1b[3J"
_NONE = {404, 405, 501}
"""What a daemon without events answers."""
_ABSENT = 404
"""What a daemon answers of a cube that is not there."""
_OVERRUN = "overrun"
"""The event that says that others are lost; the daemon ends the stream behind it."""
_STATE = ("what", "name", "status")
"""Members of an event that tells the state of a thing: ``port br1:p1 UP``."""
_SEPARATORS = {"json": "", "yaml": "---\n"}
"""Between two documents of a stream; between two texts stands the time."""


def watch(line: Invocation, daemon: Daemon, show: Callable[[], str]) -> None:
    """Print what ``show`` returns, again whenever it has changed, until interrupted.

    Raise `ClientError` when ``show`` does, or when the daemon goes away.
    """
    # Listening first: what changes while `show` reads is an event that was not missed.
    with _Ear(daemon) as ear:
        last = None
        while sys.stdout is not None:  # until its reader is gone
            text = show()
            if text != last:
                _print(text, line, first=last is None)
                last = text
            if ear.stream is None:
                time.sleep(line.interval or POLL)
            else:
                ear.wait(line.interval or REFRESH)


def events(line: Invocation, daemon: Daemon) -> tuple[str, int]:
    """Print each event as it comes, until interrupted."""
    word, *cubes = line.path
    if len(cubes) > 1 or line.parameters or line.files or line.view.form == "yaml":
        msg = f"'{word}' is used as: polycubectl {word} [CUBE] [-json]"
        raise UsageError(msg)
    with _Ear(daemon, *cubes, needed=True) as ear:
        if cubes and daemon.send(Request("GET", f"cubes/{url_path(cubes)}")).status == _ABSENT:
            note(f"there is no cube {cubes[0]}; its events are shown once there is")
        while sys.stdout is not None:
            event = ear.read(SILENCE)
            if event is not None and event.kind == _OVERRUN:
                note("events came faster than they could be printed: some are missing here")
            elif event is not None:
                result(_object(event) if line.view.form == "json" else _line(event))
    return "", 0


class _Ear:
    """The stream of events, opened anew when the daemon gave up on it; None where there is none.

    ``needed``: a daemon without events is a `RefusedError`.
    """

    def __init__(self, daemon: Daemon, cube: str = "", *, needed: bool = False) -> None:
        self._daemon = daemon
        word = url_path([cube]).rstrip("/").replace("&", "%26").replace("+", "%2B")
        query = f"cube={word}" if cube else ""
        self._request = Request("GET", "events/", query)
        self._needed = needed
        self.stream = self._listen()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        if self.stream is not None:
            self.stream.close()

    def read(self, timeout: float) -> Event | None:
        """Return the next event, or None if there is none for so many seconds."""
        event = self.stream.read(timeout) if self.stream else None
        if self.stream and event is not None and event.kind == _OVERRUN:
            self.stream.close()
            self.stream = self._listen()
        return event

    def wait(self, timeout: float) -> None:
        """Wait for a change and the end of its burst, but not longer than so many seconds."""
        event = self.read(timeout)
        deadline = time.monotonic() + _STORM
        while event is not None and event.kind != _OVERRUN and time.monotonic() < deadline:
            event = self.read(_CALM)

    def _listen(self) -> Stream | None:
        answer = self._daemon.listen(self._request)
        if isinstance(answer, Stream):
            return answer
        if self._needed or answer.status not in _NONE:
            checked(answer)
        return None


def _print(text: str, line: Invocation, *, first: bool) -> None:
    now = time.strftime("%H:%M:%S")
    if line.view.form in _SEPARATORS:
        result(text if first else _SEPARATORS[line.view.form] + text)
    elif sys.stdout is not None and sys.stdout.isatty():
        result(f"{_CLEAR}{' '.join(line.path)}   {now}   Ctrl-C ends\n\n{text}")
    else:
        result(text if first else f"\n{now}\n{text}")


def _object(event: Event) -> str:
    """Return an event as one JSON object on one line."""
    data = _data(event)
    return json.dumps(
        {"event": event.kind, **(data if isinstance(data, dict) else {"data": data})},
        ensure_ascii=False,
    )


def _line(event: Event) -> str:
    """Return an event in words, behind its time."""
    data = _data(event)
    if not isinstance(data, dict):
        return f"{event.kind} {scalar(data) if not isinstance(data, list) else event.data}"
    when = data.pop("time", None)
    clock = time.localtime(when if isinstance(when, int | float) else None)
    stamp = time.strftime("%H:%M:%S", clock)
    if event.kind == "change":
        return f"{stamp} {sentence(data)}"
    if data.keys() >= set(_STATE):
        return f"{stamp} {' '.join(str(data[name]) for name in _STATE)}"
    words = (f"{name}={json.dumps(value)}" for name, value in data.items())
    return f"{stamp} {event.kind} {' '.join(words)}"


def _data(event: Event) -> Json:
    try:
        data: Json = json.loads(event.data)
    except ValueError:
        return event.data
    return data
