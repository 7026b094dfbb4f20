"""What forwarding a packet between two namespaces costs, device by device."""

from __future__ import annotations

import contextlib
from functools import partial
from typing import TYPE_CHECKING

from bench.peers import OURS, PEERS, Peer
from bench.pktgen import CPU, SHORTEST, Sink
from bench.stats import Summary, ratios, rounds
from bench.table import Report, Row, Target

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bench.pktgen import Generator, Run

BASELINE = "Linux bridge"
PACKETS = 1 << 18
TARGETS = {
    "simplebridge, TC": Target(1.0, "ratio"),
    "simplebridge, XDP_DRV, XDP sink": Target(0.4, "ratio"),
}
METHOD = """\
CPU nanoseconds for each UDP packet of {size} bytes on one core: the time of the sending thread and
of ksoftirqd, while a generator in the kernel (XDP live frames, batches of 64) sends through the
device under test to a program that counts and drops: at TC, which stands for a host or a pod, or
where it says so at XDP, which stands for a NIC's wire. Generator and sink are part of every figure;
what a device itself costs is the difference to "no device". {rounds} rounds of {packets:,} packets:
each round measures every device once, in turn, and ratios are formed within a round."""


def measure(
    count: int, *, peers: Sequence[Peer] = (*PEERS, *OURS), packets: int = PACKETS, cpu: int = CPU
) -> Report:
    """Measure all `peers`, the baseline among them, in `count` paired rounds."""
    with _standing(peers, cpu) as generators:
        measures = {name: partial(one.run, packets=packets) for name, one in generators.items()}
        rounds(measures, 1)  # warms caches, fills neighbour tables, learns addresses
        runs = rounds(measures, count)
    costs = {name: [run.cpu_ns_per_packet for run in row] for name, row in runs.items()}
    relative = ratios(costs, BASELINE)
    rows = tuple(
        _row(peer, costs[peer.name], relative[peer.name], runs[peer.name]) for peer in peers
    )
    method = METHOD.format(size=SHORTEST, rounds=count, packets=packets)
    return Report("Forwarding between two veths", method, rows)


def _row(peer: Peer, costs: Sequence[float], ratio: Summary, runs: Sequence[Run]) -> Row:
    note = f"{peer.note}; sink at {'XDP' if peer.sink is Sink.XDP else 'TC'}"
    lost = sum(run.lost for run in runs) / sum(run.sent for run in runs)
    target = TARGETS.get(peer.name)
    return Row(peer.name, note, "ns/packet", Summary.of(costs), BASELINE, ratio, lost, target)


@contextlib.contextmanager
def _standing(peers: Sequence[Peer], cpu: int) -> Iterator[Mapping[str, Generator]]:
    """Build all the peers side by side, a generator before each."""
    with contextlib.ExitStack() as stack:
        generators = {}
        for peer in peers:
            bed = stack.enter_context(peer.build())
            generators[peer.name] = stack.enter_context(bed.generator(peer.sink, cpu))
        yield generators
