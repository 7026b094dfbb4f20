"""Measure what forwarding a packet costs, device by device; needs root. See `--help`."""

from __future__ import annotations

import argparse
import contextlib
import sys
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING

from bench.peers import PEERS, Peer
from bench.pktgen import CPU, SHORTEST
from bench.stats import Summary, ratios, rounds
from bench.table import Report, Row, as_json, markdown

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bench.pktgen import Generator, Run

BASELINE = "Linux routing"
METHOD = """\
CPU nanoseconds for each UDP packet of {size} bytes on one core: the time of the sending thread and
of ksoftirqd, while a generator in the kernel (XDP live frames, batches of 64) sends through the
device under test to a program that counts and drops. Generator and sink are part of every figure;
what a device itself costs is the difference to "no device". {rounds} rounds of {packets:,} packets:
each round measures every device once, in turn, and ratios are formed within a round. Only ratios
carry over to other machines, or other minutes."""


def main() -> int:
    """Measure, print Markdown, and write JSON where asked to."""
    options = _options()
    chosen = {BASELINE, *options.only}
    peers = [peer for peer in PEERS if not options.only or peer.name in chosen]
    report = measure(peers, count=options.rounds, packets=options.packets, cpu=options.cpu)
    print(markdown(report))
    if options.json:
        options.json.write_text(as_json(report))
    return 0


def _options() -> argparse.Namespace:
    parser = argparse.ArgumentParser(prog="python -m bench", description=__doc__)
    parser.add_argument("--rounds", type=int, default=9, help="how often each device is measured")
    parser.add_argument("--packets", type=int, default=1 << 19, help="packets of one measurement")
    parser.add_argument("--cpu", type=int, default=CPU, help="the core that all happens on")
    parser.add_argument("--json", type=Path, metavar="FILE", help="write the results there, too")
    parser.add_argument(
        "--only",
        action="append",
        default=[],
        choices=[peer.name for peer in PEERS],
        help=f"measure this device (may be repeated) and {BASELINE}, not all",
    )
    return parser.parse_args()


def measure(peers: Sequence[Peer], *, count: int, packets: int, cpu: int) -> Report:
    """Measure all `peers`, the baseline among them, in `count` paired rounds."""
    with _standing(peers, cpu) as generators:
        measures = {name: partial(one.run, packets=packets) for name, one in generators.items()}
        rounds(measures, 1)  # warms caches, fills neighbour tables, learns addresses
        runs = rounds(measures, count)
    costs = {name: [run.cpu_ns_per_packet for run in row] for name, row in runs.items()}
    relative = ratios(costs, BASELINE)
    rows = tuple(
        Row(name, peer.note, Summary.of(costs[name]), relative[name], _lost(runs[name]))
        for name, peer in ((peer.name, peer) for peer in peers)
    )
    method = METHOD.format(size=SHORTEST, rounds=count, packets=packets)
    return Report("Forwarding between two veths", "ns per packet", BASELINE, method, rows)


@contextlib.contextmanager
def _standing(peers: Sequence[Peer], cpu: int) -> Iterator[Mapping[str, Generator]]:
    """Build all the peers side by side, a generator before each."""
    with contextlib.ExitStack() as stack:
        generators = {}
        for peer in peers:
            bed = stack.enter_context(peer.build())
            generators[peer.name] = stack.enter_context(bed.generator(peer.sink, cpu))
        yield generators


def _lost(runs: Sequence[Run]) -> float:
    return sum(run.lost for run in runs) / sum(run.sent for run in runs)


if __name__ == "__main__":
    sys.exit(main())
