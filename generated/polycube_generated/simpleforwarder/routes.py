# Generated from yang/simpleforwarder.yang by polycube-gen; DO NOT EDIT.
"""The REST resources of service simpleforwarder."""

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
    Resource("/{name}/shadow", Shape.LEAF, SERVICE["shadow"]),
    Resource("/{name}/span", Shape.LEAF, SERVICE["span"]),
    Resource("/{name}/actions", Shape.LIST, SERVICE["actions"]),
    Resource("/{name}/actions/{actions_inport}", Shape.ENTRY, SERVICE["actions"]),
    Resource("/{name}/actions/{actions_inport}/action", Shape.LEAF, SERVICE["actions/action"]),
    Resource("/{name}/actions/{actions_inport}/outport", Shape.LEAF, SERVICE["actions/outport"]),
)


def application(api: ServiceApi) -> FastAPI:
    """Return the application that serves the cubes of this service through ``api``."""
    return build(SERVICE, RESOURCES, api, Path(__file__).with_name("openapi.json"))
