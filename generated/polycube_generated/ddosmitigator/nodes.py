# Generated from yang/ddosmitigator.yang by polycube-gen; DO NOT EDIT.
"""The data model of service ddosmitigator."""

from polycube_runtime.support import base
from polycube_runtime.support.schema import Container, Leaf, List, Metric, Service
from polycube_runtime.support.types import UINT64, IpAddress

from . import models
from .maps import MAPS

SERVICE = Service(
    "ddosmitigator",
    "transparent",
    version="2.0",
    description="DDoS Mitigator Service",
    min_kernel="4.14.0",
    children=(
        base.UUID,
        base.TYPE,
        base.SERVICE_NAME,
        base.LOGLEVEL,
        base.PARENT,
        Container(
            "stats",
            (
                Leaf(
                    "pps",
                    UINT64,
                    attr="stats_pps",
                    description="Packets dropped in the last second",
                    config=False,
                    units="packets per second",
                ),
                Leaf(
                    "pkts",
                    UINT64,
                    attr="stats_pkts",
                    description="Packets dropped since the cube was created",
                    config=False,
                    binding="dropcnt",
                    units="packets",
                ),
            ),
            attr="stats",
            description="How much is dropped",
            config=False,
        ),
        List(
            "blacklist-src",
            ("ip",),
            (
                Leaf(
                    "ip",
                    IpAddress(),
                    attr="blacklist_src_ip",
                    description="Source address, IPv4 or IPv6",
                    example="10.1.1.1",
                    binding="srcblacklist",
                    key=True,
                    mandatory=True,
                ),
                Leaf(
                    "drop-pkts",
                    UINT64,
                    attr="blacklist_src_drop_pkts",
                    description="Packets dropped because of this entry",
                    config=False,
                    binding="srcblacklist",
                    units="packets",
                ),
            ),
            attr="blacklist_src",
            description="Sources whose packets are dropped",
            binding="srcblacklist",
            model=models.BlacklistSrc,
        ),
        List(
            "blacklist-dst",
            ("ip",),
            (
                Leaf(
                    "ip",
                    IpAddress(),
                    attr="blacklist_dst_ip",
                    description="Destination address, IPv4 or IPv6",
                    example="10.2.2.2",
                    binding="dstblacklist",
                    key=True,
                    mandatory=True,
                ),
                Leaf(
                    "drop-pkts",
                    UINT64,
                    attr="blacklist_dst_drop_pkts",
                    description="Packets dropped because of this entry",
                    config=False,
                    binding="dstblacklist",
                    units="packets",
                ),
            ),
            attr="blacklist_dst",
            description="Destinations whose packets are dropped",
            binding="dstblacklist",
            model=models.BlacklistDst,
        ),
    ),
    maps=MAPS,
    metrics=(
        Metric(
            "ddos_stats_pkts_packets",
            "COUNTER",
            "stats/pkts",
            help="Number of packets dropped",
        ),
        Metric(
            "ddos_blacklist_src_addresses",
            "GAUGE",
            "blacklist-src",
            counted=True,
            help="Number of addresses in the blacklist of sources",
        ),
        Metric(
            "ddos_blacklist_dst_addresses",
            "GAUGE",
            "blacklist-dst",
            counted=True,
            help="Number of addresses in the blacklist of destinations",
        ),
    ),
)
