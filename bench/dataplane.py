"""What a cube's program costs, and each further cube of a chain, beside the least eBPF can do."""

from __future__ import annotations

import contextlib
import socket
import struct
import time
from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from bench.cubes import Cubes
from bench.peers import SOURCE, subnet
from bench.pktgen import CPU, pinned
from bench.site import Site
from bench.stats import Summary
from bench.table import Report, Row, Target
from polycube_runtime.bpf.spec import Hook, ProgramSpec
from polycube_runtime.core.network.doors import DOOR_MAP

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping, Sequence

    from bench.peers import Bed
    from polycube_runtime.bpf.kernel import Map, Program
    from polycube_runtime.core.cube import Cube

BURSTS, REPEAT = 16, 50_000
LENGTHS = (1, 2, 4, 8, 16)
TYPES = {Hook.TC: "TC", Hook.XDP: "XDP_DRV"}
NEVER = 1_000_000  # seconds after which an address ages out
_EXIT = struct.pack("=BBhiBBhi", 0xB7, 0, 0, 0, 0x95, 0, 0, 0)  # r0 = 0; exit
METHOD = """\
CPU nanoseconds for each packet by BPF_PROG_TEST_RUN, net of the harness. The program that the
daemon hangs on a netdev, a dispatcher, is run on a UDP packet of 60 bytes and jumps into the cube;
the same dispatcher into a program that only returns is subtracted. {rounds} rounds of {bursts}
bursts of {repeat:,} packets for each program, in turn; a round's figure is its best burst,
differences and ratios are formed within a round. Peers do the least that eBPF can do for the same
end, behind the same dispatcher: look up the other interface and redirect; look up both MAC
addresses in a hash, then that; a chain of programs that only jump to the next (the ratio is that of
the whole chains)."""


@dataclass(frozen=True)
class _Stand:
    """What measurements at one hook are built from; `undo` takes down what `entered` made."""

    hook: Hook
    cubes: Cubes
    site: Site
    bed: Bed
    undo: contextlib.ExitStack

    def entered(self, program: Program) -> Program:
        """Return a dispatcher into any program."""
        return self.undo.enter_context(self.cubes.entrance(self.hook, program))

    def map(self, program: Program) -> Map:
        """Return a prog array whose only slot holds `program`."""
        entry = self.cubes.kernel.create_map(DOOR_MAP)
        self.undo.callback(entry.close)
        entry.set_program(0, program)
        return entry

    def owned(self, program: Program) -> Program:
        """Close `program` at the end."""
        self.undo.callback(program.close)
        return program

    def dispatcher(self, cube: Cube, port: str) -> Program:
        """Return what lets packets into `cube` by `port`."""
        return self.undo.enter_context(self.cubes.dispatcher(cube, port))


def measure(count: int) -> Report:
    """Measure at TC and at XDP, in `count` rounds."""
    rows: list[Row] = []
    for hook in Hook:
        with _stand(hook) as stand:
            rows += _rows(hook, _costs(stand, count))
    method = METHOD.format(rounds=count, bursts=BURSTS, repeat=REPEAT)
    return Report("A cube's program", method, tuple(rows))


@contextlib.contextmanager
def _stand(hook: Hook) -> Iterator[_Stand]:
    with subnet() as (lab, bed), contextlib.ExitStack() as stack:
        for host in (bed.sender, bed.receiver):
            host.fit_for_xdp()
        site = stack.enter_context(Site(lab.device))
        cubes = stack.enter_context(Cubes(lab.device, lab.name))
        yield _Stand(hook, cubes, site, bed, stack.enter_context(contextlib.ExitStack()))


def _costs(stand: _Stand, count: int) -> dict[str, list[float]]:
    """Return what each candidate costs, round by round, net of the harness."""
    packet = stand.bed.stream.frame()
    candidates = _cubes(stand) | _peers(stand)  # cubes first: they bring the shared maps
    programs = {"harness": _harness(stand), **candidates}
    with pinned(CPU):
        found = [_round(programs, packet) for _ in range(count)]
    return {name: [best[name] - best["harness"] for best in found] for name in candidates}


def _round(programs: Mapping[str, Program], packet: bytes) -> dict[str, float]:
    """Return each program's best burst; all take turns, lest a slow second strike only one."""
    passes = [{name: _burst(one, packet) for name, one in programs.items()} for _ in range(BURSTS)]
    return {name: min(each[name] for each in passes) for name in programs}


def _burst(program: Program, packet: bytes) -> float:
    """Return the CPU time of one run; the thread's own, so that neighbours do not count."""
    before = time.clock_gettime_ns(time.CLOCK_THREAD_CPUTIME_ID)
    program.test_run(packet, repeat=REPEAT)
    return (time.clock_gettime_ns(time.CLOCK_THREAD_CPUTIME_ID) - before) / REPEAT


def _harness(stand: _Stand) -> Program:
    spec = ProgramSpec("nothing", stand.hook, _EXIT)
    return stand.entered(stand.owned(stand.cubes.run(stand.cubes.kernel.load(spec, {}))))


def _cubes(stand: _Stand) -> dict[str, Program]:
    """Chain helloworlds from the sender to the receiver; a chain of n begins n before its end."""
    cubes, kind = stand.cubes, TYPES[stand.hook]
    made: list[Cube] = []
    for n in range(max(LENGTHS)):
        ports = [{"name": "in"}, {"name": "out"}]
        made.append(
            cubes.create("helloworld", f"hello{n}", type=kind, action="FORWARD", ports=ports)
        )
        if n:
            cubes.connect(f"hello{n - 1}:out", f"hello{n}:in")
    cubes.connect(f"{made[-1].name}:out", stand.bed.receiver.netdev)
    chains = {f"chain of {n}": stand.dispatcher(made[-n], "in") for n in LENGTHS}
    return {**chains, "simplebridge": _bridge(stand)}


def _bridge(stand: _Stand) -> Program:
    """Make a switch that has learned both addresses, each by a packet."""
    bed, cubes = stand.bed, stand.cubes
    ports = [{"name": "from", "peer": bed.sender.netdev}, {"name": "to"}]
    fdb = {"aging-time": NEVER}
    bridge = cubes.create("simplebridge", "br", type=TYPES[stand.hook], ports=ports, fdb=fdb)
    there = stand.dispatcher(bridge, "from")
    frame = bed.stream.frame()
    back = stand.dispatcher(bridge, "to")
    back.test_run(frame[6:12] + frame[:6] + frame[12:])
    there.test_run(frame)
    assert len(bridge.tables["fwdtable"].entries()) == 2, "the switch did not learn"
    return there


def _peers(stand: _Stand) -> dict[str, Program]:
    end = stand.hook.value.lower()
    with stand.site.namespace.entered():
        index = struct.pack("=I", socket.if_nametoindex(stand.bed.receiver.netdev))
    redirect = stand.site.load(SOURCE, f"redirect_{end}", stand.hook)
    switch = stand.site.load(SOURCE, f"switch_{end}", stand.hook)
    for loaded in (redirect, switch):
        loaded.maps["target"].update(bytes(4), index)
    frame = stand.bed.stream.frame()
    for address in (frame[:6], frame[6:12]):
        switch.maps["addresses"].update(address + bytes(2), bytes(4))
    found = {
        "redirect": stand.entered(redirect.program),
        "two lookups": stand.entered(switch.program),
    }
    following = redirect.program
    for n in range(1, max(LENGTHS)):
        hop = stand.site.load(SOURCE, f"hop_{end}", stand.hook)
        hop.maps["next"].set_program(0, following)
        following = hop.program
        if n + 1 in LENGTHS:
            found[f"hops {n + 1}"] = stand.entered(following)
    return found


def _rows(hook: Hook, costs: Mapping[str, Sequence[float]]) -> Iterator[Row]:
    """Say what single programs cost, then what each cube after the first adds."""
    row = partial(_row, note=hook.value)
    one, redirect = costs["chain of 1"], costs["redirect"]
    yield row("helloworld, forward", one, one, redirect, "eBPF redirect", limit=13)
    switch, bridge = costs["two lookups"], costs["simplebridge"]
    name = "simplebridge, both addresses known"
    yield row(name, bridge, bridge, switch, "two hash lookups", limit=72)
    for n in LENGTHS[1:]:
        chain, bare = costs[f"chain of {n}"], costs[f"hops {n}"]
        name, peer = f"each helloworld after the first, chain of {n}", "bare chain"
        yield row(name, _each(chain, one, n), chain, bare, peer, limit=12)


def _each(chain: Sequence[float], one: Sequence[float], length: int) -> list[float]:
    return [(long - short) / (length - 1) for long, short in zip(chain, one, strict=True)]


def _row(
    name: str,
    costs: Sequence[float],
    ours: Sequence[float] = (),
    theirs: Sequence[float] = (),
    peer: str = "",
    *,
    note: str,
    limit: float = 0,
) -> Row:
    """Make a row of `costs`, and the ratio of `ours` to `theirs`."""
    ratio = Summary.of(a / b for a, b in zip(ours, theirs, strict=True)) if peer else None
    target = Target(limit) if limit else None
    return Row(name, note, "ns/packet", Summary.of(costs), peer, ratio, target=target)
