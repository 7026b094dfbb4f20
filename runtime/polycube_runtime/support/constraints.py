"""Whether a whole document fulfils its model: ``when``, ``must``, ``unique``, and what refers.

Types and mandatory nodes are checked node by node, in ``validate``; this needs the document as a
whole. The conditions are functions that the generator has made of the model's XPath; the time is
linear in the document.
"""

from __future__ import annotations

from typing import TYPE_CHECKING, Any, NamedTuple

from polycube_runtime.support.errors import (
    DataMissing,
    InvalidValue,
    OperationFailed,
    PolycubeError,
    UnknownElement,
)
from polycube_runtime.support.paths import is_there, paths_in
from polycube_runtime.support.schema import (
    AnyData,
    Container,
    Leaf,
    LeafList,
    List,
    Notification,
    is_asked,
)
from polycube_runtime.support.types import Leafref, Union
from polycube_runtime.support.types.base import shown
from polycube_runtime.support.validate import Check, Mode, entry_path
from polycube_runtime.support.xpath import Tree, at

if TYPE_CHECKING:
    from collections.abc import Iterator

    from polycube_runtime.support.schema import Choice, Inner, Model, Node, Rule, Service
    from polycube_runtime.support.types import Type

Object = dict[str, Any]
Chain = tuple[Any, ...]
"""A node's value and those of all that it is in, the root last."""

_PASSES = 8
"""So often defaults may make conditions true that bring further defaults."""


class Where(NamedTuple):
    """A path that is written out only if somebody reads it."""

    parent: Where | str
    node: Node | None = None
    entry: Any = None

    def __str__(self) -> str:
        """Return the path."""
        if self.node is None:
            return str(self.parent)
        path = f"{self.parent}/{self.node.name}"
        if isinstance(self.node, List) and isinstance(self.entry, dict):
            return entry_path(path, self.node, self.entry)
        return path


def complete(
    model: Service | Model, document: Object, where: str, mode: Mode
) -> list[PolycubeError]:
    """Fill in the defaults of nodes that exist under conditions; return what is then missing."""
    for _ in range(_PASSES):
        walk = _Walk(model, document, mode)
        if not list(walk.fill(model, (document,), Where(where))):
            return walk.check.errors
    return walk.check.errors


def prune(model: Service | Model, document: Object, named: Object) -> None:
    """Take nodes out of ``document`` whose conditions do not hold, but for those in ``named``."""
    for _ in range(_PASSES):
        gone = list(_Walk(model, document, Mode.CREATE).ended(model, (document,), named))
        for owner, name in gone:
            del owner[name]
        if not gone:
            return


def check_side(
    side: Container | Notification, value: Object, above: Chain, where: str
) -> tuple[PolycubeError, ...]:
    """Return what is wrong with the input or output of an operation, or with a notification.

    Defaults under conditions are filled in. ``above`` begins with what the operation is on (RFC
    7950, section 6.4.1), and ends with the whole document.
    """
    chain, place = (value, *above), Where(where)
    for _ in range(_PASSES):
        walk = _Walk(side, above[-1], Mode.CREATE)
        if not list(walk.fill(side, chain, place)):
            break
    return (*walk.check.errors, *walk.instance(side, chain, place))


def is_checked(side: Container | None) -> bool:
    """Tell whether there is anything to check in an operation's input or output."""
    return side is not None and (bool(side.must or side.constrained) or is_asked(side))


def check(
    model: Service | Model, document: Object, where: str, mode: Mode = Mode.INSTANCE
) -> Iterator[PolycubeError]:
    """Yield every constraint that ``document``, complete and at ``where``, does not fulfil."""
    return _Walk(model, document, mode).inside(model, (document,), Where(where))


class _Walk:
    """A pass over a document that does not change; ``fill`` is over when it does."""

    def __init__(
        self, model: Service | Model | Container | Notification, document: Object, mode: Mode
    ) -> None:
        self.model = model
        self.mode = mode
        self.tree = Tree(document)
        self.check = Check(mode)

    def fill(self, node: Inner, chain: Chain, where: Where) -> Iterator[Node]:
        """Yield the nodes that were filled in, where their conditions hold."""
        value = chain[0]
        idle = Check(Mode.UPDATE).idle(node.choices, value, "") if node.choices else ()
        for choice in node.choices:
            if choice.asked:
                self.choose(choice, chain, where)
        for child in node.conditional:
            if child.name in value:
                if isinstance(child, Container | List):
                    for below, place in self.instances(child, value[child.name], chain, where):
                        yield from self.fill(child, below, place)
            elif child.name not in idle and self.may_exist(child, chain):
                yield from self.create(child, chain, Where(where, child))

    def choose(self, choice: Choice, chain: Chain, where: Where) -> None:
        """Note a choice, or one in the case that is chosen, that is due but not made."""
        given = [one for one in choice.cases if any(name in chain[0] for name in one.members)]
        due = choice.mandatory and choice.when and self.check.creating
        if due and not given and all(self.holds(rule, ("", *chain)) for rule in choice.when):
            self.check.unmade(choice, str(where))
        for case in given:
            for inner in case.choices:
                self.choose(inner, chain, where)

    def create(self, node: Node, chain: Chain, place: Where) -> Iterator[Node]:
        """Yield what was filled in for a node that was left out, and may exist."""
        value = chain[0]
        if isinstance(node, Leaf) and not node.mandatory:
            if node.default is not None and self.may_be_filled(node):
                value[node.name] = node.default
        elif getattr(node, "when", ()) and self.may_be_filled(node):
            known = self.check.knows(node)  # then nobody asks for the path
            self.check.absent(node, "" if known else str(place), value)
        if isinstance(node, Container) and not node.presence:
            inner: Object = value.get(node.name, {})
            yield from self.fill(node, (inner, *chain), place)
            if inner:
                value[node.name] = inner
        elif node.name in value:
            yield node

    def ended(self, node: Inner, chain: Chain, named: Object) -> Iterator[tuple[Object, str]]:
        """Yield the members below a node that may not be there any more, each with its object."""
        value = chain[0]
        for child in node.constrained:
            if child.name not in value:
                continue
            asked = named.get(child.name)
            if not self.may_exist(child, chain):
                if asked is None:
                    yield value, child.name
            elif isinstance(child, Container):
                yield from self.ended(child, (value[child.name], *chain), asked or {})
            elif isinstance(child, List):
                keys = child.keys
                known = {tuple(one.get(key) for key in keys): one for one in asked or ()}
                for entry in value[child.name]:
                    inner = known.get(tuple(entry.get(key) for key in keys), {})
                    yield from self.ended(child, (entry, *chain), inner)

    def inside(self, node: Inner, chain: Chain, where: Where) -> Iterator[PolycubeError]:
        """Yield what is wrong below a node."""
        value = chain[0]
        for child in node.constrained:
            if child.name in value:
                yield from self.node(child, value[child.name], chain, where)
            elif isinstance(child, Container) and not child.presence and child.implied:
                # It exists without being written, and so do its constraints (RFC 7950, 7.5.3).
                idle = Check(Mode.UPDATE).idle(node.choices, value, "") if node.choices else ()
                relevant = child.config or self.mode is Mode.INSTANCE
                if relevant and child.name not in idle and self.may_exist(child, chain):
                    yield from self.instance(child, ({}, *chain), Where(where, child))

    def node(self, node: Node, value: Any, chain: Chain, where: Where) -> Iterator[PolycubeError]:
        if isinstance(node, List):
            for group in node.unique:
                yield from self.unique(node, group, value, Where(where, node))
        dummy = (_dummy(node), *chain)
        for below, place in self.instances(node, value, chain, where):
            for rule in getattr(node, "when", ()):
                if not self.holds(rule, dummy):
                    yield _failure(rule, place, f"may be there only when {rule.text}", "")
            yield from self.instance(node, below, place)

    def instances(
        self, node: Node, value: Any, chain: Chain, where: Where
    ) -> Iterator[tuple[Chain, Where]]:
        """Yield the instances of a node: entries of lists and leaf-lists one by one."""
        if isinstance(node, List | LeafList):
            for item in value:
                yield (item, *chain), Where(where, node, item)
        else:
            yield (value, *chain), Where(where, node)

    def instance(self, node: Node, chain: Chain, where: Where) -> Iterator[PolycubeError]:
        for rule in getattr(node, "must", ()):
            if not self.holds(rule, chain):
                yield _failure(rule, where, f"must fulfil {rule.text}", "must-violation")
        if isinstance(node, Container | List | Notification):
            yield from self.inside(node, chain, where)
        elif isinstance(node, Leaf | LeafList):
            yield from self.references(node, chain, where)

    def references(
        self, node: Leaf | LeafList, chain: Chain, where: Where
    ) -> Iterator[PolycubeError]:
        value = chain[0]
        if node.exists is not None and not node.exists(self.tree, *chain):  # noqa: SIM102
            if not (isinstance(node.type, Union) and _is_free(node.type, value)):
                message = f"{shown(value)} refers to nothing; expected {node.type.expected}"
                yield DataMissing(message, str(where), "instance-required")
        for path in paths_in(node.type, value):
            if isinstance(self.model, Container | Notification):
                continue  # what such a path leads to is in a datastore, not in an operation
            if not is_there(self.model, self.tree.root, path):
                message = f"there is nothing at {shown(path)}"
                yield DataMissing(message, str(where), "instance-required")

    def unique(
        self, node: List, group: tuple[str, ...], entries: list[Object], where: Where
    ) -> Iterator[PolycubeError]:
        """Yield the entries that have the same values as one before them."""
        seen: set[str] = set()
        paths = [path.split("/") for path in group]
        for entry in entries:
            values = [at(entry, *path) for path in paths]
            if None in values:
                continue
            written = repr(values)
            if written in seen:
                given = ", ".join(
                    f"{name} {shown(value)}" for name, value in zip(group, values, strict=True)
                )
                message = f"has the same {given} as another entry; they are unique"
                yield OperationFailed(
                    message, entry_path(str(where), node, entry), "data-not-unique"
                )
            seen.add(written)

    def may_be_filled(self, node: Node) -> bool:
        """Tell whether this is data that a document of this mode has."""
        return getattr(node, "config", True) or self.mode is Mode.INSTANCE

    def may_exist(self, node: Node, chain: Chain) -> bool:
        """Tell whether a node may be in the object that ``chain`` begins with."""
        rules: tuple[Rule, ...] = getattr(node, "when", ())
        return not rules or all(self.holds(rule, (_dummy(node), *chain)) for rule in rules)

    def holds(self, rule: Rule, chain: Chain) -> bool:
        return rule.holds(self.tree, *(chain[1:] if rule.above else chain))


def _dummy(node: Node) -> object:
    """Return what a ``when`` is about: a node of the name, without value and without children.

    RFC 7950, section 7.21.5, has it take the place of the node itself.
    """
    return "" if isinstance(node, Leaf | LeafList | AnyData) else {}


def _failure(rule: Rule, where: Where, problem: str, tag: str) -> PolycubeError:
    if not tag:
        return UnknownElement(rule.message or problem, str(where), rule.tag)
    return OperationFailed(rule.message or problem, str(where), rule.tag or tag)


def _is_free(union: Union, value: object) -> bool:
    """Tell whether a member that refers to nothing accepts a value."""
    return any(_accepts(member, value) for member in union.members if not _refers(member))


def _refers(type_: Type) -> bool:
    return isinstance(type_, Leafref) and type_.required


def _accepts(type_: Type, value: object) -> bool:
    if isinstance(type_, Union):
        return _is_free(type_, value)
    try:
        return type_.validate(value, "") == value
    except InvalidValue:
        return False
