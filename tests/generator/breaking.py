"""Break a valid document of any model, one constraint at a time, by what its IR says.

What is broken here is wrong whatever else the model has: a mutant is never valid for a reason that
this does not see.
"""

from __future__ import annotations

import copy
from dataclasses import dataclass
from decimal import Decimal
from typing import TYPE_CHECKING, Any, TypeAlias

from polycube_generator import ir

if TYPE_CHECKING:
    from collections.abc import Iterator

Steps: TypeAlias = tuple[str | int, ...]
"""The way to a value in a document: members and indexes."""

Inner: TypeAlias = ir.Module | ir.Container | ir.List

_LONG = 32
"""Numbers of more bits are text in JSON."""


@dataclass(frozen=True, slots=True)
class Mutant:
    """A document that breaks one constraint: which, and the error's application tag if it has one.

    ``path`` is that of the object or value that was broken.
    """

    document: dict[str, Any]
    kind: str
    path: str
    tag: str = ""


def mutants(module: ir.Module, document: dict[str, Any]) -> Iterator[Mutant]:
    """Yield everything that breaks one constraint of a valid document of a module."""
    yield from _Breaking(document).inside(module, document, (), "", module.name)


class _Breaking:
    """Walks over a document with its model."""

    def __init__(self, document: dict[str, Any]) -> None:
        self.document = document

    def inside(
        self, node: Inner, value: dict[str, Any], steps: Steps, path: str, module: str
    ) -> Iterator[Mutant]:
        """Yield mutants in which an object, or something below it, is broken."""
        yield self.changed("unknown member", (*steps, "t:no-such"), path, 1)
        for child in node.children:
            home = child.module or module
            name = f"{home}:{child.name.rpartition(':')[2]}" if child.module else child.name
            if isinstance(node, ir.Module):
                name = f"{home}:{child.name.rpartition(':')[2]}"
            if name in value:
                # The keys of entries are not known here, and of cases the object above may be told.
                exact = path.count("/") == len(steps) and not child.conditional
                here = f"{path}/{child.name}" if exact else path
                yield from self.member(child, value[name], (*steps, name), here, home)
                if not (isinstance(node, ir.Container) and _may_go(node)):
                    yield from self.removed(child, (*steps, name), path)

    def member(
        self, node: ir.Node, value: Any, steps: Steps, path: str, module: str
    ) -> Iterator[Mutant]:
        """Yield mutants of a member that is there, and of what is in it."""
        match node:
            case ir.Leaf():
                for wrong in bad(node.type):
                    yield self.changed(f"type: {wrong!r}", steps, path, wrong)
            case ir.LeafList():
                yield self.changed("a value for a leaf-list", steps, path, 7)
                for wrong in bad(node.type)[:4]:
                    yield self.changed(f"type: {wrong!r}", steps, path, [*value, wrong])
                if node.config and value:
                    yield self.changed("a value twice", steps, path, [*value, value[0]])
                if node.max_elements and value and not node.config:
                    many = value[:1] * (node.max_elements + 1)
                    yield self.changed("too many values", steps, path, many)
            case ir.Container():
                yield self.changed("an array for an object", steps, path, [value])
                yield self.changed("null for an object", steps, path, None)
                yield from self.inside(node, value, steps, path, module)
            case ir.List():
                yield from self.entries(node, value, steps, path, module)

    def entries(
        self, node: ir.List, value: list[Any], steps: Steps, path: str, module: str
    ) -> Iterator[Mutant]:
        """Yield mutants of a list and of its entries."""
        yield self.changed("an entry that is no object", steps, path, [*value, 5])
        if not value:
            return
        yield self.changed("an object for a list", steps, path, value[0])
        if node.keys:
            yield self.changed("an entry twice", steps, path, [*value, value[0]])
        elif node.max_elements:
            yield self.changed("too many", steps, path, value[:1] * (node.max_elements + 1))
        for index, entry in enumerate(value):
            yield from self.inside(node, entry, (*steps, index), path, module)

    def removed(self, node: ir.Node, steps: Steps, path: str) -> Iterator[Mutant]:
        """Yield a document without a member that must be there."""
        needed = isinstance(node, ir.Leaf) and (node.key or node.mandatory)
        if needed and not node.conditional:
            mutant = copy.deepcopy(self.document)
            del _at(mutant, steps[:-1])[steps[-1]]
            yield Mutant(mutant, f"without {node.name}", path)

    def changed(self, kind: str, steps: Steps, path: str, value: Any) -> Mutant:
        """Return the document with another value in one place."""
        mutant = copy.deepcopy(self.document)
        _at(mutant, steps[:-1])[steps[-1]] = value
        return Mutant(mutant, kind, path)


def _may_go(node: ir.Container) -> bool:
    """Tell whether a container may be absent: without what is in it, it is (RFC 7950, 7.5.1)."""
    return node.conditional and not node.presence


def _at(document: Any, steps: Steps) -> Any:
    for step in steps:
        document = document[step]
    return document


def bad(type_: ir.Type) -> list[Any]:  # noqa: C901, PLR0912 (by type)
    """Return values that a type refuses."""
    match type_:
        case ir.Integer(bits=bits, ranges=ranges):
            edges = [ranges[0][0] - 1, ranges[-1][1] + 1]
            edges += [high + 1 for _, high in ranges[:-1]] + [low - 1 for low, _ in ranges[1:]]
            if bits > _LONG:
                return [*map(str, edges), 10, "1.0", "x", True, None]
            return [*edges, str(ranges[0][0]), 1.5, "x", True, None]
        case ir.Decimal64(fraction_digits=digits, ranges=ranges):
            step = Decimal(1).scaleb(-digits)
            outside = [Decimal(ranges[0][0]) - step, Decimal(ranges[-1][1]) + step]
            return [*(f"{one:f}" for one in outside), "1.0.0", "x", "", 1.5, None]
        case ir.String(lengths=lengths):
            short = [] if not lengths or lengths[0][0] == 0 else ["x" * (lengths[0][0] - 1)]
            long = ["x" * (lengths[-1][1] + 1)] if lengths and lengths[-1][1] < 1000 else []
            return [*short, *long, 7, True, None, ["ab"], {"a": 1}]
        case ir.Binary():
            return ["AA=", "*", 1, True]
        case ir.Bits(names=names):
            return ["no-such", f"{names[0]} no-such", 1, None]
        case ir.Enumeration(values=values):
            return ["no-such", "", 1, f"{values[0].name} ", None]
        case ir.Boolean():
            return ["true", 1, None]
        case ir.Identityref(values=values):
            return ["no-such", f"no-such:{values[0].partition(':')[2]}", "", 1]
        case ir.InstanceIdentifier():
            return ["", "no-such", "/no-such", "/t:no such", 1]
        case ir.Leafref(target=target):
            return bad(target)
        case ir.Union():
            return [{"a": 1}, [[1]]]
        case _:
            return [None, True, "", []]
