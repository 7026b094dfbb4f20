"""What templates show of a model that is no service: metadata and classes, each thing once.

Groupings and types that are used in many places are one constant and one class, found by their
being equal. They are named after the place where they come first, by as little of its path as is
needed to tell them apart.
"""

from __future__ import annotations

import itertools
import re
from dataclasses import dataclass, field, replace
from typing import TYPE_CHECKING, TypeAlias

from polycube_generator import ir, names, python, views
from polycube_generator.python import Call, Code, Text, call, render

if TYPE_CHECKING:
    from collections.abc import Iterator

Inner: TypeAlias = ir.Container | ir.List | ir.Notification
_WORTH = 40
"""From so many characters on, a type that is used twice has a name."""


@dataclass(frozen=True, slots=True)
class Class:
    """A class of models.py."""

    name: str
    description: str
    lines: tuple[str, ...]

    @property
    def head(self) -> str:
        """Its first line, or lines if the name is long."""
        arguments = 'Struct, kw_only=True, rename="kebab"'
        line = f"class {self.name}({arguments}):"
        return line if len(line) <= python.WIDTH else f"class {self.name}(\n    {arguments}\n):"


@dataclass(slots=True)
class Package:
    """The generated code of a module, in pieces."""

    module: ir.Module
    enums: dict[str, ir.Enumeration] = field(default_factory=dict)
    constants: dict[str, Code] = field(default_factory=dict)
    classes: list[Class] = field(default_factory=list)
    _types: dict[str, str] = field(default_factory=dict)
    _nodes: dict[str, str] = field(default_factory=dict)
    _known: dict[tuple[object, ...], str] = field(default_factory=dict)
    _taken: set[str] = field(default_factory=set)

    @classmethod
    def of(cls, module: ir.Module) -> Package:
        """Return the package of a module."""
        package = cls(module)
        package._name_types()
        package._taken |= package.enums.keys()
        model = package._model()
        package._name_leaves()
        package.constants["MODEL"] = model
        root = ir.Container(
            module.name,
            path="",
            attr="",
            field="",
            place=_NOWHERE,
            description=module.description or f"Data of {module.name}",
            children=module.children,
        )
        package._class(root, (module.name,))
        return package

    # Metadata

    def _name_types(self) -> None:
        """Give names to types that are long and used more than once, and find enumerations."""
        count: dict[str, int] = {}
        first: dict[str, tuple[str, Call]] = {}
        for leaf in _leaves(self.module.children):
            self.enums |= {enum.class_name: enum for enum in ir.enumerations(leaf.type)}
            _count_types(leaf.name, views.type_(leaf.type), count, first)
        for text, (name, code) in first.items():
            if count[text] > 1 and len(text) > _WORTH:
                constant = self._free(f"{names.constant(name)}_TYPE", self.constants)
                self.constants[constant] = self._typed(code, inside=True)
                self._types[text] = constant

    def _typed(self, code: Code, *, inside: bool = False) -> Code:
        """Return a type, and those in it, by name if they have one; only those ``inside`` it."""
        if not inside and (name := self._types.get(python.flat(code))):
            return name
        match code:
            case Call(head=head, arguments=arguments) if head in _NESTED:
                return Call(head, tuple((name, self._typed(item)) for name, item in arguments))
            case python.Sequence(items=items):
                return python.Sequence(tuple(map(self._typed, items)))
            case _:
                return code

    def _name_leaves(self) -> None:
        """Give names to leaves that are long and in more than one object."""
        count: dict[str, int] = {}
        first: dict[str, Call] = {}
        for leaf in self._leaf_codes():
            text = python.flat(leaf)
            count[text] = count.get(text, 0) + 1
            first.setdefault(text, leaf)
        named: dict[str, str] = {}
        types = len(self._types)
        before = dict(list(self.constants.items())[:types])
        after = dict(list(self.constants.items())[types:])
        for text, code in first.items():
            if count[text] > 1 and len(text) > 2 * _WORTH:
                name = code.arguments[0][1]
                assert isinstance(name, Text)  # noqa: S101 (a leaf begins with its name)
                taken = before | after
                named[text] = self._free(f"{names.constant(name.value)}_LEAF", taken)
                before[named[text]] = code
        self.constants = before | {name: _renamed(code, named) for name, code in after.items()}

    def _leaf_codes(self) -> Iterator[Call]:
        for code in self.constants.values():
            for child in _children(code):
                if isinstance(child, Call) and child.head in {"Leaf", "LeafList"}:
                    yield child

    def _model(self) -> Code:
        module = self.module
        children = tuple(self._node(child, (child.name,)) for child in module.children)
        return call(
            "Model",
            Text(module.name),
            namespace=Text(module.namespace),
            revision=Text(module.revision),
            description=Text(module.description),
            children=python.Sequence(children),
            **views.choices(module.choices),
        )

    def _node(self, node: ir.Node, path: tuple[str, ...], *, state: bool = False) -> Code:
        """Return the expression for a node; objects are constants of their own.

        In ``state`` all is state, and need not say so.
        """
        if state and not isinstance(node, ir.Action | ir.Notification):
            node = replace(node, config=True)
        match node:
            case ir.Leaf() | ir.LeafList():
                code = views.plain(node)
                assert isinstance(code, Call)  # noqa: S101 (plain makes calls)
                return self._shortened(code)
            case ir.Container() | ir.List() | ir.Notification():
                inner = state or not (node.config or isinstance(node, ir.Notification))
                children = tuple(
                    self._node(child, (*path, child.name), state=inner) for child in node.children
                )
                code = views.plain(replace(node, children=()))
                assert isinstance(code, Call)  # noqa: S101
                at = 2 if isinstance(node, ir.List) else 1
                arguments = list(code.arguments)
                arguments[at] = ("", python.Sequence(children))
                return self._constant(Call(code.head, tuple(arguments)), path)
            case ir.Action():
                sides = {"input": node.input, "output": node.output}
                named = {
                    name: self._node(side, (*path, name)) for name, side in sides.items() if side
                }
                code = views.plain(replace(node, input=None, output=None))
                assert isinstance(code, Call)  # noqa: S101
                return self._constant(Call(code.head, (*code.arguments, *named.items())), path)
            case _:
                return views.plain(node)

    def _shortened(self, code: Call) -> Call:
        """Return a leaf with its type by name, and without what only services need."""
        is_key = ("key", "True") in code.arguments
        arguments = [
            (name, self._typed(item) if place == 1 else item)
            for place, (name, item) in enumerate(code.arguments)
            if name != "model" and not (name == "mandatory" and is_key)
        ]
        return Call(code.head, tuple(arguments))

    def _constant(self, code: Code, path: tuple[str, ...]) -> Code:
        text = python.flat(code)
        if text not in self._nodes:
            candidates = (
                "_".join(names.constant(step) for step in path[-count:])
                for count in range(min(2, len(path)), len(path) + 1)
            )
            name = next(
                (one for one in candidates if one not in self.constants and one not in _RESERVED),
                "",
            )
            name = name or self._free("_".join(map(names.constant, path)), self.constants)
            self._nodes[text] = name
            self.constants[name] = code
        return self._nodes[text]

    @staticmethod
    def _free(name: str, taken: dict[str, Code]) -> str:
        found, count = name, 1
        while found in taken or found in _RESERVED:
            count += 1
            found = f"{name}_{count}"
        return found

    # Classes

    def _class(self, node: Inner, path: tuple[str, ...]) -> str:
        """Return the name of the class of an object; classes that others use come first."""
        lines: list[str] = []
        seen: set[str] = set()
        for child in node.children:
            inner = (*path, child.name)
            match child:
                case ir.Container() | ir.List():
                    made: ir.Node = replace(child, model=self._class(child, inner))
                case ir.Notification():
                    self._class(child, inner)
                    continue
                case ir.Action():
                    for side in filter(None, (child.input, child.output)):
                        verb = "takes" if side is child.input else "returns"
                        about = side.description or f"What {child.name} {verb}"
                        self._class(replace(side, description=about), (*inner, side.name))
                    continue
                case ir.Leaf() | ir.AnyData() if node.config and not child.config:
                    # A document of the configuration alone is one, too.
                    made = replace(child, mandatory=False)
                case _:
                    made = child
            made = replace(made, field=_unused(made.field, seen))
            lines.append(views.attribute(made))
        key = (node.place, *lines)  # what is alike by chance has another meaning
        if key not in self._known:
            self._known[key] = self._class_name(path)
            about = node.description or node.name
            self.classes.append(Class(self._known[key], about, tuple(lines)))
        return self._known[key]

    def _class_name(self, path: tuple[str, ...]) -> str:
        whole = names.python_class(*path)
        counts = range(min(2, len(path)), len(path) + 1)
        candidates = itertools.chain(
            (names.python_class(*path[-steps:]) for steps in counts),
            (f"{whole}{number}" for number in itertools.count(2)),
        )
        name = next(one for one in candidates if one not in self._taken)
        self._taken.add(name)
        return name


_PLACES = {"Container": 1, "Notification": 1, "List": 2}
"""Which argument the children of an object are."""


def _children(code: Code) -> tuple[Code, ...]:
    """Return the expressions of what is in an object."""
    if not isinstance(code, Call):
        return ()
    place = _PLACES.get(code.head)
    if place is None or not isinstance(found := code.arguments[place][1], python.Sequence):
        return ()
    return found.items


def _count_types(
    name: str, code: Code, count: dict[str, int], first: dict[str, tuple[str, Call]]
) -> None:
    """Count a type of leaf ``name`` and the types in it, those of each distinct type once."""
    match code:
        case Call():
            text = python.flat(code)
            count[text] = count.get(text, 0) + 1
            if text not in first:
                if code.head in _NESTED:
                    for _, item in code.arguments:
                        _count_types(name, item, count, first)
                first[text] = (name, code)
        case python.Sequence(items=items):
            for item in items:
                _count_types(name, item, count, first)


def _renamed(code: Code, named: dict[str, str]) -> Code:
    """Return an object with its leaves by name, where they have one."""
    if not _children(code) or not isinstance(code, Call):
        return code
    children = tuple(named.get(python.flat(child), child) for child in _children(code))
    place = _PLACES[code.head]
    arguments = list(code.arguments)
    arguments[place] = ("", python.Sequence(children))
    return Call(code.head, tuple(arguments))


_NESTED = frozenset({"Leafref", "Union"})
"""The types that others are in."""

_NOWHERE = views.NOWHERE
_RESERVED = frozenset({"MODEL", *(name for name in views.TYPES.split() if name.isupper())})
"""Constants that nodes.py has or imports."""


def nodes_source(package: Package) -> str:
    """Return the constants of nodes.py."""
    return "\n".join(
        f"{name} = {render(code, 0, len(name) + 3)}" for name, code in package.constants.items()
    )


def model_nodes_imports(package: Package) -> str:
    """Return the imports of nodes.py."""
    source = " ".join(_code_words(package))
    runtime = [
        python.imports("polycube_runtime.support.schema", views.used(source, views.SCHEMA)),
        python.imports("polycube_runtime.support.types", views.used(source, views.TYPES)),
    ]
    decimal = ["from decimal import Decimal"] if "Decimal(" in source else []
    own = ["from . import rules" if re.search(r"\brules\.", source) else ""]
    return python.import_block(decimal, runtime, own)


def model_models_imports(package: Package) -> str:
    """Return the imports of models.py."""
    source = "\n".join(line for one in package.classes for line in one.lines)
    standard = ["from decimal import Decimal" if views.used(source, "Decimal") else ""]
    standard.append("from enum import StrEnum" if package.enums else "")
    found = views.used(source, "UNSET UnsetType field") | {"Struct"}
    future = ["from __future__ import annotations"]
    return python.import_block(future, standard, [python.imports("msgspec", found)])


def _code_words(package: Package) -> Iterator[str]:
    for code in package.constants.values():
        yield from _heads(code)


def _heads(code: Code) -> Iterator[str]:
    """Yield the source in an expression that is not text of the model."""
    match code:
        case str():
            yield code
        case Call(head=head, arguments=arguments):
            yield f"{head}("
            for _, item in arguments:
                yield from _heads(item)
        case python.Sequence(items=items):
            for item in items:
                yield from _heads(item)


def _leaves(nodes: tuple[ir.Node, ...]) -> Iterator[ir.Leaf | ir.LeafList]:
    for node in nodes:
        match node:
            case ir.Leaf() | ir.LeafList():
                yield node
            case ir.Container() | ir.List() | ir.Notification():
                yield from _leaves(node.children)
            case ir.Action():
                yield from _leaves(tuple(side for side in (node.input, node.output) if side))


def _unused(name: str, seen: set[str]) -> str:
    found, count = name, 1
    while found in seen:
        count += 1
        found = f"{name}_{count}"
    seen.add(found)
    return found
