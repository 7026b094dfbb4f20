# Generated from yang/ddosmitigator.yang by polycube-gen; DO NOT EDIT.
"""The REST resources of service ddosmitigator."""

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
    Resource("/{name}/stats", Shape.CONTAINER, SERVICE["stats"]),
    Resource("/{name}/stats/pps", Shape.LEAF, SERVICE["stats/pps"]),
    Resource("/{name}/stats/pkts", Shape.LEAF, SERVICE["stats/pkts"]),
    Resource("/{name}/blacklist-src", Shape.LIST, SERVICE["blacklist-src"]),
    Resource("/{name}/blacklist-src/{blacklist_src_ip}", Shape.ENTRY, SERVICE["blacklist-src"]),
    Resource(
        "/{name}/blacklist-src/{blacklist_src_ip}/drop-pkts",
        Shape.LEAF,
        SERVICE["blacklist-src/drop-pkts"],
    ),
    Resource("/{name}/blacklist-dst", Shape.LIST, SERVICE["blacklist-dst"]),
    Resource("/{name}/blacklist-dst/{blacklist_dst_ip}", Shape.ENTRY, SERVICE["blacklist-dst"]),
    Resource(
        "/{name}/blacklist-dst/{blacklist_dst_ip}/drop-pkts",
        Shape.LEAF,
        SERVICE["blacklist-dst/drop-pkts"],
    ),
)


def application(api: ServiceApi) -> FastAPI:
    """Return the application that serves the cubes of this service through ``api``."""
    return build(SERVICE, RESOURCES, api, Path(__file__).with_name("openapi.json"))
