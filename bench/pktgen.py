"""A packet generator and a sink, both inside the kernel, and the CPU time that passes between them.

    with Generator(sender, receiver, Stream.between(sender, receiver)) as generator:
        run = generator.run(packets=1_000_000)
        print(run.cpu_ns_per_packet, run.lost)

The generator is an XDP program that BPF_PROG_TEST_RUN runs with live frames: in batches of 64 it
sends them out of the sender's interface, and the kernel carries each batch through the device under
test to the sink before the next. All that happens on one CPU, in the calling thread or that CPU's
ksoftirqd; their CPU time over the packets received is the cost of a packet, the generator's and the
sink's own share included.

So that it stays one CPU, the sending host is silent during a run: not even ARP replies leave it.
A packet of its stack would have the cable polled by the CPU that sent it, for as long as there is
more to poll; where that CPU has other work, the cable's ring of 256 frames overflows before the
device under test, and what never reached that would count as lost.

- `Stream`: what the frames say
- `Sink`: where the receiver takes them off
- `Generator`, `Run`: do it, and what came of it
- `pinned`: keep the calling thread on one CPU
"""

from __future__ import annotations

import contextlib
import ctypes as ct
import ipaddress
import os
import socket
import struct
import time
from dataclasses import dataclass
from enum import Enum
from functools import cache
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple, Self

from bench.site import Site
from polycube_runtime.bpf import libbpf
from polycube_runtime.bpf.kernel import AttachPoint
from polycube_runtime.bpf.spec import Hook

if TYPE_CHECKING:
    from collections.abc import Iterator
    from types import TracebackType

    from tests.netns.host import Host

SOURCE = Path(__file__).with_name("pktgen.c")
MAGIC = b"pcnpkt"
"""What the payload begins with; the sink counts nothing else."""
BATCH = 64
CPU = max(os.sched_getaffinity(0))
"""Where to run if nothing else is said: devices' interrupts tend to land on the first."""
SHORTEST, LONGEST = 60, 1514
"""Bytes of a frame, without its checksum."""
MOST_FLOWS = 65536 - 1024
_LIVE_FRAMES = 1 << 1  # BPF_F_TEST_XDP_LIVE_FRAMES
_CHUNK = 1 << 18  # packets of one system call: 50 to 300 ms
_HEAD = 48


class Sink(Enum):
    """Where the receiver counts and drops: (hook, attach point, function in pktgen.c)."""

    XDP = (Hook.XDP, AttachPoint.XDP_DRV, "sink_xdp")
    TC = (Hook.TC, AttachPoint.TC_INGRESS, "sink_tc")


@dataclass(frozen=True)
class Stream:
    """UDP over IPv4 over Ethernet; flows differ in the source port, from 1024 up.

    `size` is the frame's without its checksum: 60 makes the shortest of 64 on a wire.
    """

    source_mac: str
    target_mac: str
    source: str
    target: str
    target_port: int = 9
    size: int = SHORTEST
    flows: int = 1

    def __post_init__(self) -> None:
        """Refuse what no frame can be."""
        if not (SHORTEST <= self.size <= LONGEST and 1 <= self.flows <= MOST_FLOWS):
            message = f"a frame has {SHORTEST} to {LONGEST} bytes, a stream 1 to {MOST_FLOWS} flows"
            raise ValueError(message)

    @classmethod
    def between(cls, sender: Host, receiver: Host, *, via: str = "", flows: int = 1) -> Self:
        """Address the receiver; at layer 2 too, or the router's MAC address `via`."""
        return cls(sender.mac, via or receiver.mac, sender.ip, receiver.ip, flows=flows)

    def frame(self) -> bytes:
        """Return the first frame. UDP's checksum is 0, "none": flows can differ without it."""
        ethernet = bytes.fromhex((self.target_mac + self.source_mac).replace(":", "")) + b"\x08\0"
        ends = b"".join(ipaddress.IPv4Address(ip).packed for ip in (self.source, self.target))
        length = self.size - len(ethernet)
        ip = struct.pack("!BBHHHBBH", 0x45, 0, length, 0, 0, 64, socket.IPPROTO_UDP, 0) + ends
        ip = ip[:10] + struct.pack("!H", _checksum(ip)) + ip[12:]
        udp = struct.pack("!HHHH", 1024, self.target_port, length - len(ip), 0)
        return (ethernet + ip + udp + MAGIC).ljust(self.size, b"\0")


def _checksum(header: bytes) -> int:
    """RFC 1071."""
    total: int = sum(struct.unpack(f"!{len(header) // 2}H", header))
    while total >> 16:
        total = (total & 0xFFFF) + (total >> 16)
    return ~total & 0xFFFF


class Run(NamedTuple):
    """What a run came to; `seconds` is what it took, setting it up (20 ms) excepted."""

    sent: int
    received: int
    seconds: float
    cpu_ns: int

    @property
    def lost(self) -> int:
        """Packets that did not reach the sink."""
        return self.sent - self.received

    @property
    def cpu_ns_per_packet(self) -> float:
        """CPU time for each packet received; infinite when there was none."""
        return self.cpu_ns / self.received if self.received else float("inf")

    @property
    def pps(self) -> float:
        """Packets received in a second, on one CPU; the neighbours have their share of it."""
        return self.received / self.seconds


class Generator:
    """Sends a stream from `sender` and counts what reaches `receiver`; a context manager.

    Both cables are made fit for XDP (see `Host.fit_for_xdp`): the sender's far end must take the
    frames, whether or not the device under test has an XDP program there.
    """

    def __init__(
        self, sender: Host, receiver: Host, stream: Stream, *, sink: Sink = Sink.TC, cpu: int = CPU
    ) -> None:
        """Run everything on CPU number `cpu`."""
        self._sender, self._receiver = sender, receiver
        self._stream, self._sink, self._cpu = stream, sink, cpu
        self._sites = contextlib.ExitStack()

    def __enter__(self) -> Self:
        """Load both programs and attach the sink."""
        with contextlib.ExitStack() as sites:
            for host in (self._sender, self._receiver):
                host.fit_for_xdp()
            self._load_sink(sites.enter_context(Site(self._receiver.namespace)))
            self._load_generator(sites.enter_context(Site(self._sender.namespace)))
            self._sites = sites.pop_all()
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        traceback: TracebackType | None,
    ) -> None:
        """Take the sink off."""
        self._sites.close()

    def _load_sink(self, site: Site) -> None:
        hook, point, function = self._sink.value
        low, high = struct.unpack("=IH", MAGIC)
        defines = "SINK", f"MAGIC_LOW {low:#x}", f"MAGIC_HIGH {high:#x}"
        loaded = site.load(SOURCE, function, hook, *defines)
        site.attach(self._receiver.near.interface, point, loaded.program)
        self._count = loaded.maps["received"]

    def _load_generator(self, site: Site) -> None:
        loaded = site.load(SOURCE, "generate", Hook.XDP, "GENERATOR")
        with site.namespace.entered():
            index = socket.if_nametoindex(self._sender.near.interface)
        frame = self._stream.frame()
        value = frame[:_HEAD] + struct.pack("=IIII", index, self._stream.flows, 0, 0)
        loaded.maps["stream"].update(bytes(4), value)
        silence = site.load(SOURCE, "silence", Hook.TC, "SILENCE")
        site.attach(self._sender.near.interface, AttachPoint.TC_EGRESS, silence.program)
        self._silent = silence.maps["silent"]
        self._frame, self._program = frame, loaded.program

    def run(self, *, packets: int = 0, seconds: float = 0.0) -> Run:
        """Send so many packets, or for so long; in steps of 64 and 262,144 packets.

        Raises:
            OSError: the kernel refuses live frames (before Linux 5.18).

        """
        sent, took, received = 0, 0, self._received()
        end = time.monotonic() + seconds
        with self._sender.namespace.entered(), pinned(self._cpu), self._silence():
            before = _cpu_ns(self._cpu)
            while sent < packets or time.monotonic() < end:
                chunk = min(packets - sent, _CHUNK) if packets else _CHUNK
                took += self._send(chunk)
                sent += chunk
            used = _cpu_ns(self._cpu) - before
        return Run(sent, self._received() - received, took / 1e9, used)

    @contextlib.contextmanager
    def _silence(self) -> Iterator[None]:
        """Have the sending host's own packets dropped."""
        self._silent.update(bytes(4), struct.pack("=I", 1))
        try:
            yield
        finally:
            self._silent.update(bytes(4), bytes(4))

    def _send(self, packets: int) -> int:
        """Send so many; return the nanoseconds that took."""
        options = libbpf.TestRunOpts(
            data_in=ct.cast(ct.c_char_p(self._frame), ct.c_void_p),
            data_size_in=len(self._frame),
            repeat=packets,
            flags=_LIVE_FRAMES,
            batch_size=BATCH,
        )
        libbpf.call("bpf_prog_test_run_opts", self._program.fd, ct.byref(options))
        took: int = options.duration * packets  # duration: mean nanoseconds of one
        return took

    def _received(self) -> int:
        counts = self._count.lookup(bytes(4)) or b""
        return sum(struct.unpack(f"={len(counts) // 8}Q", counts))


@contextlib.contextmanager
def pinned(cpu: int) -> Iterator[None]:
    """Keep the calling thread on one CPU."""
    before = os.sched_getaffinity(0)
    os.sched_setaffinity(0, {cpu})
    try:
        yield
    finally:
        os.sched_setaffinity(0, before)


def _cpu_ns(cpu: int) -> int:
    """Return the CPU time that the calling thread and the CPU's ksoftirqd have had so far."""
    daemon = Path(f"/proc/{_ksoftirqd(cpu)}/schedstat").read_text().split()
    return time.clock_gettime_ns(time.CLOCK_THREAD_CPUTIME_ID) + int(daemon[0])


@cache
def _ksoftirqd(cpu: int) -> int:
    name = f"ksoftirqd/{cpu}\n"
    return next(
        int(file.parent.name)
        for file in Path("/proc").glob("[0-9]*/comm")
        if file.read_text() == name
    )
