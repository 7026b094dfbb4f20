"""One HTTP exchange, against bytes as a peer would send them."""

import socket
import threading

import pytest

from polycube_client.wire import ProtocolError, Reply, exchange

CHUNKED = b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n"


def answered(raw: bytes, body: bytes | None = None) -> tuple[Reply, bytes]:
    """Exchange with a peer that answers ``raw``; return the reply and the request as received."""
    ours, theirs = socket.socketpair()
    with ours, theirs:
        theirs.sendall(raw)
        theirs.shutdown(socket.SHUT_WR)
        reply = exchange(ours, "POST", "/polycube/v1/br1/?help=NONE", "host:9000", body)
        ours.shutdown(socket.SHUT_WR)
        with theirs.makefile("rb") as stream:
            return reply, stream.read()


def test_the_request_is_complete() -> None:
    _, sent = answered(b"HTTP/1.1 204 No Content\r\n\r\n", b'"veth1"')
    head, _, body = sent.partition(b"\r\n\r\n")
    lines = head.decode().split("\r\n")
    assert lines[0] == "POST /polycube/v1/br1/?help=NONE HTTP/1.1"
    assert {"Host: host:9000", "Connection: close", "Content-Length: 7"} <= set(lines)
    assert "Content-Type: application/json" in lines
    assert body == b'"veth1"'


def test_without_a_body_none_is_announced() -> None:
    _, sent = answered(b"HTTP/1.1 204 No Content\r\n\r\n")
    assert b"Content-" not in sent
    assert sent.endswith(b"\r\n\r\n")


@pytest.mark.parametrize(
    ("raw", "status", "body"),
    [
        (b"HTTP/1.1 200 OK\r\nContent-Length: 2\r\n\r\n10ignored", 200, b"10"),
        (b"HTTP/1.1 200 OK\r\n\r\nto the end", 200, b"to the end"),
        (b"HTTP/1.0 404 Not Found\nContent-Length: 0\n\n", 404, b""),
        (b"HTTP/1.1 204 No Content\r\nContent-Length: 5\r\n\r\n", 204, b""),
        (b"HTTP/1.1 100 Continue\r\n\r\nHTTP/1.1 201 Created\r\nContent-Length: 1\r\n\r\nx", 201,
         b"x"),
        (CHUNKED + b"5;a=b\r\nhello\r\nA\r\n world, ok\r\n0\r\nTrailer: x\r\n\r\n", 200,
         b"hello world, ok"),
        (b"HTTP/1.1 200\r\n\r\n", 200, b""),
    ],
)  # fmt: skip
def test_a_reply_is_framed_by_length_chunks_or_end(raw: bytes, status: int, body: bytes) -> None:
    reply, _ = answered(raw)
    assert (reply.status, reply.body) == (status, body)
    assert reply.ok is (status < 300)


def test_header_names_are_lower_case() -> None:
    reply, _ = answered(b"HTTP/1.1 308 Permanent Redirect\r\nLOCATION:  /a:b \r\n\r\n")
    assert (reply.reason, reply.headers) == ("Permanent Redirect", {"location": "/a:b"})


@pytest.mark.parametrize(
    ("raw", "words"),
    [
        (b"", "closed the connection without an answer"),
        (b"SSH-2.0-OpenSSH_9.2\r\n", "does not answer in HTTP"),
        (b"HTTP/1.1 OK\r\n\r\n", "does not answer in HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Le", "does not answer in HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: -1\r\n\r\n", "does not answer in HTTP"),
        (b"HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\nshort", "after 5 of 9 bytes"),
        (CHUNKED + b"9\r\nshort", "after 5 of 9"),
        (CHUNKED + b"xyz\r\n", "not answer in HTTP"),
        (b"x" * 70000, "does not answer in HTTP"),
    ],
)
def test_a_peer_that_breaks_the_rules_is_told_apart(raw: bytes, words: str) -> None:
    with pytest.raises(ProtocolError, match=words):
        answered(raw)


def test_a_refusal_before_the_body_was_read_is_still_heard() -> None:
    ours, theirs = socket.socketpair()

    def refuse() -> None:
        theirs.recv(1024)
        theirs.sendall(b"HTTP/1.1 413 Content Too Large\r\nContent-Length: 0\r\n\r\n")
        theirs.shutdown(socket.SHUT_RD)

    peer = threading.Thread(target=refuse)
    peer.start()
    with ours, theirs:
        reply = exchange(ours, "POST", "/", "host", bytes(10_000_000))
        peer.join()
    assert reply.status == 413
