# Generated from yang/conditions.yang by polycube-gen; DO NOT EDIT.
"""The REST resources of service conditions."""

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
    Resource("/{name}/mode", Shape.LEAF, SERVICE["mode"]),
    Resource("/{name}/reason", Shape.LEAF, SERVICE["reason"]),
    Resource("/{name}/retry", Shape.LEAF, SERVICE["retry"]),
    Resource("/{name}/rate", Shape.LEAF, SERVICE["rate"]),
    Resource("/{name}/burst", Shape.LEAF, SERVICE["burst"]),
    Resource("/{name}/quota", Shape.LEAF, SERVICE["quota"]),
    Resource("/{name}/user", Shape.LIST, SERVICE["user"]),
    Resource("/{name}/user/{user_name}", Shape.ENTRY, SERVICE["user"]),
    Resource("/{name}/user/{user_name}/password", Shape.LEAF, SERVICE["user/password"]),
    Resource("/{name}/user/{user_name}/token", Shape.LEAF, SERVICE["user/token"]),
    Resource("/{name}/greet", Shape.ACTION, SERVICE["greet"]),
)


def application(api: ServiceApi) -> FastAPI:
    """Return the application that serves the cubes of this service through ``api``."""
    return build(SERVICE, RESOURCES, api, Path(__file__).with_name("openapi.json"))
