"""The stream of events, in whatever pieces it comes."""

import json
import socket
import threading
from collections.abc import Iterator

import pytest

from polycube_client.config import Settings
from polycube_client.daemon import Daemon
from polycube_client.endpoint import Endpoint
from polycube_client.errors import UnreachableError
from polycube_client.events import Chunks, Stream
from polycube_client.request import Request
from polycube_client.wire import ProtocolError, Reply
from tests.client.station import Station, events, reply

TEXT = b': polycubed\n\nevent: change\r\nid: 1\r\ndata: {"a":\r\ndata: 1}\r\n\r\n\ndata:x\n\n'
ENDPOINT = Endpoint(Settings({"url": "http://h:1"}))


@pytest.fixture
def ends() -> Iterator[tuple[socket.socket, socket.socket]]:
    """Two ends of a connection."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        yield ours, theirs


def chunked(raw: bytes) -> bytes:
    return b"%x;name=value\r\n%s\r\n" % (len(raw), raw)


@pytest.mark.parametrize("size", [1, 2, 3, 7, 1000])
@pytest.mark.parametrize("coded", [False, True])
def test_events_come_whole_from_any_pieces(
    ends: tuple[socket.socket, socket.socket], size: int, *, coded: bool
) -> None:
    raw = chunked(TEXT[:11]) + chunked(TEXT[11:]) if coded else TEXT

    def write() -> None:
        for at in range(0, len(raw), size):
            ends[1].sendall(raw[at : at + size])

    writer = threading.Thread(target=write)
    writer.start()
    stream = Stream(ends[0], ENDPOINT, chunked=coded)
    first, second = stream.read(10), stream.read(10)
    writer.join()
    assert first is not None
    assert (first.kind, json.loads(first.data)) == ("change", {"a": 1})
    assert second is not None
    assert (second.kind, second.data) == ("message", "x")


def test_silence_is_no_event_and_reading_goes_on_after_it(
    ends: tuple[socket.socket, socket.socket],
) -> None:
    stream = Stream(ends[0], ENDPOINT, chunked=False)
    ends[1].sendall(b"data: hal")
    assert stream.read(0.02) is None
    ends[1].sendall(b"f\n\n")
    event = stream.read(10)
    assert event is not None
    assert event.data == "half"


def test_an_end_of_the_stream_is_a_lost_daemon(ends: tuple[socket.socket, socket.socket]) -> None:
    ends[1].close()
    with pytest.raises(UnreachableError, match="http://h:1: it closed the stream of events"):
        Stream(ends[0], ENDPOINT, chunked=False).read(10)


def test_too_long_a_silence_is_a_lost_daemon(
    ends: tuple[socket.socket, socket.socket], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("polycube_client.events.SILENCE", 0.05)
    with pytest.raises(UnreachableError, match="nothing came for 0 s"):
        Stream(ends[0], ENDPOINT, chunked=False).read(0.05)


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"0\r\n\r\n", "it closed the stream of events"),
        (b"xyz\r\n", "it does not answer in HTTP"),
    ],
)
def test_the_last_chunk_and_nonsense_end_it(raw: bytes, words: str) -> None:
    with pytest.raises(ProtocolError, match=words):
        Chunks().feed(raw)


def test_what_is_no_stream_is_a_reply(station: Station) -> None:
    url = {"url": f"http://127.0.0.1:{station.server_address[1]}"}
    station.answers["GET events/?cube=br1"] = reply(400, {"detail": "no"})
    answer = Daemon(Settings(url)).listen(Request("GET", "events/", "cube=br1"))
    assert isinstance(answer, Reply)
    assert (answer.status, answer.body) == (400, b'{"detail": "no"}')
    station.answers["GET events/"] = events(b"data: 1\n\n")
    stream = Daemon(Settings(url)).listen(Request("GET", "events/"))
    assert isinstance(stream, Stream)
    event = stream.read(10)
    assert event is not None
    assert event.data == "1"
    stream.close()
