"""From the validated statements of a module to ``ir.Service``.

Runs as the last phase of pyang's validation (see ``plugin``), so that what it refuses is an error
of the model, with its place. What follows from the nodes is made by ``derive``, where names clash.
"""

from __future__ import annotations

import re
from dataclasses import dataclass, field
from pathlib import PurePath
from typing import TYPE_CHECKING, Any

from polycube_generator import bindings, derive, ebpf, ir, names, types
from polycube_generator.problems import Place, Problem
from polycube_generator.types import Statement, Unsupported

if TYPE_CHECKING:
    from collections.abc import Callable

_BASE_MODULES = frozenset({"polycube-base", "polycube-standard-base", "polycube-transparent-base"})
_REFINEMENTS = ("min-elements", "max-elements")
_IGNORED_CONSTRAINTS = ("must", "when", "unique")
_KINDS = {
    "standard": "polycube-standard-base",
    "transparent": "polycube-transparent-base",
}


def is_service(module: Statement) -> bool:
    """Tell whether a module says ``polycube-base:service-name``."""
    return _extension(module, "service-name") is not None


def service(module: Statement) -> tuple[ir.Service | None, list[Problem]]:
    """Return the service that ``module`` models, or everything that is wrong with it."""
    walk = _Walk(module)
    _check_refinements(module, walk)
    children = walk.children(module, _Scope())
    header = _header(module, walk)
    metrics = tuple(walk.metrics)
    maps = walk.all_maps(children)
    if walk.problems:
        return None, walk.problems
    return derive.service(header, children, maps, metrics)


def place(statement: Statement) -> Place:
    """Return where a statement is, the file as pyang was given it."""
    return Place(statement.pos.ref, statement.pos.line)


@dataclass(frozen=True, slots=True)
class _Scope:
    """What the ancestors of a node say about it."""

    path: tuple[str, ...] = ()
    binding: str = ""
    bindable: bool = True
    action: bool = False


@dataclass(slots=True)
class _Walk:
    """One pass over the tree; problems are collected, and the walk goes on."""

    module: Statement
    problems: list[Problem] = field(default_factory=list)
    maps: list[ir.Map] = field(default_factory=list)
    metrics: list[ir.Metric] = field(default_factory=list)

    def children(self, parent: Statement, scope: _Scope) -> tuple[ir.Node, ...]:
        """Return the nodes below ``parent``, those of the daemon first."""
        nodes = []
        for statement in sorted(parent.i_children, key=self._order):
            if hasattr(statement, "i_not_implemented"):
                continue
            try:
                nodes.append(self._node(statement, scope))
            except Unsupported as refusal:
                self.refuse(refusal.statement, refusal.message)
        return tuple(nodes)

    def refuse(self, statement: Statement, message: str) -> None:
        self.problems.append(Problem(place(statement), message))

    def all_maps(self, children: tuple[ir.Node, ...]) -> tuple[ir.Map, ...]:
        """Return the maps, checked against each other and against what they refer to."""
        seen: dict[str, ir.Map] = {}
        for map_ in self.maps:
            for name in filter(None, (map_.name, map_.occupied)):
                if other := seen.get(name):
                    message = f"map {name} is already that of /{other.node}; choose another name"
                    self.problems.append(Problem(map_.place, message))
                seen[name] = map_
        ages = {node.path for node in _flat(children) if isinstance(node, ir.Leaf)}
        for map_ in self.maps:
            for _, held in map_.value.fields:
                if held.expiry and held.expiry.strip("/") not in ages:
                    message = f"expiry {held.expiry} is not a leaf of this service; give its path"
                    self.problems.append(Problem(held.leaf.place, message))
        return tuple(self.maps)

    def _order(self, statement: Statement) -> tuple[int, str, int]:
        """Put the daemon's nodes first, then the module's own as they are, then augmentations."""
        if _is_base(statement):
            return (0, "", 0)
        if statement.i_module.i_modulename == self.module.i_modulename:
            return (1, "", 0)
        return (2, statement.i_module.arg, statement.pos.line)

    def _node(self, statement: Statement, scope: _Scope) -> ir.Node:
        makers: dict[str, Callable[[Statement, _Scope], ir.Node]] = {
            "leaf": self._leaf,
            "leaf-list": self._leaf_list,
            "container": self._container,
            "list": self._list,
            "action": self._action,
            # YANG has no actions at the top of a module, where the cube is: rpc stands for them.
            "rpc": self._action,
        }
        make = makers.get(statement.keyword)
        if make is None:
            message = f"{statement.keyword} {statement.arg} is not supported yet"
            advice = "; make its nodes plain siblings" if statement.keyword == "choice" else ""
            raise Unsupported(statement, message + advice)
        for keyword in _IGNORED_CONSTRAINTS:
            if constraint := statement.search_one(keyword):
                self.refuse(constraint, f"{keyword} is not supported yet, and would not be checked")
        self._metric(statement)
        return make(statement, scope)

    def _common(self, statement: Statement, scope: _Scope) -> dict[str, Any]:
        """Return what all nodes have."""
        path = (*scope.path, statement.arg)
        return {
            "name": statement.arg,
            "path": "/".join(path),
            "attr": names.python_attr(path),
            "field": names.python_field(statement.arg),
            "place": place(statement),
            "description": types.description(statement),
            "config": scope.action or bool(statement.i_config),
            "init_only": _extension(statement, "init-only-config") is not None,
            "example": _extension(statement, "cli-example") or "",
            "base": _is_base(statement),
        }

    def _inside(self, statement: Statement, scope: _Scope, binding: str) -> _Scope:
        return _Scope(
            path=(*scope.path, statement.arg),
            binding=binding,
            bindable=scope.bindable and not binding and statement.keyword != "list",
            action=scope.action,
        )

    def _binding(self, statement: Statement, scope: _Scope) -> str:
        """Return the name of the map bound here; refuse it where there can be none."""
        binding = bindings.find(statement, "map")
        if binding is None:
            return ""
        if scope.action:
            raise Unsupported(binding, "the parameters of an action are in no map")
        if not scope.bindable:
            message = "a map cannot be bound inside of a list or of a bound node; bind that one"
            raise Unsupported(binding, message)
        return str(binding.arg)

    def _leaf(self, statement: Statement, scope: _Scope) -> ir.Leaf:
        type_ = types.resolve(statement)
        own = self._binding(statement, scope)
        text = statement.i_default_str if statement.i_default is not None else None
        leaf = ir.Leaf(
            **self._common(statement, scope),
            type=type_,
            key=hasattr(statement, "i_is_key"),
            mandatory=_is_true(statement, "mandatory") or hasattr(statement, "i_is_key"),
            default=None if text is None else types.default(type_, text),
            units=_argument(statement, "units"),
            binding=own or self._membership(statement, scope),
        )
        if own:
            if leaf.config and leaf.default is None:
                message = f"{leaf.name} is always there in its map: give it a default"
                raise Unsupported(bindings.find(statement, "map"), message)
            self.maps.append(ebpf.bind(statement, leaf, {}))
        return leaf

    def _membership(self, statement: Statement, scope: _Scope) -> str:
        """Return the map of the list or container around a leaf, if the leaf is in it."""
        if not scope.binding:
            for keyword in bindings.ON_LEAF:
                if found := bindings.find(statement, keyword):
                    message = f"ebpf:{keyword} has no effect here: the leaf is in no map"
                    raise Unsupported(found, message)
            return ""
        if none := bindings.find(statement, "none"):
            if hasattr(statement, "i_is_key"):
                raise Unsupported(none, f"{statement.arg} is a key, and must be in the map")
            return ""
        return scope.binding

    def _leaf_list(self, statement: Statement, scope: _Scope) -> ir.LeafList:
        self._unbound(statement, scope)
        type_ = types.resolve(statement)
        default = statement.search("default")
        return ir.LeafList(
            **self._common(statement, scope),
            type=type_,
            default=tuple(types.default(type_, item.arg) for item in default),
            **_counts(statement),
            units=_argument(statement, "units"),
        )

    def _container(self, statement: Statement, scope: _Scope) -> ir.Container:
        self._unbound(statement, scope)
        binding = self._binding(statement, scope)
        before = len(self.problems)
        container = ir.Container(
            **self._common(statement, scope),
            children=self.children(statement, self._inside(statement, scope, binding)),
            presence=statement.search_one("presence") is not None,
            binding=binding,
        )
        if binding and len(self.problems) == before:
            self.maps.append(ebpf.bind(statement, container, _leaves(statement)))
        return container

    def _list(self, statement: Statement, scope: _Scope) -> ir.List:
        self._unbound(statement, scope)
        binding = self._binding(statement, scope)
        keys = tuple(key.arg for key in statement.i_key or ())
        if not keys and statement.i_config and not scope.action:
            raise Unsupported(statement, f"list {statement.arg} needs a key")
        if binding and not keys:
            raise Unsupported(statement, f"list {statement.arg} needs a key to be bound to a map")
        before = len(self.problems)
        list_ = ir.List(
            **self._common(statement, scope),
            keys=keys,
            children=self.children(statement, self._inside(statement, scope, binding)),
            **_counts(statement),
            binding=binding,
        )
        if binding and len(self.problems) == before:
            self.maps.append(ebpf.bind(statement, list_, _leaves(statement)))
        return list_

    def _action(self, statement: Statement, scope: _Scope) -> ir.Action:
        self._unbound(statement, scope)
        common = self._common(statement, scope) | {"config": True}
        common["attr"] = names.python_method(common["attr"])
        return ir.Action(
            **common,
            input=self._side(statement, scope, "input"),
            output=self._side(statement, scope, "output"),
        )

    def _side(self, action: Statement, scope: _Scope, keyword: str) -> ir.Container | None:
        """Return the input or output of an action; pyang has both even where the model does not."""
        statement = next(child for child in action.i_children if child.keyword == keyword)
        inner = _Scope(path=(*scope.path, action.arg, keyword), bindable=False, action=True)
        children = self.children(statement, inner)
        if not children:
            return None
        return ir.Container(
            keyword,
            path="/".join(inner.path),
            attr=names.python_attr(inner.path),
            field=keyword,
            place=place(statement if statement.pos.line else action),
            children=children,
        )

    def _unbound(self, statement: Statement, scope: _Scope) -> None:
        """Refuse what is not a leaf inside of a bound node."""
        if scope.binding:
            message = (
                f"{statement.keyword} {statement.arg} cannot be in map {scope.binding}, "
                "which holds leaves only; move it out of the bound node"
            )
            raise Unsupported(statement, message)

    def _metric(self, statement: Statement) -> None:
        name = _extension(statement, "name-metric")
        path = _extension(statement, "path-metric") or ""
        if name is None or path in {"", "TODO"}:
            return
        kind = (_extension(statement, "type-metric") or "GAUGE").upper()
        if kind not in {"COUNTER", "GAUGE"}:
            raise Unsupported(statement, f"type-metric {kind!r} is neither COUNTER nor GAUGE")
        operation = _extension(statement, "type-operation") or ""
        text = _extension(statement, "help-metric") or types.description(statement)
        self.metrics.append(ir.Metric(name, kind, path, text, operation))


def _header(module: Statement, walk: _Walk) -> derive.Header:
    """Return what the module says of the service as a whole."""
    name = _extension(module, "service-name") or ""
    at = next(s for s in module.substmts if s.keyword == ("polycube-base", "service-name"))
    if name != module.arg:
        walk.refuse(at, f"service-name {name!r} must be the module's name, {module.arg!r}")
    elif not names.is_service(name):
        walk.refuse(at, f"{name!r} cannot name a service; take lower-case letters, digits and -")
    kernel = _extension(module, "service-min-kernel-version") or ""
    if kernel and not re.fullmatch(r"\d+\.\d+(\.\d+)?", kernel):
        walk.refuse(module, f"service-min-kernel-version {kernel!r} is not x.y.z")
    used = {uses.i_grouping.i_module.arg for uses in module.search("uses") if uses.i_grouping}
    kinds = [kind for kind, base in _KINDS.items() if base in used]
    if len(kinds) != 1:
        message = (
            "a service uses either polycube-standard-base:standard-base-yang-module "
            "or polycube-transparent-base:transparent-base-yang-module at its top"
        )
        walk.refuse(module, message)
    return derive.Header(
        name=name,
        kind=kinds[0] if kinds else "standard",
        source=f"yang/{PurePath(module.pos.ref).name}",
        version=_extension(module, "service-version") or "1.0",
        description=_extension(module, "service-description") or types.description(module),
        min_kernel=kernel,
    )


def _check_refinements(module: Statement, walk: _Walk) -> None:
    """Refuse refinements of the daemon's nodes, which it describes once for all services."""
    for uses in module.search("uses"):
        if uses.i_grouping is None or uses.i_grouping.i_module.arg not in _BASE_MODULES:
            continue
        for refine in uses.search("refine"):
            allowed = _REFINEMENTS if refine.arg == "ports" else ()
            for statement in refine.substmts:
                if statement.keyword not in allowed:
                    message = (
                        f"{refine.arg} is the daemon's: of the base nodes, only min-elements and "
                        "max-elements of ports can be refined"
                    )
                    walk.refuse(statement, message)


def _flat(nodes: tuple[ir.Node, ...]) -> list[ir.Node]:
    result = list(nodes)
    for node in nodes:
        if isinstance(node, ir.Container | ir.List):
            result += _flat(node.children)
    return result


def _leaves(statement: Statement) -> dict[str, Statement]:
    return {child.arg: child for child in statement.i_children if child.keyword == "leaf"}


def _is_base(statement: Statement) -> bool:
    return statement.i_orig_module.arg in _BASE_MODULES


def _extension(statement: Statement, name: str) -> str | None:
    found = statement.search_one(("polycube-base", name))
    return None if found is None else " ".join((found.arg or "").split())


def _argument(statement: Statement, keyword: str) -> str:
    found = statement.search_one(keyword)
    return "" if found is None else str(found.arg)


def _is_true(statement: Statement, keyword: str) -> bool:
    return _argument(statement, keyword) == "true"


def _counts(statement: Statement) -> dict[str, Any]:
    greatest = _argument(statement, "max-elements")
    return {
        "min_elements": int(_argument(statement, "min-elements") or 0),
        "max_elements": int(greatest) if greatest.isdigit() else 0,
        "ordered_by_user": _argument(statement, "ordered-by") == "user",
    }
