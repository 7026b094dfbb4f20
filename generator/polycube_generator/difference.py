"""What a new version of a model means to clients of the old one (RFC 7950, section 11).

``BREAKING`` is what a client that was right may stumble over, ``DATA_PLANE`` a map that C code sees
in another shape, ``COMPATIBLE`` all else.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from polycube_generator import carrying, described, ir, narrowing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from polycube_generator.problems import Place

BREAKING, DATA_PLANE, COMPATIBLE = "breaking", "data-plane", "compatible"
LEVELS = (BREAKING, DATA_PLANE, COMPATIBLE)

Model = ir.Service | ir.Module
Parent = ir.Container | ir.List | ir.Action | ir.Notification | None
Data = ir.Leaf | ir.LeafList


@dataclass(frozen=True, slots=True)
class Finding:
    """One difference; ``place`` is in the new model, or where the old one had what is gone."""

    level: str
    model: str
    path: str
    message: str
    place: Place


def compare(old: Sequence[Model], new: Sequence[Model]) -> list[Finding]:
    """Return every difference, those that break first, in the order of models and nodes."""
    before, after = _by_name(old), _by_name(new)
    found: list[Finding] = []
    for name in sorted(before.keys() | after.keys()):
        if name in before and name in after:
            found += _models(before[name], after[name])
        else:
            model = before.get(name) or after[name]
            gone = name in before
            level = BREAKING if gone else COMPATIBLE
            text = f"{_kind(model)} {name} is {'gone' if gone else 'new'}"
            found.append(Finding(level, name, "", text, _first_place(model)))
    return sorted(found, key=lambda finding: LEVELS.index(finding.level))


def _by_name(models: Sequence[Model]) -> dict[str, Model]:
    return {model.name: model for model in models}


def _kind(model: Model) -> str:
    return "service" if isinstance(model, ir.Service) else "module"


def _namespace(model: Model) -> str:
    """Return what RESTCONF and others tell a module by; a service is told by its name."""
    return model.namespace if isinstance(model, ir.Module) else ""


def _first_place(model: Model) -> Place:
    from polycube_generator.problems import Place  # noqa: PLC0415

    return Place(model.source)


def _models(old: Model, new: Model) -> Iterator[Finding]:
    walk = _Walk(old.name)
    place = _first_place(new)
    if _kind(old) != _kind(new):
        yield Finding(BREAKING, old.name, "", f"is a {_kind(new)}, was a {_kind(old)}", place)
    elif isinstance(old, ir.Service) and isinstance(new, ir.Service) and old.kind != new.kind:
        message = f"is a {new.kind} service, was a {old.kind} one"
        yield Finding(BREAKING, old.name, "", message, place)
    elif _namespace(old) != _namespace(new):
        message = f"namespace is {_namespace(new)}, was {_namespace(old)}"
        yield Finding(BREAKING, old.name, "", message, place)
    yield from walk.children(old.children, new.children, place, there=True)
    yield from walk.choices(old.choices, new.choices, place, "")
    if isinstance(old, ir.Service) and isinstance(new, ir.Service):
        yield from _metrics(old, new)
        yield from _maps(old, new)


@dataclass(frozen=True, slots=True)
class _Walk:
    model: str

    def finding(self, level: str, node: ir.Node, message: str) -> Finding:
        return Finding(level, self.model, f"/{node.path}", message, node.place)

    def children(
        self, old: Iterable[ir.Node], new: Iterable[ir.Node], _: Place, *, there: bool
    ) -> Iterator[Finding]:
        """Compare what is in a node; ``there`` says that a client may have its parent already."""
        before = {node.name: node for node in old}
        after = {node.name: node for node in new}
        for name, node in before.items():
            if name not in after:
                yield self.finding(BREAKING, node, "is gone")
            elif type(node) is not type(after[name]):
                kinds = f"is a {_word(after[name])}, was a {_word(node)}"
                yield self.finding(BREAKING, after[name], kinds)
            else:
                yield from self.node(node, after[name])
        for name, node in after.items():
            if name not in before:
                needed = there and node.config and _is_mandatory(node)
                more = ", and mandatory: what was complete is not any more" if needed else ""
                yield self.finding(BREAKING if needed else COMPATIBLE, node, f"is new{more}")

    def node(self, old: ir.Node, new: ir.Node) -> Iterator[Finding]:
        yield from self.common(old, new)
        match old, new:
            case ir.Leaf() | ir.LeafList(), ir.Leaf() | ir.LeafList():
                yield from self.value(old, new)
            case ir.Container(), ir.Container():
                if old.presence != new.presence:
                    words = "means something by itself" if new.presence else "is there always"
                    yield self.finding(BREAKING, new, f"{words} (presence), unlike before")
                yield from self.inside(old, new)
            case ir.List(), ir.List():
                yield from self.list(old, new)
            case ir.Action(), ir.Action():
                yield from self.action(old, new)
            case ir.Notification(), ir.Notification():
                yield from self.inside(old, new)

    def inside(
        self,
        old: ir.Container | ir.List | ir.Notification,
        new: ir.Container | ir.List | ir.Notification,
    ) -> Iterator[Finding]:
        yield from self.children(old.children, new.children, new.place, there=True)
        yield from self.choices(old.choices, new.choices, new.place, f"/{new.path}")

    def common(self, old: ir.Node, new: ir.Node) -> Iterator[Finding]:
        if old.config and not new.config:
            yield self.finding(BREAKING, new, "is state now, which cannot be written")
        elif new.config and not old.config:
            needed = _is_mandatory(new)
            yield self.finding(
                BREAKING if needed else COMPATIBLE, new, "is configuration now, was state"
            )
        elif old.init_only != new.init_only:
            level = BREAKING if new.init_only else COMPATIBLE
            when = "only when it is created" if new.init_only else "at any time"
            yield self.finding(level, new, f"can be set {when}, unlike before")
        for word in ("when", "must"):
            before = {rule.text for rule in getattr(old, word)}
            after = {rule.text for rule in getattr(new, word)}
            for text in sorted(after - before):
                yield self.finding(BREAKING, new, f"{word} {text!r} is new")
            for text in sorted(before - after):
                yield self.finding(COMPATIBLE, new, f"{word} {text!r} is gone")

    def value(self, old: Data, new: Data) -> Iterator[Finding]:
        for breaks, message in narrowing.changes(old.type, new.type):
            yield self.finding(BREAKING if breaks else COMPATIBLE, new, message)
        yield from self.default(old, new)
        if old.units and old.units != new.units:
            yield self.finding(BREAKING, new, f"is in {new.units or 'no units'}, was {old.units}")
        elif old.units != new.units:
            yield self.finding(COMPATIBLE, new, f"units {new.units} are said")
        if isinstance(old, ir.Leaf) and isinstance(new, ir.Leaf):
            if new.mandatory != old.mandatory and not (old.key or new.key):
                level = BREAKING if new.mandatory else COMPATIBLE
                words = "mandatory" if new.mandatory else "no longer mandatory"
                yield self.finding(level, new, f"is {words}")
        elif isinstance(old, ir.LeafList) and isinstance(new, ir.LeafList):
            yield from self.counts(old, new)

    def default(self, old: Data, new: Data) -> Iterator[Finding]:
        nothing = (None, ())
        if old.default == new.default:
            return
        if old.default in nothing:
            message = f"default {described.shown(new.default)} is new"
            yield self.finding(COMPATIBLE, new, message)
        elif new.default in nothing:
            message = f"default {described.shown(old.default)} is gone"
            yield self.finding(BREAKING, new, message)
        else:
            texts = f"{described.shown(new.default)}, was {described.shown(old.default)}"
            yield self.finding(BREAKING, new, f"default is {texts}")

    def list(self, old: ir.List, new: ir.List) -> Iterator[Finding]:
        if old.keys != new.keys:
            keys = f"key is {' '.join(new.keys) or 'none'}, was {' '.join(old.keys) or 'none'}"
            yield self.finding(BREAKING, new, f"{keys}: its URLs are others")
        for leaves in new.unique:
            if leaves not in old.unique:
                yield self.finding(BREAKING, new, f"unique {' '.join(leaves)!r} is new")
        for leaves in old.unique:
            if leaves not in new.unique:
                yield self.finding(COMPATIBLE, new, f"unique {' '.join(leaves)!r} is gone")
        yield from self.counts(old, new)
        yield from self.inside(old, new)

    def counts(self, old: ir.List | ir.LeafList, new: ir.List | ir.LeafList) -> Iterator[Finding]:
        if old.min_elements != new.min_elements:
            level = BREAKING if new.min_elements > old.min_elements else COMPATIBLE
            message = f"min-elements is {new.min_elements}, was {old.min_elements}"
            yield self.finding(level, new, message)
        if old.max_elements != new.max_elements:
            fewer = new.max_elements and not 0 < old.max_elements < new.max_elements
            message = f"max-elements is {_most(new)}, was {_most(old)}"
            yield self.finding(BREAKING if fewer else COMPATIBLE, new, message)
        if old.ordered_by_user != new.ordered_by_user:
            who = "user" if new.ordered_by_user else "system"
            yield self.finding(BREAKING, new, f"is ordered by the {who}, unlike before")

    def action(self, old: ir.Action, new: ir.Action) -> Iterator[Finding]:
        for before, after in ((old.input, new.input), (old.output, new.output)):
            given = after is new.input
            yield from self.children(
                before.children if before else (),
                after.children if after else (),
                new.place,
                there=given,
            )

    def choices(
        self, old: tuple[ir.Choice, ...], new: tuple[ir.Choice, ...], place: Place, path: str
    ) -> Iterator[Finding]:
        """Compare choices by name; nodes that moved into one exclude each other now."""
        before = {choice.name: choice for choice in old}
        for choice in new:
            other = before.get(choice.name)
            if other is None:
                kept = {name for case in choice.cases for name in case.members}
                message = f"choice {choice.name} is new, among {', '.join(sorted(kept))}"
                yield Finding(BREAKING, self.model, path, message, place)
                continue
            if choice.mandatory and not other.mandatory:
                message = f"choice {choice.name} is mandatory"
                yield Finding(BREAKING, self.model, path, message, place)
            if choice.default != other.default and other.default:
                message = f"choice {choice.name}: default is {choice.default or 'gone'}"
                yield Finding(BREAKING, self.model, path, message, place)


def _most(node: ir.List | ir.LeafList) -> str:
    return str(node.max_elements or "unbounded")


def _word(node: ir.Node) -> str:
    return {"LeafList": "leaf-list"}.get(type(node).__name__, type(node).__name__.lower())


def _is_mandatory(node: ir.Node) -> bool:
    """Tell whether a parent without this node is incomplete (RFC 7950, section 3)."""
    match node:
        case ir.Leaf() | ir.AnyData():
            return node.mandatory and not node.when
        case ir.LeafList() | ir.List():
            return node.min_elements > 0 and not node.when
        case ir.Container():
            inner = any(_is_mandatory(child) for child in node.children if child.config)
            return not node.presence and not node.when and inner
        case _:
            return False


def _metrics(old: ir.Service, new: ir.Service) -> Iterator[Finding]:
    before = {metric.name: metric for metric in old.metrics}
    after = {metric.name: metric for metric in new.metrics}
    for name, metric in before.items():
        if name not in after:
            yield Finding(BREAKING, old.name, "", f"metric {name} is gone", metric.place)
        elif after[name].kind != metric.kind:
            kinds = f"{after[name].kind.lower()}, was {metric.kind.lower()}"
            message = f"metric {name} is a {kinds}"
            yield Finding(BREAKING, old.name, "", message, after[name].place)
    for name, metric in after.items():
        if name not in before:
            yield Finding(COMPATIBLE, old.name, "", f"metric {name} is new", metric.place)


def _maps(old: ir.Service, new: ir.Service) -> Iterator[Finding]:
    """Compare the maps, and tell what a restarted daemon can carry over."""
    before = {item.name: item for item in old.maps}
    after = {item.name: item for item in new.maps}
    for name, item in before.items():
        if name not in after:
            message = f"map {name} is gone, and what it holds"
            yield Finding(DATA_PLANE, old.name, f"/{item.node}", message, item.place)
            continue
        for what in carrying.changes(item, after[name]):
            message = f"map {name} {what}; {carrying.fate(item, after[name])}"
            yield Finding(DATA_PLANE, old.name, f"/{item.node}", message, after[name].place)
    for name, item in after.items():
        if name not in before:
            message = f"map {name} is new"
            yield Finding(COMPATIBLE, old.name, f"/{item.node}", message, item.place)
