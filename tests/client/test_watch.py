"""`-watch` and `events`: what is printed while things change."""

import itertools
import json
import signal
import subprocess
import threading

import pytest

from polycube_client import watch
from tests.client.station import CTL, Answer, Ctl, Station, events, invalid, reply

CHANGE = {
    "op": "replace",
    "cube": "br1",
    "path": "/simplebridge/br1/fdb/aging-time",
    "old": 300,
    "new": 60,
    "transaction": 7,
    "time": 0.5,
}
STATE = {"what": "port", "name": "br1:p1", "status": "DOWN", "time": 0.5, "cube": "br1"}


def event(kind: str, data: object) -> bytes:
    return f"event: {kind}\nid: 1\ndata: {json.dumps(data)}\n\n".encode()


@pytest.fixture(autouse=True)
def clock(monkeypatch: pytest.MonkeyPatch) -> None:
    """Make it always the same time of day."""
    monkeypatch.setattr("time.strftime", lambda *_: "12:00:00")


def counting(station: Station, asked: str, values: list[object]) -> None:
    """Answer with one value after another, the last of them for ever."""
    rest = itertools.chain(values, itertools.repeat(values[-1]))
    station.answers[asked] = lambda _: reply(200, next(rest))


def test_it_is_shown_again_when_it_changed_until_the_daemon_goes(
    station: Station, ctl: Ctl
) -> None:
    counting(station, "GET br1/fdb/", [{"n": 1}, {"n": 1}, {"n": 2}])
    change = event("change", CHANGE)
    station.answers["GET events/"] = events(b": hello\n\n", 0.1, change, change, 0.3, change, 0.3)
    code, out, err = ctl("br1", "fdb", "show", "-watch")
    assert (code, out) == (1, "n: 1\n\n12:00:00\nn: 2\n")
    assert "it closed the stream of events" in err
    # The two changes that came together were looked at once, the third one by itself.
    assert station.requests == ["GET events/", *["GET br1/fdb/"] * 3]


@pytest.mark.parametrize(
    ("flag", "out"),
    [("-json", '{\n  "n": 1\n}\n{\n  "n": 2\n}\n'), ("-yaml", "n: 1\n---\nn: 2\n")],
)
def test_documents_follow_each_other_as_programs_read_them(
    station: Station, ctl: Ctl, flag: str, out: str
) -> None:
    counting(station, "GET cubes/", [{"n": 1}, {"n": 2}])
    station.answers["GET events/"] = events(0.05, event("state", STATE), 0.3)
    assert ctl("cubes", flag, "-watch")[1] == out


def test_an_interval_shows_what_changes_without_an_event(station: Station, ctl: Ctl) -> None:
    counting(station, "GET br1/", [1, 2, 3])
    station.answers["GET events/"] = events(1.0)
    assert ctl("br1", "show", "-json", "-watch=0.1")[1] == "1\n2\n3\n"


def test_without_an_interval_that_happens_seldom(
    station: Station, ctl: Ctl, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "REFRESH", 0.2)
    counting(station, "GET br1/", [1, 2, 3])
    station.answers["GET events/"] = events(0.3)
    assert ctl("br1", "show", "-json", "-watch")[1] == "1\n2\n"


def test_a_daemon_without_events_is_asked_again_and_again(
    station: Station, ctl: Ctl, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(watch, "POLL", 0.01)
    values: list[Answer] = [reply(200, 1), reply(200, 2), invalid("/br1", "gone")]
    rest = iter(values)
    station.answers["GET br1/"] = lambda _: next(rest)
    assert ctl("br1", "show", "-json", "-watch") == (2, "1\n2\n", "polycubectl: /br1: gone\n")


def test_a_lost_event_is_a_reason_to_look_and_to_listen_anew(station: Station, ctl: Ctl) -> None:
    counting(station, "GET br1/", [1, 2])
    streams = iter([events(0.05, event("overrun", {})), events(0.2)])
    station.answers["GET events/"] = lambda _: next(streams)
    assert ctl("br1", "show", "-json", "-watch")[1] == "1\n2\n"
    assert station.requests.count("GET events/") == 2


def test_on_a_terminal_the_screen_is_drawn_anew(
    station: Station, ctl: Ctl, monkeypatch: pytest.MonkeyPatch
) -> None:
    counting(station, "GET br1/", [1, 2])
    station.answers["GET events/"] = events(0.05, event("state", STATE), 0.3)
    monkeypatch.setattr("sys.stdout.isatty", lambda: True)
    pictures = ctl("br1", "show", "-watch")[1].split("\x1b[H\x1b[2J\x1b[3J")
    assert pictures == ["", *(f"br1   12:00:00   Ctrl-C ends\n\n{n}\n" for n in (1, 2))]


@pytest.mark.parametrize("words", ["br1 set a=1", "simplebridge add br1", "br1 del", "export"])
def test_only_what_shows_can_be_watched(station: Station, ctl: Ctl, words: str) -> None:
    code, _, err = ctl(*words.split(), "-watch")
    assert (code, station.heard) == (64, [])
    assert err == ("polycubectl: '-watch' is for what only shows: polycubectl cubes show -watch\n")


def test_events_are_printed_in_words(station: Station, ctl: Ctl) -> None:
    station.answers["GET events/?cube=br1"] = events(
        event("change", CHANGE),
        event("state", STATE),
        event("news", {"a": "b"}),
        event("news", 5),
        event("news", [5]),
        b"event: odd\ndata: no json\n\n",
    )
    code, out, _ = ctl("events", "br1")
    assert code == 1
    assert out.splitlines() == [
        "12:00:00 changed /simplebridge/br1/fdb/aging-time: 300 -> 60",
        "12:00:00 port br1:p1 DOWN",
        '12:00:00 news a="b"',
        "news 5",
        "news [5]",
        "odd no json",
    ]


def test_events_as_json_are_an_object_on_a_line(station: Station, ctl: Ctl) -> None:
    station.answers["GET events/"] = events(event("change", CHANGE), event("news", 5))
    assert [json.loads(line) for line in ctl("events", "-json")[1].splitlines()] == [
        {"event": "change", **CHANGE},
        {"event": "news", "data": 5},
    ]


def test_lost_events_are_said_and_listening_goes_on(station: Station, ctl: Ctl) -> None:
    streams = iter([events(event("overrun", {})), events(event("state", STATE))])
    station.answers["GET events/"] = lambda _: next(streams)
    _, out, err = ctl("events")
    assert out == "12:00:00 port br1:p1 DOWN\n"
    assert err.startswith("polycubectl: events came faster than they could be printed")


def test_events_of_a_cube_that_is_not_there_are_waited_for_with_a_word(
    station: Station, ctl: Ctl
) -> None:
    for cube in ("br1", "br9"):
        station.answers[f"GET events/?cube={cube}"] = events(event("state", STATE))
    station.answers["GET cubes/br1/"] = reply(200, {"name": "br1"})
    word = "polycubectl: there is no cube br9; its events are shown once there is\n"
    for cube, there in (("br1", True), ("br9", False)):
        _, out, err = ctl("events", cube)
        assert out == "12:00:00 port br1:p1 DOWN\n"
        assert err.startswith(word) != there


def test_events_of_a_daemon_without_them_are_refused(station: Station, ctl: Ctl) -> None:
    assert ctl("events") == (2, "", "polycubectl: No cube found\n")
    assert ctl("events", "br1", "br2")[0] == 64
    assert ctl("events", "-yaml")[0] == 64
    assert len(station.heard) == 1


@pytest.mark.parametrize("words", [["events"], ["br1", "show", "-watch"]])
def test_control_c_ends_it_without_a_word(station: Station, words: list[str]) -> None:
    shown, ended = threading.Event(), threading.Event()

    def stream() -> Answer:
        status, headers, _ = events()

        def pieces():
            yield event("state", STATE)
            shown.set()
            ended.wait(20)

        return status, headers, pieces()

    station.answers["GET events/"] = lambda _: stream()
    station.answers["GET br1/"] = reply(200, {"name": "br1"})
    command = [*CTL, *words]
    with subprocess.Popen(command, stdout=subprocess.PIPE, stderr=subprocess.PIPE) as process:
        assert shown.wait(20)
        assert process.stdout is not None
        assert process.stdout.readline() != b""
        process.send_signal(signal.SIGINT)
        _, err = process.communicate(timeout=20)
        ended.set()
    assert (process.returncode, err) == (130, b"")
