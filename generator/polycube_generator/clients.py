"""Typed Python clients: a class for every object of a service, a typed property for every leaf.

JSON objects are ``TypedDict``s, so there is nothing to convert; all that sends is in one module
that every package gets, over the standard library alone.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from polycube_generator import emit, ir, names, python
from polycube_generator.problems import fail

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator

_MEMBERS = frozenset("add at create delete get patch property put set".split())  # noqa: SIM905
"""What the classes have for themselves, and the one word that their bodies need."""

_LITERALS = 64
"""An enumeration of more names than this is a plain text."""


@dataclass(frozen=True, slots=True)
class Record:
    """A ``TypedDict``: members are (name as a literal, annotation)."""

    name: str
    members: tuple[tuple[str, str], ...]


@dataclass(frozen=True, slots=True)
class Property:
    """A child of an object: ``type`` is what it is as an annotation, ``make`` what makes it."""

    name: str
    type: str
    make: str
    step: str
    doc: str


@dataclass(frozen=True, slots=True)
class Action:
    """A method that does an action; without ``input`` or ``output`` they are empty."""

    name: str
    step: str
    doc: str
    input: str
    output: str


@dataclass(frozen=True, slots=True)
class Notice:
    """A method that tells of a notification; ``record`` is what it tells."""

    name: str
    step: str
    doc: str
    record: str


@dataclass(frozen=True, slots=True)
class Class:
    """The class of an object, or of a list: then ``entry`` is the class of what is in it."""

    name: str
    base: str
    doc: str
    properties: tuple[Property, ...] = ()
    actions: tuple[Action, ...] = ()
    notices: tuple[Notice, ...] = ()
    keys: tuple[tuple[str, str], ...] = ()
    entry: str = ""


@dataclass(frozen=True, slots=True)
class Client:
    """The module of a service; records and classes in an order in which each knows the others."""

    service: ir.Service
    name: str
    records: tuple[Record, ...]
    classes: tuple[Class, ...]

    @property
    def typing(self) -> str:
        """The import of what annotations are made of."""
        texts = [annotation for record in self.records for _, annotation in record.members]
        used = {word for word in ("Any", "Literal") if any(word in text for text in texts)}
        return python.imports("typing", used | {"TypedDict"})

    @property
    def shared(self) -> str:
        """The import of what the classes derive from and are made of."""
        texts = [one.base for one in self.classes]
        texts += [property_.make for one in self.classes for property_ in one.properties]
        used = {text.partition("[")[0] for text in texts} & {"Entries", "Leaf", "Object", "State"}
        used |= {"Told"} if any(one.notices for one in self.classes) else set()
        return python.imports(".rest", used | {"Daemon", "State"})


def render(models: Iterable[ir.Service | ir.Module], package: str) -> emit.Files:
    """Return a package of clients; its folder is called ``package``.

    Raises:
        GeneratorError: the folder's name is no package's, or a model is no service.

    """
    if not package.isidentifier():
        raise fail(package, "cannot be imported; the folder's name must be a Python identifier")
    files = {
        "__init__.py": emit.client("__init__.py", header=emit.first_line("yang/")),
        "py.typed": f"# {emit.first_line('yang/')}\n",
        "rest.py": emit.client("rest.py", header=emit.first_line("yang/")),
    }
    for model in models:
        if isinstance(model, ir.Service):
            header = emit.first_line(model.source)
            text = emit.client("service.py", client=of(model), header=header)
            files[f"{_module(model.package)}.py"] = text
    return files


def _module(package: str) -> str:
    return f"{package}_" if package == "rest" else package


def of(service: ir.Service) -> Client:
    """Return the client of a service."""
    name = f"{_class(service.package)}Cube"
    record, properties, actions = _members(service.children)
    notices = _notices(service.children)
    cube = Class(name, f"Object[{name}Data]", service.description, properties, actions, notices)
    own = Record(f"{name}Data", (('"name"', "str"), *record))
    return Client(
        service,
        name,
        (*_records(service.children), own),
        (*_classes(service.children), cube),
    )


def _class(attr: str) -> str:
    """Return a class's name; words keep apart what begins with a digit, so that none meet."""
    parts = attr.strip("_").split("_")
    return "".join(f"_{part}" if part[:1].isdigit() else part.capitalize() for part in parts)


def annotation(type_: ir.Type) -> str:
    """Return the annotation of a type's JSON values in the Polycube dialect."""
    match ir.concrete(type_):
        case ir.Integer():
            return "int"
        case ir.Boolean():
            return "bool"
        case ir.Empty():
            return "list[None]"
        case ir.Enumeration(values=values) if len(values) <= _LITERALS:
            return f"Literal[{', '.join(python.quote(value.name) for value in values)}]"
        case ir.Union(members=members):
            found = dict.fromkeys(annotation(member) for member in members)
            texts = "str" in found
            return " | ".join(one for one in found if not (texts and one.startswith("Literal[")))
        case _:
            return "str"


def _value(node: ir.Node) -> str:
    """Return the annotation of a node's JSON value."""
    match node:
        case ir.Leaf():
            return annotation(node.type)
        case ir.LeafList():
            return f"list[{annotation(node.type)}]"
        case ir.List():
            return f"list[{_class(node.attr)}Data]"
        case ir.Container():
            return f"{_class(node.attr)}Data"
        case ir.AnyData(any_value=False):
            return "dict[str, Any]"
        case _:
            return "Any"


def _records(nodes: Iterable[ir.Node]) -> Iterator[Record]:
    for node in nodes:
        match node:
            case ir.Container() | ir.List() | ir.Notification():
                yield from _records(node.children)
                yield Record(f"{_class(node.attr)}Data", _members(node.children)[0])
            case ir.Action():
                yield from _records(side for side in (node.input, node.output) if side)


def _classes(nodes: Iterable[ir.Node]) -> Iterator[Class]:
    for node in nodes:
        if not isinstance(node, ir.Container | ir.List):
            continue
        yield from _classes(node.children)
        name, doc = _class(node.attr), node.description or f"/{node.path}"
        _, properties, actions = _members(node.children)
        kind = "Object" if node.config else "State"
        notices = _notices(node.children)
        yield Class(f"{name}Node", f"{kind}[{name}Data]", doc, properties, actions, notices)
        if isinstance(node, ir.List):
            keys = tuple((names.python_field(leaf.name), _value(leaf)) for leaf in node.key_leaves)
            base = f"Entries[{name}Data]" if node.config else f"State[list[{name}Data]]"
            yield Class(f"{name}List", base, doc, keys=keys, entry=f"{name}Node")


def _members(
    nodes: Iterable[ir.Node],
) -> tuple[tuple[tuple[str, str], ...], tuple[Property, ...], tuple[Action, ...]]:
    """Return what an object has: members of its JSON, properties and methods of its class."""
    record, properties, actions = [], [], []
    for node in nodes:
        match node:
            case ir.Action():
                actions.append(_action(node))
            case ir.Notification():
                continue
            case _:
                record.append((python.quote(node.name), _value(node)))
                properties.append(_property(node))
    return tuple(record), tuple(properties), tuple(actions)


def _notices(nodes: Iterable[ir.Node]) -> tuple[Notice, ...]:
    return tuple(
        Notice(
            _name(node),
            python.quote(node.name),
            node.description or f"/{node.path}",
            f"{_class(node.attr)}Data",
        )
        for node in nodes
        if isinstance(node, ir.Notification)
    )


def _property(node: ir.Node) -> Property:
    match node:
        case ir.Container():
            made = f"{_class(node.attr)}Node"
        case ir.List():
            made = f"{_class(node.attr)}List"
        case (
            ir.Leaf(config=True, key=False, init_only=False)
            | ir.LeafList(config=True, init_only=False)
            | ir.AnyData(config=True)
        ):
            made = f"Leaf[{_value(node)}]"
        case _:
            made = f"State[{_value(node)}]"
    doc = node.description or f"/{node.path}"
    return Property(_name(node), made, made.partition("[")[0], python.quote(node.name), doc)


def _name(node: ir.Node) -> str:
    field = names.python_field(node.name)
    return f"{field}_" if field in _MEMBERS else field


def _action(node: ir.Action) -> Action:
    return Action(
        _name(node),
        python.quote(node.name),
        node.description or f"/{node.path}",
        f"{_class(node.input.attr)}Data" if node.input else "",
        f"{_class(node.output.attr)}Data" if node.output else "",
    )
