"""What ours is compared with: the devices that Linux has, and the floor under any eBPF program.

Each peer, when opened, builds a lab of its own (sender, device in a namespace, receiver), so
several may stand side by side and be measured in turn.

- `Bed`: a sender, a receiver, the packets that the device between them forwards
- `Peer`: a device under test by name; `PEERS`: all of them
- `switch`, `hello`: the same for cubes; `OURS`: what is compared with them
"""

from __future__ import annotations

import contextlib
import socket
import struct
from contextlib import AbstractContextManager
from dataclasses import dataclass
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, NamedTuple

from bench.cubes import Cubes
from bench.pktgen import CPU, Generator, Sink, Stream
from bench.site import Site
from polycube_runtime.bpf.kernel import AttachPoint
from polycube_runtime.bpf.spec import Hook
from tests.netns.lab import Lab

if TYPE_CHECKING:
    from collections.abc import Callable, Iterator

    from polycube_runtime.core.cube import Cube
    from tests.netns.host import Host

SOURCE = Path(__file__).with_name("peers.c")
_DAY = 3600 * 24
"""Seconds after which a bridge forgets an address that is silent, as the receiver is."""


class Bed(NamedTuple):
    """Where a generator's packets go in and come out."""

    sender: Host
    receiver: Host
    stream: Stream

    def generator(self, sink: Sink = Sink.TC, cpu: int = CPU) -> Generator:
        """Return a generator, not yet started."""
        return Generator(self.sender, self.receiver, self.stream, sink=sink, cpu=cpu)


@dataclass(frozen=True)
class Peer:
    """A device under test: what tables call it, what must be said about it, how to build it.

    `sink` is where the receiver takes packets off. At TC it stands for a host or a pod, whose stack
    needs an skb; at XDP for a NIC's wire, and packets that are skbs already pay for it.
    """

    name: str
    note: str
    build: Callable[[], AbstractContextManager[Bed]]
    sink: Sink = Sink.TC


@contextlib.contextmanager
def subnet(*, flows: int = 1) -> Iterator[tuple[Lab, Bed]]:
    """Build a lab whose two hosts are in one subnet, and the device yet to be put between them."""
    with Lab(isolated=True) as lab:
        sender = lab.host("send", address="10.0.0.1/24")
        receiver = lab.host("recv", address="10.0.0.2/24")
        yield lab, Bed(sender, receiver, Stream.between(sender, receiver, flows=flows))


@contextlib.contextmanager
def bare_cable() -> Iterator[Bed]:
    """Join two hosts directly."""
    with Lab() as lab:
        sender, receiver = lab.pair(("send", "10.0.0.1/24"), ("recv", "10.0.0.2/24"))
        yield Bed(sender, receiver, Stream.between(sender, receiver))


@contextlib.contextmanager
def linux_bridge(*, netfilter: bool) -> Iterator[Bed]:
    """Join both hosts by a bridge that has learned their addresses."""
    with subnet() as (lab, bed):
        lab.device.ip(f"link add bridge type bridge ageing_time {100 * _DAY}")
        for family in ("iptables", "ip6tables", "arptables"):
            lab.device.sysctl(f"bridge/bridge-nf-call-{family}", int(netfilter))
        for host in (bed.sender, bed.receiver):
            lab.device.ip(f"link set {host.netdev} master bridge")
        lab.device.ip("link set bridge up")
        bed.sender.ping(bed.receiver.ip)
        yield bed


@contextlib.contextmanager
def linux_routing() -> Iterator[Bed]:
    """Route between two subnets, with neighbours that do not expire."""
    with Lab(isolated=True) as lab:
        sender = lab.host("send", address="10.0.1.2/24", gateway="10.0.1.1")
        receiver = lab.host("recv", address="10.0.2.2/24", gateway="10.0.2.1")
        for host, address in ((sender, "10.0.1.1/24"), (receiver, "10.0.2.1/24")):
            lab.device.ip(f"addr add {address} dev {host.netdev}")
            lab.device.ip(f"neigh replace {host.ip} lladdr {host.mac} dev {host.netdev}")
        lab.device.sysctl("ipv4/ip_forward", 1)
        yield Bed(sender, receiver, Stream.between(sender, receiver, via=sender.far.mac))


@contextlib.contextmanager
def redirect(point: AttachPoint, function: str) -> Iterator[Bed]:
    """Redirect all that the sender sends to the receiver's interface, by a program in peers.c."""
    with subnet() as (lab, bed), Site(lab.device) as site:
        hook = Hook.TC if point is AttachPoint.TC_INGRESS else Hook.XDP
        loaded = site.load(SOURCE, function, hook)
        with lab.device.entered():
            index = socket.if_nametoindex(bed.receiver.netdev)
        loaded.maps["target"].update(bytes(4), struct.pack("=I", index))
        site.attach(bed.sender.netdev, point, loaded.program)
        yield bed


@contextlib.contextmanager
def switch(kind: str) -> Iterator[Bed]:
    """Join both hosts by a simplebridge of type `kind` that has learned their addresses."""
    with switching(kind) as (bed, _, _):
        yield bed


@contextlib.contextmanager
def switching(kind: str) -> Iterator[tuple[Bed, Cubes, Cube]]:
    """As `switch`, and the cube itself."""
    with _cabled(kind) as (bed, cubes):
        ports = _ports(bed)
        made = cubes.create("simplebridge", "br", type=kind, ports=ports, fdb={"aging-time": _DAY})
        bed.sender.ping(bed.receiver.ip)
        yield bed, cubes, made


@contextlib.contextmanager
def hello(kind: str) -> Iterator[Bed]:
    """Join both hosts by a helloworld that forwards."""
    with _cabled(kind) as (bed, cubes):
        cubes.create("helloworld", "hello", type=kind, ports=_ports(bed), action="FORWARD")
        yield bed


@contextlib.contextmanager
def _cabled(kind: str) -> Iterator[tuple[Bed, Cubes]]:
    with subnet() as (lab, bed), Cubes(lab.device, lab.name) as cubes:
        if kind != "TC":
            for host in (bed.sender, bed.receiver):
                host.fit_for_xdp()
        yield bed, cubes


def _ports(bed: Bed) -> list[dict[str, str]]:
    return [{"name": host.name, "peer": host.netdev} for host in (bed.sender, bed.receiver)]


_tc = partial(redirect, AttachPoint.TC_INGRESS)
_xdp = partial(redirect, AttachPoint.XDP_DRV, "redirect_xdp")
_bridge = partial(linux_bridge, netfilter=False)
PEERS = (
    Peer("no device", "one cable between sender and receiver", bare_cable),
    Peer("Linux routing", "IPv4, two connected subnets", linux_routing),
    Peer("Linux bridge", "br_netfilter off", _bridge),
    Peer(
        "Linux bridge, br_netfilter on",
        "the kernel's default, without any rule",
        partial(linux_bridge, netfilter=True),
    ),
    Peer("TC redirect", "clsact, bpf_redirect", partial(_tc, "redirect_tc")),
    Peer("TC redirect to peer", "clsact, bpf_redirect_peer", partial(_tc, "redirect_peer")),
    Peer("no device, XDP sink", "no skb is ever made", bare_cable, Sink.XDP),
    Peer("Linux bridge, XDP sink", "br_netfilter off", _bridge, Sink.XDP),
    Peer("XDP redirect, XDP sink", "no skb is ever made", _xdp, Sink.XDP),
    Peer("XDP redirect", "native on veth", _xdp),
)
"""Every baseline; "Linux bridge" is the one that ratios refer to."""
OURS = (
    Peer("simplebridge, TC", "both addresses known", partial(switch, "TC")),
    Peer("helloworld, TC", "forward", partial(hello, "TC")),
    Peer(
        "simplebridge, XDP_DRV, XDP sink",
        "no skb is ever made",
        partial(switch, "XDP_DRV"),
        Sink.XDP,
    ),
    Peer(
        "helloworld, XDP_DRV, XDP sink", "no skb is ever made", partial(hello, "XDP_DRV"), Sink.XDP
    ),
    Peer("simplebridge, XDP_DRV", "native on veth", partial(switch, "XDP_DRV")),
)
"""Cubes, wired as the daemon wires them."""
