# Generated from yang/simplebridge.yang by polycube-gen; DO NOT EDIT.
"""The data model of service simplebridge."""

from polycube_runtime.support import base
from polycube_runtime.support.schema import Action, Container, Leaf, List, Metric, Service
from polycube_runtime.support.types import UINT32, Boolean, Enumeration, Leafref, MacAddress, String

from . import models
from .maps import MAPS

SERVICE = Service(
    "simplebridge",
    "standard",
    version="1.0.0",
    description="Simple L2 Bridge Service",
    min_kernel="4.11.0",
    children=(
        base.UUID,
        base.TYPE,
        base.SERVICE_NAME,
        base.LOGLEVEL,
        base.ports(),
        base.SHADOW,
        base.SPAN,
        Container(
            "fdb",
            (
                Leaf(
                    "aging-time",
                    UINT32,
                    attr="fdb_aging_time",
                    description="After how long an address that sends nothing is forgotten",
                    example="300",
                    binding="aging_time",
                    default=300,
                    units="seconds",
                ),
                List(
                    "entry",
                    ("address",),
                    (
                        Leaf(
                            "address",
                            MacAddress(),
                            attr="fdb_entry_address",
                            description="Address of the entry",
                            example="da:55:44:5a:b1:b1",
                            binding="fwdtable",
                            key=True,
                            mandatory=True,
                        ),
                        Leaf(
                            "port",
                            Leafref(
                                "/ports/name",
                                String(patterns=("[^ \\t\\n\\r/:]+",), lengths=((1, 64),)),
                            ),
                            attr="fdb_entry_port",
                            description="Port behind which the address is",
                            example="port1",
                            binding="fwdtable",
                            mandatory=True,
                        ),
                        Leaf(
                            "type",
                            Enumeration((("dynamic", 0), ("static", 1))),
                            attr="fdb_entry_type",
                            description="How the entry came to be",
                            config=False,
                            binding="fwdtable",
                            model=models.FdbEntryType,
                        ),
                        Leaf(
                            "age",
                            UINT32,
                            attr="fdb_entry_age",
                            description=(
                                "Time since the address was last seen; static entries have none"
                            ),
                            config=False,
                            binding="fwdtable",
                            units="seconds",
                        ),
                    ),
                    attr="fdb_entry",
                    description="Entry of the filtering database",
                    binding="fwdtable",
                    model=models.FdbEntry,
                ),
                Action(
                    "flush",
                    attr="fdb_flush",
                    description="Forget all addresses, learnt or created",
                    output=Container(
                        "output",
                        (
                            Leaf(
                                "flushed",
                                Boolean(),
                                attr="fdb_flush_output_flushed",
                                description="Whether the database was flushed",
                                mandatory=True,
                            ),
                        ),
                        attr="fdb_flush_output",
                        model=models.FdbFlushOutput,
                    ),
                ),
            ),
            attr="fdb",
            description="The filtering database: which address is behind which port",
        ),
    ),
    maps=MAPS,
    metrics=(
        Metric(
            "simplebridge_entry_fdb_number_entries",
            "GAUGE",
            "fdb/entry",
            counted=True,
            help="Number of entries in the filtering database",
        ),
    ),
)
