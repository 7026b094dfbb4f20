"""The first version of a hand-written service whose model was there already.

Every hook of the base class has its method, every map its lookup, the test a configuration. It
loads and works unedited; what the model cannot say, a service does not do yet, and says so.
"""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import TYPE_CHECKING

from polycube_generator import ir, names, python, samples

if TYPE_CHECKING:
    from polycube_generator.scaffold import Plan

_NEUTRAL = {
    "bool": "False",
    "int": "0",
    "str": '""',
    "Decimal": "Decimal()",
    "list[None]": "[]",
}
PORTS = ("port1", "port2")


@dataclass(frozen=True, slots=True)
class Method:
    """One hook, ready to be written into a class: ``body`` are its lines after the docstring."""

    head: str
    doc: str
    body: tuple[str, ...]


@dataclass(frozen=True, slots=True)
class Starting:
    """What the templates of a service from a model show."""

    service: ir.Service
    methods: tuple[Method, ...]
    imports: str
    config: str

    @property
    def lookups(self) -> tuple[ir.Map, ...]:
        """The maps that C looks something up in: queues and the like have no key."""
        return tuple(one for one in self.service.maps if one.key.size)

    @classmethod
    def of(cls, service: ir.Service, plan: Plan) -> Starting:
        """Return the start of ``service``."""
        return cls(
            service=service,
            methods=tuple(_method(hook, service) for hook in service.hooks),
            imports=_imports(service, plan),
            config=_config(service),
        )


def _method(hook: ir.Hook, service: ir.Service) -> Method:
    parameters = ("self", *(f"{name}: {type_}" for name, type_ in hook.parameters))
    head = python.definition(f"async def {hook.name}", parameters, f" -> {hook.returns}:", 1)
    given = [name for name, _ in hook.parameters]
    unused = (f"del {', '.join(given)}  # not used yet",) if given else ()
    if _is_action(hook, service):  # which may be called get-something
        message = f"message = {python.quote(f'{hook.path} is not written yet')}"
        failure = f"raise OperationFailed(message, {python.quote(f'/{hook.path}')})"
        return Method(head, hook.doc, (*unused, message, failure))
    if hook.name.startswith("get_"):
        return Method(head, hook.doc, (*unused, f"return {_neutral(hook.returns, service)}"))
    return Method(head, hook.doc, ())


def _neutral(annotation: str, service: ir.Service) -> str:
    """Return a value to begin with, of any type that an annotation says."""
    first = annotation.partition(" | ")[0]
    for enum in service.enums:
        if enum.class_name == first:
            return f"{first}.{enum.values[0].constant}"
    return _NEUTRAL.get(first, "[]")


def _is_action(hook: ir.Hook, service: ir.Service) -> bool:
    return any(
        isinstance(one.node, ir.Action) and one.node.path == hook.path for one in service.resources
    )


def _imports(service: ir.Service, plan: Plan) -> str:
    """Return the imports of the module, in the blocks that ruff makes of them."""
    texts = [hook.returns for hook in service.hooks]
    texts += [type_ for hook in service.hooks for _, type_ in hook.parameters]
    known = {enum.class_name for enum in service.enums} | {one.name for one in service.models}
    used = known & {word for text in texts for word in re.findall(r"\w+", text)}
    library = ["from decimal import Decimal"] if any("Decimal" in text for text in texts) else []
    base = {f"{names.camel(plan.name)}Base"}
    generated = python.imports(f"{plan.generated}.{plan.package.name}", used | base)
    fails = any(_is_action(hook, service) for hook in service.hooks)
    runtime = ["from polycube_runtime.support.errors import OperationFailed"] if fails else []
    if plan.generated.startswith("polycube_"):
        return python.import_block(library, [generated, *runtime])
    return python.import_block(library, runtime, [generated])


def _config(service: ir.Service) -> str:
    """Return a Python literal: what a cube needs to be created."""
    own = (child for child in service.children if not child.base)
    found = samples.of_members(own, samples.Ports.of(service), service.choices)
    config = found if isinstance(found, dict) else {}
    if service.kind == "standard":
        config = {"ports": [{"name": name} for name in PORTS]} | config
    lines = [f"    {python.quote(name)}: {_literal(value)},\n" for name, value in config.items()]
    return f"{{\n{''.join(lines)}}}" if lines else "{}"


def _literal(value: object) -> str:
    """Return a JSON value in Python."""
    match value:
        case dict():
            items = (f"{python.quote(name)}: {_literal(item)}" for name, item in value.items())
            return f"{{{', '.join(items)}}}"
        case list():
            return f"[{', '.join(map(_literal, value))}]"
        case str():
            return python.quote(value)
        case _:
            return repr(value)
