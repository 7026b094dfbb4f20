# Generated from yang/transparenthelloworld.yang by polycube-gen; DO NOT EDIT.
"""The data model of service transparenthelloworld."""

from polycube_runtime.support import base
from polycube_runtime.support.schema import Leaf, Service
from polycube_runtime.support.types import Enumeration

from . import models
from .maps import MAPS

SERVICE = Service(
    "transparenthelloworld",
    "transparent",
    version="1.0",
    description="Transparent Helloworld Service",
    min_kernel="4.14.0",
    children=(
        base.UUID,
        base.TYPE,
        base.SERVICE_NAME,
        base.LOGLEVEL,
        base.PARENT,
        Leaf(
            "ingress-action",
            Enumeration((("DROP", 0), ("PASS", 1), ("SLOWPATH", 2))),
            attr="ingress_action",
            description="Action performed on packets that enter the port or device",
            example="PASS",
            binding="ingress_action",
            default="PASS",
            model=models.Action,
        ),
        Leaf(
            "egress-action",
            Enumeration((("DROP", 0), ("PASS", 1), ("SLOWPATH", 2))),
            attr="egress_action",
            description="Action performed on packets that leave the port or device",
            example="PASS",
            binding="egress_action",
            default="PASS",
            model=models.Action,
        ),
    ),
    maps=MAPS,
)
