# Generated from yang/maps.yang by polycube-gen; DO NOT EDIT.
"""The REST resources of service maps."""

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
    Resource("/{name}/parent", Shape.LEAF, SERVICE["parent"]),
    Resource("/{name}/port-number", Shape.LEAF, SERVICE["port-number"]),
    Resource("/{name}/label", Shape.LEAF, SERVICE["label"]),
    Resource("/{name}/settings", Shape.CONTAINER, SERVICE["settings"]),
    Resource("/{name}/settings/enabled", Shape.LEAF, SERVICE["settings/enabled"]),
    Resource("/{name}/settings/rate", Shape.LEAF, SERVICE["settings/rate"]),
    Resource("/{name}/settings/offset", Shape.LEAF, SERVICE["settings/offset"]),
    Resource("/{name}/settings/gateway", Shape.LEAF, SERVICE["settings/gateway"]),
    Resource("/{name}/settings/router-mac", Shape.LEAF, SERVICE["settings/router-mac"]),
    Resource("/{name}/settings/small", Shape.LEAF, SERVICE["settings/small"]),
    Resource("/{name}/settings/comment", Shape.LEAF, SERVICE["settings/comment"]),
    Resource("/{name}/session", Shape.LIST, SERVICE["session"]),
    Resource(
        "/{name}/session/{session_address}/{session_port}/{session_protocol}",
        Shape.ENTRY,
        SERVICE["session"],
    ),
    Resource(
        "/{name}/session/{session_address}/{session_port}/{session_protocol}/out",
        Shape.LEAF,
        SERVICE["session/out"],
    ),
    Resource(
        "/{name}/session/{session_address}/{session_port}/{session_protocol}/origin",
        Shape.LEAF,
        SERVICE["session/origin"],
    ),
    Resource(
        "/{name}/session/{session_address}/{session_port}/{session_protocol}/age",
        Shape.LEAF,
        SERVICE["session/age"],
    ),
    Resource("/{name}/timeout", Shape.LEAF, SERVICE["timeout"]),
    Resource("/{name}/slot", Shape.LIST, SERVICE["slot"]),
    Resource("/{name}/slot/{slot_index}", Shape.ENTRY, SERVICE["slot"]),
    Resource("/{name}/slot/{slot_index}/weight", Shape.LEAF, SERVICE["slot/weight"]),
    Resource("/{name}/relay", Shape.LIST, SERVICE["relay"]),
    Resource("/{name}/relay/{relay_from}", Shape.ENTRY, SERVICE["relay"]),
    Resource("/{name}/relay/{relay_from}/to", Shape.LEAF, SERVICE["relay/to"]),
    Resource("/{name}/share", Shape.LIST, SERVICE["share"]),
    Resource("/{name}/share/{share_port}", Shape.ENTRY, SERVICE["share"]),
    Resource("/{name}/share/{share_port}/weight", Shape.LEAF, SERVICE["share/weight"]),
    Resource("/{name}/host", Shape.LIST, SERVICE["host"]),
    Resource("/{name}/host/{host_address}", Shape.ENTRY, SERVICE["host"]),
    Resource("/{name}/host/{host_address}/allowed", Shape.LEAF, SERVICE["host/allowed"]),
    Resource("/{name}/blacklist", Shape.LIST, SERVICE["blacklist"]),
    Resource("/{name}/blacklist/{blacklist_address}", Shape.ENTRY, SERVICE["blacklist"]),
    Resource(
        "/{name}/blacklist/{blacklist_address}/packets",
        Shape.LEAF,
        SERVICE["blacklist/packets"],
    ),
    Resource("/{name}/blacklist/{blacklist_address}/drops", Shape.LEAF, SERVICE["blacklist/drops"]),
    Resource("/{name}/route", Shape.LIST, SERVICE["route"]),
    Resource("/{name}/route/{route_network}", Shape.ENTRY, SERVICE["route"]),
    Resource("/{name}/route/{route_network}/next-hop", Shape.LEAF, SERVICE["route/next-hop"]),
    Resource("/{name}/route6", Shape.LIST, SERVICE["route6"]),
    Resource("/{name}/route6/{route6_network}", Shape.ENTRY, SERVICE["route6"]),
    Resource("/{name}/route6/{route6_network}/next-hop", Shape.LEAF, SERVICE["route6/next-hop"]),
)


def application(api: ServiceApi) -> FastAPI:
    """Return the application that serves the cubes of this service through ``api``."""
    return build(SERVICE, RESOURCES, api, Path(__file__).with_name("openapi.json"))
