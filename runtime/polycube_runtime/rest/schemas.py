"""JSON schemas of what the daemon's own routes take and answer, for its OpenAPI document."""

from __future__ import annotations

from typing import Any

Schema = dict[str, Any]

TEXT: Schema = {"type": "string"}
WORDS: Schema = {"type": "array", "items": TEXT}
ANY_OBJECT: Schema = {"type": "object"}


def obj(*required: str, **properties: Schema) -> Schema:
    """Return the schema of an object; underscores in names stand for hyphens."""
    named = {name.replace("_", "-"): schema for name, schema in properties.items()}
    found: Schema = {"type": "object", "properties": named}
    return {**found, "required": list(required)} if required else found


def array(items: Schema) -> Schema:
    """Return the schema of an array."""
    return {"type": "array", "items": items}


LINKS = array(obj("rel", "href", rel=TEXT, href=TEXT))
SERVICE = obj(
    "name",
    "description",
    "version",
    name=TEXT,
    servicecontroller=TEXT,
    type={"enum": ["standard", "transparent"]},
    description=TEXT,
    version=TEXT,
    pyang_repo_id=TEXT,
    swagger_codegen_repo_id=TEXT,
    datamodel=array(ANY_OBJECT),
)
NEW_SERVICE = obj(
    "type", "uri", "name", type={"enum": ["lib"]}, uri={**TEXT, "minLength": 1}, name=TEXT
)
CUBE = {**obj("name", "service-name", name=TEXT, service_name=TEXT), "additionalProperties": True}
CUBES = {"oneOf": [array(CUBE), {"type": "object", "additionalProperties": array(CUBE)}]}
CUBES_BY_SERVICE = {"type": "object", "additionalProperties": array(CUBE)}
ATTACHMENT = obj("cube", "port", cube=TEXT, port=TEXT)
TOPOLOGY = obj("cubes", cubes=CUBES, attachments=array(ATTACHMENT))
CHAIN = obj("name", name=TEXT)
NETDEV = obj(
    "name",
    "status",
    name=TEXT,
    index={"type": "integer"},
    mac=TEXT,
    mtu={"type": "integer"},
    status={"enum": ["UP", "DOWN"]},
    addresses=WORDS,
)
PEERS = obj("peer1", "peer2", peer1={**TEXT, "minLength": 1}, peer2={**TEXT, "minLength": 1})
ATTACH = obj(
    "cube",
    "port",
    cube=TEXT,
    port={**TEXT, "minLength": 1},
    position={"enum": ["auto", "first", "last"]},
    after=TEXT,
    before=TEXT,
)
DETACH = obj("cube", "port", cube=TEXT, port={**TEXT, "minLength": 1})
RELOAD = obj("cube", cube=TEXT)
VERSION = obj("polycubed", polycubed=obj("version", version=TEXT))
HEALTH = obj("status", status={"enum": ["ok"]})
CHANGES = obj(
    "changes",
    changes=array(
        obj("op", "path", op={"enum": ["create", "replace", "delete"]}, path=TEXT, old={}, new={})
    ),
)
HELP = {"oneOf": [ANY_OBJECT, WORDS]}
ERRORS = obj(
    "ietf-restconf:errors",
    **{
        "ietf-restconf:errors": obj(
            "error",
            error=array(
                obj(
                    "error-type",
                    "error-tag",
                    "error-info",
                    "error-message",
                    error_type=TEXT,
                    error_tag=TEXT,
                    error_info=TEXT,
                    error_message=TEXT,
                    error_path=TEXT,
                    error_app_tag=TEXT,
                )
            ),
        )
    },
)
