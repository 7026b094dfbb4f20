"""What follows from the nodes: classes, models, hooks and URLs, and whether their names clash."""

from __future__ import annotations

from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING

from polycube_generator import defines, ebpf, hooks, ir, names, urls
from polycube_generator.problems import Problem

if TYPE_CHECKING:
    from collections.abc import Iterator, Mapping

    from polycube_generator.problems import Place


@dataclass(frozen=True, slots=True)
class Header:
    """What a module says of its service as a whole."""

    name: str
    kind: str
    source: str
    version: str
    description: str
    min_kernel: str
    defined: tuple[ir.Defined, ...] = ()
    restconf: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True)
class Constraints:
    """What holds for a cube as a whole: choices at its top, and the functions of all rules."""

    choices: tuple[ir.Choice, ...] = ()
    functions: tuple[ir.Function | ir.Helper, ...] = ()


def service(
    header: Header,
    children: tuple[ir.Node, ...],
    maps: tuple[ir.Map, ...],
    metrics: tuple[ir.Metric, ...],
    constraints: Constraints,
) -> tuple[ir.Service | None, list[Problem]]:
    """Return the service made of ``children``, or the problems with its names."""
    children = tuple(_modelled(node, inside=False) for node in children)
    problems = [*_attr_clashes(children)]
    enums = _enums(children)
    models = tuple(_models(children))
    problems += _class_clashes(enums, models, children)
    constants: tuple[ir.Constants, ...] = ()
    try:
        constants = defines.merged(ebpf.constants(maps), header.defined)
    except defines.ConstantClash as clash:
        problems.append(Problem(clash.place, clash.message))
    built = ir.Service(
        name=header.name,
        package=names.snake(header.name),
        class_name=f"{names.camel(header.name)}Base",
        kind=header.kind,
        source=header.source,
        version=header.version,
        description=header.description,
        min_kernel=header.min_kernel,
        children=children,
        maps=maps,
        constants=constants,
        metrics=metrics,
        enums=enums,
        models=models,
        hooks=tuple(hooks.of(children)),
        notices=tuple(hooks.notices(children)),
        resources=tuple(urls.of(children)),
        choices=constraints.choices,
        functions=constraints.functions,
        restconf=header.restconf,
    )
    if not problems:
        problems += _derived_clashes(built, {node.path: node.place for node in walk(children)})
    return (None if problems else built), problems


def _modelled(node: ir.Node, *, inside: bool) -> ir.Node:
    """Name the Structs: those of lists and actions, and of containers inside of these."""
    match node:
        case ir.List():
            children = tuple(_modelled(child, inside=True) for child in node.children)
            return replace(node, children=children, model="" if node.base else _model_name(node))
        case ir.Container():
            children = tuple(_modelled(child, inside=inside) for child in node.children)
            return replace(node, children=children, model=_model_name(node) if inside else "")
        case ir.Notification():
            children = tuple(_modelled(child, inside=True) for child in node.children)
            return replace(node, children=children, model=_model_name(node))
        case ir.Action():
            return replace(node, input=_side(node.input), output=_side(node.output))
        case _:
            return node


def _side(container: ir.Container | None) -> ir.Container | None:
    """Name the Structs of an action's input or output, which is one itself."""
    if container is None:
        return None
    children = tuple(_modelled(child, inside=True) for child in container.children)
    return replace(container, children=children, model=_model_name(container))


def _model_name(node: ir.Node) -> str:
    return names.python_class(*node.path.split("/"))


def walk(nodes: tuple[ir.Node, ...]) -> Iterator[ir.Node]:
    """Yield every node, parents first, the parameters of actions included."""
    for node in nodes:
        yield node
        match node:
            case ir.Container() | ir.List() | ir.Notification():
                yield from walk(node.children)
            case ir.Action():
                yield from walk(tuple(side for side in (node.input, node.output) if side))


def _models(children: tuple[ir.Node, ...]) -> Iterator[ir.Model]:
    """Yield the Structs, those that others use first."""
    for node in children:
        match node:
            case ir.Container() | ir.List() | ir.Notification():
                yield from _models(node.children)
                if node.model:
                    yield ir.Model(node.model, node.path, node.description, node.children)
            case ir.Action():
                for side, verb in ((node.input, "takes"), (node.output, "returns")):
                    if side:
                        about = side.description or f"What {node.name} {verb}"
                        yield from _models((replace(side, description=about),))


def _enums(children: tuple[ir.Node, ...]) -> tuple[ir.Enumeration, ...]:
    """Return the enumerations of the service's own leaves, each class once."""
    found: dict[str, ir.Enumeration] = {}
    for node in walk(children):
        if node.base or not isinstance(node, ir.Leaf | ir.LeafList):
            continue
        for enum in ir.enumerations(node.type):
            found.setdefault(enum.class_name, enum)
    return tuple(found.values())


def _class_clashes(
    enums: tuple[ir.Enumeration, ...], models: tuple[ir.Model, ...], children: tuple[ir.Node, ...]
) -> Iterator[Problem]:
    places = {node.path: node.place for node in walk(children)}
    seen = {enum.class_name: "an enumeration" for enum in enums}
    for model in models:
        if model.name in seen:
            other = seen[model.name]
            message = f"/{model.path} and {other} are both class {model.name}; rename one"
            yield Problem(places[model.path], message)
        seen[model.name] = f"/{model.path}"


def _attr_clashes(children: tuple[ir.Node, ...]) -> Iterator[Problem]:
    """Yield the nodes of the service whose paths make one identifier."""
    seen: dict[str, ir.Node] = {}
    for node in walk(children):
        other = seen.setdefault(node.attr, node)
        if other is not node:
            yield _clash(node.place, f"/{node.path}", f"/{other.path}", node.attr)


def _derived_clashes(built: ir.Service, places: dict[str, Place]) -> Iterator[Problem]:
    """Yield what clashes only in what is made of the names: methods, and operations of URLs."""
    methods: dict[str, str] = {}
    for hook in (*built.hooks, *built.notices):
        if hook.name in methods:
            yield _clash(places[hook.path], f"/{hook.path}", f"/{methods[hook.name]}", hook.name)
        methods[hook.name] = hook.path
    operations: dict[str, str] = {}
    for resource in built.resources:
        if resource.operation in operations and resource.node:
            other = operations[resource.operation]
            message = f"{resource.path} and {other} are one operation in OpenAPI; rename one"
            yield Problem(resource.node.place, message)
        operations[resource.operation] = resource.path


def _clash(place: Place, name: str, other: str, identifier: str) -> Problem:
    return Problem(place, f"{name} and {other} are both {identifier} in Python; rename one")
