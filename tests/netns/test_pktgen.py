"""The packet generator's counts are true, and each peer forwards what it sends."""

from __future__ import annotations

import struct
from typing import TYPE_CHECKING

import pytest

from bench.peers import PEERS, Bed, Peer, bare_cable, subnet
from bench.pktgen import MAGIC, Generator, Sink, Stream

if TYPE_CHECKING:
    from tests.netns.lab import Lab

pytestmark = pytest.mark.netns


def test_a_frame_is_udp_with_a_valid_header_checksum() -> None:
    stream = Stream("02:00:00:00:00:01", "02:00:00:00:00:02", "10.0.0.1", "10.0.0.2", size=100)
    frame = stream.frame()
    assert len(frame) == 100
    assert frame[:14].hex() == "0200000000020200000000010800"
    assert frame[42:48] == MAGIC
    total = sum(struct.unpack("!10H", frame[14:34]))
    assert (total & 0xFFFF) + (total >> 16) == 0xFFFF


@pytest.mark.parametrize("wrong", [{"size": 59}, {"size": 1515}, {"flows": 0}, {"flows": 64513}])
def test_a_stream_that_no_frame_can_carry_is_refused(wrong: dict[str, int]) -> None:
    with pytest.raises(ValueError, match="a frame has 60 to 1514 bytes"):
        Stream("02:00:00:00:00:01", "02:00:00:00:00:02", "10.0.0.1", "10.0.0.2", **wrong)


@pytest.mark.parametrize("sink", Sink)
def test_every_packet_over_a_cable_is_counted_once(sink: Sink) -> None:
    with bare_cable() as bed, bed.generator(sink) as generator:
        first, second = generator.run(packets=10_000), generator.run(packets=1000)
    assert (first.sent, first.received, first.lost) == (10_000, 10_000, 0)
    assert second.received == 1000
    assert 50 < first.cpu_ns_per_packet < 50_000
    assert first.pps > 1000


def test_packets_that_go_nowhere_are_lost() -> None:
    with subnet() as (_, bed), bed.generator() as generator:
        run = generator.run(packets=1000)
    assert run.lost == 1000
    assert run.cpu_ns_per_packet == float("inf")


def test_a_run_may_be_measured_in_seconds() -> None:
    with bare_cable() as bed, bed.generator() as generator:
        run = generator.run(seconds=0.01)
    assert run.sent == run.received > 0


def test_flows_differ_in_their_source_ports(lab: Lab) -> None:
    left, right = lab.pair(("left", "10.0.0.1/24"), ("right", "10.0.0.2/24"))
    stream = Stream.between(left, right, flows=3)
    with right.raw() as tap, Generator(left, right, stream) as generator:
        generator.run(packets=5)
        ports = [struct.unpack_from("!H", tap.recv(2048), 34)[0] for _ in range(5)]
    assert ports == [1024, 1025, 1026, 1024, 1025]


def test_the_sink_lets_everything_else_pass() -> None:
    with bare_cable() as bed, bed.generator(Sink.XDP):
        assert bed.sender.ping(bed.receiver.ip, count=2).lost == 0


def test_a_generator_may_follow_another() -> None:
    with bare_cable() as bed:
        for _ in range(2):
            with bed.generator() as generator:
                assert generator.run(packets=64).received == 64


@pytest.mark.parametrize("peer", PEERS, ids=lambda peer: peer.name)
def test_each_peer_forwards_every_packet(peer: Peer) -> None:
    with peer.build() as bed, bed.generator(peer.sink) as generator:
        assert generator.run(packets=10_000).lost == 0


def test_a_wrongly_addressed_packet_is_not_routed() -> None:
    """Routing is what is measured: by the receiver's MAC address nothing gets through."""
    routing = next(peer for peer in PEERS if peer.name == "Linux routing")
    with routing.build() as bed:
        straight = Bed(bed.sender, bed.receiver, Stream.between(bed.sender, bed.receiver))
        with straight.generator() as generator:
            assert generator.run(packets=1000).received == 0
