# Generated from yang/outers.yang by polycube-gen; DO NOT EDIT.
"""The data model of service outers."""

from polycube_runtime.support import base
from polycube_runtime.support.schema import Leaf, LeafList, List, Service
from polycube_runtime.support.types import (
    UINT8,
    UINT16,
    UINT32,
    Enumeration,
    Integer,
    IpAddress,
    Ipv4Prefix,
    Leafref,
    String,
)

from . import models
from .maps import MAPS

SERVICE = Service(
    "outers",
    "standard",
    version="1.0",
    description="Maps of maps",
    min_kernel="",
    children=(
        base.UUID,
        base.TYPE,
        base.SERVICE_NAME,
        base.LOGLEVEL,
        base.ports(
            List(
                "slot",
                ("index",),
                (
                    Leaf(
                        "index",
                        Integer(8, signed=False, ranges=((0, 7),)),
                        attr="ports_slot_index",
                        binding="slots",
                        key=True,
                        mandatory=True,
                    ),
                    Leaf("weight", UINT16, attr="ports_slot_weight", binding="slots", default=1),
                ),
                attr="ports_slot",
                description="What a port does, by class",
                binding="slots",
                model=models.PortsSlot,
            ),
        ),
        base.SHADOW,
        base.SPAN,
        List(
            "zone",
            ("name", "side"),
            (
                Leaf(
                    "name",
                    String(lengths=((1, 7),)),
                    attr="zone_name",
                    binding="zones",
                    key=True,
                    mandatory=True,
                ),
                Leaf(
                    "side",
                    Enumeration((("inside", 0), ("outside", 1))),
                    attr="zone_side",
                    binding="zones",
                    key=True,
                    mandatory=True,
                    model=models.ZoneSide,
                ),
                Leaf("limit", UINT32, attr="zone_limit", binding="zones", default=0),
                List(
                    "member",
                    ("network",),
                    (
                        Leaf(
                            "network",
                            Ipv4Prefix(),
                            attr="zone_member_network",
                            binding="members",
                            key=True,
                            mandatory=True,
                        ),
                        Leaf("mark", UINT8, attr="zone_member_mark", binding="members", default=0),
                    ),
                    attr="zone_member",
                    description="A network of the tenant's",
                    binding="members",
                    model=models.ZoneMember,
                ),
                LeafList(
                    "blocked",
                    UINT16,
                    attr="zone_blocked",
                    description="Ports that nobody reaches",
                    binding="blocked",
                ),
            ),
            attr="zone",
            description="A tenant",
            binding="zones",
            model=models.Zone,
        ),
        List(
            "policy",
            ("address",),
            (
                Leaf(
                    "address",
                    IpAddress(),
                    attr="policy_address",
                    binding="policy",
                    key=True,
                    mandatory=True,
                ),
                Leaf(
                    "out",
                    Leafref(
                        "/ports/name",
                        String(patterns=("[^ \\t\\n\\r/:]+",), lengths=((1, 64),)),
                    ),
                    attr="policy_out",
                    binding="policy",
                ),
            ),
            attr="policy",
            description="Changed as a whole",
            binding="policy",
            model=models.Policy,
        ),
    ),
    maps=MAPS,
)
