# Generated from yang/helloworld.yang by polycube-gen; DO NOT EDIT.
"""The data model of service helloworld."""

from polycube_runtime.support import base
from polycube_runtime.support.schema import Leaf, Service
from polycube_runtime.support.types import Enumeration

from . import models
from .maps import MAPS

SERVICE = Service(
    "helloworld",
    "standard",
    version="2.0",
    description="Helloworld Service",
    min_kernel="4.14.0",
    children=(
        base.UUID,
        base.TYPE,
        base.SERVICE_NAME,
        base.LOGLEVEL,
        base.ports(max_elements=2),
        base.SHADOW,
        base.SPAN,
        Leaf(
            "action",
            Enumeration((("DROP", 0), ("SLOWPATH", 1), ("FORWARD", 2))),
            attr="action",
            description="Action performed on the received packet",
            example="FORWARD",
            binding="action_map",
            default="DROP",
            model=models.Action,
        ),
    ),
    maps=MAPS,
)
