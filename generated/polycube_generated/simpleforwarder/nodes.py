# Generated from yang/simpleforwarder.yang by polycube-gen; DO NOT EDIT.
"""The data model of service simpleforwarder."""

from polycube_runtime.support import base
from polycube_runtime.support.schema import Leaf, List, Metric, Service
from polycube_runtime.support.types import Enumeration, Leafref, String

from . import models
from .maps import MAPS

SERVICE = Service(
    "simpleforwarder",
    "standard",
    version="2.0",
    description="Simple Forwarder Service",
    min_kernel="4.14.0",
    children=(
        base.UUID,
        base.TYPE,
        base.SERVICE_NAME,
        base.LOGLEVEL,
        base.ports(),
        base.SHADOW,
        base.SPAN,
        List(
            "actions",
            ("inport",),
            (
                Leaf(
                    "inport",
                    Leafref(
                        "/ports/name",
                        String(patterns=("[^ \\t\\n\\r/:]+",), lengths=((1, 64),)),
                    ),
                    attr="actions_inport",
                    description="Port by which the packet comes in",
                    example="port1",
                    binding="actions",
                    key=True,
                    mandatory=True,
                ),
                Leaf(
                    "action",
                    Enumeration((("DROP", 0), ("SLOWPATH", 1), ("FORWARD", 2))),
                    attr="actions_action",
                    description="Action performed on the packet",
                    example="FORWARD",
                    binding="actions",
                    mandatory=True,
                    model=models.ActionsAction,
                ),
                Leaf(
                    "outport",
                    Leafref(
                        "/ports/name",
                        String(patterns=("[^ \\t\\n\\r/:]+",), lengths=((1, 64),)),
                    ),
                    attr="actions_outport",
                    description="Port by which the packet goes out; without it, FORWARD drops",
                    example="port2",
                    binding="actions",
                ),
            ),
            attr="actions",
            description="What is done with the packets of a port; those of other ports are dropped",
            binding="actions",
            model=models.Actions,
        ),
    ),
    maps=MAPS,
    metrics=(
        Metric(
            "simpleforwarder_actions_entries",
            "GAUGE",
            "actions",
            counted=True,
            help="Number of entries in the table of actions",
        ),
    ),
)
