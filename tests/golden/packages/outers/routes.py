# Generated from yang/outers.yang by polycube-gen; DO NOT EDIT.
"""The REST resources of service outers."""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from polycube_runtime.support.routes import Resource, ServiceApi, Shape, build

from .nodes import SERVICE

if TYPE_CHECKING:
    from fastapi import FastAPI

RESOURCES = (
    Resource("/", Shape.SERVICE, SERVICE),
    Resource("/{name}", Shape.CUBE, SERVICE),
    Resource("/{name}/uuid", Shape.LEAF, SERVICE["uuid"]),
    Resource("/{name}/type", Shape.LEAF, SERVICE["type"]),
    Resource("/{name}/service-name", Shape.LEAF, SERVICE["service-name"]),
    Resource("/{name}/loglevel", Shape.LEAF, SERVICE["loglevel"]),
    Resource("/{name}/ports", Shape.LIST, SERVICE["ports"]),
    Resource("/{name}/ports/{ports_name}", Shape.ENTRY, SERVICE["ports"]),
    Resource("/{name}/ports/{ports_name}/uuid", Shape.LEAF, SERVICE["ports/uuid"]),
    Resource("/{name}/ports/{ports_name}/status", Shape.LEAF, SERVICE["ports/status"]),
    Resource("/{name}/ports/{ports_name}/peer", Shape.LEAF, SERVICE["ports/peer"]),
    Resource("/{name}/ports/{ports_name}/tcubes", Shape.LEAF, SERVICE["ports/tcubes"]),
    Resource("/{name}/ports/{ports_name}/slot", Shape.LIST, SERVICE["ports/slot"]),
    Resource(
        "/{name}/ports/{ports_name}/slot/{ports_slot_index}",
        Shape.ENTRY,
        SERVICE["ports/slot"],
    ),
    Resource(
        "/{name}/ports/{ports_name}/slot/{ports_slot_index}/weight",
        Shape.LEAF,
        SERVICE["ports/slot/weight"],
    ),
    Resource("/{name}/shadow", Shape.LEAF, SERVICE["shadow"]),
    Resource("/{name}/span", Shape.LEAF, SERVICE["span"]),
    Resource("/{name}/zone", Shape.LIST, SERVICE["zone"]),
    Resource("/{name}/zone/{zone_name}/{zone_side}", Shape.ENTRY, SERVICE["zone"]),
    Resource("/{name}/zone/{zone_name}/{zone_side}/limit", Shape.LEAF, SERVICE["zone/limit"]),
    Resource("/{name}/zone/{zone_name}/{zone_side}/member", Shape.LIST, SERVICE["zone/member"]),
    Resource(
        "/{name}/zone/{zone_name}/{zone_side}/member/{zone_member_network}",
        Shape.ENTRY,
        SERVICE["zone/member"],
    ),
    Resource(
        "/{name}/zone/{zone_name}/{zone_side}/member/{zone_member_network}/mark",
        Shape.LEAF,
        SERVICE["zone/member/mark"],
    ),
    Resource("/{name}/zone/{zone_name}/{zone_side}/blocked", Shape.LEAF, SERVICE["zone/blocked"]),
    Resource("/{name}/policy", Shape.LIST, SERVICE["policy"]),
    Resource("/{name}/policy/{policy_address}", Shape.ENTRY, SERVICE["policy"]),
    Resource("/{name}/policy/{policy_address}/out", Shape.LEAF, SERVICE["policy/out"]),
)


def application(api: ServiceApi) -> FastAPI:
    """Return the application that serves the cubes of this service through ``api``."""
    return build(SERVICE, RESOURCES, api, Path(__file__).with_name("openapi.json"))
