# Generated from yang/values.yang by polycube-gen; DO NOT EDIT.
"""The data model of service values."""

from decimal import Decimal

from polycube_runtime.support import base
from polycube_runtime.support.schema import Container, Leaf, LeafList, List, Rule, Service
from polycube_runtime.support.types import (
    UINT8,
    UINT16,
    UINT32,
    UINT64,
    Binary,
    Bits,
    Boolean,
    Decimal64,
    Empty,
    Enumeration,
    Integer,
    IpPrefix,
    Ipv4Address,
    Ipv4Prefix,
    Ipv6Prefix,
    String,
    Union,
)

from . import models, rules
from .maps import MAPS

SERVICE = Service(
    "values",
    "transparent",
    version="1.0",
    description="Everything that an entry of a map can hold",
    min_kernel="5.10.0",
    children=(
        base.UUID,
        base.TYPE,
        base.SERVICE_NAME,
        base.LOGLEVEL,
        base.PARENT,
        Leaf(
            "limit",
            UINT32,
            attr="limit",
            description="A leaf that may be left out",
            binding="limit",
        ),
        Container(
            "tuning",
            (
                Leaf("enabled", Boolean(), attr="tuning_enabled", binding="tuning", default=False),
                Leaf(
                    "rate",
                    Decimal64(3, ranges=((Decimal("-9.5"), Decimal("999.999")),)),
                    attr="tuning_rate",
                    binding="tuning",
                    model=Decimal,
                ),
                Leaf(
                    "burst",
                    UINT16,
                    attr="tuning_burst",
                    binding="tuning",
                    when=(Rule(rules.when_burst, "../enabled = 'true'"),),
                    default=8,
                ),
                Leaf("gateway", IpPrefix(), attr="tuning_gateway", binding="tuning"),
            ),
            attr="tuning",
            description="A container whose leaves may be left out",
            binding="tuning",
        ),
        Container(
            "keeping",
            (
                Container(
                    "timeouts",
                    (
                        Leaf(
                            "tcp",
                            UINT32,
                            attr="keeping_timeouts_tcp",
                            binding="keeping",
                            default=60,
                        ),
                        Leaf("udp", UINT16, attr="keeping_timeouts_udp", binding="keeping"),
                    ),
                    attr="keeping_timeouts",
                    binding="keeping",
                ),
            ),
            attr="keeping",
            description="A container with another one in it",
            binding="keeping",
        ),
        List(
            "session",
            ("address",),
            (
                Leaf(
                    "address",
                    Ipv4Address(),
                    attr="session_address",
                    binding="session",
                    key=True,
                    mandatory=True,
                ),
                Container(
                    "timeouts",
                    (
                        Leaf(
                            "tcp",
                            UINT32,
                            attr="session_timeouts_tcp",
                            binding="session",
                            default=60,
                        ),
                        Leaf("udp", UINT16, attr="session_timeouts_udp", binding="session"),
                    ),
                    attr="session_timeouts",
                    description="How long it is kept",
                    binding="session",
                    model=models.SessionTimeouts,
                ),
                Container(
                    "limit",
                    (
                        Leaf(
                            "rate",
                            UINT32,
                            attr="session_limit_rate",
                            binding="session",
                            mandatory=True,
                        ),
                        Leaf(
                            "burst",
                            UINT32,
                            attr="session_limit_burst",
                            binding="session",
                            default=8,
                        ),
                        Leaf(
                            "colour",
                            Enumeration((("green", 0), ("red", 1))),
                            attr="session_limit_colour",
                            binding="session",
                            model=models.SessionLimitColour,
                        ),
                        Container(
                            "log",
                            (
                                Leaf(
                                    "every",
                                    UINT8,
                                    attr="session_limit_log_every",
                                    binding="session",
                                    default=1,
                                ),
                            ),
                            attr="session_limit_log",
                            binding="session",
                            presence=True,
                            model=models.SessionLimitLog,
                        ),
                    ),
                    attr="session_limit",
                    binding="session",
                    presence=True,
                    model=models.SessionLimit,
                ),
                Container(
                    "seen",
                    (
                        Leaf(
                            "packets",
                            UINT64,
                            attr="session_seen_packets",
                            config=False,
                            binding="session",
                        ),
                        Leaf(
                            "last-size",
                            UINT16,
                            attr="session_seen_last_size",
                            config=False,
                            binding="session",
                        ),
                    ),
                    attr="session_seen",
                    config=False,
                    binding="session",
                    model=models.SessionSeen,
                ),
            ),
            attr="session",
            description="A list with containers",
            binding="session",
            model=models.Session,
        ),
        List(
            "policy",
            ("target",),
            (
                Leaf(
                    "target",
                    Union(
                        (
                            Ipv4Address(),
                            Ipv6Prefix(),
                            UINT16,
                            Decimal64(
                                2,
                                ranges=(
                                    (
                                        Decimal("-92233720368547758.08"),
                                        Decimal("92233720368547758.07"),
                                    ),
                                ),
                            ),
                            String(lengths=((1, 15),)),
                        ),
                    ),
                    attr="policy_target",
                    binding="policy",
                    key=True,
                    mandatory=True,
                ),
                LeafList(
                    "vlan",
                    UINT16,
                    attr="policy_vlan",
                    binding="policy",
                    max_elements=4,
                    ordered_by_user=True,
                ),
                LeafList(
                    "level",
                    Enumeration((("low", 0), ("high", 1))),
                    attr="policy_level",
                    binding="policy",
                    default=("high",),
                    max_elements=2,
                    model=models.PolicyLevel,
                ),
                Container(
                    "seen",
                    (
                        Leaf(
                            "packets",
                            UINT64,
                            attr="policy_seen_packets",
                            config=False,
                            binding="policy",
                        ),
                        Leaf(
                            "first",
                            String(
                                patterns=(
                                    "\\d{4}-\\d{2}-\\d{2}T\\d{2}:\\d{2}:\\d{2}(\\.\\d+)?(Z|[\\+\\-]\\d{2}:\\d{2})",
                                ),
                            ),
                            attr="policy_seen_first",
                            config=False,
                            binding="policy",
                        ),
                        Leaf(
                            "latest",
                            UINT32,
                            attr="policy_seen_latest",
                            config=False,
                            binding="policy",
                        ),
                        Leaf(
                            "idle",
                            UINT32,
                            attr="policy_seen_idle",
                            config=False,
                            binding="policy",
                            units="milliseconds",
                        ),
                    ),
                    attr="policy_seen",
                    config=False,
                    binding="policy",
                    model=models.PolicySeen,
                ),
            ),
            attr="policy",
            description="Several values, several types, times, and numbers in which CPUs count",
            binding="policy",
            model=models.Policy,
        ),
        List(
            "rule",
            ("source", "mask"),
            (
                Leaf(
                    "source",
                    Ipv4Prefix(),
                    attr="rule_source",
                    binding="rule",
                    key=True,
                    mandatory=True,
                ),
                Leaf(
                    "mask",
                    Bits(("fin", "syn", "urgent")),
                    attr="rule_mask",
                    binding="rule",
                    key=True,
                    mandatory=True,
                ),
                Leaf(
                    "log",
                    Empty(),
                    attr="rule_log",
                    description="Tell of every packet",
                    binding="rule",
                ),
                Leaf("mark", UINT32, attr="rule_mark", binding="rule"),
                Leaf("set", Bits(("low", "high")), attr="rule_set", binding="rule"),
                Leaf("to", Ipv6Prefix(), attr="rule_to", binding="rule"),
                Leaf("secret", Binary(lengths=((0, 5),)), attr="rule_secret", binding="rule"),
                Leaf("id", Binary(lengths=((8, 8),)), attr="rule_id", binding="rule"),
                Leaf("note", String(lengths=((0, 7),)), attr="rule_note", binding="rule"),
                Leaf("last-size", UINT16, attr="rule_last_size", config=False, binding="rule"),
            ),
            attr="rule",
            description="A list of every type",
            binding="rule",
            model=models.Rule,
        ),
        List(
            "slot",
            ("index",),
            (
                Leaf(
                    "index",
                    Integer(8, signed=False, ranges=((0, 2),)),
                    attr="slot_index",
                    binding="slot",
                    key=True,
                    mandatory=True,
                ),
                Leaf("weight", UINT16, attr="slot_weight", binding="slot"),
                Leaf(
                    "share",
                    Decimal64(
                        1,
                        ranges=(
                            (Decimal("-922337203685477580.8"), Decimal("922337203685477580.7")),
                        ),
                    ),
                    attr="slot_share",
                    binding="slot",
                    default="0.5",
                    model=Decimal,
                ),
            ),
            attr="slot",
            description="An array, all entries of which are there always",
            binding="slot",
            model=models.Slot,
        ),
    ),
    maps=MAPS,
)
