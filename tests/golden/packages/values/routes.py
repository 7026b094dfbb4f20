# Generated from yang/values.yang by polycube-gen; DO NOT EDIT.
"""The REST resources of service values."""

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
    Resource("/{name}/limit", Shape.LEAF, SERVICE["limit"]),
    Resource("/{name}/tuning", Shape.CONTAINER, SERVICE["tuning"]),
    Resource("/{name}/tuning/enabled", Shape.LEAF, SERVICE["tuning/enabled"]),
    Resource("/{name}/tuning/rate", Shape.LEAF, SERVICE["tuning/rate"]),
    Resource("/{name}/tuning/burst", Shape.LEAF, SERVICE["tuning/burst"]),
    Resource("/{name}/tuning/gateway", Shape.LEAF, SERVICE["tuning/gateway"]),
    Resource("/{name}/keeping", Shape.CONTAINER, SERVICE["keeping"]),
    Resource("/{name}/keeping/timeouts", Shape.CONTAINER, SERVICE["keeping/timeouts"]),
    Resource("/{name}/keeping/timeouts/tcp", Shape.LEAF, SERVICE["keeping/timeouts/tcp"]),
    Resource("/{name}/keeping/timeouts/udp", Shape.LEAF, SERVICE["keeping/timeouts/udp"]),
    Resource("/{name}/session", Shape.LIST, SERVICE["session"]),
    Resource("/{name}/session/{session_address}", Shape.ENTRY, SERVICE["session"]),
    Resource(
        "/{name}/session/{session_address}/timeouts",
        Shape.CONTAINER,
        SERVICE["session/timeouts"],
    ),
    Resource(
        "/{name}/session/{session_address}/timeouts/tcp",
        Shape.LEAF,
        SERVICE["session/timeouts/tcp"],
    ),
    Resource(
        "/{name}/session/{session_address}/timeouts/udp",
        Shape.LEAF,
        SERVICE["session/timeouts/udp"],
    ),
    Resource("/{name}/session/{session_address}/limit", Shape.CONTAINER, SERVICE["session/limit"]),
    Resource(
        "/{name}/session/{session_address}/limit/rate",
        Shape.LEAF,
        SERVICE["session/limit/rate"],
    ),
    Resource(
        "/{name}/session/{session_address}/limit/burst",
        Shape.LEAF,
        SERVICE["session/limit/burst"],
    ),
    Resource(
        "/{name}/session/{session_address}/limit/colour",
        Shape.LEAF,
        SERVICE["session/limit/colour"],
    ),
    Resource(
        "/{name}/session/{session_address}/limit/log",
        Shape.CONTAINER,
        SERVICE["session/limit/log"],
    ),
    Resource(
        "/{name}/session/{session_address}/limit/log/every",
        Shape.LEAF,
        SERVICE["session/limit/log/every"],
    ),
    Resource("/{name}/session/{session_address}/seen", Shape.CONTAINER, SERVICE["session/seen"]),
    Resource(
        "/{name}/session/{session_address}/seen/packets",
        Shape.LEAF,
        SERVICE["session/seen/packets"],
    ),
    Resource(
        "/{name}/session/{session_address}/seen/last-size",
        Shape.LEAF,
        SERVICE["session/seen/last-size"],
    ),
    Resource("/{name}/policy", Shape.LIST, SERVICE["policy"]),
    Resource("/{name}/policy/{policy_target}", Shape.ENTRY, SERVICE["policy"]),
    Resource("/{name}/policy/{policy_target}/vlan", Shape.LEAF, SERVICE["policy/vlan"]),
    Resource("/{name}/policy/{policy_target}/level", Shape.LEAF, SERVICE["policy/level"]),
    Resource("/{name}/policy/{policy_target}/seen", Shape.CONTAINER, SERVICE["policy/seen"]),
    Resource(
        "/{name}/policy/{policy_target}/seen/packets",
        Shape.LEAF,
        SERVICE["policy/seen/packets"],
    ),
    Resource("/{name}/policy/{policy_target}/seen/first", Shape.LEAF, SERVICE["policy/seen/first"]),
    Resource(
        "/{name}/policy/{policy_target}/seen/latest",
        Shape.LEAF,
        SERVICE["policy/seen/latest"],
    ),
    Resource("/{name}/policy/{policy_target}/seen/idle", Shape.LEAF, SERVICE["policy/seen/idle"]),
    Resource("/{name}/rule", Shape.LIST, SERVICE["rule"]),
    Resource("/{name}/rule/{rule_source}/{rule_mask}", Shape.ENTRY, SERVICE["rule"]),
    Resource("/{name}/rule/{rule_source}/{rule_mask}/log", Shape.LEAF, SERVICE["rule/log"]),
    Resource("/{name}/rule/{rule_source}/{rule_mask}/mark", Shape.LEAF, SERVICE["rule/mark"]),
    Resource("/{name}/rule/{rule_source}/{rule_mask}/set", Shape.LEAF, SERVICE["rule/set"]),
    Resource("/{name}/rule/{rule_source}/{rule_mask}/to", Shape.LEAF, SERVICE["rule/to"]),
    Resource("/{name}/rule/{rule_source}/{rule_mask}/secret", Shape.LEAF, SERVICE["rule/secret"]),
    Resource("/{name}/rule/{rule_source}/{rule_mask}/id", Shape.LEAF, SERVICE["rule/id"]),
    Resource("/{name}/rule/{rule_source}/{rule_mask}/note", Shape.LEAF, SERVICE["rule/note"]),
    Resource(
        "/{name}/rule/{rule_source}/{rule_mask}/last-size",
        Shape.LEAF,
        SERVICE["rule/last-size"],
    ),
    Resource("/{name}/slot", Shape.LIST, SERVICE["slot"]),
    Resource("/{name}/slot/{slot_index}", Shape.ENTRY, SERVICE["slot"]),
    Resource("/{name}/slot/{slot_index}/weight", Shape.LEAF, SERVICE["slot/weight"]),
    Resource("/{name}/slot/{slot_index}/share", Shape.LEAF, SERVICE["slot/share"]),
)


def application(api: ServiceApi) -> FastAPI:
    """Return the application that serves the cubes of this service through ``api``."""
    return build(SERVICE, RESOURCES, api, Path(__file__).with_name("openapi.json"))
