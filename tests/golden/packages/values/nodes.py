# Generated from yang/values.yang by polycube-gen; DO NOT EDIT.
"""The data model of service values."""

from decimal import Decimal

from polycube_runtime.support import base
from polycube_runtime.support.schema import Container, Leaf, List, Rule, Service
from polycube_runtime.support.types import (
    Binary,
    Bits,
    Boolean,
    Decimal64,
    Empty,
    Integer,
    IpPrefix,
    Ipv4Prefix,
    Ipv6Prefix,
    String,
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
            Integer(32, signed=False, ranges=((0, 4294967295),)),
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
                    Integer(16, signed=False, ranges=((0, 65535),)),
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
                Leaf(
                    "mark",
                    Integer(32, signed=False, ranges=((0, 4294967295),)),
                    attr="rule_mark",
                    binding="rule",
                ),
                Leaf("set", Bits(("low", "high")), attr="rule_set", binding="rule"),
                Leaf("to", Ipv6Prefix(), attr="rule_to", binding="rule"),
                Leaf("secret", Binary(lengths=((0, 5),)), attr="rule_secret", binding="rule"),
                Leaf("id", Binary(lengths=((8, 8),)), attr="rule_id", binding="rule"),
                Leaf("note", String(lengths=((0, 7),)), attr="rule_note", binding="rule"),
                Leaf(
                    "last-size",
                    Integer(16, signed=False, ranges=((0, 65535),)),
                    attr="rule_last_size",
                    config=False,
                    binding="rule",
                ),
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
                Leaf(
                    "weight",
                    Integer(16, signed=False, ranges=((0, 65535),)),
                    attr="slot_weight",
                    binding="slot",
                ),
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
