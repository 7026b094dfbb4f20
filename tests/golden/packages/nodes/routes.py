# Generated from yang/nodes.yang by polycube-gen; DO NOT EDIT.
"""The REST resources of service nodes."""

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
    Resource("/{name}/ports/{ports_name}/mtu", Shape.LEAF, SERVICE["ports/mtu"]),
    Resource("/{name}/shadow", Shape.LEAF, SERVICE["shadow"]),
    Resource("/{name}/span", Shape.LEAF, SERVICE["span"]),
    Resource("/{name}/class", Shape.LEAF, SERVICE["class"]),
    Resource("/{name}/ratio", Shape.LEAF, SERVICE["ratio"]),
    Resource("/{name}/limit", Shape.LEAF, SERVICE["limit"]),
    Resource("/{name}/flag", Shape.LEAF, SERVICE["flag"]),
    Resource("/{name}/server", Shape.LEAF, SERVICE["server"]),
    Resource("/{name}/mirror", Shape.CONTAINER, SERVICE["mirror"]),
    Resource("/{name}/mirror/to", Shape.LEAF, SERVICE["mirror/to"]),
    Resource("/{name}/uptime", Shape.CONTAINER, SERVICE["uptime"]),
    Resource("/{name}/uptime/seconds", Shape.LEAF, SERVICE["uptime/seconds"]),
    Resource("/{name}/chain", Shape.LIST, SERVICE["chain"]),
    Resource("/{name}/chain/{chain_name}", Shape.ENTRY, SERVICE["chain"]),
    Resource("/{name}/chain/{chain_name}/hits", Shape.LEAF, SERVICE["chain/hits"]),
    Resource("/{name}/chain/{chain_name}/rule", Shape.LIST, SERVICE["chain/rule"]),
    Resource("/{name}/chain/{chain_name}/rule/{chain_rule_id}", Shape.ENTRY, SERVICE["chain/rule"]),
    Resource(
        "/{name}/chain/{chain_name}/rule/{chain_rule_id}/source-address",
        Shape.LEAF,
        SERVICE["chain/rule/source-address"],
    ),
    Resource(
        "/{name}/chain/{chain_name}/rule/{chain_rule_id}/verdict",
        Shape.LEAF,
        SERVICE["chain/rule/verdict"],
    ),
    Resource("/{name}/chain/{chain_name}/append", Shape.ACTION, SERVICE["chain/append"]),
    Resource("/{name}/neighbour", Shape.LIST, SERVICE["neighbour"]),
    Resource("/{name}/stop", Shape.ACTION, SERVICE["stop"]),
)


def application(api: ServiceApi) -> FastAPI:
    """Return the application that serves the cubes of this service through ``api``."""
    return build(SERVICE, RESOURCES, api, Path(__file__).with_name("openapi.json"))
