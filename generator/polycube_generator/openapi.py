"""The OpenAPI 3.1 document of a service, from the IR.

Every object of the model is a schema in ``components``, named as its node; every key in a URL a
parameter there. Defaults, ranges, patterns and enumerations are those of the model.
"""

from __future__ import annotations

import json
from typing import Any

from polycube_generator import ir, jsonschema

Object = dict[str, Any]

PREFIX = "/polycube/v1"

_WIDTH = 120
_ERROR = "The request cannot be met; the error names the node, the value and what is accepted"
_VERBS = {"ACTION": ("post",), "SERVICE": ("get", "post", "patch"), "LEAF": ("get", "patch")}
_ALL_VERBS = ("get", "post", "put", "patch", "delete")
_CUBE: Object = {"$ref": "#/components/schemas/Cube"}
_FAILURE: Object = {"default": {"$ref": "#/components/responses/error"}}
_JSON, _YANG = "application/json", "application/yang.data+json"
_CONDITIONS = ("If-Match", "If-None-Match")
_EXTRAS: Object = {
    "config": {
        "name": "config",
        "in": "query",
        "description": "Configuration only, in the form that PUT and POST take",
        "allowEmptyValue": True,
        "schema": {"type": "string", "enum": [""]},
    },
    "dry-run": {
        "name": "dry-run",
        "in": "query",
        "description": "Only say what would change",
        "allowEmptyValue": True,
        "schema": {"type": "string", "enum": [""]},
    },
    "If-Match": {
        "name": "If-Match",
        "in": "header",
        "description": "Only if the configuration still has one of these entity tags",
        "schema": {"type": "string"},
    },
    "If-None-Match": {
        "name": "If-None-Match",
        "in": "header",
        "description": "Only if it has none of these entity tags; * if nothing is there",
        "schema": {"type": "string"},
    },
}
"""Parameters of queries and headers; their names are none of a key's."""
_OUTCOMES = {
    "changed": "Changed",
    "deleted": "Deleted",
    "done": "Done; there is no output",
    "known": "The client has this already",
    "stored": "Stored",
}


def document(service: ir.Service) -> Object:
    """Return the document, members in a fixed order."""
    return {
        "openapi": "3.1.0",
        "info": {
            "title": service.name,
            "version": service.version,
            "description": service.description,
        },
        "tags": [{"name": service.name, "description": service.description}],
        "paths": {
            f"{PREFIX}/{service.name}{resource.path}": _item(service, resource)
            for resource in service.resources
        },
        "components": {
            "schemas": _schemas(service),
            "parameters": _parameters(service) | _EXTRAS,
            "responses": {name: {"description": about} for name, about in _OUTCOMES.items()}
            | {
                "tried": _content("What would change", {"$ref": "#/components/schemas/Changes"}),
                "error": _content(_ERROR, {"$ref": "#/components/schemas/Error"}),
            },
        },
    }


def text(value: object, indent: str = "", before: int = 0) -> str:
    """Return JSON text; what fits on a line stays on one, so that people can read it."""
    flat = json.dumps(value, ensure_ascii=False)
    if not isinstance(value, dict | list) or not value:
        return flat
    if indent and len(indent) + before + len(flat) < _WIDTH:
        return flat
    inner = f"{indent}  "
    if isinstance(value, dict):
        names = [f"{json.dumps(name, ensure_ascii=False)}: " for name in value]
        items = [
            f"{inner}{name}{text(item, inner, len(name))}"
            for name, item in zip(names, value.values(), strict=True)
        ]
    else:
        items = [f"{inner}{text(item, inner)}" for item in value]
    opening, closing = "{}" if isinstance(value, dict) else "[]"
    body = ",\n".join(items)
    return f"{opening}\n{body}\n{indent}{closing}" + ("" if indent else "\n")


def verbs(resource: ir.Resource) -> tuple[str, ...]:
    """Return the verbs of a resource, in lower case; the runtime has the same table."""
    node = resource.node
    if node and (not node.config or (resource.shape == "LEAF" and node.init_only)):
        return ("get",)
    return _VERBS.get(resource.shape, _ALL_VERBS)


def _item(service: ir.Service, resource: ir.Resource) -> Object:
    item: Object = {}
    if resource.parameters:
        names = (name for name, _ in resource.parameters)
        item["parameters"] = [{"$ref": f"#/components/parameters/{name}"} for name in names]
    return item | {verb: _operation(service, resource, verb) for verb in verbs(resource)}


def _operation(service: ir.Service, resource: ir.Resource, verb: str) -> Object:
    node = resource.node
    result: Object = {
        "operationId": "_".join(filter(None, [service.name, verb, resource.operation])),
        "tags": [service.name],
        "summary": (node.description or node.name) if node else service.description,
    }
    extras = ("config", "If-None-Match") if verb == "get" else (*_CONDITIONS, "dry-run")
    names = [name for name in extras if name != "dry-run" or resource.shape != "ACTION"]
    result["parameters"] = [{"$ref": f"#/components/parameters/{name}"} for name in names]
    body = _body(resource, verb)
    if body is not None:
        result["requestBody"] = {"required": True, "content": {_JSON: {"schema": body}}}
    result["responses"] = _responses(resource, verb)
    return result


def _body(resource: ir.Resource, verb: str) -> Object | None:
    if verb in {"get", "delete"}:
        return None
    if isinstance(resource.node, ir.Action):
        return jsonschema.complete(resource.node.input) if resource.node.input else None
    if resource.shape == "SERVICE":
        return _CUBE | {"required": ["name"]}
    needed = _needed(resource.node) if verb in {"post", "put"} and resource.shape != "LIST" else []
    return _value(resource) | ({"required": needed} if needed else {})


def _needed(node: ir.Node | None) -> list[str]:
    """Return the members without which an object cannot be created; its keys are in the URL."""
    children = node.children if isinstance(node, ir.Container | ir.List) else ()
    values = (one for one in children if isinstance(one, ir.Leaf | ir.AnyData) and one.config)
    return [one.name for one in values if one.mandatory and not getattr(one, "key", False)]


def _responses(resource: ir.Resource, verb: str) -> Object:
    if verb == "get":
        shown = {"200": _content("The value", _shown(resource))}
        return shown | _outcome("304", "known") | _FAILURE
    tried = {} if resource.shape == "ACTION" else _outcome("200", "tried")
    if resource.node is None and verb == "put":  # of a cube that exists
        tried = _outcome("200", "changed")
    return tried | _success(resource, verb) | _FAILURE


def _shown(resource: ir.Resource) -> Object:
    """Return the schema of what GET answers: the last item of an array are its links."""
    value = _value(resource)
    if resource.shape not in {"SERVICE", "LIST"}:
        return value
    value = {name: what for name, what in value.items() if name not in {"minItems", "maxItems"}}
    return value | {"items": {"anyOf": [value["items"], {"$ref": "#/components/schemas/Links"}]}}


def _success(resource: ir.Resource, verb: str) -> Object:
    if isinstance(resource.node, ir.Action):
        output = resource.node.output
        if output is None:
            return _outcome("204", "done")
        return {"201": _content("The output", jsonschema.complete(output))}
    cube = resource.node is None
    if verb == "delete":
        return _outcome("200" if cube else "204", "deleted")
    if verb == "patch" and (cube or resource.shape == "LEAF"):
        return _outcome("200", "changed")
    return _outcome("201", "stored")


def _outcome(status: str, name: str) -> Object:
    return {status: {"$ref": f"#/components/responses/{name}"}}


def _value(resource: ir.Resource) -> Object:
    match resource.node:
        case None if resource.shape == "SERVICE":
            return {"type": "array", "items": _CUBE}
        case None:
            return dict(_CUBE)
        case ir.List() as node if resource.shape == "ENTRY":
            return jsonschema.reference(node)
        case node:
            return jsonschema.of_node(node)


def _schemas(service: ir.Service) -> Object:
    """Return the named schemas: the cube, every object in it, and the error."""
    name = {"type": "string", "description": "Name of the cube"}
    properties = {"name": name} | jsonschema.properties(service.children)
    result: Object = {"Cube": {"type": "object", "properties": properties}}
    for node in _objects(service.children):
        result[node.attr] = jsonschema.of_object(node)
    for schema in result.values():
        schema["properties"] = schema["properties"] | {"_links": _OWN_LINKS}
    more = {"Links": _LINKS, "ObjectLinks": _OBJECT_LINKS, "Changes": _CHANGES}
    return result | more | {"Error": _error_schema()}


def _objects(nodes: tuple[ir.Node, ...]) -> list[ir.Container | ir.List]:
    result: list[ir.Container | ir.List] = []
    for node in nodes:
        if isinstance(node, ir.Container | ir.List):
            result += [node, *_objects(node.children)]
    return result


def _parameters(service: ir.Service) -> Object:
    result: Object = {}
    for name, leaf in (pair for resource in service.resources for pair in resource.parameters):
        shape = {"type": "string"} if leaf is None else jsonschema.of_type(leaf.type)
        about = "Name of the cube" if leaf is None else leaf.description or leaf.name
        required = {"name": name, "in": "path", "required": True}
        result[name] = required | {"description": about, "schema": shape}
    return result


def _content(about: str, shape: Object) -> Object:
    return {"description": about, "content": {_YANG: {"schema": shape}}}


_TEXT: Object = {"type": "string"}
_LINK: Object = {"type": "object", "properties": {"rel": _TEXT, "href": _TEXT}}
_OWN_LINKS: Object = {"$ref": "#/components/schemas/ObjectLinks"}
_OBJECT_LINKS: Object = {"type": "array", "items": _LINK, "readOnly": True}
_LINKS: Object = {"type": "array", "prefixItems": [{"const": "_links"}, _OWN_LINKS]}
_CHANGES: Object = {
    "type": "object",
    "properties": {
        "changes": {
            "type": "array",
            "items": {
                "type": "object",
                "properties": {
                    "op": {"type": "string", "enum": ["create", "replace", "delete"]},
                    "path": _TEXT,
                    "old": {},
                    "new": {},
                },
                "required": ["op", "path"],
            },
        }
    },
    "required": ["changes"],
}


def _error_schema() -> Object:
    members = ("type", "tag", "app-tag", "path", "message", "info")
    error = {
        "type": "object",
        "properties": {f"error-{name}": {"type": "string"} for name in members},
    }
    errors = {"type": "object", "properties": {"error": {"type": "array", "items": error}}}
    return {"type": "object", "properties": {"ietf-restconf:errors": errors}}
