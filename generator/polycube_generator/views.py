"""What templates show of a service: expressions and lines of source, made from the IR.

A template has loops and names only; whatever must be decided is decided here.
"""

from __future__ import annotations

import re
import textwrap

from polycube_generator import ir, python
from polycube_generator.annotations import annotation, of_type
from polycube_generator.problems import Place
from polycube_generator.python import Code, Text, call, literal, render

_FUTURE = "from __future__ import annotations"
SCHEMA = (
    "Action AnyData Case Choice Container Leaf LeafList List Metric Model Notification Rule "
    "Service Where"
)
TYPES = (
    "Binary Bits Boolean Decimal64 Empty Enumeration Identityref InstanceIdentifier Integer "
    "IpAddress IpPrefix Ipv4Address Ipv4Prefix Ipv6Address Ipv6Prefix Leafref MacAddress String "
    "UINT16 UINT32 UINT64 UINT8 INT16 INT32 INT64 INT8 Union"
)
_STRING = re.compile(r"\"(?:\\.|[^\"\\])*\"|'(?:\\.|[^'\\])*'")
_ACTION = {"attr", "description", "example", "module"}
"""What an action has of what nodes have in common."""

_NO_DATA = {"config", "when"}
"""What a notification has not of what nodes have in common."""

NOWHERE = Place("")
"""The place of what is not in a model."""

_BASE_NODES = {"uuid", "type", "service-name", "loglevel", "shadow", "span", "parent"}


def node(item: ir.Node) -> Code:
    """Return the expression for a node; those that the daemon serves are in ``support.base``."""
    if item.base and item.path in _BASE_NODES:
        return f"base.{item.attr.upper()}"
    if item.base and isinstance(item, ir.List):
        added = (node(child) for child in item.children if not child.base)
        return call("base.ports", *added, **_counts(item))
    return plain(item)


def plain(item: ir.Node) -> Code:
    """Return the expression that makes the metadata of a node, wherever it is from."""
    match item:
        case ir.Leaf():
            return call("Leaf", Text(item.name), type_(item.type), **_leaf(item))
        case ir.LeafList():
            named = {"default": literal(item.default)} if item.default else {}
            named |= _counts(item) | given(units=item.units) | _model(item) | _exists(item)
            return call("LeafList", Text(item.name), type_(item.type), **_common(item), **named)
        case ir.Container():
            named = flags(presence=item.presence) | _struct(item) | choices(item.choices)
            return call("Container", Text(item.name), _children(item), **_common(item), **named)
        case ir.List():
            named = _counts(item) | _struct(item) | choices(item.choices)
            named |= given(unique=item.unique)
            keys = literal(item.keys)
            return call("List", Text(item.name), keys, _children(item), **_common(item), **named)
        case ir.Action():
            sides = {"input": item.input, "output": item.output}
            named = {name: node(side) for name, side in sides.items() if side}
            common = {name: code for name, code in _common(item).items() if name in _ACTION}
            return call("Action", Text(item.name), **common, **named)
        case ir.Notification():
            named = _struct(item) | choices(item.choices)
            common = {name: code for name, code in _common(item).items() if name not in _NO_DATA}
            return call("Notification", Text(item.name), _children(item), **common, **named)
        case ir.AnyData():
            named = flags(mandatory=item.mandatory, any_value=item.any_value)
            return call("AnyData", Text(item.name), **_common(item), **named)


def type_(item: ir.Type) -> Code:  # noqa: C901, PLR0912 (a case for each type)
    """Return the expression that makes a leaf type."""
    match item:
        case ir.Integer(bits=bits, signed=signed) if item == ir.whole(bits, signed=signed):
            return f"{'' if signed else 'U'}INT{bits}"
        case ir.Integer(bits=bits, signed=signed, ranges=ranges, errors=errors):
            named = {"signed": str(signed), "ranges": literal(ranges)} | given(errors=errors)
            return call("Integer", str(bits), **named)
        case ir.Decimal64(fraction_digits=digits, ranges=ranges, errors=errors):
            pairs = tuple(
                python.Sequence(tuple(call("Decimal", Text(limit)) for limit in pair))
                for pair in ranges
            )
            named = {"ranges": python.Sequence(pairs)} | given(errors=errors)
            return call("Decimal64", str(digits), **named)
        case ir.String(patterns=patterns, lengths=lengths, inverted=inverted, errors=errors):
            said = {"patterns": patterns, "lengths": lengths, "inverted": inverted}
            return call("String", **given(**said, errors=errors))
        case ir.Binary(lengths=lengths, errors=errors):
            return call("Binary", **given(lengths=lengths, errors=errors))
        case ir.Bits(names=names):
            return call("Bits", literal(names))
        case ir.Identityref(module=module, values=values):
            return call("Identityref", Text(module), _names(values))
        case ir.InstanceIdentifier(required=required):
            return call("InstanceIdentifier", **({} if required else {"required": "False"}))
        case ir.Enumeration(values=values):
            return call("Enumeration", literal(tuple((v.name, v.value) for v in values)))
        case ir.Address(name=name):
            return call("".join(word.capitalize() for word in name.split("-")))
        case ir.Leafref(path=path, target=target, required=required):
            named = {} if required else {"required": "False"}
            return call("Leafref", Text(path), type_(target), **named)
        case ir.Union(members=members):
            return call("Union", python.Sequence(tuple(map(type_, members))))
        case _:
            return call(type(item).__name__)


def service(item: ir.Service) -> Code:
    """Return the expression that makes the metadata of a service."""
    named: dict[str, Code] = {
        "version": Text(item.version),
        "description": Text(item.description),
        "min_kernel": Text(item.min_kernel),
        "children": python.Sequence(tuple(map(node, item.children))),
    }
    if item.maps:
        named["maps"] = "MAPS"
    named |= choices(item.choices)
    if item.metrics:
        named["metrics"] = python.Sequence(tuple(map(_metric, item.metrics)))
    return call("Service", Text(item.name), Text(item.kind), **named)


def resource(item: ir.Resource) -> Code:
    """Return the expression that makes one line of the table of resources."""
    target = f"SERVICE[{python.quote(item.node.path)}]" if item.node else "SERVICE"
    return call("Resource", Text(item.path), f"Shape.{item.shape}", target)


def attribute(item: ir.Node) -> str:
    """Return the line that declares a node in its parent's Struct."""
    optional = False
    match item:
        case ir.Leaf():
            type_text = annotation(item)
            default = "" if item.conditional else _python_default(item)
            optional = default == "" and (item.conditional or not item.mandatory)
        case ir.LeafList():
            type_text, default, optional = annotation(item), "", True
        case ir.Container():
            type_text, default, optional = item.model, "", True
        case ir.AnyData():
            type_text, default, optional = "object", "", item.conditional or not item.mandatory
        case _:
            type_text, default, optional = f"list[{getattr(item, 'model', '')}]", "", True
    if optional:
        type_text, default = f"{type_text} | UnsetType", "UNSET"
    renamed = item.field.replace("_", "-") != item.name
    if renamed:
        named = {"default": default} if default else {}
        default = render(call("field", name=Text(item.name), **named), 1)
    line = f"{item.field}: {type_text}{f' = {default}' if default else ''}"
    if len(line) + 4 > python.WIDTH and "\n" not in line:
        if default.startswith("field(") and len(line.partition("(")[0]) + 5 <= python.WIDTH:
            inner = default.removeprefix("field(").removesuffix(")")
            return f"{item.field}: {type_text} = field(\n        {inner}\n    )"
        if default and len(f"{item.field}: {type_text} = (") + 4 <= python.WIDTH:
            return f"{item.field}: {type_text} = (\n        {default}\n    )"
        tail = f" = {default}" if default else ""
        return f"{item.field}: (\n        {type_text}\n    ){tail}"
    return line


def nodes_imports(item: ir.Service) -> str:
    """Return the imports of nodes.py."""
    source = render(service(item))
    runtime = [
        "from polycube_runtime.support import base" if "base." in source else "",
        python.imports("polycube_runtime.support.schema", used(source, SCHEMA)),
        python.imports("polycube_runtime.support.types", used(source, TYPES)),
    ]
    inner = [name for name in ("models", "rules") if re.search(rf"\b{name}\.", source)]
    own = [
        f"from . import {', '.join(inner)}" if inner else "",
        "from .maps import MAPS" if item.maps else "",
    ]
    return python.import_block(decimal_import(source), runtime, own)


def models_imports(item: ir.Service) -> str:
    """Return the imports of models.py."""
    source = "\n".join(attribute(child) for model in item.models for child in model.children)
    standard = [*decimal_import(source), "from enum import StrEnum" if item.enums else ""]
    names = used(source, "UNSET UnsetType field") | ({"Struct"} if item.models else set())
    return python.import_block([_FUTURE], standard, [python.imports("msgspec", names)])


def base_imports(item: ir.Service) -> str:
    """Return the imports of base.py."""
    methods = (*item.hooks, *item.notices)
    annotations = [hook.returns for hook in methods]
    annotations += [annotation for hook in methods for _, annotation in hook.parameters]
    source = " ".join(annotations)
    models = python.imports(".models", {name for name in exports(item) if used(source, name)})
    typing = ["from abc import abstractmethod" if item.hooks else ""]
    checked = [line for line in (*decimal_import(source), models) if line]
    typing.append(python.imports("typing", {"ClassVar", *(["TYPE_CHECKING"] if checked else [])}))
    runtime = [
        "from polycube_runtime.support import ControlPlane",
        "from polycube_runtime.support.schema import Service",
    ]
    block = python.import_block([_FUTURE], typing, runtime, ["from .nodes import SERVICE"])
    if not checked:
        return block
    inner = textwrap.indent(python.import_block(*([line] for line in checked)), " " * 4)
    return f"{block}\n\nif TYPE_CHECKING:\n{inner}"


def package_imports(item: ir.Service) -> str:
    """Return the imports of __init__.py, which are what it exports."""
    lines = [
        python.imports(".base", {item.class_name}),
        "from .maps import MAPS",
        python.imports(".models", exports(item)),
        "from .nodes import SERVICE",
    ]
    return python.import_block(lines)


def exports(item: ir.Service) -> set[str]:
    """Return the names of the generated models and enumerations."""
    return {enum.class_name for enum in item.enums} | {model.name for model in item.models}


def all_exports(item: ir.Service) -> str:
    """Return the ``__all__`` of the package."""
    return python.all_names({"SERVICE", "MAPS", item.class_name} | exports(item))


def hook(item: ir.Hook) -> str:
    """Return the first lines of a hook."""
    parameters = ("self", *(f"{name}: {type_text}" for name, type_text in item.parameters))
    return python.definition(f"async def {item.name}", parameters, f" -> {item.returns}:", 1)


def notice(item: ir.Hook) -> str:
    """Return the statement that tells of a notification."""
    *keys, (event, _) = item.parameters
    arguments = ", ".join([python.quote(item.path), event, *(name for name, _ in keys)])
    return f"await self.cube.notify({arguments})"


def comment(text: str) -> str:
    """Return ``text`` as it can stand in a C comment."""
    return text.replace("*/", "* /").replace("/*", "/ *")


def decimal_import(source: str) -> list[str]:
    """Return the import of ``Decimal``, if ``source`` needs it."""
    return ["from decimal import Decimal"] if used(source, "Decimal") else []


def used(text: str, candidates: str) -> set[str]:
    """Return which of ``candidates`` are words of source, not in strings nor attributes."""
    bare = _STRING.sub("", text)
    return {name for name in candidates.split() if re.search(rf"(?<![\w.]){name}\b", bare)}


def _common(item: ir.Node) -> dict[str, Code]:
    named: dict[str, Code] = given(attr=item.attr)
    named |= given(description=item.description)
    if not item.config:
        named["config"] = "False"
    named |= flags(init_only=item.init_only)
    named |= given(example=item.example, binding=item.binding, module=item.module)
    return named | _rules("when", item.when) | _rules("must", item.must)


def _rules(name: str, found: tuple[ir.Rule, ...]) -> dict[str, Code]:
    return {name: python.Sequence(tuple(map(_rule, found)))} if found else {}


def _rule(item: ir.Rule) -> Code:
    named = given(message=item.message, tag=item.tag) | flags(above=item.above)
    return call("Rule", f"rules.{item.function}", Text(item.text), **named)


def choices(found: tuple[ir.Choice, ...]) -> dict[str, Code]:
    """Return the argument that makes choices."""
    return {"choices": python.Sequence(tuple(map(_choice, found)))} if found else {}


def _choice(item: ir.Choice) -> Code:
    cases = python.Sequence(tuple(map(_case, item.cases)))
    named = flags(mandatory=item.mandatory) | given(default=item.default)
    named |= _rules("when", item.when)
    return call("Choice", Text(item.name), cases, **named)


def _case(item: ir.Case) -> Code:
    inner = choices(item.choices).values()
    return call("Case", Text(item.name), literal(item.members), *inner)


def _exists(item: ir.Leaf | ir.LeafList) -> dict[str, Code]:
    return {"exists": f"rules.{item.exists}"} if item.exists else {}


def _names(values: tuple[str, ...]) -> Code:
    """Return a frozenset of names."""
    return call("frozenset", python.Sequence(tuple(map(Text, values))))


def _leaf(item: ir.Leaf) -> dict[str, Code]:
    named = _common(item) | flags(key=item.key, mandatory=item.mandatory)
    if item.default is not None:
        named["default"] = literal(item.default)
    return named | given(units=item.units) | _model(item) | _exists(item)


def _model(item: ir.Leaf | ir.LeafList) -> dict[str, Code]:
    """Name the Python type of a leaf that is more than its JSON value."""
    match ir.concrete(item.type):
        case ir.Enumeration(class_name=name) if not item.base:
            return {"model": f"models.{name}"}
        case ir.Decimal64():
            return {"model": of_type(item.type)}
        case _:
            return {}


def _struct(item: ir.Container | ir.List | ir.Notification) -> dict[str, Code]:
    return {"model": f"models.{item.model}"} if item.model else {}


def _children(item: ir.Container | ir.List | ir.Notification) -> Code:
    return python.Sequence(tuple(map(node, item.children)))


def _counts(item: ir.List | ir.LeafList) -> dict[str, Code]:
    named: dict[str, Code] = {}
    if item.min_elements:
        named["min_elements"] = str(item.min_elements)
    if item.max_elements:
        named["max_elements"] = str(item.max_elements)
    if item.ordered_by_user:
        named["ordered_by_user"] = "True"
    return named


def _metric(item: ir.Metric) -> Code:
    named = flags(counted=item.counted)
    if item.where:
        named["where"] = python.Sequence(tuple(map(_where, item.where)))
    named |= given(help=item.help)
    return call("Metric", Text(item.name), Text(item.kind), Text(item.node), **named)


def _where(item: ir.Where) -> Code:
    return call("Where", Text(item.node), Text(item.leaf), Text(item.operator), literal(item.value))


def given(**named: object) -> dict[str, Code]:
    """Return the arguments that have a value."""
    return {name: literal(value) for name, value in named.items() if value}


def flags(**named: bool) -> dict[str, Code]:
    """Return the arguments that are true."""
    return {name: "True" for name, value in named.items() if value}


def _python_default(item: ir.Leaf) -> str:
    """Return the default in the Struct, as source; empty if there is none."""
    if item.default is None:
        return ""
    match ir.concrete(item.type):
        case ir.Enumeration(class_name=name, values=values):
            constant = next(value.constant for value in values if value.name == item.default)
            return f"{name}.{constant}"
        case ir.Decimal64():
            return f"Decimal({python.quote(str(item.default))})"
        case ir.Union(members=members):
            return _union_default(members, of_type(item.type), item.default)
        case _:
            return render(literal(item.default))


def _union_default(members: tuple[ir.Type, ...], annotation: str, default: object) -> str:
    for member in map(ir.concrete, members):
        match member:
            case ir.Enumeration(class_name=name, values=values) if name in annotation.split(" | "):
                for value in values:
                    if value.name == default:
                        return f"{name}.{value.constant}"
            case ir.Union(members=inner):
                found = _union_default(inner, annotation, default)
                if "." in found and found[0].isupper():
                    return found
    if "Decimal" in annotation.split(" | ") and isinstance(default, str):
        return f"Decimal({python.quote(default)})"
    return render(literal(default))
