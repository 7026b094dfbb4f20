"""A model as a tree diagram (RFC 8340), for people; behind the types are defaults and maps.

What differs from the RFC: modules are named in full, as in RESTCONF's JSON; a service's tree is
that of its cubes, so it has the nodes of the base modules, and its rpcs are actions at the top.
"""

from __future__ import annotations

from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from polycube_generator import described, ir, markdown

if TYPE_CHECKING:
    from collections.abc import Iterable, Iterator, Sequence

_STATUS = {"": "+", "deprecated": "x", "obsolete": "o"}
_SIDES = ("/input", "/output")
_WORDS = 40
"""Characters of the words of an enumeration that are shown."""


@dataclass(frozen=True, slots=True)
class _Side:
    """Where in a model the nodes are: their flags where they are not config's, their module."""

    flags: str = ""
    module: str = ""
    action: bool = False
    config: bool = True
    notes: bool = True


def text(model: ir.Service | ir.Module, *, notes: bool = True) -> str:
    """Return the tree of a model; without ``notes`` it has what the RFC has, and no more."""
    head = f"module: {model.name}"
    if isinstance(model, ir.Module):
        return "\n".join([head, *_module(model, _Side(module=model.name, notes=notes))]) + "\n"
    if not notes:
        return (
            "\n".join([head, *_below(model.children, model.choices, "  ", _Side(notes=False))])
            + "\n"
        )
    about = f"{model.kind} service, version {model.version}: {model.description}"
    lines = [f"{head}  ({about})", *_below(model.children, model.choices, "  ", _Side())]
    return "\n".join([*lines, *_maps(model)]) + "\n"


def _maps(service: ir.Service) -> list[str]:
    maps = [
        f"    {m.name:<24} {m.kind}, {m.entries} entries, "
        f"{f'key {m.key.size} bytes, ' if m.key.size else ''}value {m.value.size} bytes"
        f"{f', {m.outer.entries} of them in {m.outer.name}' if m.outer else ''}"
        for m in service.maps
    ]
    return ["", "  maps:", *maps] if maps else []


def _module(model: ir.Module, side: _Side) -> Iterator[str]:
    own = [node for node in model.children if node.module == model.name]
    data = [node for node in own if not isinstance(node, ir.Action | ir.Notification)]
    names = {node.name for node in own}
    choices = tuple(one for one in model.choices if names & set(_members(one)))
    yield from _below(data, choices, "  ", side)
    foreign = (node for node in model.children if node.module != model.name)
    for path, node, added in _augmented(foreign, model.name, ""):
        yield from ["", f"  augment {path}:"]
        choices = _pruned(getattr(node, "choices", ()), {one.name for one in added})
        within = _within(node, replace(side, action=node.path.endswith(_SIDES)))
        yield from _below(added, choices, "    ", within)
    for word, kind in (("rpcs", ir.Action), ("notifications", ir.Notification)):
        if found := [node for node in own if isinstance(node, kind)]:
            yield from ["", f"  {word}:", *_below(found, (), "    ", side)]


def _augmented(
    nodes: Iterable[ir.Node], module: str, above: str
) -> Iterator[tuple[str, ir.Node, list[ir.Node]]]:
    """Yield the nodes of other modules that have nodes of this one in them, and those."""
    for node in nodes:
        path = f"{above}/{node.module}:{node.name.rpartition(':')[2]}" if node.module else (
            f"{above}/{node.name}"
        )  # fmt: skip
        inside = _children(node)
        if added := [one for one in inside if one.module == module]:
            yield path, node, added
        yield from _augmented((one for one in inside if one.module != module), module, path)


def _pruned(choices: tuple[ir.Choice, ...], names: set[str]) -> tuple[ir.Choice, ...]:
    """Return choices with nothing in them but these nodes."""
    return tuple(
        replace(
            choice,
            cases=tuple(
                replace(case, choices=_pruned(case.choices, names))
                for case in choice.cases
                if names & set(case.members)
            ),
        )
        for choice in choices
        if names & set(_members(choice))
    )


def _children(node: ir.Node) -> tuple[ir.Node, ...]:
    match node:
        case ir.Container() | ir.List() | ir.Notification():
            return node.children
        case ir.Action():
            return tuple(side for side in (node.input, node.output) if side and side.children)
        case _:
            return ()


def _below(
    nodes: Iterable[ir.Node], choices: tuple[ir.Choice, ...], indent: str, side: _Side
) -> Iterator[str]:
    items = _arranged(list(nodes), choices, config=side.config)
    return _lines(items, indent, side, _width(items, side))


def _lines(items: Sequence[_Found], indent: str, side: _Side, width: int) -> Iterator[str]:
    for item in items:
        last = item is items[-1]
        inner = f"{indent}{' ' if last else '|'}  "
        node = item.node
        if isinstance(node, ir.Choice | ir.Case):
            yield f"{indent}{_group(item, side)}"
            yield from _lines(item.inside, inner, side, width - 3)
            continue
        yield f"{indent}{_line(node, side, width)}"
        within = _within(node, side)
        yield from _below(_children(node), getattr(node, "choices", ()), inner, within)


@dataclass(frozen=True, slots=True, eq=False)
class _Found:
    """A node, or a choice or a case with what is in it."""

    node: ir.Node | ir.Choice | ir.Case
    inside: tuple[_Found, ...] = ()
    config: bool = True


def _arranged(
    nodes: list[ir.Node], choices: tuple[ir.Choice, ...], *, config: bool
) -> list[_Found]:
    """Put choices where their first members are, and their members into them; the empty last."""
    by_member = {name: choice for choice in choices for name in _members(choice)}
    found: list[_Found] = []
    done: set[str] = set()
    for node in nodes:
        choice = by_member.get(node.name)
        if choice is None:
            found.append(_Found(node))
        elif choice.name not in done:
            done.add(choice.name)
            found.append(_choice(choice, nodes, config=config))
    return found + [_choice(one, [], config=config) for one in choices if not _members(one)]


def _choice(choice: ir.Choice, nodes: list[ir.Node], *, config: bool) -> _Found:
    cases = []
    for case in choice.cases:
        members = [node for node in nodes if node.name in case.members]
        cases.append(_Found(case, tuple(_arranged(members, case.choices, config=config))))
    members = [node for node in nodes if node.name in _members(choice)]
    return _Found(choice, tuple(cases), any(node.config for node in members) if members else config)


def _members(choice: ir.Choice) -> list[str]:
    return [name for case in choice.cases for name in case.members]


def _width(items: Iterable[_Found], side: _Side) -> int:
    """Return how wide the longest name is, with all that comes before it in choices."""
    found = [0]
    for item in items:
        node = item.node
        if isinstance(node, ir.Choice | ir.Case):
            found.append(3 + _width(item.inside, side))
        else:
            found.append(len(_name(node, side)))
    return max(found)


def _group(item: _Found, side: _Side) -> str:
    """Return the line of a choice or a case."""
    node = item.node
    features = _features(node.said)
    status = _STATUS[node.said.status]
    if isinstance(node, ir.Case):
        return f"{status}--:({node.name}){features}"
    assert isinstance(node, ir.Choice)  # noqa: S101 (no other has items inside)
    flags = side.flags or ("rw" if item.config else "ro")
    default = f"  = {node.default}" if node.default and side.notes else ""
    optional = "" if node.mandatory else "?"
    return f"{status}--{flags} ({node.name}){optional}{features}{default}"


def _line(node: ir.Node, side: _Side, width: int) -> str:
    name = f"{_name(node, side)}{_option(node)}"
    type_ = _type(node)
    if type_:
        name = f"{name:<{width + 1}}   {type_}"
    line = f"{_STATUS[node.said.status]}--{_flags(node, side)} {name}{_keys(node)}"
    notes = " ".join(filter(None, _notes(node))) if side.notes else ""
    return f"{line}{_features(node.said)}" + (f"  {notes}" if notes else "")


def _name(node: ir.Node, side: _Side) -> str:
    name = node.name.rpartition(":")[2]
    return f"{node.module}:{name}" if node.module not in {"", side.module} else name


def _option(node: ir.Node) -> str:
    match node:
        case ir.List() | ir.LeafList():
            return "*"
        case ir.Container() if node.presence:
            return "!"
        case ir.Leaf() if not node.key and not node.mandatory:
            return "?"
        case ir.AnyData() if not node.mandatory:
            return "?"
        case _:
            return ""


def _keys(node: ir.Node) -> str:
    return f" [{' '.join(node.keys)}]" if isinstance(node, ir.List) else ""


def _flags(node: ir.Node, side: _Side) -> str:
    match node:
        case ir.Action():
            return "-x"
        case ir.Notification():
            return "-n"
        case _ if side.action:
            return "-w" if node.name == "input" else "ro"
        case _:
            return side.flags or ("rw" if node.config else "ro")


def _within(node: ir.Node, side: _Side) -> _Side:
    """Return where the children of a node are."""
    match node:
        case ir.Action():
            return replace(side, flags="", action=True)
        case ir.Notification():
            return replace(side, flags="ro", action=False)
        case _ if side.action:
            return replace(side, flags=_flags(node, side), action=False)
        case _:
            return replace(side, config=node.config)


def _type(node: ir.Node) -> str:
    if isinstance(node, ir.AnyData):
        return "<anyxml>" if node.any_value else "<anydata>"
    return node.said.type if isinstance(node, ir.Leaf | ir.LeafList) else ""


def _features(said: ir.Said) -> str:
    return f" {{{','.join(said.features)}}}?" if said.features else ""


def _notes(node: ir.Node) -> Iterator[str]:
    """Yield what the RFC has no place for: words of an enumeration, default, map."""
    if isinstance(node, ir.Leaf | ir.LeafList):
        words = markdown.one_line("|".join(name for name, _ in described.choices(node.type)))
        yield words if 0 < len(words) <= _WORDS else ""
        if node.default not in {None, ()}:
            yield f"= {described.shown(node.default)}"
    if map_ := node.binding or getattr(node, "pool", ""):
        yield f"[{map_}]"
    if node.init_only:
        yield "(init only)"
