"""JSON schemas of types and nodes."""

from __future__ import annotations

from typing import Any

from polycube_generator import ir

Object = dict[str, Any]

_MAC = "^[0-9a-fA-F]{2}(:[0-9a-fA-F]{2}){5}$"
_UNLIMITED = 2**63


def of_type(type_: ir.Type) -> Object:  # noqa: C901 (a case for each type)
    """Return the schema of a leaf type."""
    match ir.concrete(type_):
        case ir.Integer(ranges=ranges):
            return _any([{"type": "integer", "minimum": a, "maximum": b} for a, b in ranges])
        case ir.Decimal64(fraction_digits=digits):
            return {"type": "string", "pattern": rf"^-?[0-9]+(\.[0-9]{{1,{digits}}})?$"}
        case ir.Boolean():
            return {"type": "boolean"}
        case ir.Empty():
            return {"type": "array", "items": {"type": "null"}, "minItems": 1, "maxItems": 1}
        case ir.Enumeration(values=values):
            return {"type": "string", "enum": [value.name for value in values]}
        case ir.Union(members=members):
            return _any([of_type(member) for member in members])
        case ir.String(patterns=patterns, lengths=lengths, inverted=inverted):
            result = _string(patterns, lengths)
            unwanted = [{"not": {"pattern": f"^(?:{pattern})$"}} for pattern in inverted]
            return result | ({"allOf": [*result.get("allOf", []), *unwanted]} if unwanted else {})
        case ir.Binary():
            return {"type": "string", "contentEncoding": "base64"}
        case ir.Bits(names=names):
            return {"type": "string", "description": f"Any of {', '.join(names)}"}
        case ir.Identityref(values=values):
            return {"type": "string", "enum": list(values)}
        case ir.InstanceIdentifier():
            return {"type": "string"}
        case address:
            return _address(address)


def of_node(node: ir.Node) -> Object:
    """Return the schema of a node's value: for an object, a reference to its own."""
    match node:
        case ir.Leaf():
            result = of_type(node.type)
            if node.default is not None:
                result = result | {"default": node.default}
        case ir.LeafList():
            result = {"type": "array", "items": of_type(node.type)} | _counts(node)
        case ir.AnyData():
            result = {} if node.any_value else {"type": "object"}
        case ir.List():
            result = {"type": "array", "items": reference(node)} | _counts(node)
        case _:
            result = reference(node)
    result = result | ({"description": node.description} if node.description else {})
    if node.example:
        result = result | {"examples": [_example(node)]}
    return result if node.config else result | {"readOnly": True}


def of_object(node: ir.Container | ir.List) -> Object:
    """Return the schema of a container or of a list's entries; what is mandatory, verbs decide."""
    about = {"description": node.description} if node.description else {}
    members = {"properties": properties(node.children)}
    return {"type": "object"} | about | members | {"additionalProperties": False}


def complete(node: ir.Container | ir.List) -> Object:
    """Return the schema of an object in an action, in full and with what is mandatory."""
    values = (child for child in node.children if isinstance(child, ir.Leaf | ir.AnyData))
    required = [value.name for value in values if value.mandatory]
    members = {child.name: _parameter(child) for child in _data(node.children)}
    result: Object = {"type": "object", "properties": members, "additionalProperties": False}
    return result | ({"required": required} if required else {})


def properties(nodes: tuple[ir.Node, ...]) -> Object:
    """Return the schemas of all data among ``nodes``, by name."""
    return {node.name: of_node(node) for node in _data(nodes)}


def reference(node: ir.Node) -> Object:
    """Return a reference to the schema of an object."""
    return {"$ref": f"#/components/schemas/{node.attr}"}


def _parameter(node: ir.Node) -> Object:
    """Return the schema of something in an action; objects there have no schema to refer to."""
    match node:
        case ir.Container():
            return complete(node)
        case ir.List():
            return {"type": "array", "items": complete(node)} | _counts(node)
        case _:
            return of_node(node)


def _data(nodes: tuple[ir.Node, ...]) -> list[ir.Node]:
    return [node for node in nodes if not isinstance(node, ir.Action | ir.Notification)]


def _string(patterns: tuple[str, ...], lengths: tuple[tuple[int, int], ...]) -> Object:
    result: Object = {"type": "string"}
    if lengths:
        result |= _any([_length(low, high) for low, high in lengths])
    found = [{"pattern": f"^(?:{pattern})$"} for pattern in patterns]
    if len(found) > 1:
        return result | {"allOf": found}
    return result | (found[0] if found else {})


def _length(low: int, high: int) -> Object:
    return {"minLength": low} | ({"maxLength": high} if high < _UNLIMITED else {})


def _address(type_: ir.Type) -> Object:
    name = type_.name if isinstance(type_, ir.Address) else ""
    if name == "mac-address":
        return {"type": "string", "pattern": _MAC}
    if name in {"ipv4-address", "ipv6-address"}:
        return {"type": "string", "format": name.removesuffix("-address")}
    return {"type": "string", "format": name}


def _any(schemas: list[Object]) -> Object:
    return schemas[0] if len(schemas) == 1 else {"anyOf": schemas}


def _example(node: ir.Node) -> object:
    """Return the example as the JSON value that it stands for."""
    if isinstance(node, ir.Leaf):
        match ir.concrete(node.type):
            case ir.Integer() if node.example.lstrip("-").isdigit():
                return int(node.example)
            case ir.Boolean() if node.example in {"true", "false"}:
                return node.example == "true"
    return node.example


def _counts(node: ir.List | ir.LeafList) -> Object:
    result = {"minItems": node.min_elements} if node.min_elements else {}
    return result | ({"maxItems": node.max_elements} if node.max_elements else {})
