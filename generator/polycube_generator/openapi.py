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
_OUTCOMES = {
    "changed": "Changed",
    "deleted": "Deleted",
    "done": "Done; there is no output",
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
            "parameters": _parameters(service),
            "responses": {name: {"description": about} for name, about in _OUTCOMES.items()}
            | {"error": _content(_ERROR, {"$ref": "#/components/schemas/Error"})},
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
    body = _body(resource, verb)
    if body is not None:
        result["requestBody"] = {"required": True, "content": _json(body)}
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
    leaves = (child for child in children if isinstance(child, ir.Leaf))
    return [leaf.name for leaf in leaves if leaf.mandatory and leaf.config and not leaf.key]


def _responses(resource: ir.Resource, verb: str) -> Object:
    if verb == "get":
        return {"200": _content("The value", _value(resource))} | _FAILURE
    return _success(resource, verb) | _FAILURE


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
    return result | {"Error": _error_schema()}


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
    return {"description": about, "content": _json(shape)}


def _json(shape: Object) -> Object:
    return {"application/json": {"schema": shape}}


def _error_schema() -> Object:
    members = ("error-type", "error-tag", "error-path", "error-message", "error-info")
    error = {"type": "object", "properties": {name: {"type": "string"} for name in members}}
    errors = {"type": "object", "properties": {"error": {"type": "array", "items": error}}}
    return {"type": "object", "properties": {"ietf-restconf:errors": errors}}
