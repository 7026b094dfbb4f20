"""What a new version of a model means to clients of the old one (RFC 7950, section 11).

``BREAKING`` is what a client that was right may stumble over, ``DATA_PLANE`` a map that C code sees
in another shape, ``COMPATIBLE`` all else.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from polycube_generator import carrying, described, exclusions, ir, narrowing

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

    from polycube_generator.problems import Place

BREAKING, DATA_PLANE, COMPATIBLE = "breaking", "data-plane", "compatible"
LEVELS = (BREAKING, DATA_PLANE, COMPATIBLE)

Model = ir.Service | ir.Module
Inner = ir.Container | ir.List | ir.Notification
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
            found += (differs := list(_models(before[name], after[name])))
            if differs and (same := _revision(before[name])) == _revision(after[name]) != "":
                text = f"revision is still {same}: what is published needs a new one"
                found.append(Finding(COMPATIBLE, name, "", text, _first_place(after[name])))
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


def _revision(model: Model) -> str:
    return model.revision if isinstance(model, ir.Module) else ""


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
    yield from walk.children(old.children, new.children, there=True)
    yield from walk.together(old, new, place, "")
    if isinstance(old, ir.Service) and isinstance(new, ir.Service):
        yield from _metrics(old, new)
        yield from _maps(old, new)
    elif isinstance(old, ir.Module) and isinstance(new, ir.Module):
        for gone in old.definitions:
            if gone not in new.definitions:
                yield Finding(
                    BREAKING, old.name, "", f"{gone} is gone, which others may use", place
                )


@dataclass(frozen=True, slots=True)
class _Walk:
    model: str

    def finding(self, level: str, node: ir.Node, message: str) -> Finding:
        return Finding(level, self.model, f"/{node.path}", message, node.place)

    def children(
        self, old: Iterable[ir.Node], new: Iterable[ir.Node], *, there: bool
    ) -> Iterator[Finding]:
        """Compare what is in a node; ``there`` says that a client may have to give all of it."""
        before = {node.name: node for node in old}
        after = {node.name: node for node in new}
        for name, node in before.items():
            if name not in after:
                yield self.finding(BREAKING, node, "is gone")
            elif _word(node) != _word(after[name]):
                kinds = f"is {_a(_word(after[name]))}, was {_a(_word(node))}"
                yield self.finding(BREAKING, after[name], kinds)
            else:
                yield from self.node(node, after[name])
        known = {feature for node in before.values() for feature in node.said.features}
        for name, node in after.items():
            if name not in before:
                needed = there and node.config and _is_mandatory(node)
                if needed and set(node.said.features) - known:
                    more = f", and mandatory where {_listed(node.said.features)} is supported"
                    yield self.finding(COMPATIBLE, node, f"is new{more}")
                    continue
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
                yield from self.inside(old, new, there=False)
            case ir.AnyData(), ir.AnyData():
                yield from self.mandatory(old, new)

    def inside(self, old: Inner, new: Inner, *, there: bool = True) -> Iterator[Finding]:
        yield from self.children(old.children, new.children, there=there)
        yield from self.together(old, new, new.place, f"/{new.path}")

    def together(
        self, old: Inner | Model, new: Inner | Model, place: Place, path: str
    ) -> Iterator[Finding]:
        """Compare how what is in a node belongs together: choices, and the order of nodes."""
        names = {node.name for node in new.children}
        was = [node.name for node in old.children if node.name in names]
        for breaks, message in exclusions.changes(old.choices, new.choices, was):
            yield Finding(BREAKING if breaks else COMPATIBLE, self.model, path, message, place)
        names = set(was)
        now = [node.name for node in new.children if node.name in names]
        if was != now:
            # Clients see it only where XML has an order (RFC 7950, 7.14.4 and 7.15.2).
            level = BREAKING if path.endswith(("/input", "/output")) else COMPATIBLE
            message = f"order of nodes is {', '.join(now)}, was {', '.join(was)}"
            yield Finding(level, self.model, path, message, place)

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
        yield from self.rules(old, new)
        yield from self.said(old, new)

    def rules(self, old: ir.Node, new: ir.Node) -> Iterator[Finding]:
        for word in ("when", "must"):
            before = {rule.meaning: rule for rule in getattr(old, word)}
            after = {rule.meaning: rule for rule in getattr(new, word)}
            for meaning in sorted(after.keys() - before.keys()):
                yield self.finding(BREAKING, new, f"{word} {after[meaning].text!r} is new")
            for meaning in sorted(before.keys() - after.keys()):
                yield self.finding(COMPATIBLE, new, f"{word} {before[meaning].text!r} is gone")
            for meaning in sorted(before.keys() & after.keys()):
                tag, former = after[meaning].tag, before[meaning].tag
                if tag != former:
                    message = f"{word} {after[meaning].text!r} fails with {tag or 'no tag'}"
                    yield self.finding(BREAKING, new, f"{message}, was {former or 'no tag'}")

    def said(self, old: ir.Node, new: ir.Node) -> Iterator[Finding]:
        if old.said.status != new.said.status:
            status = f"is {new.said.status or 'current'}, was {old.said.status or 'current'}"
            yield self.finding(COMPATIBLE, new, status)
        features, former = new.said.features, old.said.features
        if set(features) - set(former):
            only = f"is there only where {_listed(features)} is supported"
            was = f", was where {_listed(former)} is" if former else ""
            yield self.finding(BREAKING, new, f"{only}{was}")
        elif features != former:
            level = BREAKING if new.config and _is_mandatory(new) else COMPATIBLE
            message = f"no longer needs {_listed(set(former) - set(features))} to be supported"
            yield self.finding(level, new, message)

    def value(self, old: Data, new: Data) -> Iterator[Finding]:
        for breaks, message in narrowing.changes(old.type, new.type, new.path):
            yield self.finding(BREAKING if breaks else COMPATIBLE, new, message)
        yield from self.default(old, new)
        if old.units and old.units != new.units:
            yield self.finding(BREAKING, new, f"is in {new.units or 'no units'}, was {old.units}")
        elif old.units != new.units:
            yield self.finding(COMPATIBLE, new, f"units {new.units} are said")
        if isinstance(old, ir.Leaf) and isinstance(new, ir.Leaf):
            if not (old.key or new.key):
                yield from self.mandatory(old, new)
        elif isinstance(old, ir.LeafList) and isinstance(new, ir.LeafList):
            yield from self.counts(old, new)

    def mandatory(self, old: ir.Leaf | ir.AnyData, new: ir.Leaf | ir.AnyData) -> Iterator[Finding]:
        if new.mandatory != old.mandatory:
            level = BREAKING if new.mandatory else COMPATIBLE
            words = "mandatory" if new.mandatory else "no longer mandatory"
            yield self.finding(level, new, f"is {words}")

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
        before, after = _unique(old), _unique(new)
        for leaves in after - before:
            # Of what was unique by some of them, that goes without saying.
            level = COMPATIBLE if any(one <= leaves for one in before) else BREAKING
            yield self.finding(level, new, f"unique {' '.join(sorted(leaves))!r} is new")
        for leaves in before - after:
            yield self.finding(COMPATIBLE, new, f"unique {' '.join(sorted(leaves))!r} is gone")
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
        sides = (("input", old.input, new.input), ("output", old.output, new.output))
        for name, before, after in sides:
            # What is mandatory in an answer is there: nobody has to give it.
            if before and after:
                yield from self.rules(before, after)
                yield from self.inside(before, after, there=name == "input")
            else:
                one = before.children if before else ()
                other = after.children if after else ()
                yield from self.children(one, other, there=name == "input")
                if after:
                    yield from self.rules(replace(after, must=()), after)


def _unique(node: ir.List) -> set[frozenset[str]]:
    return {frozenset(leaves) for leaves in node.unique}


def _listed(features: Iterable[str]) -> str:
    return ", ".join(sorted(features))


def _most(node: ir.List | ir.LeafList) -> str:
    return str(node.max_elements or "unbounded")


def _a(word: str) -> str:
    return f"an {word}" if word.startswith("a") else f"a {word}"


def _word(node: ir.Node) -> str:
    """Return the keyword of a node's statement; that of an rpc is action, as its class."""
    if isinstance(node, ir.AnyData):
        return "anyxml" if node.any_value else "anydata"
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
            inner |= any(choice.mandatory for choice in node.choices) and node.config
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
