"""The reference pages: one for each service, and an index; Markdown, from the IR alone."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from polycube_generator import (
    bindings,
    described,
    emit,
    exclusions,
    ir,
    openapi,
    pictures,
    samples,
    sessions,
    tree,
)
from polycube_generator.markdown import code, prose

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Mapping

INDEX = "README.md"
"""The page that leads to the others."""


@dataclass(frozen=True, slots=True)
class Section:
    """A node's part of a page: facts are phrases in Markdown, ``session`` commands."""

    path: str
    title: str
    about: str
    facts: tuple[str, ...]
    session: sessions.Session


@dataclass(frozen=True, slots=True)
class Layout:
    """A map's part of a page: its declaration, and pictures of its structs by their C type."""

    item: ir.Map
    structs: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Page:
    """What the template of a page shows."""

    service: ir.Service
    tree: str
    create: sessions.Session
    sections: tuple[Section, ...]
    common: tuple[tuple[str, ...], ...]
    layouts: tuple[Layout, ...]


def render(services: Iterable[ir.Service | ir.Module], *, whole: bool = True) -> emit.Files:
    """Return the pages of ``services``; with ``whole`` the index of all too."""
    chosen = [service for service in services if isinstance(service, ir.Service)]
    files = {
        f"{service.name}.md": emit.reference(
            "service.md", page=page(service), header=emit.first_line(service.source)
        )
        for service in chosen
    }
    if whole:
        files[INDEX] = emit.reference("index.md", services=chosen, header=emit.first_line("yang/"))
    return dict(sorted(files.items()))


def page(service: ir.Service) -> Page:
    """Return the page of a service."""
    own = tuple(child for child in service.children if not child.base)
    common = tuple(child for child in service.children if child.base)
    maps = {one.name: one for one in service.maps}
    urls = {
        resource.node.path: resource
        for resource in service.resources
        if resource.node and resource.shape != "ENTRY"
    }
    view = _View(service, maps, urls)
    return Page(
        service=service,
        tree=tree.text(service),
        create=sessions.of_cube(service),
        sections=tuple(view.sections(own, sessions.At.top(service), service.choices)),
        common=tuple(view.rows(common)),
        layouts=tuple(map(_layout, service.maps)),
    )


@dataclass(frozen=True, slots=True)
class _View:
    service: ir.Service
    maps: Mapping[str, ir.Map]
    urls: Mapping[str, ir.Resource]

    @property
    def ports(self) -> samples.Ports:
        return samples.Ports.of(self.service)

    def sections(
        self, nodes: Iterable[ir.Node], at: sessions.At, choices: tuple[ir.Choice, ...]
    ) -> Iterator[Section]:
        """Yield the section of every node, parents first; what an action takes is in its own."""
        for node in nodes:
            yield Section(
                path=node.path,
                title=f"/{node.path}{_suffix(node)}",
                about=node.description,
                facts=(*self._facts(node), *_choice_facts(node.name, choices)),
                session=sessions.of_node(node, at, self.maps),
            )
            if isinstance(node, ir.Container | ir.List | ir.Notification):
                yield from self.sections(node.children, sessions.inside(node, at), node.choices)

    def rows(self, nodes: Iterable[ir.Node]) -> Iterator[tuple[str, ...]]:
        """Yield a row for each of the daemon's nodes: all are the same in every service."""
        for node in nodes:
            value = node.type if isinstance(node, ir.Leaf | ir.LeafList) else None
            default = getattr(node, "default", None)
            words = ", ".join(name for name, _ in described.choices(value)) if value else ""
            kind = described.type_name(value) if value else type(node).__name__.lower()
            yield (
                code(f"/{node.path}"),
                prose(words or kind),
                code(described.shown(default)) if default not in {None, ()} else "",
                described.access(node),
                self._rest(node) if node.path in self.urls else "",
                prose(node.description),
            )
            if isinstance(node, ir.Container | ir.List):
                yield from self.rows(node.children)

    def _facts(self, node: ir.Node) -> Iterator[str]:
        yield from _value_facts(node)
        match node:
            case ir.Action():
                yield from _sides(node)
            case ir.Notification():
                yield "notification, an event of the daemon's stream (`/polycube/v1/events`)"
                yield f"example of its content: {code(sessions.content(node, self.ports))}"
            case _:
                yield described.access(node)
        if isinstance(node, ir.List):
            yield from self._list_facts(node)
        bound = self.maps.get(node.binding)
        if bound and bound.node == node.path and isinstance(node, ir.LeafList | ir.List):
            yield _limit(bound)
        yield from _rules(node)
        if node.said.features:
            features = ", ".join(map(code, node.said.features))
            yield f"only where the feature is supported: {features}"
        if node.said.status:
            yield node.said.status
        if node.path in self.urls:
            yield self._rest(node)
        if isinstance(node, ir.LeafList) and node.pool:
            yield f"the data plane takes them out of map [{code(node.pool)}](#{_anchor(node.pool)})"
        if node.binding:
            yield f"in map [{code(node.binding)}](#{_anchor(node.binding)})"

    def _rest(self, node: ir.Node) -> str:
        resource = self.urls[node.path]
        verbs = ", ".join(verb.upper() for verb in openapi.verbs(resource))
        return f"{verbs} {code(f'{openapi.PREFIX}/{self.service.name}{resource.path}')}"

    def _list_facts(self, node: ir.List) -> Iterator[str]:
        keys = ", ".join(code(key) for key in node.keys) or "none"
        yield f"key: {keys}"
        for leaves in node.unique:
            yield f"unique: {', '.join(code(leaf) for leaf in leaves)}"
        if node.min_elements or node.max_elements:
            most = node.max_elements or "any number of"
            yield f"{node.min_elements} to {most} entries"
        if node.ordered_by_user:
            yield "in the order that the user gives"


def _rules(node: ir.Node) -> Iterator[str]:
    """Yield the conditions of a node, with what a client is told when they do not hold."""
    for rule in (*node.when, *node.must):
        word = "only when" if rule in node.when else "must"
        yield f"{word} {code(rule.text)}{_told(rule.message, rule.tag)}"


def _told(message: str, tag: str) -> str:
    return (f": {prose(message)}" if message else "") + (f" (app-tag {code(tag)})" if tag else "")


def _choice_facts(name: str, choices: tuple[ir.Choice, ...]) -> Iterator[str]:
    others = ", ".join(code(other) for other in exclusions.excluded(name, choices))
    if others:
        yield f"excludes {others}: what is written last takes the others away"
    for members in exclusions.needed(name, choices):
        yield f"one of these is mandatory: {', '.join(map(code, members))}"


def _limit(bound: ir.Map) -> str:
    if bound.kind in bindings.ARRAYS:
        return f"{bound.entries} entries, the indexes 0 to {bound.entries - 1}"
    if bound.kind.startswith("lru"):
        return f"at most {bound.entries} entries; then the least used one makes room"
    return f"at most {bound.entries} entries; one more is refused: 503, `resource-denied`"


def _value_facts(node: ir.Node) -> Iterator[str]:
    if isinstance(node, ir.AnyData):
        yield "type: any JSON value" if node.any_value else "type: any JSON object"
        yield from ["mandatory"] if node.mandatory else []
    if not isinstance(node, ir.Leaf | ir.LeafList):
        return
    units = f", in {prose(node.units)}" if node.units else ""
    many = "list of " if isinstance(node, ir.LeafList) else ""
    yield f"type: {many}{code(described.type_name(node.type))}{units}"
    yield from _type_facts(node.type)
    if isinstance(node, ir.Leaf):
        if node.default is not None:
            yield f"default: {code(described.shown(node.default))}"
        if node.key:
            yield "key of the list"
        elif node.mandatory:
            yield "mandatory"
    elif node.max_elements or node.min_elements:
        yield f"{node.min_elements} to {node.max_elements or 'any number of'} values"
    if node.example:
        yield f"example: {code(node.example)}"


def _type_facts(type_: ir.Type) -> Iterator[str]:
    for text in described.values(type_):
        yield f"values: {code(text)}"
    for restriction, message, tag in described.errors(type_):
        yield f"refused by {code(restriction)}{_told(message, tag)}"
    for name, about in described.choices(type_):
        yield f"value {code(name)}" + (f": {prose(about)}" if about else "")


def _sides(action: ir.Action) -> Iterator[str]:
    yield "action"
    for lead, side in (("takes", action.input), ("answers", action.output)):
        yield from _parameters(lead, side.children if side else ())
        yield from _rules(side) if side else ()


def _parameters(lead: str, nodes: tuple[ir.Node, ...], prefix: str = "") -> Iterator[str]:
    if not nodes:
        yield f"{lead} nothing"
    for node in nodes:
        name = f"{prefix}{node.name}"
        value = ", ".join(_value_facts(node))
        kind = value or type(node).__name__.lower()
        about = f": {prose(node.description)}" if node.description else ""
        yield f"{lead} {code(name)} ({kind}){about}"
        yield from (f"{code(name)} {fact}" for fact in _rules(node))
        if isinstance(node, ir.Container | ir.List) and node.children:
            yield from _parameters(lead, node.children, f"{name}/")


def _suffix(node: ir.Node) -> str:
    return "()" if isinstance(node, ir.Action) else ""


def _anchor(name: str) -> str:
    """Return where GitHub puts the heading ``Map NAME``."""
    return f"map-{name.lower()}"


def _layout(item: ir.Map) -> Layout:
    structs = ((one.c_type, pictures.struct(one)) for one in item.structs)
    return Layout(item, tuple(structs))
