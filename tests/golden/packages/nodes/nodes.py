# Generated from yang/nodes.yang by polycube-gen; DO NOT EDIT.
"""The data model of service nodes."""

from decimal import Decimal

from polycube_runtime.support import base
from polycube_runtime.support.schema import Action, Container, Leaf, LeafList, List, Metric, Service
from polycube_runtime.support.types import (
    UINT16,
    UINT32,
    UINT64,
    Decimal64,
    Empty,
    Enumeration,
    Integer,
    Leafref,
    String,
    Union,
)

from . import models

SERVICE = Service(
    "nodes",
    "standard",
    version="1.0",
    description="Every kind of node that a control plane serves",
    min_kernel="5.10.0",
    children=(
        base.UUID,
        base.TYPE,
        base.SERVICE_NAME,
        base.LOGLEVEL,
        base.ports(
            Leaf(
                "mtu",
                Integer(16, signed=False, ranges=((68, 9000),)),
                attr="ports_mtu",
                description="Greatest packet, in bytes",
                default=1500,
            ),
            min_elements=1,
            max_elements=8,
        ),
        base.SHADOW,
        base.SPAN,
        Leaf(
            "class",
            Integer(8, signed=True, ranges=((-5, -1), (1, 1), (3, 127))),
            attr="class_",
            description="A name that Python has for itself",
            example="3",
        ),
        Leaf(
            "ratio",
            Decimal64(2, ranges=((Decimal("0.0"), Decimal("1.0")),)),
            attr="ratio",
            init_only=True,
            default="0.5",
            model=Decimal,
        ),
        Leaf(
            "limit",
            Union((UINT16, Enumeration((("unlimited", 0),)))),
            attr="limit",
            default="unlimited",
        ),
        Leaf(
            "flag",
            Empty(),
            attr="flag",
            description=(
                'Hostile: "quotes", \'more\', \\ backslash, """ docstring, */ comment /*, {{ '
                "braces }} {% raw %} and a second line that makes the whole of it longer than a "
                "line of code may be"
            ),
        ),
        LeafList(
            "server",
            String(),
            attr="server",
            min_elements=1,
            max_elements=3,
            ordered_by_user=True,
        ),
        Container(
            "mirror",
            (
                Leaf(
                    "to",
                    Leafref(
                        "/ports/name",
                        String(patterns=("[^ \\t\\n\\r/:]+",), lengths=((1, 64),)),
                    ),
                    attr="mirror_to",
                    mandatory=True,
                ),
            ),
            attr="mirror",
            presence=True,
        ),
        Container(
            "uptime",
            (Leaf("seconds", UINT64, attr="uptime_seconds", config=False),),
            attr="uptime",
            config=False,
        ),
        List(
            "chain",
            ("name",),
            (
                Leaf("name", String(), attr="chain_name", key=True, mandatory=True),
                Leaf("hits", UINT64, attr="chain_hits", config=False),
                List(
                    "rule",
                    ("id",),
                    (
                        Leaf("id", UINT32, attr="chain_rule_id", key=True, mandatory=True),
                        Leaf(
                            "source-address",
                            String(patterns=("[0-9.]+(/[0-9]{1,2})?",), lengths=((7, 18),)),
                            attr="chain_rule_source_address",
                            description="Address with an optional length",
                        ),
                        Leaf(
                            "verdict",
                            Enumeration((("PASS", 0), ("DROP", 1), ("802.1q", 2))),
                            attr="chain_rule_verdict",
                            default="PASS",
                            model=models.Verdict,
                        ),
                    ),
                    attr="chain_rule",
                    model=models.ChainRule,
                ),
                Action(
                    "append",
                    attr="chain_append",
                    input=Container(
                        "input",
                        (
                            Leaf(
                                "source-address",
                                String(patterns=("[0-9.]+(/[0-9]{1,2})?",), lengths=((7, 18),)),
                                attr="chain_append_input_source_address",
                                description="Address with an optional length",
                            ),
                            Leaf(
                                "verdict",
                                Enumeration((("PASS", 0), ("DROP", 1), ("802.1q", 2))),
                                attr="chain_append_input_verdict",
                                default="PASS",
                                model=models.Verdict,
                            ),
                            List(
                                "option",
                                ("name",),
                                (
                                    Leaf(
                                        "name",
                                        String(),
                                        attr="chain_append_input_option_name",
                                        key=True,
                                        mandatory=True,
                                    ),
                                ),
                                attr="chain_append_input_option",
                                model=models.ChainAppendInputOption,
                            ),
                        ),
                        attr="chain_append_input",
                        model=models.ChainAppendInput,
                    ),
                    output=Container(
                        "output",
                        (Leaf("id", UINT32, attr="chain_append_output_id", mandatory=True),),
                        attr="chain_append_output",
                        model=models.ChainAppendOutput,
                    ),
                ),
            ),
            attr="chain",
            description="Entries of which the control plane hears",
            model=models.Chain,
        ),
        List(
            "neighbour",
            (),
            (Leaf("address", String(), attr="neighbour_address", config=False),),
            attr="neighbour",
            config=False,
            model=models.Neighbour,
        ),
        Action("stop", attr="stop_", description="A name that the base class has for itself"),
    ),
    metrics=(Metric("nodes_rules", "GAUGE", "chain/rule", counted=True),),
)
